//! The folder of a baseline: `VARIANT/SCENARIO.snap`.

use std::io;
use std::path::{Path, PathBuf};

use crate::trace::Trace;

/// A folder of snapshots.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// Over a folder; it need not be there yet.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn path(&self, trace: &Trace) -> PathBuf {
        // A colon is no good in a file name on every system.
        let variant = trace.place.variant.replace([':', ','], "_");
        self.folder.join(variant).join(format!("{}.snap", trace.place.scenario))
    }

    /// The snapshot of a scenario; `None` when there is none.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(&self, trace: &Trace) -> io::Result<Option<String>> {
        match std::fs::read_to_string(self.path(trace)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(named(&error, &self.path(trace))),
        }
    }

    /// Writes the snapshot of a scenario.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, trace: &Trace, text: &str) -> io::Result<()> {
        let path = self.path(trace);
        let folder = path.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, text)).map_err(|error| named(&error, &path))
    }
}

fn named(error: &io::Error, path: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
