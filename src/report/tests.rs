pub(crate) mod stream;

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;

use super::cause::Standing;
use super::matrix::Cell;
use super::{FORMATS, Fan, Options, Report, Spec, Style, console, junit};
use crate::error::Exit;
use crate::event::{Cut, Event, RunEnd};
use crate::profile::model::Step;
use crate::report::FailOn;
use crate::trace::Trace;

fn report() -> Report {
    fold(&stream::events())
}

fn fold(events: &[Event]) -> Report {
    let mut report = Report::default();
    for event in events {
        report.apply(event);
    }
    report
}

#[test]
fn cells_follow_the_worst_that_matters() {
    let matrix = report().matrix().remove(0);
    let cells: Vec<_> = matrix.rows.iter().map(|row| (row.feature.as_str(), row.cells.clone())).collect();
    let breaks = |why: &str| Cell::Breaks(why.to_owned());
    assert_eq!(
        cells,
        [
            ("connect", vec![Cell::Works, Cell::Works]),
            ("create", vec![Cell::WorksWithWarnings, Cell::Works]),
            ("disable", vec![breaks("people who left keep their access"), Cell::Works]),
            (
                "restore",
                vec![Cell::Undetermined("the set-up of ada failed: no answer within 60 s".to_owned()), Cell::Works]
            ),
            ("delete", vec![Cell::NotPlayed("switched off (delete=off)".to_owned()); 2]),
            ("remove-member", vec![breaks("the group is emptied"), Cell::WorksWithWarnings]),
            ("suspend", vec![Cell::SendsNothing("Acme suspends on its own side only".to_owned()); 2]),
        ]
    );
}

/// The run of [`stream`] with steps that are about another feature than their scenario's.
fn with_parts(parts: &[(&str, &str, &str)]) -> Report {
    let mut profile = Arc::into_inner(stream::profile()).unwrap();
    for (scenario, step, feature) in parts {
        let scenario = profile.scenarios.iter_mut().find(|s| s.id == *scenario).unwrap();
        let scenario = Arc::get_mut(scenario).unwrap();
        if !scenario.steps.iter().any(|s| s.id == *step) {
            let later = Step { id: (*step).to_owned(), ..scenario.steps[0].clone() };
            scenario.steps.push(Step { feature: None, ..later });
        }
        let step = scenario.steps.iter_mut().find(|s| s.id == *step).unwrap();
        step.feature = Some((*feature).to_owned()).filter(|feature| *feature != scenario.feature);
    }
    let profile = Arc::new(profile);
    let mut events = stream::events();
    for event in &mut events {
        match event {
            Event::Started(info) => {
                let info = Arc::get_mut(info).unwrap();
                info.variants.iter_mut().for_each(|variant| variant.profile = Arc::clone(&profile));
            }
            Event::ScenarioEnded(trace, _) => {
                *trace = Arc::new(Trace { profile: Arc::clone(&profile), ..Trace::clone(trace) });
            }
            _ => {}
        }
    }
    fold(&events)
}

#[test]
fn a_step_counts_for_the_feature_that_it_is_about() {
    let report = with_parts(&[
        ("remove-member", "ask", "create"),
        ("disable-user", "ask", "restore"),
        ("disable-user", "later", "disable"),
        ("test-connection", "later", "suspend"),
    ]);
    assert_eq!(report.cell(0, "create"), Cell::Breaks("the group is emptied".to_owned()));
    assert_eq!(report.cell(0, "remove-member"), Cell::Works);
    // The client stops at a step about one feature, and what would come then is about another.
    assert_eq!(report.cell(0, "restore"), Cell::Breaks("people who left keep their access".to_owned()));
    assert_eq!(report.cell(0, "disable"), Cell::Undetermined("the client could not go on after `ask`".to_owned()));
    // What did not come to its turn says nothing.
    assert!(matches!(report.cell(0, "suspend"), Cell::SendsNothing(_)));
    let columns = report.columns();
    let emptied = report.causes().into_iter().find(|cause| cause.rule == "acme/others-stay" && cause.known.is_none());
    let affects = emptied.unwrap().affects(columns);
    assert!(affects[&0].contains(columns[0].feature_title("create").unwrap()), "{affects:?}");
}

