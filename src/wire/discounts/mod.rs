//! How are coupons and discounts written? `{"code": "LAUNCH25", "percent_off": "25", "duration": "repeating", "periods": 3}`.
//!
//! What is on this shelf, what is not, and its laws: [`domain::discounts`](crate::domain::discounts).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::amounts::DecimalText;
use super::patch::present;
use crate::domain::discounts::draft::CouponDraft;
use crate::domain::discounts::{self as domain, Limits, Off};
use crate::domain::fields::{Faults, below};
use crate::domain::ids::{CouponId, CustomerId, DiscountId, PlanId, PriceId, SubscriptionId};
use crate::domain::money::{Currency, Money};
use crate::domain::refusal::Invalid;

/// A new coupon.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "LAUNCH25", "percent_off": "25", "duration": "repeating", "periods": 3, "max_redemptions": 100,
    "max_redemptions_per_customer": 1, "redeem_by": "2026-12-31T23:59:59Z"
}))]
pub struct NewCoupon {
    /// What is typed to redeem it, unique among your coupons: 1 to 64 of a-z, A-Z, 0-9, `_` and `-`.
    pub code: String,
    /// The code when left out.
    pub name: Option<String>,
    /// Of a hundred, above 0 and at most 100. Give this, or amounts.
    #[schema(value_type = Option<String>, example = "25")]
    pub percent_off: Option<DecimalText>,
    /// At most so much a period, in `currency`.
    pub amount_off: Option<String>,
    /// ISO 4217, of `amount_off`.
    pub currency: Option<String>,
    /// Amounts in several currencies: `{"USD": "10.00", "EUR": "9.00"}`.
    #[serde(default)]
    pub amounts_off: BTreeMap<String, String>,
    pub duration: Duration,
    /// How many periods; only when repeating.
    #[schema(minimum = 1, maximum = 1000)]
    pub periods: Option<i32>,
    /// Left out: every price of every plan.
    #[serde(default)]
    pub applies_to: AppliesTo,
    /// Left out: no limit.
    pub max_redemptions: Option<i32>,
    /// Left out: no limit.
    pub max_redemptions_per_customer: Option<i32>,
    /// The last instant at which it can be redeemed.
    pub redeem_by: Option<DateTime<Utc>>,
    /// Whether it can be redeemed; true when left out.
    pub active: Option<bool>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// For how long it takes something off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    /// One period; redeemed by a customer for all subscriptions, one invoice.
    Once,
    /// So many periods.
    Repeating,
    /// Every period.
    Forever,
}

/// What it is for: prices that are in every list given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = CouponAppliesTo)]
pub struct AppliesTo {
    /// Prices of these plans, of any version.
    #[schema(value_type = Vec<String>)]
    pub plan_ids: BTreeSet<PlanId>,
    /// Prices with these codes.
    pub price_codes: BTreeSet<String>,
    /// These prices.
    #[schema(value_type = Vec<String>)]
    pub price_ids: BTreeSet<PriceId>,
}

/// What changes of a coupon. What it takes off never does.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"active": false}))]
pub struct CouponPatch {
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub name: Option<String>,
    /// Whether it can be redeemed. Discounts already redeemed go on.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub active: Option<bool>,
}

/// A coupon.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Coupon {
    #[schema(value_type = String, example = "coup_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: CouponId,
    #[schema(example = "LAUNCH25")]
    pub code: String,
    pub name: String,
    #[schema(example = "25")]
    pub percent_off: Option<String>,
    /// By currency; null when it takes a percentage off.
    pub amounts_off: Option<BTreeMap<String, String>>,
    pub duration: Duration,
    /// Only when repeating.
    pub periods: Option<i32>,
    pub applies_to: AppliesTo,
    pub max_redemptions: Option<i32>,
    pub max_redemptions_per_customer: Option<i32>,
    pub redeem_by: Option<DateTime<Utc>>,
    pub active: bool,
    /// How often it has been redeemed.
    pub redemptions: i32,
    pub metadata: BTreeMap<String, String>,
    pub created_at: DateTime<Utc>,
}

/// Which coupons.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CouponsQuery {
    /// The one with this code.
    pub code: Option<String>,
}

/// A coupon to redeem: for one subscription, or for all of a customer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"coupon": "LAUNCH25", "subscription_id": "sub_01jgejp8g0e3q9k0v6z4t1x2y3"}))]
pub struct NewDiscount {
    /// The coupon's code or id.
    pub coupon: String,
    /// For all subscriptions of this customer. Give this, or `subscription_id`.
    #[schema(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
    #[schema(value_type = Option<String>)]
    pub subscription_id: Option<SubscriptionId>,
    /// Of this price only.
    #[schema(value_type = Option<String>)]
    pub price_id: Option<PriceId>,
}

/// A coupon redeemed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Discount {
    #[schema(value_type = String, example = "disc_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: DiscountId,
    #[schema(value_type = String, example = "coup_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub coupon_id: CouponId,
    #[schema(example = "LAUNCH25")]
    pub coupon_code: String,
    #[schema(value_type = String, example = "cus_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub customer_id: CustomerId,
    /// Null: all subscriptions of the customer.
    #[schema(value_type = Option<String>)]
    pub subscription_id: Option<SubscriptionId>,
    /// Null: all prices that the coupon is for.
    #[schema(value_type = Option<String>)]
    pub price_id: Option<PriceId>,
    pub duration: Duration,
    pub periods: Option<i32>,
    /// Periods whose charge falls due earlier are not covered.
    pub starts_at: DateTime<Utc>,
    /// Charges due at it or later are not covered; null while it goes on.
    pub ended_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// Which discounts.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DiscountsQuery {
    /// Those of this customer.
    #[param(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
    /// Those of this subscription.
    #[param(value_type = Option<String>)]
    pub subscription_id: Option<SubscriptionId>,
    /// Redemptions of this coupon.
    #[param(value_type = Option<String>)]
    pub coupon_id: Option<CouponId>,
}

