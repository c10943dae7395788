//! RFC 7643 section 8.7: the schemas as the RFC prints them. They are examples that may change: another definition is
//! shown, and no more.

use super::super::{Check, Finding, Judge, Judgement, Location, Operation, Subject};
use super::s6_resource_type::each;
use crate::requirement::ambiguity;
use crate::scim::json::{Json, Object};
use crate::scim::urn;

pub(super) static CHECKS: &[&Check] = &[&USER, &GROUP, &ENTERPRISE_USER, &DISCOVERY];

/// What is printed of one attribute: requirement, path, characteristic, value. The value of a list names what must be in
/// it, `-` that there is none.
type Printed = (&'static str, &'static str, &'static str, &'static str);

const PRINTED_USER: &[Printed] = &[
    ("RFC7643-8.7.1-01", "userName", "type", "string"),
    ("RFC7643-8.7.1-01", "userName", "required", "true"),
    ("RFC7643-8.7.1-01", "userName", "caseExact", "false"),
    ("RFC7643-8.7.1-01", "userName", "mutability", "readWrite"),
    ("RFC7643-8.7.1-01", "userName", "uniqueness", "server"),
    ("RFC7643-8.7.1-02", "password", "type", "string"),
    ("RFC7643-8.7.1-02", "password", "mutability", "writeOnly"),
    ("RFC7643-8.7.1-02", "password", "returned", "never"),
    ("RFC7643-8.7.1-03", "active", "type", "boolean"),
    ("RFC7643-8.7.1-03", "active", "mutability", "readWrite"),
    ("RFC7643-8.7.1-04", "name", "type", "complex"),
    (
        "RFC7643-8.7.1-04",
        "name",
        "subAttributes",
        "formatted familyName givenName middleName honorificPrefix honorificSuffix",
    ),
    ("RFC7643-8.7.1-05", "emails", "type", "complex"),
    ("RFC7643-8.7.1-05", "emails", "multiValued", "true"),
    ("RFC7643-8.7.1-05", "phoneNumbers", "type", "complex"),
    ("RFC7643-8.7.1-05", "phoneNumbers", "multiValued", "true"),
    ("RFC7643-8.7.1-05", "ims", "multiValued", "true"),
    ("RFC7643-8.7.1-05", "photos", "multiValued", "true"),
    ("RFC7643-8.7.1-05", "addresses", "type", "complex"),
    ("RFC7643-8.7.1-05", "addresses", "multiValued", "true"),
    ("RFC7643-8.7.1-05", "entitlements", "multiValued", "true"),
    ("RFC7643-8.7.1-05", "roles", "multiValued", "true"),
    ("RFC7643-8.7.1-05", "x509Certificates", "multiValued", "true"),
    ("RFC7643-8.7.1-05", "groups", "multiValued", "true"),
    ("RFC7643-8.7.1-06", "profileUrl", "type", "reference"),
    ("RFC7643-8.7.1-06", "profileUrl", "referenceTypes", "external"),
    ("RFC7643-8.7.1-06", "photos.value", "type", "reference"),
    ("RFC7643-8.7.1-06", "photos.value", "referenceTypes", "external"),
    ("RFC7643-8.7.1-07", "groups", "mutability", "readOnly"),
    ("RFC7643-8.7.1-07", "groups.value", "mutability", "readOnly"),
    ("RFC7643-8.7.1-07", "groups.type", "canonicalValues", "direct indirect"),
    ("RFC7643-8.7.1-08", "groups.$ref", "referenceTypes", "Group"),
    ("RFC7643-8.7.1-09", "x509Certificates.value", "type", "binary"),
    ("RFC7643-4.1.2-04", "emails.type", "canonicalValues", "work home other"),
    ("RFC7643-4.1.2-09", "phoneNumbers.type", "canonicalValues", "work home mobile fax pager other"),
    ("RFC7643-4.1.2-12", "ims.type", "canonicalValues", "aim gtalk icq xmpp msn skype qq yahoo other"),
    ("RFC7643-4.1.2-18", "photos.type", "canonicalValues", "photo thumbnail"),
    ("RFC7643-4.1.2-19", "addresses.type", "canonicalValues", "work home other"),
    ("RFC7643-4.1.2-30", "entitlements.type", "canonicalValues", "-"),
    ("RFC7643-4.1.2-31", "roles.type", "canonicalValues", "-"),
];

