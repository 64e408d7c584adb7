//! What does a new subscription consist of? Its items, each with its price, quantity and first version, and the cycle they are billed in.
//!
//! A plan with `base` (flat 31.00) and `seat` (12.50 a unit), started with quantity 7, gives two items:
//! 1 × 31.00 and 7 × 12.50, both valid from the start until further notice.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeZone, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::trial::{BadTrial, TrialRequest};
use super::{Bounds, Collection, ItemVersion, Subscription, Timeline};
use crate::domain::calendar::{Cycle, Unit, Zone};
use crate::domain::catalog::{Metadata, PlanVersion, Price, PriceModel};
use crate::domain::customers::{Customer, metadata};
use crate::domain::fields::{EXTERNAL_ID_LENGTH, Faults, below};
use crate::domain::ids::{ItemId, ItemVersionId, PriceId, SubscriptionId};
use crate::domain::money::Currency;
use crate::domain::refusal::{Invalid, Refusal};

/// Largest quantity of one item: 10^12.
pub const LARGEST_QUANTITY: Decimal = Decimal::from_parts(0xd4a5_1000, 0xe8, 0, false, 0);
/// Years a subscription may start and end in: far enough for any contract, near enough that no period overflows.
const YEARS: (i32, i32) = (1970, 2200);

/// What is told to who gives a quantity that nothing counts.
pub(super) const FLAT_ONLY: &str =
    "these prices are all flat, so a quantity would change nothing: leave it out";

/// What a caller says of a new subscription.
#[derive(Debug, Clone, PartialEq)]
pub struct StartRequest {
    pub external_id: Option<String>,
    /// Of the prices that count units whose item names none; 1 unless given.
    pub quantity: Option<Decimal>,
    /// `None`: every price of the plan.
    pub items: Option<Vec<ItemRequest>>,
    /// `None`: the customer's.
    pub currency: Option<Currency>,
    /// `None`: now. May lie in the past or the future.
    pub start_at: Option<DateTime<Utc>>,
    pub end_at: Option<DateTime<Utc>>,
    /// Day of the month on which periods begin; `None`: the day of the start.
    pub anchor_day: Option<u32>,
    pub trial: TrialRequest,
    pub collection: Collection,
    pub invoice_separately: bool,
    pub metadata: Metadata,
}

/// One item a caller wants.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemRequest {
    pub price_id: PriceId,
    pub quantity: Option<Decimal>,
    /// This subscription's own price, in its currency.
    pub price_override: Option<PriceModel>,
}

/// One item as it will be.
#[derive(Debug, Clone, PartialEq)]
pub struct ChosenItem<'a> {
    pub price: &'a Price,
    /// The price's place in the plan: the order of invoice lines.
    pub position: i16,
    pub quantity: Decimal,
    pub price_override: Option<PriceModel>,
    /// Where the caller wrote the quantity.
    pub pointer: String,
}

/// What a new subscription follows from, besides the request.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    pub customer: &'a Customer,
    pub plan: &'a PlanVersion,
    /// The tenant's, for customers without one.
    pub zone: Zone,
    pub now: DateTime<Utc>,
}

/// Why a subscription cannot start like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not every chosen price can be bought in it.
    #[error("this plan has no price in {currency}; {}", priced_in(.available))]
    CurrencyNotPriced {
        /// The subscription's currency.
        currency: Currency,
        /// Those in which every chosen price can be bought.
        available: Vec<Currency>,
    },
    /// It would be over before it begins.
    #[error("end_at must be later than the start, {start}")]
    EndsBeforeItStarts {
        /// When it starts.
        start: DateTime<Utc>,
    },
    /// Outside the years billing reckons with.
    #[error("a subscription lies between the years {} and {}", YEARS.0, YEARS.1)]
    OutOfRange {
        /// The value at fault.
        pointer: &'static str,
    },
    /// Days, weeks have no day of the month.
    #[error(
        "only a plan billed by month, quarter or year has a day of the month to begin its periods on; leave anchor out"
    )]
    AnchorNeedsMonths,
    /// No trial is like this.
    #[error(transparent)]
    Trial(#[from] BadTrial),
    /// No cycle has this anchor or zone.
    #[error("{reason}")]
    Cycle {
        /// What the calendar says.
        reason: String,
    },
}

