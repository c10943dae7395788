//! How the console report looks: colours, characters, width.

use owo_colors::OwoColorize;

use super::cause::Standing;
use super::matrix::Cell;

/// How the console report looks. The command line decides from the terminal and its environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// ANSI colours.
    pub color: bool,
    /// Lines and dashes beyond ASCII.
    pub unicode: bool,
    /// Columns of a line.
    pub width: u16,
    /// Notes are listed too.
    pub verbose: bool,
}

impl Style {
    /// No colours, ASCII, 100 columns: what goes into files, pipes and messages of tests.
    pub const PLAIN: Self = Self { color: false, unicode: false, width: 100, verbose: false };

    /// The style for an output: `terminal` is its width if it is one. `variable` reads the environment: `NO_COLOR`,
    /// `CLICOLOR_FORCE`, `TERM`, and whether the locale is UTF-8.
    #[must_use]
    pub fn of(terminal: Option<u16>, variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let dumb = set("TERM").is_some_and(|term| term == "dumb");
        let forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default().to_lowercase();
        Self {
            color: set("NO_COLOR").is_none() && (forced || terminal.is_some() && !dumb),
            unicode: locale.contains("utf-8") || locale.contains("utf8"),
            width: terminal.unwrap_or(Self::PLAIN.width).max(40),
            verbose: false,
        }
    }

    /// A heading.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        if self.color { text.bold().to_string() } else { text.to_owned() }
    }

    /// What stands aside.
    #[must_use]
    pub fn faint(self, text: &str) -> String {
        if self.color { text.dimmed().to_string() } else { text.to_owned() }
    }

    /// A line that is gone.
    #[must_use]
    pub fn removed(self, text: &str) -> String {
        if self.color { text.red().to_string() } else { text.to_owned() }
    }

    /// A line that is new.
    #[must_use]
    pub fn added(self, text: &str) -> String {
        if self.color { text.green().to_string() } else { text.to_owned() }
    }

    /// A word in the colour of a standing.
    #[must_use]
    pub fn standing(self, standing: Standing, text: &str) -> String {
        match standing {
            _ if !self.color => text.to_owned(),
            Standing::Error => text.red().bold().to_string(),
            Standing::Warning => text.yellow().to_string(),
            Standing::Undetermined => text.magenta().to_string(),
            Standing::Note => text.cyan().to_string(),
        }
    }

    /// A text in the colour of a cell.
    #[must_use]
    pub fn cell(self, cell: &Cell, text: &str) -> String {
        match cell {
            _ if !self.color => text.to_owned(),
            Cell::Works => text.green().to_string(),
            Cell::WorksWithWarnings => text.yellow().to_string(),
            Cell::Breaks(_) => text.red().bold().to_string(),
            Cell::Undetermined(_) => text.magenta().to_string(),
            Cell::NotPlayed(_) | Cell::SendsNothing(_) => text.dimmed().to_string(),
        }
    }

    /// The dash between a statement and its reason.
    #[must_use]
    pub fn dash(self) -> &'static str {
        if self.unicode { "\u{2014}" } else { "-" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(terminal: Option<u16>, variables: &[(&str, &str)]) -> Style {
        let find = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        Style::of(terminal, find)
    }

    #[test]
    fn colours_follow_terminal_and_environment() {
        assert!(style(Some(80), &[("TERM", "xterm")]).color);
        assert!(!style(None, &[]).color);
        assert!(style(None, &[("CLICOLOR_FORCE", "1")]).color);
        assert!(!style(Some(80), &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]).color);
        assert!(style(Some(80), &[("NO_COLOR", "")]).color);
        assert!(!style(Some(80), &[("TERM", "dumb")]).color);
    }

    #[test]
    fn characters_follow_the_locale() {
        assert!(style(None, &[("LANG", "en_GB.UTF-8")]).unicode);
        assert!(!style(None, &[("LANG", "en_GB.UTF-8"), ("LC_ALL", "C")]).unicode);
        assert!(!style(None, &[]).unicode);
    }
}
