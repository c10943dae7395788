//! What discovery learned of a target: which features it advertises, which resource types and schemas it has.

use std::sync::Arc;

use crate::exchange::Exchange;
use crate::scim::json::Json;
use crate::scim::schema::{Attribute, Mutability, ResourceSchema, Returned, Schema, Type, Uniqueness, builtin};
use crate::scim::urn;

/// What the target says of itself; whatever it did not say is `None` or the RFC's own.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The service provider configuration, if it answered with one.
    pub config: Option<Json>,
    /// Resource types: the target's own, or User and Group when it published none.
    pub types: Vec<Arc<ResourceSchema>>,
    /// Whether the target published its schemas: only then an attribute counts as advertised.
    pub schemas_published: bool,
    /// URNs of the schemas that it published.
    pub published: Vec<String>,
    /// Whether the target published its resource types.
    pub types_published: bool,
    /// User and Group as far as no published type is at their endpoints. A target that declares them wrongly, or not at
    /// all, may serve them all the same, and then they are judged.
    pub undeclared: Vec<Arc<ResourceSchema>>,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            config: None,
            types: vec![builtin::user_type(), builtin::group_type()],
            schemas_published: false,
            published: Vec::new(),
            types_published: false,
            undeclared: Vec::new(),
        }
    }
}

/// A feature of the service provider configuration (RFC 7643 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the RFC's own")]
pub enum Feature {
    Patch,
    Bulk,
    Filter,
    ChangePassword,
    Sort,
    Etag,
}

impl Feature {
    /// All of them, in the order of the configuration.
    pub const ALL: [Self; 6] = [Self::Patch, Self::Bulk, Self::Filter, Self::ChangePassword, Self::Sort, Self::Etag];

    /// Member name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Bulk => "bulk",
            Self::Filter => "filter",
            Self::ChangePassword => "changePassword",
            Self::Sort => "sort",
            Self::Etag => "etag",
        }
    }
}

/// A resource type, or an extension of one, that a target declares of its own.
#[derive(Clone, Debug)]
pub struct OwnType {
    /// The resource type.
    pub schema: Arc<ResourceSchema>,
    /// The extension, if it is not the type itself that is the target's own.
    pub extension: Option<Arc<Schema>>,
}

impl OwnType {
    /// A short name for ids: `Room`, `User-Badge`.
    #[must_use]
    pub fn name(&self) -> String {
        let mut name = self.schema.name.clone();
        if let Some(extension) = &self.extension {
            let segment = || extension.id.rsplit(':').nth(1).unwrap_or_default().to_owned();
            let own = if extension.name.is_empty() { segment() } else { extension.name.clone() };
            name = format!("{name}-{own}");
        }
        name.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect()
    }
}

