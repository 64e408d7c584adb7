//! May this plan be published? A draft is checked whole: codes unique, at least one price, nothing negative, no one-time price in arrears.
//!
//! A draft with prices `base`, `base` and one of -1.00 is refused with two errors: `/prices/1/code` and `/prices/2/model/amount`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{Billing, Metadata, Plan, PlanVersion, Price, PriceKind, PriceModel, Product};
use crate::domain::calendar::Interval;
use crate::domain::customers::metadata;
use crate::domain::fields::{EXTERNAL_ID_LENGTH, Faults, NAME_LENGTH, TEXT_LENGTH, below};
use crate::domain::ids::{PlanId, PriceId, ProductId};
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;

/// Most prices of one plan version: each is a line on every invoice.
const PRICES: usize = 100;

/// What a caller says of a new product.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductDraft {
    pub external_id: Option<String>,
    pub name: String,
    pub description: Option<String>,
    pub metadata: Metadata,
}

/// What a caller says of a new plan, with its first version.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanDraft {
    pub external_id: Option<String>,
    pub code: String,
    pub name: String,
    pub product_id: ProductId,
    pub metadata: Metadata,
    pub first: VersionDraft,
}

/// What a caller says of a plan's next version.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionDraft {
    pub currency: Currency,
    pub interval: Interval,
    pub prices: Vec<PriceDraft>,
}

/// What a caller says of one price.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceDraft {
    pub code: String,
    /// `None`: the code is printed.
    pub description: Option<String>,
    pub kind: PriceKind,
    pub billing: Billing,
    /// In the version's currency.
    pub model: PriceModel,
    /// In further currencies.
    pub currencies: BTreeMap<Currency, PriceModel>,
}

/// What a version is given besides the caller's words.
#[derive(Debug, Clone, Copy)]
pub struct Publication {
    pub plan_id: PlanId,
    pub version: i32,
    pub at: DateTime<Utc>,
}

impl ProductDraft {
    /// The product this makes.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn create(self, id: ProductId, at: DateTime<Utc>) -> Result<Product, Invalid> {
        let mut faults = Faults::none();
        faults.check_optional("/external_id", self.external_id.as_deref(), EXTERNAL_ID_LENGTH);
        faults.check_text("/name", &self.name, NAME_LENGTH);
        faults.check_optional("/description", self.description.as_deref(), TEXT_LENGTH);
        metadata::check(&self.metadata, &mut faults);
        faults.into_result()?;
        let ProductDraft { external_id, name, description, metadata } = self;
        Ok(Product { id, external_id, name, description, metadata, created_at: at })
    }
}

impl PlanDraft {
    /// The plan and its version 1, with an id for each price from `price_id`.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn create(
        self,
        (id, at): (PlanId, DateTime<Utc>),
        price_id: impl FnMut() -> PriceId,
    ) -> Result<(Plan, PlanVersion), Invalid> {
        let mut faults = Faults::none();
        faults.check_code("/code", &self.code);
        faults.check_optional("/external_id", self.external_id.as_deref(), EXTERNAL_ID_LENGTH);
        faults.check_text("/name", &self.name, NAME_LENGTH);
        metadata::check(&self.metadata, &mut faults);
        self.first.check(&mut faults);
        faults.into_result()?;
        let version = self.first.assemble(Publication { plan_id: id, version: 1, at }, price_id);
        let PlanDraft { external_id, code, name, product_id, metadata, .. } = self;
        Ok((
            Plan { id, external_id, code, name, product_id, metadata, latest_version: 1, created_at: at },
            version,
        ))
    }
}

impl VersionDraft {
    /// The version this makes, with an id for each price from `price_id`.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn publish(
        self,
        publication: Publication,
        price_id: impl FnMut() -> PriceId,
    ) -> Result<PlanVersion, Invalid> {
        let mut faults = Faults::none();
        self.check(&mut faults);
        faults.into_result()?;
        Ok(self.assemble(publication, price_id))
    }

    fn check(&self, faults: &mut Faults) {
        if self.prices.is_empty() {
            faults.add(
                "/prices",
                "no_prices",
                "a plan has at least one price; use an amount of 0 for a free plan",
            );
        }
        if self.prices.len() > PRICES {
            faults.add("/prices", "too_many", format_args!("a plan version has at most {PRICES} prices"));
        }
        let mut codes = BTreeSet::new();
        for (n, price) in self.prices.iter().enumerate() {
            let at = below("/prices", &n.to_string());
            if !codes.insert(price.code.as_str()) {
                let detail = format_args!(
                    "two prices of this plan have the code \"{}\": each needs its own",
                    price.code
                );
                faults.add(below(&at, "code"), "code_repeated", detail);
            }
            price.check(&at, self.currency, faults);
        }
    }

    fn assemble(self, publication: Publication, mut price_id: impl FnMut() -> PriceId) -> PlanVersion {
        let prices = self.prices.into_iter().map(|draft| draft.with_id(price_id(), self.currency)).collect();
        PlanVersion {
            plan_id: publication.plan_id,
            version: publication.version,
            currency: self.currency,
            interval: self.interval,
            published_at: publication.at,
            prices,
        }
    }
}

