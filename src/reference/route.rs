//! From a request to the answer: who asks, what for, and whether that can be done there (RFC 7644 section 3.2).

use crate::exchange::decode_path;
use crate::exchange::secret::Secret;
use crate::scim::json::Json;
use crate::scim::patch::Policy;

use super::etag::Conditions;
use super::fault::{self, Fault, Memory};
use super::query::{Parameters, Projection, Search};
use super::refusal::Refusal;
use super::resource::{self, Scope};
use super::store::{Kind, Store};
use super::wire::{Answer, MEDIA_TYPE, Request};
use super::{BASE_PATH, Options, auth, bulk, discovery, types};

/// The longest body that is read, in bytes; `bulk.maxPayloadSize` of the service provider configuration.
pub(super) const MAX_BODY: usize = 1 << 20;

/// The provider without its server: a directory and the rules by which it answers.
pub struct Service {
    store: Store,
    policy: Policy,
    token: Option<Secret>,
    /// Host and port for addresses when a request names none.
    host: String,
    faults: Vec<&'static Fault>,
    memory: Memory,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    ServiceProviderConfig,
    ResourceTypes(Option<String>),
    Schemas(Option<String>),
    Me,
    Bulk,
    /// A query by POST, of everything or of one type.
    Search(Option<Kind>),
    /// The base URL itself: everything.
    Root,
    Endpoint(Kind),
    Resource(Kind, String),
}

impl Service {
    /// A directory without users and groups.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        let mut store = Store::new(types::all(), options.seed, options.faults.clone());
        types::stock(&mut store);
        Self {
            store,
            policy: if options.strict { Policy::Strict } else { Policy::Tolerant },
            token: options.token.clone(),
            host: options.listen.to_string(),
            faults: options.faults.clone(),
            memory: Memory::default(),
        }
    }

    /// Answers a request.
    pub fn answer(&mut self, request: &Request<'_>) -> Answer {
        if self.faults.is_empty() {
            return self.conforming(request);
        }
        fault::answer(self, &self.faults.clone(), request)
    }

    /// Answers a request without any fault.
    pub(super) fn conforming(&mut self, request: &Request<'_>) -> Answer {
        self.attempt(request).unwrap_or_else(Answer::from)
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    pub(super) fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// What the faults remember.
    pub(super) fn memory(&mut self) -> &mut Memory {
        &mut self.memory
    }

    fn attempt(&mut self, request: &Request<'_>) -> Result<Answer, Refusal> {
        let target = Target::read(request.path, &self.store);
        let is_public =
            matches!(target, Ok(Target::ServiceProviderConfig)) && request.header("authorization").is_none();
        if !is_public {
            auth::check(self.token.as_ref(), request)?;
        }
        self.dispatch(&target?, request)
    }

    fn dispatch(&mut self, target: &Target, request: &Request<'_>) -> Result<Answer, Refusal> {
        // A HEAD is answered like a GET; the server leaves the body out.
        let method = if request.method == "HEAD" { "GET" } else { request.method };
        if *target == Target::Me {
            return Err(Refusal::new(501, "/Me is not supported."));
        }
        if !target.methods().contains(&method) {
            let detail = format!("{method} is not possible here.");
            return Err(Refusal::new(405, detail).header("allow", target.methods().join(", ")));
        }
        let parameters = Parameters::read(request.query);
        match target {
            Target::ServiceProviderConfig | Target::ResourceTypes(_) | Target::Schemas(_) => {
                self.describe(target, request, &parameters)
            }
            Target::Search(kind) => self.search(*kind, request),
            Target::Root => self.query(None, request, &parameters),
            Target::Endpoint(kind) if method == "GET" => self.query(Some(*kind), request, &parameters),
            _ => self.single(target, method, request, &parameters),
        }
    }

    fn describe(&self, target: &Target, request: &Request<'_>, parameters: &Parameters) -> Result<Answer, Refusal> {
        let base = self.base(request);
        match target {
            Target::ResourceTypes(id) => discovery::resource_types(&self.store, &base, id.as_deref(), parameters),
            Target::Schemas(id) => discovery::schemas(&self.store, &base, id.as_deref(), parameters),
            _ => discovery::service_provider_config(&base, parameters),
        }
    }

    fn query(&self, kind: Option<Kind>, request: &Request<'_>, parameters: &Parameters) -> Result<Answer, Refusal> {
        let scope = self.scope(request, Projection::from_url(parameters)?);
        Search::from_url(parameters)?.answer(&self.store, &scope, &self.kinds(kind))
    }

    fn search(&self, kind: Option<Kind>, request: &Request<'_>) -> Result<Answer, Refusal> {
        let (search, projection) = Search::from_message(&body(request)?)?;
        search.answer(&self.store, &self.scope(request, projection), &self.kinds(kind))
    }

    /// Requests that read or write single resources.
    fn single(
        &mut self,
        target: &Target,
        method: &str,
        request: &Request<'_>,
        parameters: &Parameters,
    ) -> Result<Answer, Refusal> {
        let scope = self.scope(request, Projection::from_url(parameters)?);
        let store = &mut self.store;
        match (target, method) {
            (Target::Bulk, _) => bulk::answer(store, &scope, &body(request)?),
            (Target::Endpoint(kind), _) => resource::create(store, &scope, *kind, &body(request)?),
            (Target::Resource(kind, id), "PUT") => resource::put(store, &scope, *kind, id, &body(request)?, &[]),
            (Target::Resource(kind, id), "PATCH") => resource::patch(store, &scope, *kind, id, &body(request)?, &[]),
            (Target::Resource(kind, id), "DELETE") => resource::delete(store, &scope, *kind, id),
            (Target::Resource(kind, id), _) => resource::read(store, &scope, *kind, id),
            _ => Err(Refusal::new(404, "There is nothing here.")),
        }
    }

    fn kinds(&self, kind: Option<Kind>) -> Vec<Kind> {
        kind.map_or_else(|| self.store.kinds().collect(), |kind| vec![kind])
    }

    fn scope(&self, request: &Request<'_>, projection: Projection) -> Scope {
        let conditions = Conditions::of(request);
        Scope { base: self.base(request), at: request.at, policy: self.policy, conditions, projection }
    }

    /// The base URL as the client knows it.
    fn base(&self, request: &Request<'_>) -> String {
        let host = request.header("host").filter(|host| !host.is_empty()).unwrap_or(&self.host);
        format!("http://{host}{BASE_PATH}")
    }
}

