//! Which watched files changed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::error::Error;
use crate::transport::clock::Clock;

/// How long nothing must change before it counts as one change: an editor and a compiler write several times.
const QUIET: Duration = Duration::from_millis(100);

/// Files and folders that are watched.
pub(super) struct Files {
    changes: UnboundedReceiver<PathBuf>,
    // It watches as long as it lives.
    _watcher: RecommendedWatcher,
}

impl Files {
    /// Watches `paths`, but for what is `written` by the run itself.
    ///
    /// # Errors
    /// A path that is not there or cannot be watched.
    pub(super) fn watch(paths: &[PathBuf], written: &[PathBuf]) -> Result<Self, Error> {
        let wrong = |path: &Path, why: &dyn std::fmt::Display| {
            Error::Usage(format!("--path {}: it cannot be watched: {why}", path.display()))
        };
        let mut wanted = Vec::new();
        for path in paths {
            wanted.push(path.canonicalize().map_err(|error| wrong(path, &error))?);
        }
        let written: Vec<PathBuf> = written.iter().map(|path| absolute(path)).collect();
        let (tell, changes) = unbounded_channel();
        let kept = wanted.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let Ok(event) = event else { return };
            let written_to = !matches!(event.kind, EventKind::Access(_));
            for path in event.paths.into_iter().filter(|path| written_to && counts(path, &kept, &written)) {
                // Nobody listens any more when the command is over.
                let _: Result<(), _> = tell.send(path);
            }
        })
        .map_err(|error| Error::Usage(format!("--path: {error}")))?;
        for (path, given) in wanted.iter().zip(paths) {
            // Editors replace a file by another one: its folder sees that, the file itself is gone.
            let (place, mode) = match path.parent() {
                Some(parent) if path.is_file() => (parent, RecursiveMode::NonRecursive),
                _ => (path.as_path(), RecursiveMode::Recursive),
            };
            watcher.watch(place, mode).map_err(|error| wrong(given, &error))?;
        }
        Ok(Self { changes, _watcher: watcher })
    }

    /// Until something has changed, and then nothing for a moment.
    pub(super) async fn changed(&mut self, clock: &dyn Clock) -> String {
        let Some(first) = self.changes.recv().await else { return std::future::pending().await };
        loop {
            tokio::select! {
                biased;
                Some(_) = self.changes.recv() => {}
                () = clock.sleep(QUIET) => return format!("{} changed", shown(&first)),
            }
        }
    }
}

/// Whether a change of `path` is one of what is watched. The folders of our own files are made by us, too.
fn counts(path: &Path, wanted: &[PathBuf], written: &[PathBuf]) -> bool {
    let ours = written.iter().any(|own| path.starts_with(own) || own.starts_with(path));
    !ours && wanted.iter().any(|wanted| path.starts_with(wanted))
}

/// A path that need not be there yet, as the watcher will tell it.
fn absolute(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut there = whole.as_path();
    let mut missing: Vec<&OsStr> = Vec::new();
    loop {
        if let Ok(known) = there.canonicalize() {
            return missing.iter().rev().fold(known, |path, name| path.join(name));
        }
        let (Some(parent), Some(name)) = (there.parent(), there.file_name()) else { return whole };
        missing.push(name);
        there = parent;
    }
}

fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok().and_then(|here| here.canonicalize().ok());
    let near = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    near.unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock::RealClock;

    #[tokio::test(start_paused = true)]
    async fn several_writes_are_one_change_and_reading_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("profile.toml");
        std::fs::write(&file, "a").unwrap();
        let mut files = Files::watch(&[folder.path().to_owned()], &[folder.path().join("out/report.html")]).unwrap();
        std::fs::read(&file).unwrap();
        std::fs::create_dir(folder.path().join("out")).unwrap();
        std::fs::write(folder.path().join("out/report.html"), "ours").unwrap();
        for text in ["b", "c"] {
            std::fs::write(&file, text).unwrap();
        }
        // Neither our report and its new folder count, nor that a file was read.
        let said = files.changed(&RealClock::new()).await;
        assert!(said.ends_with("/profile.toml changed"), "{said}");
        std::fs::write(folder.path().join("out/report.html"), "ours again").unwrap();
        std::fs::write(&file, "d").unwrap();
        let said = files.changed(&RealClock::new()).await;
        assert!(said.ends_with("/profile.toml changed"), "{said}");
    }

    #[test]
    fn what_is_not_asked_for_or_our_own_does_not_count() {
        let (wanted, written) = (["/a/src".into(), "/a/x".into()], ["/a/src/out".into()]);
        let counts = |path: &str| super::counts(Path::new(path), &wanted, &written);
        assert!(counts("/a/src/main.rs") && counts("/a/x"));
        assert!(!counts("/a/xy") && !counts("/a/src/out/report.html") && !counts("/a/src") && !counts("/b"));
    }
}
