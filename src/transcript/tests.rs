use std::io::Cursor;

use super::*;
use crate::event::{Event, Reporter};
use crate::facts::Facts;
use crate::report::Report;
use crate::report::tests::stream;
use crate::trace::{Ending, Trace};
use crate::verdict::Judged;

fn written(events: &[Event]) -> String {
    let mut writer = Writer::new("transcript=-", Vec::new());
    for event in events {
        writer.event(event).unwrap();
    }
    String::from_utf8(writer.into_inner()).unwrap()
}

fn fold(events: &[Event]) -> Report {
    let mut report = Report::default();
    for event in events {
        report.apply(event);
    }
    report
}

fn stale() -> Vec<String> {
    vec!["rfc7644/3.6/gone in acme no longer happens: take it out (an old bug)".to_owned()]
}

fn told_again(text: &str) -> Result<(Report, Replayed), ReadError> {
    let known = stream::judging(&stream::events());
    let cut_off = |trace: &Trace| matches!(&trace.ending, Ending::Undetermined { reason } if reason.contains("killed"));
    let mut judging =
        |trace: &Trace, facts: &Facts| if cut_off(trace) { Judged::default() } else { known(trace, facts) };
    let mut report = Report::default();
    let mut reader = Reader::new(Cursor::new(text), "run.ndjson")?;
    let replayed = replay(&mut reader, &mut judging, &stale, &mut |event| report.apply(event))?;
    Ok((report, replayed))
}

#[test]
fn a_transcript_gives_the_report_of_the_run() {
    let events = stream::events();
    let (report, replayed) = told_again(&written(&events)).unwrap();
    assert_eq!(replayed, Replayed { whole: true, notices: vec![] });
    assert_eq!(report, fold(&events));
    assert_eq!(report.to_text(), fold(&events).to_text());
}

#[test]
fn a_transcript_gives_the_same_transcript() {
    let text = written(&stream::events());
    let judging = stream::judging(&stream::events());
    let mut events = Vec::new();
    let mut reader = Reader::new(Cursor::new(&text), "run.ndjson").unwrap();
    replay(&mut reader, &mut |trace, facts| judging(trace, facts), &stale, &mut |event| events.push(event.clone()))
        .unwrap();
    assert_eq!(written(&events), text);
}

#[test]
fn a_killed_run_is_whole_up_to_its_last_exchange() {
    let text = written(&stream::events());
    // Cut in the middle of the line of an exchange.
    let cut = text.find("Replace").unwrap();
    let (report, replayed) = told_again(&text[..cut]).unwrap();
    assert!(!replayed.whole);
    insta::assert_debug_snapshot!(replayed.notices, @r#"
    [
        "line 12 of the transcript is not whole; it was left out",
        "the transcript has no end: the run was killed",
    ]
    "#);
    assert_eq!(report.end, None);
    assert_eq!(report.exit_class(crate::report::FailOn::Error) as u8, 3);
    // Wherever it is cut behind the first line, it is read: at the ends of lines, and at places of all kinds.
    let first = text.find('\n').unwrap() + 1;
    let ends = text.match_indices('\n').flat_map(|(at, _)| [at, at + 1, at + 2]);
    for end in ends.chain((first..text.len()).step_by(509)).filter(|end| *end >= first && text.is_char_boundary(*end)) {
        told_again(&text[..end]).unwrap();
    }
}

#[test]
fn a_scenario_that_was_cut_off_is_undetermined() {
    let text = written(&stream::events());
    let lines: Vec<_> = text.lines().collect();
    let at = lines.iter().position(|line| line.contains("\"disable-user\"") && line.contains("\"exchange\"")).unwrap();
    let (report, _) = told_again(&format!("{}\n", lines[..=at].join("\n"))).unwrap();
    let disable = &report.matrix()[0].rows[2];
    assert_eq!(
        disable.cells[0],
        crate::report::matrix::Cell::Undetermined("the run was killed before the scenario ended".to_owned())
    );
    assert_eq!(disable.cells[1], crate::report::matrix::Cell::Undetermined("the run ended before".to_owned()));
}

#[test]
fn what_is_no_transcript_is_told_with_its_line() {
    let text = written(&stream::events());
    let first = text.lines().next().unwrap();
    let wrong = |text: &str| told_again(text).err().unwrap().to_string();
    let told = [
        wrong(""),
        wrong("{\"a\":1}\n"),
        wrong("<html>"),
        wrong(&text.replacen("\"scimproof\":1", "\"scimproof\":2", 1)),
        wrong(&first.replace("join = \\\"strip-one\\\"", "join = \\\"glue\\\"")),
        wrong(&format!("{first}\nnonsense\n{{}}\n")),
        wrong(&format!("{first}\n{{\"type\":\"scenario\"}}\n")),
        wrong(&format!("{first}\n{first}\n")),
        wrong(&text.replace("\"origin\":\"client\"", "\"origin\":\"nobody\"")),
        wrong(&text.replace("\"kind\":\"time-out\"", "\"kind\":\"boredom\"")),
        wrong(&text.replace("\"encoding\":\"base64\"", "\"encoding\":\"rot13\"")),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    run.ndjson: line 1: this is not a transcript: it should begin with {"scimproof":1,"type":"run"
    run.ndjson: line 1: this is not a transcript: it should begin with {"scimproof":1,"type":"run"
    run.ndjson: line 1: this is not a transcript: it should begin with {"scimproof":1,"type":"run"
    run.ndjson: line 1: the transcript has format 2, and this version of scimproof reads format 1
    run.ndjson: line 1: the profile `acme` in it cannot be used: acme/profile.toml:11:8: `join` is "glue"
    run.ndjson: line 2: column 2: expected ident
    run.ndjson: line 2: column 19: missing field `ending`
    run.ndjson: line 2: a second line of type `run`
    run.ndjson: line 4: the origin `nobody` is unknown
    run.ndjson: line 14: the failure `boredom` is unknown
    run.ndjson: line 6: the encoding of the body is `rot13`; known is `base64`
    "#);
}

#[test]
fn the_scenarios_that_failed_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ndjson");
    std::fs::write(&path, written(&stream::events())).unwrap();
    let failed = failed_scenarios(&path).unwrap();
    assert_eq!(
        failed,
        [
            "acme:flag=off/create-user",
            "acme:flag=off/disable-user",
            "acme:flag=off/restore-user",
            "acme:flag=off/remove-member"
        ]
    );
    assert!(failed_scenarios(&folder.path().join("none")).unwrap_err().contains("none: "));
}

#[test]
fn lines_fit_the_published_schema() {
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../docs/transcript.schema.json")).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for line in written(&stream::events()).lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let wrong: Vec<_> = validator.iter_errors(&line).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(wrong.is_empty(), "{wrong:#?}\n{line}");
        // What is not described is not written.
        let mut more = line.clone();
        more["surprise"] = serde_json::Value::Null;
        assert!(!validator.is_valid(&more), "{more}");
    }
}
