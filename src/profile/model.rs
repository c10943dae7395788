//! A client profile as data: how the client speaks, what it does, what it needs, and how we know.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::scim::json::Json;

/// How well something is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// A conclusion, or one unsupported claim: never fails a run.
    Inferred,
    /// The vendor says so.
    Documented,
    /// Seen on the wire.
    Captured,
}

impl Grade {
    /// The word used in files and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inferred => "inferred",
            Self::Documented => "documented",
            Self::Captured => "captured",
        }
    }
}

/// How we know: a grade and the keys of its sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The lower grade where there are two.
    pub grade: Grade,
    /// Keys into [`Profile::sources`].
    pub sources: Vec<String>,
}

/// Where a fact comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it is.
    pub what: String,
    /// When it was written or seen, `2026-09-28` or coarser.
    pub date: String,
    /// Where to read it, if it has an address.
    pub url: Option<String>,
}

/// A client.
#[derive(Debug)]
pub struct Profile {
    /// Id, such as `okta`.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// What it is, a few lines.
    pub about: String,
    /// Said wherever the profile is shown, when it is no replay of captured traffic.
    pub reconstructed: Option<String>,
    /// Whether a run without named profiles plays it.
    pub by_default: bool,
    /// Evidence sources by key.
    pub sources: BTreeMap<String, Source>,
    /// How it speaks.
    pub traits: Traits,
    /// Its switches.
    pub settings: Vec<Setting>,
    /// What it does when it is asked to wait; `None`: that is not known.
    pub patience: Option<Patience>,
    /// What an administrator ticks, in the console's words and order.
    pub features: Vec<Feature>,
    /// What it needs of answers; steps refer to them by id.
    pub needs: Vec<Arc<Need>>,
    /// How differences are written as PATCH operations; the first whose `when` holds.
    pub dialects: Vec<Dialect>,
    /// What it does.
    pub scenarios: Vec<Arc<Scenario>>,
    /// The files it was read from: name within the profile's folder, text. A transcript carries them.
    pub files: Vec<(String, String)>,
}

impl Profile {
    /// A need by its id.
    #[must_use]
    pub fn need(&self, id: &str) -> Option<&Arc<Need>> {
        self.needs.iter().find(|need| need.id == id)
    }

    /// A scenario by its id. What stands behind an `@` names what it is played for.
    #[must_use]
    pub fn scenario(&self, id: &str) -> Option<&Arc<Scenario>> {
        let id = id.split('@').next().unwrap_or_default();
        self.scenarios.iter().find(|scenario| scenario.id == id)
    }

    /// A feature by its id.
    #[must_use]
    pub fn feature(&self, id: &str) -> Option<&Feature> {
        self.features.iter().find(|feature| feature.id == id)
    }
}

/// How a client waits and tries again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Statuses that make it wait.
    pub on: Vec<StatusPattern>,
    /// Seconds that it waits when the answer names none that it understands.
    pub wait: u32,
    /// `Retry-After` is honoured when it is a whole number of seconds.
    pub retry_after: bool,
    /// The second and every further wait is twice the one before.
    pub doubles: bool,
    /// Times that it sends a request at most.
    pub attempts: u32,
    /// An answer that does not come in time counts too.
    pub time_out: bool,
    /// What it takes up again.
    pub resume: Resume,
    /// How we know.
    pub evidence: Evidence,
}

/// What a client takes up again after it was refused for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// The same request.
    Request,
    /// Everything, in its next cycle. The pause between cycles is left out.
    Cycle,
}

