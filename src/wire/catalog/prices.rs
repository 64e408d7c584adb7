//! How is a price written? `{"code": "calls", "kind": "usage", "meter_id": …, "included_units": "1000", "model": {…}}`.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::price_models::{CurrencyBody, CurrencyPrice, ModelBody, PriceModel, read_currencies};
use super::tax_terms::TaxBehavior;
use crate::domain::catalog as domain;
use crate::domain::fields::{Faults, below};
use crate::domain::ids::{MeterId, PriceId};
use crate::domain::money::Currency;
use crate::wire::amounts::DecimalText;
use crate::wire::mirror::mirror;

/// One charge of a plan.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPrice {
    /// 1 to 64 characters of a-z, A-Z, 0-9, _ and -, unique in the plan.
    pub code: String,
    /// Printed on invoice lines; the code when left out.
    pub description: Option<String>,
    pub kind: PriceKind,
    /// When a period's charge falls due; `in_advance` when left out, usage and commitments `in_arrears`. A one-time price is
    /// charged when its item starts.
    pub billing: Option<Billing>,
    /// Not part of the plan by itself: taken only by who names it in `items` or `add_items`.
    #[serde(default)]
    pub add_on: bool,
    /// What measures the quantity of a usage price.
    #[schema(value_type = Option<String>)]
    pub meter_id: Option<MeterId>,
    /// The measured quantity divided by this is the price's, such as seconds by 60.
    #[schema(value_type = Option<String>, example = "60")]
    pub divide_by: Option<DecimalText>,
    /// How the quotient becomes whole units; it stays as it is when left out.
    pub round: Option<Rounding>,
    /// Units of each period that cost nothing.
    #[schema(value_type = Option<String>, example = "1000")]
    pub included_units: Option<DecimalText>,
    /// What becomes of a period of a usage price in which more flowed back than was used, its sum being below zero: with false, which it
    /// is when left out, it is worth zero; with true what flowed back is given back at the price at which units begin, that of
    /// the first tier; flat amounts stay charged. Included units never pay out.
    #[serde(default)]
    pub allow_negative: bool,
    /// What a period of a usage price costs at least: the rest is charged on a line of its own at the period's end. It becomes
    /// a price of its own, `<code>_minimum`.
    #[schema(value_type = Option<String>, example = "50.00")]
    pub minimum_amount: Option<DecimalText>,
    /// What a period of a usage price costs at most.
    #[schema(value_type = Option<String>, example = "500.00")]
    pub maximum_amount: Option<DecimalText>,
    /// Whether the price contains its tax; `exclusive` when left out.
    #[serde(default)]
    pub tax_behavior: TaxBehavior,
    #[schema(value_type = PriceModel)]
    pub model: ModelBody,
    /// The price in further currencies, of the same type of model, with a minimum and a maximum of its own.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, CurrencyPrice>)]
    pub currencies: BTreeMap<String, CurrencyBody>,
}

mirror! {
    /// How often a price is charged.
    pub enum PriceKind = domain::PriceKind {
        /// Every period.
        Recurring,
        /// Once, when its item starts.
        OneTime,
        /// Every period, for what a meter measured in it.
        Usage,
    }
}

mirror! {
    /// How a fractional quantity becomes whole.
    pub enum Rounding = domain::Rounding {
        /// A unit begun counts whole.
        Up,
        /// A unit begun does not count.
        Down,
        /// Half a unit and more counts whole.
        Nearest,
    }
}

mirror! {
    /// When a period's charge falls due.
    #[derive(Default)]
    pub enum Billing = domain::Billing {
        /// At the period's start.
        #[default]
        InAdvance,
        /// At the period's end.
        InArrears,
    }
}

/// One charge of a plan version.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Price {
    #[schema(value_type = String, example = "price_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: PriceId,
    #[schema(example = "seat")]
    pub code: String,
    #[schema(example = "Seat")]
    pub description: String,
    pub kind: PriceKind,
    pub billing: Billing,
    /// Whether it is taken only by who names it.
    pub add_on: bool,
    /// What measures the quantity of a usage price.
    #[schema(value_type = Option<String>)]
    pub meter_id: Option<MeterId>,
    #[schema(example = "60")]
    pub divide_by: Option<String>,
    pub round: Option<Rounding>,
    /// Units of each period that cost nothing.
    #[schema(example = "0")]
    pub included_units: Option<String>,
    /// What a period of a usage price costs at most.
    pub maximum_amount: Option<String>,
    /// Whether a period of a usage price whose sum is below zero gives back; null for other prices.
    pub allow_negative: Option<bool>,
    pub tax_behavior: TaxBehavior,
    /// In the version's currency.
    pub model: PriceModel,
    /// In further currencies.
    pub currencies: BTreeMap<String, CurrencyPrice>,
}

