//! How is a fault of shape told? By the place of it, and in words of JSON: `invalid type: array, expected an object`, never by the name of a type of ours.

use serde_path_to_error::{Path, Segment};

use crate::domain::refusal::Invalid;

/// Serde's messages end in ` at line 1 column 5`, which the pointer tells better.
pub(super) fn without_place(message: &str) -> &str {
    message.rfind(" at line ").map_or(message, |end| &message[..end])
}

/// Names the field at fault from serde's path and message. `root` stands before the path.
pub fn shape_problem(root: &str, path: &Path, message: &str) -> Invalid {
    let detail = &plain(without_place(message));
    let mut pointer = root.to_owned();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let named = |rest: &str| {
        let name = escaped(rest.trim_start_matches('`').split('`').next().unwrap_or_default());
        if pointer.ends_with(&format!("/{name}")) { pointer.clone() } else { format!("{pointer}/{name}") }
    };
    if let Some(rest) = detail.strip_prefix("unknown field ") {
        Invalid::one(named(rest), "unknown_field", detail)
    } else if let Some(rest) = detail.strip_prefix("missing field ") {
        Invalid::one(named(rest), "missing_field", format!("{rest} is missing"))
    } else if let Some(rest) = detail.strip_prefix("duplicate field ") {
        Invalid::one(named(rest), "duplicate_field", format!("{rest} is given twice"))
    } else if detail.starts_with("unknown variant ") {
        Invalid::one(pointer, "bad_value", detail.replacen("unknown variant", "there is no word", 1))
    } else if detail.starts_with("invalid type") {
        Invalid::one(pointer, "wrong_type", detail)
    } else if detail == "expected value" {
        Invalid::one(
            pointer,
            "wrong_type",
            "a value of this kind does not belong here; one of a few words does",
        )
    } else if detail == "premature end of input" {
        let detail =
            "something is missing at the end: an instant is written 2026-01-31T00:00:00Z, a day 2026-01-31";
        Invalid::one(pointer, "bad_value", detail)
    } else if detail == "trailing input" {
        Invalid::one(pointer, "bad_value", "a day belongs here, such as 2026-01-31")
    } else if UNREADABLE_DATES.contains(&detail.as_str()) {
        let detail = "this is no date: write a day as YYYY-MM-DD, such as 2026-01-31, an instant as 2026-01-31T00:00:00Z";
        Invalid::one(pointer, "bad_value", detail)
    } else {
        Invalid::one(pointer, "bad_value", detail)
    }
}

/// What is said of a day or an instant that cannot be read, as [`chrono`] puts it.
const UNREADABLE_DATES: [&str; 3] = [
    "input contains invalid characters",
    "input is out of range",
    "no possible date and time matching input",
];

/// RFC 6901: `~` is `~0`, `/` is `~1`.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What serde calls by Rust's names, as JSON calls it.
fn plain(message: &str) -> String {
    let message = message
        .replace("invalid type: sequence", "invalid type: array")
        .replace("invalid type: map", "invalid type: object");
    if message.contains("did not match any variant") {
        return "a value of this form does not belong here".to_owned();
    }
    let Some((said, expected)) = message.split_once(", expected ") else { return message };
    let first = expected.split([' ', '`']).next().unwrap_or_default();
    let expected = match first {
        "struct" | "map" | "internally" | "adjacently" => "an object",
        "enum" | "variant" => "one of a few words",
        "tuple" => "an array",
        "i8" | "i16" | "i32" | "i64" | "i128" => "a whole number",
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => "a whole number, zero or more",
        "f32" | "f64" => "a number",
        _ if expected == "a sequence" => "an array",
        _ if expected == "a map" => "an object",
        _ => return message,
    };
    format!("{said}, expected {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_called_as_json_calls_them() {
        assert_eq!(
            plain("invalid type: sequence, expected struct NewCustomer"),
            "invalid type: array, expected an object"
        );
        assert_eq!(
            plain("invalid value: integer `-1`, expected u32"),
            "invalid value: integer `-1`, expected a whole number, zero or more"
        );
        assert_eq!(
            plain("data did not match any variant of untagged enum When"),
            "a value of this form does not belong here"
        );
        assert_eq!(
            plain("unknown field `a`, expected one of `b`, `c`"),
            "unknown field `a`, expected one of `b`, `c`"
        );
        assert_eq!(
            plain("invalid type: integer `7`, expected a string"),
            "invalid type: integer `7`, expected a string"
        );
    }
}
