//! How is an amount or a quantity written? As a decimal string: `"19.99"`.
//!
//! A JSON number is refused: many programs read it as binary floating point, in which 0.1 + 0.2 is not 0.3.

use std::fmt;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use crate::domain::fields::Faults;
use crate::domain::money::parse_decimal;

/// A decimal as text, not yet read: what is wrong with it is reported with the other faults of its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecimalText(pub String);

/// The detail of the refusal of anything else.
pub(super) const EXPECTED: &str =
    "a decimal string such as \"19.99\", in quotes: a JSON number may lose digits on its way";

impl<'de> Deserialize<'de> for DecimalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DecimalText, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = DecimalText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }
            fn visit_str<E>(self, text: &str) -> Result<DecimalText, E> {
                Ok(DecimalText(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

impl DecimalText {
    /// The number, or a note of why it is none.
    pub fn read(&self, pointer: &str, faults: &mut Faults) -> Option<Decimal> {
        faults.keep(pointer, "bad_decimal", parse_decimal(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_as_a_number_is_refused_with_a_sentence() {
        let refused = serde_json::from_str::<DecimalText>("7").unwrap_err().to_string();
        assert!(
            refused.starts_with("invalid type: integer `7`, expected a decimal string such as \"19.99\""),
            "{refused}"
        );
    }

    #[test]
    fn a_text_that_is_no_number_is_noted_at_its_pointer() {
        let mut faults = Faults::none();
        assert_eq!(DecimalText("1,5".to_owned()).read("/quantity", &mut faults), None);
        assert_eq!(faults.into_result().unwrap_err().errors[0].pointer, "/quantity");
    }
}
