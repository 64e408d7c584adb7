//! How are credit notes written? `{"invoice_id": "inv_…", "lines": [{"line_no": 1, "amount": "10.00"}], "reason": "outage", "to": "refund"}`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::credits::note::{self, NoteLine, Part, Wanted};
use crate::domain::credits::notes::{self as domain, RefundState};
use crate::domain::fields::{Faults, TEXT_LENGTH};
use crate::domain::ids::{CreditNoteId, CustomerId, EntityId, InvoiceId, PaymentId, RefundId};
use crate::domain::money::{Currency, Money};
use crate::domain::refusal::Invalid;
use crate::wire::amounts::DecimalText;
use crate::wire::customers::Customer;
use crate::wire::mirror::mirror;

/// What is to be taken back of an invoice: `lines`, or an `amount`, or all that is left when neither is given.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "invoice_id": "inv_01jgejp8g0e3q9k0v6z4t1x2y3", "lines": [{"line_no": 1, "amount": "10.00"}], "reason": "outage on 3 March",
    "to": "credit_balance"
}))]
pub struct NewCreditNote {
    #[schema(value_type = String)]
    pub invoice_id: InvoiceId,
    /// Of these lines.
    pub lines: Option<Vec<NewCreditNoteLine>>,
    /// So much in all, discounts and tax included, spread over what is left of the lines.
    pub amount: Option<String>,
    /// Printed on it: 1 to 1000 characters.
    pub reason: String,
    /// Where what was paid goes, after what is still due; `credit_balance` when left out.
    pub to: Option<To>,
}

/// How much of a line: an `amount`, a `quantity`, or all that is left of it when neither is given.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCreditNoteLine {
    /// The line's number on the invoice.
    #[schema(example = 1)]
    pub line_no: i32,
    /// Of the line's amount; its discount and tax follow in proportion.
    #[schema(example = "10.00")]
    pub amount: Option<String>,
    #[schema(value_type = Option<String>)]
    pub quantity: Option<DecimalText>,
}

mirror! {
    /// Where what was paid goes.
    pub enum To = note::To {
        /// Nowhere: all of it must be due still.
        Invoice,
        /// To the customer's credit balance.
        CreditBalance,
        /// Back through the payment it came with.
        Refund,
    }
}

/// A credit note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditNote {
    #[schema(value_type = String, example = "cn_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: CreditNoteId,
    /// Printed on it; the numbers have no gaps.
    #[schema(example = "CN-000001")]
    pub number: String,
    #[serde(flatten)]
    pub body: CreditNoteBody,
    /// Left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunds: Option<Vec<Refund>>,
    /// The invoice that takes the place of what was credited.
    #[schema(value_type = Option<String>)]
    pub replacement_invoice_id: Option<InvoiceId>,
    pub issued_at: DateTime<Utc>,
    /// In lists, with `expand=customer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Box<Customer>>,
}

/// What a credit note takes back, and where it goes; the answer of a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditNoteBody {
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    /// The legal entity that issued the invoice, and issues this.
    #[schema(value_type = String)]
    pub entity_id: EntityId,
    #[schema(value_type = String)]
    pub invoice_id: InvoiceId,
    pub currency: &'static str,
    pub reason: String,
    /// Left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<CreditNoteLine>>,
    pub subtotal: String,
    pub discount_total: String,
    pub tax_total: String,
    /// Tax that is part of the subtotal.
    pub tax_included_total: String,
    #[schema(example = "36.00")]
    pub total: String,
    /// What it took off what was due.
    pub to_invoice: String,
    /// What went back to the prepaid credits that had paid it.
    pub to_credits: String,
    /// What went to the customer's credit balance.
    pub to_balance: String,
    /// What goes back to who paid.
    pub to_refund: String,
}

/// What is taken back of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditNoteLine {
    pub invoice_line_no: i32,
    pub description: String,
    pub amount: String,
    pub discount: String,
    /// On top of the amount.
    pub tax: String,
    /// Within the amount.
    pub tax_included: String,
}

/// Money on its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refund {
    #[schema(value_type = String)]
    pub id: RefundId,
    #[schema(value_type = String)]
    pub payment_id: PaymentId,
    /// `offline`: to be paid back by hand.
    pub gateway: String,
    pub amount: String,
    /// `pending`, `succeeded`, or `failed`: then it is on the credit balance.
    pub status: &'static str,
    /// What it gives back: of a `credit_note`, a `pay_out`, a `surplus`, or `elsewhere`: it was made at the gateway itself.
    #[schema(example = "credit_note")]
    pub origin: &'static str,
    pub reference: Option<String>,
    /// The gateway's reason, when it failed.
    pub failure_code: Option<String>,
}

/// Money of a customer that no invoice needed yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditBalance {
    pub data: Vec<BalanceInCurrency>,
}

/// In one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BalanceInCurrency {
    #[schema(example = "USD")]
    pub currency: &'static str,
    #[schema(example = "9.00")]
    pub balance: String,
}

