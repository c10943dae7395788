//! What was found, line by line, and as text.

use crate::error::Exit;
use crate::report::Style;
use crate::report::cause::Standing;
use crate::report::text::{clean, count, wrap};
use crate::transport::target::BaseUrl;

/// What a line is about, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Which proxy stands in between.
    Proxy,
    /// The host's name.
    Name,
    /// TCP, and whether HTTP is spoken.
    Connection,
    /// Certificates.
    Tls,
    /// Whether we are let in.
    Credentials,
    /// Slash, query, tenant, path.
    BasePath,
    /// How a search is answered.
    Search,
    /// What the target says of itself.
    Discovery,
    /// Its clock.
    Clock,
}

impl About {
    const ALL: [Self; 9] = [
        Self::Proxy,
        Self::Name,
        Self::Connection,
        Self::Tls,
        Self::Credentials,
        Self::BasePath,
        Self::Search,
        Self::Discovery,
        Self::Clock,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Name => "name",
            Self::Connection => "connection",
            Self::Tls => "TLS",
            Self::Credentials => "credentials",
            Self::BasePath => "base path",
            Self::Search => "search",
            Self::Discovery => "discovery",
            Self::Clock => "clock",
        }
    }
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Good,
    /// To be known; nothing needs to be done.
    Note,
    /// To be mended.
    Mend,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Mend => "mend",
        }
    }
}

/// A thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What.
    pub about: About,
    /// How it stands.
    pub state: State,
    /// A sentence.
    pub says: String,
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The base URL, without what may be a credential in it.
    pub target: String,
    /// Whether the target answered at all.
    pub reached: bool,
    lines: Vec<Line>,
}

impl Diagnosis {
    pub(super) fn new(base: &BaseUrl) -> Self {
        Self { target: base.as_str().to_owned(), reached: false, lines: Vec::new() }
    }

    pub(super) fn good(&mut self, about: About, says: impl Into<String>) {
        self.add(about, State::Good, says);
    }

    pub(super) fn note(&mut self, about: About, says: impl Into<String>) {
        self.add(about, State::Note, says);
    }

    pub(super) fn mend(&mut self, about: About, says: impl Into<String>) {
        self.add(about, State::Mend, says);
    }

    pub(super) fn add(&mut self, about: About, state: State, says: impl Into<String>) {
        self.lines.push(Line { about, state, says: says.into() });
    }

    /// What was looked at, in the order of [`About`].
    #[must_use]
    pub fn lines(&self) -> Vec<&Line> {
        let of = |about: About| self.lines.iter().filter(move |line| line.about == about);
        About::ALL.into_iter().flat_map(of).collect()
    }

    /// How the tool ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self.to_mend() {
            _ if !self.reached => Exit::Unreachable,
            0 => Exit::Good,
            _ => Exit::Violations,
        }
    }

    fn to_mend(&self) -> usize {
        self.lines.iter().filter(|line| line.state == State::Mend).count()
    }

    /// The diagnosis as text.
    #[must_use]
    pub fn to_text(&self, style: Style) -> String {
        let mut out = format!("{}\n", style.bold(&clean(&self.target)));
        for line in self.lines() {
            let word = match line.state {
                State::Good => style.added(line.state.word()),
                State::Note => style.standing(Standing::Note, line.state.word()),
                State::Mend => style.standing(Standing::Error, line.state.word()),
            };
            let indent = 21;
            let says = wrap(&clean(&line.says), usize::from(style.width).saturating_sub(indent).max(20));
            let says = says.join(&format!("\n{}", " ".repeat(indent)));
            out.push_str(&format!("  {word}  {:<11}  {says}\n", line.about.as_str()));
        }
        let seen = |about: &About| self.lines.iter().any(|line| line.about == *about);
        let unseen: Vec<_> = About::ALL.into_iter().filter(|about| !seen(about)).map(About::as_str).collect();
        if !unseen.is_empty() {
            out.push_str(&format!("  not looked at: {}\n", unseen.join(", ")));
        }
        let number = self.to_mend() as u64;
        out.push_str(&match number {
            0 => "nothing to mend\n".to_owned(),
            _ => format!("{} to mend\n", count(number, "thing")),
        });
        out
    }
}