fn priced_in(available: &[Currency]) -> String {
    let codes: Vec<&str> = available.iter().map(|currency| currency.code()).collect();
    if codes.is_empty() {
        return "its prices have no currency in common, so choose items that share one".to_owned();
    }
    format!("it can be bought in {}", codes.join(", "))
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::CurrencyNotPriced { .. } => "currency_not_priced",
            Refused::EndsBeforeItStarts { .. } => "end_before_start",
            Refused::OutOfRange { .. } => "date_out_of_range",
            Refused::AnchorNeedsMonths => "anchor_needs_months",
            Refused::Trial(_) => "bad_trial",
            Refused::Cycle { .. } => "anchor_out_of_range",
        }
    }

    fn pointer(&self) -> Option<String> {
        let pointer = match self {
            Refused::CurrencyNotPriced { .. } => "/currency",
            Refused::EndsBeforeItStarts { .. } => "/end_at",
            Refused::OutOfRange { pointer } => pointer,
            Refused::AnchorNeedsMonths => "/anchor",
            Refused::Trial(BadTrial::End) => "/trial_end",
            Refused::Trial(_) => "/trial_days",
            Refused::Cycle { .. } => "/anchor/day_of_month",
        };
        Some(pointer.to_owned())
    }
}

impl StartRequest {
    /// What is asked of the items alone: for a change of a subscription that has all else.
    pub(super) fn of_items(quantity: Option<Decimal>, items: Option<Vec<ItemRequest>>) -> StartRequest {
        StartRequest {
            external_id: None,
            quantity,
            items,
            currency: None,
            start_at: None,
            end_at: None,
            anchor_day: None,
            trial: TrialRequest::NONE,
            collection: Collection::SendInvoice,
            invoice_separately: false,
            metadata: Metadata::new(),
        }
    }