/// How a client joins, encodes and heads its requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traits {
    /// How the base URL and a path become one.
    pub join: Join,
    /// Whether every resource path ends in a slash: `/Users/`, `/Users/ID/`.
    pub suffix_slash: bool,
    /// What becomes of a query string in the base URL.
    pub query: BaseQuery,
    /// How a blank in an interpolated query value is written: `percent20` or `plus` (a template over settings).
    pub space: String,
    /// Whether percent-encodings of interpolated values use upper-case hex digits.
    pub upper_hex: bool,
    /// Whether an id is percent-encoded in a path, or used as the server gave it.
    pub escape_ids: bool,
    /// Form of a user's `externalId`: `{alnum:17}`, `{hex:24}`, `{guid}` stand for invented parts.
    pub user_external_id: String,
    /// The same for groups; empty: the client has none.
    pub group_external_id: String,
    /// What an administrator appends to the base URL as its query for this variant (a template over settings; empty:
    /// nothing). Never added when the base URL already carries it.
    pub own_query: Option<String>,
    /// Where the base URL's query goes when the request has one of its own: `first`, `last` or `omit` (a template over
    /// settings).
    pub query_position: String,
    /// Whether it goes on with whatever is answered: what an answer should have been, the standard says. Where it cannot
    /// go on without something that no answer gave, the scenario is undetermined.
    pub curious: bool,
    /// Header lines in their order. Values may hold `{credentials}`, `{host}`, `{length}`.
    pub headers: Vec<HeaderLine>,
}

/// How a base URL and a path become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// The path is appended to the string as typed: a trailing slash shows as `//Users`.
    Concat,
    /// One trailing slash is taken off first.
    StripOne,
    /// All trailing slashes are taken off first.
    StripAll,
}

/// What becomes of a query string in the base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseQuery {
    /// It goes behind the resource path and is merged with the request's own query, where `query_position` says.
    KeepAndMerge,
    /// The path is appended to the string as typed, behind the query: `/scim?flag/Users`.
    AppendRaw,
    /// Unknown: the profile is not played with such a URL.
    Unknown,
}

/// One header line of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLine {
    /// Name, spelt as on the wire.
    pub name: String,
    /// Value, possibly with placeholders.
    pub value: String,
    /// Methods that carry it; empty: all.
    pub on: Vec<String>,
    /// Condition over settings.
    pub when: Option<String>,
}

/// A switch of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Name, such as `app`.
    pub name: String,
    /// What it may be.
    pub kind: SettingKind,
    /// Its value when nobody says anything.
    pub default: String,
    /// Values that a plain profile plays, each as a variant of its own; empty: the default only.
    pub plain: Vec<String>,
    /// A base URL whose query has one of the setting's values as a key fixes it to that value (Entra's flag).
    pub in_base_url: bool,
    /// What the target declares for users fills it, when nobody says anything and its default is empty.
    pub declared: Option<Declared>,
    /// What it is for.
    pub about: String,
    /// How we know that it exists and what its default is.
    pub evidence: Evidence,
}

/// What of an extension that the target itself declares for users a client can be given to write, as `URN:attribute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// A single text.
    Attribute,
    /// Several values, of which one can be marked as primary.
    Values,
}

/// What a setting may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// One of these words.
    Choice(Vec<String>),
    /// `on` or `off`.
    Switch,
    /// A whole number within bounds.
    Number(i64, i64),
    /// Any text.
    Text,
}

/// What an administrator ticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Id, such as `push-new-users`.
    pub id: String,
    /// The console's words.
    pub title: String,
    /// Why it sends nothing, if it does not.
    pub sends_nothing: Option<String>,
}

/// How a read-compare-write client writes differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Condition over settings.
    pub when: Option<String>,
    /// `Add`/`Replace` or `add`/`replace`.
    pub capital_ops: bool,
    /// How a boolean is written.
    pub booleans: BooleanStyle,
    /// Several single-valued attributes with the same op become one operation without a path.
    pub merge: bool,
}

/// How a boolean value is written in a PATCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BooleanStyle {
    /// `"True"`, `"False"`
    Capital,
    /// `"true"`, `"false"`
    Lower,
    /// `true`, `false`
    Json,
}

