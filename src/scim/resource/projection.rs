//! What is returned of a resource.

use crate::scim::json::{Json, Object};
use crate::scim::path::AttributePath;
use crate::scim::schema::{Attribute, ResourceSchema, Returned, builtin};

/// What is returned of a resource for `attributes` and `excludedAttributes` (RFC 7644 section 3.9; RFC 7643
/// section 2.2 `returned`). Both empty: the default set.
///
/// A path may name an attribute, a sub-attribute, or, as its URN, a whole schema. What has no value afterwards is left
/// out. Attributes that no schema knows count as `returned: default`.
#[must_use]
pub fn project(
    resource: &Json,
    schema: &ResourceSchema,
    attributes: &[AttributePath],
    excluded: &[AttributePath],
) -> Json {
    let Json::Object(members) = resource else { return resource.clone() };
    let core = Projection { urn: &schema.core.id, is_core: true, attributes, excluded };
    let mut projected = Object::default();
    for (name, value) in members.iter() {
        let definition = builtin::common(name).or_else(|| schema.core.attribute(name));
        let value = if definition.is_none() && name.contains(':') {
            let extension = schema.extensions.iter().map(|(e, _)| e).find(|e| e.id.eq_ignore_ascii_case(name));
            let projection = Projection { urn: name, is_core: false, attributes, excluded };
            projection.members(value, |attribute| extension.and_then(|e| e.attribute(attribute)))
        } else {
            core.attribute(name, value, definition)
        };
        projected.0.extend(value.map(|value| (name.to_owned(), value)));
    }
    Json::Object(projected)
}

/// What was asked for of one schema's attributes.
struct Projection<'p> {
    urn: &'p str,
    is_core: bool,
    attributes: &'p [AttributePath],
    excluded: &'p [AttributePath],
}

/// What paths say about one attribute.
#[derive(Default)]
struct Named<'p> {
    whole: bool,
    subs: Vec<&'p str>,
}

impl Named<'_> {
    fn sub(&self, name: &str) -> bool {
        self.subs.iter().any(|sub| sub.eq_ignore_ascii_case(name))
    }
}

impl<'p> Projection<'p> {
    fn members<'a>(&self, value: &Json, define: impl Fn(&str) -> Option<&'a Attribute>) -> Option<Json> {
        let kept = value.as_object()?.iter().filter_map(|(name, value)| {
            let value = self.attribute(name, value, define(name))?;
            Some((name.to_owned(), value))
        });
        Some(kept.collect::<Object>()).filter(|object| !object.is_empty()).map(Json::Object)
    }

    fn attribute(&self, name: &str, value: &Json, definition: Option<&Attribute>) -> Option<Json> {
        let wanted = self.named(self.attributes, name);
        let unwanted = self.named(self.excluded, name);
        let returned = definition.map_or(Returned::Default, |d| d.returned);
        let whole = match returned {
            Returned::Never => return None,
            Returned::Always => true,
            _ if unwanted.whole => return None,
            Returned::Request => wanted.whole,
            Returned::Default => wanted.whole || self.attributes.is_empty(),
        };
        let keep = |sub: &str| match definition.and_then(|d| d.sub(sub)).map_or(Returned::Default, |s| s.returned) {
            Returned::Never => false,
            Returned::Always => true,
            _ if unwanted.sub(sub) => false,
            Returned::Request => wanted.sub(sub),
            Returned::Default => whole || wanted.sub(sub),
        };
        let any = whole || !wanted.subs.is_empty();
        any.then(|| with_subs(value, whole, &keep)).flatten()
    }

    fn named(&self, paths: &'p [AttributePath], name: &str) -> Named<'p> {
        let mut named = Named::default();
        for path in paths {
            if self.is_meant_whole(path) {
                named.whole = true;
            } else if self.holds(path) && path.attribute.eq_ignore_ascii_case(name) {
                match &path.sub {
                    Some(sub) => named.subs.push(sub),
                    None => named.whole = true,
                }
            }
        }
        named
    }

    fn holds(&self, path: &AttributePath) -> bool {
        path.urn.as_ref().map_or(self.is_core, |urn| urn.eq_ignore_ascii_case(self.urn))
    }

    /// A schema's URN looks like a path: its last part where the attribute stands.
    fn is_meant_whole(&self, path: &AttributePath) -> bool {
        let Some(urn) = &path.urn else { return false };
        let rest = self.urn.get(urn.len()..).filter(|_| self.urn[..urn.len()].eq_ignore_ascii_case(urn));
        let mut last = rest.and_then(|rest| rest.strip_prefix(':')).unwrap_or_default().splitn(2, '.');
        let same = |part: Option<&str>, name: Option<&str>| match (part, name) {
            (Some(part), Some(name)) => part.eq_ignore_ascii_case(name),
            (part, name) => part == name,
        };
        same(last.next(), Some(&path.attribute)) && same(last.next(), path.sub.as_deref())
    }
}

/// The value without the sub-attributes that are not kept; `None` when nothing is left.
fn with_subs(value: &Json, whole: bool, keep: &dyn Fn(&str) -> bool) -> Option<Json> {
    match value {
        Json::Object(members) => {
            let kept = members.iter().filter(|(name, _)| keep(name)).map(|(n, v)| (n.to_owned(), v.clone()));
            Some(kept.collect::<Object>()).filter(|object| !object.is_empty()).map(Json::Object)
        }
        Json::Array(items) => {
            let kept: Vec<_> = items.iter().filter_map(|item| with_subs(item, whole, keep)).collect();
            (!kept.is_empty()).then_some(Json::Array(kept))
        }
        Json::Null => None,
        scalar => whole.then(|| scalar.clone()),
    }
}
