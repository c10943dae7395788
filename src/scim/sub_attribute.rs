//! Sub-attributes that a multi-valued complex attribute has although its schema does not list them.
//!
//! RFC 7643 section 2.4 predefines `type`, `primary`, `display` and `$ref` for all of them. The printed Group schema lacks
//! `display` in `members`, the User schema `primary` in `addresses`, and IdPs send both.

use std::sync::LazyLock;

use super::schema::{Attribute, Mutability, Returned, Silent, Type, Uniqueness};

static PREDEFINED: LazyLock<[Attribute; 4]> = LazyLock::new(|| {
    [
        predefined("type", Type::String),
        predefined("primary", Type::Boolean),
        predefined("display", Type::String),
        predefined("$ref", Type::Reference),
    ]
});

fn predefined(name: &str, kind: Type) -> Attribute {
    Attribute {
        name: name.to_owned(),
        kind,
        multi_valued: false,
        required: false,
        case_exact: kind == Type::Reference,
        mutability: Mutability::ReadWrite,
        returned: Returned::Default,
        uniqueness: Uniqueness::None,
        description: String::new(),
        canonical_values: Vec::new(),
        reference_types: Vec::new(),
        sub_attributes: Vec::new(),
        silent: Silent::default(),
    }
}

/// The sub-attribute of that name, compared without case: as the schema has it, or predefined.
#[must_use]
pub fn sub_attribute<'a>(parent: &'a Attribute, name: &str) -> Option<&'a Attribute> {
    let predefined = || PREDEFINED.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name));
    let complex = parent.multi_valued && parent.kind == Type::Complex;
    parent.sub(name).or_else(|| predefined().filter(|_| complex))
}

/// Whether the schema itself lists a sub-attribute.
#[must_use]
pub fn is_listed(parent: &Attribute, sub: &Attribute) -> bool {
    parent.sub(&sub.name).is_some()
}
