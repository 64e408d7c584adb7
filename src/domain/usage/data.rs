//! What does an event say? The members of its `data`, with numbers as they were written: `{"tokens": 4808, "model": "large"}`.
//!
//! Numbers never pass through a binary float: `0.1` stays one tenth, and `1.5e2` is 150.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::refused::Refused;
use crate::domain::fields::below;

/// The longest `data`, in bytes of JSON.
pub const DATA_LENGTH: usize = 32 << 10;

/// An event's own words: a JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    text: String,
    members: Vec<(String, Member)>,
}

/// The value of one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    Text(String),
    /// In plain digits, as the database writes it.
    Number(String),
    Truth(bool),
    Null,
    /// An array or object, with its keys in order.
    Nested(String),
}

impl Member {
    /// What it says as one word; an array or object and null say none.
    #[must_use]
    pub fn word(&self) -> Option<&str> {
        match self {
            Member::Text(text) | Member::Number(text) => Some(text),
            Member::Truth(true) => Some("true"),
            Member::Truth(false) => Some("false"),
            Member::Null | Member::Nested(_) => None,
        }
    }
}

impl Data {
    /// Of an event that says nothing but that it happened.
    #[must_use]
    pub fn empty() -> Data {
        Data { text: "{}".to_owned(), members: Vec::new() }
    }

    /// Reads the text of a JSON object.
    ///
    /// # Errors
    /// [`Refused`] when it is none, or holds what cannot be stored.
    pub fn parse(text: &str) -> Result<Data, Refused> {
        if text.len() > DATA_LENGTH {
            let detail = format!("the data of an event is at most {DATA_LENGTH} bytes long");
            return Err(Refused::at("/data", "too_long", detail));
        }
        Data::read(text)
    }

    /// The same of any length: the database writes numbers and blanks its own way, which may be longer.
    ///
    /// # Errors
    /// [`Refused`] when it is no JSON object, or holds what cannot be stored.
    pub fn read(text: &str) -> Result<Data, Refused> {
        if !text.starts_with('{') {
            return Err(Refused::at(
                "/data",
                "wrong_type",
                "data is a JSON object, such as {\"tokens\": 4808}",
            ));
        }
        let unreadable = |e: serde_json::Error| {
            Refused::at("/data", "unstorable_data", format!("data cannot be read: {e}"))
        };
        let raw = serde_json::Deserializer::from_str(text).deserialize_map(Members).map_err(unreadable)?;
        let mut members: Vec<(String, Member)> = Vec::with_capacity(raw.len());
        for (name, value) in raw {
            let value = member(value.get())
                .map_err(|detail| Refused::at(below("/data", &name), "unstorable_data", detail))?;
            if name.contains('\0') {
                return Err(Refused::at("/data", "unstorable_data", NUL));
            }
            match members.iter_mut().find(|known| known.0 == name) {
                // The last of two members with one name counts, as in the database.
                Some(known) => known.1 = value,
                None => members.push((name, value)),
            }
        }
        Ok(Data { text: text.to_owned(), members })
    }

    /// As it came.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A member by its name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.0 == name).map(|member| &member.1)
    }

    /// The same for the same content, whatever the order of its members and the blanks between them.
    pub fn canonical(&self, mut take: impl FnMut(&[u8])) {
        let mut members: Vec<&(String, Member)> = self.members.iter().collect();
        members.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (name, member) in members {
            let (kind, text): (u8, &str) = match member {
                Member::Text(text) => (1, text),
                Member::Number(text) => (2, text),
                Member::Truth(true) => (3, "true"),
                Member::Truth(false) => (3, "false"),
                Member::Null => (4, ""),
                Member::Nested(text) => (5, text),
            };
            take(name.as_bytes());
            take(&[0, kind]);
            take(text.as_bytes());
            take(&[0]);
        }
    }
}

const NUL: &str = "the character U+0000 cannot be stored; leave it out";

/// One value, from its JSON.
fn member(raw: &str) -> Result<Member, String> {
    match raw.as_bytes().first() {
        Some(b'"') => {
            let text: String = serde_json::from_str(raw).map_err(|e| e.to_string())?;
            if text.contains('\0') { Err(NUL.to_owned()) } else { Ok(Member::Text(text)) }
        }
        Some(b't') => Ok(Member::Truth(true)),
        Some(b'f') => Ok(Member::Truth(false)),
        Some(b'n') => Ok(Member::Null),
        Some(b'{' | b'[') => nested(raw),
        _ => plain_number(raw).map(Member::Number),
    }
}

/// Read whole, because what the database cannot hold (U+0000, half a surrogate pair, a number of a million digits) must be refused
/// before it gets there.
fn nested(raw: &str) -> Result<Member, String> {
    let value: Value = serde_json::from_str(raw).map_err(|e| e.to_string())?;
    let text = value.to_string();
    if text.contains("\\u0000") && holds_nul(&value) {
        return Err(NUL.to_owned());
    }
    let mut in_text = false;
    let mut escaped = false;
    let mut exponent: Option<usize> = None;
    let mut digits = 0;
    for byte in raw.bytes() {
        digits = if !in_text && (byte.is_ascii_digit() || byte == b'.') { digits + 1 } else { 0 };
        if digits > DIGITS {
            return Err(too_many_digits());
        }
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'e' | b'E') => exponent = Some(0),
            (false, b'+' | b'-') => {}
            (false, b'0'..=b'9') => {
                exponent = exponent.map(|digits| digits + 1);
                if exponent.is_some_and(|digits| digits > 2) {
                    return Err(format!("a number has an exponent of at most {EXPONENT}"));
                }
            }
            _ => exponent = None,
        }
    }
    Ok(Member::Nested(text))
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