const PRINTED_GROUP: &[Printed] = &[
    ("RFC7643-8.7.1-10", "members.value", "mutability", "immutable"),
    ("RFC7643-8.7.1-10", "members.$ref", "mutability", "immutable"),
    ("RFC7643-8.7.1-10", "members.type", "mutability", "immutable"),
    ("RFC7643-8.7.1-10", "members.$ref", "referenceTypes", "User Group"),
];

const PRINTED_ENTERPRISE_USER: &[Printed] = &[
    ("RFC7643-8.7.1-12", "manager", "type", "complex"),
    ("RFC7643-8.7.1-12", "manager", "multiValued", "false"),
    ("RFC7643-8.7.1-12", "manager", "subAttributes", "value $ref displayName"),
    ("RFC7643-8.7.1-12", "manager.displayName", "mutability", "readOnly"),
    ("RFC7643-8.7.1-11", "manager.$ref", "referenceTypes", "User"),
];

const PRINTED_CONFIG: &[Printed] = &[
    ("RFC7643-8.7.2-02", "authenticationSchemes", "subAttributes", "type name description"),
    ("RFC7643-8.7.2-02", "etag", "type", "complex"),
];

const PRINTED_RESOURCE_TYPE: &[Printed] = &[("RFC7643-8.7.2-03", "schemaExtensions", "multiValued", "true")];

/// The default of a characteristic (section 2.2).
fn default_of(characteristic: &str) -> &'static str {
    match characteristic {
        "type" => "string",
        "mutability" => "readWrite",
        "returned" => "default",
        "uniqueness" => "none",
        _ => "false",
    }
}

/// Holds the schema of that URI, wherever it is published, against what is printed.
fn compare(subject: &Subject<'_>, schemas: &[(&str, &'static [Printed])]) -> Judgement {
    let mut found = Vec::new();
    let mut asked = false;
    each(subject, Operation::Schemas, |at, document, _| {
        let uri = document.get("id").and_then(Json::as_str).unwrap_or_default();
        for (_, printed) in schemas.iter().filter(|(schema, _)| schema.eq_ignore_ascii_case(uri)) {
            for row in *printed {
                let Some((pointer, attribute)) = attribute_at(document, row.1) else { continue };
                asked = true;
                found.extend(departure(&format!("{at}{pointer}/{}", row.2), attribute, *row));
            }
        }
    });
    if !asked {
        return Judgement::NotApplicable;
    }
    if found.is_empty() { Judgement::Conforms } else { Judgement::Violates(found) }
}

/// The published definition at a path such as `emails.type`, with its pointer.
fn attribute_at<'j>(document: &'j Object, path: &str) -> Option<(String, &'j Object)> {
    let mut pointer = String::new();
    let mut here = document;
    let mut list = "attributes";
    for name in path.split('.') {
        let items = here.get(list)?.as_array()?;
        let named = |item: &Json| item.get("name").and_then(Json::as_str).is_some_and(|n| n.eq_ignore_ascii_case(name));
        let index = items.iter().position(named)?;
        pointer.push_str(&format!("/{list}/{index}"));
        here = items[index].as_object()?;
        list = "subAttributes";
    }
    Some((pointer, here))
}