#[test]
fn causes_group_what_differs_only_in_values() {
    let report = report();
    let causes = report.causes();
    let told: Vec<_> = causes.iter().map(|c| (c.standing, c.rule.as_str(), c.count, c.known.is_some())).collect();
    assert_eq!(
        told,
        [
            (Standing::Error, "acme/goes-on", 1, false),
            (Standing::Error, "acme/others-stay", 1, false),
            (Standing::Error, "acme/others-stay", 1, true),
            (Standing::Error, "rfc7644/3.3/created-status", 2, false),
            (Standing::Error, "baseline/changed", 1, false),
            (Standing::Warning, "rfc7643/5/schemas", 1, false),
            (Standing::Warning, "compat/slash", 1, false),
            (Standing::Warning, "state/kept", 2, false),
            (Standing::Undetermined, "acme/goes-on", 1, false),
            (Standing::Undetermined, "rfc7643/3.1/modified", 1, false),
            (Standing::Note, "rfc7644/3.3/note", 2, false),
        ]
    );
    assert_eq!((report.errors(), report.warnings(), report.totals.verdicts.known), (5, 4, 1));
}

#[test]
fn memory_does_not_grow_with_the_rounds() {
    let events = stream::events();
    let mut report = fold(&events);
    let scenarios: Vec<_> = events.iter().filter(|event| matches!(event, Event::ScenarioEnded(..))).collect();
    let mut rounds = |number: u32| {
        (0..number).for_each(|_| scenarios.iter().for_each(|event| report.apply(event)));
        (report.causes().len(), format!("{report:?}").len())
    };
    let (few, many) = (rounds(10), rounds(1000));
    // Counts get longer, nothing else does.
    assert!(few.0 == many.0 && many.1 < few.1 + 512, "{few:?} {many:?}");
}

#[test]
fn the_order_of_completion_does_not_show() {
    let mut events = stream::events();
    let text = fold(&events).to_text();
    let ended: Vec<usize> = (0..events.len()).filter(|i| matches!(events[*i], Event::ScenarioEnded(..))).collect();
    for (a, b) in ended.iter().zip(ended.iter().rev()).take(ended.len() / 2) {
        events.swap(*a, *b);
    }
    assert_eq!(fold(&events).to_text(), text);
}

#[test]
fn exit_codes_are_the_first_that_applies() {
    let report = report();
    assert_eq!(report.exit_class(FailOn::Error), Exit::Violations);
    let ended = |report: &Report, cut: Option<Cut>, stale: Vec<String>| {
        let mut report = report.clone();
        let end = report.end.clone().unwrap();
        report.apply(&Event::Ended(RunEnd { cut, stale, ..end }));
        report
    };
    let code = |report: &Report| report.exit_class(FailOn::Error);
    assert_eq!(code(&ended(&report, Some(Cut::Interrupted), vec![])), Exit::Interrupted);
    assert_eq!(code(&ended(&report, Some(Cut::BudgetSpent), vec![])), Exit::Unreachable);
    assert_eq!(code(&ended(&report, Some(Cut::Unreachable("gone".to_owned())), vec![])), Exit::Unreachable);
    assert_eq!(code(&Report::default()), Exit::Unreachable);

    // Only what conforms, then only a stale deviation, then only a left-over.
    let mut events = stream::events();
    events.retain(|event| match event {
        Event::ScenarioEnded(_, judged) => judged.verdicts.is_empty(),
        Event::Judged(_) | Event::CleanedUp(_) => false,
        _ => true,
    });
    let good = ended(&fold(&events), None, vec![]);
    assert_eq!(code(&good), Exit::Good);
    assert_eq!(code(&ended(&good, None, vec!["stale".to_owned()])), Exit::Violations);
    let mut left = good.clone();
    left.clean_up = report.clean_up.clone();
    assert_eq!((code(&left), left.exit_class(FailOn::Warning)), (Exit::Good, Exit::Violations));

    // Stopped after requests that are only inferred: that tells nothing, and a run that tells nothing does not pass.
    let mut stopped = good.clone();
    for played in stopped.scenarios.values_mut() {
        played.stuck_at = Some(("ask".to_owned(), "answered with 501".to_owned()));
        played.whole.undetermined = Some("after `ask`, which is only inferred".to_owned());
    }
    assert_eq!(code(&stopped), Exit::Unreachable);
    events.retain(|event| !matches!(event, Event::ScenarioEnded(..)));
    assert_eq!(code(&ended(&fold(&events), None, vec![])), Exit::Unreachable);
}

