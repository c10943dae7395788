//! Heads of messages: writing ours to the byte, reading theirs with every fault in them (RFC 9112 sections 3 to 5).

use crate::exchange::Oddity;

/// The head of a request, every line as given and none added.
pub(super) fn request<'a>(
    method: &str,
    target: &str,
    headers: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) -> Vec<u8> {
    let lines: usize = headers.clone().map(|(name, value)| name.len() + value.len() + 4).sum();
    let mut head = Vec::with_capacity(method.len() + target.len() + lines + 14);
    for part in [method, " ", target, " HTTP/1.1\r\n"] {
        head.extend_from_slice(part.as_bytes());
    }
    for (name, value) in headers {
        for part in [name, ": ", value, "\r\n"] {
            head.extend_from_slice(part.as_bytes());
        }
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// The head of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Status code.
    pub status: u16,
    /// Reason phrase, possibly empty.
    pub reason: String,
    /// Header lines in their order and spelling.
    pub headers: Vec<(String, String)>,
    /// How many bytes the head takes, interim answers (1xx) before it included.
    pub length: usize,
    /// Whether a line ends in a bare line feed.
    pub bare_line_feed: bool,
    /// What is wrong with it besides, for people.
    pub faults: Vec<String>,
}

/// What was found where an answer's head should be.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A complete head.
    Head(Head),
    /// The beginning of one.
    Partial,
    /// Something else.
    NotHttp,
}

/// How long a head may be before it is no head.
pub const MAX_HEAD: usize = 512 * 1024;

/// Reads the head of the final answer, leniently; interim answers before it are skipped.
#[must_use]
pub fn answer(bytes: &[u8]) -> Found {
    let mut skipped = 0;
    loop {
        match one_head(&bytes[skipped..]) {
            // 101 ends HTTP on this connection: it is final.
            Found::Head(head) if head.status < 200 && head.status != 101 && head.status >= 100 => {
                skipped += head.length;
            }
            Found::Head(mut head) => {
                head.length += skipped;
                return Found::Head(head);
            }
            other => return other,
        }
    }
}

fn one_head(bytes: &[u8]) -> Found {
    // RFC 9112 section 2.2: empty lines before a start line are ignored.
    let blank = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let start = &bytes[blank..];
    let name = b"HTTP/";
    if !start.starts_with(&name[..start.len().min(name.len())]) {
        return Found::NotHttp;
    }
    let mut head = Head::default();
    let mut lines = Lines { bytes, at: blank, bare: false };
    let Some(status_line) = lines.next() else { return unfinished(bytes) };
    if read_status_line(status_line, &mut head).is_none() {
        return Found::NotHttp;
    }
    loop {
        let Some(line) = lines.next() else { return unfinished(bytes) };
        if line.is_empty() {
            break;
        }
        read_header_line(line, &mut head);
    }
    head.length = lines.at;
    head.bare_line_feed = lines.bare;
    check_lengths(&mut head);
    Found::Head(head)
}

fn unfinished(bytes: &[u8]) -> Found {
    if bytes.len() > MAX_HEAD { Found::NotHttp } else { Found::Partial }
}

/// Lines without their ends.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    bare: bool,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let end = memchr::memchr(b'\n', rest)?;
        self.at += end + 1;
        let line = &rest[..end];
        if let Some(line) = line.strip_suffix(b"\r") {
            return Some(line);
        }
        self.bare = true;
        Some(line)
    }
}

fn read_status_line(line: &[u8], head: &mut Head) -> Option<()> {
    let line = text(line);
    let (version, rest) = line.split_once(' ').unwrap_or((&line, ""));
    if !matches!(version, "HTTP/1.1" | "HTTP/1.0") {
        head.faults.push(format!("the status line says {version}"));
    }
    let rest = if rest.starts_with(' ') {
        head.faults.push("more than one blank before the status code".to_owned());
        rest.trim_start()
    } else {
        rest
    };
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    head.status = code.parse().ok()?;
    if code.len() != 3 || head.status < 100 {
        head.faults.push(format!("the status code is {code:?}, not three digits"));
    }
    reason.clone_into(&mut head.reason);
    Some(())
}

