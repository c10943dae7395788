//! Changing the values of a multi-valued attribute.

use super::target::Target;
use super::value::{self, set_sub, wrong_type};
use super::{Op, Refusal, Terms};
use crate::scim::filter::{Filter, Operator, Truth, same_value};
use crate::scim::json::{Json, Object};
use crate::scim::schema::{Attribute, Type};
use crate::scim::sub_attribute::sub_attribute;

/// The values of one attribute while one operation changes them.
pub(super) struct Elements<'t, 's> {
    target: &'t Target<'s>,
    op: Op,
    values: Vec<Json>,
    /// Indexes of the values whose `primary` may have been set by this operation.
    written: Vec<usize>,
}

impl<'t, 's> Elements<'t, 's> {
    pub(super) fn new(current: Option<&Json>, target: &'t Target<'s>, op: Op) -> Self {
        let values = match current {
            Some(Json::Array(items)) => items.clone(),
            Some(lone) => vec![lone.clone()],
            None => Vec::new(),
        };
        Self { target, op, values, written: Vec::new() }
    }

    /// What the operation makes of them; `None`: unassigned.
    pub(super) fn changed(mut self, value: Option<&Json>, terms: &mut Terms) -> Result<Option<Json>, Refusal> {
        if self.target.filter.is_some() || self.target.sub.is_some() {
            self.change_selected(value, terms)?;
        } else {
            self.change_all(value, terms)?;
        }
        self.reset_primary(terms)?;
        self.values.retain(|value| !value.as_object().is_some_and(Object::is_empty));
        Ok(if self.values.is_empty() { None } else { Some(Json::Array(self.values)) })
    }

