//! What others wrote: real servers, each started as a process of its own on a free loopback port.
//!
//! `tests/peers/install.sh` installs them. A test that needs one fails where it is missing; it never skips.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The time a server has to print its base URL.
const START_LIMIT: Duration = Duration::from_mins(1);

/// A running server. It ends when this value is dropped, and, since it reads our pipe, when this process dies.
pub(crate) struct Peer {
    child: Child,
    _input: ChildStdin,
    base_url: String,
}

impl Peer {
    /// The bearer token that every peer accepts.
    pub(crate) const TOKEN: &str = "peer-token-5a1f";

    /// scimmy and scimmy-routers on Express 4, with in-memory handlers of ours.
    pub(crate) fn scimmy() -> Self {
        let folder = installed("scimmy");
        Self::start("scimmy", Command::new("node").arg(folder.join("server.mjs")))
    }

    /// The test server of scim2-server. It speaks HTTP/1.0, one connection a request.
    pub(crate) fn scim2_server() -> Self {
        let folder = installed("scim2-server");
        Self::start("scim2-server", Command::new(folder.join("venv/bin/python")).arg(folder.join("server.py")))
    }

    /// The base URL as the server printed it, without a slash at the end.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Starts a server and waits for its first line, the base URL; what it complains of goes to `target/peers/NAME.log`.
    fn start(name: &str, command: &mut Command) -> Self {
        let log_path = peers_folder().join(format!("{name}.log"));
        let log = OpenOptions::new().create(true).append(true).open(&log_path).expect("the peer's log opens");
        let mut child = command
            .env("SCIM_TOKEN", Self::TOKEN)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let input = child.stdin.take().expect("stdin is piped");
        let output = child.stdout.take().expect("stdout is piped");
        let mut peer = Self { child, _input: input, base_url: String::new() };
        let (sender, first_line) = mpsc::channel();
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut line = String::new();
            let read = output.read_line(&mut line);
            // The receiver is gone when the limit has passed: nobody is left to tell.
            let _ = sender.send(read.map(|_| line));
            // Read on, so that a chatty server never blocks on a full pipe.
            let _ = std::io::copy(&mut output, &mut std::io::sink());
        });
        let line = match first_line.recv_timeout(START_LIMIT) {
            Ok(Ok(line)) if line.starts_with("http://127.0.0.1:") => line,
            other => panic!("{name} printed no base URL but {other:?}; see {}", log_path.display()),
        };
        line.trim_end().clone_into(&mut peer.base_url);
        peer
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Both fail only if the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder that `tests/peers/install.sh` fills: `peers` in the target directory, wherever that is.
fn peers_folder() -> PathBuf {
    // `cargo test` sets this to `TARGET/tmp` for integration tests.
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("peers")
}

pub(crate) fn installed(name: &str) -> PathBuf {
    let folder = peers_folder().join(name);
    assert!(folder.join("stamp").is_file(), "{} is missing: run tests/peers/install.sh first", folder.display());
    folder
}
