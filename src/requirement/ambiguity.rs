//! Places where the RFCs are ambiguous or where real products are known to differ, and how each case is read.
//!
//! A [`Reading`] names one case of one place and gives its severity by default and in strict mode; a case that is fine
//! either way but worth showing is a note. Numbers up to 40 are those of the list of ambiguities; from 41 on stand the
//! places that only a tool meets, with their reason here.

use crate::check::Reading;
use crate::check::Severity::{Error, Note, Warning};

/// An ambiguous place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ambiguity {
    /// Its number.
    pub number: u8,
    /// What it is about.
    pub title: &'static str,
    /// Ids of the requirements that it is about, with blanks between.
    pub rows: &'static str,
}

/// The place of a reading.
#[must_use]
pub fn of(reading: Reading) -> Option<&'static Ambiguity> {
    ALL.iter().find(|ambiguity| ambiguity.number == reading.number)
}

/// Every place, by number.
pub static ALL: &[Ambiguity] = &[
    place(1, "upper and lower case of op in a PATCH", "RFC7644-3.5.2-07"),
    place(2, "removing members with a value array instead of a filter", "RFC7644-3.5.2.2-03"),
    place(3, "a remove whose filter matches nothing", "RFC7644-3.12-23 RFC7644-3.5.2.2-10"),
    place(4, "a replace whose value path matches nothing", "RFC7644-3.5.2.3-04 RFC7644-3.5.2.3-09"),
    place(5, "an add with a value path that matches nothing", "RFC7644-3.1-06 RFC7644-3.5.2.1-04 RFC7644-3.5.2.1-09"),
    place(
        6,
        "operations without a path whose keys are dotted or carry a URN",
        "RFC7644-3.10-01 RFC7644-3.5.2.1-03 RFC7644-3.5.2.3-01",
    ),
    place(
        7,
        "readOnly attributes in a PATCH",
        "RFC7643-3.1-24 RFC7643-4.1.2-24 RFC7644-3.5.2-12 RFC7644-3.5.2-13 RFC7644-3.5.2-15",
    ),
    place(8, "200 or 204 after a PATCH", "RFC7644-3.5.2-27 RFC7644-3.5.2-28 RFC7644-3.5.2-29 RFC7644-3.5.2.1-13"),
    place(
        9,
        "clearing by a replace with [], null or an empty string",
        "RFC7643-2.5-01 RFC7643-2.5-02 RFC7643-2.5-03 RFC7644-3.5.2.3-03",
    ),
    place(10, "a single object for a multi-valued attribute", "RFC7644-3.5.2.1-06"),
    place(11, "booleans as strings", "RFC7643-2.3-03 RFC7643-2.3.2-01 RFC7644-3.4.2.2-43"),
    place(
        12,
        "members may change, their sub-attributes may not",
        "RFC7643-4.2-03 RFC7643-4.2-04 RFC7644-3.5.1-08 RFC7644-3.5.2.3-03",
    ),
    place(
        13,
        "adding what is already there",
        "RFC7643-2.4-11 RFC7644-3.5.2.1-10 RFC7644-3.5.2.1-11 RFC7644-3.5.2.1-12",
    ),
    place(14, "more than one primary value", "RFC7643-2.4-04 RFC7644-3.5.2-22"),
    place(
        15,
        "which scimType an error carries",
        "RFC7644-3.12-04 RFC7644-3.12-17 RFC7644-3.12-18 RFC7644-3.12-19 RFC7644-3.12-20 RFC7644-3.12-21 RFC7644-3.12-22 RFC7644-3.12-23 RFC7644-3.12-24 RFC7644-3.12-25 RFC7644-3.12-26 RFC7644-3.5.2.2-09",
    ),
    place(16, "attributes left out of a PUT", "RFC7644-3.5.1-04 RFC7644-3.5.1-05 RFC7644-3.5.1-06"),
    place(
        17,
        "readOnly values and the id in a POST or PUT",
        "RFC7643-3.1-10 RFC7643-3.1-13 RFC7644-3.3-02 RFC7644-3.5.1-02 RFC7644-3.5.1-11",
    ),
    place(
        18,
        "uniqueness: 409 or 400, and what is unique",
        "RFC7643-3.1-18 RFC7643-7-41 RFC7643-7-43 RFC7644-3.12-19 RFC7644-3.3-12 RFC7644-3.3-13",
    ),
    place(19, "unknown attributes and schema URIs in a body", "RFC7643-3-04 RFC7644-3.12-21 RFC7644-3.3-11"),
    place(
        20,
        "count=0, and Resources when there is nothing to list",
        "RFC7644-3.4.2-07 RFC7644-3.4.2-11 RFC7644-3.4.2.4-06 RFC7644-3.4.2.4-07 RFC7644-3.4.2.4-08",
    ),
    place(21, "itemsPerPage: the actual or the requested number", "RFC7644-3.4.2-10 RFC7644-3.4.2.4-10"),
    place(
        22,
        "startIndex beyond the end, and which startIndex is echoed",
        "RFC7644-3.4.2.4-03 RFC7644-3.4.2.4-11 RFC7644-3.4.2.4-12",
    ),
    place(23, "no match: an empty list or 404", "RFC7644-3.4.2-11"),
    place(
        24,
        "an unknown attribute in a filter",
        "RFC7644-3.12-17 RFC7644-3.4.2.1-06 RFC7644-3.4.2.1-07 RFC7644-3.4.2.2-02",
    ),
    place(25, "how literals are written in a filter", "RFC7644-3.4.2.2-42 RFC7644-3.4.2.2-43 RFC7644-3.4.2.2-45"),
    place(26, "a filter on a complex attribute without a sub-attribute", "RFC7644-3.4.2.2-48"),
    place(
        27,
        "a filter with a sub-attribute behind the brackets",
        "RFC7644-3.4.2.2-38 RFC7644-3.4.2.2-39 RFC7644-3.4.2.2-40 RFC7644-3.4.2.2-41 RFC7644-3.4.2.2-42",
    ),
    place(
        28,
        "missing values under ne, not and null",
        "RFC7644-3.4.2.2-10 RFC7644-3.4.2.2-16 RFC7644-3.4.2.2-36 RFC7644-3.4.2.2-47",
    ),
    place(
        29,
        "what is answered for a feature that is not supported",
        "RFC7644-3.11-02 RFC7644-3.12-16 RFC7644-3.4.2.2-01 RFC7644-3.4.2.3-01 RFC7644-3.5.2-01 RFC7644-3.7-01",
    ),
    place(30, "whether .search is mandatory", "RFC7644-3.2-15 RFC7644-3.4.2.1-02 RFC7644-3.4.3-01 RFC7644-3.4.3-13"),
    place(
        31,
        "what a partial representation holds",
        "RFC7643-3-02 RFC7644-3.4.2.5-01 RFC7644-3.4.2.5-02 RFC7644-3.4.2.5-03 RFC7644-3.4.2.5-04 RFC7644-3.4.2.5-05 RFC7644-3.9-01 RFC7644-3.9-02 RFC7644-3.9-03 RFC7644-3.9-04 RFC7644-3.9-05 RFC7644-3.9-06 RFC7644-3.9-07 RFC7644-3.9-08",
    ),
    place(
        32,
        "maxResults, page limits and tooMany",
        "RFC7643-5-13 RFC7644-3.12-18 RFC7644-3.4.2.1-04 RFC7644-3.4.2.4-09",
    ),
    place(
        33,
        "case of attribute names and schema URNs",
        "RFC7643-2.1-01 RFC7643-2.1-03 RFC7644-3.10-05 RFC7644-3.10-06 RFC7644-3.10-07 RFC7644-3.4.2.2-03",
    ),
    place(
        34,
        "how no value looks in an answer",
        "RFC7643-2.5-01 RFC7643-2.5-02 RFC7643-2.5-03 RFC7643-2.5-04 RFC7643-3-02",
    ),
    place(
        35,
        "numbers as strings: the status of errors and of bulk results",
        "RFC7644-3.12-03 RFC7644-3.7-16 RFC7644-3.7.3-03 RFC7644-3.7.3-04",
    ),
    place(
        36,
        "Location, Content-Location, meta.location and time stamps",
        "RFC7643-2.3.5-01 RFC7643-2.3.7-02 RFC7643-3.1-28 RFC7643-3.1-29 RFC7643-3.1-30 RFC7644-3.3-09 RFC7644-3.3-10",
    ),
    place(
        37,
        "weak entity tags, and 412 or 409",
        "RFC7643-3.1-31 RFC7643-3.1-34 RFC7644-3.12-12 RFC7644-3.12-13 RFC7644-3.14-01 RFC7644-3.14-02 RFC7644-3.14-03 RFC7644-3.14-04 RFC7644-3.14-05 RFC7644-3.14-06",
    ),
    place(
        38,
        "the shape of references: members and manager",
        "RFC7643-2.3.7-09 RFC7643-4.2-04 RFC7643-4.2-05 RFC7643-4.2-06 RFC7643-4.2-07 RFC7643-4.2-08 RFC7643-4.2-09 RFC7643-4.3-03 RFC7643-4.3-04 RFC7643-4.3-05 RFC7643-4.3-06 RFC7643-4.3-07",
    ),
    place(
        39,
        "discovery endpoints and media types",
        "RFC7643-5-21 RFC7643-6-08 RFC7644-3.1-01 RFC7644-3.2-11 RFC7644-3.2-12 RFC7644-3.2-13 RFC7644-3.8-01 RFC7644-3.8-02 RFC7644-3.8-03 RFC7644-3.8-04 RFC7644-3.8-05 RFC7644-3.8-06 RFC7644-3.8-07 RFC7644-3.8-08 RFC7644-3.8-09 RFC7644-4-01 RFC7644-4-02 RFC7644-4-03 RFC7644-4-04 RFC7644-4-05 RFC7644-4-06 RFC7644-4-07 RFC7644-4-08 RFC7644-4-09",
    ),
    place(
        40,
        "what DELETE means",
        "RFC7643-4.1.1-20 RFC7644-3.1-06 RFC7644-3.6-01 RFC7644-3.6-02 RFC7644-3.6-03 RFC7644-3.6-04 RFC7644-3.6-05 RFC7644-3.6-06 RFC7644-3.6-07 RFC7644-3.6-08 RFC7644-3.6-09",
    ),
    place(41, "redirects other than of /Me", ""),
    place(42, "HTTP that clients tolerate, and answers beyond a limit", ""),
    place(43, "members of meta that are left out", "RFC7643-3.1-23"),
    place(44, "a change that shows only after a while", "RFC7644-3.1-06"),
    place(45, "internal errors and errors of a gateway", "RFC7644-3.12-15"),
    place(46, "what a target may make of the values that were written", "RFC7644-3.3-01 RFC7644-3.5.1-03"),
    place(
        47,
        "requests that leave out what they must have, and requests that are refused without need",
        "RFC7644-3.4.2.2-02",
    ),
    place(
        48,
        "values whose form the RFC describes, kept as the client wrote them",
        "RFC7643-2.4-09 RFC7643-4.1.1-14 RFC7643-4.1.1-16 RFC7643-4.1.1-17 RFC7643-4.1.1-19 RFC7643-4.1.2-01 RFC7643-4.1.2-02 RFC7643-4.1.2-06 RFC7643-4.1.2-07 RFC7643-4.1.2-11 RFC7643-4.1.2-14 RFC7643-4.1.2-23 RFC7643-4.1.2-32",
    ),
    place(
        49,
        "schemas that differ from those that the RFC prints",
        "RFC7643-2.3.7-04 RFC7643-3.1-05 RFC7643-4.1.2-04 RFC7643-4.1.2-09 RFC7643-4.1.2-12 RFC7643-4.1.2-18 RFC7643-4.1.2-19 RFC7643-4.1.2-30 RFC7643-4.1.2-31 RFC7643-8.7.1-01 RFC7643-8.7.1-02 RFC7643-8.7.1-03 RFC7643-8.7.1-04 RFC7643-8.7.1-05 RFC7643-8.7.1-06 RFC7643-8.7.1-07 RFC7643-8.7.1-08 RFC7643-8.7.1-09 RFC7643-8.7.1-10 RFC7643-8.7.1-11 RFC7643-8.7.1-12 RFC7643-8.7.2-02 RFC7643-8.7.2-03",
    ),
    place(50, "names and descriptions that are left out", "RFC7643-6-07 RFC7643-7-09 RFC7643-7-10 RFC7643-7-16"),
    place(51, "decimals without a point", "RFC7643-2.3.3-01"),
    place(52, "the groups of somebody who is deactivated", ""),
    place(53, "lists of groups without their members", "RFC7643-7-36"),
    place(54, "times that are off by a whole zone", "RFC7643-3.1-26"),
    place(55, "pages that do not fit together", "RFC7644-3.4.2.4-01 RFC7644-3.4.2.4-02"),
];