impl PriceDraft {
    fn check(&self, at: &str, currency: Currency, faults: &mut Faults) {
        faults.check_code(&below(at, "code"), &self.code);
        faults.check_optional(&below(at, "description"), self.description.as_deref(), NAME_LENGTH);
        if self.kind == PriceKind::OneTime && self.billing == Billing::InArrears {
            let detail = "a one-time price is charged when its item starts, so its billing is in_advance";
            faults.add(below(at, "billing"), "one_time_in_arrears", detail);
        }
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

    fn with_id(self, id: PriceId, currency: Currency) -> Price {
        let mut amounts = self.currencies;
        amounts.insert(currency, self.model);
        let description = self.description.unwrap_or_else(|| self.code.clone());
        Price { id, code: self.code, description, kind: self.kind, billing: self.billing, amounts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::Unit;
    use chrono::TimeZone;
    use rust_decimal::Decimal;
    use uuid::Uuid;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn flat(amount: &str) -> PriceModel {
        PriceModel::Flat { amount: amount.parse::<Decimal>().unwrap() }
    }

    fn price(code: &str, model: PriceModel) -> PriceDraft {
        PriceDraft {
            code: code.into(),
            description: None,
            kind: PriceKind::Recurring,
            billing: Billing::InAdvance,
            model,
            currencies: BTreeMap::new(),
        }
    }

    fn publish(prices: Vec<PriceDraft>) -> Result<PlanVersion, Invalid> {
        let at = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
        let publication = Publication { plan_id: PlanId::from_uuid(Uuid::nil()), version: 1, at };
        let interval = Interval::new(Unit::Month, 1).unwrap();
        let mut n = 0;
        VersionDraft { currency: currency("USD"), interval, prices }.publish(publication, || {
            n += 1;
            PriceId::from_uuid(Uuid::from_u128(n))
        })
    }

    fn faults(prices: Vec<PriceDraft>) -> Vec<(String, String)> {
        publish(prices).unwrap_err().errors.into_iter().map(|e| (e.pointer, e.code)).collect()
    }

    #[test]
    fn prices_keep_their_order_and_get_an_id_each() {
        let version = publish(vec![price("base", flat("31.00")), price("setup", flat("0"))]).unwrap();
        let seen: Vec<(&str, &str, u128)> = version
            .prices
            .iter()
            .map(|p| (p.code.as_str(), p.description.as_str(), p.id.uuid().as_u128()))
            .collect();
        assert_eq!(seen, [("base", "base", 1), ("setup", "setup", 2)]);
    }

    #[test]
    fn a_plan_without_prices_is_refused() {
        assert_eq!(faults(vec![]), [("/prices".to_owned(), "no_prices".to_owned())]);
    }

    #[test]
    fn a_repeated_code_and_a_negative_amount_are_both_named() {
        let found =
            faults(vec![price("base", flat("1")), price("base", flat("2")), price("odd", flat("-1.00"))]);
        let named: Vec<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(named, ["/prices/1/code", "/prices/2/model/amount"]);
    }

    #[test]
    fn a_one_time_price_is_charged_in_advance_only() {
        let mut setup = price("setup", flat("99"));
        (setup.kind, setup.billing) = (PriceKind::OneTime, Billing::InArrears);
        assert_eq!(faults(vec![setup]), [("/prices/0/billing".to_owned(), "one_time_in_arrears".to_owned())]);
    }

    #[test]
    fn further_currencies_are_priced_beside_the_plans_own() {
        let mut base = price("base", flat("31.00"));
        base.currencies.insert(currency("EUR"), flat("29.00"));
        let version = publish(vec![base.clone()]).unwrap();
        assert_eq!(PlanVersion::currencies(&version.prices), [currency("EUR"), currency("USD")]);
        base.currencies.insert(currency("USD"), flat("-1"));
        let named: Vec<String> = faults(vec![base]).into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(named, ["/prices/0/currencies/USD", "/prices/0/currencies/USD/model/amount"]);
    }

    #[test]
    fn a_price_is_of_one_type_in_all_its_currencies() {
        let mut base = price("base", flat("31.00"));
        base.currencies.insert(currency("EUR"), PriceModel::PerUnit { unit_amount: Decimal::TEN });
        assert_eq!(faults(vec![base])[0].1, "model_types_differ");
    }

    #[test]
    fn an_amount_the_currency_cannot_count_is_refused() {
        let mut base = price("base", flat("1"));
        base.currencies.insert(currency("CLF"), flat("999999999999999"));
        assert_eq!(
            faults(vec![base]),
            [("/prices/0/currencies/CLF/model/amount".to_owned(), "amount_out_of_range".to_owned())]
        );
    }

    #[test]
    fn a_plan_can_be_bought_in_the_currencies_all_its_prices_have() {
        let mut base = price("base", flat("31.00"));
        base.currencies.insert(currency("EUR"), flat("29.00"));
        let version = publish(vec![base, price("support", flat("10"))]).unwrap();
        assert_eq!(PlanVersion::currencies(&version.prices), [currency("USD")]);
    }
}
