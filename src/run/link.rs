//! The run's only way to the target: every request passes here, is written into the ledger if it creates, refused if it
//! would touch a stranger, masked, numbered and told.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use super::creating::{self, Creating, Outcome};
use super::ledger::{Entry, Ledger};
use crate::event::Event;
use crate::exchange::mask::{self, Mask};
use crate::exchange::{Exchange, Failure, FailureKind, Origin, Payload, Place, Received, Sent, decode_path};
use crate::play::NOBODY;
use crate::play::render::Prepared;
use crate::profile::model::BoundNeed;
use crate::scim::json::Json;
use crate::trace::Turn;
use crate::transport::clock::Clock;
use crate::transport::target::{BaseUrl, Join};
use crate::transport::{Client, Outgoing};

/// Receives the events of a run in order.
pub type Sink = Rc<RefCell<dyn FnMut(&Event)>>;

/// What may be sent, beyond what the client plays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Permissions {
    /// Nothing that writes.
    pub read_only: bool,
    /// Collection-wide deletes and writes to `/Me` also off loopback.
    pub dangerous: bool,
}

/// The way to the target.
pub struct Link {
    client: Client,
    clock: Rc<dyn Clock>,
    /// What the run created.
    pub ledger: Ledger,
    permissions: Permissions,
    loopback: bool,
    mask: Mask,
    sink: Sink,
    own: RefCell<HashSet<String>>,
    left: RefCell<BTreeMap<u64, String>>,
    /// Which scenario created, or may have created, what an entry of the ledger stands for.
    made: RefCell<BTreeMap<u64, Play>>,
    /// Creates that were answered with a record that is not what was sent.
    merged: RefCell<HashSet<u64>>,
    /// Records that a client took for its own and that are not.
    strangers: RefCell<BTreeSet<String>>,
    seq: Cell<u64>,
    refused: Cell<u64>,
    stop: tokio::sync::watch::Receiver<bool>,
}

/// A request of a scenario.
pub struct Ask<'a> {
    /// Where it belongs.
    pub place: Place,
    /// Who wants it.
    pub origin: Origin,
    /// The base URL of this variant.
    pub base: &'a BaseUrl,
    /// How the client joins it.
    pub join: Join,
    /// The request.
    pub request: Prepared,
    /// What the client needs of the answer.
    pub needs: Vec<BoundNeed>,
    /// Statuses with which the client goes on; empty: 2xx.
    pub accept: &'a [crate::profile::model::StatusPattern],
    /// Whether others of its step are under way at the same time.
    pub at_once: bool,
}

/// What came of a request: as the client sees it, and as it is kept.
pub struct Answered {
    /// The answer itself where what is kept of it is masked: strangers' values included.
    unmasked: Option<Received>,
    /// What is kept.
    pub turn: Turn,
}

impl Answered {
    /// The answer itself, or why there is none, as that is kept; strangers' values included, so an answer must not be kept.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn answer(&self) -> Result<&Received, &Failure> {
        self.unmasked.as_ref().map_or_else(|| self.turn.exchange.got.as_ref(), Ok)
    }

    /// The status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.answer().ok().map(|answer| answer.status)
    }

    /// The answer's JSON.
    #[must_use]
    pub fn json(&self) -> Option<&Json> {
        self.answer().ok()?.json()
    }

    /// In a few words, for reasons: `400 (userName must be an e-mail address)`.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self.answer() {
            Ok(answer) => match answer.json().and_then(|json| json.get("detail")).and_then(Json::as_str) {
                Some(detail) => format!("{} ({})", answer.status, shorten(detail)),
                None => answer.status.to_string(),
            },
            Err(failure) => failure.detail.clone(),
        }
    }
}

impl From<Turn> for Answered {
    /// An answer that is kept as it came.
    fn from(turn: Turn) -> Self {
        Self { unmasked: None, turn }
    }
}

fn shorten(text: &str) -> String {
    let one_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if one_line.chars().count() <= 120 { one_line } else { one_line.chars().take(119).chain(['…']).collect() }
}