const fn place(number: u8, title: &'static str, rows: &'static str) -> Ambiguity {
    Ambiguity { number, title, rows }
}

/// One case of an ambiguous place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What is found, a sentence.
    pub text: String,
    /// How it is read.
    pub reading: Reading,
}

/// The cases of a place, in the order of this file: their words are the documentation of the constants below.
#[must_use]
pub fn cases(number: u8) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut text = String::new();
    for line in include_str!("ambiguity.rs").lines() {
        if let Some(sentence) = line.strip_prefix("/// ") {
            text = format!("{text} {sentence}");
            continue;
        }
        let read = line.strip_prefix("pub const A").and_then(|rest| reading(rest.split_once("read(")?.1));
        cases.extend(
            read.filter(|reading| reading.number == number)
                .map(|reading| Case { text: text.trim().replace('`', "\""), reading }),
        );
        text.clear();
    }
    cases
}

/// `13, Warning, Error);`
fn reading(text: &str) -> Option<Reading> {
    let mut parts = text.trim_end_matches(");").split(", ");
    let number = parts.next()?.parse().ok()?;
    let mut severity = || match parts.next()? {
        "Note" => Some(Note),
        "Warning" => Some(Warning),
        "Error" => Some(Error),
        _ => None,
    };
    Some(Reading { number, lenient: severity()?, strict: severity()? })
}

