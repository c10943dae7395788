//! What Entra ID sends is answered as Entra ID expects.

use super::Desk;
use super::script::play;

#[test]
fn requests_are_answered_as_expected() {
    play(&mut Desk::with_token(), include_str!("entra.txt"));
}
