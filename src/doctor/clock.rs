//! Whether the target's clock and ours agree: tokens expire by one and are made by the other.

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::{About, Diagnosis};
use crate::exchange::Received;

/// Seconds that nobody minds.
const TOLERATED: i64 = 30;

/// Holds the answer's Date against when it was asked for and when it was there.
pub(super) fn compare(answer: &Received, (begun, ended): (Timestamp, Timestamp), to: &mut Diagnosis) {
    let Some(date) = answer.header("Date") else {
        return to.note(About::Clock, "the answer has no Date line: the target's clock cannot be seen");
    };
    let Ok(date) = rfc2822::DateTimeParser::new().parse_timestamp(date) else {
        return to.mend(
            About::Clock,
            format!("the Date line says {date:?}; write a date such as Sun, 06 Nov 1994 08:49:37 GMT"),
        );
    };
    // A cache in between tells how old its answer is (RFC 9111 section 5.1).
    let age = answer.header("Age").and_then(|age| age.trim().parse::<u32>().ok()).map_or(0, i64::from);
    let date = date.as_second() + age;
    let (ahead, behind) = (date - ended.as_second(), begun.as_second() - date);
    let skew = ahead.max(behind);
    if skew <= TOLERATED {
        return to.good(About::Clock, "the target's clock agrees with this machine's");
    }
    let way = if ahead > behind { "ahead of" } else { "behind" };
    let says = format!(
        "the target's clock is {} {way} this machine's; set both by NTP, or tokens are refused and changes look older than \
         they are",
        spoken(skew)
    );
    to.mend(About::Clock, says);
}

/// `90 s`, `5 min`, `3 h`, `2 d`.
fn spoken(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86400),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Line, State};
    use super::*;
    use crate::transport::target::BaseUrl;

    fn told(date: Option<&str>, at: &str) -> Line {
        let at: Timestamp = at.parse().unwrap();
        let headers = date.map(|date| ("date".to_owned(), date.to_owned())).into_iter().collect();
        let answer = Received::new(200, String::new(), headers, Vec::new(), Vec::new());
        let mut diagnosis = Diagnosis::new(&BaseUrl::parse("http://127.0.0.1").unwrap());
        compare(&answer, (at, at), &mut diagnosis);
        diagnosis.lines()[0].clone()
    }

    #[test]
    fn clocks_agree_within_half_a_minute() {
        for (at, state, says) in [
            ("1994-11-06T08:49:37Z", State::Good, "agrees"),
            ("1994-11-06T08:50:07Z", State::Good, "agrees"),
            ("1994-11-06T08:49:07Z", State::Good, "agrees"),
            ("1994-11-06T08:50:08Z", State::Mend, "31 s behind"),
            ("1994-11-06T08:49:06Z", State::Mend, "31 s ahead of"),
            ("1994-11-06T09:49:37Z", State::Mend, "60 min behind"),
            ("1994-11-04T08:49:37Z", State::Mend, "2 d ahead of"),
        ] {
            let line = told(Some("Sun, 06 Nov 1994 08:49:37 GMT"), at);
            assert!(line.state == state && line.says.contains(says), "{at}: {line:?}");
        }
    }

    #[test]
    fn an_answer_of_a_cache_is_as_old_as_it_says() {
        let at: Timestamp = "1994-11-06T09:49:37Z".parse().unwrap();
        let headers = [("Date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("Age", "3600")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let answer = Received::new(200, String::new(), headers, Vec::new(), Vec::new());
        let mut diagnosis = Diagnosis::new(&BaseUrl::parse("http://127.0.0.1").unwrap());
        compare(&answer, (at, at), &mut diagnosis);
        assert_eq!(diagnosis.lines()[0].state, State::Good);
    }

    #[test]
    fn a_date_that_is_missing_or_none_is_told() {
        assert_eq!(told(None, "1994-11-06T08:49:37Z").state, State::Note);
        assert_eq!(told(Some("yesterday"), "1994-11-06T08:49:37Z").state, State::Mend);
    }
}
