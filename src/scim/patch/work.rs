//! A resource while the operations of one PATCH are applied to it.

use super::elements::Elements;
use super::message::Operation;
use super::target::{self, Place, Target};
use super::value::{self, same};
use super::{Op, Refusal, Terms};
use crate::scim::json::{Json, Object};
use crate::scim::path::{AttributePath, PatchPath, known_urn};
use crate::scim::schema::{Mutability, ResourceSchema, Type};

/// A resource at work.
pub(super) struct Work<'s> {
    resource: Object,
    schema: &'s ResourceSchema,
}

impl<'s> Work<'s> {
    pub(super) fn new(resource: &Json, schema: &'s ResourceSchema) -> Self {
        Self { resource: resource.as_object().cloned().unwrap_or_default(), schema }
    }

    pub(super) fn finish(self) -> Json {
        Json::Object(self.resource)
    }

    /// Applies one operation.
    pub(super) fn perform(&mut self, operation: &Operation<'_>, terms: &mut Terms) -> Result<(), Refusal> {
        let Operation { op, path, value } = *operation;
        match (op, path) {
            (Op::Remove, None) => Err(Refusal::no_target("\"remove\" needs a path")),
            (_, None) => self.change_schema(op, None, value, terms),
            (_, Some(path)) => match target::read(path, self.schema, terms)? {
                Place::Schema(extension) => self.change_schema(op, extension, value, terms),
                Place::Attribute(target) => self.change(op, &target, value, terms),
            },
        }
    }

    /// Changes a whole extension, or, for `None`, the attributes at the top.
    fn change_schema(
        &mut self,
        op: Op,
        extension: Option<&'s str>,
        value: Option<&Json>,
        terms: &mut Terms,
    ) -> Result<(), Refusal> {
        match (op, extension, value) {
            (Op::Remove, None, _) => Err(Refusal::no_target("the core schema cannot be removed")),
            (Op::Remove, Some(urn), _) | (Op::Replace, Some(urn), Some(Json::Null)) => {
                self.remove_extension(urn, terms)
            }
            (_, _, Some(Json::Object(members))) => self.merge(op, extension, members, terms),
            (Op::Add, Some(_), Some(Json::Null)) => {
                terms.reading(9);
                Ok(())
            }
            _ => Err(Refusal::value("without an attribute in its path the operation needs an object as its value")),
        }
    }

    /// Applies the members of an object one by one.
    fn merge(
        &mut self,
        op: Op,
        extension: Option<&'s str>,
        members: &Object,
        terms: &mut Terms,
    ) -> Result<(), Refusal> {
        for (name, value) in members.iter() {
            if let Some(urn) = known_urn(name, self.schema).filter(|_| extension.is_none()) {
                let inner = Some(urn).filter(|urn| *urn != self.schema.core.id);
                self.change_schema(op, inner, Some(value), terms)?;
            } else {
                self.merge_member(op, extension, name, value, terms)?;
            }
        }
        Ok(())
    }

    fn merge_member(
        &mut self,
        op: Op,
        extension: Option<&'s str>,
        name: &str,
        value: &Json,
        terms: &mut Terms,
    ) -> Result<(), Refusal> {
        let Some(target) = self.member_target(extension, name, terms)? else {
            terms.reading(19);
            return Ok(());
        };
        if target.is_read_only() {
            if !same(self.current(&target), Some(value)) {
                terms.reading(7);
            }
            return Ok(());
        }
        self.change(op, &target, Some(value), terms)
    }

