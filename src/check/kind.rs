//! What an exchange asked for: which operation of RFC 7644 section 3.2, on which resource type.

use std::sync::Arc;

use crate::exchange::Sent;
use crate::facts::Facts;
use crate::scim::schema::ResourceSchema;

/// An operation with what it is about.
#[derive(Clone, Copy, Debug)]
pub struct Kind<'a> {
    /// Which one.
    pub operation: Operation,
    /// The type that lives at the endpoint; `None` at the root, for discovery, and for endpoints nobody declared.
    pub resource: Option<&'a Arc<ResourceSchema>>,
    /// The id in the path, as written there.
    pub id: Option<&'a str>,
}

/// The operations of RFC 7644 section 3.2, table 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `POST /Users`
    Create,
    /// `GET /Users/{id}`
    Read,
    /// `GET /Users`, `GET /`
    List,
    /// `POST /Users/.search`, `POST /.search`
    Search,
    /// `PUT /Users/{id}`
    Replace,
    /// `PATCH /Users/{id}`
    Patch,
    /// `DELETE /Users/{id}`
    Delete,
    /// `GET /ServiceProviderConfig`
    ServiceProviderConfig,
    /// `GET /ResourceTypes`, also of a single one
    ResourceTypes,
    /// `GET /Schemas`, also of a single one
    Schemas,
    /// `POST /Bulk`
    Bulk,
    /// Anything on `/Me`
    Me,
    /// Anything else: other methods, endpoints that nobody declared.
    Other,
}

impl<'a> Kind<'a> {
    /// Classifies a request by its method and path.
    #[must_use]
    pub fn of(sent: &'a Sent, facts: &'a Facts) -> Self {
        let path = sent.path();
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let (first, second, third) = (parts.next(), parts.next(), parts.next());
        let bare = |operation, id| Self { operation, resource: None, id };
        let method = sent.method.as_str();
        match (method, first) {
            (_, _) if third.is_some() => bare(Operation::Other, None),
            (_, Some("Me")) => bare(Operation::Me, None),
            ("GET", None) => bare(Operation::List, None),
            ("POST", Some(".search")) => bare(Operation::Search, None),
            ("POST", Some("Bulk")) => bare(Operation::Bulk, None),
            ("GET", Some("ServiceProviderConfig")) => bare(Operation::ServiceProviderConfig, second),
            ("GET", Some("ResourceTypes")) => bare(Operation::ResourceTypes, second),
            ("GET", Some("Schemas")) => bare(Operation::Schemas, second),
            (_, Some(_)) => match facts.type_at(path) {
                Some(resource) => Self::on_type(method, resource, second),
                None => bare(Operation::Other, None),
            },
            _ => bare(Operation::Other, None),
        }
    }

    fn on_type(method: &str, resource: &'a Arc<ResourceSchema>, id: Option<&'a str>) -> Self {
        let operation = match (method, id) {
            ("GET", None) => Operation::List,
            ("POST", None) => Operation::Create,
            ("POST", Some(".search")) => Operation::Search,
            ("GET", Some(_)) => Operation::Read,
            ("PUT", Some(_)) => Operation::Replace,
            ("PATCH", Some(_)) => Operation::Patch,
            ("DELETE", Some(_)) => Operation::Delete,
            _ => Operation::Other,
        };
        Self { operation, resource: Some(resource), id: id.filter(|id| *id != ".search") }
    }

    /// Whether this is one of `operations`.
    #[must_use]
    pub fn is(&self, operations: &[Operation]) -> bool {
        operations.contains(&self.operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: &str, resource: &str) -> (Operation, Option<String>, Option<String>) {
        let sent = Sent {
            method: method.to_owned(),
            target: format!("/scim/v2{resource}"),
            resource: resource.into(),
            headers: Vec::new(),
            body: None,
        };
        let facts = Facts::default();
        let kind = Kind::of(&sent, &facts);
        (kind.operation, kind.resource.map(|r| r.name.clone()), kind.id.map(str::to_owned))
    }

    #[test]
    fn tells_operations_apart() {
        let user = || Some("User".to_owned());
        assert_eq!(of("POST", "/Users"), (Operation::Create, user(), None));
        assert_eq!(of("POST", "//Users?x=1"), (Operation::Create, user(), None));
        assert_eq!(of("GET", "/Users/?filter=a/b"), (Operation::List, user(), None));
        assert_eq!(of("GET", "/Users/4%202"), (Operation::Read, user(), Some("4%202".to_owned())));
        assert_eq!(of("POST", "/Groups/.search"), (Operation::Search, Some("Group".to_owned()), None));
        assert_eq!(of("POST", "/.search").0, Operation::Search);
        assert_eq!(of("GET", "/?filter=x").0, Operation::List);
        assert_eq!(of("PATCH", "/Users/1").0, Operation::Patch);
        assert_eq!(of("PUT", "/Users/1").0, Operation::Replace);
        assert_eq!(of("DELETE", "/Users/1").0, Operation::Delete);
        assert_eq!(of("GET", "/Schemas/urn:x"), (Operation::Schemas, None, Some("urn:x".to_owned())));
        assert_eq!(of("PUT", "/Me").0, Operation::Me);
        for (method, resource) in
            [("DELETE", "/Users"), ("PATCH", "/Users"), ("HEAD", "/Users/1"), ("GET", "/Devices"), ("POST", "/Schemas")]
        {
            assert_eq!(of(method, resource).0, Operation::Other, "{method} {resource}");
        }
        assert_eq!(of("GET", "/Users/1/emails").0, Operation::Other);
    }
}
