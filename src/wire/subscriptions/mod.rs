//! How is a subscription written? `{"customer_id": "cus_…", "plan_id": "plan_…", "quantity": "7", "collection": "send_invoice"}`.
//!
//! What is on this shelf, what is not, and its laws: [`domain::subscriptions`](crate::domain::subscriptions).

pub mod changes;
pub mod endings;
pub mod pause_modes;
pub mod plan_migrations;
pub mod prorations;
pub mod ramps;
pub mod subscription_items;
pub mod subscription_list;
pub mod subscription_states;
pub mod terms;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amounts::DecimalText;
use super::catalog::plans::IntervalUnit;
use super::catalog::price_models::PriceModel;
use super::catalog::prices::{Billing, PriceKind};
use super::times::InstantOrDay;
pub use super::times::Period;
use crate::domain::calendar::Period as Span;
use crate::domain::fields::Faults;
use crate::domain::ids::{
    CustomerId, ItemId, PaymentMethodId, PlanId, PriceId, RetryPolicyId, SubscriptionId,
};
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::start::{Days, StartRequest};
use crate::domain::subscriptions::trial::TrialRequest;
use crate::domain::subscriptions::{self as domain};
use crate::wire::customers::Customer;
use crate::wire::subscriptions::subscription_items::{NewItem, selection};
use ramps::NewPhase;
pub use subscription_states::{Collection, Pause, Status, WithoutMethod};
use terms::{NewTerms, Terms};

/// A new subscription.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "plan_id": "plan_01jgejp8g0e3q9k0v6z4t1x2y3", "quantity": "7",
    "start_at": "2026-01-15T00:00:00Z", "anchor": {"day_of_month": 1}, "collection": "send_invoice"
}))]
pub struct NewSubscription {
    /// Your own id of the subscription, unique among your subscriptions.
    pub external_id: Option<String>,
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    /// Bought in its latest version, and kept in that version.
    #[schema(value_type = String)]
    pub plan_id: PlanId,
    /// Of the prices that count units (all but flat ones and add-ons) whose item names none: a decimal string from "0" to "1000000000000"; "1" when left out.
    #[schema(value_type = Option<String>)]
    pub quantity: Option<DecimalText>,
    /// Prices of the plan to take, with quantities and prices of their own; every price that is no add-on when left out.
    pub items: Option<Vec<NewItem>>,
    /// ISO 4217; the customer's when left out.
    pub currency: Option<String>,
    /// Now when left out. A past start is billed up to now at once; a future one when it comes. A day is when it begins for the customer.
    pub start_at: Option<InstantOrDay>,
    /// Nothing after it is billed.
    pub end_at: Option<InstantOrDay>,
    /// Of periods; the day of the month of the start, or of the trial's end, when left out.
    pub anchor: Option<Anchor>,
    /// So many days are free: items and periods begin after them. 1 to 730.
    #[schema(minimum = 1, maximum = 730)]
    pub trial_days: Option<u32>,
    /// The same as an instant or a day, in place of `trial_days`.
    pub trial_end: Option<InstantOrDay>,
    /// What happens at the trial's end when the customer has no payment method.
    #[serde(default)]
    pub trial_without_payment_method: WithoutMethod,
    /// What it becomes later on, each phase after the one before: a ramp.
    #[serde(default)]
    pub phases: Vec<NewPhase>,
    /// For how long it is agreed; it can end at any time when left out.
    pub terms: Option<NewTerms>,
    pub collection: Collection,
    /// Gets invoices of its own instead of sharing its customer's.
    #[serde(default)]
    pub invoice_separately: bool,
    /// A coupon's code or id, redeemed for this subscription: it covers it from its first charge on.
    pub coupon: Option<String>,
    /// What is charged for it before the customer's default: of its customer, or of who pays for it. See its `payment_preferences`.
    #[schema(value_type = Option<String>)]
    pub payment_method_id: Option<PaymentMethodId>,
    /// How its invoices are tried again, before what its customer says.
    #[schema(value_type = Option<String>)]
    pub retry_policy_id: Option<RetryPolicyId>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// Where periods begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// 1 to 31; in shorter months the last day, and back to this day in the next longer one.
    #[schema(example = 31, minimum = 1, maximum = 31)]
    pub day_of_month: u32,
}

