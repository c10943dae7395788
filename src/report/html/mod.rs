//! The report as one HTML page that needs no network: the answer first, then findings by cause, then every scenario as a
//! conversation.
//!
//! Conversations are written as the run goes, as JSON in script elements that the browser only reads when somebody looks
//! at one; so neither this writer nor the page grows slow with the number of exchanges. What a manager or a reviewer reads
//! is plain HTML behind them, and stays readable without scripts.

mod data;
mod requirements;
mod view;

use std::io::{self, Write};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Book, Options, Report};
use crate::event::{Event, RunInfo};
use crate::exchange::{Exchange, Origin};
use crate::trace::Trace;
use crate::verdict::Judged;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const OPEN: &str = include_str!("open.html");
const PAGE: &str = include_str!("page.html");

/// Above this number of exchanges only the first round of a scenario is kept, and rounds with a finding.
const ENOUGH: usize = 20_000;

/// Requests of the final clean-up that are kept.
const SWEPT: usize = 200;

/// A page that is being written.
pub struct Page {
    out: Box<dyn Write>,
    info: Option<Arc<RunInfo>>,
    chunks: Vec<Chunk>,
    exchanges: usize,
    left_out: u64,
    swept: Vec<Arc<Exchange>>,
}

/// One conversation in the page.
#[derive(Debug, Serialize)]
struct Chunk {
    variant: String,
    scenario: String,
    round: u32,
    exchanges: Vec<u64>,
    took_ms: u128,
}

impl Page {
    /// A page that goes to `out`.
    #[must_use]
    pub fn new(out: Box<dyn Write>) -> Self {
        Self { out, info: None, chunks: Vec::new(), exchanges: 0, left_out: 0, swept: Vec::new() }
    }

    fn open(&mut self, info: Arc<RunInfo>) -> io::Result<()> {
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
            digest(STYLE),
            digest(SCRIPT)
        );
        let head = Head { target: super::text::clean(&info.target), policy, style: STYLE };
        self.info = Some(info);
        let text = render("open.html", OPEN, &head)?;
        self.out.write_all(text.as_bytes())
    }

    fn conversation(&mut self, trace: &Trace, judged: &Judged) -> io::Result<()> {
        let Some(info) = self.info.clone() else { return Ok(()) };
        let finding = judged.verdicts.iter().any(data::is_finding);
        if self.exchanges > ENOUGH && trace.place.round > 0 && !(finding && trace.place.round < 10) {
            self.left_out += 1;
            return Ok(());
        }
        self.exchanges += trace.turns.len();
        let took = trace.turns.iter().map(|turn| turn.exchange.took.as_millis()).sum();
        let chunk = Chunk {
            variant: trace.place.variant.clone(),
            scenario: trace.place.scenario.clone(),
            round: trace.place.round,
            exchanges: trace.turns.iter().map(|turn| turn.exchange.seq).collect(),
            took_ms: took,
        };
        let id = format!("c{}-data", self.chunks.len());
        self.chunks.push(chunk);
        let conversation = data::conversation(&info, trace, judged);
        self.embed(&id, &conversation)
    }

    /// JSON that the page finds under an id.
    fn embed(&mut self, id: &str, value: &impl Serialize) -> io::Result<()> {
        let json = data::harmless(&serde_json::to_string(value)?);
        writeln!(self.out, "<script type=\"application/json\" id=\"{id}\">{json}</script>")
    }
}

impl Book for Page {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Started(info) => self.open(info.clone()),
            Event::ScenarioEnded(trace, judged) => self.conversation(trace, judged),
            Event::Exchanged(turn) => {
                let exchange = &turn.exchange;
                let swept = exchange.origin == Origin::CleanUp && exchange.place.scenario.is_empty();
                if swept && self.swept.len() < SWEPT {
                    self.swept.push(exchange.clone());
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn finish(&mut self, report: &Report, _: &Options) -> io::Result<()> {
        if self.info.is_none() {
            self.open(Arc::default())?;
        }
        let info = self.info.clone().unwrap_or_default();
        for cause in report.causes() {
            if let Some(example) = &cause.example {
                let example = data::example(&info, cause, example);
                self.embed(&format!("x-{}", cause.id), &example)?;
            }
        }
        let swept = std::mem::take(&mut self.swept);
        self.embed("clean-up", &data::swept(&info, &swept))?;
        let chunks = std::mem::take(&mut self.chunks);
        self.embed("index", &chunks)?;
        let view = view::View::new(report, &chunks, self.left_out);
        let text = render("page.html", PAGE, &view)?;
        self.out.write_all(text.as_bytes())?;
        write!(self.out, "<script>{SCRIPT}</script>\n</body>\n</html>\n")?;
        self.out.flush()
    }
}

#[derive(Serialize)]
struct Head<'a> {
    target: String,
    policy: String,
    style: &'a str,
}

/// What a content security policy calls an inline text.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

fn render(name: &str, template: &str, values: &impl Serialize) -> io::Result<String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template(name, template).map_err(io::Error::other)?;
    let template = environment.get_template(name).map_err(io::Error::other)?;
    template.render(Value::from(Serde(values))).map_err(io::Error::other)
}
