//! Ids of records that are neither users nor groups: the server gives them, and later requests name them.

use super::cast::Known;
use super::subject::{Talk, id_of};

/// An id that an answer tells and a later request of the scenario names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Captured {
    /// What it is called: `room_id`.
    pub(super) name: String,
    /// Where it stands in the answer.
    pub(super) pointer: String,
    /// The request that is answered with it.
    pub(super) at: usize,
    id: String,
}

impl Captured {
    /// What stands for it in later requests.
    pub(super) fn known(&self) -> Known {
        Known { value: self.id.clone(), expression: self.name.clone(), only: &[] }
    }
}

/// The ids that are captured in a scenario, in the order in which they are told.
pub(super) fn captured(all: &[Talk<'_>], scenario: &[usize]) -> Vec<Captured> {
    let mut out: Vec<Captured> = Vec::new();
    for (place, &at) in scenario.iter().enumerate() {
        let Some(noun) = all[at].noun() else { continue };
        let listed = all[at].exchange.answer().is_some_and(|answer| answer.get("Resources").is_some());
        for (row, told) in all[at].told().into_iter().enumerate() {
            let Some(id) = id_of(told).filter(|id| !id.is_empty() && out.iter().all(|known| known.id != *id)) else {
                continue;
            };
            if !scenario[place + 1..].iter().any(|later| names(&all[*later], &id)) {
                continue;
            }
            let times = out.iter().filter(|known| known.name.starts_with(&format!("{noun}_id"))).count();
            let name = if times == 0 { format!("{noun}_id") } else { format!("{noun}_id{}", times + 1) };
            let pointer = if listed { format!("/Resources/{row}/id") } else { "/id".to_owned() };
            out.push(Captured { name, pointer, at, id });
        }
    }
    out
}

/// Whether a request names an id, as a whole.
fn names(talk: &Talk<'_>, id: &str) -> bool {
    if talk.id.as_deref() == Some(id) {
        return true;
    }
    let query = talk.exchange.sent.query().map(crate::exchange::decode_query).unwrap_or_default();
    let body = talk.exchange.sent.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    [query.as_str(), &body].iter().any(|text| text.split(['"', '/', ' ', '\'', '&', '=']).any(|part| part == id))
}