impl Target {
    /// Reads a path. Empty segments mean nothing: `//Users` and `/Users/` lead where `/Users` does.
    fn read(path: &str, store: &Store) -> Result<Self, Refusal> {
        let nowhere = || Refusal::new(404, format!("There is nothing at {path}."));
        let segments: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(decode_path).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let below = match segments.as_slice() {
            ["scim", "v2", below @ ..] => below,
            ["scim", version, ..] if is_version(version) => {
                return Err(Refusal::bad("invalidVers", format!("Version {version} is not supported; v2 is.")));
            }
            _ => return Err(nowhere()),
        };
        match below {
            [] => Ok(Self::Root),
            [".search"] => Ok(Self::Search(None)),
            ["Bulk"] => Ok(Self::Bulk),
            ["Me", ..] => Ok(Self::Me),
            ["ServiceProviderConfig"] => Ok(Self::ServiceProviderConfig),
            ["ResourceTypes"] => Ok(Self::ResourceTypes(None)),
            ["ResourceTypes", id] => Ok(Self::ResourceTypes(Some((*id).to_owned()))),
            ["Schemas"] => Ok(Self::Schemas(None)),
            ["Schemas", id] => Ok(Self::Schemas(Some((*id).to_owned()))),
            [endpoint, rest @ ..] => match (store.kind_at(endpoint).ok_or_else(nowhere)?, rest) {
                (kind, []) => Ok(Self::Endpoint(kind)),
                (kind, [".search"]) => Ok(Self::Search(Some(kind))),
                (kind, [id]) => Ok(Self::Resource(kind, (*id).to_owned())),
                _ => Err(nowhere()),
            },
        }
    }

    /// The methods that a target takes; HEAD goes with GET.
    fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::ServiceProviderConfig | Self::ResourceTypes(_) | Self::Schemas(_) | Self::Root => &["GET"],
            Self::Bulk | Self::Search(_) => &["POST"],
            Self::Endpoint(_) => &["GET", "POST"],
            Self::Resource(..) => &["GET", "PUT", "PATCH", "DELETE"],
            Self::Me => &[],
        }
    }
}

/// `v1`, `v3` (RFC 7644 section 3.13).
fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
}

/// The JSON of a request's body.
///
/// # Errors
/// 413 for too long a body, 415 for another media type than JSON, 400 `invalidSyntax` for what is no JSON object.
fn body(request: &Request<'_>) -> Result<Json, Refusal> {
    if request.body.len() > MAX_BODY {
        let detail = format!("The body is longer than {MAX_BODY} bytes, the limit and the maxPayloadSize of /Bulk.");
        return Err(Refusal::new(413, detail));
    }
    if let Some(given) = request.header("content-type")
        && !is_json(given)
    {
        return Err(Refusal::new(415, format!("Send {MEDIA_TYPE} or application/json, not {given}.")));
    }
    let json = Json::parse(request.body).map_err(|error| Refusal::syntax(format!("The body is not JSON: {error}.")))?;
    match json {
        Json::Object(_) => Ok(json),
        other => Err(Refusal::syntax(format!("The body must be an object, not {}.", other.kind()))),
    }
}

/// Whether a Content-Type is one that carries SCIM, whatever its parameters.
fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.is_empty() || [MEDIA_TYPE, "application/json"].iter().any(|known| media_type.eq_ignore_ascii_case(known))
}