fn departure(pointer: &str, attribute: &Object, printed: Printed) -> Option<Finding> {
    let (requirement, _, characteristic, wanted) = printed;
    let value = attribute.get(characteristic).filter(|value| !value.is_unassigned());
    let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let listed = |json: &Json| json.get("name").map_or_else(|| text(json), text);
    let words: Vec<String> = match value {
        Some(Json::Array(items)) => items.iter().map(listed).collect(),
        Some(single) => vec![text(single)],
        // A list that is not there limits nothing; anything else has its default.
        None if matches!(characteristic, "canonicalValues" | "referenceTypes") => return None,
        None if characteristic == "subAttributes" => Vec::new(),
        None => vec![default_of(characteristic).to_owned()],
    };
    let has = |word: &str| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    let as_printed = wanted != "-" && wanted.split(' ').all(has);
    let actual = if words.is_empty() { "nothing".to_owned() } else { words.join(" ") };
    let expected = if wanted == "-" { "no canonical values" } else { wanted };
    let finding = Finding::new(Location::Body(pointer.to_owned()), format!("{expected}, as the RFC has it"), actual);
    (!as_printed).then(|| finding.of(requirement).read_as(ambiguity::A49_NOT_AS_PRINTED))
}

static USER: Check = Check {
    id: "rfc7643/8.7.1/user",
    requirements: &[
        "RFC7643-8.7.1-01",
        "RFC7643-8.7.1-02",
        "RFC7643-8.7.1-03",
        "RFC7643-8.7.1-04",
        "RFC7643-8.7.1-05",
        "RFC7643-8.7.1-06",
        "RFC7643-8.7.1-07",
        "RFC7643-8.7.1-08",
        "RFC7643-8.7.1-09",
        "RFC7643-4.1.2-04",
        "RFC7643-4.1.2-09",
        "RFC7643-4.1.2-12",
        "RFC7643-4.1.2-18",
        "RFC7643-4.1.2-19",
        "RFC7643-4.1.2-30",
        "RFC7643-4.1.2-31",
    ],
    title: "The published User schema defines its attributes as the RFC prints them",
    why: "IdPs map attributes by the printed schema; whoever departs from it should know where.",
    fix: "Nothing has to be mended; publish what the server really does.",
    judge: Judge::Exchange(|subject| compare(subject, &[(urn::USER, PRINTED_USER)])),
};

static GROUP: Check = Check {
    id: "rfc7643/8.7.1/group",
    requirements: &["RFC7643-8.7.1-10"],
    title: "The published Group schema defines its attributes as the RFC prints them",
    why: "IdPs write members by the printed schema; whoever departs from it should know where.",
    fix: "Nothing has to be mended; publish what the server really does.",
    judge: Judge::Exchange(|subject| compare(subject, &[(urn::GROUP, PRINTED_GROUP)])),
};

static ENTERPRISE_USER: Check = Check {
    id: "rfc7643/8.7.1/enterprise-user",
    requirements: &["RFC7643-8.7.1-12", "RFC7643-8.7.1-11"],
    title: "The published enterprise extension defines the manager as the RFC prints it",
    why: "IdPs write the manager by the printed schema; whoever departs from it should know where.",
    fix: "Nothing has to be mended; publish what the server really does.",
    judge: Judge::Exchange(|subject| compare(subject, &[(urn::ENTERPRISE_USER, PRINTED_ENTERPRISE_USER)])),
};

static DISCOVERY: Check = Check {
    id: "rfc7643/8.7.2/discovery",
    requirements: &["RFC7643-8.7.2-02", "RFC7643-8.7.2-03"],
    title: "Published schemas of discovery documents have what the printed ones forget",
    why: "A client that validates discovery by them refuses what the text of the RFC demands.",
    fix: "Add etag and authenticationSchemes.type, and make schemaExtensions multi-valued.",
    judge: Judge::Exchange(|subject| {
        let schemas = [(urn::SERVICE_PROVIDER_CONFIG, PRINTED_CONFIG), (urn::RESOURCE_TYPE, PRINTED_RESOURCE_TYPE)];
        compare(subject, &schemas)
    }),
};
