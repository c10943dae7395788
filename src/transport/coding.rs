//! Undoes content codings (RFC 9110 section 8.4), with a limit: a kilobyte can unfold to a gigabyte.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::wire::Raw;
use crate::exchange::Oddity;

/// Undoes what `Content-Encoding` names, last coding first. What cannot be undone stays as it came, with an oddity.
pub(super) fn undo(raw: &mut Raw, limit: usize) {
    let codings: Vec<String> = raw
        .head
        .values("content-encoding")
        .flat_map(|value| value.split(','))
        .map(|coding| coding.trim().to_ascii_lowercase())
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect();
    if raw.body.is_empty() {
        return;
    }
    for coding in codings.iter().rev() {
        match decode(coding, &raw.body, limit) {
            Ok(plain) => raw.body = plain,
            Err(_) if raw.oddities.contains(&Oddity::BodyCut(limit)) => return,
            Err(why) => return raw.oddities.push(Oddity::BadContentCoding(why)),
        }
        raw.cut_to(limit);
    }
}

/// A body with the codings of its `Content-Encoding` value undone, last coding first, up to a limit in bytes.
///
/// # Errors
/// What cannot be undone, in words.
pub fn plain(codings: &str, body: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let mut body = body.to_vec();
    for coding in codings.split(',').map(|coding| coding.trim().to_ascii_lowercase()).rev() {
        if !(coding.is_empty() || coding == "identity" || body.is_empty()) {
            body = decode(&coding, &body, limit)?;
        }
    }
    Ok(body)
}

/// Decodes one coding; one byte beyond the limit at most.
fn decode(coding: &str, body: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let read = match coding {
        "gzip" | "x-gzip" => expand(MultiGzDecoder::new(body), limit),
        // Many servers send raw deflate where zlib is meant; the first byte of zlib tells.
        "deflate" if body[0] & 0x0f == 8 => expand(ZlibDecoder::new(body), limit),
        "deflate" => expand(DeflateDecoder::new(body), limit),
        other => return Err(format!("the coding {other:?} was not asked for")),
    };
    read.map_err(|error| format!("the body is not {coding} ({error})"))
}

fn expand(decoder: impl Read, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    decoder.take(limit as u64 + 1).read_to_end(&mut plain)?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;
    use crate::transport::head::Head;

    fn raw(coding: &str, body: Vec<u8>) -> Raw {
        let headers = vec![("Content-ENCODING".to_owned(), coding.to_owned())];
        Raw { head: Head { headers, ..Head::default() }, body, oddities: Vec::new() }
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn gzip_and_both_kinds_of_deflate_are_undone() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(b"{}").unwrap();
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
        deflate.write_all(b"{}").unwrap();
        let table = [
            ("gzip", gzip(b"{}")),
            ("X-GZIP", gzip(b"{}")),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", deflate.finish().unwrap()),
            ("identity", b"{}".to_vec()),
            ("gzip, gzip", gzip(&gzip(b"{}"))),
            ("", b"{}".to_vec()),
        ];
        for (coding, body) in table {
            let mut raw = raw(coding, body);
            undo(&mut raw, 100);
            assert_eq!((raw.body.as_slice(), raw.oddities.as_slice()), (&b"{}"[..], &[][..]), "{coding}");
        }
    }

    #[test]
    fn a_bomb_is_cut() {
        let mut raw = raw("gzip", gzip(&vec![0; 10_000_000]));
        undo(&mut raw, 1000);
        assert_eq!((raw.body.len(), raw.oddities), (1000, vec![Oddity::BodyCut(1000)]));
    }

    #[test]
    fn what_cannot_be_undone_stays_and_is_told() {
        for (coding, body) in
            [("gzip", b"{\"plain\":1}".to_vec()), ("br", b"x".to_vec()), ("gzip", gzip(b"{}")[..15].to_vec())]
        {
            let mut raw = raw(coding, body.clone());
            undo(&mut raw, 100);
            assert_eq!(raw.body, body);
            assert!(matches!(raw.oddities[..], [Oddity::BadContentCoding(_)]), "{:?}", raw.oddities);
        }
    }

    #[test]
    fn nothing_is_not_decoded() {
        let mut raw = raw("gzip", Vec::new());
        undo(&mut raw, 100);
        assert!(raw.oddities.is_empty());
    }
}
