//! `dateTime` values (RFC 7643 section 2.3.5): the `dateTime` of XML Schema, whose zone is optional.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// The instant that a `dateTime` names, a missing zone taken as UTC; `None`: the text is no `dateTime`.
///
/// XML Schema part 2, section 3.3.7: `-?YYYY-MM-DDThh:mm:ss(.s+)?(Z|[+-]hh:mm)?`, where `24:00:00` is the next
/// midnight, and offsets reach to 14 hours. Years past 9999, which XML Schema has too, are not read; digits past the
/// nanosecond are cut.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let mut rest = Rest(text);
    let date = rest.date()?;
    rest.mark("T")?;
    let (since_midnight, nanosecond) = rest.time()?;
    let offset = rest.zone()?;
    let midnight = date.at(0, 0, 0, 0);
    let local = midnight.checked_add(SignedDuration::new(since_midnight, nanosecond)).ok()?;
    offset.to_timestamp(local).ok()
}

/// Whether a text is a `dateTime`.
#[must_use]
pub fn is_valid(text: &str) -> bool {
    parse(text).is_some()
}

/// What is still to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn mark(&mut self, mark: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(mark)?;
        Some(())
    }

    /// All digits that come next, at least one.
    fn digits(&mut self) -> Option<&'a str> {
        let end = self.0.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        (!digits.is_empty()).then_some(digits)
    }

    fn two(&mut self) -> Option<i8> {
        self.digits().filter(|d| d.len() == 2)?.parse().ok()
    }

    fn date(&mut self) -> Option<Date> {
        let sign = if self.mark("-").is_some() { -1 } else { 1 };
        let year = self.digits().filter(|year| year.len() == 4)?;
        self.mark("-")?;
        let month = self.two()?;
        self.mark("-")?;
        Date::new(year.parse::<i16>().ok()? * sign, month, self.two()?).ok()
    }

    /// Seconds since midnight, and the nanoseconds behind them.
    fn time(&mut self) -> Option<(i64, i32)> {
        let hour = self.two()?;
        self.mark(":")?;
        let minute = self.two()?;
        self.mark(":")?;
        let second = self.two()?;
        let nanosecond = if self.mark(".").is_some() { fraction(self.digits()?)? } else { 0 };
        let end_of_day = (hour, minute, second, nanosecond) == (24, 0, 0, 0);
        let valid = end_of_day || (hour < 24 && minute < 60 && second < 60);
        let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
        valid.then_some((seconds, nanosecond))
    }

    /// The zone, which ends the text.
    fn zone(&mut self) -> Option<Offset> {
        let sign = match self.0 {
            "" | "Z" => return Some(Offset::UTC),
            offset if offset.starts_with('+') => 1,
            offset if offset.starts_with('-') => -1,
            _ => return None,
        };
        self.0 = &self.0[1..];
        let hour = self.two()?;
        self.mark(":")?;
        let minute = self.two()?;
        let valid = self.0.is_empty() && (hour < 14 && minute < 60 || (hour, minute) == (14, 0));
        let seconds = (i32::from(hour) * 60 + i32::from(minute)) * 60 * sign;
        Offset::from_seconds(seconds).ok().filter(|_| valid)
    }
}

fn fraction(digits: &str) -> Option<i32> {
    let digits = &digits[..digits.len().min(9)];
    let value: i32 = digits.parse().ok()?;
    Some((digits.len()..9).fold(value, |value, _| value * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_grammar() {
        let valid = [
            "2008-01-23T04:56:22Z",
            "2008-01-23T04:56:22",
            "2008-01-23T04:56:22.123456789123+14:00",
            "2008-01-23T04:56:22-00:30",
            "2008-02-29T24:00:00Z",
            "-0044-03-15T12:00:00Z",
            "0000-01-01T00:00:00Z",
        ];
        for text in valid {
            assert!(is_valid(text), "{text}");
        }
        let invalid = [
            "",
            "2008-01-23",
            "2008-01-23 04:56:22Z",
            "2008-01-23t04:56:22Z",
            "2008-01-23T04:56:22z",
            "2008-01-23T04:56Z",
            "2008-1-23T04:56:22Z",
            "2008-02-30T04:56:22Z",
            "2008-01-23T24:00:01Z",
            "2008-01-23T23:60:00Z",
            "2008-01-23T23:59:60Z",
            "2008-01-23T04:56:22.Z",
            "2008-01-23T04:56:22+0100",
            "2008-01-23T04:56:22+14:01",
            "2008-01-23T04:56:22+01:00[Europe/Paris]",
            "02008-01-23T04:56:22Z",
            "12008-01-23T04:56:22Z",
            "+2008-01-23T04:56:22Z",
            "1201064182000",
            "2008-01-23T04:56:22Z ",
            "2008-01-23T04:56:22Zé",
        ];
        for text in invalid {
            assert!(!is_valid(text), "{text}");
        }
    }

    #[test]
    fn compares_instants() {
        let same = [
            "2008-03-01T00:00:00Z",
            "2008-03-01T01:30:00.000+01:30",
            "2008-02-29T24:00:00",
            "2008-02-29T23:00:00-01:00",
        ];
        for text in same {
            assert_eq!(parse(text), parse(same[0]), "{text}");
        }
        assert!(parse("2008-03-01T00:00:00.1Z") > parse("2008-03-01T00:00:00.09Z"));
    }

    proptest::proptest! {
        #[test]
        fn agrees_with_jiff_on_rfc_3339(second in -60_000_000_000_i64..250_000_000_000, nanosecond in 0..1_000_000_000) {
            let instant = Timestamp::new(second, nanosecond).unwrap();
            proptest::prop_assert_eq!(parse(&instant.to_string()), Some(instant));
        }

        #[test]
        fn never_panics(text in "[-+0-9TZ:.é ]{0,30}") {
            let _ = is_valid(&text);
        }
    }
}
