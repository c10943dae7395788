//! Reads an answer that the HTTP library refused, so that a server's mistake in the framing does not hide its answer.

use std::io;

use tokio::io::AsyncReadExt;

use super::head::{self, Found, Head};
use super::tap::{Log, Tap};
use super::wire::{Raw, cut, not_http};
use crate::exchange::{Failure, Oddity};

/// Reads the answer whose first bytes are in `log` and the rest of which comes from `tap`. `why` is what the library
/// said, if that tells of a fault. Where two lengths disagree the smaller one counts, and whatever has come already.
pub(super) async fn read(
    tap: &mut Tap,
    log: &Log,
    method: &str,
    limit: usize,
    why: Option<String>,
) -> Result<Raw, Failure> {
    let head = loop {
        let found = head::answer(&log.heard());
        match found {
            Found::Head(head) => break head,
            Found::NotHttp => return Err(not_http(&log.heard())),
            Found::Partial => {}
        }
        if more(tap).await.map_err(|error| cut(log, Some(&error)))? == 0 {
            return Err(cut(log, None));
        }
    };
    let (body, fault) = read_body(tap, log, &head, method, limit).await?;
    let mut oddities = head.oddities();
    let faults = (!head.faults.is_empty()).then(|| head.faults.join("; "));
    oddities.extend(faults.or(fault).or(why).map(Oddity::Malformed));
    let mut raw = Raw { head, body, oddities };
    raw.cut_to(limit);
    Ok(raw)
}

/// The body as far as it can be read, and what was wrong with it.
async fn read_body(
    tap: &mut Tap,
    log: &Log,
    head: &Head,
    method: &str,
    limit: usize,
) -> Result<(Vec<u8>, Option<String>), Failure> {
    if head.is_bodiless(method) {
        return Ok((Vec::new(), None));
    }
    loop {
        {
            let bytes = log.heard();
            let body = &bytes[head.length..];
            let announced = head.announced();
            if head.is_chunked() {
                let chunks = Chunks::decode(body);
                if chunks.done || chunks.fault.is_some() || chunks.body.len() > limit {
                    return Ok((chunks.body, chunks.fault));
                }
            } else if body.len() > limit || announced.is_some_and(|(least, _)| body.len() >= least) {
                let most = announced.map_or(body.len(), |(_, most)| most.min(body.len()));
                return Ok((body[..most].to_vec(), None));
            }
        }
        let fresh = more(tap).await.map_err(|error| cut(log, Some(&error)))?;
        if fresh == 0 {
            return if head.is_chunked() || head.announced().is_some() {
                Err(cut(log, None))
            } else {
                Ok((log.heard()[head.length..].to_vec(), None))
            };
        }
    }
}

/// Reads on; the tap keeps what comes.
async fn more(tap: &mut Tap) -> io::Result<usize> {
    tap.read_buf(&mut Vec::with_capacity(8192)).await
}

/// A body in chunks (RFC 9112 section 7.1), as far as it has come.
#[derive(Debug, Default, PartialEq, Eq)]
struct Chunks {
    body: Vec<u8>,
    done: bool,
    fault: Option<String>,
}

impl Chunks {
    fn decode(mut bytes: &[u8]) -> Self {
        let mut chunks = Self::default();
        while let Some((line, rest)) = split_line(bytes) {
            let size = String::from_utf8_lossy(line);
            let digits = size.split(';').next().unwrap_or_default().trim();
            let Ok(size) = usize::from_str_radix(digits, 16) else {
                chunks.fault = Some(format!("the chunk size {digits:?} is not a hexadecimal number"));
                break;
            };
            if size == 0 {
                chunks.done = ends(rest);
                break;
            }
            chunks.body.extend_from_slice(&rest[..size.min(rest.len())]);
            let Some(behind) = rest.get(size..) else { break };
            bytes = match behind {
                [b'\r', b'\n', next @ ..] | [b'\n', next @ ..] => next,
                [] | [b'\r'] => break,
                _ => {
                    chunks.fault = Some("a chunk is longer than its size says".to_owned());
                    break;
                }
            };
        }
        chunks
    }
}

/// Whether the trailer section is complete.
fn ends(mut trailers: &[u8]) -> bool {
    while let Some((line, rest)) = split_line(trailers) {
        if line.is_empty() {
            return true;
        }
        trailers = rest;
    }
    false
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|b| *b == b'\n')?;
    let line = &bytes[..end];
    Some((line.strip_suffix(b"\r").unwrap_or(line), &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_read_as_far_as_they_go() {
        let table: [(&[u8], &[u8], bool); 7] = [
            (b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", b"abcde", true),
            (b"3\nabc\n0\n\n", b"abc", true),
            (b"3\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n", b"abc", true),
            (b"3\r\nabc\r\n0\r\n", b"abc", false),
            (b"3\r\nab", b"ab", false),
            (b"3\r\nabc", b"abc", false),
            (b"", b"", false),
        ];
        for (bytes, body, done) in table {
            let chunks = Chunks::decode(bytes);
            assert_eq!((chunks.body.as_slice(), chunks.done, &chunks.fault), (body, done, &None), "{bytes:?}");
        }
    }

    #[test]
    fn broken_chunks_are_explained() {
        assert_eq!(
            Chunks::decode(b"{\"a\":1}\r\n").fault.as_deref(),
            Some("the chunk size \"{\\\"a\\\":1}\" is not a hexadecimal number")
        );
        assert_eq!(Chunks::decode(b"1\r\nabc").fault.as_deref(), Some("a chunk is longer than its size says"));
    }
}
