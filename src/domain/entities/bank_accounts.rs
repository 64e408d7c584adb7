//! To which account is an entity paid? By IBAN, whose check digits are looked at, or by the number that its country has: as invoices print it.

use serde::{Deserialize, Serialize};

use crate::domain::fields::{Faults, NAME_LENGTH, below};
use crate::domain::money::Currency;

/// Longest number of an account, and of its bank.
const NUMBER_LENGTH: usize = 40;

/// An account at a bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankAccount {
    pub holder: Option<String>,
    pub bank: Option<String>,
    /// ISO 4217: what is to be paid there; `None`: any.
    pub currency: Option<String>,
    pub iban: Option<String>,
    pub bic: Option<String>,
    /// Where there is no IBAN.
    pub account_number: Option<String>,
    /// Of the bank or branch, where there is no BIC: a sort code, a routing number.
    pub routing_number: Option<String>,
}

impl BankAccount {
    pub(super) fn check(&self, at: &str, faults: &mut Faults) {
        let texts = [
            ("holder", &self.holder, NAME_LENGTH),
            ("bank", &self.bank, NAME_LENGTH),
            ("account_number", &self.account_number, NUMBER_LENGTH),
            ("routing_number", &self.routing_number, NUMBER_LENGTH),
        ];
        for (name, text, longest) in texts {
            faults.check_optional(&below(at, name), text.as_deref(), longest);
        }
        if let Some(code) = &self.currency {
            faults.keep(&below(at, "currency"), "unknown_currency", Currency::parse(code));
        }
        if self.iban.as_deref().is_some_and(|iban| !is_iban(iban)) {
            let detail = "this is no IBAN: its check digits do not fit, or it is not 15 to 34 letters and digits beginning with \
                          its country";
            faults.add(below(at, "iban"), "malformed_iban", detail);
        }
        if self.bic.as_deref().is_some_and(|bic| !is_bic(bic)) {
            let detail = "a BIC is 8 or 11 capital letters and digits, such as COBADEFFXXX";
            faults.add(below(at, "bic"), "malformed_bic", detail);
        }
        if self.iban.is_none() && self.account_number.is_none() {
            faults.add(at, "no_account_number", "give the account's iban, or its account_number");
        }
    }
}

/// Whether the digits of an IBAN check each other (ISO 13616, modulo 97), blanks aside.
fn is_iban(text: &str) -> bool {
    let plain: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
    let begins = matches!(plain.as_slice(), [a, b, c, d, ..]
        if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit());
    if !begins || !(15..=34).contains(&plain.len()) {
        return false;
    }
    let (front, back) = plain.split_at(4);
    let rest = back.iter().chain(front).try_fold(0_u32, |rest, byte| match byte {
        b'0'..=b'9' => Some((rest * 10 + u32::from(byte - b'0')) % 97),
        b'A'..=b'Z' => Some((rest * 100 + u32::from(byte - b'A') + 10) % 97),
        _ => None,
    });
    rest == Some(1)
}

/// Four letters, the country's two, and two or five more.
fn is_bic(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    plain && matches!(text.len(), 8 | 11) && text.bytes().take(6).all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_of_an_iban_check_each_other() {
        for iban in ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "NO9386011117947"] {
            assert!(is_iban(iban), "{iban}");
        }
        for iban in ["DE88370400440532013000", "de89370400440532013000", "DE89", "", "D189370400440532013000"]
        {
            assert!(!is_iban(iban), "{iban}");
        }
    }

    #[test]
    fn a_bic_has_eight_or_eleven_characters() {
        assert!(is_bic("COBADEFF") && is_bic("COBADEFFXXX"));
        for bic in ["COBADEF", "cobadeff", "C0BADEFF", "COBADEFFXX"] {
            assert!(!is_bic(bic), "{bic}");
        }
    }
}
