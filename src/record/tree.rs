//! Where every value of a JSON text stands, so that a value can be replaced and the text around it stays to the byte.

use std::ops::Range;

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Kind {
    /// The span is that of the text between the quotes.
    Text,
    Number,
    /// `true`, `false`, `null`
    Word,
    Array(Vec<Node>),
    /// Place of the name between its quotes, and the value.
    Object(Vec<(Range<usize>, Node)>),
}

/// The tree of a text that is JSON; `None` if it is not. Names and values are not looked into.
pub(super) fn tree(text: &str) -> Option<Node> {
    crate::scim::json::Json::parse(text.as_bytes()).ok()?;
    Walk { bytes: text.as_bytes(), at: 0 }.value()
}

struct Walk<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Walk<'_> {
    fn blank(&mut self) {
        while self.bytes.get(self.at).is_some_and(|b| b" \t\r\n".contains(b)) {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Option<u8> {
        self.blank();
        self.bytes.get(self.at).copied()
    }

    fn value(&mut self) -> Option<Node> {
        match self.peek()? {
            b'"' => self.text().map(|span| Node { span, kind: Kind::Text }),
            b'[' => self.array(),
            b'{' => self.object(),
            first => {
                let begin = self.at;
                while self.bytes.get(self.at).is_some_and(|b| !b",]} \t\r\n".contains(b)) {
                    self.at += 1;
                }
                let kind = if first == b'-' || first.is_ascii_digit() { Kind::Number } else { Kind::Word };
                Some(Node { span: begin..self.at, kind })
            }
        }
    }

    /// The place between the quotes.
    fn text(&mut self) -> Option<Range<usize>> {
        let begin = self.at + 1;
        let mut at = begin;
        loop {
            match self.bytes.get(at)? {
                b'\\' => at += 2,
                b'"' => break,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        Some(begin..at)
    }

    fn array(&mut self) -> Option<Node> {
        let begin = self.at;
        self.at += 1;
        let mut items = Vec::new();
        while self.peek()? != b']' {
            if self.peek()? == b',' {
                self.at += 1;
            }
            items.push(self.value()?);
        }
        self.at += 1;
        Some(Node { span: begin..self.at, kind: Kind::Array(items) })
    }

    fn object(&mut self) -> Option<Node> {
        let begin = self.at;
        self.at += 1;
        let mut members = Vec::new();
        while self.peek()? != b'}' {
            if self.peek()? == b',' {
                self.at += 1;
                self.blank();
            }
            let name = self.text()?;
            self.blank();
            self.at += 1;
            members.push((name, self.value()?));
        }
        self.at += 1;
        Some(Node { span: begin..self.at, kind: Kind::Object(members) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_place() {
        let text = "{ \"a\\\"b\" : [ 1 , \"x\\\\\" ,null ] , \"c\":{}}";
        let Some(Node { kind: Kind::Object(members), .. }) = tree(text) else { panic!("no object") };
        assert_eq!(&text[members[0].0.clone()], "a\\\"b");
        let Kind::Array(items) = &members[0].1.kind else { panic!("no array") };
        let texts: Vec<_> = items.iter().map(|item| &text[item.span.clone()]).collect();
        assert_eq!(texts, ["1", "x\\\\", "null"]);
        assert_eq!(&text[members[1].1.span.clone()], "{}");
        assert!(tree("{\"a\":1").is_none());
    }
}
