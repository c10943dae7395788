//! The lines of a transcript, as they are written and read. Field order is the order in the file.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::carried::Carried;
use crate::event::Credential;

type Text<'a> = Cow<'a, str>;

/// Which line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Run,
    Plan,
    Exchange,
    Scenario,
    Verdicts,
    CleanUp,
    End,
}

/// What is looked at first.
#[derive(Deserialize)]
pub(super) struct Peek {
    pub r#type: Kind,
}

/// What the first line is looked at for.
#[derive(Deserialize)]
pub(super) struct FirstPeek {
    pub scimproof: Option<u64>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Run<'a> {
    pub scimproof: u64,
    pub r#type: Kind,
    pub version: Text<'a>,
    #[serde(rename = "run")]
    pub name: Text<'a>,
    pub at: String,
    pub target: Text<'a>,
    pub embedded: bool,
    pub seed: u64,
    pub strict: bool,
    pub read_only: bool,
    pub notices: Cow<'a, [String]>,
    /// Names of environment variables, never what they hold.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub credentials: Cow<'a, [Credential]>,
    pub variants: Vec<Variant<'a>>,
    pub profiles: Vec<Profile<'a>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Plan<'a> {
    pub r#type: Kind,
    pub variants: Vec<Decision<'a>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Decision<'a> {
    pub label: Text<'a>,
    pub settings: Cow<'a, [(String, String)]>,
    pub left_out: Cow<'a, [(String, String)]>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Variant<'a> {
    pub label: Text<'a>,
    pub profile: Text<'a>,
    pub settings: Cow<'a, [(String, String)]>,
    pub scenarios: Vec<Planned<'a>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Planned<'a> {
    pub id: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<Text<'a>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Profile<'a> {
    pub id: Text<'a>,
    pub files: Vec<File<'a>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct File<'a> {
    pub name: Text<'a>,
    pub text: Text<'a>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Exchange<'a> {
    pub r#type: Kind,
    pub seq: u64,
    #[serde(flatten)]
    pub place: Place<'a>,
    pub origin: Text<'a>,
    pub at: String,
    pub took_us: u64,
    pub request: Request<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need<'a>>,
    pub went_on: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_once: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Place<'a> {
    pub variant: Text<'a>,
    pub scenario: Text<'a>,
    pub round: u32,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub step: Text<'a>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Request<'a> {
    pub method: Text<'a>,
    pub target: Text<'a>,
    pub resource: Text<'a>,
    pub headers: Cow<'a, [(String, String)]>,
    #[serde(flatten)]
    pub body: Body<'a>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Answer<'a> {
    pub status: u16,
    pub reason: Text<'a>,
    pub headers: Cow<'a, [(String, String)]>,
    #[serde(flatten)]
    pub body: Body<'a>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub oddities: Vec<Oddity<'a>>,
}

/// Absent, text as it is, or base64 where it is not UTF-8.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Body<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encoding: Option<Text<'a>>,
}

impl<'a> Body<'a> {
    pub(super) fn of(bytes: Option<&'a [u8]>) -> Self {
        match bytes.map(|bytes| (bytes, std::str::from_utf8(bytes))) {
            None => Self::default(),
            Some((_, Ok(text))) => Self { body: Some(text.into()), encoding: None },
            Some((bytes, Err(_))) => {
                Self { body: Some(STANDARD.encode(bytes).into()), encoding: Some("base64".into()) }
            }
        }
    }

    pub(super) fn bytes(self) -> Result<Option<Vec<u8>>, String> {
        match (self.body, self.encoding.as_deref()) {
            (None, _) => Ok(None),
            (Some(text), None) => Ok(Some(text.into_owned().into_bytes())),
            (Some(text), Some("base64")) => {
                STANDARD.decode(text.as_bytes()).map(Some).map_err(|error| format!("the body is not base64: {error}"))
            }
            (Some(_), Some(other)) => Err(format!("the encoding of the body is `{other}`; known is `base64`")),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", content = "detail", rename_all = "kebab-case")]
pub(super) enum Oddity<'a> {
    BodyWhereNoneBelongs(usize),
    BodyCut(usize),
    BareLineFeed,
    BadContentCoding(Text<'a>),
    Malformed(Text<'a>),
}

#[derive(Serialize, Deserialize)]
pub(super) struct Failure<'a> {
    pub kind: Text<'a>,
    pub detail: Text<'a>,
    pub answer_begun: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Need<'a> {
    pub id: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    pub value: Option<Box<RawValue>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Scenario<'a> {
    pub r#type: Kind,
    #[serde(flatten)]
    pub place: Place<'a>,
    pub ending: Ending<'a>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsettled: Vec<Unsettled<'a>>,
    /// Invented values with what they stand for.
    #[serde(default)]
    pub invented: Cow<'a, [(String, String)]>,
    /// How it was judged in the run, known deviations left out; judging again may give something else.
    pub judged: Judged,
    /// Verdicts that judging again does not find.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Carried<'a>>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Judged {
    pub errors: u64,
    pub warnings: u64,
    pub undetermined: u64,
}

/// Verdicts about the run as a whole.
#[derive(Serialize, Deserialize)]
pub(super) struct Verdicts<'a> {
    pub r#type: Kind,
    #[serde(flatten)]
    pub carried: Carried<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(super) enum Ending<'a> {
    Played,
    Stuck { step: Text<'a>, reason: Text<'a> },
    Undetermined { reason: Text<'a> },
}

#[derive(Serialize, Deserialize)]
pub(super) struct Unsettled<'a> {
    pub step: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    pub changes: Vec<Change<'a>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Change<'a> {
    pub path: Text<'a>,
    pub wanted: Box<RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    pub read: Option<Box<RawValue>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct CleanUp<'a> {
    pub r#type: Kind,
    pub created: usize,
    pub removed: usize,
    pub kept: usize,
    pub left_over: Vec<LeftOver<'a>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct LeftOver<'a> {
    pub path: Text<'a>,
    pub name: Text<'a>,
    pub reason: Text<'a>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct End<'a> {
    pub r#type: Kind,
    pub at: String,
    pub took_us: u64,
    pub requests: u64,
    pub refused: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut<'a>>,
    #[serde(default)]
    pub stale: Cow<'a, [String]>,
    /// Judged again when the transcript is.
    #[serde(default)]
    pub requirements: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", content = "detail", rename_all = "kebab-case")]
pub(super) enum Cut<'a> {
    Interrupted,
    BudgetSpent,
    Unreachable(Text<'a>),
}

/// A value that is there, `null` included; serde takes that for an absent one.
fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(Some)
}