/// What a client needs of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    /// Id within the profile; the check is `PROFILE/ID`.
    pub id: String,
    /// What is needed, a sentence in plain words.
    pub text: String,
    /// What happens otherwise, in the words of an administrator.
    pub breaks: String,
    /// How we know.
    pub evidence: Evidence,
    /// How bad it is when the evidence carries it.
    pub level: Level,
    /// Statuses for which the rest is looked at; empty: any 2xx.
    pub on: Vec<StatusPattern>,
    /// What is looked at.
    pub test: Test,
    /// How to mend it.
    pub fix: Option<String>,
}

/// How bad an unmet need is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Shown only.
    Note,
    /// A warning.
    Warning,
    /// The feature breaks.
    Error,
}

/// A status code or a class of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusPattern {
    /// `404`
    Code(u16),
    /// `2xx`
    Class(u16),
}

impl StatusPattern {
    /// Whether a status fits.
    #[must_use]
    pub fn fits(self, status: u16) -> bool {
        match self {
            Self::Code(code) => code == status,
            Self::Class(class) => class == status / 100,
        }
    }
}

impl std::fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Class(class) => write!(f, "{class}xx"),
        }
    }
}

/// What a need looks at. Pointers are JSON pointers into the answer; `*` stands for every element.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The status is one of these.
    Status(Vec<StatusPattern>),
    /// The value is of one of these kinds (JSON kinds, and `integer`, `present`, `absent`, `not-empty`).
    Is(String, Vec<String>),
    /// The value equals this; a JSON literal with template parts. Strings compare with case.
    Equals(String, String),
    /// The string contains this, or the array has an element equal to it (a JSON literal with template parts).
    Contains(String, String),
    /// A header is there and contains this text (without case).
    Header(String, String),
    /// The whole answer is there after at most so many milliseconds.
    Within(u32),
}

/// One thing that a client does.
#[derive(Debug)]
pub struct Scenario {
    /// Id within the profile.
    pub id: String,
    /// What it is, for people.
    pub title: String,
    /// The feature it belongs to.
    pub feature: String,
    /// Why it is played, and what it shows.
    pub why: String,
    /// Condition over settings: other variants do not have it.
    pub when: Option<String>,
    /// What the target must advertise ([`NEEDS`]): otherwise it is not played, with that reason.
    pub requires: Vec<String>,
    /// Played once for each resource type and extension that the target declares of its own; templates know it as
    /// `type`.
    pub for_each_declared: bool,
    /// Switches that an administrator can turn off; off is *not played*, with that reason. Names of settings.
    pub switches: Vec<String>,
    /// Reads whole collections: runs alone, its totals stay out of baselines.
    pub alone: bool,
    /// Tries the base URL with a slash at its end, before everything else of its variant: where that does not work, a
    /// client that joins by concatenation plays on without the slash, and only this scenario tells it.
    pub slash: bool,
    /// Writes no request of the client (it can be played on a read-only run).
    pub reads_only: bool,
    /// The people and groups in it.
    pub actors: Vec<Actor>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

impl Scenario {
    /// The feature that a step of it is about.
    #[must_use]
    pub fn feature_of<'s>(&'s self, step: &'s Step) -> &'s str {
        step.feature.as_deref().unwrap_or(&self.feature)
    }
}

/// A user or group in a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Actor {
    /// Its name in templates.
    pub id: String,
    /// User or group.
    pub kind: ActorKind,
    /// Whether the set-up phase makes it beforehand.
    pub exists: bool,
    /// Members of an existing group, by actor id.
    pub members: Vec<String>,
    /// Further members of the set-up body, a JSON object with template parts.
    pub set: Option<String>,
    /// How many there are; more than one makes it a list in templates. A template over settings.
    pub count: Option<String>,
}

/// The kinds of [`Actor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActorKind {
    /// `/Users`
    User,
    /// `/Groups`
    Group,
}