fn junit_of(report: &Report) -> String {
    let mut out = Vec::new();
    junit::write(report, &Options::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn snapshot(name: &str, text: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/report");
    insta::with_settings!({snapshot_path => folder, prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, text);
    });
}

fn options(style: Style) -> Options {
    Options { style, ledger: Some("/tmp/ledger.ndjson".into()), ..Options::default() }
}

#[test]
fn the_console_report() {
    snapshot("console", &console::render(&report(), &options(Style::PLAIN)));
}

#[test]
fn the_console_report_with_colours() {
    let style = Style { color: true, unicode: true, width: 72, verbose: true };
    let text = console::render(&report(), &options(style));
    let visible = text.replace('\u{1b}', "ESC");
    snapshot("console-colours", &visible);
}

#[test]
fn the_junit_report() {
    let mut parsed = quick_junit::Report::deserialize_from_str(&junit_of(&report())).unwrap();
    // Its cases follow the catalogue, which grows; they are looked at below.
    let standards = parsed.test_suites.iter().position(|suite| suite.name.as_str() == "rfc").unwrap();
    parsed.test_suites.remove(standards);
    let mut whole = quick_junit::Report::new("scimproof");
    whole.add_test_suites(parsed.test_suites);
    snapshot("junit", &whole.to_string().unwrap());
}

#[test]
fn requirements_are_cases_by_section() {
    let parsed = quick_junit::Report::deserialize_from_str(&junit_of(&report())).unwrap();
    let suite = parsed.test_suites.iter().find(|suite| suite.name.as_str() == "rfc").unwrap();
    let served: std::collections::BTreeSet<_> = crate::check::all().flat_map(|check| check.requirements).collect();
    assert_eq!(suite.test_cases.len(), served.len());
    let of = |id: &str| suite.test_cases.iter().find(|case| case.name.as_str() == id).unwrap();
    assert_eq!(of("RFC7644-3.3-07").classname.as_ref().unwrap().as_str(), "RFC7644.3.3");
    assert_eq!((suite.failures, suite.errors), (1, 1));
    let failed = &of("RFC7644-3.3-07").status;
    assert!(matches!(failed, quick_junit::TestCaseStatus::NonSuccess { .. }), "{failed:?}");
    let reasons: std::collections::BTreeSet<_> = suite
        .test_cases
        .iter()
        .filter_map(|case| match &case.status {
            quick_junit::TestCaseStatus::Skipped { message, .. } => message.as_ref().map(|m| m.as_str().to_owned()),
            _ => None,
        })
        .collect();
    assert!(reasons.contains("not exercised in this run"), "{reasons:?}");
}

#[test]
fn an_empty_report_says_so() {
    assert_eq!(Report::default().to_text().lines().next(), Some("the run did not begin"));
    assert!(quick_junit::Report::deserialize_from_str(&junit_of(&Report::default())).is_ok());
}

fn html() -> String {
    let (_, page) = everything().into_iter().find(|(format, _)| *format == "html").unwrap();
    page
}

#[test]
fn the_page_runs_its_own_script_only() {
    let page = html();
    let scripts: Vec<_> = page.match_indices("<script").map(|(at, _)| &page[at..at + 40]).collect();
    let code = scripts.iter().filter(|tag| !tag.starts_with("<script type=\"application/json\"")).count();
    assert_eq!((code, scripts.len() > 10), (1, true), "{scripts:?}");
    assert_eq!(page.matches("</script>").count(), scripts.len(), "nothing that a target says ends a script");
    assert!(page.contains("script-src &#x27;sha256-") && !page.contains("unsafe-inline"));
    assert!(!page.contains("<b>&amp;]]></b>"), "markup of a target is text");
}

#[test]
fn conversations_are_json_under_their_number() {
    let page = html();
    let json = |id: &str| -> serde_json::Value {
        let (_, rest) = page.split_once(&format!("<script type=\"application/json\" id=\"{id}\">")).unwrap();
        serde_json::from_str(rest.split("</script>").next().unwrap()).unwrap()
    };
    let index = json("index");
    let chunks = index.as_array().unwrap();
    for (at, chunk) in chunks.iter().enumerate() {
        let conversation = json(&format!("c{at}-data"));
        assert_eq!(conversation["scenario"], chunk["scenario"]);
        assert_eq!(conversation["exchanges"].as_array().unwrap().len(), chunk["exchanges"].as_array().unwrap().len());
        assert!(page.contains(&format!("id=\"c{at}\"")), "{chunk}");
    }
    let create = chunks.iter().position(|chunk| chunk["scenario"] == "create-user").unwrap();
    let create = json(&format!("c{create}-data"));
    assert_eq!(create["exchanges"][0]["answer"]["reason"], stream::HOSTILE);
    let finding = &create["findings"][0];
    assert_eq!((&finding["rule"], &finding["place"]["kind"]), (&"rfc7644/3.3/created-status".into(), &"status".into()));
    assert!(page.contains(&format!("id=\"finding-{}\"", finding["cause"].as_str().unwrap())));
    assert_eq!(json("clean-up")["exchanges"].as_array().unwrap().len(), 1);
}

#[test]
fn an_empty_page_says_so() {
    let (out, mut fan) = (Shared::default(), Fan::without_reports(Options::default()));
    fan.add(&Spec::parse("html=-").unwrap(), Box::new(out.clone()));
    fan.finish();
    assert!(text_of(&out).contains("The run did not begin") && text_of(&out).trim_end().ends_with("</html>"));
}

/// A place to write that can be looked at, and that fails when asked to.
#[derive(Clone, Default)]
struct Shared {
    text: Rc<RefCell<Vec<u8>>>,
    full: bool,
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.full {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "no space"));
        }
        self.text.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn text_of(shared: &Shared) -> String {
    String::from_utf8(shared.text.borrow().clone()).unwrap()
}

