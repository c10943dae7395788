//! The catalogue of what RFC 7642, RFC 7643, RFC 7644 and RFC 9865 demand: one row a duty, paraphrased, with its
//! section.
//!
//! Rows are data (`*.jsonl`, one file an RFC, in text order). Their ids are frozen: a row is added with the next free
//! number of its section, never renumbered. Coverage and severity are computed from them, see [`severity`].

pub mod ambiguity;
pub mod coverage;
pub mod severity;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

pub use severity::severity;

/// One duty of the standard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Id, such as `RFC7644-3.5.2-07`: RFC, section, number within the section.
    pub id: String,
    /// `RFC7644`
    pub rfc: String,
    /// `3.5.2`
    pub section: String,
    /// How binding it is (RFC 2119).
    pub level: Level,
    /// Whom it binds.
    pub party: Party,
    /// The duty in our own words.
    pub requirement: String,
    /// What it is about: `patch`, `errors`.
    pub area: String,
    /// Whether it can be seen from outside.
    pub testable: Testable,
    /// How it is tested: request and assertion, with the milder verdicts where the text gives room.
    pub how: String,
    /// What must be advertised, several joined by `+` (all of them): `bulk+Group`; `None`: nothing.
    pub needs: Option<String>,
    /// How the row was checked.
    pub source: Source,
    /// Where the obligation comes from.
    pub basis: Basis,
}

/// How binding a requirement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[expect(missing_docs, reason = "the key words of RFC 2119")]
pub enum Level {
    #[serde(rename = "MUST")]
    Must,
    #[serde(rename = "MUST NOT")]
    MustNot,
    #[serde(rename = "SHOULD")]
    Should,
    #[serde(rename = "SHOULD NOT")]
    ShouldNot,
    #[serde(rename = "MAY")]
    May,
}

impl Level {
    /// The key word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::MustNot => "MUST NOT",
            Self::Should => "SHOULD",
            Self::ShouldNot => "SHOULD NOT",
            Self::May => "MAY",
        }
    }
}

/// Whom a requirement binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The server.
    ServiceProvider,
    /// The client; for this tool a rule for itself.
    Client,
    /// Both.
    Both,
    /// Whoever publishes a schema; on the wire that is `/Schemas`.
    SchemaAuthor,
}

/// Whether a requirement can be seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Testable {
    /// A violation can be seen on the wire.
    OverTheWire,
    /// With a second credential, a tenant, much data, or an opt-in.
    NeedsConfiguration,
    /// Only by looking inside the server.
    NeedsServerKnowledge,
    /// Not at all.
    NotTestable,
}

/// How a row was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Against the text of the RFC.
    Text,
    /// An erratum known at second hand.
    Memory,
}

/// Where an obligation comes from. The RFCs put many into plain sentences and table cells, which do not all weigh the
/// same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// A key word of RFC 2119 in capitals.
    Keyword,
    /// A declarative sentence without a key word.
    Definition,
    /// A cell of a table.
    Table,
    /// A must, should or may in lower case: natural language by RFC 7644 section 1.2.
    Lowercase,
    /// Only printed in an example schema.
    Example,
    /// The row exists because of an erratum.
    Erratum,
}

impl Requirement {
    /// The section on the RFC Editor's pages: `https://www.rfc-editor.org/rfc/rfc7644.html#section-3.5.2`.
    #[must_use]
    pub fn section_url(&self) -> String {
        format!("https://www.rfc-editor.org/rfc/{}.html#section-{}", self.rfc.to_ascii_lowercase(), self.section)
    }

    /// For people: `RFC 7644 section 3.5.2`.
    #[must_use]
    pub fn cite(&self) -> String {
        format!("RFC {} section {}", self.rfc.trim_start_matches("RFC"), self.section)
    }
}

/// All rows: RFC by RFC, in text order.
#[must_use]
pub fn all() -> &'static [Requirement] {
    &CATALOGUE.rows
}

/// The row of that id.
#[must_use]
pub fn get(id: &str) -> Option<&'static Requirement> {
    CATALOGUE.by_id.get(id).map(|index| &CATALOGUE.rows[*index])
}

struct Catalogue {
    rows: Vec<Requirement>,
    by_id: HashMap<&'static str, usize>,
}

/// Read on first use only: a run without a violation never needs it.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let rows: Vec<Requirement> = FILES.iter().flat_map(|text| text.lines()).filter_map(row).collect();
    let ids = FILES.iter().flat_map(|text| text.lines()).filter_map(|line| line.split('"').nth(3));
    let by_id = ids.enumerate().map(|(index, id)| (id, index)).collect();
    Catalogue { rows, by_id }
});

const FILES: [&str; 4] = [
    include_str!("rfc7642.jsonl"),
    include_str!("rfc7643.jsonl"),
    include_str!("rfc7644.jsonl"),
    include_str!("rfc9865.jsonl"),
];

/// The tests make sure that no line is lost here.
fn row(line: &str) -> Option<Requirement> {
    serde_json::from_str(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_row_under_its_id() {
        let lines: Vec<_> = FILES.iter().flat_map(|text| text.lines()).collect();
        for line in &lines {
            serde_json::from_str::<Requirement>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        }
        assert_eq!(all().len(), lines.len());
        for requirement in all() {
            assert_eq!(get(&requirement.id), Some(requirement));
            let (rfc, rest) = requirement.id.split_once('-').unwrap();
            let (section, number) = rest.rsplit_once('-').unwrap();
            assert_eq!((rfc, section), (requirement.rfc.as_str(), requirement.section.as_str()));
            assert!(number.len() == 2 && number.parse::<u8>().is_ok(), "{}", requirement.id);
        }
        let unique: std::collections::BTreeSet<_> = all().iter().map(|r| &r.id).collect();
        assert_eq!(unique.len(), all().len());
        assert_eq!(get("RFC7644-0-00"), None);
    }

    #[test]
    fn points_to_its_section() {
        let requirement = get("RFC7644-3.5.2-07").unwrap();
        assert_eq!(requirement.section_url(), "https://www.rfc-editor.org/rfc/rfc7644.html#section-3.5.2");
        assert_eq!(requirement.cite(), "RFC 7644 section 3.5.2");
        assert_eq!((requirement.level, requirement.basis), (Level::Must, Basis::Definition));
    }
}