/// The places that a requirement is about.
pub fn about(requirement: &str) -> impl Iterator<Item = &'static Ambiguity> {
    ALL.iter().filter(move |place| place.rows.split(' ').any(|row| row == requirement))
}

const fn read(number: u8, lenient: crate::check::Severity, strict: crate::check::Severity) -> Reading {
    Reading { number, lenient, strict }
}

/// Refuses `Add`, `Replace` or `Remove` for their capital letter.
pub const A01_CAPITAL_OP_REFUSED: Reading = read(1, Warning, Note);

/// A remove of `members` with a value array empties the group, as the letter has it.
pub const A02_ALL_MEMBERS_REMOVED: Reading = read(2, Note, Note);
/// A remove of `members` with a value array is refused.
pub const A02_VALUE_ARRAY_REFUSED: Reading = read(2, Note, Note);

/// A remove that matches nothing is answered with noTarget.
pub const A03_NO_TARGET: Reading = read(3, Warning, Warning);
/// A remove that matches nothing is answered with something else than success or noTarget.
pub const A03_OTHER_ERROR: Reading = read(3, Error, Error);

/// A replace whose value path matches nothing makes the element.
pub const A04_ELEMENT_MADE: Reading = read(4, Note, Error);

/// An add with a value path that matches nothing is answered with noTarget.
pub const A05_NO_TARGET: Reading = read(5, Note, Note);
/// An add with a value path that matches nothing succeeds without effect.
pub const A05_NO_EFFECT: Reading = read(5, Error, Error);