impl Facts {
    /// What the exchanges of discovery tell: answers of `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas`.
    #[must_use]
    pub fn learn<'a>(exchanges: impl IntoIterator<Item = &'a Exchange>) -> Self {
        let mut facts = Self::default();
        let mut schemas: Vec<Arc<Schema>> = Vec::new();
        let mut types: Vec<(Json, String)> = Vec::new();
        for exchange in exchanges.into_iter().filter(|e| e.succeeded()) {
            let Some(answer) = exchange.answer() else { continue };
            // What is no ListResponse is told by a check; what it says is believed.
            let resources = answer.get("Resources").unwrap_or(answer).as_array().unwrap_or_default();
            match exchange.sent.path().trim_matches('/') {
                "ServiceProviderConfig" => facts.config = Some(answer.clone()),
                "Schemas" => schemas.extend(resources.iter().map(|r| Arc::new(Schema::from_json(r).0))),
                "ResourceTypes" => {
                    let base = exchange.sent.target.strip_suffix(exchange.sent.resource.as_str()).unwrap_or_default();
                    types.extend(resources.iter().map(|json| (json.clone(), base.to_owned())));
                }
                _ => {}
            }
        }
        schemas.retain(|schema| !schema.id.is_empty());
        facts.schemas_published = !schemas.is_empty();
        facts.published = schemas.iter().map(|schema| schema.id.clone()).collect();
        let find = |urn: &str| {
            let published = schemas.iter().find(|s| s.id.eq_ignore_ascii_case(urn)).cloned();
            published.or_else(|| {
                let known = [builtin::user(), builtin::group(), builtin::enterprise_user()];
                known.into_iter().find(|s| s.id.eq_ignore_ascii_case(urn))
            })
        };
        let named: Vec<_> =
            types.iter().filter_map(|(json, base)| resource_type(json, base, &find)).map(Arc::new).collect();
        facts.types_published = !named.is_empty();
        // Without resource types: the two endpoints that every client knows, with the schemas that were published.
        let known = facts.types.iter().map(|known| {
            let core = find(&known.core.id).unwrap_or_else(|| known.core.clone());
            let extensions =
                known.extensions.iter().map(|(e, r)| (find(&e.id).unwrap_or_else(|| e.clone()), *r)).collect();
            Arc::new(ResourceSchema { core, extensions, ..ResourceSchema::clone(known) })
        });
        let known: Vec<_> = known.collect();
        if facts.types_published {
            facts.types = named;
            let declared =
                |of: &Arc<ResourceSchema>| facts.types.iter().any(|t| t.endpoint.eq_ignore_ascii_case(&of.endpoint));
            facts.undeclared = known.into_iter().filter(|of| !declared(of)).collect();
        } else {
            facts.types = known;
        }
        facts
    }

    /// The resource type whose endpoint a path (`/Users/42`) belongs to; endpoints are compared as written, then
    /// without case.
    #[must_use]
    pub fn type_at(&self, path: &str) -> Option<&Arc<ResourceSchema>> {
        let first = path.trim_start_matches('/').split('/').next()?;
        let at = |t: &&Arc<ResourceSchema>| t.endpoint.trim_matches('/') == first;
        let near = |t: &&Arc<ResourceSchema>| t.endpoint.trim_matches('/').eq_ignore_ascii_case(first);
        let declared = self.types.iter().find(at).or_else(|| self.types.iter().find(near));
        declared.or_else(|| self.undeclared.iter().find(near))
    }

    /// Whether the target says, or lets see, that it has not what a requirement or a scenario needs: a feature of its
    /// configuration (`bulk`, `pagination.cursor`), or one of `User`, `Group`, `EnterpriseUser`. What it does not speak of
    /// may be there, but for what has to be declared to be used: cursors (RFC 9865 section 4).
    #[must_use]
    pub fn lacks(&self, need: &str) -> bool {
        let typed = |urn: &str| self.types.iter().find(|t| t.core.id.eq_ignore_ascii_case(urn));
        match need {
            "User" => self.types_published && typed(urn::USER).is_none(),
            "Group" => self.types_published && typed(urn::GROUP).is_none(),
            "EnterpriseUser" => {
                let extended = |user: &Arc<ResourceSchema>| {
                    user.extensions.iter().any(|(e, _)| e.id.eq_ignore_ascii_case(urn::ENTERPRISE_USER))
                };
                self.types_published && !typed(urn::USER).is_some_and(extended)
            }
            "pagination.cursor" => self.pagination("cursor") != Some(true),
            "pagination.index" => self.pagination("index") == Some(false),
            feature => {
                let known = Feature::ALL.into_iter().find(|known| known.as_str() == feature);
                known.is_some_and(|known| self.supports(known) == Some(false))
            }
        }
    }

    /// What of several needs, joined by `+`, is lacking; the first.
    #[must_use]
    pub fn first_lacking<'n>(&self, needs: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        needs.into_iter().flat_map(|needs| needs.split('+')).find(|need| self.lacks(need))
    }

    fn pagination(&self, method: &str) -> Option<bool> {
        self.config.as_ref()?.get("pagination")?.get(method)?.as_bool()
    }

    /// What the target declares beyond User, Group and the Enterprise extension: further resource types, and further
    /// extensions of User and Group.
    #[must_use]
    pub fn declared(&self) -> Vec<OwnType> {
        let mut out = Vec::new();
        for schema in &self.types {
            if ![urn::USER, urn::GROUP].iter().any(|known| known.eq_ignore_ascii_case(&schema.core.id)) {
                out.push(OwnType { schema: Arc::clone(schema), extension: None });
                continue;
            }
            let own = schema.extensions.iter().map(|(extension, _)| extension);
            let own = own.filter(|e| !e.id.eq_ignore_ascii_case(urn::ENTERPRISE_USER) && !e.attributes.is_empty());
            out.extend(own.map(|e| OwnType { schema: Arc::clone(schema), extension: Some(Arc::clone(e)) }));
        }
        out
    }

    /// Whether a feature is advertised; `None` when there is no configuration or it does not say.
    #[must_use]
    pub fn supports(&self, feature: Feature) -> Option<bool> {
        self.config.as_ref()?.get(feature.as_str())?.get("supported")?.as_bool()
    }
}

