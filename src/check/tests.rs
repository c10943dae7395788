//! The registry: what must hold of every check, whoever writes it.

use super::*;

#[test]
fn ids_are_unique() {
    let mut ids: Vec<_> = all().map(|check| check.id).collect();
    let number = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), number);
}
