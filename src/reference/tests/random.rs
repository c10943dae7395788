//! Random requests: whatever comes, the directory stays consistent.

use proptest::prelude::*;

use super::*;

/// What a random client may do; numbers pick among names, and among ids that there are or were.
#[derive(Clone, Debug)]
enum Act {
    Create(u8),
    CreateGroup(u8, Vec<u8>),
    Replace(u8, u8),
    Rename(u8, u8),
    Members(u8, &'static str, Vec<u8>),
    RemoveMember(u8, u8),
    Deactivate(u8),
    Delete(u8),
    Search(u8, i8, i8),
}

fn act() -> impl Strategy<Value = Act> {
    let some = || proptest::collection::vec(any::<u8>(), 0..4);
    prop_oneof![
        (0..12u8).prop_map(Act::Create),
        (0..12u8, some()).prop_map(|(name, members)| Act::CreateGroup(name, members)),
        (any::<u8>(), 0..12u8).prop_map(|(id, name)| Act::Replace(id, name)),
        (any::<u8>(), 0..12u8).prop_map(|(id, name)| Act::Rename(id, name)),
        (any::<u8>(), prop_oneof![Just("add"), Just("replace"), Just("remove")], some())
            .prop_map(|(id, op, members)| Act::Members(id, op, members)),
        (any::<u8>(), any::<u8>()).prop_map(|(id, member)| Act::RemoveMember(id, member)),
        any::<u8>().prop_map(Act::Deactivate),
        any::<u8>().prop_map(Act::Delete),
        (0..12u8, any::<i8>(), any::<i8>()).prop_map(|(name, start, count)| Act::Search(name, start, count)),
    ]
}

struct Client {
    desk: Desk,
    /// Every id that there ever was.
    ids: Vec<String>,
}

impl Client {
    fn id(&self, number: u8) -> String {
        let number = usize::from(number);
        if self.ids.is_empty() { "nobody".to_owned() } else { self.ids[number % self.ids.len()].clone() }
    }

    fn members(&self, numbers: &[u8]) -> String {
        let members: Vec<_> = numbers.iter().map(|n| format!(r#"{{"value":"{}"}}"#, self.id(*n))).collect();
        format!("[{}]", members.join(","))
    }

    fn create(&mut self, line: &str, body: &str) {
        let answer = self.desk.write(line, body);
        if answer.status == 201 {
            self.ids.push(id(&answer.body.unwrap()));
        }
    }

    /// Sends it to users or to groups: to one of them it must be unknown.
    fn both(&mut self, method: &str, id: &str, body: &str) {
        let users = self.desk.write(&format!("{method} /Users/{id}"), body).status;
        let groups = self.desk.write(&format!("{method} /Groups/{id}"), body).status;
        assert!(users == 404 || groups == 404);
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Create(name) => {
                let body = format!(r#"{{{USER},"userName":"user{name}","externalId":"e{name}"}}"#);
                self.create("POST /Users", &body);
            }
            Act::CreateGroup(name, members) => {
                let members = self.members(members);
                let body = format!(r#"{{{GROUP},"displayName":"Group{name}","members":{members}}}"#);
                self.create("POST /Groups", &body);
            }
            Act::Replace(id, name) => {
                let body = format!(r#"{{{USER},"userName":"USER{name}","title":"t{name}"}}"#);
                self.both("PUT", &self.id(*id), &body);
            }
            Act::Rename(id, name) => {
                let body = patch_op(&format!(r#"{{"op":"replace","value":{{"displayName":"n{name}"}}}}"#));
                self.both("PATCH", &self.id(*id), &body);
            }
            Act::Members(id, op, members) => {
                let value = self.members(members);
                let body = patch_op(&format!(r#"{{"op":"{op}","path":"members","value":{value}}}"#));
                self.both("PATCH", &self.id(*id), &body);
            }
            Act::RemoveMember(id, member) => {
                let body = format!(r#"{{"op":"remove","path":"members[value eq \"{}\"]"}}"#, self.id(*member));
                self.both("PATCH", &self.id(*id), &patch_op(&body));
            }
            Act::Deactivate(id) => {
                self.both("PATCH", &self.id(*id), &patch_op(r#"{"op":"Replace","path":"active","value":"False"}"#));
            }
            Act::Delete(id) => self.both("DELETE", &self.id(*id), ""),
            Act::Search(name, start, count) => {
                let query = format!("startIndex={start}&count={count}&sortBy=userName");
                self.desk.get(&format!("/Users?filter=userName+eq+%22user{name}%22&{query}"));
            }
        }
    }

    /// What must hold at any time.
    fn check(&mut self) {
        let users = self.all("/Users");
        let groups = self.all("/Groups");
        let everything = self.desk.found("/").1;
        assert_eq!(i64::try_from(users.len() + groups.len()).unwrap() + STOCK, everything);
        let mut unique: Vec<_> = users.iter().map(|user| text(user, "/userName").to_lowercase()).collect();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), users.len());
        let pairs = |resources: &[Json], list: &str, turned: bool| {
            let mut pairs = Vec::new();
            for resource in resources {
                for other in resource.get(list).and_then(Json::as_array).unwrap_or_default() {
                    let pair = (id(resource), text(other, "/value").to_owned());
                    pairs.push(if turned { (pair.1, pair.0) } else { pair });
                }
            }
            pairs.sort();
            pairs
        };
        // Whom groups name as members, those name these groups; and everybody is there.
        let is_user = |id: &String| users.iter().any(|user| text(user, "/id") == id);
        let named = pairs(&groups, "members", false);
        let (of_users, nested): (Vec<_>, Vec<_>) = named.into_iter().partition(|(_, member)| is_user(member));
        assert_eq!(of_users, pairs(&users, "groups", true));
        for (_, member) in nested {
            assert!(groups.iter().any(|group| text(group, "/id") == member));
        }
        for resource in users.iter().chain(&groups) {
            assert!(text(resource, "/meta/created") <= text(resource, "/meta/lastModified"));
            let path = text(resource, "/meta/location").strip_prefix("http://scim.example.com").unwrap();
            assert_eq!(self.desk.get(path).body.as_ref(), Some(resource));
        }
    }

    /// Everything, by pages of two.
    fn all(&mut self, endpoint: &str) -> Vec<Json> {
        let mut found = Vec::new();
        loop {
            let list = self.desk.ok(&format!("GET {endpoint}?count=2&startIndex={}", found.len() + 1), "", 200);
            let page = list.get("Resources").and_then(Json::as_array).unwrap();
            if page.is_empty() {
                assert_eq!(list.get("totalResults").and_then(Json::as_i64), i64::try_from(found.len()).ok());
                return found;
            }
            found.extend_from_slice(page);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_directory_stays_consistent(acts in proptest::collection::vec(act(), 1..40)) {
        let mut client = Client { desk: Desk::new(), ids: Vec::new() };
        for act in &acts {
            client.act(act);
        }
        client.check();
    }

    #[test]
    fn any_request_gets_a_sound_answer(
        method in "GET|POST|PUT|PATCH|DELETE|HEAD",
        path in "/(Users|Groups|Bulk|Me|Schemas|\\.search|Users/\\.search|Users/x|%|//)?",
        query in "((filter|sortBy|count|startIndex|attributes)=[a-z0-9 +%\\[\\]\"().]{0,12}&?){0,3}",
        body in "|\\{\"schemas\":\\[.{0,20}\\]\\}|[\\[\\]{}:,\"a-z0-9]{0,20}",
    ) {
        Desk::new().write(&format!("{method} {path}?{query}"), &body);
        Desk::strict().write(&format!("{method} {path}?{query}"), &body);
    }
}
