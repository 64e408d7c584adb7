//! What is taken off, of which charges, and for how long? A coupon says what; a discount is a coupon redeemed.
//!
//! # The rule, on one page
//!
//! **Before tax, in order of redemption.** Each discount takes its part of what the earlier ones left. 25 % and then 10.00 off
//! a line of 100.00 leave 65.00; the other way round 67.50.
//!
//! **A percentage** is rounded once, on the sum of all lines it covers on the invoice, and spread over them by largest
//! remainder: 10 % of three lines of 0.33 is 0.10, as 0.04 + 0.03 + 0.03.
//!
//! **An amount** takes at most that much off each period of a subscription, and never more than there is: 10.00 off 6.00
//! takes 6.00, and the other 4.00 is there for what is still to be billed of that period. Redeemed by a customer for all
//! subscriptions, it takes at most that much off one invoice, too.
//!
//! **What is covered** is decided by the period a charge is for, never by when an invoice happens to be made; so a billing run
//! made late, or twice, gives the same. Counting begins with the first period whose charge falls due at or after the redemption:
//!
//! | redeemed | charged in advance, from the 1st | charged in arrears, up to the 1st |
//! |---|---|---|
//! | with the subscription, 15 January (stub to 1 February) | the stub | the stub, billed on 1 February |
//! | on 20 January | February, billed on 1 February | January, billed on 1 February |
//!
//! `once` covers that one period, `repeating` so many from it on, `forever` all. A one-time charge belongs to the period
//! in which it falls due. A period that was due before the redemption is not covered, however often it is changed afterwards.
//!
//! **A period that has begun counts one**, whatever its length and however it ends. A break that extends goes on with the period it
//! fell in, so it uses up none: three periods from 1 January, a break of ten days in January, and 1 January, 11 February and 11 March are
//! discounted. A break with credit moves nothing: periods that pass in it are used up. A change of interval or anchor ends the period it
//! falls in, and the first period of the new cycle is the next: three periods of a year that becomes monthly in July are the year (as far
//! as it was had), July and August; three of a month that becomes a year are the month, the year and the next year.
//!
//! **A price keeps its discount in the plan's next version**: a discount or a coupon for a price is for the prices of its plan that have the
//! same code, whatever their version.
//!
//! A discount without a subscription counts the periods of each of its customer's subscriptions from the redemption on, as
//! if each had been running then: three months off are over after three months, also for a subscription begun in the
//! second (whose stub, if it begins with one, is not counted). With `once` it covers one invoice: the first with
//! something to take it off, and whatever else is charged for the periods on it.
//!
//! **Ending it** leaves charges alone that fell due before.
//!
//! **Given back in proportion.** When a part of a billed line is taken back, its discount is reduced to
//! `recorded discount × new amount ÷ recorded amount`, rounded, and the difference goes onto the adjusting line: a year of
//! 1,200.00 with 720.00 off, shortened to 3 months, gives back 900.00 − 540.00 = 360.00. Taking back the whole line
//! takes back exactly its whole discount. What comes again of it has off what went back with it, in proportion, as far as an amount off is not
//! used up by something else; what is charged more than ever is discounted like a first charge. All that, whoever pays by now: what was charged
//! with the discount of a payer is given back with it when the next one pays.
//!
//! **Owns**: Coupons, discounts, which charges they cover, and what they take off.
//!
//! **Not its own**: The amounts they are taken off ([`billing`](super::billing)); the totals of a document
//! ([`invoicing`](super::invoicing)).
//!
//! **Laws**: Never more is taken off than there is. Shares of a line add up to its discount. A rerun covers the same periods.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::as_conversions))]

pub mod coverage;
pub mod draft;
pub mod falls;
pub mod give_back;
pub mod off_charge;
pub mod redeem;
pub mod rhythm;
pub mod take;
#[cfg(test)]
mod tests;
pub mod used_up;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumString, IntoStaticStr};

pub use super::customers::Metadata;

use super::calendar::CalendarError;
use super::ids::{CouponId, CustomerId, DiscountId, PlanId, PriceId, SubscriptionId};
use super::money::{Currency, Money, MoneyError};

