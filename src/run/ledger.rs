//! What this run created, written down before the request leaves, so that clean-up survives a kill.
//!
//! One NDJSON file a run. Format, version 1:
//! `{"ledger":1,"run":…,"target":…,"at":…}`, then per create `{"entry":n,"endpoint":"/Users","attribute":"userName","name":…}`
//! before it is sent and `{"entry":n,"id":…}`, `{"entry":n,"refused":409}` or `{"entry":n,"gone":true}` afterwards. An
//! entry without a second line is a create whose answer was lost: only its invented name is known.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::scim::json::Json;

/// One resource that the run created, or may have created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Number within the ledger, from 1.
    pub number: u64,
    /// Endpoint: `/Users`.
    pub endpoint: String,
    /// Attribute that holds the invented name: `userName`, `displayName`, …
    pub attribute: String,
    /// The invented name.
    pub name: String,
    /// The server's id, once known.
    pub id: Option<String>,
}

impl Entry {
    /// `/Users/42`, once the id is known.
    #[must_use]
    pub fn path(&self) -> Option<String> {
        self.id.as_ref().map(|id| format!("{}/{id}", self.endpoint))
    }
}

/// The ledger of a run. Entries that are gone are forgotten, so that memory stays flat.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    file: RefCell<File>,
    open: RefCell<BTreeMap<u64, Entry>>,
    next: RefCell<u64>,
    never: Cell<u64>,
    begun: Option<jiff::Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    ledger: u32,
    run: String,
    target: String,
    at: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    entry: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attribute: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone: Option<bool>,
}

impl Ledger {
    /// Begins a ledger file; folders are made as needed.
    ///
    /// # Errors
    /// The file cannot be written, or is there already.
    pub fn create(path: &Path, run: &str, target: &str, at: jiff::Timestamp) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().create_new(true).append(true).open(path)?;
        let head = Head { ledger: 1, run: run.to_owned(), target: target.to_owned(), at: at.to_string() };
        write_line(&mut file, &head)?;
        Ok(Self::over(path, file, BTreeMap::new(), 1, Some(at)))
    }

    /// Reads a ledger that a run left; the target it belongs to, and what may still be there. A torn last line is left
    /// out: what it would have said had not been sent yet.
    ///
    /// # Errors
    /// The file cannot be read, or is no ledger; with the line.
    pub fn open(path: &Path) -> io::Result<(Self, String)> {
        let broken = |number: usize, why: String| {
            io::Error::new(io::ErrorKind::InvalidData, format!("line {number}: not a ledger of this tool: {why}"))
        };
        let lines = BufReader::new(File::open(path)?).lines().collect::<Result<Vec<_>, _>>()?;
        let head = lines.first().ok_or_else(|| broken(1, "the file is empty".to_owned()))?;
        let head: Head = serde_json::from_str(head).map_err(|error| broken(1, error.to_string()))?;
        if head.ledger != 1 {
            return Err(broken(1, format!("format {} is not known", head.ledger)));
        }
        let mut open: BTreeMap<u64, Entry> = BTreeMap::new();
        let mut next = 1;
        for (i, text) in lines.iter().enumerate().skip(1) {
            let line: Line = match serde_json::from_str(text) {
                Ok(line) => line,
                Err(_) if i + 1 == lines.len() => break,
                Err(error) => return Err(broken(i + 1, error.to_string())),
            };
            next = next.max(line.entry + 1);
            if let (Some(endpoint), Some(attribute), Some(name)) = (line.endpoint, line.attribute, line.name) {
                open.insert(line.entry, Entry { number: line.entry, endpoint, attribute, name, id: None });
            } else if let Some(id) = line.id {
                if let Some(entry) = open.get_mut(&line.entry) {
                    entry.id = Some(id);
                }
            } else {
                open.remove(&line.entry);
            }
        }
        let file = OpenOptions::new().append(true).open(path)?;
        Ok((Self::over(path, file, open, next, head.at.parse().ok()), head.target))
    }

    fn over(path: &Path, file: File, open: BTreeMap<u64, Entry>, next: u64, begun: Option<jiff::Timestamp>) -> Self {
        let (file, open, next) = (RefCell::new(file), RefCell::new(open), RefCell::new(next));
        Self { path: path.to_owned(), file, open, next, never: Cell::new(0), begun }
    }

    /// When the run began: what was on the target before is not of this run.
    #[must_use]
    pub fn begun(&self) -> Option<jiff::Timestamp> {
        self.begun
    }

    /// Where it is kept.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes down that a resource is about to be created.
    ///
    /// # Errors
    /// The line cannot be written: then the request must not be sent.
    pub fn about_to_create(&self, endpoint: &str, body: &Json) -> io::Result<u64> {
        let (attribute, name) = ["userName", "displayName", "externalId", "name"]
            .into_iter()
            .find_map(|attribute| Some((attribute, body.get(attribute)?.as_str()?)))
            .unwrap_or(("id", ""));
        let number = self.next.replace_with(|n| *n + 1);
        let entry = Entry {
            number,
            endpoint: endpoint.to_owned(),
            attribute: attribute.to_owned(),
            name: name.to_owned(),
            id: None,
        };
        self.write(&Line {
            entry: number,
            endpoint: Some(entry.endpoint.clone()),
            attribute: Some(entry.attribute.clone()),
            name: Some(entry.name.clone()),
            ..Line::default()
        })?;
        self.open.borrow_mut().insert(number, entry);
        Ok(number)
    }

    /// The create was answered: its id.
    ///
    /// # Errors
    /// The line cannot be written.
    pub fn created(&self, number: u64, id: &str) -> io::Result<()> {
        if let Some(entry) = self.open.borrow_mut().get_mut(&number) {
            entry.id = Some(id.to_owned());
        }
        self.write(&Line { entry: number, id: Some(id.to_owned()), ..Line::default() })
    }

    /// The create was refused.
    ///
    /// # Errors
    /// The line cannot be written.
    pub fn refused(&self, number: u64, status: u16) -> io::Result<()> {
        self.forget(number);
        self.write(&Line { entry: number, refused: Some(status), ..Line::default() })
    }

    /// The create was not answered, or with a failure, and nothing of that name is there.
    ///
    /// # Errors
    /// The line cannot be written.
    pub fn never_there(&self, number: u64) -> io::Result<()> {
        self.forget(number);
        self.write(&Line { entry: number, gone: Some(true), ..Line::default() })
    }

    /// Nothing was created.
    fn forget(&self, number: u64) {
        self.open.borrow_mut().remove(&number);
        self.never.set(self.never.get() + 1);
    }

    /// The resource is gone.
    ///
    /// # Errors
    /// The line cannot be written.
    pub fn gone(&self, number: u64) -> io::Result<()> {
        self.open.borrow_mut().remove(&number);
        self.write(&Line { entry: number, gone: Some(true), ..Line::default() })
    }

    /// The entry that a path (`/Users/42`) belongs to.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<Entry> {
        let parts = path.rsplit_once('/');
        let named = |entry: &&Entry| parts == entry.id.as_deref().map(|id| (entry.endpoint.as_str(), id));
        self.open.borrow().values().find(|entry| parts.is_some() && named(entry)).cloned()
    }

    /// Whether an id is of a resource that this run created and that is still there.
    #[must_use]
    pub fn owns(&self, id: &str) -> bool {
        self.open.borrow().values().any(|entry| entry.id.as_deref() == Some(id))
    }

    /// What is or may be there still, the latest first: groups go before their members.
    #[must_use]
    pub fn still_there(&self) -> Vec<Entry> {
        self.open.borrow().values().rev().cloned().collect()
    }

    /// How many resources the run has created, or may have created.
    #[must_use]
    pub fn created_at_most(&self) -> u64 {
        *self.next.borrow() - 1 - self.never.get()
    }

    fn write(&self, line: &Line) -> io::Result<()> {
        write_line(&mut self.file.borrow_mut(), line)
    }
}

