//! How is one number read by one rule? Its prefix, its shape, its check digits, and what to do when they do not fit.
//!
//! The Belgian rule reads `202239951` as `BE0202239951`: the prefix and the zero that old numbers lack are put in front.

use super::shape;

/// Why a number cannot be one, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error(
        "a VAT number of the European Union begins with the two letters of its member state, such as DE, EL or XI: write them before the \
         number (one that begins with EU or IM is an eu_oss_vat, one with GB a gb_vat)"
    )]
    Prefix,
    #[error("{name} is {looks}: read it again from the customer's document")]
    Shape { name: &'static str, looks: &'static str },
    #[error(
        "{name} is {looks}, and in this one they do not fit: a character is wrong or two are swapped, read it again from the customer's \
         document"
    )]
    CheckDigit { name: &'static str, looks: &'static str },
}

/// One way in which an authority writes its numbers.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// See [`shape::fits`].
    picture: &'static str,
    /// Whether the check digits of a number of this shape fit; the prefix is not in it.
    holds: fn(&str) -> bool,
}

/// How an authority writes its numbers.
pub(super) struct Rule {
    /// What stands before the number, as VIES writes it; added when it is missing.
    pub(super) prefix: &'static str,
    /// What some write before it instead.
    pub(super) also: &'static [&'static str],
    /// The number of digits that old numbers were filled up to with a zero in front; 0: they never were.
    pub(super) filled_to: usize,
    pub(super) country: &'static str,
    /// With its article, to begin a sentence.
    pub(super) name: &'static str,
    /// What follows "is" in that sentence; ends in its check digits, if there are any.
    pub(super) looks: &'static str,
    pub(super) forms: &'static [Form],
}

/// A picture, and the check of what has its shape.
pub(super) const fn form(picture: &'static str, holds: fn(&str) -> bool) -> Form {
    Form { picture, holds }
}

impl Rule {
    /// Without a prefix.
    pub(super) const fn new(
        country: &'static str,
        name: &'static str,
        looks: &'static str,
        forms: &'static [Form],
    ) -> Rule {
        Rule { prefix: "", also: &[], filled_to: 0, country, name, looks, forms }
    }

    /// A number without blanks, with or without its prefix, as it is kept.
    pub(super) fn read(&self, text: &str) -> Result<String, Malformed> {
        let also = self.also.iter().find_map(|prefix| text.strip_prefix(prefix));
        let rest =
            text.strip_prefix(self.prefix).filter(|_| !self.prefix.is_empty()).or(also).unwrap_or(text);
        let zero = if rest.len() + 1 == self.filled_to { "0" } else { "" };
        let number = format!("{zero}{rest}");
        let mut forms = self.forms.iter().filter(|form| shape::fits(form.picture, &number)).peekable();
        if forms.peek().is_none() {
            return Err(Malformed::Shape { name: self.name, looks: self.looks });
        }
        match forms.any(|form| (form.holds)(&number)) {
            true => Ok(format!("{}{number}", self.prefix)),
            false => Err(Malformed::CheckDigit { name: self.name, looks: self.looks }),
        }
    }
}
