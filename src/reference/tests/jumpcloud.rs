//! What JumpCloud sends is answered as JumpCloud expects.

use super::Desk;
use super::script::play;

#[test]
fn requests_are_answered_as_expected() {
    play(&mut Desk::with_token(), include_str!("jumpcloud.txt"));
}