/// Dotted or qualified keys are refused.
pub const A06_KEYS_REFUSED: Reading = read(6, Note, Note);
/// Dotted or qualified keys succeed without effect.
pub const A06_NO_EFFECT: Reading = read(6, Warning, Warning);

/// A readOnly attribute named by a path is ignored instead of refused.
pub const A07_READ_ONLY_IGNORED: Reading = read(7, Warning, Warning);
/// An operation without a path is refused because it repeats the unchanged id.
pub const A07_UNCHANGED_ID_REFUSED: Reading = read(7, Warning, Warning);
/// A readOnly attribute is changed.
pub const A07_READ_ONLY_CHANGED: Reading = read(7, Error, Error);

/// 204 although `attributes` was asked for.
pub const A08_NO_CONTENT_WITH_ATTRIBUTES: Reading = read(8, Warning, Error);
/// 200 with an empty or partial body.
pub const A08_PARTIAL_BODY: Reading = read(8, Error, Error);
/// 202 or another 2xx.
pub const A08_OTHER_SUCCESS: Reading = read(8, Error, Error);

/// `[]` or `null` does not clear.
pub const A09_NOT_CLEARED: Reading = read(9, Error, Error);
/// What an empty string does.
pub const A09_EMPTY_STRING: Reading = read(9, Note, Note);

/// A single object for a multi-valued attribute is refused.
pub const A10_OBJECT_REFUSED: Reading = read(10, Warning, Note);

/// A boolean is returned as a string.
pub const A11_BOOLEAN_RETURNED_AS_STRING: Reading = read(11, Error, Error);
/// A filter with a quoted boolean is answered with an empty list.
pub const A11_QUOTED_BOOLEAN_MATCHES_NOTHING: Reading = read(11, Warning, Warning);
/// A boolean sent as a string is understood or refused.
pub const A11_STRING_SENT: Reading = read(11, Note, Note);

/// Whole elements of `members` cannot be exchanged.
pub const A12_EXCHANGE_REFUSED: Reading = read(12, Error, Error);
/// A sub-attribute of a member is changed in place.
pub const A12_CHANGED_IN_PLACE: Reading = read(12, Warning, Warning);

