//! What has to be there before a scenario starts: made with plain requests of RFC 7644, judged by the RFC alone.

use super::link::{Answered, Ask, id_of};
use super::scenario::Play;
use super::{ours, scenario};
use crate::exchange::Origin;
use crate::play::render::ActorCell;
use crate::profile::model::{Actor, ActorKind};
use crate::scim::json::{Json, object};
use crate::scim::urn;

/// Why set-up came to nothing.
pub enum SetUpFailed {
    /// The target refused; in words.
    Refused(String),
    /// The invented name is taken: a seed was used again.
    NameTaken(String),
    /// The run is over.
    Stopped(String),
}

/// Makes every actor that is to be there, users before groups.
///
/// # Errors
/// The target refused, a name is taken, or the run is over: the scenario cannot be played.
pub async fn set_up(play: &mut Play<'_>) -> Result<(), SetUpFailed> {
    if play.link.is_read_only() {
        return Ok(());
    }
    let scenario = play.scenario.clone();
    for kind in [ActorKind::User, ActorKind::Group] {
        for actor in scenario.actors.iter().filter(|actor| actor.exists && actor.kind == kind) {
            for cell in play.scope.all(&actor.id) {
                make(play, actor, &cell).await?;
            }
        }
    }
    Ok(())
}

async fn make(play: &mut Play<'_>, actor: &Actor, cell: &ActorCell) -> Result<(), SetUpFailed> {
    let mut body = match actor.kind {
        ActorKind::User => user(cell),
        ActorKind::Group => group(play, actor, cell),
    };
    if actor.set.is_some() {
        let more = play
            .stage
            .actor_members(&play.scenario, &actor.id, &play.scope)
            .map_err(|error| SetUpFailed::Refused(error.to_string()))?;
        body = crate::play::echo::echo(&body, &more, &Json::Null);
        declare_extensions(&mut body);
        if let Some(members) = body.as_object_mut() {
            // What is not to be there.
            members.0.retain(|(_, value)| *value != Json::Null);
        }
    }
    let endpoint = endpoint(actor.kind);
    let mut request = ours::request("POST", endpoint, Some(&body));
    if !play.map.is_empty() {
        let text = play.map.apply(actor.kind, "POST", body.to_string());
        request.body = Some(text.into_bytes());
    }
    let step = format!("set-up/{}", actor.id);
    let answered = play
        .send(Ask {
            place: play.place(&step),
            origin: Origin::Setup,
            base: play.base,
            join: scenario::plain_join(),
            request,
            needs: Vec::new(),
            accept: &[],
            at_once: false,
        })
        .await;
    bind(play, actor, cell, &answered).await
}

async fn bind(play: &mut Play<'_>, actor: &Actor, cell: &ActorCell, answered: &Answered) -> Result<(), SetUpFailed> {
    let what = match actor.kind {
        ActorKind::User => "user",
        ActorKind::Group => "group",
    };
    match answered.answer() {
        Ok(answer) if (200..300).contains(&answer.status) => match id_of(answer, endpoint(actor.kind)) {
            // Somebody else: whatever was played with them would show nothing.
            Some(id) if !play.link.owns(&id) => {
                play.link.met(&id);
                Err(SetUpFailed::Refused(format!(
                    "the {what} it needs was created, but the answer is about another record"
                )))
            }
            Some(id) => {
                cell.state().id = Some(id);
                Ok(())
            }
            None => Err(SetUpFailed::Refused(format!("the {what} it needs was created, but the answer tells no id"))),
        },
        Ok(answer) if answer.status == 409 && play.name_is_taken(actor.kind, cell).await => {
            let person = cell.state().person.clone();
            let name = if actor.kind == ActorKind::User { person.user_name } else { person.display_name };
            Err(SetUpFailed::NameTaken(name))
        }
        Ok(_) => Err(SetUpFailed::Refused(format!(
            "the {what} it needs could not be created: POST {} was answered with {}",
            endpoint(actor.kind),
            answered.in_words()
        ))),
        Err(failure) if play.link.stopped() => Err(SetUpFailed::Stopped(failure.detail.clone())),
        Err(failure) => {
            Err(SetUpFailed::Refused(format!("the {what} it needs could not be created: {}", failure.detail)))
        }
    }
}

/// `/Users` or `/Groups`.
#[must_use]
pub fn endpoint(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::User => "/Users",
        ActorKind::Group => "/Groups",
    }
}

fn user(cell: &ActorCell) -> Json {
    let person = cell.state().person.clone();
    let email = object([("value", person.email.into()), ("type", "work".into()), ("primary", true.into())]);
    let external_id = (!person.external_id.is_empty()).then(|| ("externalId".to_owned(), person.external_id.into()));
    let mut body = object([
        ("schemas", vec![urn::USER.into()].into()),
        ("userName", person.user_name.into()),
        ("name", object([("givenName", person.given.into()), ("familyName", person.family.into())])),
        ("displayName", person.display_name.into()),
        ("emails", vec![email].into()),
        ("active", true.into()),
    ]);
    if let Json::Object(members) = &mut body {
        members.0.extend(external_id);
    }
    body
}

fn group(play: &Play<'_>, actor: &Actor, cell: &ActorCell) -> Json {
    let person = cell.state().person.clone();
    let ids = actor.members.iter().flat_map(|name| play.scope.all(name)).filter_map(|member| member.state().id.clone());
    let members: Vec<Json> = ids.map(|id| object([("value", id.into())])).collect();
    let mut body = object([
        ("schemas", vec![urn::GROUP.into()].into()),
        ("displayName", person.display_name.into()),
        ("members", members.into()),
    ]);
    if let (false, Some(members)) = (person.external_id.is_empty(), body.as_object_mut()) {
        members.set("externalId", person.external_id.into());
    }
    body
}

fn declare_extensions(body: &mut Json) {
    let Some(members) = body.as_object_mut() else { return };
    let extensions: Vec<Json> =
        members.iter().filter(|(name, _)| name.starts_with("urn:")).map(|(name, _)| name.into()).collect();
    if let Some(Json::Array(schemas)) = members.get_mut("schemas") {
        schemas.extend(extensions);
    }
}
