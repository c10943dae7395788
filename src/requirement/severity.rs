//! How bad a violation is: the one place where that is decided.

use super::{Basis, Level, Requirement};
use crate::check::{Reading, Severity};

/// The severity of violating a requirement: what the reading of an ambiguous place advises, else what level and basis
/// give.
///
/// MUST and MUST NOT are errors where the obligation stands in a key word, a definition or a table, and warnings where
/// only a lower-case word or an erratum carries it. SHOULD and SHOULD NOT are warnings; MAY and what only an example
/// shows are notes. `strict` takes the strict side of a reading; it changes nothing else.
#[must_use]
pub fn severity(requirement: &Requirement, reading: Option<Reading>, strict: bool) -> Severity {
    if let Some(reading) = reading {
        return if strict { reading.strict } else { reading.lenient };
    }
    match (requirement.level, requirement.basis) {
        (Level::May, _) | (_, Basis::Example) => Severity::Note,
        (Level::Should | Level::ShouldNot, _) | (_, Basis::Lowercase | Basis::Erratum) => Severity::Warning,
        (Level::Must | Level::MustNot, Basis::Keyword | Basis::Definition | Basis::Table) => Severity::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{all, ambiguity, get};
    use super::*;

    fn of(id: &str) -> Severity {
        severity(get(id).unwrap(), None, false)
    }

    #[test]
    fn follows_level_and_basis() {
        assert_eq!(of("RFC7644-3.3-07"), Severity::Error); // MUST, key word
        assert_eq!(of("RFC7644-3.4.1-01"), Severity::Error); // definition
        assert_eq!(of("RFC7644-3.4.2.4-08"), Severity::Error); // table
        assert_eq!(of("RFC7644-3.3-08"), Severity::Warning); // SHOULD
        assert_eq!(of("RFC7643-3.1-31"), Severity::Warning); // lower case
        assert_eq!(of("RFC7643-8.7.2-01"), Severity::Warning); // erratum
        assert_eq!(of("RFC7644-3.12-04"), Severity::Note); // MAY
        assert_eq!(of("RFC7643-4.2-09"), Severity::Note); // example
    }

    #[test]
    fn a_reading_wins_and_only_it_knows_strict() {
        let requirement = get("RFC7644-3.12-03").unwrap();
        let reading = ambiguity::A35_STATUS_AS_NUMBER;
        assert_eq!(severity(requirement, Some(reading), false), Severity::Warning);
        assert_eq!(severity(requirement, Some(reading), true), Severity::Error);
        for requirement in all() {
            assert_eq!(severity(requirement, None, false), severity(requirement, None, true));
        }
    }
}
