//! `scimproof baseline`: new and changed answers of a recorded run, to be looked at, accepted or left.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

use super::args::{BaselineArgs, BaselineCommand};
use super::{failed, output, print, retell};
use crate::error::{Error, Exit};
use crate::event::Event;
use crate::report::Style;
use crate::report::text::{clean, count};
use crate::snapshot::{self, Change, store::Store};
use crate::trace::Trace;

pub(super) fn baseline(args: &BaselineArgs) -> Result<Exit, Error> {
    let (BaselineCommand::Diff(of) | BaselineCommand::Accept(of) | BaselineCommand::Review(of)) = &args.command;
    let writes = !matches!(args.command, BaselineCommand::Diff(_));
    if writes {
        only_where_people_look()?;
    }
    let store = Store::new(&of.baseline);
    let mut changes: Vec<(Arc<Trace>, Change)> = Vec::new();
    let mut problem = None;
    retell::tell(&of.transcript, None, &mut |event| {
        let Event::ScenarioEnded(trace, _) = event else { return };
        let name = format!("{}/{}", trace.place.variant, trace.place.scenario);
        if !of.only.is_empty() && !of.only.iter().any(|only| crate::plan::selection::selects(only, &name)) {
            return;
        }
        match snapshot::change(&store, trace) {
            Ok(Some(change)) => changes.push((trace.clone(), change)),
            Ok(None) => {}
            Err(error) => problem = Some(error),
        }
    })?;
    if let Some(error) = problem {
        return Err(Error::Usage(error.to_string()));
    }
    let style = output::style(of.verbose, of.color);
    match &args.command {
        BaselineCommand::Diff(_) => diff(&changes, style),
        BaselineCommand::Accept(_) => accept(&store, &changes),
        BaselineCommand::Review(_) => review(&store, &changes, style),
    }
}

/// Refuses to write a baseline in CI: a job that accepts what it sees checks nothing.
pub(super) fn only_where_people_look() -> Result<(), Error> {
    #[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
    let ci = std::env::var("CI");
    if !ci.is_ok_and(|ci| !matches!(ci.as_str(), "" | "false" | "0")) {
        return Ok(());
    }
    let text = "the variable CI is set, and a baseline is never written in CI; take the transcript of this job home \
                (--report transcript=run.ndjson), look at it with `scimproof baseline review run.ndjson --baseline DIR`, \
                and commit DIR";
    Err(Error::Usage(text.to_owned()))
}

fn diff(changes: &[(Arc<Trace>, Change)], style: Style) -> Result<Exit, Error> {
    for (trace, change) in changes {
        print(&shown(trace, change, style))?;
    }
    print(&format!("{}\n", counted(changes)))?;
    Ok(if changes.is_empty() { Exit::Good } else { Exit::Violations })
}

fn accept(store: &Store, changes: &[(Arc<Trace>, Change)]) -> Result<Exit, Error> {
    for (trace, change) in changes {
        store.write(trace, &change.after).map_err(failed("the baseline"))?;
    }
    print(&format!("{} accepted\n", counted(changes)))?;
    Ok(Exit::Good)
}

fn review(store: &Store, changes: &[(Arc<Trace>, Change)], style: Style) -> Result<Exit, Error> {
    if !std::io::stdin().is_terminal() && !changes.is_empty() {
        print("reading decisions from standard input, one a line: a(ccept), r(eject), s(kip), q(uit)\n")?;
    }
    let mut lines = std::io::stdin().lock().lines();
    let (mut accepted, mut rejected, mut seen) = (0_u64, 0_u64, 0_u64);
    'changes: for (trace, change) in changes {
        print(&shown(trace, change, style))?;
        loop {
            print(&format!("{} of {}: (a)ccept, (r)eject, (s)kip, (q)uit? ", seen + 1, changes.len()))?;
            std::io::stdout().flush().map_err(failed("stdout"))?;
            let Some(line) = lines.next().transpose().map_err(failed("stdin"))? else { break 'changes };
            match line.trim() {
                "a" | "accept" => {
                    store.write(trace, &change.after).map_err(failed("the baseline"))?;
                    accepted += 1;
                }
                "r" | "reject" => rejected += 1,
                "s" | "skip" => {}
                "q" | "quit" => break 'changes,
                _ => continue,
            }
            seen += 1;
            break;
        }
    }
    let left = changes.len() as u64 - accepted - rejected;
    print(&format!("\n{accepted} accepted, {rejected} rejected, {left} left\n"))?;
    Ok(if rejected + left == 0 { Exit::Good } else { Exit::Violations })
}

fn counted(changes: &[(Arc<Trace>, Change)]) -> String {
    let new = changes.iter().filter(|(_, change)| change.before.is_none()).count();
    format!("{new} new, {} changed", changes.len() - new)
}

/// How many lines of a new snapshot are shown.
const LINES: usize = 40;

fn shown(trace: &Trace, change: &Change, style: Style) -> String {
    let name = format!("{} / {}", trace.place.variant, trace.place.scenario);
    let kind = if change.before.is_some() { "changed" } else { "new" };
    let mut out = format!("{}\n", style.bold(&format!("{} ({kind})", clean(&name))));
    let diff = change.diff();
    let limit = if style.verbose || change.before.is_some() { usize::MAX } else { LINES };
    for line in diff.lines().take(limit) {
        let text = clean(line);
        let text = match line.bytes().next() {
            Some(b'-') => style.removed(&text),
            Some(b'+') => style.added(&text),
            _ => text,
        };
        out.push_str(&format!("  {text}\n"));
    }
    let all = diff.lines().count();
    if all > limit {
        out.push_str(&format!("  and {} (--verbose shows them)\n", count((all - limit) as u64, "more line")));
    }
    out + "\n"
}
