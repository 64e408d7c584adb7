//! How is a line of an invoice written? With its period, quantity and amount, what came off, its tax, and what it rests on.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::billing::{self, LineOrigin};
use crate::domain::ids::{CustomerId, DiscountId, InvoiceId, ItemId, ItemVersionId, PriceId, SubscriptionId};
use crate::domain::tax::on_lines::LineTax;
use crate::wire::catalog::tax_terms::TaxBehavior;
use crate::wire::tax::calculations::TaxOfLine;
use crate::wire::times::Period;

/// One charge or credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvoiceLine {
    /// The invoice's id and the line's number; null while the invoice is only foreseen.
    pub id: Option<String>,
    /// What was sold, and how many units where `quantity` does not say: `Calls (2500 units)`.
    pub description: String,
    pub period: Period,
    /// Units, packages, or 1 where the units do not all cost the same (graduated, stairstep, volume with a flat amount).
    pub quantity: String,
    /// What one of `quantity` costs for a whole period: their product is the whole period's price, never an average.
    /// Of an adjustment, the difference.
    pub unit_amount: String,
    /// The product, or the period's share of it, rounded to the currency.
    pub amount: String,
    pub discount: String,
    /// Which discounts took it off, in shares that add up to it.
    pub discounts: Vec<LineDiscount>,
    /// On top of the amount.
    pub tax: String,
    /// Within the amount.
    pub tax_included: String,
    /// Which taxes these come from, in parts that add up to them: with the law, the rate and the reason of each. Empty where nothing is taxed.
    pub taxes: Vec<TaxOfLine>,
    /// Whose charge it is: who has the subscription, whoever pays for it. Null while the invoice is only foreseen.
    #[schema(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
    #[schema(value_type = Option<String>)]
    pub subscription_id: Option<SubscriptionId>,
    /// The subscription's item that was charged; null of any other line, and while the invoice is only foreseen, as are the price's id and code.
    #[schema(value_type = Option<String>)]
    pub subscription_item_id: Option<ItemId>,
    /// The price of the plan that the item has.
    #[schema(value_type = Option<String>)]
    pub price_id: Option<PriceId>,
    pub price_code: Option<String>,
    /// Which version of the subscription's item was charged.
    #[schema(value_type = Option<String>)]
    pub item_version_id: Option<ItemVersionId>,
    /// 0 for the first charge of a period; each later difference counts on.
    pub revision: i16,
    /// The line that it takes back or raises: of a difference, the line of the same item and period before it, mostly on an earlier invoice; of a line
    /// that was taken off a draft, that line.
    pub adjusts_line_id: Option<String>,
    /// Whether it is earned over its period instead of at once.
    pub deferred: bool,
    /// What a usage line rests on; null for every other.
    pub usage: Option<MeasuredUsage>,
    /// Whether somebody added it to the draft.
    pub by_hand: bool,
    /// The number of the line of this invoice that it takes back, in whole or in part.
    pub counters_line: Option<i32>,
    /// What a line that somebody added is for tax; null of any other.
    pub tax_code: Option<&'static str>,
    /// Whether the amount of such a line contains its tax.
    pub tax_behavior: Option<TaxBehavior>,
}

/// What was measured of a line's period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MeasuredUsage {
    /// By the meter, before dividing, rounding and included units.
    #[schema(example = "7988")]
    pub quantity: String,
    /// How many events are behind it.
    pub events: i64,
    /// Every event of the period that was recorded by then is in it; later ones are a later line's difference.
    pub recorded_to: DateTime<Utc>,
}

/// What one discount took off a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineDiscount {
    #[schema(value_type = String)]
    pub discount_id: DiscountId,
    /// Negative where it is given back.
    pub amount: String,
}

impl InvoiceLine {
    /// The lines of an invoice with their taxes, which are in the order of the lines.
    pub(super) fn all(
        invoice_id: Option<InvoiceId>,
        lines: &[billing::Line],
        taxes: &[LineTax],
    ) -> Vec<InvoiceLine> {
        let mut by_line: HashMap<i32, Vec<TaxOfLine>> = HashMap::new();
        for tax in taxes {
            by_line.entry(tax.line_no).or_default().push(TaxOfLine::of(&tax.levy, tax.amount));
        }
        let line = |line: &billing::Line| InvoiceLine {
            taxes: by_line.remove(&line.line_no).unwrap_or_default(),
            ..InvoiceLine::of(invoice_id, line)
        };
        lines.iter().map(line).collect()
    }

    /// Says what it is of; who pays has it when nobody else does.
    pub(in crate::wire) fn name(&mut self, payer: CustomerId, origin: &LineOrigin) {
        self.customer_id = Some(origin.customer_id.unwrap_or(payer));
        self.subscription_item_id = origin.item_id;
        self.price_id = origin.price_id;
        self.price_code.clone_from(&origin.price_code);
        if let Some(before) = origin.before {
            self.adjusts_line_id = Some(before.to_string());
        }
    }

    pub(in crate::wire) fn of(invoice_id: Option<InvoiceId>, line: &billing::Line) -> InvoiceLine {
        let own_tax = Some(line.tax_terms).filter(|_| line.by_hand == Some(billing::ByHand::Added));
        InvoiceLine {
            id: invoice_id.map(|id| format!("{id}-{}", line.line_no)),
            description: line.description.to_string(),
            period: Period { start: line.printed_period().start, end: line.printed_period().end },
            quantity: line.quantity.normalize().to_string(),
            unit_amount: line.unit_amount.to_string(),
            amount: line.amount.to_major_string(),
            discount: line.discount.to_major_string(),
            discounts: Vec::new(),
            tax: line.tax.to_major_string(),
            tax_included: line.tax_included.to_major_string(),
            taxes: Vec::new(),
            customer_id: None,
            subscription_id: line.subscription_id,
            subscription_item_id: None,
            price_id: None,
            price_code: None,
            item_version_id: line.item_version_id,
            revision: line.revision,
            adjusts_line_id: match line.by_hand {
                Some(billing::ByHand::Counters(line_no)) => invoice_id.map(|id| format!("{id}-{line_no}")),
                _ => None,
            },
            deferred: line.deferred,
            usage: line.measured.map(|measured| MeasuredUsage {
                quantity: measured.quantity.normalize().to_string(),
                events: measured.events,
                recorded_to: measured.recorded_to,
            }),
            by_hand: line.by_hand.is_some(),
            counters_line: match line.by_hand {
                Some(billing::ByHand::Counters(line_no)) => Some(line_no),
                _ => None,
            },
            tax_code: own_tax.map(|terms| terms.code.into_str()),
            tax_behavior: own_tax.map(|terms| terms.behavior.into()),
        }
    }
}
