//! How is a line explained? As data, enough to recompute the amount by hand, and as one plain sentence.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::explain_steps::Steps;
use crate::domain::discounts::{Discount, Off};
use crate::domain::ids::{
    ApiKeyId, BillRunId, ChangeId, CouponId, CreditGrantId, CreditNoteId, CustomerId, DiscountId, InvoiceId,
    LineId, MeterId, PlanId, PriceId,
};
use crate::domain::issuing::Made;
use crate::domain::money::Money;
use crate::domain::subscriptions::ItemVersion;
use crate::domain::tax::on_lines::LineTax;
use crate::domain::{billing, catalog, invoicing as domain};
use crate::wire::catalog::price_models::PriceModel;
use crate::wire::invoicing::billed_lines::InvoiceLine;
use crate::wire::tax::calculations::TaxOfLine;
use crate::wire::times::Period;

/// Why a line's amount is what it is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ExplainedLine)]
pub struct Explained {
    /// The invoice's id and the line's number.
    #[schema(value_type = String, example = "inv_01jgejp8g0e3q9k0v6z4t1x2y3-2")]
    pub id: String,
    /// `recurring`, `one_time`, `usage`, `commitment` or `charge` (beside the plan), of a subscription's item; `prepaid_credits` sold;
    /// a line of the replacement of a corrected invoice (`correction`); one that somebody `added` to a draft; or one that `counters`
    /// another line of its invoice.
    #[schema(example = "recurring")]
    pub kind: &'static str,
    /// All of it in one sentence.
    pub sentence: String,
    #[schema(example = "USD")]
    pub currency: &'static str,
    pub line: InvoiceLine,
    /// The invoice it stands on, and how that came about.
    pub invoice: ExplainedInvoice,
    /// The price in force. Null for what is of no subscription's item.
    pub price: Option<ExplainedPrice>,
    /// From the price to the cent: `worth − billed_before` is the line's amount, unless something was taken back before (`staying`).
    pub steps: Steps,
    /// The lines before it of the same item version and period: what they come to is `billed_before`.
    pub earlier_lines: Vec<EarlierLine>,
    /// What was measured, of usage.
    pub usage: Option<ExplainedUsage>,
    /// What each discount took off.
    pub discounts: Vec<ExplainedDiscount>,
    pub tax: ExplainedTax,
    /// Amount less discounts, with tax.
    #[schema(example = "25.81")]
    pub net: String,
    /// The steps from the line's amount to what its invoice owes, in their order. A draft has been through the first three.
    pub issuing: Vec<IssuingStep>,
    /// What made the line: who, when. Null where that was not noted.
    pub cause: Option<Cause>,
    /// What else it is about.
    pub about: About,
}

/// One step from a line to what is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IssuingStep {
    /// `discount`, `tax`, `totals`, `credits`, `balance`, `number`, `postings` or `events`.
    #[schema(example = "discount")]
    pub step: &'static str,
    /// What it adds to the line; of `totals`, what the line comes to. Null where it is about no line.
    #[schema(example = "-3.10")]
    pub line: Option<String>,
    /// What it adds to the whole invoice; of `totals`, what it comes to. Null where no amount changes.
    #[schema(example = "-9.30")]
    pub invoice: Option<String>,
}

impl From<Made> for IssuingStep {
    fn from(made: Made) -> IssuingStep {
        let major = |amount: Money| amount.to_major_string();
        IssuingStep { step: made.step, line: made.of_line.map(major), invoice: made.of_invoice.map(major) }
    }
}

/// The invoice of a line.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExplainedInvoice {
    #[schema(value_type = String)]
    pub id: InvoiceId,
    /// Null while it is a draft.
    pub number: Option<String>,
    pub status: &'static str,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// The billing run that wrote it; null when a call did.
    #[schema(value_type = Option<String>)]
    pub bill_run_id: Option<BillRunId>,
    /// Prepaid credits drawn for all usage of the invoice; they are not kept line by line.
    pub credits_applied: String,
}

