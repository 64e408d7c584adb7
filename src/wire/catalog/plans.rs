//! How is a plan written? `{"code": "team", "currency": "USD", "interval": "month", "prices": [{"code": "seat", "model": …}]}`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::derived::{DerivedCurrency, NewDerivedCurrency};
use super::features::{Feature, NewFeature};
use super::prices::{NewPrice, Price};
use crate::domain::calendar::{Interval, Unit};
use crate::domain::catalog as domain;
use crate::domain::fields::{Faults, below};
use crate::domain::ids::{PlanId, ProductId};
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;
use crate::wire::mirror::mirror;

/// A new plan with its first version.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "team_monthly", "name": "Team", "product_id": "prod_01jgejp8g0e3q9k0v6z4t1x2y3",
    "currency": "USD", "interval": "month", "interval_count": 1,
    "prices": [
        {"code": "base", "description": "Team plan", "kind": "recurring", "billing": "in_advance",
         "model": {"type": "flat", "amount": "31.00"}, "currencies": {"EUR": {"model": {"type": "flat", "amount": "29.00"}}}},
        {"code": "seat", "description": "Seat", "kind": "recurring",
         "model": {"type": "per_unit", "unit_amount": "12.50"}, "currencies": {"EUR": {"model": {"type": "per_unit", "unit_amount": "11.50"}}}},
        {"code": "setup", "description": "Setup", "kind": "one_time",
         "model": {"type": "flat", "amount": "99.00"}, "currencies": {"EUR": {"model": {"type": "flat", "amount": "89.00"}}}}
    ]
}))]
pub struct NewPlan {
    /// Your own id of the plan, unique among your plans.
    pub external_id: Option<String>,
    /// 1 to 64 characters of a-z, A-Z, 0-9, _ and -, unique among your plans.
    pub code: String,
    /// 1 to 200 characters.
    pub name: String,
    #[schema(value_type = String)]
    pub product_id: ProductId,
    /// ISO 4217, of each price's `model`.
    pub currency: String,
    pub interval: IntervalUnit,
    /// A period is so many intervals: 1 to 1000.
    #[serde(default = "one")]
    #[schema(default = 1, minimum = 1, maximum = 1000)]
    pub interval_count: u32,
    /// At least one, in the order of invoice lines.
    pub prices: Vec<NewPrice>,
    /// Further currencies in which each price gets one made of its `model`, unless it has one in `currencies`.
    #[serde(default)]
    pub derive: Vec<NewDerivedCurrency>,
    /// What the plan gives besides what it charges for: see a customer's entitlements.
    #[serde(default)]
    pub features: Vec<NewFeature>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// The next version of a plan.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "currency": "USD", "interval": "month",
    "prices": [{"code": "base", "description": "Team plan", "kind": "recurring", "model": {"type": "flat", "amount": "35.00"}}]
}))]
pub struct NewPlanVersion {
    /// ISO 4217, of each price's `model`.
    pub currency: String,
    pub interval: IntervalUnit,
    /// A period is so many intervals: 1 to 1000.
    #[serde(default = "one")]
    #[schema(default = 1, minimum = 1, maximum = 1000)]
    pub interval_count: u32,
    /// At least one, in the order of invoice lines.
    pub prices: Vec<NewPrice>,
    /// Further currencies in which each price gets one made of its `model`, unless it has one in `currencies`.
    #[serde(default)]
    pub derive: Vec<NewDerivedCurrency>,
    /// What the plan gives besides what it charges for: see a customer's entitlements.
    #[serde(default)]
    pub features: Vec<NewFeature>,
}

fn one() -> u32 {
    1
}

mirror! {
    /// What a period counts.
    pub enum IntervalUnit = Unit {
        Day,
        Week,
        Month,
        Quarter,
        Year,
    }
}

/// A plan with its latest version.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Plan {
    #[schema(value_type = String, example = "plan_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: PlanId,
    pub external_id: Option<String>,
    #[schema(example = "team_monthly")]
    pub code: String,
    #[schema(example = "Team")]
    pub name: String,
    #[schema(value_type = String, example = "prod_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub product_id: ProductId,
    /// The latest version's number.
    #[schema(example = 1)]
    pub version: i32,
    #[schema(example = "USD")]
    pub currency: String,
    pub interval: IntervalUnit,
    #[schema(example = 1)]
    pub interval_count: u32,
    pub prices: Vec<Price>,
    /// Further currencies whose prices were made of those in its own, and how.
    pub derived: Vec<DerivedCurrency>,
    pub features: Vec<Feature>,
    pub metadata: BTreeMap<String, String>,
    pub created_at: DateTime<Utc>,
    /// When the latest version was published.
    pub published_at: DateTime<Utc>,
}

