//! Pre-flight and discovery: can the target be asked at all, and what does it say of itself. Read once a run.

use super::link::{Answered, Ask, Link};
use super::{ours, scenario};
use crate::exchange::{FailureKind, Origin, Place};
use crate::facts::Facts;
use crate::trace::Turn;
use crate::transport::target::BaseUrl;

/// What discovery gave.
pub struct Discovered {
    /// What the target says of itself.
    pub facts: Facts,
    /// The exchanges, to be judged.
    pub turns: Vec<Turn>,
}

/// Asks the target the first time, and then what it is.
///
/// # Errors
/// The target cannot be asked: it is not there, speaks no HTTP, fails in TLS, or refuses the credentials. The one likely
/// cause, in plain words.
pub async fn discover(link: &Link, base: &BaseUrl, probe_name: &str) -> Result<Discovered, String> {
    let mut turns = Vec::new();
    // A name that nobody has: it needs credentials, and it reads nobody.
    let probe = ask(link, base, "pre-flight", &ours::by_name("/Users", "userName", probe_name)).await;
    turns.push(probe.turn.clone());
    match probe.answer() {
        Err(failure) => return Err(failure.detail.clone()),
        Ok(answer) if matches!(answer.status, 401 | 403) => {
            return Err(format!(
                "the target refuses the credentials: the first request was answered with {}",
                probe.in_words()
            ));
        }
        Ok(_) => {}
    }
    for document in ["ServiceProviderConfig", "ResourceTypes", "Schemas"] {
        let answered = ask(link, base, document, &format!("/{document}")).await;
        if let Err(failure) = answered.answer()
            && !matches!(failure.kind, FailureKind::TimeOut | FailureKind::Cut | FailureKind::NotHttp)
        {
            return Err(failure.detail.clone());
        }
        turns.push(answered.turn);
    }
    let facts = Facts::learn(turns.iter().map(|turn| &*turn.exchange));
    Ok(Discovered { facts, turns })
}

async fn ask(link: &Link, base: &BaseUrl, step: &str, resource: &str) -> Answered {
    let place = Place { variant: String::new(), scenario: "discovery".to_owned(), round: 0, step: step.to_owned() };
    let request = ours::request("GET", resource, None);
    let (origin, join) = (Origin::Discovery, scenario::plain_join());
    link.send(Ask { place, origin, base, join, request, needs: Vec::new(), accept: &[], at_once: false }).await
}
