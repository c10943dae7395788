//! Files that people and tools write, with parts of them exchanged: transcripts, recordings, configuration, known
//! deviations, maps. (Profiles are tried where they are read.)

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use scimproof::cli::config;
use scimproof::document::Document;
use scimproof::play::map::Map;
use scimproof::record::import::import;
use scimproof::record::mask::{Masker, Rules};
use scimproof::session::{Bench, Session};
use scimproof::transcript::{Reader, Writer, replay};
use scimproof::verdict::deviation::Deviations;

use super::INTRUDERS;

const HAR: &str = r#"{"log":{"version":"1.2","entries":[
{"startedDateTime":"2026-11-22T10:00:01.5Z","time":12.5,"request":{"method":"POST","url":"https://scim.example.com/v2/Users","headers":[{"name":"Content-Type","value":"application/scim+json"}],"postData":{"mimeType":"application/scim+json","text":"{\"userName\":\"ada@example.com\"}"}},
"response":{"status":201,"statusText":"Created","headers":[],"content":{"size":2,"encoding":"base64","text":"eyJpZCI6IjQ3MTFhYiJ9"}}},
{"startedDateTime":"2026-11-22T10:00:00Z","request":{"method":"GET","url":"https://scim.example.com/v2/Users?filter=userName%20eq%20%22ada%22"},"response":{"status":200}}]}}"#;

const LOG: &str = r#"{"ts":1795334400.5,"method":"post","path":"/scim/v2/Users","request_body":{"userName":"bo@example.com"},"status":201,"response_body":"{\"id\":\"99aa\"}"}
{"time":"2026-11-22T10:00:00Z","request":{"method":"GET","url":"http://h.example.com/scim/v2/Users/99aa","headers":{"Accept":"x"}},"response":{"status":200,"headers":[["ETag","W/\"1\""]],"body":{"id":"99aa"}},"took_ms":7}
"#;

const CONFIG: &str = r#"default = "staging"

[target.staging]
url = "https://scim.example.com/v2"
profiles = ["okta:app=oin", "entra"]
token-env = "SCIM_TOKEN"
report = ["console", "transcript=out/run.ndjson"]
jobs = 2
timeout = "30s"
rate = 500.5
"#;

const DEVIATIONS: &str = r#"
[[deviation]]
check = "rfc7644/3.3/location"
scenario = "okta/create-user"
pointer = "/meta/location"
reason = "the proxy takes it away"
until = "2027-01-01"
"#;

const MAP: &str = r#"
userName = "{given}.{word}"
[user]
drop = ["displayName", "emails.type"]
[user.add]
nickName = "x"
roles = '[{"value":"member"}]'
[user.rename]
title = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division"
"#;

/// What a short run wrote.
static TRANSCRIPT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);
    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let out = Shared::default();
    let session = Session::embedded().profile("okta:app=aiw").only("okta/create-user");
    session.play_with(vec![Box::new(Writer::new("t", out.clone()))]).unwrap();
    let written = out.0.lock().unwrap();
    assert!(written.len() > 1000);
    written.clone()
});

/// A change of a text: from where, how much of it, what comes there.
type Change = (Index, usize, Vec<u8>);

fn change() -> impl Strategy<Value = Change> {
    let json = select(INTRUDERS).prop_map(|text| text.as_bytes().to_vec());
    let signs = "[\\[\\]{}=\"':,.0-9a-z\n ]{0,8}".prop_map(String::into_bytes);
    let bytes = vec(any::<u8>(), 0..6);
    (any::<Index>(), 0usize..12, prop_oneof![3 => json, 3 => signs, 1 => bytes])
}

fn changed(text: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut text = text.to_vec();
    for (at, length, with) in changes {
        let from = at.index(text.len() + 1);
        let to = (from + length).min(text.len());
        text.splice(from..to, with.iter().copied());
    }
    text
}

