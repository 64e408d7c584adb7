//! Does a request hold what nothing here can keep, whichever field it stands in? The character U+0000, which PostgreSQL stores in no text, and
//! an instant in a year that is not written with four digits, or a leap second, which no instant is: `{"start_at": "2016-12-31T23:59:60Z"}` is refused at `/start_at`, never moved to midnight.

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde_json::Value;

use crate::domain::fields::{Faults, below};
use crate::domain::refusal::Invalid;

/// From here on the nanoseconds of a parsed instant are those of a leap second.
const LEAP: u32 = 1_000_000_000;
/// The years that are written with four digits; the database knows no instants before 4714 BC.
const YEARS: std::ops::RangeInclusive<i32> = 0..=9999;
/// Texts of a caller's own, of any form: they may look like an instant and be none.
const FREE: &[&str] = &["/metadata", "/data"];

/// Refuses a body that holds what cannot be kept, naming each place of it. The body is JSON.
///
/// # Errors
/// [`Invalid`]: `control_character`, `leap_second`.
pub fn check_body(bytes: &[u8]) -> Result<(), Invalid> {
    // Most bodies hold neither, and are not read a second time.
    let suspicious = |word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    if ![&b"\\u0000"[..], b":60", b"\"+", b"\"-"].iter().any(|word| suspicious(word)) {
        return Ok(());
    }
    let mut faults = Faults::none();
    if let Ok(value) = serde_json::from_slice(bytes) {
        walk(&value, "", &mut faults);
    }
    faults.into_result()
}

/// The same of the pairs of a query string.
///
/// # Errors
/// [`Invalid`]: `control_character`, `leap_second`.
pub fn check_query(root: &str, pairs: &[(String, String)]) -> Result<(), Invalid> {
    let mut faults = Faults::none();
    for (name, value) in pairs {
        let at = below(root, &name.replace('\0', ""));
        check_text(name, &at, &mut faults);
        check_text(value, &at, &mut faults);
    }
    faults.into_result()
}

fn walk(value: &Value, at: &str, faults: &mut Faults) {
    match value {
        Value::String(text) => check_text(text, at, faults),
        Value::Array(values) => {
            for (n, value) in values.iter().enumerate() {
                walk(value, &below(at, &n.to_string()), faults);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let at = below(at, &name.replace('\0', ""));
                if name.contains('\0') {
                    faults.add(&at, "control_character", NUL);
                }
                walk(value, &at, faults);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

const NUL: &str = "the character U+0000 cannot be stored: leave it out";

fn check_text(text: &str, at: &str, faults: &mut Faults) {
    if text.contains('\0') {
        faults.add(at, "control_character", NUL);
    }
    let is_free = FREE.iter().any(|free| at.strip_prefix(free).is_some_and(|rest| rest.starts_with('/')));
    let Some(instant) = text.parse::<DateTime<Utc>>().ok().filter(|_| !is_free) else { return };
    if instant.nanosecond() >= LEAP {
        faults.add(at, "leap_second", LEAP_SECOND);
    }
    if !YEARS.contains(&instant.year()) {
        faults.add(at, "date_out_of_range", "no calendar here has this year: give an instant of four digits");
    }
}

/// The detail of the refusal of one.
const LEAP_SECOND: &str =
    "a leap second is no instant here: give the second before it, or the first one of the next day";

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(found: Result<(), Invalid>) -> Vec<String> {
        let errors = found.err().map(|invalid| invalid.errors).unwrap_or_default();
        errors.into_iter().map(|error| format!("{} {}", error.pointer, error.code)).collect()
    }

    fn body(text: &str) -> Vec<String> {
        faults(check_body(text.as_bytes()))
    }

    #[test]
    fn a_nul_is_named_wherever_it_stands() {
        assert_eq!(body(r#"{"name": "a\u0000b"}"#), ["/name control_character"]);
        assert_eq!(
            body(r#"{"a": [{"b": "\u0000"}], "x\u0000y": 1}"#),
            ["/a/0/b control_character", "/xy control_character"]
        );
        assert_eq!(body(r#"{"metadata": {"k": "\u0000"}}"#), ["/metadata/k control_character"]);
        // An escaped backslash before it: the six characters, and no NUL.
        assert_eq!(body(r#"{"name": "\\u0000"}"#), [""; 0]);
    }

    #[test]
    fn a_leap_second_is_named_where_an_instant_is_meant() {
        for text in ["2016-12-31T23:59:60Z", "2017-01-01T00:59:60.5+01:00"] {
            assert_eq!(body(&format!(r#"{{"at": "{text}"}}"#)), ["/at leap_second"], "{text}");
            assert_eq!(body(&format!(r#"{{"metadata": {{"at": "{text}"}}}}"#)), [""; 0], "{text}");
        }
        assert_eq!(body(r#"{"at": "2016-12-31T23:59:59Z", "name": "10:60"}"#), [""; 0]);
    }

    #[test]
    fn a_query_is_held_to_the_same() {
        let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        let query = |pairs: &[(String, String)]| faults(check_query("/query", pairs));
        assert_eq!(query(&pair("status", "a\0")), ["/query/status control_character"]);
        assert_eq!(query(&pair("from", "2016-12-31T23:59:60Z")), ["/query/from leap_second"]);
        assert_eq!(query(&pair("from", "-262143-01-01T00:00:00Z")), ["/query/from date_out_of_range"]);
        assert_eq!(query(&pair("from", "2016-12-31T23:59:59Z")), [""; 0]);
    }
}
