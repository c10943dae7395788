use std::collections::BTreeSet;

use pulldown_cmark::{Event as Token, Options as Flavour, Parser, Tag};
use serde_json::Value;

use super::*;
use crate::report::tests::stream;
use crate::report::{FORMATS, Make, Options};

fn report() -> Report {
    let mut report = Report::default();
    for event in stream::events() {
        report.apply(&event);
    }
    report
}

fn written(name: &str, report: &Report) -> String {
    let format = FORMATS.iter().find(|format| format.name == name).unwrap();
    let Make::Page(write) = format.make else { panic!("{name} is no page") };
    let mut out = Vec::new();
    write(report, &Options::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn valid(schema: &str, text: &str) -> Value {
    let mut schema: Value = serde_json::from_str(schema).unwrap();
    // As published it holds a pattern that is no regular expression: for the language of a run, which is not written here.
    for of in ["run", "toolComponent"] {
        if let Some(language) = schema.pointer_mut(&format!("/definitions/{of}/properties/language")) {
            language.as_object_mut().unwrap().remove("pattern");
        }
    }
    let instance: Value = serde_json::from_str(text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(&instance).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    instance
}

#[test]
fn annotations_are_commands_of_one_line() {
    let text = written("github", &report());
    insta::with_settings!({ snapshot_path => "../../../snapshots/report", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("github", text);
    });
    for line in text.lines() {
        let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        assert!(["error ", "warning ", "notice "].iter().any(|kind| head.starts_with(kind)), "{line}");
        assert!(!message.is_empty() && !line.contains('\r'), "{line}");
    }
}

#[test]
fn only_as_many_annotations_as_are_shown() {
    let mut report = report();
    let events = stream::events();
    let (trace, judged) = events
        .iter()
        .find_map(|event| match event {
            crate::event::Event::ScenarioEnded(trace, judged) if !judged.verdicts.is_empty() => Some((trace, judged)),
            _ => None,
        })
        .unwrap();
    for number in 0..20 {
        let mut judged = crate::verdict::Judged::clone(judged);
        judged.verdicts[0].rule = format!("acme/rule-{number}").as_str().into();
        report.apply(&crate::event::Event::ScenarioEnded(trace.clone(), judged.into()));
    }
    let text = written("github", &report);
    let warnings: Vec<_> = text.lines().filter(|line| line.starts_with("::warning ")).collect();
    assert_eq!(warnings.len(), 10);
    assert!(warnings[9].contains("more causes of this kind"), "{warnings:?}");
}

#[test]
fn code_quality_is_what_gitlab_reads() {
    let issues =
        valid(include_str!("../../../fixtures/schemas/gitlab-code-quality.json"), &written("gitlab", &report()));
    let issues = issues.as_array().unwrap();
    let severities: Vec<_> = issues.iter().map(|issue| issue["severity"].as_str().unwrap()).collect();
    assert_eq!(severities, ["critical", "critical", "major", "major", "minor", "minor", "minor"]);
    let prints: BTreeSet<_> = issues.iter().map(|issue| issue["fingerprint"].as_str()).collect();
    assert_eq!(prints.len(), issues.len());
    assert_eq!(issues[0]["location"]["path"], "scim/acme_flag=off/disable-user");
}

#[test]
fn code_scanning_follows_its_schema() {
    let log = valid(include_str!("../../../fixtures/schemas/sarif-2.1.0.json"), &written("sarif", &report()));
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let mut levels: Vec<_> = results.iter().map(|result| result["level"].as_str().unwrap()).collect();
    levels.dedup();
    assert_eq!(levels, ["error", "warning", "none"]);
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[rule]["id"], result["ruleId"]);
    }
    let known: Vec<_> = results.iter().filter(|result| result.get("suppressions").is_some()).collect();
    assert_eq!((known.len(), &known[0]["suppressions"][0]["justification"]), (1, &"fixed in 4.2".into()));
    let created = rules.iter().find(|rule| rule["id"] == "rfc7644/3.3/created-status").unwrap();
    assert_eq!(created["helpUri"], "https://www.rfc-editor.org/rfc/rfc7644.html#section-3.3");
}

#[test]
fn a_test_is_a_scenario() {
    let text = written("tap", &report());
    insta::with_settings!({ snapshot_path => "../../../snapshots/report", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("tap", text);
    });
}

/// Nothing that a target says becomes markup.
#[test]
fn markdown_holds_no_markup_but_ours() {
    for name in ["markdown", "ticket"] {
        let text = written(name, &report());
        let (mut tables, mut links, mut raw) = (0, Vec::new(), BTreeSet::new());
        for token in Parser::new_ext(&text, Flavour::ENABLE_TABLES) {
            match token {
                Token::Start(Tag::Table(columns)) => {
                    assert_eq!(columns.len(), 4);
                    tables += 1;
                }
                Token::Start(Tag::Link { dest_url, .. }) => links.push(dest_url.to_string()),
                Token::Start(Tag::Image { dest_url, .. }) => panic!("{name}: an image {dest_url}"),
                Token::Html(html) | Token::InlineHtml(html) => {
                    raw.extend(html.split('>').filter_map(|part| part.rsplit_once('<')).map(|(_, tag)| tag.to_owned()));
                }
                _ => {}
            }
        }
        let ours: &[&str] =
            if name == "markdown" { &["/code", "/details", "/summary", "code", "details", "summary"] } else { &[] };
        assert_eq!(raw.iter().map(String::as_str).collect::<Vec<_>>(), ours, "{name}");
        assert_eq!(tables, usize::from(name == "markdown"));
        assert!(
            !links.is_empty() && links.iter().all(|link| link.starts_with("https://www.rfc-editor.org/")),
            "{links:?}"
        );
        insta::with_settings!({ snapshot_path => "../../../snapshots/report", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, text);
        });
    }
}

#[test]
fn code_spans_cannot_be_left() {
    let mut report = report();
    report.run.as_mut().unwrap().target = "https://`x``y".to_owned();
    let text = written("ticket", &report);
    assert!(text.starts_with("# SCIM: ```https://`x``y```\n"), "{text}");
}