/// Adding what is there is refused.
pub const A13_REFUSED: Reading = read(13, Warning, Warning);
/// A member stands in the group twice.
pub const A13_MEMBER_TWICE: Reading = read(13, Error, Error);
/// A value other than a member is there twice.
pub const A13_VALUE_TWICE: Reading = read(13, Warning, Warning);
/// Adding what is there changes lastModified.
pub const A13_LAST_MODIFIED_CHANGED: Reading = read(13, Warning, Error);

/// Several values are primary in what is stored.
pub const A14_SEVERAL_PRIMARY: Reading = read(14, Error, Error);
/// How several primary values in a request are resolved.
pub const A14_RESOLVED: Reading = read(14, Note, Note);

/// The scimType is left out where the text itself demands one.
pub const A15_SCIM_TYPE_MISSING: Reading = read(15, Warning, Error);
/// Another but plausible scimType.
pub const A15_OTHER_SCIM_TYPE: Reading = read(15, Warning, Warning);

/// A PUT keeps what it leaves out.
pub const A16_KEPT: Reading = read(16, Note, Warning);

/// A readOnly value that says nothing new is refused.
pub const A17_READ_ONLY_REFUSED: Reading = read(17, Error, Error);
/// A PUT whose id is not that of the URL is refused.
pub const A17_OTHER_ID_REFUSED: Reading = read(17, Warning, Warning);
/// A readOnly value is applied.
pub const A17_READ_ONLY_APPLIED: Reading = read(17, Error, Error);

/// A conflict on POST is answered with 409 without the scimType.
pub const A18_SCIM_TYPE_MISSING: Reading = read(18, Warning, Error);
/// A conflict on POST is answered with 400.
pub const A18_BAD_REQUEST_ON_CREATE: Reading = read(18, Warning, Error);
/// A conflict on PUT or PATCH is answered with 400.
pub const A18_BAD_REQUEST_ON_CHANGE: Reading = read(18, Note, Warning);
/// A POST of what exists changes it instead.
pub const A18_UPSERT: Reading = read(18, Warning, Error);
/// A duplicate is accepted.
pub const A18_DUPLICATE: Reading = read(18, Error, Error);
/// An externalId is refused because it is in use.
pub const A18_EXTERNAL_ID_CONFLICT: Reading = read(18, Note, Warning);
/// A value is refused because it is in use although its attribute is published as not unique.
pub const A18_OTHER_CONFLICT: Reading = read(18, Warning, Error);
/// The name of a group is refused because it is in use.
pub const A18_GROUP_NAME_CONFLICT: Reading = read(18, Note, Note);

/// Attributes of a schema that the resource type does not declare are returned.
pub const A19_UNDECLARED_RETURNED: Reading = read(19, Warning, Warning);
/// Unknown attributes are ignored or refused.
pub const A19_UNKNOWN_SENT: Reading = read(19, Note, Note);

/// Resources are returned for count=0.
pub const A20_RESOURCES_FOR_COUNT_0: Reading = read(20, Error, Error);
/// A count that has a meaning is refused: 0, less, or more than the server gives at once.
pub const A20_COUNT_REFUSED: Reading = read(20, Warning, Error);
/// totalResults is 0 although there are matches.
pub const A20_TOTAL_0: Reading = read(20, Error, Error);

/// itemsPerPage is the number that was asked for, on a page that holds fewer.
pub const A21_REQUESTED_NUMBER: Reading = read(21, Warning, Warning);

/// A startIndex beyond the end is refused.
pub const A22_BEYOND_THE_END_REFUSED: Reading = read(22, Warning, Warning);
/// A startIndex beyond the end gives 404, 500 or a totalResults of 0.
pub const A22_BEYOND_THE_END_WRONG: Reading = read(22, Error, Error);
/// Which startIndex is echoed.
pub const A22_ECHO: Reading = read(22, Note, Note);

/// A query without matches is answered with 404.
pub const A23_NOT_FOUND: Reading = read(23, Error, Error);

/// An unknown attribute in a filter gives everything.
pub const A24_UNFILTERED: Reading = read(24, Error, Error);
/// An unknown attribute in a filter gives an empty list.
pub const A24_EMPTY: Reading = read(24, Note, Note);

/// Literals outside the grammar are understood.
pub const A25_UNDERSTOOD: Reading = read(25, Note, Note);

/// A filter on a complex attribute means its value, or is refused.
pub const A26_EITHER: Reading = read(26, Note, Note);

