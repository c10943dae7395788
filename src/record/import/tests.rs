use super::*;
use crate::record::mask::Rules;

fn imported(files: &[(&str, &str)]) -> Result<(Imported, String), String> {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        paths.push(path);
    }
    let masker = Masker::new(Rules::default()).unwrap();
    let imported = import(&paths, &folder.path().join("out"), jiff::Timestamp::UNIX_EPOCH, masker)
        .map_err(|error| error.replace(&folder.path().display().to_string(), "DIR"))?;
    let written = std::fs::read_to_string(&imported.path).unwrap();
    Ok((imported, written))
}

const HAR: &str = r#"{"log":{"version":"1.2","_custom":1,"entries":[
{"startedDateTime":"2026-11-22T10:00:01.5Z","time":"12.5","request":{"method":"POST","url":"https://scim.acme.com/t/v2/Users","headers":[{"name":":authority","value":"scim.acme.com"},{"name":"Content-Type","value":"application/scim+json"}],"postData":{"mimeType":"application/scim+json","text":"{\"userName\":\"ada@acme.com\"}"}},
"response":{"status":"201","statusText":"Created","headers":[],"content":{"size":2.0,"encoding":"base64","text":"eyJpZCI6IjQ3MTFhYiIsInVzZXJOYW1lIjoiYWRhQGFjbWUuY29tIn0="}}},
{"startedDateTime":"2026-11-22T10:00:00Z","request":{"method":"GET","url":"https://scim.acme.com/t/v2/Users?filter=userName%20eq%20%22ada%40acme.com%22"},"response":{"status":200}},
{"request":{"method":"GET","url":"https://scim.acme.com/favicon.ico"},"response":{"status":200}},
{"request":{"method":"PATCH","url":"https://scim.acme.com/t/v2/Users/1"},"response":{"status":200}},
{"nonsense":true}]}}"#;

#[test]
fn a_har_file_is_read_entry_by_entry() {
    let (imported, written) = imported(&[("x.har", HAR)]).unwrap();
    let told: Vec<_> = imported.exchanges.iter().map(|e| format!("{} {}", e.sent.method, e.sent.path())).collect();
    assert_eq!(told, ["GET /Users", "POST /Users"], "in the order of time");
    let created = &imported.exchanges[1];
    assert_eq!((created.status(), created.took.as_micros()), (Some(201), 12_500));
    assert!(
        created
            .answer()
            .and_then(|json| json.get("userName"))
            .and_then(Json::as_str)
            .unwrap()
            .ends_with("@example.com")
    );
    assert!(!written.contains("acme") && !written.contains(":authority"), "{written}");
    let notes = imported.notes.join("\n");
    for note in [
        "1 x a request that is none of SCIM",
        "1 x a write without its body",
        "1 x an entry without a method or a URL",
        "1 x an answer without its body",
    ] {
        assert!(notes.contains(note), "{note}: {notes}");
    }
}

#[test]
fn lines_of_json_are_read_under_the_names_that_logs_use() {
    let log = r#"{"ts":1795334400.5,"method":"post","path":"/scim/v2/Users","request_body":{"userName":"bo@acme.com"},"status":201,"response_body":"{\"id\":\"99aa\"}"}
{"time":"2026-11-22T10:00:00Z","request":{"method":"GET","url":"http://h.acme.com/scim/v2/Users/99aa","headers":{"Accept":"x"}},"response":{"status":200,"headers":[["ETag","W/\"1\""]],"body":{"id":"99aa"}},"took_ms":7}
not a request
"#;
    let (imported, written) = imported(&[("x.ndjson", log)]).unwrap();
    assert_eq!(imported.exchanges.len(), 2);
    assert!(imported.exchanges.iter().any(|e| e.took.as_millis() == 7 && e.sent.headers.len() == 1));
    assert!(!written.contains("acme") && written.contains("@example.com"), "{written}");
    assert!(imported.notes.join("\n").contains("1 x a line that is no request"));
}

#[test]
fn a_combined_log_says_that_it_holds_no_bodies() {
    let log = r#"10.0.0.7 - - [22/Nov/2026:10:00:00 +0100] "GET /scim/v2/Users?startIndex=1&count=100 HTTP/1.1" 200 130 "-" "Okta SCIM Client 1.0.0"
10.0.0.7 - - [22/Nov/2026:10:00:01 +0100] "POST /scim/v2/Users HTTP/1.1" 201 130 "-" "Okta SCIM Client 1.0.0"
"#;
    let (imported, _) = imported(&[("access.log", log)]).unwrap();
    assert_eq!(imported.exchanges.len(), 1);
    assert_eq!(imported.exchanges[0].at.to_string(), "2026-11-22T09:00:00Z");
    assert_eq!(imported.exchanges[0].sent.headers, [("User-Agent".to_owned(), "Okta SCIM Client 1.0.0".to_owned())]);
    let notes = imported.notes.join("\n");
    assert!(notes.contains("this log holds no bodies") && notes.contains("an answer without its body"), "{notes}");
}

#[test]
fn what_is_none_of_them_is_said() {
    assert!(imported(&[("x", "")]).unwrap_err().contains("DIR/x: the file is empty"));
    let error = imported(&[("x", "<xml/>\n")]).unwrap_err();
    assert!(error.contains("DIR/x: line 1: this is no HAR file"), "{error}");
    for half in ["{\"log\": {\n\"version\":", "{\"log\":{\"entries\":[{\"request"] {
        assert!(imported(&[("x", half)]).unwrap_err().contains("DIR/x: this begins like a HAR file"), "{half}");
    }
    let torn = "{\"scimproof\":9,\"type\":\"run\"}\n";
    assert!(imported(&[("x", torn)]).unwrap_err().contains("format 9"));
}
