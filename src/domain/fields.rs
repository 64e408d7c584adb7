//! Is a value a caller gave fit to keep, and what is said when several are not? A blank name and a long code make one answer with two errors.
//!
//! Text is kept as given. What is refused: blank or too long text, and control characters (U+0000 cannot be stored at all).

use super::refusal::{FieldError, Invalid};

/// Longest name, in characters.
pub const NAME_LENGTH: usize = 200;
/// Longest description or other free text, in characters.
pub const TEXT_LENGTH: usize = 1_000;
/// Longest id of a caller's own, in characters.
pub const EXTERNAL_ID_LENGTH: usize = 200;
/// Longest code of a plan or price, in characters.
pub const CODE_LENGTH: usize = 64;

/// The values of one request found at fault so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    /// Nothing found yet.
    #[must_use]
    pub fn none() -> Faults {
        Faults::default()
    }

    /// Notes one value at fault.
    pub fn add(&mut self, pointer: impl Into<String>, code: &str, detail: impl std::fmt::Display) {
        self.0.push(FieldError {
            pointer: pointer.into(),
            code: code.to_owned(),
            detail: detail.to_string(),
        });
    }

    /// Keeps a value, or notes why there is none.
    pub fn keep<T, E: std::fmt::Display>(
        &mut self,
        pointer: &str,
        code: &str,
        value: Result<T, E>,
    ) -> Option<T> {
        value.map_err(|error| self.add(pointer, code, error)).ok()
    }

    /// Takes over what was found elsewhere.
    pub fn extend(&mut self, other: Invalid) {
        self.0.extend(other.errors);
    }

    /// Whether every value is in order so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` when nothing was found at fault.
    pub fn into_result(self) -> Result<(), Invalid> {
        if self.0.is_empty() { Ok(()) } else { Err(Invalid { errors: self.0 }) }
    }

    /// A text that must say something: 1 to `longest` characters, not all blank.
    pub fn check_text(&mut self, pointer: &str, text: &str, longest: usize) {
        if text.trim().is_empty() {
            self.add(
                pointer,
                "blank",
                "this text is blank: write something, or leave the field out where it is optional",
            );
        } else if text.chars().nth(longest).is_some() {
            self.add(
                pointer,
                "too_long",
                format_args!("this text is too long: at most {longest} characters"),
            );
        } else if text.chars().any(char::is_control) {
            self.add(
                pointer,
                "control_character",
                "this text has a control character, such as a line break: leave it out",
            );
        }
    }

    /// The same for a text that may be left out.
    pub fn check_optional(&mut self, pointer: &str, text: Option<&str>, longest: usize) {
        if let Some(text) = text {
            self.check_text(pointer, text, longest);
        }
    }

    /// A code that stands in addresses and files: 1 to 64 of a-z, A-Z, 0-9, `_` and `-`.
    pub fn check_code(&mut self, pointer: &str, code: &str) {
        let fits = (1..=CODE_LENGTH).contains(&code.len());
        if !fits || !code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
            let detail = "a code is 1 to 64 characters of a-z, A-Z, 0-9, _ and -, such as team_monthly";
            self.add(pointer, "malformed_code", detail);
        }
    }
}

/// A JSON pointer one step further in, with the two characters escaped that RFC 6901 reserves.
#[must_use]
pub fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(check: impl FnOnce(&mut Faults)) -> Vec<String> {
        let mut faults = Faults::none();
        check(&mut faults);
        faults
            .into_result()
            .err()
            .map(|invalid| invalid.errors.into_iter().map(|e| e.code).collect())
            .unwrap_or_default()
    }

    #[test]
    fn a_text_says_something_within_its_length() {
        assert_eq!(codes(|f| f.check_text("/name", "Ada's Analytical Engines ☕", 200)), [""; 0]);
        assert_eq!(codes(|f| f.check_text("/name", " \t", 200)), ["blank"]);
        assert_eq!(codes(|f| f.check_text("/name", &"é".repeat(200), 200)), [""; 0]);
        assert_eq!(codes(|f| f.check_text("/name", &"é".repeat(201), 200)), ["too_long"]);
        assert_eq!(codes(|f| f.check_text("/name", "a\u{0}b", 200)), ["control_character"]);
    }

    #[test]
    fn a_code_is_made_of_plain_letters_digits_and_two_marks() {
        for code in ["a", "internet_dsl", "Team-2026", &"x".repeat(64)] {
            assert_eq!(codes(|f| f.check_code("/code", code)), [""; 0], "{code}");
        }
        for code in ["", "a b", "naïve", "a/b", "a.b", &"x".repeat(65)] {
            assert_eq!(codes(|f| f.check_code("/code", code)), ["malformed_code"], "{code}");
        }
    }

    #[test]
    fn a_pointer_escapes_what_the_standard_reserves() {
        assert_eq!(below("/metadata", "a/b~c"), "/metadata/a~1b~0c");
    }

    #[test]
    fn every_value_at_fault_is_reported_in_one_answer() {
        let both = codes(|f| {
            f.check_text("/name", "", 200);
            f.check_code("/code", "a b");
        });
        assert_eq!(both, ["blank", "malformed_code"]);
    }
}