/// A filter with a sub-attribute behind the brackets is understood.
pub const A27_UNDERSTOOD: Reading = read(27, Note, Note);
/// A filter with a sub-attribute behind the brackets gives a wrong list.
pub const A27_WRONG: Reading = read(27, Error, Error);

/// What missing values do under ne, not and null.
pub const A28_EITHER: Reading = read(28, Note, Note);

/// A feature that is not supported is answered with another error than 501.
pub const A29_OTHER_ERROR: Reading = read(29, Warning, Warning);
/// A filter that is not supported gives everything.
pub const A29_UNFILTERED: Reading = read(29, Warning, Warning);
/// A feature is advertised and does not work.
pub const A29_ADVERTISED: Reading = read(29, Error, Error);
/// A feature works although it is advertised as not supported.
pub const A29_WORKS_ANYWAY: Reading = read(29, Warning, Warning);

/// `.search` is missing at a resource endpoint.
pub const A30_MISSING: Reading = read(30, Warning, Warning);
/// `.search` is missing at the root.
pub const A30_MISSING_AT_ROOT: Reading = read(30, Note, Note);
/// A search makes a resource or answers otherwise than a query.
pub const A30_NOT_A_QUERY: Reading = read(30, Error, Error);

/// An item of a projected list has no schemas.
pub const A31_ITEM_WITHOUT_SCHEMAS: Reading = read(31, Warning, Warning);
/// A projected resource has no schemas.
pub const A31_RESOURCE_WITHOUT_SCHEMAS: Reading = read(31, Error, Error);
/// A projected resource has attributes that were not asked for.
pub const A31_EXTRA: Reading = read(31, Warning, Error);
/// An unknown name in `attributes` is refused.
pub const A31_UNKNOWN_NAME_REFUSED: Reading = read(31, Warning, Warning);

/// More resources in one answer than `filter.maxResults`.
pub const A32_MORE_THAN_MAXIMUM: Reading = read(32, Warning, Error);
/// Fewer resources than totalResults, and nothing that tells a page.
pub const A32_SILENT_TRUNCATION: Reading = read(32, Error, Error);

/// A member of an answer is spelt otherwise than published.
pub const A33_OTHER_CASE_RETURNED: Reading = read(33, Warning, Warning);
/// An attribute name in another case is not understood in a body.
pub const A33_BODY_CASE: Reading = read(33, Warning, Error);
/// An attribute name in another case is not understood in a filter, path or parameter.
pub const A33_NAME_CASE: Reading = read(33, Error, Error);
/// A schema URN in another case is not understood as a prefix.
pub const A33_URN_CASE: Reading = read(33, Warning, Warning);
/// A schema URN in another case among the values of schemas.
pub const A33_URN_CASE_IN_SCHEMAS: Reading = read(33, Note, Note);
/// `resources` for `Resources`.
pub const A33_RESOURCES_CASE: Reading = read(33, Error, Error);

/// How no value looks.
pub const A34_NO_VALUE: Reading = read(34, Note, Note);
/// An extension has values and its URN is not in schemas.
pub const A34_EXTENSION_NOT_LISTED: Reading = read(34, Warning, Warning);

/// The status of an error is a number.
pub const A35_STATUS_AS_NUMBER: Reading = read(35, Warning, Error);
/// The status of a bulk result is a number or an object.
pub const A35_BULK_STATUS_FORM: Reading = read(35, Warning, Warning);

/// Another scheme, host or prefix than the target's: a reverse proxy that hides it.
pub const A36_HOST_MISMATCH: Reading = read(36, Warning, Warning);
/// Content-Location is there and differs.
pub const A36_CONTENT_LOCATION: Reading = read(36, Error, Error);
/// lastModified differs from created by at most a second on a fresh resource.
pub const A36_FRESH_WITHIN_A_SECOND: Reading = read(36, Warning, Warning);
/// lastModified differs from created by more on a fresh resource.
pub const A36_FRESH: Reading = read(36, Warning, Error);
/// A time without an offset.
pub const A36_NO_OFFSET: Reading = read(36, Warning, Warning);

/// The current weak tag is refused.
pub const A37_WEAK_REFUSED: Reading = read(37, Error, Error);
/// A stale tag is answered with 409.
pub const A37_CONFLICT: Reading = read(37, Warning, Warning);
/// A stale tag is accepted.
pub const A37_STALE_ACCEPTED: Reading = read(37, Error, Error);
/// meta.version is the tag without its quotes or its weakness.
pub const A37_VERSION_UNQUOTED: Reading = read(37, Warning, Warning);

