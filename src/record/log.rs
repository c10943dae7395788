//! The recording on the disk: a transcript without a profile, one line an exchange, each written as it comes.
//!
//! A disk that is full loses nothing as long as memory lasts: lines wait, and are written when there is room again.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::mask::Masker;
use crate::event::{Event, Reporter, RunInfo};
use crate::exchange::{Exchange, Origin};
use crate::trace::Turn;
use crate::transcript::Writer;

/// Bytes of lines that wait in memory at most.
const MAX_WAITING: usize = 256 * 1024 * 1024;

/// How the files of recordings in a folder are called.
const NAME: &str = "recording";

/// A body as far as it is kept: its beginning, or when it is longer than that its length and digest.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    bytes: Vec<u8>,
    limit: usize,
    total: u64,
    digest: Sha256,
}

impl Kept {
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, total: 0, digest: Sha256::new() }
    }

    pub(super) fn push(&mut self, data: &[u8]) {
        self.total += data.len() as u64;
        self.digest.update(data);
        if self.bytes.len() <= self.limit {
            let room = self.limit + 1 - self.bytes.len();
            self.bytes.extend_from_slice(&data[..data.len().min(room)]);
        }
    }

    /// How long it was.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The body, or the note that stands for it.
    pub(super) fn take(self) -> Result<Vec<u8>, String> {
        if self.total <= self.limit as u64 {
            return Ok(self.bytes);
        }
        let mut digest = String::with_capacity(64);
        for byte in self.digest.finalize() {
            digest.push_str(&format!("{byte:02x}"));
        }
        Err(format!("[{} bytes, SHA-256 {digest}]", self.total))
    }
}

/// An exchange before it is masked; notes stand for bodies that were too long to be kept.
pub(super) struct Passed {
    pub(super) exchange: Exchange,
    pub(super) request_note: Option<String>,
    pub(super) answer_note: Option<String>,
}

/// The recording that is being written.
pub(super) struct Log {
    writer: Writer<Steady>,
    masker: Masker,
    path: PathBuf,
    count: u64,
}

impl Log {
    /// Begins a recording in a folder, which is made if it is not there. `target` is masked.
    pub(super) fn begin(folder: &Path, target: &str, at: jiff::Timestamp, masker: Masker) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let (path, file) = fresh(folder)?;
        let writer = Writer::new(path.display().to_string(), Steady::new(file));
        let mut log = Self { writer, masker, path, count: 0 };
        let target = log.masker.address(target);
        log.writer.event(&Event::Started(Arc::new(info(target, at))))?;
        Ok(log)
    }

    /// Masks and writes an exchange; gives it as it was written.
    pub(super) fn write(&mut self, passed: Passed) -> Arc<Exchange> {
        self.count += 1;
        let mut exchange = self.masker.exchange(Exchange { seq: self.count, ..passed.exchange });
        if let Some(note) = passed.request_note {
            exchange.sent.body = Some(note.into_bytes().into());
        }
        if let (Some(note), Ok(answer)) = (passed.answer_note, &mut exchange.got) {
            answer.body = note.into_bytes();
        }
        let exchange = Arc::new(exchange);
        let turn = Turn { exchange: Arc::clone(&exchange), needs: Vec::new(), went_on: true, at_once: false };
        // It never fails: what cannot be written waits.
        let _: io::Result<()> = self.writer.event(&Event::Exchanged(turn));
        exchange
    }

    /// A target as it may be shown.
    pub(super) fn shown(&mut self, target: &str) -> String {
        self.masker.target(target)
    }

    /// How many exchanges there were.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn masker(&self) -> &Masker {
        &self.masker
    }

    /// News of the disk since it was asked last, in words.
    pub(super) fn news(&mut self) -> Option<String> {
        let steady = self.writer.out_mut();
        steady.write_waiting();
        steady.news(&self.path)
    }

    /// Tries a last time; how many lines could not be written, and how many were dropped before.
    pub(super) fn end(&mut self) -> u64 {
        let steady = self.writer.out_mut();
        steady.write_waiting();
        steady.waiting.len() as u64 + steady.dropped
    }
}