    /// What a member name in a path-less value means: an attribute, or, as Entra ID writes it, a path (ambiguity 6).
    /// `None`: nothing, which one may also ignore (ambiguity 19).
    fn member_target(
        &self,
        extension: Option<&'s str>,
        name: &str,
        terms: &mut Terms,
    ) -> Result<Option<Target<'s>>, Refusal> {
        let plain = AttributePath { urn: extension.map(str::to_owned), attribute: name.to_owned(), sub: None };
        if let Some((extension, attribute)) = target::locate(&plain, self.schema, terms) {
            return Ok(Some(Target::whole(extension, attribute)));
        }
        if !terms.tolerant() {
            return Err(Refusal::path(format!("no schema defines the attribute {name}")));
        }
        let path = PatchPath::parse(name).ok().map(|(path, _)| path);
        let place = path.and_then(|path| target::resolve(path, extension, self.schema, terms).ok());
        let Some(Place::Attribute(target)) = place else { return Ok(None) };
        terms.reading(6);
        Ok(Some(target))
    }

    /// Changes one attribute.
    fn change(&mut self, op: Op, target: &Target<'s>, value: Option<&Json>, terms: &mut Terms) -> Result<(), Refusal> {
        if target.is_read_only() {
            return self.change_read_only(op, target, value, terms);
        }
        let current = self.current(target).cloned();
        let new = self.changed(op, target, value, terms)?;
        if same(current.as_ref(), new.as_ref()) {
            return Ok(());
        }
        allowed(op, target, current.is_some(), new.is_some())?;
        if target.attribute.name.eq_ignore_ascii_case("schemas") {
            return self.change_schemas(new.as_ref(), terms);
        }
        self.put(target, new);
        Ok(())
    }

    /// Nobody but the service provider writes a readOnly attribute; writing what is there does no harm (ambiguity 7).
    fn change_read_only(
        &self,
        op: Op,
        target: &Target<'s>,
        value: Option<&Json>,
        terms: &mut Terms,
    ) -> Result<(), Refusal> {
        let refusal = || Refusal::mutability(format!("{} is readOnly", target.name()));
        let attribute = self.current(target);
        let current = target.sub.map_or(attribute, |sub| attribute?.get(&sub.name));
        if op == Op::Remove || target.filter.is_some() || value.is_none() || !same(current, value) {
            return Err(refusal());
        }
        terms.tolerate(7, refusal)
    }

    /// The attribute's value after the operation.
    fn changed(
        &self,
        op: Op,
        target: &Target<'s>,
        value: Option<&Json>,
        terms: &mut Terms,
    ) -> Result<Option<Json>, Refusal> {
        let current = self.current(target);
        let attribute = target.attribute;
        if attribute.multi_valued {
            return Elements::new(current, target, op).changed(value, terms);
        }
        if let Some(filter) = &target.filter
            && !current.is_some_and(|current| filter.on_element(current, attribute).usual)
        {
            if op == Op::Remove {
                terms.reading(3);
                return Ok(current.cloned());
            }
            return Err(Refusal::no_target(format!("{} is not what the filter selects", target.name())));
        }
        if let Some(sub) = target.sub {
            let mut members = current.and_then(Json::as_object).cloned().unwrap_or_default();
            value::set_sub(&mut members, attribute, sub, op, value, terms)?;
            return Ok(Some(members).filter(|members| !members.is_empty()).map(Json::Object));
        }
        match (op, value) {
            (Op::Remove, _) => Ok(None),
            (_, None) => Err(Refusal::value(format!("{} gets no value", target.name()))),
            (_, Some(value)) if attribute.kind == Type::Complex || value.is_unassigned() => {
                value::single(current, value, attribute, op, terms)
            }
            (_, Some(value)) => value::single(None, value, attribute, op, terms),
        }
    }

    fn container(&self, extension: Option<&str>) -> Option<&Object> {
        match extension {
            None => Some(&self.resource),
            Some(urn) => self.resource.get(urn).and_then(Json::as_object),
        }
    }

    /// The assigned value of the target's attribute.
    fn current(&self, target: &Target<'_>) -> Option<&Json> {
        self.container(target.extension)?.get(&target.attribute.name).filter(|value| !value.is_unassigned())
    }

    fn put(&mut self, target: &Target<'_>, new: Option<Json>) {
        let name = &target.attribute.name;
        let Some(urn) = target.extension else {
            value::put(&mut self.resource, name, new);
            return;
        };
        let mut container = self.container(Some(urn)).cloned().unwrap_or_default();
        value::put(&mut container, name, new);
        let filled = !container.is_empty();
        value::put(&mut self.resource, urn, Some(Json::Object(container)).filter(|_| filled));
        self.declare(urn, filled);
    }

    /// Adds an extension's URN to `schemas`, or takes it out (RFC 7644 section 3.5.2).
    fn declare(&mut self, urn: &str, present: bool) {
        let is_it = |item: &Json| item.as_str().is_some_and(|item| item.eq_ignore_ascii_case(urn));
        let mut schemas = match self.resource.get("schemas").and_then(Json::as_array) {
            Some(schemas) => schemas.to_vec(),
            None => vec![self.schema.core.id.as_str().into()],
        };
        if schemas.iter().any(is_it) == present {
            return;
        }
        if present {
            schemas.push(urn.into());
        } else {
            schemas.retain(|item| !is_it(item));
        }
        value::put(&mut self.resource, "schemas", Some(Json::Array(schemas)));
    }

    /// A client may change `schemas` itself: what it takes out goes with its attributes, what it adds must be known.
    fn change_schemas(&mut self, new: Option<&Json>, terms: &mut Terms) -> Result<(), Refusal> {
        let mut schemas = Vec::new();
        for item in new.and_then(Json::as_array).unwrap_or_default() {
            match item.as_str().and_then(|urn| known_urn(urn, self.schema)) {
                Some(urn) => schemas.push(urn),
                None => terms.tolerate(19, || Refusal::value(format!("{item} is the URN of no schema")))?,
            }
        }
        if !schemas.contains(&self.schema.core.id.as_str()) {
            return Err(Refusal::mutability(format!("schemas must hold {}", self.schema.core.id)));
        }
        for (extension, required) in self.schema.extensions.iter().filter(|(e, _)| !schemas.contains(&e.id.as_str())) {
            if *required {
                return Err(Refusal::mutability(format!("the extension {} is required", extension.id)));
            }
            self.resource.remove(&extension.id);
        }
        let schemas = schemas.into_iter().map(Json::from).collect();
        value::put(&mut self.resource, "schemas", Some(Json::Array(schemas)));
        Ok(())
    }

    fn remove_extension(&mut self, urn: &'s str, terms: &mut Terms) -> Result<(), Refusal> {
        let Some((extension, required)) = self.schema.extensions.iter().find(|(extension, _)| extension.id == urn)
        else {
            return Ok(());
        };
        if *required {
            return Err(Refusal::mutability(format!("the extension {urn} is required")));
        }
        for attribute in extension.attributes.iter().filter(|a| a.mutability != Mutability::ReadOnly) {
            self.change(Op::Remove, &Target::whole(Some(urn), attribute), None, terms)?;
        }
        if self.container(Some(urn)).is_none_or(Object::is_empty) {
            self.resource.remove(urn);
            self.declare(urn, false);
        }
        Ok(())
    }
}

/// Whether an attribute may change so: a required one keeps a value, an immutable one its first.
fn allowed(op: Op, target: &Target<'_>, was_set: bool, is_set: bool) -> Result<(), Refusal> {
    let attribute = target.attribute;
    if attribute.required && !is_set {
        let refuse = if op == Op::Remove { Refusal::mutability } else { Refusal::value };
        return Err(refuse(format!("{} is required", attribute.name)));
    }
    if attribute.mutability == Mutability::Immutable && was_set {
        return Err(Refusal::mutability(format!("{} is immutable and has a value", attribute.name)));
    }
    Ok(())
}