/// One request of a client, what it takes from the answer, and what it needs of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Id within the scenario.
    pub id: String,
    /// How we know that the client sends this.
    pub evidence: Evidence,
    /// What it is for, if the id does not say it.
    pub why: Option<String>,
    /// The feature that it is about, if that is not the scenario's.
    pub feature: Option<String>,
    /// Condition over settings and what happened so far; otherwise the step is left out.
    pub when: Option<String>,
    /// HTTP method.
    pub method: String,
    /// Path and query, a template.
    pub target: String,
    /// What is sent.
    pub body: Body,
    /// Header lines of this step, templates: replace those of the profile with that name; an empty value removes one.
    pub headers: Vec<(String, String)>,
    /// What the target must advertise ([`NEEDS`]): otherwise the step is left out.
    pub requires: Vec<String>,
    /// Played once for each of these attributes of the declared type, bound as `attribute`.
    pub attributes: Option<Attributes>,
    /// Played once for each actor of this list (an actor's name, or a list's), bound as `it`.
    pub each: Vec<String>,
    /// Played once for each element of this list, an expression over captured values, bound as `it`.
    pub over: Option<String>,
    /// Whether what `each` or `over` asks for is under way at the same time, which shows updates that get lost. What is sent
    /// must lead to the same state in any order; only what is read afterwards tells it.
    pub at_once: bool,
    /// Repeated page by page with this page size, `page.start` counting on, while `totalResults` is larger.
    pub pages: Option<u32>,
    /// Binds `ACTOR.found`, `ACTOR.hits`, `ACTOR.id` from a list answer.
    pub finds: Option<String>,
    /// Binds `ACTOR.id` from the answer to a create.
    pub creates: Option<String>,
    /// Keeps the answer's representation for echo and diff.
    pub reads: Option<String>,
    /// The actor is gone afterwards.
    pub deletes: Option<String>,
    /// Further values from the answer: name in templates, and where they stand.
    pub capture: Vec<(String, Spot)>,
    /// Statuses with which the client goes on; empty: 2xx, or any if the client is curious.
    pub accept: Vec<StatusPattern>,
    /// Whether we read back what the step wrote. A step whose effect the next one shows needs it not.
    pub read_back: bool,
    /// Ids of needs.
    pub needs: Vec<String>,
    /// The client must have nothing to write here (convergence): a request is itself the finding.
    pub settled: bool,
    /// What an answer to this step that the client cannot go on from means to an administrator. Empty: the client takes
    /// whatever the state of the target is.
    pub breaks: Option<String>,
}

/// What a target can advertise and a scenario or step can require: features of the configuration, resource types.
pub const NEEDS: [&str; 11] = [
    "patch",
    "bulk",
    "filter",
    "sort",
    "etag",
    "changePassword",
    "pagination.cursor",
    "pagination.index",
    "User",
    "Group",
    "EnterpriseUser",
];

/// Which attributes of a declared type a step is played for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// Condition over `attribute`.
    pub when: String,
    /// Characteristics (fields of `attribute`) in which they differ: of those with the same the first is taken.
    pub distinct: Vec<String>,
    /// How many at most.
    pub at_most: usize,
}

/// Where a value stands in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// In the body, a JSON pointer.
    Body(String),
    /// In a header, by its name.
    Header(String),
}

/// What a step sends.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Nothing.
    None,
    /// A literal text with template parts.
    Text(String),
    /// What was read of an actor, with members written over it and members appended where absent; JSON objects with
    /// template parts. The server's member order and number tokens stay, compact.
    Echo {
        /// Actor.
        of: String,
        /// Written over.
        overlay: String,
        /// Added at the end when absent.
        append: String,
    },
    /// PATCH operations from the difference between what was read of an actor and what is wanted.
    Diff {
        /// Actor.
        of: String,
        /// Attribute path and wanted value (a JSON literal with template parts), in order.
        want: Vec<(String, String)>,
    },
}

/// A need with its template parts filled in, for one exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundNeed {
    /// The need's id within the profile.
    pub id: String,
    /// What [`Test::Equals`] and [`Test::Contains`] compare with.
    pub value: Option<Json>,
}
