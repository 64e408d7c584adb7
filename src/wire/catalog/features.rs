//! How are features and entitlements written? `{"code": "calls", "type": "metered", "meter_id": …, "limit": "10000"}`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::catalog::features::{Allowance, Feature as DomainFeature, Grant};
use crate::domain::entitlements as domain;
use crate::domain::fields::{Faults, below};
use crate::domain::ids::{CustomerId, MeterId, SubscriptionId};
use crate::wire::amounts::DecimalText;
use crate::wire::times::Period;

/// What kind of thing a feature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeatureType {
    /// Had or not had.
    Boolean,
    /// So many at a time; your product counts them.
    Limit,
    /// So much of what a meter measures, each period.
    Metered,
}

/// One thing a plan gives.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "calls", "name": "API calls", "type": "metered",
    "meter_id": "meter_01jgejp8g0e3q9k0v6z4t1x2y3", "limit": "10000", "hard_cap": true}))]
pub struct NewFeature {
    /// 1 to 64 characters of a-z, A-Z, 0-9, _ and -, unique in the plan.
    pub code: String,
    /// The code when left out.
    pub name: Option<String>,
    #[serde(rename = "type")]
    pub type_: FeatureType,
    /// Of a limit or an allowance; without limit when left out or null.
    #[schema(value_type = Option<String>, example = "10000")]
    pub limit: Option<DecimalText>,
    /// Code of a price of this plan: the limit is for each unit bought of it.
    pub per: Option<String>,
    /// What measures a metered feature.
    #[schema(value_type = Option<String>)]
    pub meter_id: Option<MeterId>,
    /// Of a metered feature: nothing more may be used once the limit is reached.
    #[serde(default)]
    pub hard_cap: bool,
}

/// One thing a plan gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Feature {
    pub code: String,
    pub name: String,
    #[serde(rename = "type")]
    #[schema(value_type = FeatureType)]
    pub type_: &'static str,
    /// Null: without limit, or had or not had.
    pub limit: Option<String>,
    pub per: Option<String>,
    #[schema(value_type = Option<String>)]
    pub meter_id: Option<MeterId>,
    pub hard_cap: bool,
}

impl NewFeature {
    /// The domain's reading of it, at this place of its body.
    pub(in crate::wire) fn read(&self, at: &str, faults: &mut Faults) -> Option<DomainFeature> {
        let amount = match &self.limit {
            None => None,
            Some(text) => Some(text.read(&below(at, "limit"), faults)?),
        };
        let allowance = Allowance { amount, per: self.per.clone() };
        if self.type_ == FeatureType::Boolean && (self.limit.is_some() || self.per.is_some()) {
            faults.add(
                below(at, "limit"),
                "limit_not_used",
                "a boolean feature is had or not had: leave its limit out",
            );
        }
        if self.type_ != FeatureType::Metered && (self.meter_id.is_some() || self.hard_cap) {
            faults.add(
                below(at, "meter_id"),
                "meter_not_used",
                "only a metered feature has a meter and a hard cap",
            );
        }
        let grant = match (self.type_, self.meter_id) {
            (FeatureType::Boolean, _) => Grant::Boolean,
            (FeatureType::Limit, _) => Grant::Limit(allowance),
            (FeatureType::Metered, Some(meter_id)) => {
                Grant::Metered { meter_id, allowance, hard_cap: self.hard_cap }
            }
            (FeatureType::Metered, None) => {
                faults.add(below(at, "meter_id"), "missing_field", "a metered feature names its meter");
                return None;
            }
        };
        Some(DomainFeature::new(self.code.clone(), self.name.clone(), grant))
    }
}

impl From<&DomainFeature> for Feature {
    fn from(feature: &DomainFeature) -> Feature {
        let allowance = feature.grant.allowance();
        let (meter_id, hard_cap) = match feature.grant {
            Grant::Metered { meter_id, hard_cap, .. } => (Some(meter_id), hard_cap),
            Grant::Boolean | Grant::Limit(_) => (None, false),
        };
        Feature {
            code: feature.code.clone(),
            name: feature.name.clone(),
            type_: feature.grant.kind().into_str(),
            limit: allowance.and_then(|a| a.amount).map(|amount| amount.normalize().to_string()),
            per: allowance.and_then(|a| a.per.clone()),
            meter_id,
            hard_cap,
        }
    }
}

/// What a customer may use now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "as_of": "2026-01-15T00:00:00Z", "data": [
    {"code": "calls", "name": "API calls", "type": "metered", "allowed": true, "limit": "10000", "used": "7988",
     "remaining": "2012", "hard_cap": true, "period": {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"},
     "subscription_ids": ["sub_01jgejp8g0e3q9k0v6z4t1x2y3"]}]}))]
pub struct Entitlements {
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    pub as_of: DateTime<Utc>,
    /// One for each feature, in order of code.
    #[schema(value_type = Vec<Entitlement>)]
    pub data: Arc<[Entitlement]>,
}

/// What may be used of one feature. What several subscriptions give is added up.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Entitlement {
    pub code: String,
    pub name: String,
    #[serde(rename = "type")]
    #[schema(value_type = FeatureType)]
    pub type_: &'static str,
    /// Whether more of it may be used now: false when a limit is 0, or a hard cap is reached.
    pub allowed: bool,
    /// Null: without limit, or had or not had.
    pub limit: Option<String>,
    /// Of a metered feature, in `period`; what is used in a break of the subscription does not count.
    pub used: Option<String>,
    /// Of a metered feature with a limit.
    pub remaining: Option<String>,
    pub hard_cap: bool,
    pub period: Option<Period>,
    #[schema(value_type = Vec<String>)]
    pub subscription_ids: Vec<SubscriptionId>,
}

impl From<domain::Entitlement> for Entitlement {
    fn from(entitlement: domain::Entitlement) -> Entitlement {
        let metered = entitlement.metered;
        let plain = |number: rust_decimal::Decimal| number.normalize().to_string();
        Entitlement {
            code: entitlement.code,
            name: entitlement.name,
            type_: entitlement.kind.into_str(),
            allowed: entitlement.allowed,
            limit: entitlement.limit.map(plain),
            used: metered.map(|m| plain(m.used)),
            remaining: metered.and_then(|m| m.remaining).map(plain),
            hard_cap: metered.is_some_and(|m| m.hard_cap),
            period: metered.map(|m| Period { start: m.period.start, end: m.period.end }),
            subscription_ids: entitlement.subscriptions,
        }
    }
}
