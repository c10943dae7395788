//! The HTML report, read in headless Chromium as a person would.
//!
//! `tests/browser/install.sh` installs the browser. A test that needs it fails where it is missing; it never skips.

use std::path::{Path, PathBuf};
use std::process::Command;

use scimproof::scim::json::Json;

use super::support::desk::Desk;
use super::support::target::Target;
use super::support::text::transcript;

const RUN: &str = "okta:app=oin entra:flag=off --only okta/create-user --only okta/create-group --only okta/update-name \
                   --only entra/create-user --only entra/disable-user --token-env ACME_TOKEN --settle 0s";

/// Markup, a change of direction, and a value that fills screens, as a target could send them.
fn hostile() -> String {
    let long = "long ".repeat(40_000);
    format!("</script><img src=x onerror=globalThis.owned=1><b class=owned>\u{202e}{long}")
}

/// Forgets Location, answers one create with 200, and says hostile things.
fn bad() -> Target {
    Target::altered(|asked, told| {
        if told.status == 201 {
            told.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("location"));
        }
        if asked.is("POST", "/Users") {
            told.change(|json| {
                if let Some(user) = json.as_object_mut() {
                    user.set("nickName", hostile().into());
                    user.set("active", "yes".into());
                    user.remove("userName");
                }
            });
        }
    })
}

fn browser() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_scimproof")).ancestors().nth(2).expect("the target folder");
    let folder = target.join("browser");
    assert!(folder.join("stamp").is_file(), "{} is not there: run tests/browser/install.sh", folder.display());
    folder
}

/// Reads a report; what the reader saw is told when something is not as it should be.
fn read(mode: &str, report: &Path) -> String {
    let shots = browser().join("shots");
    std::fs::create_dir_all(&shots).expect("a folder");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/read.mjs");
    let read = Command::new("node").arg(script).arg(browser()).arg(mode).arg(report).arg(shots).output();
    let read = read.expect("node starts");
    let text = format!("{}{}", String::from_utf8_lossy(&read.stdout), String::from_utf8_lossy(&read.stderr));
    assert!(read.status.success(), "{text}");
    text
}

#[test]
fn a_reader_finds_everything_in_the_page() {
    let desk = Desk::new().with("ACME_TOKEN", "a-token-that-nobody-may-see");
    let good = Target::conforming();
    let baseline = "--baseline snaps --seed 1";
    desk.say(&format!("run {RUN} {baseline} --update-baseline --target {}", good.url())).exits(0);
    let bad = bad();
    desk.say(&format!("run {RUN} {baseline} --target {} --report html=report.html", bad.url())).exits(1);
    let page = desk.read("report.html");
    assert!(!page.contains("a-token-that-nobody-may-see"));
    read("reader", &desk.path("report.html"));
}

#[test]
fn tap_is_read_by_its_reference_parser() {
    let desk = Desk::new().with("ACME_TOKEN", "a-token-that-nobody-may-see");
    desk.say(&format!("run {RUN} --target {} --report tap=report.tap", bad().url())).exits(1);
    let script = "const { createRequire } = require('node:module'); const fs = require('node:fs'); \
                  const { Parser } = createRequire(process.argv[1] + '/package.json')('tap-parser'); \
                  const parser = new Parser({ strict: true }, (all) => { \
                  console.log(JSON.stringify({ count: all.count, skip: all.skip, fail: all.fail, bailout: all.bailout, \
                  strict: all.failures.filter((f) => f.tapError).map((f) => f.tapError), \
                  checks: all.failures.map((f) => f.diag && f.diag.check) })); }); \
                  parser.end(fs.readFileSync(process.argv[2], 'utf8'));";
    let read = Command::new("node").arg("-e").arg(script).arg(browser()).arg(desk.path("report.tap")).output();
    let read = read.expect("node starts");
    let told = String::from_utf8_lossy(&read.stdout).into_owned();
    let told: Json = Json::parse(told.trim().as_bytes())
        .unwrap_or_else(|error| panic!("{error}: {told}{}", String::from_utf8_lossy(&read.stderr)));
    let number = |name: &str| told.get(name).and_then(Json::as_i64).expect("a number");
    let lines = desk.read("report.tap");
    let tests = lines.lines().filter(|line| line.starts_with("ok ") || line.starts_with("not ok ")).count();
    assert_eq!(usize::try_from(number("count")), Ok(tests));
    assert!(number("fail") > 0 && number("skip") > 0, "{told}");
    assert_eq!(told.get("strict").map(ToString::to_string).as_deref(), Some("[]"));
    assert!(told.get("checks").is_some_and(|checks| checks.to_string().contains("state/active")), "{told}");
}

/// A transcript of many rounds, made of one.
fn repeated(text: &str, wanted: usize) -> String {
    let lines = transcript(text);
    let (mut head, mut rounds, mut end) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        let kind = line.get("type").and_then(Json::as_str).unwrap_or_default();
        let own = line.get("variant").and_then(Json::as_str).is_some_and(|variant| !variant.is_empty());
        match kind {
            "exchange" | "scenario" if own => rounds.push(line),
            "run" | "exchange" | "scenario" if rounds.is_empty() => head.push(line),
            _ => end.push(line),
        }
    }
    let exchanges = rounds.iter().filter(|line| line.get("request").is_some()).count();
    let mut out: Vec<String> = head.iter().map(ToString::to_string).collect();
    for round in 0..wanted.div_ceil(exchanges) {
        for line in &rounds {
            let mut line = line.clone();
            let seq = line.get("seq").and_then(Json::as_i64);
            if let Some(object) = line.as_object_mut() {
                object.set("round", Json::parse(round.to_string().as_bytes()).expect("a number"));
                if let Some(seq) = seq {
                    let number = (round * 100_000).to_string().parse::<i64>().expect("a number") + seq;
                    object.set("seq", Json::parse(number.to_string().as_bytes()).expect("a number"));
                }
            }
            out.push(line.to_string());
        }
    }
    out.extend(end.iter().map(ToString::to_string));
    out.join("\n") + "\n"
}

#[test]
fn ten_thousand_exchanges_open_fast() {
    let desk = Desk::new();
    desk.say("run okta:app=oin --seed 1 --report transcript=one.ndjson").exits(0);
    desk.write("long.ndjson", &repeated(&desk.read("one.ndjson"), 10_000));
    desk.say("report long.ndjson --report html=long.html");
    let told = read("long", &desk.path("long.html"));
    assert!(told.contains("exchanges opened in"), "{told}");
}
