//! May this price be published? Nothing negative, nothing that its kind or its meter cannot have.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Billing, Metering, Price, PriceKind, PriceModel, TaxBehavior};
use crate::domain::fields::{Faults, NAME_LENGTH, below};
use crate::domain::ids::PriceId;
use crate::domain::money::Currency;

/// What a caller says of one price.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceDraft {
    pub code: String,
    /// `None`: the code is printed.
    pub description: Option<String>,
    pub kind: PriceKind,
    pub billing: Billing,
    /// Of a usage price, and only there.
    pub metering: Option<Metering>,
    /// Not part of the plan by itself: taken only by who names it.
    pub add_on: bool,
    pub tax_behavior: TaxBehavior,
    /// What a period costs at least, by currency: becomes a price of its own, a commitment to this one.
    pub minimum: BTreeMap<Currency, Decimal>,
    /// In the version's currency.
    pub model: PriceModel,
    /// In further currencies.
    pub currencies: BTreeMap<Currency, PriceModel>,
}

impl PriceDraft {
    pub(super) fn check(&self, at: &str, currency: Currency, faults: &mut Faults) {
        faults.check_code(&below(at, "code"), &self.code);
        faults.check_optional(&below(at, "description"), self.description.as_deref(), NAME_LENGTH);
        if self.kind == PriceKind::OneTime && self.billing == Billing::InArrears {
            let detail = "a one-time price is charged when its item starts, so its billing is in_advance";
            faults.add(below(at, "billing"), "one_time_in_arrears", detail);
        }
        self.check_metering(at, faults);
        self.model.check(&below(at, "model"), currency, faults);
        for (further, model) in &self.currencies {
            let at = below(&below(at, "currencies"), further.code());
            if *further == currency {
                let detail =
                    format_args!("{currency} is the plan's own currency: \"model\" already gives its price");
                faults.add(&at, "currency_repeated", detail);
            }
            if model.type_name() != self.model.type_name() {
                let detail = format_args!(
                    "this price is {} in {currency}: it must be of the same type in {further}",
                    self.model.type_name()
                );
                faults.add(below(&at, "model"), "model_types_differ", detail);
            }
            model.check(&below(&at, "model"), *further, faults);
        }
    }

    /// A usage price has a meter, is billed in arrears, and alone can have the models that need one.
    pub(super) fn check_metering(&self, at: &str, faults: &mut Faults) {
        if self.kind == PriceKind::Usage && self.billing == Billing::InAdvance {
            let detail = "usage is known at the period's end, so its billing is in_arrears";
            faults.add(below(at, "billing"), "usage_in_advance", detail);
        }
        match &self.metering {
            Some(metering) if self.kind == PriceKind::Usage => metering.check(&self.model, at, faults),
            Some(_) => {
                let detail = "only a price of kind usage has a meter: make this one, or leave meter_id out";
                faults.add(below(at, "meter_id"), "meter_not_used", detail);
            }
            None if self.kind == PriceKind::Usage => {
                let detail = "a price of kind usage charges what a meter measured: name it with meter_id";
                faults.add(below(at, "meter_id"), "missing_field", detail);
            }
            None if self.model.needs_a_meter() => {
                let detail =
                    format_args!("a {} price charges usage: its kind is usage", self.model.type_name());
                faults.add(below(at, "kind"), "model_needs_usage", detail);
            }
            None => {}
        }
    }

    pub(super) fn with_id(self, id: PriceId, currency: Currency) -> Price {
        let mut amounts = self.currencies;
        amounts.insert(currency, self.model);
        let description = self.description.unwrap_or_else(|| self.code.clone());
        let PriceDraft { code, kind, billing, metering, add_on, tax_behavior, .. } = self;
        Price { id, code, description, kind, billing, metering, add_on, tax_behavior, amounts }
    }
}
