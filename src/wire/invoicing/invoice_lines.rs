//! How is a line written by hand? `{"description": "Training", "quantity": "2", "unit_amount": "150.00"}`, or with an `amount`.

use chrono::{DateTime, Datelike, SubsecRound, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::calendar::Period;
use crate::domain::fields::{Faults, TEXT_LENGTH, below};
use crate::domain::ids::CustomerId;
use crate::domain::invoicing::drafts::{self, Price};
use crate::domain::money::{Currency, Money};
use crate::domain::refusal::Invalid;
use crate::wire::amounts::DecimalText;
use crate::wire::catalog::products::read_tax_code;
use crate::wire::catalog::tax_terms::{TaxBehavior, read_tax_terms};
use crate::wire::patch::{given, present};
use crate::wire::subscriptions::Collection;
use crate::wire::times::YEARS;

/// Most lines an invoice is made with by hand.
const LINES: usize = 1_000;

/// An invoice made by hand: a draft until you finalize it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "collection": "send_invoice",
    "lines": [{"description": "Set-up", "amount": "20.00"}]
}))]
pub struct NewInvoice {
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    pub collection: Collection,
    /// ISO 4217; the customer's when left out.
    pub currency: Option<String>,
    /// At most 1000; more can be added to the draft.
    #[serde(default)]
    pub lines: Vec<NewInvoiceLine>,
}

/// A line for a draft: an amount, or a quantity and what one of it costs. Below zero it is a credit.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"description": "Training", "quantity": "2", "unit_amount": "150.00"}))]
pub struct NewInvoiceLine {
    /// Printed: 1 to 1000 characters.
    pub description: String,
    /// In the invoice's currency, with no more decimals than it has.
    #[schema(value_type = Option<String>)]
    pub amount: Option<DecimalText>,
    #[schema(value_type = Option<String>)]
    pub quantity: Option<DecimalText>,
    /// May be finer than the currency; the product is rounded once.
    #[schema(value_type = Option<String>)]
    pub unit_amount: Option<DecimalText>,
    /// The time it is for, over which it is earned when that is not over; earned at once when left out.
    pub period: Option<LinePeriod>,
    /// What it is for tax: one of `/v1/tax/codes`; `saas` when left out.
    pub tax_code: Option<String>,
    /// Whether the amount contains its tax; `exclusive` when left out.
    pub tax_behavior: Option<TaxBehavior>,
}

/// What to change of a draft's line. What is left out stays. Of a line that billing wrote, only what it comes to.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": "20.00"}))]
pub struct InvoiceLinePatch {
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub description: Option<String>,
    #[schema(nullable = false, value_type = Option<String>)]
    #[serde(default, deserialize_with = "present")]
    pub amount: Option<DecimalText>,
    #[schema(nullable = false, value_type = Option<String>)]
    #[serde(default, deserialize_with = "present")]
    pub quantity: Option<DecimalText>,
    #[schema(nullable = false, value_type = Option<String>)]
    #[serde(default, deserialize_with = "present")]
    pub unit_amount: Option<DecimalText>,
    /// Null: no time.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<LinePeriod>)]
    pub period: Option<Option<LinePeriod>>,
    /// One of `/v1/tax/codes`.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub tax_code: Option<String>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub tax_behavior: Option<TaxBehavior>,
}

/// From `start` up to, not including, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinePeriod {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

impl LinePeriod {
    fn read(self, at: &str, faults: &mut Faults) -> Option<Period> {
        if !YEARS.contains(&self.start.year()) || !YEARS.contains(&self.end.year()) {
            let detail =
                format_args!("a line is for a time in the years {} to {}", YEARS.start(), YEARS.end());
            faults.add(below(at, "period"), "date_out_of_range", detail);
            return None;
        }
        faults.keep(
            &below(at, "period"),
            "period_ends_before_it_starts",
            Period::new(self.start.trunc_subsecs(6), self.end.trunc_subsecs(6)),
        )
    }
}

/// What a line costs, as it was written.
struct Written<'a> {
    amount: Option<&'a DecimalText>,
    quantity: Option<&'a DecimalText>,
    unit_amount: Option<&'a DecimalText>,
}