fn too_many_digits() -> String {
    format!("a number has at most {DIGITS} digits")
}

/// The largest exponent read.
const EXPONENT: i32 = 99;

/// The most digits of a number: the database keeps no more than 16,383 after the point.
const DIGITS: usize = 1_000;

/// `1.5e2` → `150`, `-0.0` → `0.0`: the digits PostgreSQL gives for the same number.
fn plain_number(raw: &str) -> Result<String, String> {
    if raw.len() > DIGITS {
        return Err(too_many_digits());
    }
    let (mantissa, exponent) = raw.split_once(['e', 'E']).unwrap_or((raw, "0"));
    let exponent: i32 = exponent
        .parse()
        .ok()
        .filter(|e: &i32| e.abs() <= EXPONENT)
        .ok_or_else(|| format!("a number has an exponent of at most {EXPONENT}"))?;
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let sign = if digits.bytes().all(|b| b == b'0' || b == b'.') { "" } else { sign };
    if exponent == 0 {
        return Ok(format!("{sign}{digits}"));
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    let signed = |length: usize| i32::try_from(length).map_err(|_| too_many_digits());
    let (point, length) = (signed(whole.len())? + exponent, signed(all.len())?);
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    let plain = if point <= 0 {
        format!("0.{}{all}", zeros(-point))
    } else if point >= length {
        format!("{all}{}", zeros(point - length))
    } else {
        let at = usize::try_from(point).unwrap_or(0);
        format!("{}.{}", &all[..at], &all[at..])
    };
    let whole_end = plain.find('.').unwrap_or(plain.len());
    let superfluous = plain[..whole_end].bytes().take_while(|b| *b == b'0').count().min(whole_end - 1);
    Ok(format!("{sign}{}", &plain[superfluous..]))
}

/// Collects the members of an object with their raw values.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(8);
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(raw: &str) -> String {
        plain_number(raw).unwrap()
    }

    #[test]
    fn numbers_are_written_in_plain_digits_as_the_database_does() {
        for (raw, plain) in [
            ("4808", "4808"),
            ("-0", "0"),
            ("-0.0", "0.0"),
            ("0.10", "0.10"),
            ("1.5e2", "150"),
            ("1.50e1", "15.0"),
            ("1e-3", "0.001"),
            ("-2.5E-1", "-0.25"),
            ("12345e-2", "123.45"),
            ("0e5", "0"),
            ("0.5e1", "5"),
        ] {
            assert_eq!(number(raw), plain, "{raw}");
        }
        assert!(plain_number("1e100").is_err());
        assert!(plain_number("1e99999999999").is_err());
    }

    #[test]
    fn members_are_found_by_name_and_the_last_of_two_counts() {
        let data =
            Data::parse(r#"{"a": 1, "b": "x", "a": 2, "c": [1, {"z": 1, "y": 2}], "d": null, "e": true}"#)
                .unwrap();
        assert_eq!(data.member("a"), Some(&Member::Number("2".to_owned())));
        assert_eq!(data.member("b").and_then(Member::word), Some("x"));
        assert_eq!(data.member("c"), Some(&Member::Nested(r#"[1,{"y":2,"z":1}]"#.to_owned())));
        assert_eq!(data.member("d").and_then(Member::word), None);
        assert_eq!(data.member("e").and_then(Member::word), Some("true"));
        assert_eq!(data.member("f"), None);
    }

    #[test]
    fn what_the_database_cannot_hold_is_refused() {
        for bad in [
            r#"{"a": "\u0000"}"#,
            r#"{"\u0000": 1}"#,
            r#"{"a": ["\u0000"]}"#,
            r#"{"a": "\ud800"}"#,
            r#"{"a": ["\ud800"]}"#,
            r#"{"a": 1e999}"#,
            r#"{"a": [1e-999]}"#,
            r#"{"a": [1e999]}"#,
        ] {
            assert_eq!(Data::parse(bad).unwrap_err().code, "unstorable_data", "{bad}");
        }
        for number in [format!("0.{}", "1".repeat(20_000)), "9".repeat(1_001)] {
            for data in [format!(r#"{{"a": {number}}}"#), format!(r#"{{"a": [{number}]}}"#)] {
                assert_eq!(Data::parse(&data).unwrap_err().code, "unstorable_data");
            }
        }
        assert_eq!(Data::parse("[1]").unwrap_err().code, "wrong_type");
        assert_eq!(
            Data::parse(&format!(r#"{{"a": "{}"}}"#, "x".repeat(DATA_LENGTH))).unwrap_err().code,
            "too_long"
        );
        assert!(Data::parse(r#"{"a": ["1e999", "\\u0000", 1e-9]}"#).is_ok());
    }

    #[test]
    fn the_same_content_in_another_order_is_the_same() {
        let canonical = |text: &str| {
            let mut bytes = Vec::new();
            Data::parse(text).unwrap().canonical(|part| bytes.extend_from_slice(part));
            bytes
        };
        assert_eq!(
            canonical(r#"{"a": 1, "b": {"x": 1, "y": 2}}"#),
            canonical(r#"{"b":{"y":2, "x":1},"a":1}"#)
        );
        assert_ne!(canonical(r#"{"a": 1}"#), canonical(r#"{"a": "1"}"#));
        assert_ne!(canonical(r#"{"a": 1}"#), canonical(r#"{"a": 2}"#));
    }
}
