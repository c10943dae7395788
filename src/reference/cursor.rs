//! Pages by cursor (RFC 9865): what a cursor says, and what makes one invalid.
//!
//! A cursor holds where its page begins, when it was given out and for how large a page, and is sealed over the query it
//! belongs to: with another query, or with one character changed, it is none.

use jiff::Timestamp;

use super::digest;
use super::refusal::Refusal;

/// How long a cursor is good for, in seconds: `pagination.cursorTimeout` of the service provider configuration.
pub(super) const TIMEOUT: i64 = 3600;

/// A page by cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The first result, counted from 0.
    pub(super) offset: usize,
    /// Results on a page.
    pub(super) count: usize,
}

/// Writes and reads the cursors of one query.
pub(super) struct Cursors<'q> {
    /// What nobody else knows.
    pub(super) seed: u64,
    /// The query without its pages, as text.
    pub(super) query: &'q str,
    /// Now.
    pub(super) at: Timestamp,
}

impl Cursors<'_> {
    /// The cursor of a page: only unreserved characters (RFC 9865 section 2).
    pub(super) fn write(&self, place: Place) -> String {
        let open = format!("{:x}-{:x}-{:x}", place.offset, place.count, self.at.as_second());
        format!("{open}-{}", self.seal(&open))
    }

    /// The page of a cursor; an empty one is the first page of `count` results.
    ///
    /// # Errors
    /// 400 `invalidCursor`, `expiredCursor`, or `invalidCount` for another count than the cursor was given out with
    /// (section 2.1).
    pub(super) fn read(&self, cursor: &str, count: Option<usize>, most: usize) -> Result<Place, Refusal> {
        if cursor.is_empty() {
            return Ok(Place { offset: 0, count: count.unwrap_or(most).min(most) });
        }
        let invalid = || Refusal::bad("invalidCursor", "This is no cursor of this query.");
        let (open, seal) = cursor.rsplit_once('-').ok_or_else(invalid)?;
        if seal != self.seal(open) {
            return Err(invalid());
        }
        let mut parts = open.split('-').map(|part| i64::from_str_radix(part, 16).unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        let (offset, size, given) = (next(), next(), next());
        if self.at.as_second() - given > TIMEOUT {
            return Err(Refusal::bad("expiredCursor", "The cursor has expired: begin again."));
        }
        let place = Place { offset: usize::try_from(offset).unwrap_or(0), count: usize::try_from(size).unwrap_or(0) };
        match count {
            Some(count) if count.min(most) != place.count => {
                Err(Refusal::bad("invalidCount", format!("The first page was asked for with count {}.", place.count)))
            }
            _ => Ok(place),
        }
    }

    fn seal(&self, open: &str) -> String {
        digest::hex(&[&self.seed.to_be_bytes(), self.query.as_bytes(), open.as_bytes()], 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursors(query: &str, second: i64) -> Cursors<'_> {
        Cursors { seed: 7, query, at: Timestamp::from_second(second).unwrap() }
    }

    #[test]
    fn a_cursor_belongs_to_its_query_and_its_time() {
        let place = Place { offset: 20, count: 10 };
        let cursor = cursors("a", 100).write(place);
        assert!(cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{cursor}");
        let read = |query, second, cursor: &str, count| cursors(query, second).read(cursor, count, 200);
        assert_eq!(read("a", 200, &cursor, Some(10)), Ok(place));
        assert_eq!(read("a", 200, &cursor, None), Ok(place));
        let why = |result: Result<Place, Refusal>| result.unwrap_err().scim_type;
        assert_eq!(why(read("b", 200, &cursor, None)), Some("invalidCursor"));
        assert_eq!(why(read("a", 200, &cursor.replace("14-", "15-"), None)), Some("invalidCursor"));
        assert_eq!(why(read("a", 200, "bogus", None)), Some("invalidCursor"));
        assert_eq!(why(read("a", 200, &cursor, Some(11))), Some("invalidCount"));
        assert_eq!(why(read("a", 101 + TIMEOUT, &cursor, None)), Some("expiredCursor"));
        assert_eq!(read("a", 0, "", Some(500)), Ok(Place { offset: 0, count: 200 }));
    }
}
