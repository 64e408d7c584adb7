//! What may a customer use now? The features of its subscriptions, and what its meters say of their periods.
//!
//! Asked on every request of a caller's product, so it is computed once and then known until a row it is made of changes, or something
//! begins or ends: a question is one statement then, the stamp of those rows.
//!
//! What is on this shelf, what is not, and its laws: [`domain::entitlements`](crate::domain::entitlements).

mod known;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

pub use self::known::{Known, Standing};
use super::usage::count_usage::{self, CountedPeriod};
use super::{Error, Scope};
use crate::domain::calendar::Period;
use crate::domain::catalog::features::Grant;
use crate::domain::entitlements::{self, Entitlement, Given, Question};
use crate::domain::ids::{CustomerId, TenantId};
use crate::domain::subscriptions::Subscription;
use crate::domain::usage::{Aggregation, Meter};
use crate::platform::clock;
use crate::storage::catalog::features;
use crate::storage::entitlements::{Days, next_turn, stamp};
use crate::storage::usage::{self, Ask};
use crate::storage::{StorageError, Tx, budgets, customers, subscriptions};

/// What a customer may use, and when it was asked.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    pub as_of: DateTime<Utc>,
    pub entitlements: T,
}

/// Its entitlements, in order of code, as `shown` makes them: from what is known, if that still holds.
///
/// The stamp is read before anything that it stands for. So what changes meanwhile changes the stamp, too, and the next question finds
/// it to be another.
///
/// # Errors
/// Not found.
pub fn list<T: Clone>(
    tx: &mut Tx<'_>,
    (tenant_id, customer_id): (TenantId, CustomerId),
    known: &Known<T>,
    shown: impl FnOnce(Vec<Entitlement>) -> Result<T, Error>,
) -> Result<Answer<T>, Error> {
    let before = known.find(tenant_id, customer_id);
    let days = before.as_deref().map_or(&[][..], |before| &before.days);
    let stamped = stamp(tx, (tenant_id, customer_id), days)?;
    let now = stamped.test_clock.unwrap_or_else(clock::now);
    if let Some(entitlements) = before.as_deref().and_then(|before| before.holding(stamped.stamp, now)) {
        return Ok(Answer { as_of: now, entitlements: entitlements.clone() });
    }
    let scope = Scope { now, ..Scope::load(tx, tenant_id)? };
    let computed = compute(tx, &scope, customer_id)?;
    let bytes = known::bytes(&computed.entitlements);
    let entitlements = shown(computed.entitlements)?;
    // Stamped by other days than count now, it says nothing of these: the next question is stamped by these.
    let stamp = (days == computed.days).then_some(stamped.stamp);
    let standing = Standing {
        days: computed.days,
        stamp,
        from: now,
        until: computed.until,
        bytes,
        entitlements: entitlements.clone(),
    };
    known.keep((tenant_id, customer_id), standing);
    Ok(Answer { as_of: now, entitlements })
}

/// What was computed of a customer.
struct Computed {
    entitlements: Vec<Entitlement>,
    /// The days of meters that count.
    days: Vec<Days>,
    /// When something begins or ends by itself.
    until: Option<DateTime<Utc>>,
}

fn compute(tx: &mut Tx<'_>, scope: &Scope, customer_id: CustomerId) -> Result<Computed, Error> {
    let next = next_turn(tx, (scope.tenant_id, customer_id), scope.now)?;
    let given = features::given(tx, scope.tenant_id, (customer_id, scope.now))?;
    if given.is_empty() {
        customers::find(tx, scope.tenant_id, customer_id)?;
        return Ok(Computed { entitlements: Vec::new(), days: Vec::new(), until: next });
    }
    let given = with_periods(tx, scope, given)?;
    let capped = capped(tx, scope, (customer_id, &given))?;
    let questions = entitlements::questions(&given);
    let meters = meters(tx, scope, &questions)?;
    let days = days(&meters, &questions);
    let used = answers(tx, scope, (customer_id, questions), &meters)?;
    let until = given.iter().flat_map(turns).filter(|turn| *turn > scope.now).chain(next).min();
    Ok(Computed { entitlements: entitlements::entitlements(&given, &used, &capped), days, until })
}

