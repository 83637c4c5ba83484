//! Times and lengths of time, for people. The script turns the first into the reader's own zone.

use std::fmt;

use askama::filters::HtmlSafe;

/// A moment, as a `time` element in UTC.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub(super) u64);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stamp = i64::try_from(self.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        let Some(stamp) = stamp else { return write!(f, "{} ms", self.0) };
        let (iso, words) = (format!("{stamp:.3}"), stamp.strftime("%Y-%m-%d %H:%M:%S UTC"));
        write!(f, "<time data-ms=\"{}\" datetime=\"{iso}\">{words}</time>", self.0)
    }
}

impl HtmlSafe for Moment {}

/// A length of time, in whatever unit reads best.
pub(super) fn took(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        _ => format!("{}.{} s", us / 1_000_000, us % 1_000_000 / 100_000),
    }
}

/// A number of bytes, with its thousands apart.
pub(super) fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!((took(999), took(1_250), took(2_340_000)), ("999 µs".into(), "1.2 ms".into(), "2.3 s".into()));
        assert_eq!((count(7), count(1_000), count(1_048_576)), ("7".into(), "1,000".into(), "1,048,576".into()));
    }

    #[test]
    fn a_moment_is_said_in_utc() {
        let shown = Moment(1_700_000_000_123).to_string();
        let wanted = "datetime=\"2023-11-14T22:13:20.123Z\">2023-11-14 22:13:20 UTC</time>";
        assert!(shown.ends_with(wanted), "{shown}");
        assert_eq!(Moment(u64::MAX).to_string(), format!("{} ms", u64::MAX));
    }
}