fn everything() -> Vec<(&'static str, String)> {
    FORMATS
        .iter()
        .map(|format| {
            let (out, mut fan) = (Shared::default(), Fan::without_reports(Options::default()));
            fan.add(&Spec { format, path: None }, Box::new(out.clone()));
            for event in &stream::events() {
                fan.event(event);
            }
            assert_eq!((fan.failures(), fan.exit()), (&[][..], Exit::Violations));
            (format.name, text_of(&out))
        })
        .collect()
}

#[test]
fn no_format_obeys_or_lets_a_target_write_to_the_terminal() {
    for (format, text) in everything() {
        // A transcript is for programs: only what JSON leaves as it is.
        let moves =
            |c: &char| c.is_control() && *c != '\n' || matches!(c, '\u{202e}' | '\u{fffe}') && format != "transcript";
        assert_eq!(text.chars().find(moves), None, "{format}");
        assert!(!text.is_empty() && !text.contains(stream::SECRET), "{format}");
    }
}

#[test]
fn junit_survives_hostile_text() {
    let (_, xml) = everything().into_iter().find(|(format, _)| *format == "junit").unwrap();
    let parsed = quick_junit::Report::deserialize_from_str(&xml).unwrap();
    let create = parsed.test_suites[0]
        .test_cases
        .iter()
        .find(|case| case.name.as_str() == "rfc7644/3.3/created-status")
        .unwrap();
    let quick_junit::TestCaseStatus::NonSuccess { message, .. } = &create.status else { panic!("{create:?}") };
    assert!(message.as_ref().unwrap().as_str().contains("<b>&amp;]]></b>"), "{message:?}");
    assert_eq!(create.classname.as_ref().unwrap().as_str(), "acme:flag=off.create-user");
}

