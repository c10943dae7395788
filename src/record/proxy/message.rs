//! A request's head as it came, and where a body ends (RFC 9112 sections 3 to 7).

use std::ops::Range;

use crate::transport::head::{Head, MAX_HEAD};

/// The head of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) target: String,
    /// Lines in their order and spelling.
    pub(super) headers: Vec<(String, String)>,
    /// How many bytes it takes, the blank line included.
    pub(super) length: usize,
    /// Where the value of `Host` stands.
    pub(super) host: Option<Range<usize>>,
}

/// What was found where a request should begin.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Begin {
    Head(Asked),
    Partial,
    /// Something else; in words.
    NotHttp(&'static str),
}

/// Reads the head of a request, leniently.
pub(super) fn asked(bytes: &[u8]) -> Begin {
    let blank = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    match &bytes[blank..] {
        [0x16, 0x03, ..] => return Begin::NotHttp("it speaks TLS, and the recorder was not told to"),
        [b'P', b'R', b'I', b' ', b'*', ..] => return Begin::NotHttp("it speaks HTTP/2; the recorder speaks HTTP/1.1"),
        _ => {}
    }
    let mut at = blank;
    let mut head = Asked::default();
    let mut first = true;
    while let Some(end) = bytes[at..].iter().position(|b| *b == b'\n') {
        let line = &bytes[at..at + end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let begin = at;
        at += end + 1;
        if first {
            let line = text(line);
            let mut words = line.splitn(2, ' ');
            let (Some(method), Some(rest)) = (words.next(), words.next()) else {
                return Begin::NotHttp("its first line is no request line");
            };
            let Some((target, version)) = rest.rsplit_once(' ').filter(|(_, version)| version.starts_with("HTTP/1."))
            else {
                return Begin::NotHttp("its first line is no request line of HTTP/1.1");
            };
            debug_assert!(version.len() >= 7);
            (head.method, head.target) = (method.to_owned(), target.to_owned());
            first = false;
        } else if line.is_empty() {
            head.length = at;
            return Begin::Head(head);
        } else if let Some(colon) = line.iter().position(|b| *b == b':') {
            let name = text(&line[..colon]).trim_end().to_owned();
            let value = line[colon + 1..].trim_ascii();
            if name.eq_ignore_ascii_case("host") {
                let skipped = line[colon + 1..].len() - line[colon + 1..].trim_ascii_start().len();
                let from = begin + colon + 1 + skipped;
                head.host = Some(from..from + value.len());
            }
            head.headers.push((name, text(value)));
        }
    }
    if bytes.len() > MAX_HEAD { Begin::NotHttp("its head does not end") } else { Begin::Partial }
}

/// UTF-8 if it is that, else each byte as a character, so that none is lost.
fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|b| char::from(*b)).collect(), str::to_owned)
}

/// Where a body ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// After so many bytes.
    Length(u64),
    /// After the last chunk.
    Chunks(Chunk),
    /// When the connection is closed.
    Close,
}

/// Where in a chunk the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// In the line with the size; the size so far, and whether its digits are over.
    Size(u64, bool),
    /// In the data; so many bytes are to come.
    Data(u64),
    /// In the line end behind the data.
    End,
    /// In the trailer section; the length of the line so far.
    Trailer(u64),
    /// Behind the last byte.
    Over,
}

impl Framing {
    /// Of a request.
    pub(super) fn of_request(head: &Asked) -> Self {
        let values = |name: &'static str| {
            head.headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
        };
        if values("transfer-encoding").any(|value| value.to_ascii_lowercase().contains("chunked")) {
            return Self::Chunks(Chunk::Size(0, false));
        }
        Self::Length(values("content-length").find_map(|value| value.trim().parse().ok()).unwrap_or(0))
    }

    /// Of the answer to a request with this method.
    pub(super) fn of_answer(head: &Head, method: &str) -> Self {
        if head.is_bodiless(method) {
            Self::Length(0)
        } else if head.is_chunked() {
            Self::Chunks(Chunk::Size(0, false))
        } else {
            head.announced().map_or(Self::Close, |(least, _)| Self::Length(least as u64))
        }
    }

    /// Whether the body is over.
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Length(0) | Self::Chunks(Chunk::Over))
    }

    /// Takes what belongs to the body; gives how many bytes that were. `keep` gets the body without its chunks.
    pub(super) fn feed(&mut self, bytes: &[u8], mut keep: impl FnMut(&[u8])) -> usize {
        match self {
            Self::Close => {
                keep(bytes);
                bytes.len()
            }
            Self::Length(left) => {
                let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                keep(&bytes[..taken]);
                *left -= taken as u64;
                taken
            }
            Self::Chunks(chunk) => {
                let mut at = 0;
                while at < bytes.len() && *chunk != Chunk::Over {
                    at += chunk.step(&bytes[at..], &mut keep);
                }
                at
            }
        }
    }
}