/// A subscription as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Subscription {
    #[schema(value_type = String, example = "sub_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: SubscriptionId,
    pub external_id: Option<String>,
    #[schema(value_type = String, example = "cus_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub customer_id: CustomerId,
    #[schema(value_type = String, example = "plan_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub plan_id: PlanId,
    #[schema(example = 1)]
    pub plan_version: i32,
    #[schema(example = "team_monthly")]
    pub plan_code: String,
    #[schema(example = "USD")]
    pub currency: String,
    pub collection: Collection,
    pub invoice_separately: bool,
    pub status: Status,
    pub start_at: DateTime<Utc>,
    /// Nothing after it is billed.
    pub end_at: Option<DateTime<Utc>>,
    /// When its cancellation was requested; null when it is not canceled.
    pub canceled_at: Option<DateTime<Utc>>,
    /// When its trial ends or ended; null when there is none.
    pub trial_end: Option<DateTime<Utc>>,
    /// For how long it is agreed; null when it can end at any time.
    pub terms: Option<Terms>,
    /// Its last break, past or to come; null when there was none.
    pub pause: Option<Pause>,
    /// In which its days begin: the customer's when it was started.
    #[schema(example = "Europe/London")]
    pub time_zone: String,
    pub interval: IntervalUnit,
    #[schema(example = 1)]
    pub interval_count: u32,
    pub anchor: Anchor,
    /// The first one before it starts, the last one after it has ended.
    pub current_period: Period,
    /// When its next charge falls due; null when none is to come.
    pub next_bill_at: Option<DateTime<Utc>>,
    /// In the order of invoice lines.
    pub items: Vec<Item>,
    pub metadata: BTreeMap<String, String>,
    pub created_at: DateTime<Utc>,
    /// In lists, with `expand=customer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Box<Customer>>,
}

/// One thing a subscription contains, as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Item {
    #[schema(value_type = String, example = "si_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: ItemId,
    #[schema(value_type = String, example = "price_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub price_id: PriceId,
    #[schema(example = "seat")]
    pub price_code: String,
    #[schema(example = "Seat")]
    pub description: String,
    pub kind: PriceKind,
    pub billing: Billing,
    #[schema(example = "7")]
    pub quantity: String,
    /// The model in force.
    pub model: PriceModel,
    /// Whether the model is the subscription's own.
    pub price_overridden: bool,
}

/// What the list and the single answer show besides the subscription itself.
#[derive(Debug, Clone)]
pub struct Shown {
    pub plan_code: String,
    pub status: domain::Status,
    pub current_period: Span,
    pub next_bill_at: Option<DateTime<Utc>>,
    pub items: Vec<Item>,
    pub terms: Option<Terms>,
}

impl NewSubscription {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<StartRequest, Invalid> {
        let mut faults = Faults::none();
        let selection = selection((self.quantity.as_ref(), self.items.as_deref()), "", &mut faults);
        let code = self.currency.as_deref();
        let currency = code.and_then(|c| faults.keep("/currency", "unknown_currency", Currency::parse(c)));
        let terms = self.terms.as_ref().map(|terms| terms.read(&mut faults));
        faults.into_result()?;
        Ok(StartRequest {
            external_id: self.external_id.clone(),
            selection,
            currency,
            start_at: self.start_at.and_then(InstantOrDay::instant),
            end_at: self.end_at.and_then(InstantOrDay::instant),
            anchor_day: self.anchor.map(|anchor| anchor.day_of_month),
            trial: TrialRequest {
                days: self.trial_days,
                end: self.trial_end.and_then(InstantOrDay::instant),
                without_method: self.trial_without_payment_method.into(),
            },
            terms,
            collection: self.collection.into(),
            invoice_separately: self.invoice_separately,
            metadata: self.metadata.clone(),
        })
    }
}

impl NewSubscription {
    /// What it says in days.
    #[must_use]
    pub fn days(&self) -> Days {
        let day = |given: Option<InstantOrDay>| given.and_then(InstantOrDay::day);
        Days { start: day(self.start_at), end: day(self.end_at), trial_end: day(self.trial_end) }
    }
}

/// A quantity without the zeros that storage may have kept: `7`, `0.5`.
#[must_use]
pub fn quantity_text(quantity: Decimal) -> String {
    quantity.normalize().to_string()
}

impl Subscription {
    /// The answer about a subscription.
    #[must_use]
    pub fn shown(subscription: domain::Subscription, with: Shown) -> Subscription {
        let interval = subscription.cycle.interval();
        Subscription {
            id: subscription.id,
            external_id: subscription.external_id,
            customer_id: subscription.customer_id,
            plan_id: subscription.plan_id,
            plan_version: subscription.plan_version,
            plan_code: with.plan_code,
            currency: subscription.currency.code().to_owned(),
            collection: subscription.collection.into(),
            invoice_separately: subscription.invoice_separately,
            status: with.status.into(),
            start_at: subscription.start_at,
            end_at: subscription.end_at,
            canceled_at: subscription.canceled_at,
            trial_end: subscription.trial.map(|trial| trial.end),
            terms: with.terms,
            pause: subscription.pause.map(Pause::from),
            time_zone: subscription.cycle.zone().name().to_owned(),
            interval: interval.unit.into(),
            interval_count: u32::from(interval.count),
            anchor: Anchor { day_of_month: subscription.cycle.anchor_day() },
            current_period: Period { start: with.current_period.start, end: with.current_period.end },
            next_bill_at: with.next_bill_at,
            items: with.items,
            metadata: subscription.metadata,
            created_at: subscription.created_at,
            customer: None,
        }
    }
}
