//! How is an invoice written? With its number, its lines, and its totals as steps: subtotal, discount, tax, total, paid, due.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::billing::{self, LineOrigin};
use crate::domain::ids::{
    BillRunId, CustomerId, DiscountId, EntityId, InvoiceId, PaymentMethodId, SubscriptionId,
};
use crate::domain::invoicing::{self as domain, Refused};
use crate::domain::money::{Currency, Money};
use crate::domain::tax::on_lines::LineTax;
use crate::wire::customers::Customer;
use crate::wire::invoicing::billed_lines::{InvoiceLine, LineDiscount};

/// An invoice.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "inv_01jgejp8g0e3q9k0v6z4t1x2y3", "number": "INV-000001", "status": "open", "currency": "USD",
    "customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "entity_id": "ent_01jgejp8g0e3q9k0v6z4t1x2y3", "subscription_id": null, "collection": "automatic",
    "billing_date": "2026-01-01", "issued_at": "2026-01-01T00:00:00Z", "due_at": "2026-01-01T00:00:00Z",
    "closed_at": null, "next_attempt_at": "2026-01-01T00:00:00Z", "attempt_count": 0, "finalizes_at": null, "waits_for": null, "bill_run_id": null,
    "created_at": "2026-01-01T00:00:00Z",
    "lines": [{
        "id": "inv_01jgejp8g0e3q9k0v6z4t1x2y3-1", "description": "Team, per seat",
        "period": {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}, "quantity": "3", "unit_amount": "31.00",
        "amount": "93.00", "discount": "0.00", "discounts": [], "tax": "0.00", "tax_included": "0.00",
        "customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "subscription_id": "sub_01jgejp8g0e3q9k0v6z4t1x2y3",
        "subscription_item_id": "si_01jgejp8g0e3q9k0v6z4t1x2y3", "price_id": "price_01jgejp8g0e3q9k0v6z4t1x2y3", "price_code": "seat",
        "item_version_id": "siv_01jgejp8g0e3q9k0v6z4t1x2y3", "revision": 0, "adjusts_line_id": null, "deferred": true, "usage": null,
        "by_hand": false, "counters_line": null, "tax_code": null, "tax_behavior": null
    }],
    "subtotal": "93.00", "discount_total": "0.00", "tax_total": "0.00", "tax_included_total": "0.00", "total": "93.00",
    "steps": [{"step": "subtotal", "amount": "93.00"}, {"step": "discount_total", "amount": "0.00"},
              {"step": "tax_total", "amount": "0.00"}, {"step": "total", "amount": "93.00"}],
    "amount_paid": "0.00", "credits_applied": "0.00", "balance_applied": "0.00", "amount_credited": "0.00", "credited_while_due": "0.00", "given_back": "0.00", "amount_due": "93.00",
    "buyer": {"name": "Analytical Engines Ltd"}, "seller": {"name": "Difference GmbH"}
}))]
pub struct Invoice {
    #[schema(value_type = String)]
    pub id: InvoiceId,
    /// Printed on the invoice; null while it is a draft.
    pub number: Option<String>,
    /// `draft`, `open`, `paid`, `void` or `uncollectible`.
    pub status: &'static str,
    pub currency: &'static str,
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    /// The legal entity that issues it.
    #[schema(value_type = String)]
    pub entity_id: EntityId,
    /// Set when the subscription is to be invoiced alone.
    #[schema(value_type = Option<String>)]
    pub subscription_id: Option<SubscriptionId>,
    /// `automatic` or `send_invoice`.
    pub collection: &'static str,
    /// The day its charges fell due, in the zone of the subscription.
    pub billing_date: NaiveDate,
    pub issued_at: Option<DateTime<Utc>>,
    pub due_at: Option<DateTime<Utc>>,
    /// When it was paid, voided or given up.
    pub closed_at: Option<DateTime<Utc>>,
    /// When collection tries next; null when there is nothing to try.
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub attempt_count: i16,
    /// When a draft is finalized by itself; null when it waits for you, and once it is issued.
    pub finalizes_at: Option<DateTime<Utc>>,
    /// What a draft waits for: `tax_id`, that somebody knows whether the buyer's number is valid; `earlier_draft`, that the draft is
    /// issued of whose charges it gives back, with the tax they have then. It is finalized when that is so; at `finalizes_at` it is looked at
    /// again.
    pub waits_for: Option<&'static str>,
    #[schema(value_type = Option<String>)]
    pub bill_run_id: Option<BillRunId>,
    pub created_at: DateTime<Utc>,
    /// In order; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<InvoiceLine>>,
    /// Sum of the lines' amounts.
    pub subtotal: String,
    pub discount_total: String,
    /// What comes on top.
    pub tax_total: String,
    /// What the prices contain: part of the subtotal.
    pub tax_included_total: String,
    /// `subtotal − discount_total + tax_total`.
    pub total: String,
    /// The totals as the steps that lead from one to the next.
    pub steps: Vec<Step>,
    pub amount_paid: String,
    /// Prepaid credits, drawn for its usage when it was issued.
    pub credits_applied: String,
    /// From the customer's credit balance, when it was issued.
    pub balance_applied: String,
    /// By all its credit notes, whatever it went to.
    pub amount_credited: String,
    /// Of it, what came off what was due.
    pub credited_while_due: String,
    /// The other way: what its usage lines below zero gave back to prepaid credits that had paid the usage, and to earlier
    /// invoices of it that were due. It raises what is due, or lowers what goes to the credit balance.
    pub given_back: String,
    /// What is still to be paid: the total and `given_back`, less `amount_paid`, `credits_applied`, `balance_applied` and `credited_while_due`.
    pub amount_due: String,
    /// The buyer's details it was issued with; null while it is a draft, left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub buyer: Option<Value>,
    /// The seller's details it was issued with; null while it is a draft, left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub seller: Option<Value>,
    /// In lists, with `expand=customer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Box<Customer>>,
}

