//! What the target says of itself.

use super::{About, Diagnosis, Probe, Signed};
use crate::exchange::{Failure, Received};
use crate::scim::json::Json;

/// The three documents (RFC 7644 section 4), in the order in which they are asked for.
const DOCUMENTS: [&str; 3] = ["ServiceProviderConfig", "ResourceTypes", "Schemas"];

/// Features without which a client of an identity provider does not get far.
const NEEDED: [(&str, &str); 2] = [
    ("patch", "Entra ID, and Okta for groups and deactivations, write with PATCH"),
    ("filter", "every identity provider looks for a user before it creates one"),
];

/// The answers to [`DOCUMENTS`].
pub(super) struct Documents(Vec<Result<Received, Failure>>);

/// Asks for the documents.
pub(super) async fn read(probe: &Probe<'_>) -> Documents {
    let mut answers = Vec::new();
    for document in DOCUMENTS {
        answers.push(probe.get(&format!("/{document}"), Signed::Yes).await);
    }
    Documents(answers)
}

impl Documents {
    /// Whether any of them is there.
    pub(super) fn any(&self) -> bool {
        self.0.iter().any(|answer| answer.as_ref().is_ok_and(|answer| document(answer).is_some()))
    }
}

/// The JSON object of a document that was answered.
pub(super) fn document(answer: &Received) -> Option<&Json> {
    let json = answer.json().filter(|_| answer.status == 200)?;
    let told = json.get("schemas").or_else(|| json.get("Resources")).or_else(|| json.get("patch"));
    told.map(|_| json).or_else(|| json.as_array().map(|_| json))
}

/// Tells which are there, and what they say that an identity provider will miss.
pub(super) fn told(documents: &Documents, to: &mut Diagnosis) {
    let mut there = Vec::new();
    for (name, answer) in DOCUMENTS.into_iter().zip(&documents.0) {
        match answer {
            Err(failure) => to.mend(About::Discovery, format!("/{name} is not answered: {}", failure.detail)),
            Ok(answer) if document(answer).is_some() => there.push(name),
            Ok(answer) if matches!(answer.status, 404 | 501) => {
                to.note(About::Discovery, format!("there is no /{name} ({}): {}", answer.status, without(name)));
            }
            Ok(answer) if answer.status == 200 => to.mend(
                About::Discovery,
                format!("/{name} is answered with 200 and no SCIM document; answer with JSON of that schema"),
            ),
            Ok(answer) => {
                let advice = if matches!(answer.status, 401 | 403) {
                    "let these credentials read it"
                } else {
                    "look into the target's log"
                };
                to.mend(About::Discovery, format!("/{name} is answered with {}; {advice}", answer.status));
            }
        }
    }
    if !there.is_empty() {
        to.good(About::Discovery, format!("{} can be read", there.join(", ")));
    }
    let config = documents.0.first().and_then(|answer| document(answer.as_ref().ok()?));
    for (feature, why) in NEEDED {
        let supported = config.and_then(|config| config.get(feature)?.get("supported")?.as_bool());
        if supported == Some(false) {
            to.note(About::Discovery, format!("the configuration says that {feature} is not supported: {why}"));
        }
    }
}

fn without(name: &str) -> &'static str {
    match name {
        "ServiceProviderConfig" => "which features the target has is seen by trying them",
        "ResourceTypes" => "only users and groups are played",
        _ => "which attributes the target keeps cannot be known, so none counts as lost",
    }
}
