//! A run made by hand, with every kind of outcome, and a target that says hostile things.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::check::{Finding, Location, Severity};
use crate::event::{CleanUp, Credential, Event, LeftOver, RunEnd, RunInfo, VariantInfo};
use crate::exchange::secret::PLACEHOLDER;
use crate::exchange::{Exchange, Failure, FailureKind, Oddity, Origin, Place, Received, Sent};
use crate::facts::Facts;
use crate::profile::model::{BoundNeed, Profile};
use crate::profile::parse;
use crate::scim::json::Json;
use crate::trace::{Ending, Trace, Turn, Unsettled};
use crate::verdict::{ByRule, Judged, Outcome, Tally, Verdict};

/// What a target could say to harm whoever reads a report of it.
pub(crate) const HOSTILE: &str =
    "\u{1b}[31m<b>&amp;]]></b>\u{7}\u{202e}\r\n\"quoted\" 'single' $(id) `id`\u{0}\u{fffe}";

/// What no output may hold.
pub(crate) const SECRET: &str = "s3cr3t-t0ken";

const STATUS_RULE: &str = "rfc7644/3.3/created-status";

pub(crate) fn profile() -> Arc<Profile> {
    let scenario = |number: u32, id: &str, feature: &str, method: &str, breaks: &str| {
        let text = format!(
            "id = \"{id}\"\ntitle = \"Scenario {id}\"\nfeature = \"{feature}\"\nwhy = \"for tests\"\n\n\
             [[step]]\nid = \"ask\"\nevidence = \"documented: DOC\"\nrequest = \"{method} /Users\"\nneeds = [\"others-stay\"]\n\
             breaks = \"{breaks}\"\n"
        );
        (format!("scenarios/{number}-{id}.toml"), text)
    };
    let files = vec![
        ("profile.toml".to_owned(), include_str!("profile.toml").to_owned()),
        scenario(10, "test-connection", "connect", "GET", "nothing can be set up"),
        scenario(20, "create-user", "create", "POST", "nobody is created"),
        scenario(30, "disable-user", "disable", "PATCH", "people who left keep their access"),
        scenario(40, "restore-user", "restore", "PATCH", "people who come back stay locked out"),
        scenario(50, "delete-user", "delete", "DELETE", "accounts pile up"),
        scenario(60, "remove-member", "remove-member", "PATCH", "membership is wrong"),
    ];
    match parse::parse("acme", files) {
        Ok(profile) => Arc::new(profile),
        Err(problems) => panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// The run: its events, with what judging gave for each scenario.
pub(crate) fn events() -> Vec<Event> {
    let mut run = Run { profile: profile(), seq: 0, events: Vec::new() };
    run.start();
    run.discovery();
    for round in 0..2 {
        run.plain("acme:flag=off", "test-connection", round);
        run.create_user(round);
    }
    run.stuck();
    run.set_up_failed();
    run.remove_member("acme:flag=off", None);
    for scenario in ["test-connection", "create-user", "disable-user"] {
        run.plain("acme:flag=on", scenario, 0);
    }
    run.not_known();
    run.remove_member("acme:flag=on", Some("fixed in 4.2"));
    run.end();
    run.events
}

/// Judges as the stream was judged: by what it says of the place.
pub(crate) fn judging(events: &[Event]) -> impl Fn(&Trace, &Facts) -> Judged + use<> {
    let mut known: BTreeMap<Place, Judged> = BTreeMap::new();
    for event in events {
        if let Event::ScenarioEnded(trace, judged) = event {
            let mut judged = Judged::clone(judged);
            judged.verdicts.retain(|verdict| !verdict.rule.starts_with("baseline/"));
            judged.tallies.retain(|rule| !rule.starts_with("baseline/"));
            known.insert(trace.place.clone(), judged);
        }
    }
    move |trace, _| known.get(&trace.place).cloned().unwrap_or_default()
}

struct Run {
    profile: Arc<Profile>,
    seq: u64,
    events: Vec<Event>,
}

fn at(seconds: u64) -> jiff::Timestamp {
    let begin: jiff::Timestamp = "2026-11-22T10:00:00.123456789Z".parse().unwrap();
    begin + Duration::from_secs(seconds)
}

fn place(variant: &str, scenario: &str, round: u32, step: &str) -> Place {
    Place { variant: variant.to_owned(), scenario: scenario.to_owned(), round, step: step.to_owned() }
}

fn received(status: u16, reason: &str, body: &[u8]) -> Received {
    let headers = vec![("content-type".to_owned(), "application/scim+json".to_owned())];
    Received::new(status, reason.to_owned(), headers, body.to_vec(), Vec::new())
}

fn violates(severity: Severity, at: Location, expected: &str, actual: &str) -> Outcome {
    let finding =
        Finding { at, expected: expected.to_owned(), actual: actual.to_owned(), reading: None, requirement: None };
    Outcome::Violates { severity, finding }
}

fn verdict(rule: &str, requirement: Option<&str>, title: &str, exchange: &Exchange, outcome: Outcome) -> Verdict {
    Verdict {
        rule: rule.into(),
        requirement: requirement.map(str::to_owned),
        title: title.to_owned(),
        place: exchange.place.clone(),
        seq: Some(exchange.seq),
        request_id: None,
        outcome,
        breaks: None,
        known: None,
        fix: "Do as the section says.".to_owned(),
    }
}

fn judged(verdicts: Vec<Verdict>, conforming: &[&str]) -> Judged {
    let mut tallies: ByRule<Tally> = ByRule::default();
    for rule in conforming {
        tallies.entry(&(*rule).into()).conforms += 1;
    }
    for verdict in &verdicts {
        tallies.entry(&verdict.rule).add(&verdict.outcome);
    }
    Judged { verdicts, tallies }
}

impl Run {
    fn start(&mut self) {
        let skip = |id: &str| (id == "delete-user").then(|| "switched off (delete=off)".to_owned());
        let variant = |flag: &str| VariantInfo {
            label: format!("acme:flag={flag}"),
            profile: self.profile.clone(),
            settings: vec![("flag".to_owned(), flag.to_owned())],
            scenarios: self.profile.scenarios.iter().map(|s| (s.id.clone(), skip(&s.id))).collect(),
        };
        let info = RunInfo {
            version: "0.1.0".to_owned(),
            run: "kestrel".to_owned(),
            at: at(0),
            target: "https://scim.example.com/scim/v2".to_owned(),
            embedded: false,
            seed: 42,
            strict: false,
            read_only: false,
            notices: vec!["certificates are not checked (--insecure)".to_owned()],
            credentials: vec![Credential::bearer("ACME_TOKEN")],
            variants: vec![variant("off"), variant("on")],
        };
        self.events.push(Event::Started(Arc::new(info)));
    }

    /// An exchange that is told at once.
    fn turn(&mut self, place: Place, sent: (&str, &str, Option<&[u8]>), got: Result<Received, Failure>) -> Turn {
        self.seq += 1;
        let (method, resource, body) = sent;
        let headers =
            [("Host", "scim.example.com"), ("Authorization", PLACEHOLDER), ("Content-Type", "application/scim+json")];
        let ours = ["set-up/", "read-back/", "clean-up/"].iter().any(|ours| place.step.starts_with(ours));
        let origin = match (place.variant.is_empty(), ours) {
            (true, _) => Origin::Discovery,
            (_, true) => Origin::Setup,
            (_, false) => Origin::Client,
        };
        let went_on = got.as_ref().is_ok_and(|answer| answer.status < 300);
        let exchange = Exchange {
            seq: self.seq,
            place,
            origin,
            at: at(self.seq),
            took: Duration::from_nanos(1_234_567),
            sent: Sent {
                method: method.to_owned(),
                target: format!("/scim/v2{resource}"),
                resource: resource.into(),
                headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec(),
                body: body.map(|body| body.to_vec().into()),
            },
            got,
        };
        let turn = Turn { exchange: Arc::new(exchange), needs: Vec::new(), went_on, at_once: false };
        self.events.push(Event::Exchanged(turn.clone()));
        turn
    }

    fn ended(&mut self, place: Place, turns: Vec<Turn>, ending: Ending, judged: Judged) {
        let invented = vec![("ada.quist@example.com".to_owned(), "ada.email".to_owned())];
        let (profile, unsettled) = (self.profile.clone(), Vec::new());
        let trace = Trace { place, profile, turns, ending, unsettled, invented };
        self.events.push(Event::ScenarioEnded(Arc::new(trace), Arc::new(judged)));
    }

    fn discovery(&mut self) {
        let body = br#"{"schemas":[],"patch":{"supported":true},"bulk":{"supported":false}}"#;
        let request = ("GET", "/ServiceProviderConfig", None);
        let turn =
            self.turn(place("", "discovery", 0, "ServiceProviderConfig"), request, Ok(received(200, "OK", body)));
        let facts = Facts::learn([&*turn.exchange]);
        self.events.push(Event::Discovered(Arc::new(facts)));
        let outcome = violates(Severity::Warning, Location::Body("/schemas".to_owned()), "the URN of the schema", "[]");
        let found = verdict(
            "rfc7643/5/schemas",
            Some("RFC7643-5-01"),
            "The configuration names its schema",
            &turn.exchange,
            outcome,
        );
        self.ended(place("", "discovery", 0, ""), vec![turn], Ending::Played, judged(vec![found], &[]));
    }

    fn plain(&mut self, variant: &str, scenario: &str, round: u32) {
        let turn =
            self.turn(place(variant, scenario, round, "ask"), ("GET", "/Users", None), Ok(received(200, "OK", b"{}")));
        self.ended(
            place(variant, scenario, round, ""),
            vec![turn],
            Ending::Played,
            judged(vec![], &["rfc7644/3.1/media-type"]),
        );
    }

    /// RFC errors alone, with ids and places that differ from round to round; what the target says is hostile.
    fn create_user(&mut self, round: u32) {
        let body = br#"{"userName":"ada.quist@example.com","nick":"it's"}"#;
        let own = place("acme:flag=off", "create-user", round, "ask");
        let mut answer = received(200, HOSTILE, b"\xff\xfe not UTF-8");
        answer.headers.push(("x-request-id".to_owned(), HOSTILE.to_owned()));
        answer.oddities = vec![Oddity::BodyCut(16), Oddity::BareLineFeed, Oddity::Malformed(HOSTILE.to_owned())];
        let turn = self.turn(own, ("POST", "/Users?a=[b]", Some(body)), Ok(answer));
        let exchange = &turn.exchange;
        let title = "A created resource is answered with 201 Created";
        let outcome = violates(Severity::Error, Location::Status, "201 Created", &format!("200 {HOSTILE}"));
        let mut status = verdict(STATUS_RULE, Some("RFC7644-3.3-07"), title, exchange, outcome);
        status.request_id = Some(HOSTILE.to_owned());
        let pointer = Location::Body(format!("/emails/{round}/value"));
        let actual = format!("the e-mail address ada.{round}7@example.com and {HOSTILE}");
        let email = verdict(
            "state/kept",
            None,
            "What was written is kept",
            exchange,
            violates(Severity::Warning, pointer, "the address that was sent", &actual),
        );
        let note = verdict(
            "rfc7644/3.3/note",
            None,
            "A note",
            exchange,
            violates(Severity::Note, Location::Wire, "this", "that"),
        );
        let mut changed = verdict(
            "baseline/changed",
            None,
            "The answers are those of the baseline",
            exchange,
            violates(
                Severity::Error,
                Location::Body(String::new()),
                "what the baseline holds",
                "@@ -1 +1 @@\n-201\n+200\n",
            ),
        );
        changed.seq = None;
        let verdicts = if round == 0 { vec![status, email, note, changed] } else { vec![status, email, note] };
        self.ended(
            place("acme:flag=off", "create-user", round, ""),
            vec![turn],
            Ending::Played,
            judged(verdicts, &["rfc7644/3.1/media-type"]),
        );
    }

    /// The client cannot go on.
    fn stuck(&mut self) {
        let own = place("acme:flag=off", "disable-user", 0, "ask");
        let body = br#"{"Operations":[{"op":"Replace","path":"active","value":"False"}]}"#;
        let turn = self.turn(own, ("PATCH", "/Users/4711", Some(body)), Ok(received(501, "Not Implemented", b"")));
        let reason = "PATCH /Users/4711 was answered with 501".to_owned();
        let mut found = verdict(
            "acme/goes-on",
            None,
            "Acme ID can go on after every answer",
            &turn.exchange,
            violates(Severity::Error, Location::Status, "2xx", "501 Not Implemented"),
        );
        found.breaks = Some("people who left keep their access".to_owned());
        let ending = Ending::Stuck { step: "ask".to_owned(), reason };
        self.ended(place("acme:flag=off", "disable-user", 0, ""), vec![turn], ending, judged(vec![found], &[]));
    }

    fn set_up_failed(&mut self) {
        let own = place("acme:flag=off", "restore-user", 0, "set-up/ada");
        let failure =
            Failure { kind: FailureKind::TimeOut, detail: "no answer within 60 s".to_owned(), answer_begun: true };
        let turn = self.turn(own, ("POST", "/Users", Some(b"{}")), Err(failure));
        let reason = "the set-up of ada failed: no answer within 60 s".to_owned();
        let mut unknown = verdict(
            "acme/goes-on",
            None,
            "Acme ID can go on after every answer",
            &turn.exchange,
            Outcome::Undetermined(reason.clone()),
        );
        unknown.seq = None;
        let ending = Ending::Undetermined { reason };
        self.ended(place("acme:flag=off", "restore-user", 0, ""), vec![turn], ending, judged(vec![unknown], &[]));
    }

    /// What the client needs is not there.
    fn remove_member(&mut self, variant: &str, known: Option<&str>) {
        let body = br#"{"Operations":[{"op":"Remove","path":"members[value eq \"7\"]"}]}"#;
        let own = place(variant, "remove-member", 0, "ask");
        let mut turn =
            self.turn(own, ("PATCH", "/Groups/12", Some(body)), Ok(received(200, "OK", br#"{"id":"12","n":1.0}"#)));
        let bound = |id: &str, value| BoundNeed { id: id.to_owned(), value };
        turn.needs = vec![
            bound("others-stay", Some(Json::parse(br#"{"n":1.0,"n":2e3}"#).unwrap())),
            bound("others-stay", Some(Json::Null)),
            bound("others-stay", None),
        ];
        // The stream tells the turn as it is judged.
        self.events.pop();
        self.events.push(Event::Exchanged(turn.clone()));
        let outcome = violates(Severity::Error, Location::Body("/members".to_owned()), "not empty", "absent");
        let mut found =
            verdict("acme/others-stay", None, "Acme ID finds the other members in the group", &turn.exchange, outcome);
        found.breaks = Some("the group is emptied".to_owned());
        found.known = known.map(str::to_owned);
        let invented = Vec::new();
        let changes = vec![("title".to_owned(), Json::Null, None), ("n".to_owned(), Json::from("x"), Some(Json::Null))];
        let unsettled = vec![Unsettled { step: "ask".to_owned(), seq: Some(self.seq), changes }];
        let judged = judged(vec![found], &[STATUS_RULE]);
        let (place, profile) = (place(variant, "remove-member", 0, ""), self.profile.clone());
        let trace = Trace { place, profile, turns: vec![turn], ending: Ending::Played, unsettled, invented };
        self.events.push(Event::ScenarioEnded(Arc::new(trace), Arc::new(judged)));
    }

    /// A check of the standard cannot know; the feature works all the same.
    fn not_known(&mut self) {
        let own = place("acme:flag=on", "restore-user", 0, "ask");
        let turn = self.turn(own, ("PATCH", "/Users/9", Some(b"{}")), Ok(received(204, "No Content", b"")));
        let why = "both answers tell the same second".to_owned();
        let unknown = verdict(
            "rfc7643/3.1/modified",
            Some("RFC7643-3.1-31"),
            "A change moves lastModified",
            &turn.exchange,
            Outcome::Undetermined(why),
        );
        self.ended(
            place("acme:flag=on", "restore-user", 0, ""),
            vec![turn],
            Ending::Played,
            judged(vec![unknown], &[]),
        );
    }

    fn end(&mut self) {
        let nowhere = Exchange {
            seq: 0,
            place: place("", "", 0, ""),
            origin: Origin::Client,
            at: at(0),
            took: Duration::ZERO,
            sent: Sent {
                method: String::new(),
                target: String::new(),
                resource: "".into(),
                headers: vec![],
                body: None,
            },
            got: Ok(received(200, "OK", b"")),
        };
        let outcome = violates(Severity::Warning, Location::Status, "the answer of /Users", "404 for //Users");
        let mut slash = verdict("compat/slash", None, "A doubled slash is one slash", &nowhere, outcome);
        slash.seq = None;
        self.events.push(Event::Judged(Arc::new(judged(vec![slash], &[]))));
        let sweep =
            self.turn(place("", "", 0, "clean-up/3"), ("DELETE", "/Users/3", None), Ok(received(405, "Nope", b"")));
        let sweep = Turn {
            exchange: Arc::new(Exchange { origin: Origin::CleanUp, ..Exchange::clone(&sweep.exchange) }),
            ..sweep
        };
        self.events.pop();
        self.events.push(Event::Exchanged(sweep));
        let left = LeftOver {
            path: "/Users/3".to_owned(),
            name: HOSTILE.to_owned(),
            reason: "DELETE was answered with 405".to_owned(),
        };
        self.events.push(Event::CleanedUp(CleanUp { created: 4, removed: 3, kept: 0, left_over: vec![left] }));
        self.events.push(Event::Ended(RunEnd {
            at: at(20),
            took: Duration::from_nanos(20_123_456_789),
            requests: self.seq,
            refused: 0,
            cut: None,
            stale: vec!["rfc7644/3.6/gone in acme no longer happens: take it out (an old bug)".to_owned()],
        }));
    }
}