    /// The items it asks for, in the plan's order.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault: a price of another plan, a price named twice, a quantity out of range,
    /// a quantity where nothing is counted.
    pub fn choose<'a>(&self, plan: &'a PlanVersion) -> Result<Vec<ChosenItem<'a>>, Invalid> {
        let mut faults = Faults::none();
        faults.check_optional("/external_id", self.external_id.as_deref(), EXTERNAL_ID_LENGTH);
        metadata::check(&self.metadata, &mut faults);
        check_quantity("/quantity", self.quantity, &mut faults);
        let mut chosen = match &self.items {
            None => plan.prices.iter().enumerate().map(|(n, price)| self.whole(n, price, plan)).collect(),
            Some(items) => self.named(items, plan, &mut faults),
        };
        if self.quantity.is_some_and(|q| q != Decimal::ONE)
            && !chosen.iter().any(|item| item.is_counted(plan))
        {
            faults.add("/quantity", "quantity_not_used", FLAT_ONLY);
        }
        chosen.sort_by_key(|item| item.position);
        faults.into_result().map(|()| chosen)
    }

    /// A price of the plan taken as it is.
    pub(super) fn whole<'a>(&self, n: usize, price: &'a Price, plan: &PlanVersion) -> ChosenItem<'a> {
        let position = i16::try_from(n).unwrap_or(i16::MAX);
        let item = ChosenItem {
            price,
            position,
            quantity: Decimal::ONE,
            price_override: None,
            pointer: "/quantity".to_owned(),
        };
        match item.is_counted(plan) {
            true => ChosenItem { quantity: self.quantity.unwrap_or(Decimal::ONE), ..item },
            false => item,
        }
    }

    fn named<'a>(
        &self,
        items: &[ItemRequest],
        plan: &'a PlanVersion,
        faults: &mut Faults,
    ) -> Vec<ChosenItem<'a>> {
        if items.is_empty() {
            faults.add(
                "/items",
                "no_items",
                "name at least one item, or leave items out to take every price of the plan",
            );
        }
        let mut seen = BTreeSet::new();
        let mut chosen = Vec::with_capacity(items.len());
        for (n, item) in items.iter().enumerate() {
            let at = below("/items", &n.to_string());
            let Some(position) = plan.prices.iter().position(|price| price.id == item.price_id) else {
                let detail =
                    "this plan's version in force has no price with this id: read the plan for its prices";
                faults.add(below(&at, "price_id"), "price_not_in_plan", detail);
                continue;
            };
            if !seen.insert(item.price_id) {
                let detail = "this price is named twice: name it once, with the quantities added up";
                faults.add(below(&at, "price_id"), "price_repeated", detail);
            }
            let whole = self.whole(position, &plan.prices[position], plan);
            chosen.push(with_own_terms(item, whole, (&at, plan, self.quantity), faults));
        }
        chosen
    }

    /// The subscription and its timeline, from items that [`StartRequest::choose`] gave. `mint` gives new ids.
    ///
    /// # Errors
    /// [`Refused`], the first rule that says no: dates, then currency, then anchor.
    pub fn start(
        self,
        chosen: &[ChosenItem<'_>],
        basis: Basis<'_>,
        mut mint: impl FnMut() -> Uuid,
    ) -> Result<(Subscription, Timeline), Refused> {
        let start_at = self.start_at.unwrap_or(basis.now);
        check_dates(start_at, self.end_at)?;
        let currency = self.currency.unwrap_or(basis.customer.currency);
        let available = PlanVersion::currencies(chosen.iter().map(|item| item.price));
        if !available.contains(&currency) {
            return Err(Refused::CurrencyNotPriced { currency, available });
        }
        let zone = basis.customer.time_zone.unwrap_or(basis.zone);
        let trial = self.trial.from(start_at, zone)?;
        let begins_at = trial.map_or(start_at, |trial| trial.end);
        if self.end_at.is_some_and(|end| end < begins_at) {
            return Err(Refused::EndsBeforeItStarts { start: begins_at });
        }
        let cycle = cycle(begins_at, self.anchor_day, &basis)?;
        let subscription = Subscription {
            id: SubscriptionId::from_uuid(mint()),
            external_id: self.external_id,
            customer_id: basis.customer.id,
            plan_id: basis.plan.plan_id,
            plan_version: basis.plan.version,
            currency,
            collection: self.collection,
            invoice_separately: self.invoice_separately,
            start_at,
            end_at: self.end_at,
            agreed_end_at: None,
            canceled_at: None,
            trial,
            pause: None,
            cycle,
            metadata: self.metadata,
            created_at: basis.now,
        };
        let versions =
            chosen.iter().filter_map(|item| item.first_version(&subscription, &mut mint)).collect();
        let (subscription_id, cycle) = (subscription.id, subscription.cycle);
        let timeline = Timeline { subscription_id, currency, cycle, later_cycles: Vec::new(), versions };
        Ok((subscription, timeline))
    }
}

