//! Our JSON as the validator sees it: member names in lower case, and members that SCIM reads as "no value" hidden.
//!
//! Names are compared without case (RFC 7643 section 2.1), and absent, `null` and `[]` are one state (section 2.5). Of
//! members with the same name the last counts, as in [`Object::get`](crate::scim::json::Object::get).

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json;
use serde_json::{Number, Value};

use crate::scim::json::{Json, same_name};

use super::value::is_integer;

/// The representation; its nodes are `&Json`.
pub(super) struct Folded;

/// A member name as a schema for [`Folded`] must spell it.
pub(super) fn fold(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|b| b.is_ascii_uppercase()) { name.to_ascii_lowercase().into() } else { name.into() }
}

impl json::Json for Folded {
    type Node<'a> = &'a Json;
    type PreparedKey = String;
    type StringBuffer = Json;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut Json, string: &str, f: impl FnOnce(&Json) -> T) -> T {
        *buffer = string.into();
        f(buffer)
    }
}

impl<'a> json::Node<'a, Folded> for &'a Json {
    type Object = Members<'a>;
    type Array = &'a [Json];
    type Number = Token<'a>;

    fn as_object(&self) -> Option<Members<'a>> {
        let object = Json::as_object(self)?;
        Some(Members(&object.0))
    }

    fn as_array(&self) -> Option<&'a [Json]> {
        Json::as_array(self)
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        Json::as_str(self).map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<Token<'a>> {
        if let Json::Number(token) = self { Some(Token(token)) } else { None }
    }

    fn as_boolean(&self) -> Option<bool> {
        Json::as_bool(self)
    }

    fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    fn json_type(&self) -> JsonType {
        match self {
            Json::Null => JsonType::Null,
            Json::Bool(_) => JsonType::Boolean,
            Json::Number(_) => JsonType::Number,
            Json::String(_) => JsonType::String,
            Json::Array(_) => JsonType::Array,
            Json::Object(_) => JsonType::Object,
        }
    }

    /// The library puts this into its errors, whose texts are not used; the whole value would be costly.
    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(match self {
            Json::Array(_) | Json::Object(_) => Value::Null,
            scalar => serde_json::to_value(scalar).unwrap_or_default(),
        })
    }

    fn identity(&self) -> Option<json::NodeIdentity> {
        Some(json::NodeIdentity::new(std::ptr::from_ref::<Json>(self).addr()))
    }
}

/// An object's members.
#[derive(Clone, Copy)]
pub(super) struct Members<'a>(&'a [(String, Json)]);

impl<'a> json::Object<'a, Folded> for Members<'a> {
    type Node = &'a Json;
    type MemberName = Cow<'a, str>;
    type MembersIter = MembersIter<'a>;

    /// An upper bound: the library only chooses its way of looking by it.
    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, key: &String) -> Option<&'a Json> {
        let (_, value) = self.0.iter().rev().find(|(name, _)| same_name(name, key))?;
        (!value.is_unassigned()).then_some(value)
    }

    fn members(&self) -> MembersIter<'a> {
        MembersIter(self.0)
    }
}

/// The members that have a value and are not followed by one of the same name.
pub(super) struct MembersIter<'a>(&'a [(String, Json)]);

impl<'a> Iterator for MembersIter<'a> {
    type Item = (Cow<'a, str>, &'a Json);

    fn next(&mut self) -> Option<Self::Item> {
        while let [(name, value), rest @ ..] = self.0 {
            self.0 = rest;
            if !value.is_unassigned() && !rest.iter().any(|(later, _)| same_name(later, name)) {
                return Some((fold(name), value));
            }
        }
        None
    }
}

impl<'a> json::Array<'a, Folded> for &'a [Json] {
    type Node = &'a Json;
    type ElementsIter = std::slice::Iter<'a, Json>;

    fn len(&self) -> usize {
        <[Json]>::len(self)
    }

    fn elements(&self) -> std::slice::Iter<'a, Json> {
        self.iter()
    }
}

/// A number's token.
pub(super) struct Token<'a>(&'a str);

impl json::JsonNumber for Token<'_> {
    fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok()
    }

    fn as_str(&self) -> Cow<'_, str> {
        self.0.into()
    }

    fn to_number(&self) -> Cow<'_, Number> {
        let whole = self.as_i64().map(Number::from);
        Cow::Owned(whole.or_else(|| Number::from_f64(self.as_f64()?)).unwrap_or_else(|| 0.into()))
    }

    fn is_integer(&self) -> bool {
        is_integer(self.0)
    }
}