/// A member without type or $ref.
pub const A38_MEMBER_WITHOUT_REF: Reading = read(38, Note, Note);
/// A member with display is refused.
pub const A38_DISPLAY_REFUSED: Reading = read(38, Warning, Warning);
/// A manager that was sent as a string is dropped without an error.
pub const A38_MANAGER_STRING_IGNORED: Reading = read(38, Warning, Warning);
/// A manager is returned as a string.
pub const A38_MANAGER_STRING: Reading = read(38, Error, Error);

/// The service provider configuration is missing.
pub const A39_CONFIG_MISSING: Reading = read(39, Error, Error);
/// `/Schemas` or `/ResourceTypes` is missing.
pub const A39_SCHEMAS_MISSING: Reading = read(39, Warning, Error);
/// The endpoint of a resource type begins with the path of the base URL: resolved as a reference it is right, put behind
/// the base URL it is not.
pub const A39_ENDPOINT_WITH_BASE: Reading = read(39, Warning, Error);
/// `/Schemas` or `/ResourceTypes` is not a `ListResponse`.
pub const A39_NOT_A_LIST: Reading = read(39, Error, Error);
/// A filter on a discovery endpoint is ignored or refused with another status than 403.
pub const A39_FILTER: Reading = read(39, Warning, Warning);
/// A discovery endpoint wants credentials.
pub const A39_UNAUTHORIZED: Reading = read(39, Warning, Warning);
/// `/ResourceTypes/{name}` is missing.
pub const A39_SINGLE_TYPE_MISSING: Reading = read(39, Warning, Warning);
/// An answer is application/json.
pub const A39_ANSWER_JSON: Reading = read(39, Warning, Warning);
/// A request in application/json or with a charset is refused.
pub const A39_REQUEST_REFUSED: Reading = read(39, Warning, Warning);

/// A second DELETE succeeds.
pub const A40_SECOND_DELETE: Reading = read(40, Warning, Error);
/// Re-creating a deleted name is a conflict.
pub const A40_RECREATE_CONFLICT: Reading = read(40, Warning, Warning);
/// A DELETE is answered with 200 or 202.
pub const A40_OTHER_SUCCESS: Reading = read(40, Warning, Error);
/// A deleted resource can still be read.
pub const A40_STILL_THERE: Reading = read(40, Error, Error);
/// A deactivated user cannot be read.
pub const A40_INACTIVE_HIDDEN: Reading = read(40, Error, Error);

/// 307 or 308 with a Location: table 8 of RFC 7644 has them, no client is obliged to follow.
pub const A41_REDIRECT: Reading = read(41, Note, Note);
/// 301, 302, 303 or no Location: whoever follows may send another method, or has nowhere to go.
pub const A41_OTHER_REDIRECT: Reading = read(41, Warning, Warning);

/// Header lines end in a bare line feed: RFC 9112 section 2.2 lets a recipient accept it, and no sender write it.
pub const A42_BARE_LINE_FEED: Reading = read(42, Warning, Warning);
/// An answer is longer than this tool reads. No RFC sets a limit; clients have theirs.
pub const A42_TOO_LARGE: Reading = read(42, Warning, Warning);

/// meta has no created, lastModified, resourceType or location. Only version is called optional in RFC 7643 section
/// 3.1, but no sentence demands the others of every answer, and products leave them out.
pub const A43_LEFT_OUT: Reading = read(43, Warning, Error);

/// An old state, or a deleted resource, was still there, and gone when asked again.
pub const A44_LATER_RIGHT: Reading = read(44, Warning, Warning);

/// 500 or an unknown 5xx: table 8 of RFC 7644 has 500, but no conforming answer to a well-formed request is one.
pub const A45_INTERNAL_ERROR: Reading = read(45, Error, Error);
/// 502 or 504: something before the server failed.
pub const A45_GATEWAY: Reading = read(45, Warning, Warning);

/// A value is not kept, and no published schema tells whether the target knows the attribute. RFC 7644 section 3.3 lets
/// it alter or ignore what it is sent.
pub const A46_UNPUBLISHED: Reading = read(46, Warning, Warning);
/// A name that the target makes itself from others: `name.formatted`, a display name (RFC 7643 section 4.1.1).
pub const A46_DERIVED: Reading = read(46, Note, Note);
/// The same value in another spelling: a telephone number, a language tag. RFC 7643 section 2.4 wants canonical values;
/// a client that compares literally writes again in every cycle.
pub const A46_NORMALISED: Reading = read(46, Note, Note);
/// An `externalId` is not kept: supporting it is optional (RFC 7643 section 3.1).
pub const A46_OPTIONAL: Reading = read(46, Note, Note);
/// The `type` or the `primary` of a value is not kept.
pub const A46_LABEL: Reading = read(46, Warning, Warning);