impl Chunk {
    fn step(&mut self, bytes: &[u8], keep: &mut impl FnMut(&[u8])) -> usize {
        let byte = bytes[0];
        *self = match *self {
            Self::Size(size, _) if byte == b'\n' => {
                if size == 0 {
                    Self::Trailer(0)
                } else {
                    Self::Data(size)
                }
            }
            Self::Size(size, false) => match char::from(byte).to_digit(16) {
                Some(digit) => Self::Size(size.saturating_mul(16).saturating_add(u64::from(digit)), false),
                None => Self::Size(size, true),
            },
            Self::Size(size, true) => Self::Size(size, true),
            Self::Data(left) => {
                let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                keep(&bytes[..taken]);
                let left = left - taken as u64;
                *self = if left == 0 { Self::End } else { Self::Data(left) };
                return taken;
            }
            Self::End if byte == b'\n' => Self::Size(0, false),
            Self::End => Self::End,
            Self::Trailer(0) if byte == b'\n' => Self::Over,
            Self::Trailer(_) if byte == b'\n' => Self::Trailer(0),
            Self::Trailer(length) if byte == b'\r' => Self::Trailer(length),
            Self::Trailer(length) => Self::Trailer(length + 1),
            Self::Over => Self::Over,
        };
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_stands() {
        let bytes = b"\r\nGET /a b?x=\"1\" HTTP/1.1\r\nhOST:  idp.example.com \r\nX-Dup: 1\nx-dup: 2\r\n\r\nrest";
        let Begin::Head(head) = asked(bytes) else { panic!("no head") };
        assert_eq!((head.method.as_str(), head.target.as_str()), ("GET", "/a b?x=\"1\""));
        assert_eq!(&bytes[head.host.unwrap()], b"idp.example.com");
        assert_eq!(&bytes[head.length..], b"rest");
        let lines: Vec<_> = head.headers.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(lines, ["hOST=idp.example.com", "X-Dup=1", "x-dup=2"]);
        assert_eq!(asked(b"GET / HT"), Begin::Partial);
        assert!(matches!(asked(b"\x16\x03\x01"), Begin::NotHttp(why) if why.contains("TLS")));
        assert!(matches!(asked(b"nonsense\r\n\r\n"), Begin::NotHttp(_)));
    }

    #[test]
    fn chunks_end_where_they_end_however_they_are_cut() {
        let bytes = b"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\nnext";
        for size in 1..bytes.len() {
            let mut framing = Framing::Chunks(Chunk::Size(0, false));
            let (mut body, mut taken) = (Vec::new(), 0);
            for part in bytes.chunks(size) {
                let here = framing.feed(part, |data| body.extend_from_slice(data));
                taken += here;
                if here < part.len() || framing.is_over() {
                    break;
                }
            }
            assert_eq!((body.as_slice(), &bytes[taken..]), (&b"abc0123456789"[..], &b"next"[..]), "{size}");
        }
    }

    #[test]
    fn a_length_is_kept() {
        let mut framing = Framing::Length(5);
        let mut body = Vec::new();
        assert_eq!(framing.feed(b"abc", |data| body.extend_from_slice(data)), 3);
        assert!(!framing.is_over());
        assert_eq!(framing.feed(b"defg", |data| body.extend_from_slice(data)), 2);
        assert!(framing.is_over() && body == b"abcde");
    }
}