fn write_line(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    // One write call a line, unbuffered: a kill leaves whole lines behind.
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn survives_a_kill() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/run.ndjson");
        let ledger = Ledger::create(&path, "run", "http://127.0.0.1:1/scim", jiff::Timestamp::UNIX_EPOCH).unwrap();
        let first = ledger.about_to_create("/Users", &json(r#"{"userName":"a@example.com"}"#)).unwrap();
        ledger.created(first, "u1").unwrap();
        let second = ledger.about_to_create("/Groups", &json(r#"{"displayName":"Team x"}"#)).unwrap();
        ledger.created(second, "g1").unwrap();
        let third = ledger.about_to_create("/Users", &json(r#"{"userName":"b@example.com"}"#)).unwrap();
        ledger.refused(third, 409).unwrap();
        ledger.about_to_create("/Users", &json(r#"{"userName":"c@example.com"}"#)).unwrap();
        assert!(ledger.owns("u1") && !ledger.owns("u2"));
        assert_eq!(ledger.at("/Groups/g1").unwrap().number, second);
        drop(ledger);
        let mut torn = OpenOptions::new().append(true).open(&path).unwrap();
        torn.write_all(b"{\"entry\":5,\"endp").unwrap();
        let (ledger, target) = Ledger::open(&path).unwrap();
        assert_eq!(target, "http://127.0.0.1:1/scim");
        let left: Vec<_> = ledger.still_there().into_iter().map(|e| (e.name, e.id)).collect();
        assert_eq!(
            left,
            [
                ("c@example.com".to_owned(), None),
                ("Team x".to_owned(), Some("g1".to_owned())),
                ("a@example.com".to_owned(), Some("u1".to_owned())),
            ]
        );
    }

    #[test]
    fn refuses_what_is_no_ledger() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, "{}\n").unwrap();
        assert!(Ledger::open(&path).unwrap_err().to_string().starts_with("line 1: not a ledger"));
    }
}