/// A message without its own URI in schemas is understood. The duty binds the client; no sentence demands a refusal.
pub const A47_WITHOUT_SCHEMAS: Reading = read(47, Note, Note);
/// A filter by the grammar is refused. Table 9 of RFC 7644 has invalidFilter for combinations of attribute and operator
/// that a server does not support.
pub const A47_FILTER_REFUSED: Reading = read(47, Warning, Error);
/// A PATCH by the letter is refused for a reason of the target's own.
pub const A47_PATCH_REFUSED: Reading = read(47, Warning, Error);
/// A negative count is refused on a page by cursor, where it counts as 0.
pub const A47_NEGATIVE_COUNT_REFUSED: Reading = read(47, Warning, Warning);
/// A create within a bulk job is done although it has no bulkId.
pub const A47_WITHOUT_BULK_ID: Reading = read(47, Warning, Warning);

/// A value that has not the form or the canonical spelling that the RFC describes is kept as the client wrote it. No
/// sentence asks a server to refuse it, and clients that compare literally want it untouched.
pub const A48_AS_WRITTEN: Reading = read(48, Note, Note);

/// A definition is not as RFC 7643 section 8.7 prints it. The printed schemas are examples that may change, with known
/// slips.
pub const A49_NOT_AS_PRINTED: Reading = read(49, Note, Note);
/// A schema lists a common attribute with characteristics that section 3.1 does not give it, and that never apply.
pub const A49_COMMON_LISTED_OTHERWISE: Reading = read(49, Warning, Warning);

/// A schema or resource type has no name or description. Both are optional, and to be given "when applicable".
pub const A50_NOT_DESCRIBED: Reading = read(50, Warning, Warning);
/// An attribute has no description.
pub const A50_ATTRIBUTE_NOT_DESCRIBED: Reading = read(50, Note, Note);

/// A decimal is written as a whole number. Section 2.3.3 wants a digit on both sides of the point; JSON has no such
/// rule, and many libraries print 5.0 as 5.
pub const A51_WHOLE_DECIMAL: Reading = read(51, Note, Warning);

/// A member is gone from a group because its user was deactivated. What active means is the server's to say (section
/// 4.1.1), and no request took the member out.
pub const A52_INACTIVE_MEMBER_GONE: Reading = read(52, Warning, Warning);

/// A list leaves out members, which are returned by default and which a reading of the group shows. Many products spare
/// their database so.
pub const A53_LISTED_LESS: Reading = read(53, Warning, Error);

/// The time of a creation is hours away from the server's own Date. What it is used for is the client's matter.
pub const A54_ZONE_AS_UTC: Reading = read(54, Warning, Error);

/// Pages that follow each other repeat somebody and leave somebody else out, while nothing is written. Clients must cope
/// with pages that do not fit (section 3.4.2.4), and no client can find who is on none.
pub const A55_UNORDERED_PAGES: Reading = read(55, Warning, Warning);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_readings_and_every_reading_is_named_after_its_place() {
        let text = include_str!("ambiguity.rs");
        let mut seen = std::collections::BTreeSet::new();
        for line in text.lines().filter(|line| line.starts_with("pub const A")) {
            let number: u8 = line[11..13].parse().unwrap();
            assert!(line.contains(&format!("read({number}, ")), "{line}");
            seen.insert(number);
        }
        let places: Vec<u8> = ALL.iter().map(|place| place.number).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), places);
        assert!(places.windows(2).all(|pair| pair[0] + 1 == pair[1]));
        assert_eq!(of(A36_HOST_MISMATCH).map(|place| place.number), Some(36));
        let told: usize = ALL.iter().map(|place| cases(place.number).len()).sum();
        assert_eq!(told, text.lines().filter(|line| line.starts_with("pub const A")).count());
        assert_eq!(cases(3)[0].text, "A remove that matches nothing is answered with noTarget.");
        assert_eq!(cases(3)[0].reading, A03_NO_TARGET);
        for row in ALL.iter().flat_map(|place| place.rows.split(' ')).filter(|row| !row.is_empty()) {
            assert!(crate::requirement::get(row).is_some(), "{row}");
        }
        assert_eq!(about("RFC7644-3.6-05").map(|place| place.number).collect::<Vec<_>>(), [40]);
    }
}