impl Link {
    /// A way over a client.
    #[must_use]
    pub fn new(
        client: Client,
        ledger: Ledger,
        permissions: Permissions,
        mask: Mask,
        sink: Sink,
        stop: tokio::sync::watch::Receiver<bool>,
    ) -> Self {
        let (clock, loopback) = (Rc::clone(client.clock()), client.stays_here());
        let (own, left, made, merged, strangers) = Default::default();
        let (seq, refused) = (Cell::new(0), Cell::new(0));
        Self {
            client,
            clock,
            ledger,
            permissions,
            loopback,
            mask,
            sink,
            own,
            left,
            made,
            merged,
            strangers,
            seq,
            refused,
            stop,
        }
    }

    /// Tells an event.
    pub fn tell(&self, event: &Event) {
        (self.sink.borrow_mut())(event);
    }

    /// The run's clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Whether nothing may be written.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.permissions.read_only
    }

    /// Whether requests stay on this machine.
    #[must_use]
    pub fn stays_here(&self) -> bool {
        self.loopback
    }

    /// Whether requests carry credentials.
    #[must_use]
    pub fn has_credentials(&self) -> bool {
        self.client.has_credentials()
    }

    /// Requests sent so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.seq.get() - self.refused.get()
    }

    /// Requests that were refused here.
    #[must_use]
    pub fn refusals(&self) -> u64 {
        self.refused.get()
    }

    /// Whether the run is to end.
    #[must_use]
    pub fn stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Drops what only the next scenarios need not know, so that memory stays flat.
    pub fn forget(&self, id: &str) {
        self.own.borrow_mut().remove(id);
    }

    /// Takes a resource for the run's own: the ledger says so.
    pub fn adopt(&self, id: &str) {
        self.own.borrow_mut().insert(id.to_owned());
    }

    /// Takes the record of a create that was not answered for the run's own, now that a look-up told its id; whether there
    /// was such a create.
    pub fn take_up(&self, name: &str, id: &str) -> bool {
        let open = self.ledger.still_there();
        let Some(lost) = open.iter().find(|entry| entry.name == name && entry.id.is_none()) else { return false };
        if self.is_merged(lost.number) || self.ledger.created(lost.number, id).is_err() {
            return false;
        }
        self.adopt(id);
        true
    }

    /// Remembers why a resource could not be removed.
    pub fn leave(&self, entry: &Entry, reason: &str) {
        self.left.borrow_mut().insert(entry.number, reason.to_owned());
    }

    /// A resource was removed after all.
    pub fn done(&self, entry: u64) {
        self.left.borrow_mut().remove(&entry);
        self.made.borrow_mut().remove(&entry);
    }

    /// Why a resource could not be removed, if that was tried.
    #[must_use]
    pub fn reason(&self, entry: u64) -> Option<String> {
        self.left.borrow().get(&entry).cloned()
    }

    /// The client took somebody for one of its own who is not.
    pub fn met(&self, stranger: &str) {
        self.strangers.borrow_mut().insert(stranger.to_owned());
    }

    /// A value that was read of somebody who is not the run's own.
    pub fn mask(&self, value: &mut Json) {
        self.mask.json(value);
    }

    /// Whether a create was answered with a record that is not what was sent.
    #[must_use]
    pub fn is_merged(&self, entry: u64) -> bool {
        self.merged.borrow().contains(&entry)
    }

    /// Sends a request, unless it must not be sent.
    pub async fn send(&self, ask: Ask<'_>) -> Answered {
        let Ask { place, origin, base, join, request, needs, accept, at_once } = ask;
        let at = self.clock.utc();
        let path = request.resource.split('?').next().unwrap_or_default().to_owned();
        let length = request.body.as_ref().map_or(0, Vec::len);
        let outgoing = Outgoing {
            target: base.target(&join, &request.resource),
            headers: filled(request.headers, base, length),
            method: request.method.clone(),
            resource: request.resource,
            body: request.body.map(|body| Rc::new(body.into())),
        };
        let permitted = self.permit(&request.method, &path, origin);
        let (sent, got, took) = match permitted
            .and_then(|()| self.permit_names(&outgoing, &path))
            .and_then(|()| self.permit_job(&outgoing, &path))
        {
            Err(failure) => self.not_sent(outgoing, failure),
            Ok(()) => match self.note_creates(&place, &request.method, &path, outgoing.body.as_deref()) {
                Err(failure) => self.not_sent(outgoing, failure),
                Ok(creating) => {
                    let done = self.send_until_stopped(outgoing).await;
                    for creating in &creating {
                        self.note_answer(creating, &done.1);
                    }
                    done
                }
            },
        };
        self.seq.set(self.seq.get() + 1);
        let mut exchange = Exchange { seq: self.seq.get(), place, origin, at, took, sent, got };
        let unmasked = self.mask.exchange(&mut exchange, &|id| self.owns(id));
        self.strangers.borrow().iter().for_each(|id| self.mask.id(&mut exchange, id));
        let status = exchange.status();
        let went_on = status.is_some_and(|status| accepts(accept, status));
        let turn = Turn { exchange: std::sync::Arc::new(exchange), needs, went_on, at_once };
        self.tell(&Event::Exchanged(turn.clone()));
        Answered { unmasked, turn }
    }

    async fn send_until_stopped(&self, outgoing: Outgoing) -> (Sent, Result<Received, Failure>, std::time::Duration) {
        let begun = self.clock.now();
        let mut stop = self.stop.clone();
        let clean_up = self.stopped();
        let (got, took) = tokio::select! {
            biased;
            done = self.client.answer(&outgoing) => done,
            _ = stop.wait_for(|stop| *stop), if !clean_up => {
                let detail = "the run was stopped while this request was under way".to_owned();
                let failure = Failure { kind: FailureKind::Stopped, detail, answer_begun: false };
                (Err(failure), self.clock.now().saturating_sub(begun))
            }
        };
        (self.client.masked(outgoing), got, took)
    }

    fn not_sent(&self, outgoing: Outgoing, failure: Failure) -> (Sent, Result<Received, Failure>, std::time::Duration) {
        self.refused.set(self.refused.get() + 1);
        (self.client.masked(outgoing), Err(failure), std::time::Duration::ZERO)
    }

    /// Whether an id is of a resource of this run, also one that was removed in the meantime.
    #[must_use]
    pub fn owns(&self, id: &str) -> bool {
        self.own.borrow().contains(id)
    }

    fn permit(&self, method: &str, path: &str, origin: Origin) -> Result<(), Failure> {
        let refuse = |detail: String| Err(Failure { kind: FailureKind::Refused, detail, answer_begun: false });
        if self.stopped() && origin != Origin::CleanUp {
            let detail = "the run was stopped before this request".to_owned();
            return Err(Failure { kind: FailureKind::Stopped, detail, answer_begun: false });
        }
        if matches!(method, "GET" | "HEAD") || path.ends_with("/.search") {
            return Ok(());
        }
        if self.permissions.read_only {
            return refuse(format!("{method} {path} was not sent: the run is read-only"));
        }
        let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
        match (method, parts.as_slice()) {
            ("POST", _) => Ok(()),
            (_, [] | [_]) if self.loopback || self.permissions.dangerous => Ok(()),
            (_, [] | [_]) => refuse(format!(
                "{method} {path} was not sent: it could change records that are not the run's own (--dangerous allows it)"
            )),
            (_, [.., id]) if self.owns(&decode_path(id)) || never_existed(&decode_path(id)) => Ok(()),
            _ => refuse(format!(
                "{method} {path} was not sent: the client would have changed a record that is not its own"
            )),
        }
    }

    /// A request may not bring a stranger into a record of the run either: as a member, for example.
    fn permit_names(&self, outgoing: &Outgoing, path: &str) -> Result<(), Failure> {
        let strangers = self.strangers.borrow();
        let body = outgoing.body.as_deref().filter(|_| !strangers.is_empty());
        let Some(body) = body.filter(|_| !matches!(outgoing.method.as_str(), "GET" | "HEAD" | "DELETE")) else {
            return Ok(());
        };
        let body = String::from_utf8_lossy(body);
        if !strangers.iter().any(|id| mask::names(&body, id)) {
            return Ok(());
        }
        let detail = format!(
            "{} {path} was not sent: the client would have named a record that is not its own",
            outgoing.method
        );
        Err(Failure { kind: FailureKind::Refused, detail, answer_begun: false })
    }

    /// A bulk job may change only what requests of their own may.
    fn permit_job(&self, outgoing: &Outgoing, path: &str) -> Result<(), Failure> {
        if outgoing.method != "POST" || path.trim_matches('/') != "Bulk" {
            return Ok(());
        }
        let changed = creating::changed(outgoing.body.as_deref());
        if changed.iter().all(|id| self.owns(id) || never_existed(id)) {
            return Ok(());
        }
        let detail = "POST /Bulk was not sent: the client would have changed a record that is not its own";
        Err(Failure { kind: FailureKind::Refused, detail: detail.to_owned(), answer_begun: false })
    }

    /// Writes down what a request will create, before it leaves.
    fn note_creates(
        &self,
        place: &Place,
        method: &str,
        path: &str,
        body: Option<&Payload>,
    ) -> Result<Vec<Creating>, Failure> {
        let note = |endpoint: &str, body: &Json| {
            let entry = self.ledger.about_to_create(endpoint, body)?;
            self.made.borrow_mut().insert(entry, Play::of(place));
            Ok::<_, std::io::Error>(entry)
        };
        creating::under_way(method, path, body, note).map_err(|error| Failure {
            kind: FailureKind::Refused,
            detail: format!("not sent: the ledger {} cannot be written: {error}", self.ledger.path().display()),
            answer_begun: false,
        })
    }

    fn note_answer(&self, creating: &Creating, raw: &Result<Received, Failure>) {
        let Ok(answer) = raw else { return };
        let noted = match creating.outcome(answer) {
            Outcome::Created(id) => {
                self.own.borrow_mut().insert(id.clone());
                self.ledger.created(creating.entry, &id)
            }
            Outcome::Merged => {
                self.merged.borrow_mut().insert(creating.entry);
                Ok(())
            }
            Outcome::Refused(status) => {
                self.made.borrow_mut().remove(&creating.entry);
                self.ledger.refused(creating.entry, status)
            }
            Outcome::Unknown => Ok(()),
        };
        // The entry itself stands already; without this line clean-up searches by name.
        drop(noted);
    }

    /// Whether a scenario created, or may have created, what an entry of the ledger stands for.
    #[must_use]
    pub fn made_in(&self, entry: u64, place: &Place) -> bool {
        self.made.borrow().get(&entry) == Some(&Play::of(place))
    }
}