impl Written<'_> {
    /// The price; `None` when none was written, or it is at fault.
    fn read(&self, at: &str, currency: Currency, faults: &mut Faults) -> Option<Price> {
        match (self.amount, self.quantity, self.unit_amount) {
            (None, None, None) => None,
            (Some(amount), None, None) => {
                let money = Money::parse_major(&amount.0, currency);
                faults.keep(&below(at, "amount"), "bad_amount", money).map(Price::Amount)
            }
            (None, Some(quantity), Some(unit_amount)) => {
                let quantity = quantity.read(&below(at, "quantity"), faults);
                let unit_amount = unit_amount.read(&below(at, "unit_amount"), faults);
                Some(Price::Each { quantity: quantity?, unit_amount: unit_amount? })
            }
            (amount, quantity, _) => {
                let missing = if quantity.is_none() { "quantity" } else { "unit_amount" };
                let at = below(at, if amount.is_some() { "amount" } else { missing });
                faults.add(at, "amount_or_product", "give either amount, or quantity and unit_amount");
                None
            }
        }
    }
}

impl NewInvoiceLine {
    /// The line in the invoice's currency; faults are reported under `at`.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn parse(&self, at: &str, currency: Currency) -> Result<drafts::NewLine, Invalid> {
        let mut faults = Faults::none();
        faults.check_text(&below(at, "description"), &self.description, TEXT_LENGTH);
        let Self { amount, quantity, unit_amount, .. } = self;
        let written = Written {
            amount: amount.as_ref(),
            quantity: quantity.as_ref(),
            unit_amount: unit_amount.as_ref(),
        };
        let price = written.read(at, currency, &mut faults);
        if price.is_none() && faults.is_empty() {
            faults.add(below(at, "amount"), "missing_field", "give an amount, or quantity and unit_amount");
        }
        let period = self.period.and_then(|period| period.read(at, &mut faults));
        let tax_terms = read_tax_terms(self.tax_code.as_deref(), self.tax_behavior, at, &mut faults);
        faults.into_result()?;
        let none = || Invalid::one(below(at, "amount"), "missing_field", "give an amount");
        Ok(drafts::NewLine {
            description: self.description.as_str().into(),
            price: price.ok_or_else(none)?,
            period,
            tax_terms,
        })
    }
}

impl InvoiceLinePatch {
    /// The change in the invoice's currency.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn parse(&self, currency: Currency) -> Result<drafts::LineChange, Invalid> {
        let mut faults = Faults::none();
        faults.check_optional("/description", self.description.as_deref(), TEXT_LENGTH);
        let Self { amount, quantity, unit_amount, .. } = self;
        let written = Written {
            amount: amount.as_ref(),
            quantity: quantity.as_ref(),
            unit_amount: unit_amount.as_ref(),
        };
        let price = written.read("", currency, &mut faults);
        let period = self.period.map(|period| period.and_then(|period| period.read("", &mut faults)));
        let code = self.tax_code.as_deref();
        let tax_code = code.and_then(|code| read_tax_code(Some(code), "/tax_code", &mut faults));
        faults.into_result()?;
        let description = self.description.as_deref().map(Into::into);
        let tax_behavior = self.tax_behavior.map(Into::into);
        Ok(drafts::LineChange { description, price, period, tax_code, tax_behavior })
    }
}

impl NewInvoice {
    /// Its currency, when it names one.
    ///
    /// # Errors
    /// [`Invalid`] for a currency that does not exist, or too many lines.
    pub fn currency(&self) -> Result<Option<Currency>, Invalid> {
        let mut faults = Faults::none();
        if self.lines.len() > LINES {
            faults.add("/lines", "too_many", format_args!("an invoice is made with at most {LINES} lines"));
        }
        let read = self.currency.as_deref().map(Currency::parse);
        let currency = read.and_then(|read| faults.keep("/currency", "unknown_currency", read));
        faults.into_result()?;
        Ok(currency)
    }

    /// Its lines in its currency.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn lines(&self, currency: Currency) -> Result<Vec<drafts::NewLine>, Invalid> {
        let mut faults = Faults::none();
        let mut lines = Vec::with_capacity(self.lines.len());
        for (n, line) in self.lines.iter().enumerate() {
            match line.parse(&format!("/lines/{n}"), currency) {
                Ok(line) => lines.push(line),
                Err(invalid) => faults.extend(invalid),
            }
        }
        faults.into_result()?;
        Ok(lines)
    }
}