fn read_header_line(line: &[u8], head: &mut Head) {
    if matches!(line[0], b' ' | b'\t') {
        head.faults.push("a header line is folded over two lines".to_owned());
        if let Some((_, value)) = head.headers.last_mut() {
            value.push(' ');
            value.push_str(text(line).trim());
        }
        return;
    }
    let Some(colon) = memchr::memchr(b':', line) else {
        head.faults.push(format!("the header line {:?} has no colon", text(line)));
        return;
    };
    let mut name = text(&line[..colon]);
    let trimmed = name.trim_end().len();
    if trimmed < name.len() {
        name.truncate(trimmed);
        head.faults.push(format!("a blank stands before the colon of {name}"));
    } else if let Some(c) = name.chars().find(|c| !is_token(*c)) {
        head.faults.push(format!("the header name {name:?} contains {c:?}"));
    } else if name.is_empty() {
        head.faults.push("a header line has no name".to_owned());
    }
    let value = line[colon + 1..].trim_ascii();
    if let Some(byte) = value.iter().find(|b| **b < b' ' && **b != b'\t' || **b == 0x7f) {
        head.faults.push(format!("the value of {name} contains the control character {byte:#04x}"));
    }
    head.headers.push((name, text(value)));
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '!' | '#'..='\'' | '*' | '+' | '-' | '.' | '^'..='`' | '|' | '~')
}

fn check_lengths(head: &mut Head) {
    let mut lengths = head.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let Some((_, first)) = lengths.next() else { return };
    if let Some((_, other)) = lengths.find(|(_, value)| value != first) {
        head.faults.push(format!("two Content-Length lines disagree: {first} and {other}"));
    } else if first.is_empty() || !first.bytes().all(|b| b.is_ascii_digit()) {
        head.faults.push(format!("Content-Length is {first:?}, not a number"));
    }
}

/// Text of a head: UTF-8 if it is that, else each byte as a character of ISO 8859-1, so that none is lost.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

impl Head {
    /// The values of a header, its name compared without case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether an answer with this status to this method has no body, whatever its head says (RFC 9112 section 6.3).
    #[must_use]
    pub fn is_bodiless(&self, method: &str) -> bool {
        method == "HEAD" || matches!(self.status, 100..=199 | 204 | 304)
    }

    /// Whether the body comes in chunks.
    #[must_use]
    pub fn is_chunked(&self) -> bool {
        self.values("transfer-encoding").any(|value| value.to_ascii_lowercase().contains("chunked"))
    }

    /// The announced lengths, smallest and largest; leading digits count.
    #[must_use]
    pub fn announced(&self) -> Option<(usize, usize)> {
        let numbers = self.values("content-length").flat_map(|value| value.split(',')).filter_map(|value| {
            let value = value.trim();
            let digits = value.bytes().take_while(u8::is_ascii_digit).count();
            value[..digits].parse::<usize>().ok()
        });
        numbers.fold(None, |range, n| match range {
            None => Some((n, n)),
            Some((least, most)) => Some((n.min(least), n.max(most))),
        })
    }

    /// What the head's framing shows that an HTTP library would not tell.
    #[must_use]
    pub fn oddities(&self) -> Vec<Oddity> {
        if self.bare_line_feed { vec![Oddity::BareLineFeed] } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        match answer(text.as_bytes()) {
            Found::Head(head) => head,
            other => panic!("{text:?}: {other:?}"),
        }
    }

    #[test]
    fn a_request_is_its_lines_and_nothing_else() {
        let headers = [("hOST", "x"), ("X-Empty", "")];
        let bytes = request("pAtCh", "//a\"b?q='x'", headers.into_iter());
        assert_eq!(bytes, b"pAtCh //a\"b?q='x' HTTP/1.1\r\nhOST: x\r\nX-Empty: \r\n\r\n");
        assert_eq!(bytes.capacity(), bytes.len());
    }