/// Gives an item the quantity and price its caller asked for.
fn with_own_terms<'a>(
    request: &ItemRequest,
    whole: ChosenItem<'a>,
    (at, plan, common): (&str, &PlanVersion, Option<Decimal>),
    faults: &mut Faults,
) -> ChosenItem<'a> {
    let pointer = below(at, "quantity");
    check_quantity(&pointer, request.quantity, faults);
    if let Some(model) = &request.price_override {
        let at = below(&below(at, "price_override"), "model");
        model.check(&at, plan.currency, faults);
        if model.needs_a_meter() && whole.price.metering.is_none() {
            let detail =
                format_args!("a {} price charges usage, and this price has no meter", model.type_name());
            faults.add(below(&at, "type"), "model_needs_usage", detail);
        }
    }
    let item = ChosenItem { price_override: request.price_override.clone(), ..whole };
    if item.is_counted(plan) {
        let quantity = request.quantity.or(common).unwrap_or(Decimal::ONE);
        let pointer = if request.quantity.is_some() { pointer } else { item.pointer };
        return ChosenItem { quantity, pointer, ..item };
    }
    if request.quantity.is_some_and(|quantity| quantity != Decimal::ONE) {
        let detail =
            "this price is flat or its quantity is measured, so this would change nothing: leave it out";
        faults.add(&pointer, "quantity_not_used", detail);
    }
    ChosenItem { quantity: Decimal::ONE, pointer, ..item }
}

impl ChosenItem<'_> {
    /// The model in force. A price has the same type of model in every currency it needs; the plan's own tells it.
    pub(super) fn model(&self, plan: &PlanVersion) -> PriceModel {
        let published =
            || self.price.amounts.get(&plan.currency).or_else(|| self.price.amounts.values().next()).cloned();
        self.price_override.clone().or_else(published).unwrap_or(PriceModel::Flat { amount: Decimal::ZERO })
    }

    /// Whether a quantity is sold of it: it counts units, and no meter does so for it.
    pub(super) fn is_counted(&self, plan: &PlanVersion) -> bool {
        self.price.metering.is_none() && self.model(plan).counts_units()
    }

    fn first_version(
        &self,
        subscription: &Subscription,
        mint: &mut impl FnMut() -> Uuid,
    ) -> Option<ItemVersion> {
        let terms = self.terms(subscription.currency)?;
        Some(ItemVersion {
            id: ItemVersionId::from_uuid(mint()),
            item_id: ItemId::from_uuid(mint()),
            quantity: self.quantity,
            terms: Arc::new(terms),
            price_override: self.price_override.clone(),
            valid_from: subscription.begins_at(),
            valid_to: subscription.end_at,
            bounds: Bounds::default(),
        })
    }
}

pub(super) fn check_quantity(pointer: &str, quantity: Option<Decimal>, faults: &mut Faults) {
    let Some(quantity) = quantity else { return };
    if quantity.is_sign_negative() && !quantity.is_zero() {
        faults.add(
            pointer,
            "negative_quantity",
            format_args!("a quantity cannot be negative, and this one is {quantity}"),
        );
    } else if quantity > LARGEST_QUANTITY {
        faults.add(pointer, "quantity_too_large", format_args!("a quantity is at most {LARGEST_QUANTITY}"));
    }
}

fn check_dates(start: DateTime<Utc>, end: Option<DateTime<Utc>>) -> Result<(), Refused> {
    let year = |year| Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).single().unwrap_or_default();
    let known = year(YEARS.0)..year(YEARS.1);
    if !known.contains(&start) {
        return Err(Refused::OutOfRange { pointer: "/start_at" });
    }
    match end {
        Some(end) if end <= start => Err(Refused::EndsBeforeItStarts { start }),
        Some(end) if !known.contains(&end) => Err(Refused::OutOfRange { pointer: "/end_at" }),
        _ => Ok(()),
    }
}

fn cycle(start_at: DateTime<Utc>, anchor_day: Option<u32>, basis: &Basis<'_>) -> Result<Cycle, Refused> {
    let interval = basis.plan.interval;
    if anchor_day.is_some() && matches!(interval.unit, Unit::Day | Unit::Week) {
        return Err(Refused::AnchorNeedsMonths);
    }
    let zone = basis.customer.time_zone.unwrap_or(basis.zone);
    Cycle::starting(start_at, anchor_day, interval, zone)
        .map_err(|e| Refused::Cycle { reason: e.to_string() })
}

#[cfg(test)]
#[path = "start_tests.rs"]
mod tests;