impl NewCoupon {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<CouponDraft, Invalid> {
        let mut faults = Faults::none();
        let percent_off = self.percent_off.as_ref().and_then(|p| p.read("/percent_off", &mut faults));
        let amounts_off = self.amounts(&mut faults);
        let duration = self.duration(&mut faults);
        faults.into_result()?;
        let AppliesTo { plan_ids, price_codes, price_ids } = self.applies_to.clone();
        Ok(CouponDraft {
            code: self.code.clone(),
            name: self.name.clone(),
            percent_off,
            amounts_off,
            duration,
            applies_to: domain::AppliesTo { plan_ids, price_codes, price_ids },
            limits: Limits {
                max_redemptions: self.max_redemptions,
                max_redemptions_per_customer: self.max_redemptions_per_customer,
                redeem_by: self.redeem_by.map(|at| at.trunc_subsecs(6)),
            },
            active: self.active,
            metadata: self.metadata.clone(),
        })
    }

    fn amounts(&self, faults: &mut Faults) -> BTreeMap<Currency, Money> {
        let mut amounts = BTreeMap::new();
        let mut add = |(at, code): (&str, &str), (to, amount): (&str, &str), faults: &mut Faults| {
            let Some(currency) = faults.keep(at, "unknown_currency", Currency::parse(code)) else { return };
            let amount = faults.keep(to, "bad_amount", Money::parse_major(amount, currency));
            if amount.is_some_and(|amount| amounts.insert(currency, amount).is_some()) {
                faults.add(to, "off_twice", "an amount in this currency is given twice: leave one out");
            }
        };
        for (code, amount) in &self.amounts_off {
            let at = below("/amounts_off", code);
            add((&at, code), (&at, amount), faults);
        }
        match (&self.amount_off, &self.currency) {
            (Some(amount), Some(code)) => add(("/currency", code), ("/amount_off", amount), faults),
            (Some(_), None) => {
                faults.add("/currency", "currency_missing", "say in which currency amount_off is")
            }
            (None, Some(_)) => {
                faults.add(
                    "/currency",
                    "currency_not_used",
                    "a currency belongs to an amount_off: leave it out",
                );
            }
            (None, None) => {}
        }
        amounts
    }

    fn duration(&self, faults: &mut Faults) -> domain::Duration {
        if self.duration != Duration::Repeating && self.periods.is_some() {
            let detail =
                "only a repeating coupon counts periods: leave it out, or make the duration repeating";
            faults.add("/periods", "periods_not_used", detail);
        }
        match (self.duration, self.periods) {
            (Duration::Once, _) => domain::Duration::Once,
            (Duration::Forever, _) => domain::Duration::Forever,
            (Duration::Repeating, Some(periods)) => domain::Duration::Repeating(periods),
            (Duration::Repeating, None) => {
                faults.add("/periods", "periods_missing", "say for how many periods it takes something off");
                domain::Duration::Once
            }
        }
    }
}

impl From<domain::Duration> for Duration {
    fn from(duration: domain::Duration) -> Duration {
        match duration {
            domain::Duration::Once => Duration::Once,
            domain::Duration::Repeating(_) => Duration::Repeating,
            domain::Duration::Forever => Duration::Forever,
        }
    }
}

fn periods(duration: domain::Duration) -> Option<i32> {
    match duration {
        domain::Duration::Repeating(periods) => Some(periods),
        domain::Duration::Once | domain::Duration::Forever => None,
    }
}

impl From<domain::Coupon> for Coupon {
    fn from(coupon: domain::Coupon) -> Coupon {
        let (percent_off, amounts_off) = match coupon.off {
            Off::Percent(percent) => (Some(percent.normalize().to_string()), None),
            Off::Amounts(amounts) => {
                let text = |(c, a): (Currency, Money)| (c.code().to_owned(), a.to_major_string());
                (None, Some(amounts.into_iter().map(text).collect()))
            }
        };
        let domain::AppliesTo { plan_ids, price_codes, price_ids } = coupon.applies_to;
        Coupon {
            id: coupon.id,
            code: coupon.code,
            name: coupon.name,
            percent_off,
            amounts_off,
            duration: coupon.duration.into(),
            periods: periods(coupon.duration),
            applies_to: AppliesTo { plan_ids, price_codes, price_ids },
            max_redemptions: coupon.limits.max_redemptions,
            max_redemptions_per_customer: coupon.limits.max_redemptions_per_customer,
            redeem_by: coupon.limits.redeem_by,
            active: coupon.active,
            redemptions: coupon.redemptions,
            metadata: coupon.metadata,
            created_at: coupon.created_at,
        }
    }
}

impl From<domain::Discount> for Discount {
    fn from(discount: domain::Discount) -> Discount {
        Discount {
            id: discount.id,
            coupon_id: discount.coupon_id,
            coupon_code: discount.coupon_code.to_string(),
            customer_id: discount.customer_id,
            subscription_id: discount.subscription_id,
            price_id: discount.price_id,
            duration: discount.duration.into(),
            periods: periods(discount.duration),
            starts_at: discount.starts_at,
            ended_at: discount.ended_at,
            created_at: discount.created_at,
        }
    }
}
