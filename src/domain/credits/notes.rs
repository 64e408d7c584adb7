//! What is a credit note, and what became of the money it gives back? `CN-000001`, 36.00 of an invoice, refunded by its payment.

use chrono::{DateTime, Utc};
use strum::{EnumDiscriminants, EnumString, IntoStaticStr};

use super::note::Destination;
use crate::domain::ids::{CreditNoteId, CustomerId, EntityId, InvoiceId, PayOutId, PaymentId, RefundId};
use crate::domain::invoicing::{Number, Totals};
use crate::domain::money::{Currency, Money, MoneyError};

/// A credit note without its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct CreditNote {
    pub id: CreditNoteId,
    pub customer_id: CustomerId,
    /// Who issued it: whoever issued the invoice.
    pub entity_id: EntityId,
    /// What it takes something back of.
    pub invoice_id: InvoiceId,
    pub number: Number,
    pub reason: String,
    pub totals: Totals,
    pub to: Destination,
    /// The invoice that takes the place of what was credited.
    pub replacement_invoice_id: Option<InvoiceId>,
    pub issued_at: DateTime<Utc>,
}

/// Money on its way back.
#[derive(Debug, Clone, PartialEq)]
pub struct Refund {
    /// Also the gateway's idempotency key.
    pub id: RefundId,
    pub customer_id: CustomerId,
    pub origin: RefundOrigin,
    /// It came with this one.
    pub payment_id: PaymentId,
    pub gateway: String,
    pub amount: Money,
    pub state: RefundState,
    pub created_at: DateTime<Utc>,
}

/// What a refund gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundOrigin {
    /// What was taken back of an invoice.
    CreditNote(CreditNoteId),
    /// Money of a credit balance.
    PayOut(PayOutId),
    /// What came too late: no part of any invoice or balance.
    Surplus,
    /// Nothing that is recorded: somebody gave it back at the gateway itself.
    Elsewhere,
}

impl RefundOrigin {
    /// By its name alone.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RefundOrigin::CreditNote(_) => "credit_note",
            RefundOrigin::PayOut(_) => "pay_out",
            RefundOrigin::Surplus => "surplus",
            RefundOrigin::Elsewhere => "elsewhere",
        }
    }

    /// The credit note.
    #[must_use]
    pub fn credit_note_id(self) -> Option<CreditNoteId> {
        if let RefundOrigin::CreditNote(id) = self { Some(id) } else { None }
    }

    /// The pay-out.
    #[must_use]
    pub fn pay_out_id(self) -> Option<PayOutId> {
        if let RefundOrigin::PayOut(id) = self { Some(id) } else { None }
    }
}

/// A payment of which something can still go back.
#[derive(Debug, Clone, PartialEq)]
pub struct Refundable {
    pub payment_id: PaymentId,
    pub gateway: String,
    pub most: Money,
}

/// What a payment brought, and what was given back of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brought {
    pub amount: Money,
    /// What of it paid its invoice.
    pub applied: Money,
    /// What came too late: it goes back by itself, and was never anybody's to give back.
    pub surplus: Money,
    /// Refunded by credit notes; a refund that failed too, because a late yes may still follow it.
    pub noted: Money,
    /// Refunded by pay-outs, the same.
    pub paid_out: Money,
    /// Given back at the gateway itself.
    pub elsewhere: Money,
    /// Disputed now, or lost.
    pub disputed: Money,
}

impl Brought {
    /// What a credit note of its invoice can still refund of it: of 100.00 that paid an invoice, with 40.00 refunded by a note and
    /// 25.00 paid out, 35.00.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn left_for_its_invoice(&self) -> Result<Money, MoneyError> {
        let (of_the_invoice, of_all) = (self.applied.checked_sub(self.noted)?, self.left()?);
        Ok(if of_all.checked_sub(of_the_invoice)?.is_negative() { of_all } else { of_the_invoice })
    }

    /// What can still be refunded of it, for whatever it paid.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn left(&self) -> Result<Money, MoneyError> {
        let ours = self.amount.checked_sub(self.surplus)?.checked_sub(self.noted)?;
        ours.checked_sub(self.paid_out)?.checked_sub(self.elsewhere)?.checked_sub(self.disputed)
    }
}