/// A line of a transcript with the values of some members exchanged, so that it is still JSON.
fn lines_changed(text: &[u8], changes: &[(Index, &str)]) -> Vec<u8> {
    let mut text = String::from_utf8(text.to_vec()).unwrap();
    for (at, intruder) in changes {
        let colons: Vec<usize> = text.match_indices("\":").map(|(at, _)| at + 2).collect();
        let from = colons[at.index(colons.len())];
        let mut values = serde_json::Deserializer::from_str(&text[from..]).into_iter::<serde_json::Value>();
        if let Some(Ok(_)) = values.next() {
            let to = from + values.byte_offset();
            text.replace_range(from..to, intruder);
        }
    }
    text.into_bytes()
}

/// Tells a transcript again, and judges it; what is wrong with it is told in words.
fn told(transcript: Vec<u8>) {
    let mut bench = Bench::default();
    let mut reader = match Reader::new(Cursor::new(transcript), "t.ndjson") {
        Ok(reader) => reader,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    if let Err(error) = replay(&mut reader, &mut |trace, facts| bench.judge(trace, facts), &Vec::new, &mut |_| {}) {
        assert!(error.to_string().contains("t.ndjson"), "{error}");
    }
}

fn with_file<T>(bytes: &[u8], name: &str, read: impl FnOnce(&Path) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read(&path)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    #[test]
    fn transcripts_with_other_bytes(changes in vec(change(), 1..4)) {
        told(changed(&TRANSCRIPT, &changes));
    }

    #[test]
    fn transcripts_with_other_values(changes in vec((any::<Index>(), select(INTRUDERS)), 1..4)) {
        told(lines_changed(&TRANSCRIPT, &changes));
    }

    #[test]
    fn recordings_of_others(changes in vec(change(), 0..4), har in any::<bool>()) {
        let (text, name) = if har { (HAR, "x.har") } else { (LOG, "x.ndjson") };
        with_file(&changed(text.as_bytes(), &changes), name, |path| {
            let masker = Masker::new(Rules::default()).unwrap();
            let out = path.with_file_name("out");
            if let Err(why) = import(&[path.to_owned()], &out, jiff::Timestamp::UNIX_EPOCH, masker) {
                assert!(why.contains(name), "{why}");
            }
        });
    }

    #[test]
    fn configuration(changes in vec(change(), 0..4)) {
        with_file(&changed(CONFIG.as_bytes(), &changes), "scimproof.toml", |path| {
            let args = ["scimproof".into(), "run".into(), "--config".into(), path.as_os_str().to_owned()];
            if let Err(error) = config::expand(args.to_vec()) {
                assert!(!error.to_string().is_empty());
            }
        });
    }

    #[test]
    fn deviations_and_maps(changes in vec(change(), 0..4)) {
        let text = |text: &str| String::from_utf8_lossy(&changed(text.as_bytes(), &changes)).into_owned();
        let deviations = Deviations::parse(Document::new("d.toml", text(DEVIATIONS))).err();
        let map = Map::parse(Document::new("m.toml", text(MAP))).err();
        for problem in deviations.into_iter().chain(map).flatten() {
            prop_assert!(problem.position().0 >= 1 && !problem.to_string().is_empty());
        }
    }
}

/// The files as they are, before anything is exchanged in them.
#[test]
fn the_files_are_read() {
    let mut reader = Reader::new(Cursor::new(TRANSCRIPT.clone()), "t.ndjson").unwrap();
    let mut bench = Bench::default();
    let told = replay(&mut reader, &mut |trace, facts| bench.judge(trace, facts), &Vec::new, &mut |_| {}).unwrap();
    assert!(told.whole && told.notices.is_empty(), "{told:?}");
    Deviations::parse(Document::new("d.toml", DEVIATIONS)).unwrap();
    Map::parse(Document::new("m.toml", MAP)).unwrap();
    for (text, name) in [(HAR, "x.har"), (LOG, "x.ndjson")] {
        with_file(text.as_bytes(), name, |path| {
            let masker = Masker::new(Rules::default()).unwrap();
            let imported =
                import(&[path.to_owned()], &path.with_file_name("out"), jiff::Timestamp::UNIX_EPOCH, masker).unwrap();
            assert_eq!(imported.exchanges.len(), 2);
        });
    }
    with_file(CONFIG.as_bytes(), "scimproof.toml", |path| {
        let args = ["scimproof".into(), "run".into(), "--config".into(), path.as_os_str().to_owned()];
        assert!(config::expand(args.to_vec()).unwrap().len() > 4);
    });
}
