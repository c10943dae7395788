//! X.509 certificates (RFC 7643 section 4.1.2): one DER certificate a value.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};

use crate::scim::json::{Json, Object};

use super::refusal::Refusal;

/// Padding may be left out (RFC 7643 section 2.3.6).
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Looks at the frame of every certificate; what is inside is not ours to judge.
///
/// # Errors
/// 400 for a value that is not exactly one DER sequence in base64.
pub(super) fn check(content: &Object) -> Result<(), Refusal> {
    let certificates = content.get("x509Certificates").and_then(Json::as_array).unwrap_or_default();
    let mut values = certificates.iter().filter_map(|certificate| certificate.get("value")?.as_str());
    if values.all(is_one) {
        return Ok(());
    }
    Err(Refusal::value("A value of x509Certificates must be one DER certificate in base64."))
}

fn is_one(text: &str) -> bool {
    BASE64.decode(text).is_ok_and(|der| is_sequence(&der))
}

/// Whether bytes are one SEQUENCE, to the last (X.690 sections 8.1.3 and 8.9).
fn is_sequence(der: &[u8]) -> bool {
    let (Some(0x30), Some(first)) = (der.first(), der.get(1)) else { return false };
    let (length, head) = match usize::from(*first) {
        short @ 0..0x80 => (short, 2),
        long => {
            let head = 2 + (long & 0x7f);
            let Some(digits) = der.get(2..head).filter(|digits| (1..=4).contains(&digits.len())) else { return false };
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), head)
        }
    };
    der.len() == head + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sequence_and_nothing_else() {
        assert!(is_sequence(&[0x30, 0]));
        assert!(is_sequence(&[0x30, 2, 5, 0]));
        assert!(is_sequence(&[&[0x30, 0x81, 0x80][..], &[0; 0x80]].concat()));
        assert!(is_sequence(&[&[0x30, 0x82, 1, 0][..], &[0; 0x100]].concat()));
        for wrong in [&[][..], &[0x30], &[0x31, 0], &[0x30, 1], &[0x30, 0, 0x30, 0], &[0x30, 0x80], &[0x30, 0x81]] {
            assert!(!is_sequence(wrong), "{wrong:?}");
        }
        assert!(is_one("MAA=") && is_one("MAA") && !is_one("MAAwAA==") && !is_one("-----BEGIN"));
    }
}
