//! How far a run is, on a terminal: scenarios done, how many a second, the time that is left. Nothing in a pipe.

use std::fmt;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::event::Event;
use crate::exchange::Origin;

/// Scenarios a second.
fn rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    // What cannot be shown on a terminal is not shown.
    let _: fmt::Result = write!(out, "{:.1}/s", state.per_sec());
}

/// The line that shows it.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    requests: u64,
}

impl Progress {
    /// For as many scenarios, all rounds counted. Only where somebody looks.
    pub(super) fn new(scenarios: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(scenarios), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{pos} of {len} scenarios, {rate}, {eta} left, {msg}");
            if let Ok(style) = style {
                bar.set_style(style.with_key("rate", rate));
            }
            bar
        });
        Self { bar, requests: 0 }
    }

    /// Something happened; before reports are written the line is gone.
    pub(super) fn event(&mut self, event: &Event) {
        let Some(bar) = &self.bar else { return };
        match event {
            Event::Exchanged(turn) => {
                self.requests += 1;
                let what = if turn.exchange.origin == Origin::CleanUp { "cleaning up, " } else { "" };
                bar.set_message(format!("{what}{} requests", self.requests));
            }
            Event::ScenarioEnded(trace, _) if !trace.place.variant.is_empty() => bar.inc(1),
            Event::Ended(_) => bar.finish_and_clear(),
            _ => {}
        }
    }
}