impl Facts {
    /// A single text that a client can be given to write, in an extension that the target itself declares for users, as
    /// `URN:attribute`: readable and writable, without a list of allowed values, and not unique.
    #[must_use]
    pub fn custom_attribute(&self) -> Option<String> {
        self.custom(|attribute| {
            !attribute.multi_valued && attribute.kind == Type::String && attribute.canonical_values.is_empty()
        })
    }

    /// The same with several values of which one can be marked as primary (`value` and `primary`, RFC 7643 section 2.4).
    #[must_use]
    pub fn custom_values(&self) -> Option<String> {
        self.custom(|attribute| {
            let sub = |name: &str, kind: Type| attribute.sub(name).is_some_and(|sub| sub.kind == kind && is_free(sub));
            attribute.multi_valued && sub("value", Type::String) && sub("primary", Type::Boolean)
        })
    }

    fn custom(&self, wanted: impl Fn(&Attribute) -> bool) -> Option<String> {
        let extensions = self.type_at("/Users")?.extensions.iter().map(|(extension, _)| extension);
        // Whoever writes one attribute of it would have to write the required ones too.
        let mut own = extensions.filter(|extension| {
            extension.id != urn::ENTERPRISE_USER && extension.attributes.iter().all(|attribute| !attribute.required)
        });
        own.find_map(|extension| {
            let attribute = extension.attributes.iter().find(|attribute| is_free(attribute) && wanted(attribute))?;
            Some(format!("{}:{}", extension.id, attribute.name))
        })
    }
}

/// Whether anybody may write any value and reads it again without asking for it.
fn is_free(attribute: &Attribute) -> bool {
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    attribute.mutability == Mutability::ReadWrite
        && matches!(attribute.returned, Returned::Default | Returned::Always)
        && attribute.uniqueness == Uniqueness::None
        && is_name(&attribute.name)
}

/// An endpoint relative to the base URL (RFC 7643 section 6). Some targets write the base path in front, or the whole
/// address; which resources are meant is plain all the same.
#[must_use]
pub fn relative_endpoint<'e>(endpoint: &'e str, base: &str) -> &'e str {
    let path =
        endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let (path, base) = (path.trim_matches('/'), base.trim_matches('/'));
    let within = path.strip_prefix(base).filter(|rest| rest.starts_with('/') && !base.is_empty());
    within.unwrap_or(path).trim_matches('/')
}