/// Where what is given begins and ends.
fn turns(given: &Given) -> impl Iterator<Item = DateTime<Utc>> {
    given.stretches.iter().chain([&given.period]).flat_map(|period| [period.start, period.end])
}

fn days(meters: &[Meter], questions: &BTreeMap<String, Question>) -> Vec<Days> {
    let weighs = |question: &Question| {
        let mut alike = meters.iter().filter(|meter| meter.id == question.meter_id);
        alike.any(|meter| meter.aggregation == Aggregation::WeightedSum)
    };
    // Wherever the stretches lie that are measured, their days are among them.
    let whole = |question: &Question| {
        let Period { start, end } = question.period;
        let all = question.stretches.iter();
        all.fold(Period { start, end }, |whole, one| Period {
            start: whole.start.min(one.start),
            end: whole.end.max(one.end),
        })
    };
    questions.values().map(|q| Days::of(q.meter_id, whole(q), weighs(q))).collect()
}

fn meters(
    tx: &mut Tx<'_>,
    scope: &Scope,
    questions: &BTreeMap<String, Question>,
) -> Result<Vec<Meter>, StorageError> {
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = questions.values().map(|question| question.meter_id).collect();
    usage::meters(tx, scope.tenant_id, &ids)
}

/// The metered features whose subscription has used up a budget with a hard cap in its current period.
fn capped(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (customer_id, given): (CustomerId, &[Given]),
) -> Result<BTreeSet<String>, Error> {
    if !given.iter().any(|one| matches!(one.feature.grant, Grant::Metered { .. })) {
        return Ok(BTreeSet::new());
    }
    let reached = budgets::capped(tx, scope.tenant_id, customer_id)?;
    let is_capped = |one: &&Given| {
        let Grant::Metered { meter_id, .. } = one.feature.grant else { return false };
        reached.iter().any(|cap| {
            cap.subscription_id == one.subscription_id
                && cap.period_start == one.period.start
                && cap.meter_id.is_none_or(|meter| meter == meter_id)
        })
    };
    Ok(given.iter().filter(is_capped).map(|one| one.feature.code.clone()).collect())
}

fn with_periods(
    tx: &mut Tx<'_>,
    scope: &Scope,
    given: Vec<features::GivenFeature>,
) -> Result<Vec<Given>, Error> {
    let mut ids: Vec<_> = given.iter().map(|one| one.subscription_id).collect();
    ids.dedup();
    let found = subscriptions::find_all(tx, scope.tenant_id, &ids)?;
    let found: Vec<&Subscription> = found.iter().collect();
    let periods = count_usage::current_periods(tx, scope, &found)?;
    let with = |one: features::GivenFeature| {
        let features::GivenFeature { subscription_id, feature, quantity } = one;
        let CountedPeriod { period, stretches } = periods.get(&subscription_id)?.clone();
        Some(Given { subscription_id, feature, quantity, period, stretches })
    };
    Ok(given.into_iter().filter_map(with).collect())
}

fn answers(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (customer_id, questions): (CustomerId, BTreeMap<String, Question>),
    meters: &[Meter],
) -> Result<BTreeMap<String, (Question, Decimal)>, Error> {
    if questions.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut asks = Vec::with_capacity(questions.len());
    let mut codes = Vec::with_capacity(questions.len());
    for (code, question) in &questions {
        if let Some(meter) = meters.iter().find(|meter| meter.id == question.meter_id) {
            asks.push(Ask { customer_id, meter, stretches: &question.stretches });
            codes.push(code);
        }
    }
    let measured = usage::measure(tx, scope.tenant_id, &asks)?;
    let mut used = BTreeMap::new();
    for (code, usage) in codes.into_iter().zip(measured) {
        let quantity = usage.quantity().map_err(|e| StorageError::unreadable("usage", e))?;
        used.insert(code.clone(), (questions[code].clone(), quantity));
    }
    Ok(used)
}