/// One step of the totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Step {
    /// `subtotal`, `discount_total`, `tax_total` or `total`.
    pub step: &'static str,
    pub amount: String,
}

impl Invoice {
    /// An invoice as lists show it.
    pub fn of(invoice: &domain::Invoice) -> Result<Invoice, Refused> {
        let steps =
            invoice.totals.steps().map(|(step, amount)| Step { step, amount: amount.to_major_string() });
        Ok(Invoice {
            id: invoice.id,
            number: invoice.number.as_ref().map(ToString::to_string),
            status: invoice.status.into_str(),
            currency: invoice.currency.code(),
            customer_id: invoice.customer_id,
            entity_id: invoice.entity_id,
            subscription_id: invoice.subscription_id,
            collection: invoice.collection.into_str(),
            billing_date: invoice.billing_date,
            issued_at: invoice.issued_at,
            due_at: invoice.due_at,
            closed_at: invoice.closed_at,
            next_attempt_at: invoice.next_attempt_at,
            attempt_count: invoice.attempt_count,
            finalizes_at: invoice.finalizes_at,
            waits_for: invoice.waits_for.map(|reason| reason.into_str()),
            bill_run_id: invoice.bill_run_id,
            created_at: invoice.created_at,
            lines: None,
            subtotal: invoice.totals.subtotal.to_major_string(),
            discount_total: invoice.totals.discount_total.to_major_string(),
            tax_total: invoice.totals.tax_total.to_major_string(),
            tax_included_total: invoice.totals.tax_included_total.to_major_string(),
            total: invoice.totals.total.to_major_string(),
            steps: steps.into(),
            amount_paid: invoice.amount_paid.to_major_string(),
            credits_applied: invoice.applied.credits.to_major_string(),
            balance_applied: invoice.applied.balance.to_major_string(),
            amount_credited: invoice.applied.credited.to_major_string(),
            credited_while_due: invoice.applied.credited.to_major_string(),
            given_back: invoice.applied.given_back.to_major_string(),
            amount_due: invoice.amount_due()?.to_major_string(),
            buyer: None,
            seller: None,
            customer: None,
        })
    }

    /// The same with its lines and the parties, as it is printed.
    #[must_use]
    pub fn with(
        mut self,
        (lines, taxes): (&[billing::Line], &[LineTax]),
        buyer: Option<Value>,
        seller: Option<Value>,
    ) -> Invoice {
        self.lines = Some(InvoiceLine::all(Some(self.id), lines, taxes));
        self.buyer = Some(buyer.unwrap_or(Value::Null));
        self.seller = Some(seller.unwrap_or(Value::Null));
        self
    }