/// What a code takes off, and who may redeem it how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Coupon {
    pub id: CouponId,
    /// What customers type: `LAUNCH25`.
    pub code: String,
    pub name: String,
    pub off: Off,
    pub duration: Duration,
    pub applies_to: AppliesTo,
    pub limits: Limits,
    /// Otherwise it cannot be redeemed; discounts already redeemed go on.
    pub active: bool,
    /// How often it has been redeemed.
    pub redemptions: i32,
    pub metadata: Metadata,
    pub created_at: DateTime<Utc>,
}

/// How much.
#[derive(Debug, Clone, PartialEq)]
pub enum Off {
    /// Of a hundred: above 0, at most 100.
    Percent(Decimal),
    /// So much a period, by currency; nothing in any other.
    Amounts(BTreeMap<Currency, Money>),
}

/// For how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumDiscriminants)]
#[strum(serialize_all = "snake_case", const_into_str)]
#[strum_discriminants(name(DurationKind), doc = "A duration by its name alone.")]
#[strum_discriminants(derive(EnumString, IntoStaticStr), strum(serialize_all = "snake_case", const_into_str))]
pub enum Duration {
    /// One period; of a customer, one invoice.
    Once,
    /// So many periods, at least one.
    Repeating(i32),
    /// Every period.
    Forever,
}

impl Duration {
    /// How many periods; `None`: all.
    #[must_use]
    pub fn periods(self) -> Option<i32> {
        match self {
            Duration::Once => Some(1),
            Duration::Repeating(periods) => Some(periods),
            Duration::Forever => None,
        }
    }
}

/// Which prices it is for: those that are in every list that is not empty. All lists empty: everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliesTo {
    /// Prices of these plans, of any version.
    #[serde(default)]
    pub plan_ids: BTreeSet<PlanId>,
    /// Prices with these codes.
    #[serde(default)]
    pub price_codes: BTreeSet<String>,
    /// These prices.
    #[serde(default)]
    pub price_ids: BTreeSet<PriceId>,
}

impl AppliesTo {
    /// Whether it is for everything.
    #[must_use]
    pub fn everything(&self) -> bool {
        self.plan_ids.is_empty() && self.price_codes.is_empty() && self.price_ids.is_empty()
    }
}

/// How often, and until when, it can be redeemed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    pub max_redemptions: Option<i32>,
    pub max_redemptions_per_customer: Option<i32>,
    /// The last instant.
    pub redeem_by: Option<DateTime<Utc>>,
}

/// A coupon redeemed.
#[derive(Debug, Clone, PartialEq)]
pub struct Discount {
    pub id: DiscountId,
    pub coupon_id: CouponId,
    pub coupon_code: Arc<str>,
    pub customer_id: CustomerId,
    /// Of this subscription only.
    pub subscription_id: Option<SubscriptionId>,
    /// Of this price only, and of what it is in other versions of its plan.
    pub price_id: Option<PriceId>,
    pub off: Arc<Off>,
    pub duration: Duration,
    /// The prices that it and its coupon are for, of every version of their plans; `None`: all.
    pub prices: Option<Arc<BTreeSet<PriceId>>>,
    /// Charges due earlier are not covered.
    pub starts_at: DateTime<Utc>,
    /// Charges due at it or later are not covered.
    pub ended_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// What a discount takes off one line, or gives back on it (then negative).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub discount_id: DiscountId,
    pub subscription_id: SubscriptionId,
    /// The discount's 0th, 1st, 2nd … period of this subscription.
    pub period_no: i32,
    pub amount: Money,
}

/// Why a discount cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Uncountable {
    /// A sum does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A period lies outside the calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl Coupon {
    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "coupon",
            "id": self.id,
            "code": self.code,
            "name": self.name,
            "duration": self.duration.into_str(),
            "active": self.active,
            "redemptions": self.redemptions,
        })
    }
}

impl Discount {
    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "discount",
            "id": self.id,
            "coupon_id": self.coupon_id,
            "coupon_code": &*self.coupon_code,
            "customer_id": self.customer_id,
            "subscription_id": self.subscription_id,
            "price_id": self.price_id,
            "starts_at": self.starts_at,
            "ended_at": self.ended_at,
        })
    }
}