/// The price in force.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExplainedPrice {
    /// Null for a charge beside the plan, which has a price of its own.
    #[schema(value_type = Option<String>)]
    pub id: Option<PriceId>,
    #[schema(example = "seats")]
    pub code: String,
    #[schema(value_type = Option<String>)]
    pub plan_id: Option<PlanId>,
    pub plan_code: Option<String>,
    pub plan_version: Option<i32>,
    /// `in_advance` or `in_arrears`.
    pub billing: &'static str,
    pub model: PriceModel,
    /// Whether the model is the subscription's own, in place of the plan's.
    pub overridden: bool,
    #[schema(value_type = Option<String>)]
    pub meter_id: Option<MeterId>,
}

/// A line of the same item version and period, written before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EarlierLine {
    #[schema(example = "inv_01jgejp8g0e3q9k0v6z4t1x2y3-1")]
    pub id: String,
    pub amount: String,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExplainedUsage {
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    #[schema(value_type = String)]
    pub meter_id: MeterId,
    #[schema(example = "tokens")]
    pub meter_code: String,
    #[schema(example = "sum")]
    pub aggregation: &'static str,
    /// The time that was measured.
    pub period: Period,
    /// What had been recorded by then was billed before.
    pub after: Option<DateTime<Utc>>,
    /// What was recorded by then is in the line.
    pub recorded_to: DateTime<Utc>,
    /// By the meter. Of a later piece of a period that is cut, what it adds to the pieces before it, of which a peak may be nothing.
    #[schema(example = "8048")]
    pub quantity: String,
    pub events: i64,
    /// What the meter reads now of this piece alone.
    pub quantity_now: String,
    pub events_now: i64,
    /// Whether that is another: usage was recorded or taken back since, and a later line has the difference.
    pub changed_since: bool,
    /// The roll-ups behind it as they read now, those with usage: by the hour up to two days, by the day up to a year, else as a whole.
    pub roll_ups: Vec<RollUp>,
    /// Reads them.
    #[schema(
        example = "/v1/usage?customer_id=cus_01jgejp8g0e3q9k0v6z4t1x2y3&meter=meter_01jgejp8g0e3q9k0v6z4t1x2y3&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&by=day"
    )]
    pub path: String,
}

/// What was used in a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExplainedRollUp)]
pub struct RollUp {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub quantity: String,
    pub events: i64,
}

/// What one discount took off the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExplainedDiscount {
    #[schema(value_type = String)]
    pub discount_id: DiscountId,
    #[schema(value_type = String)]
    pub coupon_id: CouponId,
    #[schema(example = "LAUNCH25")]
    pub coupon_code: String,
    /// Of a hundred; null for one that takes off an amount.
    #[schema(example = "25")]
    pub percent_off: Option<String>,
    /// A period, shared out over the lines it covers; null for one that takes off a percentage.
    pub amount_off: Option<String>,
    /// What it took off this line; negative where it is given back.
    pub amount: String,
}

/// The tax of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExplainedTax {
    /// On top of the line's amount.
    pub amount: String,
    /// Within the line's amount.
    pub included: String,
    /// `charged` or `not_charged`.
    #[schema(example = "charged")]
    pub decision: &'static str,
    /// In words: `20 % VAT of France`.
    #[schema(example = "20 % VAT of France")]
    pub reason: String,
    /// The taxes it comes from.
    pub taxes: Vec<TaxOfLine>,
}

/// What made a line.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ExplainedCause)]
pub struct Cause {
    /// `subscription.started`, the kind of a change such as `change`, `cancel` or `pause`, or `late_usage`. Of lines that no price
    /// makes: `invoice.created`, `line.added`, `line.changed`, `line.removed`, `invoice.corrected`, `credits.bought` or
    /// `credits.topped_up`.
    #[schema(example = "change")]
    pub kind: String,
    #[schema(value_type = Option<String>)]
    pub change_id: Option<ChangeId>,
    /// When it was requested; of late usage, after when it was recorded.
    pub requested_at: Option<DateTime<Utc>>,
    pub effective_at: Option<DateTime<Utc>>,
    /// Whose call it was; null: the server's own, or an import.
    #[schema(value_type = Option<String>)]
    pub api_key_id: Option<ApiKeyId>,
    /// The body of the call, of a change.
    #[schema(value_type = Option<Object>)]
    pub request: Option<Value>,
}