/// One published version of a plan; it never changes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PlanVersion {
    #[schema(value_type = String, example = "plan_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub plan_id: PlanId,
    #[schema(example = 2)]
    pub version: i32,
    #[schema(example = "USD")]
    pub currency: String,
    pub interval: IntervalUnit,
    #[schema(example = 1)]
    pub interval_count: u32,
    pub prices: Vec<Price>,
    /// Further currencies whose prices were made of those in its own, and how.
    pub derived: Vec<DerivedCurrency>,
    pub features: Vec<Feature>,
    pub published_at: DateTime<Utc>,
}

/// All versions of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PlanVersions {
    /// The newest first.
    pub data: Vec<PlanVersion>,
    /// Always false: they come in one answer.
    #[schema(example = false)]
    pub has_more: bool,
    /// Always null.
    pub next_cursor: Option<String>,
}

/// Which plans.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlansQuery {
    /// The one with this code.
    pub code: Option<String>,
    /// The one with this id of yours.
    pub external_id: Option<String>,
    /// Those of this product.
    #[param(value_type = Option<String>)]
    pub product_id: Option<ProductId>,
}

impl NewPlan {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<domain::PlanDraft, Invalid> {
        let first = Sold {
            currency: &self.currency,
            interval: (self.interval, self.interval_count),
            prices: &self.prices,
            derive: &self.derive,
            features: &self.features,
        };
        let first = first.read()?;
        Ok(domain::PlanDraft {
            external_id: self.external_id.clone(),
            code: self.code.clone(),
            name: self.name.clone(),
            product_id: self.product_id,
            metadata: self.metadata.clone(),
            first,
        })
    }
}

impl NewPlanVersion {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<domain::VersionDraft, Invalid> {
        let next = Sold {
            currency: &self.currency,
            interval: (self.interval, self.interval_count),
            prices: &self.prices,
            derive: &self.derive,
            features: &self.features,
        };
        next.read()
    }
}

/// What a version says, as both bodies have it.
struct Sold<'b> {
    currency: &'b str,
    interval: (IntervalUnit, u32),
    prices: &'b [NewPrice],
    derive: &'b [NewDerivedCurrency],
    features: &'b [NewFeature],
}

impl Sold<'_> {
    fn read(&self) -> Result<domain::VersionDraft, Invalid> {
        let mut faults = Faults::none();
        let currency = faults.keep("/currency", "unknown_currency", Currency::parse(self.currency));
        let (unit, count) = self.interval;
        let interval =
            faults.keep("/interval_count", "out_of_range", Interval::requested(unit.into(), count));
        let mut prices = Vec::with_capacity(self.prices.len());
        for (n, price) in self.prices.iter().enumerate() {
            prices.extend(price.read((&below("/prices", &n.to_string()), currency), &mut faults));
        }
        let mut derive = Vec::with_capacity(self.derive.len());
        for (n, one) in self.derive.iter().enumerate() {
            derive.extend(one.read(&below("/derive", &n.to_string()), &mut faults));
        }
        let mut features = Vec::with_capacity(self.features.len());
        for (n, feature) in self.features.iter().enumerate() {
            features.extend(feature.read(&below("/features", &n.to_string()), &mut faults));
        }
        match (currency, interval) {
            (Some(currency), Some(interval)) if faults.is_empty() => {
                let derived = Vec::new();
                Ok(domain::VersionDraft { currency, interval, prices, features, derive, derived })
            }
            _ => Err(faults.into_result().err().unwrap_or(Invalid { errors: Vec::new() })),
        }
    }
}

impl From<&domain::PlanVersion> for PlanVersion {
    fn from(version: &domain::PlanVersion) -> PlanVersion {
        PlanVersion {
            plan_id: version.plan_id,
            version: version.version,
            currency: version.currency.code().to_owned(),
            interval: version.interval.unit.into(),
            interval_count: u32::from(version.interval.count),
            prices: version.prices.iter().map(|price| Price::of(price, version.currency)).collect(),
            derived: version.derived.iter().map(Into::into).collect(),
            features: version.features.iter().map(Into::into).collect(),
            published_at: version.published_at,
        }
    }
}

impl From<(domain::Plan, domain::PlanVersion)> for Plan {
    fn from((plan, version): (domain::Plan, domain::PlanVersion)) -> Plan {
        let latest = PlanVersion::from(&version);
        Plan {
            id: plan.id,
            external_id: plan.external_id,
            code: plan.code,
            name: plan.name,
            product_id: plan.product_id,
            version: latest.version,
            currency: latest.currency,
            interval: latest.interval,
            interval_count: latest.interval_count,
            prices: latest.prices,
            derived: latest.derived,
            features: latest.features,
            metadata: plan.metadata,
            created_at: plan.created_at,
            published_at: latest.published_at,
        }
    }
}