fn resource_type(json: &Json, base: &str, find: &impl Fn(&str) -> Option<Arc<Schema>>) -> Option<ResourceSchema> {
    let text = |name: &str| json.get(name).and_then(Json::as_str);
    let extensions = json.get("schemaExtensions").and_then(Json::as_array).unwrap_or_default();
    let endpoint = relative_endpoint(text("endpoint")?, base);
    Some(ResourceSchema {
        name: text("name").or_else(|| text("id"))?.to_owned(),
        endpoint: format!("/{endpoint}"),
        core: find(text("schema")?)?,
        extensions: extensions
            .iter()
            .filter_map(|e| {
                let required = e.get("required").and_then(Json::as_bool).unwrap_or(false);
                let urn = e.get("schema")?.as_str()?;
                // Declared and not published: it belongs to the type all the same, whatever is in it.
                let unknown = || Arc::new(Schema { id: urn.to_owned(), ..Schema::default() });
                Some((find(urn).unwrap_or_else(unknown), required))
            })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::exchange::{Origin, Place, Received, Sent};

    fn facts(attributes: &str) -> Facts {
        let text = format!(r#"{{"id":"urn:example:badge","name":"Badge","attributes":[{attributes}]}}"#);
        let schema = Schema::from_json(&Json::parse(text.as_bytes()).unwrap()).0;
        let mut user = ResourceSchema::clone(&builtin::user_type());
        user.extensions.push((Arc::new(schema), false));
        Facts { types: vec![Arc::new(user)], ..Facts::default() }
    }

    #[test]
    fn an_attribute_that_a_client_can_write_is_found() {
        let attribute =
            |name: &str, more: &str| format!(r#"{{"name":"{name}","type":"string","multiValued":false{more}}}"#);
        let unfit = [
            attribute("badgeNumber", r#","uniqueness":"server""#),
            attribute("badgeColor", r#","canonicalValues":["green"]"#),
            attribute("issuedAt", r#","mutability":"readOnly""#),
            attribute("secret", r#","returned":"never""#),
            r#"{"name":"notes","type":"string","multiValued":true}"#.to_owned(),
            r#"{"name":"level","type":"integer","multiValued":false}"#.to_owned(),
        ];
        for one in &unfit {
            assert_eq!(facts(one).custom_attribute(), None, "{one}");
        }
        let fit = format!("{},{}", unfit.join(","), attribute("shelf", ""));
        assert_eq!(facts(&fit).custom_attribute().as_deref(), Some("urn:example:badge:shelf"));
        let required = format!("{fit},{}", attribute("site", r#","required":true"#));
        assert_eq!(facts(&required).custom_attribute(), None);
        assert_eq!(Facts::default().custom_attribute(), None);
    }

    #[test]
    fn values_of_which_one_is_primary_are_found() {
        let complex =
            |subs: &str| format!(r#"{{"name":"desks","type":"complex","multiValued":true,"subAttributes":[{subs}]}}"#);
        let value = r#"{"name":"value","type":"string","multiValued":false}"#;
        let primary = r#"{"name":"primary","type":"boolean","multiValued":false}"#;
        assert_eq!(facts(&complex(value)).custom_values(), None);
        let both = complex(&format!("{value},{primary}"));
        assert_eq!(facts(&both).custom_values().as_deref(), Some("urn:example:badge:desks"));
        assert_eq!(facts(&both).custom_attribute(), None);
    }

    fn told(resource: &str, body: &str) -> Exchange {
        let sent = Sent {
            method: "GET".to_owned(),
            target: format!("/scim/v2{resource}"),
            resource: resource.into(),
            headers: Vec::new(),
            body: None,
        };
        let got = Ok(Received::new(200, "OK".to_owned(), Vec::new(), body.as_bytes().to_vec(), Vec::new()));
        let (at, took) = (jiff::Timestamp::UNIX_EPOCH, Duration::ZERO);
        let place = Place { variant: String::new(), scenario: "discovery".to_owned(), round: 0, step: String::new() };
        Exchange { seq: 1, place, origin: Origin::Discovery, at, took, sent, got }
    }

    fn types(endpoint: &str) -> Facts {
        let body = format!(
            r#"{{"Resources":[{{"name":"Person","endpoint":"{endpoint}","schema":"{}"}}]}}"#,
            crate::scim::urn::USER
        );
        Facts::learn([&told("/ResourceTypes", &body)])
    }

    #[test]
    fn endpoints_are_understood_however_they_are_written() {
        for endpoint in ["/Users", "Users", "/Users/", "/scim/v2/Users", "https://example.com/scim/v2/Users"] {
            assert_eq!(types(endpoint).type_at("/Users/1").unwrap().name, "Person", "{endpoint}");
        }
        assert_eq!(types("/People").type_at("/People").unwrap().name, "Person");
    }

    #[test]
    fn what_every_client_knows_is_judged_even_if_it_is_not_declared() {
        let facts = types("/People");
        assert_eq!(facts.type_at("/Users").unwrap().name, "User");
        assert_eq!(facts.type_at("/Groups/7").unwrap().name, "Group");
        assert!(facts.type_at("/Devices").is_none());
        assert_eq!(facts.types.len(), 1, "it does not count as declared");
    }

    #[test]
    fn a_bare_array_is_believed() {
        let body = format!(r#"[{{"name":"Team","endpoint":"/Groups","schema":"{}"}}]"#, crate::scim::urn::GROUP);
        assert_eq!(Facts::learn([&told("/ResourceTypes", &body)]).type_at("/Groups").unwrap().name, "Team");
    }
}