/// What a line is about besides: what it sold, took back or replaces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExplainedAbout)]
pub struct About {
    /// The prepaid credits it sold.
    #[schema(value_type = Option<String>)]
    pub credit_grant_id: Option<CreditGrantId>,
    /// The line of the same invoice that it takes back, in whole or in part.
    pub counters_line: Option<String>,
    /// The invoice that was wrong.
    #[schema(value_type = Option<String>)]
    pub corrected_invoice_id: Option<InvoiceId>,
    /// What took that back.
    #[schema(value_type = Option<String>)]
    pub credit_note_id: Option<CreditNoteId>,
}

impl ExplainedInvoice {
    /// What the engine says.
    #[must_use]
    pub fn of(invoice: &domain::Invoice) -> ExplainedInvoice {
        ExplainedInvoice {
            id: invoice.id,
            number: invoice.number.as_ref().map(ToString::to_string),
            status: invoice.status.into_str(),
            created_at: invoice.created_at,
            bill_run_id: invoice.bill_run_id,
            credits_applied: invoice.applied.credits.to_major_string(),
        }
    }
}

impl ExplainedPrice {
    /// The price of an item version, of this plan.
    #[must_use]
    pub fn of(version: &ItemVersion, plan: Option<&(PlanId, String, i32)>) -> ExplainedPrice {
        let terms = &version.terms;
        ExplainedPrice {
            id: plan.map(|_| terms.price_id),
            code: terms.code.to_string(),
            plan_id: plan.map(|plan| plan.0),
            plan_code: plan.map(|plan| plan.1.clone()),
            plan_version: plan.map(|plan| plan.2),
            billing: terms.billing.into_str(),
            model: PriceModel::from(version.model()),
            overridden: version.price_override.is_some(),
            meter_id: terms.metering.as_ref().map(|metering| metering.meter_id),
        }
    }

    /// What kind of line an item version has.
    #[must_use]
    pub fn kind(version: &ItemVersion, in_a_plan: bool) -> &'static str {
        match version.model() {
            catalog::PriceModel::Commitment { .. } => "commitment",
            _ if !in_a_plan => "charge",
            _ => version.terms.kind.into_str(),
        }
    }
}

impl EarlierLine {
    /// A line and its amount.
    #[must_use]
    pub fn of(id: LineId, amount: Money) -> EarlierLine {
        EarlierLine { id: id.to_string(), amount: amount.to_major_string() }
    }
}

impl ExplainedDiscount {
    /// What a discount took off.
    #[must_use]
    pub fn of(discount: &Discount, amount: Money) -> ExplainedDiscount {
        let (percent_off, amount_off) = match &*discount.off {
            Off::Percent(percent) => (Some(percent.normalize().to_string()), None),
            Off::Amounts(amounts) => (None, amounts.get(&amount.currency()).map(|off| off.to_major_string())),
        };
        ExplainedDiscount {
            discount_id: discount.id,
            coupon_id: discount.coupon_id,
            coupon_code: discount.coupon_code.to_string(),
            percent_off,
            amount_off,
            amount: amount.to_major_string(),
        }
    }
}

impl ExplainedTax {
    /// What was decided of a line's tax.
    #[must_use]
    pub fn of(line: &billing::Line, taxes: &[LineTax]) -> ExplainedTax {
        let reasons: Vec<String> = taxes.iter().map(|tax| tax.levy.described()).collect();
        ExplainedTax {
            amount: line.tax.to_major_string(),
            included: line.tax_included.to_major_string(),
            decision: if line.tax.is_zero() && line.tax_included.is_zero() {
                "not_charged"
            } else {
                "charged"
            },
            reason: match reasons.is_empty() {
                true => "nothing is taxed: no country is set at /v1/tax/settings".to_owned(),
                false => reasons.join(" and "),
            },
            taxes: taxes.iter().map(|tax| TaxOfLine::of(&tax.levy, tax.amount)).collect(),
        }
    }
}

/// A line as its invoice shows it, and whose charge it is.
#[must_use]
pub fn line(
    invoice: InvoiceId,
    line: &billing::Line,
    (customer_id, origin): (CustomerId, &billing::LineOrigin),
) -> InvoiceLine {
    let mut shown = InvoiceLine::of(Some(invoice), line);
    shown.name(customer_id, origin);
    shown
}
