//! Compiled validators of resource types: each type is compiled once, whoever judges.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::scim::schema::ResourceSchema;
use crate::scim::schema::validate::Validator;

/// The weak reference keeps the address from being used again, so that it names the type.
static COMPILED: Mutex<Vec<(Weak<ResourceSchema>, Arc<Validator>)>> = Mutex::new(Vec::new());

/// The validator of a resource type.
pub(super) fn of(schema: &Arc<ResourceSchema>) -> Arc<Validator> {
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, validator)) = compiled.iter().find(|(known, _)| std::ptr::eq(known.as_ptr(), Arc::as_ptr(schema))) {
        return Arc::clone(validator);
    }
    compiled.retain(|(known, _)| known.strong_count() > 0);
    let validator = Arc::new(Validator::resource(schema));
    compiled.push((Arc::downgrade(schema), Arc::clone(&validator)));
    validator
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::builtin;

    #[test]
    fn compiles_a_type_once() {
        assert!(Arc::ptr_eq(&of(&builtin::user_type()), &of(&builtin::user_type())));
        let other = Arc::new(ResourceSchema::clone(&builtin::user_type()));
        assert!(!Arc::ptr_eq(&of(&builtin::user_type()), &of(&other)));
    }
}