impl CreditBalance {
    /// The balances.
    #[must_use]
    pub fn of(balances: BTreeMap<Currency, Money>) -> CreditBalance {
        let one = |(currency, balance): (Currency, Money)| BalanceInCurrency {
            currency: currency.code(),
            balance: balance.to_major_string(),
        };
        CreditBalance { data: balances.into_iter().map(one).collect() }
    }
}

impl NewCreditNote {
    /// What is to be credited, in the currency of the invoice.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn wanted(&self, currency: Currency) -> Result<Wanted, Invalid> {
        let mut faults = Faults::none();
        faults.check_text("/reason", &self.reason, TEXT_LENGTH);
        let amount = self
            .amount
            .as_ref()
            .and_then(|a| faults.keep("/amount", "bad_amount", Money::parse_major(a, currency)));
        if self.amount.is_some() && self.lines.is_some() {
            faults.add("/amount", "amount_and_lines", "credit lines or an amount, not both");
        }
        let lines: Option<Vec<(i32, Part)>> = self.lines.as_ref().map(|lines| {
            let numbered = lines.iter().enumerate();
            numbered.map(|(n, line)| (line.line_no, line.part(n, currency, &mut faults))).collect()
        });
        if lines.as_ref().is_some_and(Vec::is_empty) {
            faults.add(
                "/lines",
                "no_lines",
                "name at least one line, or leave lines out to credit all that is left",
            );
        }
        faults.into_result()?;
        Ok(match (lines, amount) {
            (Some(lines), _) => Wanted::Lines(lines),
            (None, Some(amount)) => Wanted::Amount(amount),
            (None, None) => Wanted::Whole,
        })
    }
}

impl NewCreditNoteLine {
    fn part(&self, n: usize, currency: Currency, faults: &mut Faults) -> Part {
        let at = |field: &str| format!("/lines/{n}/{field}");
        match (&self.amount, &self.quantity) {
            (Some(_), Some(_)) => {
                faults.add(at("quantity"), "amount_and_quantity", "credit an amount or a quantity, not both");
                Part::Rest
            }
            (Some(amount), None) => faults
                .keep(&at("amount"), "bad_amount", Money::parse_major(amount, currency))
                .map_or(Part::Rest, Part::Amount),
            (None, Some(quantity)) => {
                quantity.read(&at("quantity"), faults).map_or(Part::Rest, Part::Quantity)
            }
            (None, None) => Part::Rest,
        }
    }
}

impl From<domain::CreditNote> for CreditNote {
    fn from(note: domain::CreditNote) -> CreditNote {
        CreditNote {
            id: note.id,
            number: note.number.to_string(),
            body: CreditNoteBody {
                customer_id: note.customer_id,
                entity_id: note.entity_id,
                invoice_id: note.invoice_id,
                currency: note.totals.total.currency().code(),
                reason: note.reason,
                lines: None,
                subtotal: note.totals.subtotal.to_major_string(),
                discount_total: note.totals.discount_total.to_major_string(),
                tax_total: note.totals.tax_total.to_major_string(),
                tax_included_total: note.totals.tax_included_total.to_major_string(),
                total: note.totals.total.to_major_string(),
                to_invoice: note.to.invoice.to_major_string(),
                to_credits: note.to.credits.to_major_string(),
                to_balance: note.to.balance.to_major_string(),
                to_refund: note.to.refund.to_major_string(),
            },
            refunds: None,
            replacement_invoice_id: note.replacement_invoice_id,
            issued_at: note.issued_at,
            customer: None,
        }
    }
}

impl CreditNote {
    /// The same with its lines and refunds.
    #[must_use]
    pub fn with(mut self, lines: Vec<NoteLine>, refunds: Vec<domain::Refund>) -> CreditNote {
        let line = |line: NoteLine| CreditNoteLine {
            invoice_line_no: line.invoice_line_no,
            description: line.description.to_string(),
            amount: line.taken.amount.to_major_string(),
            discount: line.taken.discount.to_major_string(),
            tax: line.taken.tax.to_major_string(),
            tax_included: line.taken.tax_included.to_major_string(),
        };
        self.body.lines = Some(lines.into_iter().map(line).collect());
        self.refunds = Some(refunds.into_iter().map(Refund::from).collect());
        self
    }
}

impl From<domain::Refund> for Refund {
    fn from(refund: domain::Refund) -> Refund {
        let status = refund.state.into_str();
        let (reference, failure_code) = match refund.state {
            RefundState::Succeeded { reference, .. } => (reference, None),
            RefundState::Failed { code, .. } => (None, Some(code)),
            RefundState::Pending { .. } => (None, None),
        };
        Refund {
            id: refund.id,
            payment_id: refund.payment_id,
            gateway: refund.gateway,
            amount: refund.amount.to_major_string(),
            status,
            origin: refund.origin.name(),
            reference,
            failure_code,
        }
    }
}
