//! What may a customer use now? The features of its subscriptions, and what its meters say of their periods.
//!
//! Asked on every request of a caller's product, so it is four statements, and one more when a feature is metered.
//!
//! What is on this shelf, what is not, and its laws: [`domain::entitlements`](crate::domain::entitlements).

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::usage::count_usage::{self, CountedPeriod};
use super::{Error, Scope};
use crate::domain::catalog::features::Grant;
use crate::domain::entitlements::{self, Entitlement, Given, Question};
use crate::domain::ids::CustomerId;
use crate::domain::subscriptions::Subscription;
use crate::storage::catalog::features;
use crate::storage::usage::{self, Ask};
use crate::storage::{StorageError, Tx, budgets, customers, subscriptions};

/// Its entitlements, in order of code.
///
/// # Errors
/// Not found.
pub fn list(tx: &mut Tx<'_>, scope: &Scope, customer_id: CustomerId) -> Result<Vec<Entitlement>, Error> {
    let given = features::given(tx, scope.tenant_id, (customer_id, scope.now))?;
    if given.is_empty() {
        customers::find(tx, scope.tenant_id, customer_id)?;
        return Ok(Vec::new());
    }
    let given = with_periods(tx, scope, (customer_id, given))?;
    let capped = capped(tx, scope, (customer_id, &given))?;
    let questions = entitlements::questions(&given);
    let used = answers(tx, scope, (customer_id, questions))?;
    Ok(entitlements::entitlements(&given, &used, &capped))
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
    (customer_id, given): (CustomerId, Vec<features::GivenFeature>),
) -> Result<Vec<Given>, Error> {
    let mut ids: Vec<_> = given.iter().map(|one| one.subscription_id).collect();
    ids.dedup();
    let found = subscriptions::find_all(tx, scope.tenant_id, &ids)?;
    let found: Vec<&Subscription> = found.iter().collect();
    let periods = count_usage::current_periods(tx, scope, (customer_id, &found))?;
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
) -> Result<BTreeMap<String, (Question, Decimal)>, Error> {
    if questions.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<_> = questions.values().map(|question| question.meter_id).collect();
    let meters = usage::meters(tx, scope.tenant_id, &ids)?;
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
