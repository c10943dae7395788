//! Passes the events of a run to all its reports.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::{Book, Make, Options, Report, Spec};
use crate::error::Exit;
use crate::event::{Event, Reporter};

type PageOf = fn(&Report, &Options, &mut dyn Write) -> io::Result<()>;

/// All reports of a run. One that cannot be written is named once, and does not stop the others.
pub struct Fan {
    report: Report,
    options: Options,
    streams: Vec<Box<dyn Reporter>>,
    pages: Vec<(String, PageOf, Box<dyn Write>)>,
    books: Vec<(String, Box<dyn Book>)>,
    failures: Vec<String>,
}

impl Fan {
    /// Opens what `--report` asks for; nothing asked for is the console report. Folders are made as needed, files that are
    /// there are emptied. `stdout` is where reports without a path go.
    ///
    /// # Errors
    /// Everything that is wrong with them, one a line: an unknown format, a file that cannot be written, two reports in
    /// the same place.
    pub fn open(asked: &[String], options: Options, stdout: Box<dyn Write>) -> Result<Self, String> {
        let asked: Vec<&str> =
            if asked.is_empty() { vec!["console"] } else { asked.iter().map(String::as_str).collect() };
        let (mut specs, mut problems): (Vec<Spec>, Vec<String>) = (Vec::new(), Vec::new());
        for text in asked {
            match Spec::parse(text) {
                Ok(spec) => match specs.iter().find(|other| other.path == spec.path) {
                    Some(other) => problems.push(format!("--report {text}: {other} is written to the same place")),
                    None => specs.push(spec),
                },
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            // Nothing is emptied for a run that will not be.
            return Err(problems.join("\n"));
        }
        let mut fan = Self::without_reports(options);
        let mut stdout = Some(stdout);
        for spec in specs {
            let out = match &spec.path {
                Some(path) => create(path),
                None => Ok(stdout.take().unwrap_or_else(|| Box::new(io::sink()))),
            };
            match out {
                Ok(out) => fan.add(&spec, out),
                Err(error) => problems.push(format!("--report {spec}: it cannot be written: {error}")),
            }
        }
        if problems.is_empty() { Ok(fan) } else { Err(problems.join("\n")) }
    }

    /// Only folds the events into a [`Report`].
    #[must_use]
    pub fn without_reports(options: Options) -> Self {
        Self {
            report: Report::default(),
            options,
            streams: Vec::new(),
            pages: Vec::new(),
            books: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// Adds a report that is written to `out`.
    pub fn add(&mut self, spec: &Spec, out: Box<dyn Write>) {
        match spec.format.make {
            Make::Stream(make) => self.streams.push(make(spec.to_string(), out)),
            // A page has a thousand small parts.
            Make::Book(make) => self.books.push((spec.to_string(), make(Box::new(BufWriter::new(out))))),
            Make::Page(render) => self.pages.push((spec.to_string(), render, out)),
        }
    }

    /// Where the list of what was created is kept, once that is known.
    pub fn set_ledger(&mut self, ledger: Option<PathBuf>) {
        self.options.ledger = ledger;
    }

    /// Something that every report made at the end says aloud.
    pub fn notice(&mut self, text: impl Into<String>) {
        self.report.notice(text);
    }

    /// Something happened. The end of the run writes what is made at the end.
    pub fn event(&mut self, event: &Event) {
        self.report.apply(event);
        let failures = &mut self.failures;
        self.streams.retain_mut(|stream| match stream.event(event) {
            Ok(()) => true,
            Err(error) => {
                failures.push(format!("the report {} cannot be written: {error}", stream.name()));
                false
            }
        });
        self.books.retain_mut(|(name, book)| match book.event(event) {
            Ok(()) => true,
            Err(error) => {
                failures.push(format!("the report {name} cannot be written: {error}"));
                false
            }
        });
        if matches!(event, Event::Ended(_)) {
            self.finish();
        }
    }

    /// Writes what is made at the end, unless that was done. To be called when there may have been no event that ends the
    /// run: for a transcript of a run that was killed.
    pub fn finish(&mut self) {
        for (name, render, mut out) in std::mem::take(&mut self.pages) {
            let written = render(&self.report, &self.options, &mut *out).and_then(|()| out.flush());
            self.told(&name, written);
        }
        for (name, mut book) in std::mem::take(&mut self.books) {
            let written = book.finish(&self.report, &self.options);
            self.told(&name, written);
        }
    }

    fn told(&mut self, name: &str, written: io::Result<()>) {
        match written {
            // Whoever read it has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            Err(error) => self.failures.push(format!("the report {name} cannot be written: {error}")),
            Ok(()) => {}
        }
    }

    /// The fold of all events.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Reports that could not be written, with the reason.
    #[must_use]
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// The exit code of the run.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.failures.is_empty() { self.report.exit_class(self.options.fail_on) } else { Exit::Usage }
    }
}

fn create(path: &Path) -> io::Result<Box<dyn Write>> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    Ok(Box::new(File::create(path)?))
}