/// Variant, scenario and round: who created something.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Play(String, String, u32);

impl Play {
    fn of(place: &Place) -> Self {
        Self(place.variant.clone(), place.scenario.clone(), place.round)
    }
}

/// An id that this tool made up itself: nobody's record can be hit.
fn never_existed(id: &str) -> bool {
    id.starts_with(NOBODY)
}

/// Header lines with what only the moment of sending knows.
pub(crate) fn filled(headers: Vec<(String, String)>, base: &BaseUrl, length: usize) -> Vec<(String, String)> {
    let fill = |value: String| match value.as_str() {
        "{host}" => base.host_line(),
        "{length}" => length.to_string(),
        _ => value,
    };
    headers.into_iter().map(|(name, value)| (name, fill(value))).collect()
}

/// The id that the answer to a create tells, in its body or at the end of its Location.
#[must_use]
pub fn id_of(answer: &Received, endpoint: &str) -> Option<String> {
    let body = answer.json().and_then(|json| json.get("id")).and_then(|id| match id {
        Json::String(id) if !id.is_empty() => Some(id.clone()),
        Json::Number(id) => Some(id.to_string()),
        _ => None,
    });
    body.or_else(|| {
        let location = answer.header("location")?;
        let (_, id) = location.rsplit_once(&format!("{endpoint}/"))?;
        (!id.is_empty() && !id.contains('/')).then(|| decode_path(id))
    })
}

/// Whether a client goes on with a status.
#[must_use]
pub fn accepts(patterns: &[crate::profile::model::StatusPattern], status: u16) -> bool {
    if patterns.is_empty() { (200..300).contains(&status) } else { patterns.iter().any(|pattern| pattern.fits(status)) }
}
