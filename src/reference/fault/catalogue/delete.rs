//! DELETE (RFC 7644 section 3.6).

use crate::scim::json::{Json, object};
use crate::scim::urn;

use super::super::desk::{refuse, refuse_as};
use super::super::value::append;
use super::super::{Answer, Fault, Hook, mistake};

pub(super) static FAULTS: &[Fault] = &[
    mistake(
        "delete-200",
        "A DELETE is answered with 200 and a body.",
        &[Hook::Told(|answer, call, _| {
            if call.method == "DELETE" && answer.status == 204 {
                *answer = Answer::with_body(200, object([("deleted", true.into())]));
            }
        })],
    ),
    mistake(
        "delete-202",
        "A DELETE is answered with 202.",
        &[Hook::Told(|answer, call, _| {
            if call.method == "DELETE" && answer.status == 204 {
                *answer = Answer::empty(202);
            }
        })],
    ),
    mistake(
        "delete-ignored",
        "A DELETE is answered with 204 and nothing happens.",
        &[Hook::Asked(|call, desk| {
            (call.method == "DELETE" && desk.read(&call.path).is_some()).then(|| Answer::empty(204))
        })],
    ),
    mistake(
        "delete-deactivates",
        "A DELETE deactivates the user, who stays readable.",
        &[Hook::Asked(|call, desk| {
            let id = call.id().filter(|_| call.is("DELETE", "Users"))?;
            let mut content = desk.content(id)?;
            content.set("active", false.into());
            desk.keep(id, content);
            Some(Answer::empty(204))
        })],
    ),
    mistake(
        "deleted-still-listed",
        "A deleted resource stays in the lists.",
        &[
            Hook::Asked(|call, desk| {
                if call.method == "DELETE"
                    && let Some(gone) = desk.read(&call.path)
                {
                    desk.remember(&format!("gone {}", call.endpoint()), gone);
                }
                None
            }),
            Hook::Told(|answer, call, desk| {
                let gone = desk.recall(&format!("gone {}", call.endpoint())).filter(|_| call.lists());
                if let (Some(gone), Some(list)) = (gone, answer.body.as_mut().and_then(Json::as_object_mut)) {
                    let named =
                        gone.get("userName").or(gone.get("displayName")).map(Json::to_string).unwrap_or_default();
                    if call.filter().is_none_or(|filter| filter.contains(named.as_str())) {
                        append(list, "Resources", [gone]);
                        let shown = list.get("Resources").and_then(Json::as_array).map_or(0, <[Json]>::len);
                        list.set("totalResults", shown.into());
                        list.set("itemsPerPage", shown.into());
                    }
                }
            }),
        ],
    ),
    mistake(
        "delete-again-204",
        "A second DELETE is answered with 204 too.",
        &[Hook::Told(|answer, call, _| {
            if call.method == "DELETE" && answer.status == 404 {
                *answer = Answer::empty(204);
            }
        })],
    ),
    mistake(
        "delete-again-500",
        "A second DELETE ends in a server error.",
        &[Hook::Told(|answer, call, _| {
            if call.method == "DELETE" && answer.status == 404 {
                *answer = refuse(500, "Internal Server Error");
            }
        })],
    ),
    mistake(
        "deleted-410",
        "A deleted resource is answered with 410.",
        &[Hook::Told(|answer, call, _| {
            if call.id().is_some() && answer.status == 404 {
                *answer = refuse(410, "Gone");
            }
        })],
    ),
    mistake(
        "delete-405",
        "DELETE is not implemented.",
        &[Hook::Asked(|call, _| {
            (call.method == "DELETE")
                .then(|| refuse(405, "DELETE is not possible here.").header("allow", "GET, PUT, PATCH"))
        })],
    ),
    mistake(
        "delete-group-405",
        "Groups cannot be deleted.",
        &[Hook::Asked(|call, _| {
            call.is("DELETE", "Groups").then(|| refuse(405, "Method Not Allowed").header("allow", "GET, PUT, PATCH"))
        })],
    ),
    mistake(
        "delete-400-in-group",
        "A user who is in a group cannot be deleted.",
        &[Hook::Asked(|call, desk| {
            let user = desk.read(&call.path).filter(|_| call.is("DELETE", "Users"))?;
            user.get("groups").is_some().then(|| refuse(400, "The user is a member of a group."))
        })],
    ),
    mistake(
        "delete-group-deletes-users",
        "The DELETE of a group deletes its members.",
        &[Hook::Asked(|call, desk| {
            let group = desk.read(&call.path).filter(|_| call.is("DELETE", "Groups"))?;
            for id in ids(group.get("members")) {
                desk.send("DELETE", &format!("/Users/{id}"), "");
            }
            None
        })],
    ),
    mistake(
        "delete-user-empties-groups",
        "The DELETE of a user empties the groups that it was in.",
        &[Hook::Asked(|call, desk| {
            let user = desk.read(&call.path).filter(|_| call.is("DELETE", "Users"))?;
            for group in ids(user.get("groups")) {
                let operation = object([("op", "remove".into()), ("path", "members".into())]);
                desk.send("PATCH", &format!("/Groups/{group}"), &patch(vec![operation]));
            }
            None
        })],
    ),
    mistake(
        "deleted-name-taken",
        "The userName of a deleted user stays taken.",
        &[Hook::Asked(|call, desk| {
            if call.is("DELETE", "Users") {
                let name = desk.read(&call.path)?.get("userName")?.to_string();
                desk.remember(&format!("taken {name}"), true.into());
            }
            let name = call.json.as_ref().filter(|_| call.creates() && call.on_users())?.get("userName")?.to_string();
            let taken = desk.recall(&format!("taken {name}")).is_some();
            taken.then(|| Answer { status: 409, ..refuse_as("uniqueness", "userName is taken") })
        })],
    ),
];

/// The ids in a list of references.
fn ids(members: Option<&Json>) -> Vec<String> {
    let members = members.and_then(Json::as_array).unwrap_or_default().iter();
    members.filter_map(|member| member.get("value")?.as_str().map(str::to_owned)).collect()
}

fn patch(operations: Vec<Json>) -> String {
    object([("schemas", Json::Array(vec![urn::PATCH_OP.into()])), ("Operations", operations.into())]).to_string()
}
