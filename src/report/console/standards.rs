//! What a run says of the standards, section by section: shown when a client was played that asks for all of them.

use super::Page;
use crate::report::text::count;
use crate::verdict::standards::{Answer, Row};

impl Page<'_> {
    /// One line a document, and one for each section where something is wrong or could not be known.
    pub(super) fn standards(&mut self) {
        if !self.report.columns().iter().any(|column| column.curious) {
            return;
        }
        let rows = self.report.standards.rows();
        self.heading("Requirements of the standards");
        for of_document in rows.chunk_by(|a, b| a.requirement.rfc == b.requirement.rfc) {
            let Some(first) = of_document.first() else { continue };
            let name = first.requirement.rfc.replace("RFC", "RFC ");
            self.paragraph("  ", &format!("{name}: {}", in_words(of_document)));
            for section in of_document.chunk_by(|a, b| a.requirement.section == b.requirement.section) {
                let wrong = |row: &Row| matches!(row.answer, Answer::Failed | Answer::Warned | Answer::Undetermined);
                if section.iter().any(wrong) {
                    let number = section.first().map_or("", |row| row.requirement.section.as_str());
                    self.paragraph("    ", &format!("section {number}: {}", in_words(section)));
                }
            }
        }
    }
}

fn in_words(rows: &[Row]) -> String {
    let told = Answer::WORDS.iter().filter_map(|word| {
        let number = rows.iter().filter(|row| row.answer.as_str() == *word).count();
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        (number > 0).then(|| if *word == "warning" { count(number, word) } else { format!("{number} {word}") })
    });
    told.collect::<Vec<_>>().join(", ")
}