fn info(target: String, at: jiff::Timestamp) -> RunInfo {
    RunInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        run: NAME.to_owned(),
        at,
        target,
        embedded: false,
        seed: 0,
        strict: false,
        read_only: false,
        notices: Vec::new(),
        variants: Vec::new(),
        credentials: Vec::new(),
    }
}

/// An exchange between a client and an endpoint, wherever it was recorded.
pub(super) fn place() -> crate::exchange::Place {
    crate::exchange::Place { variant: String::new(), scenario: String::new(), round: 0, step: String::new() }
}

/// Who asked in a recording.
pub(super) const ORIGIN: Origin = Origin::Client;

/// A file that was not there: `recording.ndjson`, `recording-2.ndjson`, …
fn fresh(folder: &Path) -> io::Result<(PathBuf, File)> {
    for number in 1.. {
        let path = folder.join(if number == 1 { format!("{NAME}.ndjson") } else { format!("{NAME}-{number}.ndjson") });
        match OpenOptions::new().append(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Writes whole lines, and keeps those that the disk does not take.
struct Steady {
    file: File,
    /// How far the file is whole.
    whole: u64,
    waiting: VecDeque<Vec<u8>>,
    bytes: usize,
    dropped: u64,
    trouble: Option<io::Error>,
    told: bool,
}

impl Steady {
    fn new(file: File) -> Self {
        Self { file, whole: 0, waiting: VecDeque::new(), bytes: 0, dropped: 0, trouble: None, told: false }
    }

    fn write_waiting(&mut self) {
        while let Some(line) = self.waiting.front() {
            if let Err(error) = self.file.write_all(line) {
                // Half a line would spoil the next one.
                let _best_effort = self.file.set_len(self.whole);
                self.trouble = Some(error);
                return;
            }
            self.whole += line.len() as u64;
            self.bytes -= line.len();
            self.waiting.pop_front();
        }
        self.trouble = None;
    }

    fn news(&mut self, path: &Path) -> Option<String> {
        match (&self.trouble, self.told) {
            (Some(error), false) => {
                self.told = true;
                Some(format!(
                    "{} cannot be written ({error}); exchanges are kept in memory until it can",
                    path.display()
                ))
            }
            (None, true) => {
                self.told = false;
                Some(format!("{} can be written again", path.display()))
            }
            _ => None,
        }
    }
}

impl Write for Steady {
    /// Takes a whole line, whatever the disk says.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.bytes + line.len() > MAX_WAITING {
            self.dropped += 1;
        } else {
            self.bytes += line.len();
            self.waiting.push_back(line.to_vec());
        }
        self.write_waiting();
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let mut steady = Steady::new(OpenOptions::new().append(true).open("/dev/full").unwrap());
        steady.write_all(b"one\n").unwrap();
        steady.write_all(b"two\n").unwrap();
        assert_eq!(steady.waiting.len(), 2);
        assert!(steady.news(&path).is_some_and(|news| news.contains("cannot be written")));
        assert!(steady.news(&path).is_none(), "it is told once");
        steady.file = OpenOptions::new().append(true).create(true).open(&path).unwrap();
        steady.write_waiting();
        assert!(steady.news(&path).is_some_and(|news| news.contains("again")));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn long_bodies_are_kept_as_length_and_digest() {
        let mut kept = Kept::new(4);
        kept.push(b"ab");
        kept.push(b"cd");
        assert_eq!(kept.clone().take(), Ok(b"abcd".to_vec()));
        kept.push(b"e");
        let note = kept.take().unwrap_err();
        assert!(note.starts_with("[5 bytes, SHA-256 36bbe50ed96841d10443bcb670d6554f"), "{note}");
    }

    #[test]
    fn a_second_recording_has_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["recording.ndjson", "recording-2.ndjson"] {
            assert!(fresh(folder.path()).unwrap().0.ends_with(name));
        }
    }
}