impl NewPrice {
    /// The domain's reading of it, in a plan of this currency.
    pub(in crate::wire) fn read(
        &self,
        (at, currency): (&str, Option<Currency>),
        faults: &mut Faults,
    ) -> Option<domain::PriceDraft> {
        let model = self.model.read(&below(at, "model"), faults);
        let currencies = read_currencies(&self.currencies, &below(at, "currencies"), faults);
        let (minimum, maximum) =
            (self.own("minimum_amount", at, faults), self.own("maximum_amount", at, faults));
        let further = |bound: fn(&CurrencyBody) -> Option<&DecimalText>, faults: &mut Faults| {
            let mut amounts = BTreeMap::new();
            for (code, body) in &self.currencies {
                let amount =
                    bound(body).and_then(|text| text.read(&below(&below(at, "currencies"), code), faults));
                amounts.extend(Currency::parse(code).ok().zip(amount));
            }
            amounts
        };
        let mut least = further(|body| body.minimum_amount.as_ref(), faults);
        let mut most = further(|body| body.maximum_amount.as_ref(), faults);
        least.extend(currency.zip(minimum));
        most.extend(currency.zip(maximum));
        let metering = self.metering(most, at, faults);
        let model = model?;
        Some(domain::PriceDraft {
            code: self.code.clone(),
            description: self.description.clone(),
            kind: self.kind.into(),
            billing: self.billing_of(&model),
            add_on: self.add_on,
            tax_behavior: self.tax_behavior.into(),
            metering,
            minimum: least,
            model,
            currencies,
        })
    }

    fn own(&self, field: &str, at: &str, faults: &mut Faults) -> Option<Decimal> {
        let text = if field == "minimum_amount" { &self.minimum_amount } else { &self.maximum_amount };
        text.as_ref()?.read(&below(at, field), faults)
    }

    /// As requested; else what the price can only be, or in advance.
    fn billing_of(&self, model: &domain::PriceModel) -> domain::Billing {
        let known_at_the_end =
            self.kind == PriceKind::Usage || matches!(model, domain::PriceModel::Commitment { .. });
        match self.billing {
            Some(billing) => billing.into(),
            None if known_at_the_end => domain::Billing::InArrears,
            None => domain::Billing::InAdvance,
        }
    }

    fn metering(
        &self,
        maximum: BTreeMap<Currency, Decimal>,
        at: &str,
        faults: &mut Faults,
    ) -> Option<domain::Metering> {
        let mut number = |text: &Option<DecimalText>, field| text.as_ref()?.read(&below(at, field), faults);
        let (divide_by, included) =
            (number(&self.divide_by, "divide_by"), number(&self.included_units, "included_units"));
        let Some(meter_id) = self.meter_id else {
            let written = [
                ("divide_by", self.divide_by.is_some()),
                ("round", self.round.is_some()),
                ("included_units", self.included_units.is_some()),
                ("maximum_amount", !maximum.is_empty()),
                ("allow_negative", self.allow_negative),
            ];
            for (field, _) in written.into_iter().filter(|(_, is_there)| *is_there) {
                let detail =
                    "this belongs to a price of kind usage, with a meter_id: give these, or leave it out";
                faults.add(below(at, field), "field_needs_usage", detail);
            }
            return None;
        };
        let round = self.round.map(Into::into);
        let (included, allow_negative) = (included.unwrap_or_default(), self.allow_negative);
        Some(domain::Metering { meter_id, divide_by, round, included, maximum, allow_negative })
    }
}

impl Price {
    pub(in crate::wire) fn of(price: &domain::Price, currency: Currency) -> Price {
        let free = domain::PriceModel::Flat { amount: rust_decimal::Decimal::ZERO };
        let further = price.amounts.iter().filter(|(other, _)| **other != currency);
        let metering = price.metering.as_ref();
        Price {
            id: price.id,
            code: price.code.clone(),
            description: price.description.clone(),
            kind: price.kind.into(),
            billing: price.billing.into(),
            add_on: price.add_on,
            meter_id: metering.map(|m| m.meter_id),
            divide_by: metering.and_then(|m| m.divide_by).map(|by| by.to_string()),
            round: metering.and_then(|m| m.round).map(Into::into),
            included_units: metering.map(|m| m.included.to_string()),
            maximum_amount: metering.and_then(|m| m.maximum.get(&currency)).map(Decimal::to_string),
            allow_negative: metering.map(|m| m.allow_negative),
            tax_behavior: price.tax_behavior.into(),
            // Every published price has one in its version's currency.
            model: price.amounts.get(&currency).unwrap_or(&free).into(),
            currencies: further
                .map(|(c, model)| (c.code().to_owned(), CurrencyPrice { model: model.into() }))
                .collect(),
        }
    }
}