    #[test]
    fn spelling_order_and_duplicates_survive() {
        let head =
            head("HTTP/1.1 200 All Right\r\nContent-TYPE: a/b\r\nx-dUp: 1\r\neTaG:W/\"2\" \r\nX-DUP: 2\r\n\r\nbody");
        assert_eq!((head.status, head.reason.as_str(), head.length), (200, "All Right", 78));
        let lines: Vec<_> = head.headers.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(lines, ["Content-TYPE=a/b", "x-dUp=1", "eTaG=W/\"2\"", "X-DUP=2"]);
        assert!(head.faults.is_empty() && !head.bare_line_feed);
    }

    #[test]
    fn interim_answers_are_skipped() {
        let head =
            head("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 \r\n\r\n");
        assert_eq!((head.status, head.length), (204, 79));
    }

    #[test]
    fn faults_are_named() {
        let table = [
            ("Content-Length: 2\r\nContent-Length: 4\r\n", "two Content-Length lines disagree: 2 and 4"),
            ("Content-Length: two\r\n", "Content-Length is \"two\", not a number"),
            ("A: 1\r\n 2\r\n", "a header line is folded over two lines"),
            ("A : 1\r\n", "a blank stands before the colon of A"),
            ("A B: 1\r\n", "the header name \"A B\" contains ' '"),
            ("nonsense\r\n", "the header line \"nonsense\" has no colon"),
            (": 1\r\n", "a header line has no name"),
            ("A: \u{1}\r\n", "the value of A contains the control character 0x01"),
        ];
        for (lines, fault) in table {
            assert_eq!(head(&format!("HTTP/1.1 200 OK\r\n{lines}\r\n")).faults, [fault]);
        }
        assert_eq!(head("HTTP/1.1  200\r\n\r\n").faults, ["more than one blank before the status code"]);
        assert_eq!(head("HTTP/7 200\r\n\r\n").faults, ["the status line says HTTP/7"]);
        assert_eq!(head("HTTP/1.1 0200\r\n\r\n").faults, ["the status code is \"0200\", not three digits"]);
    }

    #[test]
    fn bare_line_feeds_are_seen() {
        assert!(head("HTTP/1.1 200 OK\nA: 1\n\nbody").bare_line_feed);
        assert!(head("HTTP/1.1 200 OK\r\nA: 1\n\r\n").bare_line_feed);
    }

    #[test]
    fn what_is_no_head_is_told_apart() {
        assert_eq!(answer(b""), Found::Partial);
        assert_eq!(answer(b"\r\nHT"), Found::Partial);
        assert_eq!(answer(b"HTTP/1.1 200 OK\r\nA: 1\r\n"), Found::Partial);
        assert_eq!(answer(b"HTTP/1.1 OK\r\n\r\n"), Found::NotHttp);
        assert_eq!(answer(b"SSH-2.0"), Found::NotHttp);
        assert_eq!(answer(b"\x15\x03\x01"), Found::NotHttp);
        let endless = format!("HTTP/1.1 200 OK\r\nA: {}", "x".repeat(MAX_HEAD));
        assert_eq!(answer(endless.as_bytes()), Found::NotHttp);
    }

    #[test]
    fn latin_1_is_kept() {
        let Found::Head(head) = answer(b"HTTP/1.1 200 caf\xe9\r\n\r\n") else { panic!("no head") };
        assert_eq!(head.reason, "caf\u{e9}");
    }

    #[test]
    fn announced_lengths_are_read_leniently() {
        assert_eq!(head("HTTP/1.1 200\r\nContent-Length: 12, 14\r\n\r\n").announced(), Some((12, 14)));
        assert_eq!(head("HTTP/1.1 200\r\ncontent-length: 7 bytes\r\n\r\n").announced(), Some((7, 7)));
        assert_eq!(head("HTTP/1.1 200\r\ncontent-length: many\r\n\r\n").announced(), None);
    }
}
