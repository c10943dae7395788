//! Create, read, replace, patch, delete; heads and errors.

use super::*;

#[test]
fn a_user_is_created_read_changed_and_deleted() {
    let mut desk = Desk::new();
    let body =
        format!(r#"{{{USER},"userName":"Ada@example.com","name":{{"givenName":"Ada"}},"password":"t1meMa$hine"}}"#);
    let created = desk.write("POST /Users", &body);
    assert_eq!(created.status, 201);
    let user = created.body.clone().unwrap();
    let path = format!("/Users/{}", id(&user));
    assert_eq!(header(&created, "location"), Some(&*format!("http://scim.example.com/scim/v2{path}")));
    assert_eq!(text(&user, "/meta/created"), text(&user, "/meta/lastModified"));
    assert_eq!(text(&user, "/meta/resourceType"), "User");
    assert_eq!(user.get("active"), Some(&Json::Bool(true)));
    assert_eq!(desk.ok(&format!("GET {path}"), "", 200), user);

    let put =
        desk.ok(&format!("PUT {path}"), &format!(r#"{{{USER},"userName":"ada@example.com","title":"Countess"}}"#), 200);
    assert_eq!((text(&put, "/userName"), text(&put, "/title")), ("ada@example.com", "Countess"));
    assert_eq!(put.get("name"), None);
    assert!(text(&put, "/meta/lastModified") > text(&put, "/meta/created"));
    assert_ne!(text(&put, "/meta/version"), text(&user, "/meta/version"));

    let patched = desk.patch(&path, r#"{"op":"replace","path":"active","value":false}"#);
    assert_eq!(patched.get("active"), Some(&Json::Bool(false)));
    assert_eq!(desk.found("/Users?filter=userName+eq+%22ADA@example.com%22").1, 1);

    assert_eq!(desk.ok(&format!("DELETE {path}"), "", 204), Json::Null);
    for line in ["GET", "PUT", "PATCH", "DELETE"] {
        desk.refused(&format!("{line} {path}"), &format!(r#"{{{USER},"userName":"x"}}"#), 404, None);
    }
    assert_eq!(desk.found("/Users").1, 0);
    desk.ok("POST /Users", &body, 201);
}

#[test]
fn what_changes_nothing_leaves_the_version() {
    let mut desk = Desk::new();
    let ada = desk.user("ada");
    let group = desk.group("Engines", &[&ada]);
    let before = desk.ok(&format!("GET /Groups/{group}"), "", 200);
    for operations in [
        format!(r#"{{"op":"add","path":"members","value":[{{"value":"{ada}"}}]}}"#),
        r#"{"op":"replace","path":"displayName","value":"Engines"}"#.to_owned(),
        r#"{"op":"remove","path":"members[value eq \"nobody\"]"}"#.to_owned(),
    ] {
        assert_eq!(desk.patch(&format!("/Groups/{group}"), &operations), before, "{operations}");
    }
    assert_eq!(desk.ok(&format!("PUT /Groups/{group}"), &before.to_string(), 200), before);
    let user = desk.ok(&format!("GET /Users/{ada}"), "", 200);
    assert_eq!(desk.ok(&format!("PUT /Users/{ada}"), &user.to_string(), 200), user);
}

#[test]
fn user_names_are_unique_without_case() {
    let mut desk = Desk::new();
    desk.user("ada");
    let grace = desk.user("grace");
    let detail = desk.refused("POST /Users", &format!(r#"{{{USER},"userName":"ADA"}}"#), 409, Some("uniqueness"));
    assert!(detail.contains("ADA"), "{detail}");
    desk.refused(&format!("PUT /Users/{grace}"), &format!(r#"{{{USER},"userName":"Ada"}}"#), 409, Some("uniqueness"));
    let rename = patch_op(r#"{"op":"replace","path":"userName","value":"aDa"}"#);
    desk.refused(&format!("PATCH /Users/{grace}"), &rename, 409, Some("uniqueness"));
    // One's own name in another case is no conflict, and frees nothing by mistake.
    desk.patch(&format!("/Users/{grace}"), r#"{"op":"replace","path":"userName","value":"Grace"}"#);
    desk.refused("POST /Users", &format!(r#"{{{USER},"userName":"grace"}}"#), 409, Some("uniqueness"));
    desk.patch(&format!("/Users/{grace}"), r#"{"op":"replace","path":"userName","value":"hopper"}"#);
    desk.user("grace");
}

#[test]
fn bodies_that_are_wrong_are_refused() {
    let mut desk = Desk::new();
    for (line, body, scim_type) in [
        ("POST /Users", "", "invalidSyntax"),
        ("POST /Users", "{", "invalidSyntax"),
        ("POST /Users", "[]", "invalidSyntax"),
        ("POST /Users", r#"{"userName":"ada"}"#, "invalidSyntax"),
        ("POST /Users", &format!(r#"{{"schemas":["{ENTERPRISE}"],"userName":"ada"}}"#), "invalidSyntax"),
        ("POST /Users", &format!("{{{USER}}}"), "invalidValue"),
        ("POST /Users", &format!(r#"{{{USER},"userName":""}}"#), "invalidValue"),
        ("POST /Users", &format!(r#"{{{USER},"userName":7}}"#), "invalidValue"),
        ("POST /Users", &format!(r#"{{{USER},"userName":"ada","active":"perhaps"}}"#), "invalidValue"),
        ("POST /Users", &format!(r#"{{{USER},"userName":"ada","emails":"ada@example.com"}}"#), "invalidValue"),
        (
            "POST /Users",
            &format!(
                r#"{{{USER},"userName":"a","emails":[{{"value":"a","primary":true}},{{"value":"b","primary":true}}]}}"#
            ),
            "invalidValue",
        ),
        (
            "POST /Users",
            &format!(r#"{{{USER},"userName":"a","x509Certificates":[{{"value":"MAAwAA=="}}]}}"#),
            "invalidValue",
        ),
        ("POST /Groups", &format!("{{{GROUP}}}"), "invalidValue"),
        ("POST /Groups", &format!(r#"{{{GROUP},"displayName":"G","members":[{{"value":"nobody"}}]}}"#), "invalidValue"),
        ("POST /Groups", &format!(r#"{{{GROUP},"displayName":"G","members":[{{"display":"x"}}]}}"#), "invalidValue"),
    ] {
        desk.refused(line, body, 400, Some(scim_type));
    }
    assert_eq!(desk.found("/").1, STOCK);
}

#[test]
fn media_types() {
    let mut desk = Desk::new();
    let post = |desk: &mut Desk, content_type: &str, name: &str| {
        let body = format!(r#"{{{USER},"userName":"{name}"}}"#);
        desk.send("POST /Users", &[("content-type", content_type)], &body).status
    };
    assert_eq!(post(&mut desk, "application/scim+json", "a"), 201);
    assert_eq!(post(&mut desk, "application/json; charset=UTF-8", "b"), 201);
    assert_eq!(post(&mut desk, "Application/SCIM+JSON;charset=utf-8", "c"), 201);
    assert_eq!(post(&mut desk, "text/plain", "d"), 415);
    assert_eq!(post(&mut desk, "application/x-www-form-urlencoded", "d"), 415);
    let body = format!(r#"{{{USER},"userName":"e"}}"#);
    assert_eq!(desk.send("POST /Users", &[], &body).status, 201);
    let ada = desk.user("ada");
    assert_eq!(desk.send(&format!("DELETE /Users/{ada}"), &[("content-type", "text/plain")], "").status, 204);
    let long = format!(r#"{{{USER},"userName":"{}"}}"#, "x".repeat(1 << 20));
    assert!(desk.refused("POST /Users", &long, 413, None).contains("1048576"));
}

#[test]
fn paths_and_methods() {
    let mut desk = Desk::new();
    let ada = desk.user("ada");
    for path in ["/Users/", "//Users", "/Users//", "/scim//v2//Users"] {
        assert_eq!(desk.get(path).status, 200, "{path}");
    }
    assert_eq!(desk.get(&format!("//Users//{ada}")).status, 200);
    for path in ["/users", "/Users/a/b", "/Nothing", "/ServiceProviderConfig/1", "/scim", "/scim/Users", "/scimming"] {
        desk.refused(&format!("GET {path}"), "", 404, None);
    }
    desk.refused("GET /scim/v1/Users", "", 400, Some("invalidVers"));
    for (line, allow) in [
        ("DELETE /Users", "GET, POST"),
        ("PUT /Groups", "GET, POST"),
        ("POST /Users/1", "GET, PUT, PATCH, DELETE"),
        ("GET /Bulk", "POST"),
        ("GET /.search", "POST"),
        ("PUT /Users/.search", "POST"),
        ("POST /Schemas", "GET"),
        ("PATCH /ServiceProviderConfig", "GET"),
        ("DELETE /ResourceTypes/User", "GET"),
        ("OPTIONS /Users", "GET, POST"),
    ] {
        let answer = desk.write(line, "{}");
        assert_eq!((answer.status, header(&answer, "allow")), (405, Some(allow)), "{line}");
    }
    for line in ["GET /Me", "PATCH /Me", "DELETE /Me"] {
        desk.refused(line, "{}", 501, None);
    }
    assert_eq!(desk.send(&format!("HEAD /Users/{ada}"), &[], "").status, 200);
}

#[test]
fn only_the_token_opens() {
    let mut desk = Desk::with_token();
    let ask = |desk: &mut Desk, credentials: &str| desk.send("GET /Users", &[("authorization", credentials)], "");
    assert_eq!(ask(&mut desk, "Bearer sesame").status, 200);
    assert_eq!(ask(&mut desk, "bearer sesame").status, 200);
    for wrong in ["Bearer wrong", "Bearer", "sesame", "Basic c2VzYW1l", "non-token", "Bearer sesame2"] {
        let answer = ask(&mut desk, wrong);
        assert_eq!(answer.status, 401, "{wrong}");
        let challenge = header(&answer, "www-authenticate").unwrap();
        assert_eq!(challenge, "Bearer realm=\"scimproof\", error=\"invalid_token\"");
    }
    let answer = desk.get("/Users");
    assert_eq!((answer.status, header(&answer, "www-authenticate")), (401, Some("Bearer realm=\"scimproof\"")));
    assert_eq!(desk.get("/ServiceProviderConfig").status, 200);
    assert_eq!(desk.send("GET /ServiceProviderConfig", &[("authorization", "Bearer wrong")], "").status, 401);
    assert_eq!(desk.get("/Schemas").status, 401);
    assert_eq!(desk.get("/Nothing").status, 401);
}

#[test]
fn versions_guard_reads_and_writes() {
    let mut desk = Desk::new();
    let path = format!("/Users/{}", desk.user("ada"));
    let first = header(&desk.get(&path), "etag").unwrap().to_owned();
    assert!(first.starts_with("W/\""));
    let get = |desk: &mut Desk, name, tag: &str| desk.send(&format!("GET {path}"), &[(name, tag)], "");
    let same = get(&mut desk, "if-none-match", &first);
    assert_eq!((same.status, header(&same, "etag")), (304, Some(&*first)));
    assert_eq!(get(&mut desk, "if-none-match", &format!("W/\"x\", {first}")).status, 304);
    assert_eq!(get(&mut desk, "if-none-match", "W/\"x\"").status, 200);
    let title = |desk: &mut Desk, tag: &str, title: &str| {
        let body = patch_op(&format!(r#"{{"op":"replace","path":"title","value":"{title}"}}"#));
        desk.send(&format!("PATCH {path}"), &[("if-match", tag)], &body)
    };
    let second = header(&title(&mut desk, &first, "a"), "etag").unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(title(&mut desk, &first, "b").status, 412);
    assert_eq!(text(&desk.ok(&format!("GET {path}"), "", 200), "/title"), "a");
    assert_eq!(get(&mut desk, "if-none-match", &first).status, 200);
    assert_eq!(title(&mut desk, "*", "b").status, 200);
    let body = format!(r#"{{{USER},"userName":"ada"}}"#);
    assert_eq!(desk.send(&format!("PUT {path}"), &[("if-match", &second)], &body).status, 412);
    assert_eq!(desk.send(&format!("DELETE {path}"), &[("if-match", &second)], "").status, 412);
    // A way back to an old state is a new version.
    let third = header(&title(&mut desk, "*", "a"), "etag").unwrap().to_owned();
    assert_ne!(second, third);
    assert_eq!(desk.send(&format!("DELETE {path}"), &[("if-match", &third)], "").status, 204);
}

#[test]
fn passwords_are_kept_as_digests_and_can_be_changed() {
    use crate::reference::password;
    let mut desk = Desk::new();
    let user = desk.ok("POST /Users", &format!(r#"{{{USER},"userName":"ada","password":"one"}}"#), 201);
    let user = id(&user);
    let stored = |desk: &Desk| {
        let (_, record) = desk.service.store().find(&user).unwrap();
        record.content.get("password").and_then(Json::as_str).map(str::to_owned)
    };
    let is = |desk: &Desk, password: &str| stored(desk).unwrap() == password::stored(password, &user);
    assert!(is(&desk, "one") && stored(&desk).unwrap() != "one");
    desk.patch(&format!("/Users/{user}"), r#"{"op":"replace","value":{"password":"two"}}"#);
    assert!(is(&desk, "two"));
    desk.ok(&format!("PUT /Users/{user}"), &format!(r#"{{{USER},"userName":"ada"}}"#), 200);
    assert!(is(&desk, "two"), "a PUT without password keeps it");
    desk.ok(&format!("PUT /Users/{user}"), &format!(r#"{{{USER},"userName":"ada","password":"three"}}"#), 200);
    assert!(is(&desk, "three"));
    let shown = desk.ok(&format!("GET /Users/{user}?attributes=password"), "", 200);
    assert_eq!(shown.get("password"), None);
    desk.refused("GET /Users?filter=password+eq+%22three%22", "", 400, Some("invalidFilter"));
    desk.patch(&format!("/Users/{user}"), r#"{"op":"remove","path":"password"}"#);
    assert_eq!(stored(&desk), None);
}

#[test]
fn memberships_are_seen_from_both_sides() {
    let mut desk = Desk::new();
    let (ada, grace) = (desk.user("ada"), desk.user("grace"));
    let inner = desk.group("Inner", &[&ada]);
    let outer = desk.group("Outer", &[&inner, &grace, &grace]);
    let shown = desk.ok(&format!("GET /Groups/{outer}"), "", 200);
    let members = shown.get("members").and_then(Json::as_array).unwrap();
    assert_eq!(members.len(), 2);
    let base = "http://scim.example.com/scim/v2";
    assert_eq!(
        members[0].to_string(),
        format!(r#"{{"value":"{inner}","$ref":"{base}/Groups/{inner}","display":"Inner","type":"Group"}}"#)
    );
    assert_eq!(text(&members[1], "/type"), "User");
    let user = desk.ok(&format!("GET /Users/{ada}"), "", 200);
    assert_eq!(
        user.get("groups").unwrap().to_string(),
        format!(r#"[{{"value":"{inner}","$ref":"{base}/Groups/{inner}","display":"Inner","type":"direct"}}]"#)
    );
    // readOnly from the user's side.
    let mut body = user.clone();
    body.as_object_mut().unwrap().set("groups", Json::Array(vec![]));
    assert_eq!(desk.ok(&format!("PUT /Users/{ada}"), &body.to_string(), 200), user);
    let leave = patch_op(r#"{"op":"remove","path":"groups"}"#);
    desk.refused(&format!("PATCH /Users/{ada}"), &leave, 400, Some("mutability"));
    // Who goes leaves every group.
    let before = desk.ok(&format!("GET /Groups/{inner}"), "", 200);
    desk.ok(&format!("DELETE /Users/{ada}"), "", 204);
    let after = desk.ok(&format!("GET /Groups/{inner}"), "", 200);
    assert_eq!(after.get("members"), None);
    assert!(text(&after, "/meta/lastModified") > text(&before, "/meta/lastModified"));
    desk.ok(&format!("DELETE /Groups/{outer}"), "", 204);
    assert_eq!(desk.ok(&format!("GET /Users/{grace}"), "", 200).get("groups"), None);
}

#[test]
fn managers_are_people() {
    let mut desk = Desk::new();
    let boss = desk.user("boss");
    let body = format!(
        r#"{{{BOTH},"userName":"ada","{ENTERPRISE}":{{"manager":{{"value":"{boss}","displayName":"Somebody"}},"department":"Ops"}}}}"#
    );
    let user = desk.ok("POST /Users", &body, 201);
    let manager = user.get(ENTERPRISE).and_then(|e| e.get("manager")).unwrap();
    assert_eq!(
        manager.to_string(),
        format!(
            r#"{{"value":"{boss}","$ref":"http://scim.example.com/scim/v2/Users/{boss}","displayName":"boss Example"}}"#
        )
    );
    let gone = desk.patch(
        &format!("/Users/{}", id(&user)),
        &format!(
            r#"{{"op":"remove","path":"{ENTERPRISE}:manager"}},{{"op":"remove","path":"{ENTERPRISE}:department"}}"#
        ),
    );
    assert_eq!(gone.get(ENTERPRISE), None);
    assert_eq!(gone.get("schemas").and_then(Json::as_array).unwrap().len(), 1);
}

#[test]
fn ids_follow_from_the_seed() {
    let make = |seed| {
        let mut desk = Desk::with(&Options { seed, ..Options::default() });
        (desk.user("ada"), desk.user("grace"))
    };
    assert_eq!(make(1), make(1));
    assert_ne!(make(1), make(2));
    let (ada, grace) = make(1);
    assert_ne!(ada, grace);
    assert_eq!(ada.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
}

#[test]
fn strictness_refuses_what_only_identity_providers_write() {
    let boss = |desk: &mut Desk| desk.user("boss");
    let (mut strict, mut tolerant) = (Desk::strict(), Desk::new());
    let ids = [boss(&mut strict), boss(&mut tolerant)];
    assert_eq!(ids[0], ids[1]);
    let path = format!("/Users/{}", ids[0]);
    for (line, body) in [
        ("POST /Users", format!(r#"{{{USER},"userName":"a","active":"True"}}"#)),
        ("POST /Users", format!(r#"{{{USER},"userName":"b","roles":[{{"value":"r","primary":"true"}}]}}"#)),
        ("POST /Users", format!(r#"{{{BOTH},"userName":"c","{ENTERPRISE}":{{"manager":"{}"}}}}"#, ids[0])),
        (&format!("PATCH {path}"), patch_op(r#"{"op":"replace","path":"active","value":"False"}"#)),
        (&format!("PATCH {path}"), patch_op("")),
    ] {
        let answer = strict.write(line, &body);
        assert_eq!(answer.status, 400, "{line} {body}: {answer:?}");
        let answer = tolerant.write(line, &body);
        assert!(matches!(answer.status, 200 | 201), "{line} {body}: {answer:?}");
    }
}

#[test]
fn what_is_returned_on_request_comes_back_from_the_write_that_names_it() {
    let mut desk = Desk::new();
    let room = r#""schemas":["urn:example:params:scim:schemas:core:1.0:Room"],"displayName":"Hall","code":"h-1""#;
    let made = desk.ok("POST /Rooms", &format!(r#"{{{room},"remarks":"cold"}}"#), 201);
    assert_eq!(text(&made, "/remarks"), "cold");
    let path = format!("/Rooms/{}", id(&made));
    assert!(desk.ok(&format!("GET {path}"), "", 200).get("remarks").is_none());
    let other = patch_op(r#"{"op":"replace","path":"floor","value":2}"#);
    assert!(desk.ok(&format!("PATCH {path}"), &other, 200).get("remarks").is_none());
    let named = patch_op(r#"{"op":"replace","value":{"remarks":"warm"}}"#);
    assert_eq!(text(&desk.ok(&format!("PATCH {path}"), &named, 200), "/remarks"), "warm");
    let badge = "urn:example:params:scim:schemas:extension:badge:1.0:User";
    let picture = patch_op(&format!(r#"{{"op":"add","path":"{badge}:picture","value":"QUI="}}"#));
    let user = desk.user("ada");
    let shown = desk.ok(&format!("PATCH /Users/{user}"), &picture, 200);
    assert_eq!(shown.get(badge).and_then(|badge| badge.get("picture")), Some(&Json::from("QUI=")));
    assert!(desk.ok(&format!("GET /Users/{user}"), "", 200).get(badge).is_none_or(|b| b.get("picture").is_none()));
}