    fn attribute(&self) -> &'s Attribute {
        self.target.attribute
    }

    fn change_all(&mut self, value: Option<&Json>, terms: &mut Terms) -> Result<(), Refusal> {
        if self.op == Op::Remove {
            self.remove_all(value, terms);
            return Ok(());
        }
        let value = value.ok_or_else(|| Refusal::value(format!("{} gets no value", self.target.name())))?;
        if self.op == Op::Replace {
            self.values.clear();
        }
        for item in value::items(value, terms) {
            let new = self.fitted(item, terms)?;
            self.append(new, terms);
        }
        Ok(())
    }

    /// By the letter a `value` has no meaning here; Entra ID lists the values to be removed in it (ambiguity 2).
    fn remove_all(&mut self, value: Option<&Json>, terms: &mut Terms) {
        let Some(value) = value.filter(|value| **value != Json::Null) else {
            self.values.clear();
            return;
        };
        terms.reading(2);
        if terms.tolerant() {
            let listed = if let Json::Array(items) = value { items.as_slice() } else { std::slice::from_ref(value) };
            let attribute = self.attribute();
            self.values.retain(|value| !listed.iter().any(|listed| means(listed, value, attribute)));
        } else {
            self.values.clear();
        }
    }

    fn change_selected(&mut self, value: Option<&Json>, terms: &mut Terms) -> Result<(), Refusal> {
        let selected = self.selected(terms);
        if selected.is_empty() {
            return self.change_missing(value, terms);
        }
        if let Some(sub) = self.target.sub {
            return self.change_subs(&selected, sub, value, terms);
        }
        let value = match (self.op, value) {
            (Op::Remove, _) => None,
            (_, None) => return Err(Refusal::value(format!("{} gets no value", self.target.name()))),
            (_, Some(value)) => Some(value).filter(|value| !value.is_unassigned()),
        };
        match value {
            Some(value) => self.replace_elements(&selected, value, terms),
            None if self.op == Op::Add => Ok(()),
            None => {
                let mut index = 0..;
                self.values.retain(|_| index.next().is_none_or(|index| !selected.contains(&index)));
                Ok(())
            }
        }
    }

    /// The values that the filter selects; all of them without one.
    fn selected(&self, terms: &mut Terms) -> Vec<usize> {
        let selects = |filter: &Filter, value: &Json, terms: &mut Terms| {
            let verdict = filter.on_element(value, self.attribute());
            if let Truth::Open(ambiguity) = verdict.truth {
                terms.reading(ambiguity);
            }
            verdict.usual
        };
        let filter = self.target.filter.as_ref();
        let chosen = |value: &Json, terms: &mut Terms| filter.is_none_or(|filter| selects(filter, value, terms));
        self.values.iter().enumerate().filter(|(_, value)| chosen(value, terms)).map(|(index, _)| index).collect()
    }

    fn change_subs(
        &mut self,
        selected: &[usize],
        sub: &Attribute,
        value: Option<&Json>,
        terms: &mut Terms,
    ) -> Result<(), Refusal> {
        for &index in selected {
            let attribute = self.target.attribute;
            let Json::Object(element) = &mut self.values[index] else {
                return Err(Refusal::path(format!("a value of {} has no sub-attributes", attribute.name)));
            };
            set_sub(element, attribute, sub, self.op, value, terms)?;
        }
        if sub.name.eq_ignore_ascii_case("primary") {
            self.written.extend(selected);
        }
        Ok(())
    }

    /// `replace` exchanges the selected values, `add` adds sub-attributes to them.
    fn replace_elements(&mut self, selected: &[usize], value: &Json, terms: &mut Terms) -> Result<(), Refusal> {
        for &index in selected {
            let attribute = self.attribute();
            let current = Some(&self.values[index]).filter(|_| self.op == Op::Add);
            let new = match attribute.kind {
                Type::Complex => value::single(current, value, attribute, self.op, terms)?,
                _ => value::simple(value, attribute, terms)?,
            };
            self.values[index] = new.unwrap_or_else(|| Json::Object(Object::default()));
        }
        self.written.extend(selected);
        Ok(())
    }

    /// Nothing is selected: `remove` has nothing to do (ambiguity 3), `replace` fails by the letter, and IdPs want the
    /// value to be made (ambiguities 4 and 5). Later operations of the request find it, so that they build one value.
    fn change_missing(&mut self, value: Option<&Json>, terms: &mut Terms) -> Result<(), Refusal> {
        if self.op == Op::Remove {
            if self.target.filter.is_some() {
                terms.reading(3);
            }
            return Ok(());
        }
        terms.tolerate(if self.op == Op::Replace { 4 } else { 5 }, || self.no_target())?;
        let value = value.ok_or_else(|| Refusal::value(format!("{} gets no value", self.target.name())))?;
        let attribute = self.attribute();
        if attribute.kind != Type::Complex {
            return Err(self.no_target());
        }
        let mut element = Object::default();
        if let Some(sub) = self.target.sub {
            set_sub(&mut element, attribute, sub, self.op, Some(value), terms)?;
        } else if let Some(Json::Object(new)) = value::single(None, value, attribute, self.op, terms)? {
            element = new;
        }
        if element.is_empty() {
            return Ok(());
        }
        let element = self.with_filter_terms(element, terms)?;
        self.written.push(self.values.len());
        self.values.push(Json::Object(element));
        Ok(())
    }

    fn no_target(&self) -> Refusal {
        Refusal::no_target(format!("no value of {} is selected", self.target.name()))
    }

    /// A new value with what the filter says about it; a filter that says more than "equals" makes no value.
    fn with_filter_terms(&self, members: Object, terms: &mut Terms) -> Result<Object, Refusal> {
        let attribute = self.attribute();
        let mut equalities = Vec::new();
        if let Some(filter) = &self.target.filter {
            collect_equalities(filter, &mut equalities).ok_or_else(|| self.no_target())?;
        }
        let mut element = Object::default();
        for (name, literal) in equalities {
            let sub = sub_attribute(attribute, name).ok_or_else(|| self.no_target())?;
            set_sub(&mut element, attribute, sub, Op::Replace, Some(literal), terms)?;
        }
        for (name, value) in members.0 {
            value::put(&mut element, &name, Some(value));
        }
        Ok(element)
    }

    /// A value in the attribute's type.
    fn fitted(&self, item: &Json, terms: &mut Terms) -> Result<Json, Refusal> {
        let attribute = self.attribute();
        let new = match attribute.kind {
            _ if item.as_array().is_some() => return Err(wrong_type(attribute, item)),
            Type::Complex => value::single(None, item, attribute, Op::Replace, terms)?,
            _ => value::simple(item, attribute, terms)?,
        };
        Ok(new.unwrap_or_else(|| Json::Object(Object::default())))
    }

    /// Appends a value unless it is there.
    fn append(&mut self, new: Json, terms: &mut Terms) {
        let attribute = self.attribute();
        for (index, old) in self.values.iter().enumerate() {
            match likeness(old, &new, attribute) {
                Likeness::Same => {
                    // Given twice by the client: a server may keep both (RFC 7643 section 2.4 has a SHOULD).
                    if self.written.contains(&index) {
                        terms.reading(13);
                    }
                    return;
                }
                // Already there, but with other sub-attributes: whether that is "contained" is ambiguity 13.
                Likeness::Namesake => {
                    terms.reading(13);
                    return;
                }
                Likeness::OtherType => terms.reading(13),
                Likeness::None => {}
            }
        }
        self.written.push(self.values.len());
        self.values.push(new);
    }

    /// Setting `primary` on one value resets it on the others (RFC 7644 section 3.5.2); two at once are ambiguity 14.
    fn reset_primary(&mut self, terms: &mut Terms) -> Result<(), Refusal> {
        let is_primary = |value: &Json| value.get("primary").and_then(Json::as_bool) == Some(true);
        let set: Vec<usize> = self.written.iter().copied().filter(|&index| is_primary(&self.values[index])).collect();
        let Some(&chosen) = set.last() else { return Ok(()) };
        if set.len() > 1 {
            terms.tolerate(14, || {
                Refusal::value(format!("more than one value of {} is primary", self.attribute().name))
            })?;
        }
        for (index, value) in self.values.iter_mut().enumerate() {
            if index != chosen
                && is_primary(value)
                && let Json::Object(members) = value
            {
                members.set("primary", false.into());
            }
        }
        Ok(())
    }
}