#[test]
fn one_report_that_fails_does_not_stop_the_others() {
    let mut fan = Fan::without_reports(Options::default());
    let (good, bad) = (Shared::default(), Shared { full: true, ..Shared::default() });
    for format in FORMATS {
        fan.add(&Spec { format, path: Some("full".into()) }, Box::new(bad.clone()));
        fan.add(&Spec { format, path: None }, Box::new(good.clone()));
    }
    for event in &stream::events() {
        fan.event(event);
    }
    assert_eq!(fan.exit(), Exit::Usage);
    let mut failures: Vec<_> = fan.failures().iter().map(String::as_str).collect();
    let mut expected: Vec<_> =
        FORMATS.iter().map(|format| format!("the report {}=full cannot be written: no space", format.name)).collect();
    expected.sort();
    failures.sort_unstable();
    assert_eq!(failures, expected);
    let text = text_of(&good);
    assert!(text.contains("\"type\":\"end\"") && text.contains("<testsuites") && text.contains("What breaks"));
}

#[test]
fn wrong_reports_are_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let asked = [
        "pdf".to_owned(),
        "junit".to_owned(),
        "transcript=".to_owned(),
        format!("junit={}", inside("a/b.xml")),
        format!("transcript={}", inside("a/b.xml")),
        format!("transcript={}", inside("file/below")),
        "console".to_owned(),
        "junit=-".to_owned(),
    ];
    let error = Fan::open(&asked, Options::default(), Box::new(io::sink())).err().unwrap();
    let error = error.replace(&folder.path().display().to_string(), "DIR");
    insta::assert_snapshot!(error, @r"
    --report pdf: there is no format `pdf`; expected one of console[=PATH], transcript=PATH, html=PATH, junit=PATH, github=PATH, gitlab=PATH, sarif=PATH, tap=PATH, markdown=PATH, ticket=PATH
    --report junit: expected a path, `junit=PATH`, or `junit=-` for standard output
    --report transcript=: expected a path behind `=`, or `-` for standard output
    --report transcript=DIR/a/b.xml: junit=DIR/a/b.xml is written to the same place
    --report junit=-: console=- is written to the same place
    ");
    // Nothing is created for a run that will not be; what cannot be created is told when everything else is right.
    assert!(!folder.path().join("a").exists());
    let unwritable = [format!("transcript={}", inside("file/below"))];
    let error = Fan::open(&unwritable, Options::default(), Box::new(io::sink())).err().unwrap();
    assert!(error.contains("it cannot be written"), "{error}");
}

#[test]
fn reports_go_where_they_are_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let junit = folder.path().join("out/deep/junit.xml");
    let out = Shared::default();
    let asked = ["console".to_owned(), format!("junit={}", junit.display())];
    let mut fan = Fan::open(&asked, Options::default(), Box::new(out.clone())).unwrap();
    for event in &stream::events() {
        fan.event(event);
    }
    assert!(std::fs::read_to_string(junit).unwrap().starts_with("<?xml"));
    assert_eq!(text_of(&out), fan.report().to_text());
}