/// What can go back by all of these.
///
/// # Errors
/// Sums that do not fit.
pub fn refundable(from: &[Refundable], currency: Currency) -> Result<Money, MoneyError> {
    Money::sum(currency, from.iter().map(|one| one.most))
}

/// How an amount goes back by payments: as much as each can, in their order.
///
/// # Errors
/// Sums that do not fit.
pub fn spread(amount: Money, from: Vec<Refundable>) -> Result<Vec<Refundable>, MoneyError> {
    let mut left = amount;
    let mut parts = Vec::new();
    for one in from {
        let most = if left.checked_sub(one.most)?.is_negative() { left } else { one.most };
        if most.is_positive() {
            left = left.checked_sub(most)?;
            parts.push(Refundable { most, ..one });
        }
    }
    Ok(parts)
}

/// Where a refund stands.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr, EnumDiscriminants)]
#[strum(serialize_all = "snake_case", const_into_str)]
#[strum_discriminants(name(RefundStatus), doc = "A state of a refund by its name alone.")]
#[strum_discriminants(derive(EnumString, IntoStaticStr), strum(serialize_all = "snake_case", const_into_str))]
pub enum RefundState {
    /// The gateway is to be called, with the same key each time.
    Pending {
        /// When.
        next_attempt_at: DateTime<Utc>,
    },
    /// The money is back.
    Succeeded {
        /// What the gateway calls it.
        reference: Option<String>,
        /// When.
        at: DateTime<Utc>,
    },
    /// It cannot go back that way: it is on the customer's credit balance.
    Failed {
        /// The gateway's reason.
        code: String,
        /// When.
        at: DateTime<Utc>,
    },
}

impl CreditNote {
    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "credit_note",
            "id": self.id,
            "number": self.number.to_string(),
            "customer_id": self.customer_id,
            "entity_id": self.entity_id,
            "invoice_id": self.invoice_id,
            "currency": self.totals.total.currency().code(),
            "total": self.totals.total.to_major_string(),
            "reason": self.reason,
        })
    }
}

impl Refund {
    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "refund",
            "id": self.id,
            "status": self.state.into_str(),
            "customer_id": self.customer_id,
            "credit_note_id": self.origin.credit_note_id(),
            "pay_out_id": self.origin.pay_out_id(),
            "made_elsewhere": self.origin == RefundOrigin::Elsewhere,
            "payment_id": self.payment_id,
            "currency": self.amount.currency().code(),
            "amount": self.amount.to_major_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, "USD".parse().unwrap())
    }

    fn brought(amount: i64, (applied, surplus): (i64, i64), (noted, paid_out): (i64, i64)) -> Brought {
        let [amount, applied, surplus] = [amount, applied, surplus].map(usd);
        Brought {
            amount,
            applied,
            surplus,
            noted: usd(noted),
            paid_out: usd(paid_out),
            elsewhere: usd(0),
            disputed: usd(0),
        }
    }

    #[test]
    fn of_a_payment_is_left_what_neither_notes_nor_pay_outs_gave_back() {
        let paid = brought(10_000, (10_000, 0), (4_000, 2_500));
        assert_eq!((paid.left().unwrap(), paid.left_for_its_invoice().unwrap()), (usd(3_500), usd(3_500)));
    }

    #[test]
    fn a_note_refunds_no_more_than_what_paid_its_invoice() {
        // 60.00 paid the invoice, the rest went onto the balance, and 10.00 of that were paid out.
        let paid = brought(10_000, (6_000, 0), (2_000, 1_000));
        assert_eq!((paid.left().unwrap(), paid.left_for_its_invoice().unwrap()), (usd(7_000), usd(4_000)));
    }

    #[test]
    fn what_came_too_late_goes_back_by_itself() {
        let late = brought(10_000, (0, 10_000), (0, 0));
        assert_eq!((late.left().unwrap(), late.left_for_its_invoice().unwrap()), (usd(0), usd(0)));
    }
}
