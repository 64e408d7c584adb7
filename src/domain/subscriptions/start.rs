//! What does a new subscription consist of? Its items, each with its price, quantity and first version, and the cycle they are billed in.
//!
//! A plan with `base` (flat 31.00) and `seat` (12.50 a unit), started with quantity 7, gives two items:
//! 1 × 31.00 and 7 × 12.50, both valid from the start until further notice.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use uuid::Uuid;

use super::items::{ChosenItem, Selection};
use super::terms::TermsRequest;
use super::trial::{BadTrial, TrialRequest};
use super::{Bounds, Collection, ItemVersion, Subscription, Timeline};
use crate::domain::calendar::{CalendarError, Cycle, Unit, Zone};
use crate::domain::catalog::{Metadata, PlanVersion};
use crate::domain::customers::{Customer, metadata};
use crate::domain::fields::{EXTERNAL_ID_LENGTH, Faults};
use crate::domain::ids::{ItemId, ItemVersionId, SubscriptionId};
use crate::domain::money::Currency;
use crate::domain::refusal::{Invalid, Refusal};

/// Years a subscription may start and end in: far enough for any contract, near enough that no period overflows.
const YEARS: (i32, i32) = (1970, 2200);

/// What a caller says of a new subscription.
#[derive(Debug, Clone, PartialEq)]
pub struct StartRequest {
    pub external_id: Option<String>,
    pub selection: Selection,
    /// `None`: the customer's.
    pub currency: Option<Currency>,
    /// `None`: now. May lie in the past or the future.
    pub start_at: Option<DateTime<Utc>>,
    pub end_at: Option<DateTime<Utc>>,
    /// Day of the month on which periods begin; `None`: the day of the start.
    pub anchor_day: Option<u32>,
    pub trial: TrialRequest,
    pub terms: Option<TermsRequest>,
    pub collection: Collection,
    pub invoice_separately: bool,
    pub metadata: Metadata,
}

/// Days in place of instants: 15 January in Paris is 23:00 of the 14th in UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Days {
    pub start: Option<NaiveDate>,
    pub end: Option<NaiveDate>,
    pub trial_end: Option<NaiveDate>,
}

impl Days {
    /// Puts the instants at which they begin in a zone into a request.
    ///
    /// # Errors
    /// [`Refused::OutOfRange`].
    pub fn put_in(self, request: &mut StartRequest, zone: Zone) -> Result<(), Refused> {
        let begin = |day: Option<NaiveDate>, pointer| {
            let begun = day.map(|day| zone.day_start(day)).transpose();
            begun.map_err(|_| Refused::OutOfRange { pointer })
        };
        request.start_at = begin(self.start, "/start_at")?.or(request.start_at);
        request.end_at = begin(self.end, "/end_at")?.or(request.end_at);
        request.trial.end = begin(self.trial_end, "/trial_end")?.or(request.trial.end);
        Ok(())
    }
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
    /// A term ends after the years billing reckons with.
    #[error("these terms do not end before the year {}: {error}", YEARS.1)]
    Terms {
        /// What the calendar says.
        error: CalendarError,
    },
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
            Refused::OutOfRange { .. } | Refused::Terms { .. } => "date_out_of_range",
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
            Refused::Terms { .. } => "/terms",
            Refused::Trial(BadTrial::End) => "/trial_end",
            Refused::Trial(_) => "/trial_days",
            Refused::Cycle { .. } => "/anchor/day_of_month",
        };
        Some(pointer.to_owned())
    }
}

impl StartRequest {
    /// The items it asks for, in the plan's order.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault: those of [`Selection::choose`], the external id, the metadata.
    pub fn choose<'a>(&self, plan: &'a PlanVersion) -> Result<Vec<ChosenItem<'a>>, Invalid> {
        let mut faults = Faults::none();
        faults.check_optional("/external_id", self.external_id.as_deref(), EXTERNAL_ID_LENGTH);
        metadata::check(&self.metadata, &mut faults);
        if let Some(terms) = self.terms {
            terms.check(self.currency, &mut faults);
            if terms.term.is_some() && self.end_at.is_some() {
                let detail = "a subscription with a term ends with one: leave end_at out, or the term";
                faults.add("/end_at", "end_and_term", detail);
            }
        }
        let chosen = self.selection.choose(plan, &mut faults);
        faults.into_result().map(|()| chosen)
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
        let terms = self.terms.map(|terms| terms.check(Some(currency), &mut Faults::none()));
        let mut subscription = Subscription {
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
            terms,
            step_at: None,
            pause: None,
            cycle,
            metadata: self.metadata,
            created_at: basis.now,
        };
        let term = subscription.term_at(begins_at).map_err(|error| Refused::Terms { error })?;
        // A term that does not renew is an end like any other.
        let ends = terms.and_then(|terms| terms.fixed).is_some_and(|fixed| !fixed.renews);
        subscription.end_at = self.end_at.or(term.filter(|_| ends).map(|term| term.end));
        subscription.step_at = subscription.first_step().map_err(|error| Refused::Terms { error })?;
        let versions =
            chosen.iter().filter_map(|item| item.first_version(&subscription, &mut mint)).collect();
        let (subscription_id, cycle) = (subscription.id, subscription.cycle);
        let timeline = Timeline { subscription_id, currency, cycle, later_cycles: Vec::new(), versions };
        Ok((subscription, timeline))
    }
}

impl ChosenItem<'_> {
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
