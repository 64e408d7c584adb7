//! Are the values of a payment's body fit? Amounts are read exactly, texts within their length; every fault is reported at once.

use chrono::Datelike;

use super::{NewPayment, NewPaymentMethod};
use crate::domain::customers::metadata;
use crate::domain::fields::{EXTERNAL_ID_LENGTH, Faults, NAME_LENGTH};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::offline::Receipt;
use crate::domain::refusal::Invalid;
use crate::wire::invoicing::invoices::PayInvoice;
use crate::wire::times::YEARS;

/// Longest reference, in characters.
const REFERENCE_LENGTH: usize = 200;
/// Longest token of a gateway, in characters.
const TOKEN_LENGTH: usize = 500;

impl NewPayment {
    /// What was received.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn parse(&self) -> Result<Receipt, Invalid> {
        let mut faults = Faults::none();
        let currency = faults.keep("/currency", "unknown_currency", Currency::parse(&self.currency));
        let amount =
            currency.and_then(|c| faults.keep("/amount", "bad_amount", Money::parse_major(&self.amount, c)));
        faults.check_optional("/reference", self.reference.as_deref(), REFERENCE_LENGTH);
        faults.check_optional("/external_id", self.external_id.as_deref(), EXTERNAL_ID_LENGTH);
        if self.received_at.is_some_and(|at| !YEARS.contains(&at.year())) {
            let detail = format!("money is received in the years {} to {}", YEARS.start(), YEARS.end());
            faults.add("/received_at", "date_out_of_range", detail);
        }
        metadata::check(&self.metadata, &mut faults);
        faults.into_result()?;
        let Some(amount) = amount else {
            return Err(Invalid::one("/amount", "bad_amount", "the amount cannot be read"));
        };
        Ok(Receipt {
            customer_id: self.customer_id,
            amount,
            external_id: self.external_id.clone(),
            in_cash: None,
            reference: self.reference.clone(),
            received_at: self.received_at,
            metadata: self.metadata.clone(),
        })
    }
}

impl NewPaymentMethod {
    /// Checks its texts.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        faults.check_text("/token", &self.token, TOKEN_LENGTH);
        if looks_like_a_card_number(&self.token) {
            let detail = "this looks like a card number: send the token your gateway gave for it";
            faults.add("/token", "card_number", detail);
        }
        faults.check_optional("/brand", self.brand.as_deref(), NAME_LENGTH);
        if self.last4.as_deref().is_some_and(|l| l.len() != 4 || !l.bytes().all(|b| b.is_ascii_digit())) {
            faults.add("/last4", "bad_last4", "these are the last four digits, such as 4242");
        }
        faults.check_optional("/fingerprint", self.fingerprint.as_deref(), REFERENCE_LENGTH);
        faults.check_optional("/external_id", self.external_id.as_deref(), EXTERNAL_ID_LENGTH);
        metadata::check(&self.metadata, &mut faults);
        faults.into_result()
    }
}

/// 12 to 19 digits, perhaps in groups: it must not be kept.
fn looks_like_a_card_number(token: &str) -> bool {
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let only = token.bytes().all(|b| b.is_ascii_digit() || b == b' ' || b == b'-');
    only && (12..=19).contains(&digits)
}

impl PayInvoice {
    /// Checks that exactly one way of paying is given.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        if let Some(offline) = &self.offline {
            if self.payment_method_id.is_some() {
                let detail = "money received elsewhere charges no payment method: give one or the other";
                faults.add("/payment_method_id", "offline_charges_nothing", detail);
            }
            if self.retry.is_some() {
                let detail = "money received elsewhere is not tried again: leave this out";
                faults.add("/retry", "offline_is_not_retried", detail);
            }
            faults.check_optional("/offline/reference", offline.reference.as_deref(), REFERENCE_LENGTH);
        }
        faults.into_result()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_never_taken_for_a_token() {
        assert!(looks_like_a_card_number("4242 4242 4242 4242"));
        assert!(looks_like_a_card_number("378282246310005"));
        assert!(!looks_like_a_card_number("tok_success"));
        assert!(!looks_like_a_card_number("123"));
    }
}