    /// The same with what each line is of, in their order; the invoice's own customer's when it is of no subscription.
    #[must_use]
    pub fn of_origins(mut self, origins: &[LineOrigin]) -> Invoice {
        let payer = self.customer_id;
        for (line, origin) in self.lines.iter_mut().flatten().zip(origins) {
            line.name(payer, origin);
        }
        self
    }

    /// The same with what all its credit notes come to.
    #[must_use]
    pub fn credited(self, amount: Money) -> Invoice {
        Invoice { amount_credited: amount.to_major_string(), ..self }
    }

    /// The same with what each discount took off which line, in minor units.
    #[must_use]
    pub fn discounted(mut self, shares: &[(i32, DiscountId, i64)], currency: Currency) -> Invoice {
        let mut by_line: HashMap<String, Vec<LineDiscount>> = HashMap::new();
        for &(line_no, discount_id, minor) in shares {
            let amount = Money::from_minor(minor, currency).to_major_string();
            let of_line = by_line.entry(format!("{}-{line_no}", self.id)).or_default();
            of_line.push(LineDiscount { discount_id, amount });
        }
        for line in self.lines.iter_mut().flatten() {
            line.discounts = line.id.as_ref().and_then(|id| by_line.remove(id)).unwrap_or_default();
        }
        self
    }
}

/// An invoice that is not written yet: what it would be, were it written with what is known now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ForeseenInvoice {
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    /// The legal entity that would issue it.
    #[schema(value_type = String)]
    pub entity_id: EntityId,
    pub currency: &'static str,
    /// `automatic` or `send_invoice`.
    pub collection: &'static str,
    /// The day its charges fall due.
    pub billing_date: NaiveDate,
    /// What it would wait for as a draft. `tax_provider`: the provider did not answer just now, and the tax is what the built-in rules say.
    pub waits_for: Option<&'static str>,
    /// Usage is what has been recorded so far.
    pub lines: Vec<InvoiceLine>,
    pub subtotal: String,
    pub discount_total: String,
    pub tax_total: String,
    pub tax_included_total: String,
    pub total: String,
    /// The totals as the steps that lead from one to the next.
    pub steps: Vec<Step>,
}

impl ForeseenInvoice {
    /// What the engine says.
    #[must_use]
    pub fn of(invoice: &domain::Invoice, lines: &[billing::Line], taxes: &[LineTax]) -> ForeseenInvoice {
        let steps =
            invoice.totals.steps().map(|(step, amount)| Step { step, amount: amount.to_major_string() });
        ForeseenInvoice {
            customer_id: invoice.customer_id,
            entity_id: invoice.entity_id,
            currency: invoice.currency.code(),
            collection: invoice.collection.into_str(),
            billing_date: invoice.billing_date,
            waits_for: invoice.waits_for.map(|reason| reason.into_str()),
            lines: InvoiceLine::all(None, lines, taxes),
            subtotal: invoice.totals.subtotal.to_major_string(),
            discount_total: invoice.totals.discount_total.to_major_string(),
            tax_total: invoice.totals.tax_total.to_major_string(),
            tax_included_total: invoice.totals.tax_included_total.to_major_string(),
            total: invoice.totals.total.to_major_string(),
            steps: steps.into(),
        }
    }
}

/// How an invoice is paid: `{}` charges the customer's default payment method.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"payment_method_id": "pm_01jgejp8g0e3q9k0v6z4t1x2y3"}))]
pub struct PayInvoice {
    /// Charge this one instead of the customer's default.
    #[schema(value_type = Option<String>)]
    pub payment_method_id: Option<PaymentMethodId>,
    /// Charge nothing: all that is due was received elsewhere.
    pub offline: Option<Offline>,
    /// What follows when the charge fails: `policy`, when left out, tries again as the retry policy says; `none` does nothing more by itself.
    pub retry: Option<RetryWish>,
}

/// What follows when a charge fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetryWish {
    /// What the retry policy says.
    Policy,
    /// Nothing by itself.
    None,
}

/// Money received elsewhere.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reference": "bank statement 12, line 7"}))]
pub struct Offline {
    /// What the bank statement says, at most 200 characters.
    pub reference: Option<String>,
    /// In cash: what is taken is what there are coins for, 10.05 of 10.03 francs. The invoice is paid; the difference is the payment's `cash_rounding`.
    #[serde(default)]
    pub cash: bool,
}
