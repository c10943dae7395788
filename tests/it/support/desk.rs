//! The binary, run in a folder of its own: nothing of the machine's environment reaches it, and it leaves nothing behind.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// The time a run may take before the test fails instead of hanging.
const LIMIT: Duration = Duration::from_secs(90);

/// A working folder: configuration, reports and ledgers of one test.
pub(crate) struct Desk {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// What a finished run left.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A run that goes on.
pub(crate) struct Running {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

/// Lines as they come, and all of them together.
struct Stream {
    lines: Receiver<String>,
    text: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("tmp")).expect("a folder");
        Self { folder, environment: Vec::new() }
    }

    /// With an environment variable for every run.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("the file is written");
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Every file below a folder of the desk, as text.
    pub(crate) fn files(&self, below: &str) -> Vec<(PathBuf, String)> {
        let mut folders = vec![self.path(below)];
        let mut out = Vec::new();
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for path in entries.map(|entry| entry.expect("an entry").path()) {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).expect("a file");
                    out.push((path, String::from_utf8_lossy(&bytes).into_owned()));
                }
            }
        }
        out.sort();
        out
    }

    /// The ledgers that runs have left.
    pub(crate) fn ledgers(&self) -> Vec<PathBuf> {
        self.files("state").into_iter().chain(self.files("tmp")).map(|(path, _)| path).collect()
    }

    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scimproof"));
        command.args(args).current_dir(self.folder()).env_clear();
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", self.path("home"));
        command.env("LANG", "C.UTF-8").env("XDG_STATE_HOME", self.path("state")).env("TMPDIR", self.path("tmp"));
        command.envs(counting()).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the binary to its end, without a terminal.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ended {
        self.start(args).wait()
    }

    /// Runs with arguments in one line, split at blanks.
    pub(crate) fn say(&self, line: &str) -> Ended {
        self.run(line.split_whitespace())
    }

    pub(crate) fn start<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Running {
        let mut command = self.command(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let stdout = Stream::over(child.stdout.take().expect("a pipe"));
        let stderr = Stream::over(child.stderr.take().expect("a pipe"));
        Running { child, stdout, stderr }
    }
}

impl Stream {
    fn over(from: impl Read + Send + 'static) -> Self {
        let (tell, lines) = channel();
        thread::spawn(move || {
            let mut from = BufReader::new(from);
            let mut line = Vec::new();
            while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                // The test has ended: nobody wants to know.
                let _ = tell.send(String::from_utf8_lossy(&line).into_owned());
                line.clear();
            }
        });
        Self { lines, text: String::new() }
    }

    fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(LIMIT) {
            Ok(line) => {
                self.text.push_str(&line);
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing came within {LIMIT:?}; before: {}", self.text),
        }
    }

    fn rest(&mut self) -> String {
        while self.line().is_some() {}
        std::mem::take(&mut self.text)
    }
}

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line of stdout.
    pub(crate) fn line(&mut self) -> String {
        self.stdout.line().expect("a line").trim_end().to_owned()
    }

    /// Waits until a line of stderr says this.
    pub(crate) fn hears(&mut self, text: &str) {
        loop {
            match self.stderr.line() {
                Some(line) if line.contains(text) => return,
                Some(_) => {}
                None => panic!("{text:?} is not in\n{}", self.stderr.text),
            }
        }
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> Ended {
        let (stdout, stderr) = (self.stdout.rest(), self.stderr.rest());
        let code = self.child.wait().expect("it was started here").code();
        Ended { code, stdout, stderr }
    }

    /// `INT` or `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.id());
        let status = Command::new("sh").args(["-c", &kill]).status().expect("a shell");
        assert!(status.success(), "{kill}");
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) -> Ended {
        self.child.kill().expect("it runs");
        self.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// The exit code is this one; else everything it said is shown.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Wherever its lines are broken.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = self.all().contains(text) || squeezed(&self.all()).contains(&squeezed(text));
        assert!(said, "{text:?} is not in\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn does_not_say(self, text: &str) -> Self {
        assert!(!self.all().contains(text), "{text:?} is in\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Appends to a file, as a test that tears one apart does.
pub(crate) fn append(path: &Path, text: &str) {
    let mut file = std::fs::OpenOptions::new().append(true).open(path).expect("it is there");
    file.write_all(text.as_bytes()).expect("it can be written");
}

/// Where a build that counts coverage leaves its counts: programs need it that get no other variable of ours.
pub(crate) fn counting() -> Option<(&'static str, std::ffi::OsString)> {
    std::env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE", file))
}