/// The sub-attributes that a filter fixes, if it is a conjunction of `eq`.
fn collect_equalities<'f>(filter: &'f Filter, equalities: &mut Vec<(&'f str, &'f Json)>) -> Option<()> {
    match filter {
        Filter::Compare(path, Operator::Eq, literal) => {
            equalities.push((&path.attribute, literal));
            Some(())
        }
        Filter::And(left, right) => {
            collect_equalities(left, equalities)?;
            collect_equalities(right, equalities)
        }
        _ => None,
    }
}

/// Whether a value that a client lists for removal means this one: by its `value`, or by all that it says.
fn means(listed: &Json, value: &Json, attribute: &Attribute) -> bool {
    let sub = |json: &Json, name: &str| json.get(name).filter(|json| !json.is_unassigned()).cloned();
    match (listed, value) {
        (Json::Object(_), Json::Object(_)) if sub(listed, "value").is_some() => {
            let (Some(listed), Some(value)) = (sub(listed, "value"), sub(value, "value")) else { return false };
            same_value(&listed, &value, attribute.sub("value"))
        }
        (Json::Object(members), Json::Object(_)) => {
            let mut said = members.iter().filter(|(_, said)| !said.is_unassigned()).peekable();
            said.peek().is_some() && said.all(|(name, said)| equal_sub(said, value.get(name), name, attribute))
        }
        (Json::Object(_), simple) => sub(listed, "value").is_some_and(|v| same_value(&v, simple, Some(attribute))),
        (listed, Json::Object(_)) => {
            sub(value, "value").is_some_and(|v| same_value(listed, &v, attribute.sub("value")))
        }
        (listed, simple) => same_value(listed, simple, Some(attribute)),
    }
}

/// How much a value is like one that is there.
enum Likeness {
    /// The same.
    Same,
    /// The same `value`, other sub-attributes.
    Namesake,
    /// The same `value` under another `type`, which RFC 7643 section 2.4 allows.
    OtherType,
    /// Another one.
    None,
}

fn likeness(old: &Json, new: &Json, attribute: &Attribute) -> Likeness {
    let (Json::Object(left), Json::Object(right)) = (old, new) else {
        return if same_value(old, new, Some(attribute)) { Likeness::Same } else { Likeness::None };
    };
    let says_nothing_else = |a: &Object, b: &Object| {
        a.iter().all(|(name, value)| value.is_unassigned() || equal_sub(value, b.get(name), name, attribute))
    };
    let (Some(old_value), Some(new_value)) = (old.get("value"), new.get("value")) else {
        let equal = says_nothing_else(left, right) && says_nothing_else(right, left);
        return if equal { Likeness::Same } else { Likeness::None };
    };
    if !same_value(old_value, new_value, attribute.sub("value")) {
        return Likeness::None;
    }
    // Of a reference the client gives the id, and the server the rest.
    let complete = attribute.sub("$ref").is_some() || says_nothing_else(left, right);
    match (old.get("type"), new.get("type")) {
        (Some(a), Some(b)) if !equal_sub(a, Some(b), "type", attribute) => Likeness::OtherType,
        _ if complete && old_value == new_value && says_nothing_else(right, left) => Likeness::Same,
        _ => Likeness::Namesake,
    }
}

fn equal_sub(left: &Json, right: Option<&Json>, name: &str, attribute: &Attribute) -> bool {
    right.is_some_and(|right| {
        same_value(left, right, sub_attribute(attribute, name)) || value::same(Some(left), Some(right))
    })
}
