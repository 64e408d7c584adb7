//! `/v1/reports/mrr`: what is subscribed comes to in a month, and what moved it.

use crate::domain::revenue::recurring::report::Report;
use crate::domain::revenue::schedule::first_of_month;
use crate::http::{Answer, Get, Problem, Query};
use crate::storage::Tx;
use crate::wire::revenue::recurring::{
    MovementsQuery, RecurringCohorts, RecurringMovements, RecurringQuery, RecurringRevenue,
};
use crate::workflows::revenue::reckon_recurring;
use crate::workflows::{Error, Scope};

fn report(tx: &mut Tx<'_>, scope: &Scope, query: &RecurringQuery) -> Result<Report, Error> {
    let mut report = Report::new(query.days(scope.zone.local_date(scope.now))?, scope.zone);
    reckon_recurring::each(tx, scope, |currency, moved| {
        report.add(currency, &moved);
        Ok(())
    })?;
    Ok(report)
}

/// Monthly recurring revenue
///
/// By the timelines of subscriptions as they are known now, up to now, in your time zone: opening + new + expansion + price + contraction + churn +
/// reactivation = closing, for each currency. A year's price counts by twelfths; usage, one-off charges, trials, breaks and coupons do not count.
#[utoipa::path(get, path = "/v1/reports/mrr", tag = "revenue", params(RecurringQuery),
    responses((status = 200, description = "The months", content((RecurringRevenue = "application/json"), (String = "text/csv")))), operation_id = "mrr")]
pub async fn mrr(get: Get, Query(query): Query<RecurringQuery>) -> Result<Answer, Problem> {
    get.run_table(query.format, move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        Ok(RecurringRevenue::of(&report(tx, &scope, &query)?))
    })
    .await
}

/// What is left of the customers who came in the same month
#[utoipa::path(get, path = "/v1/reports/mrr/cohorts", tag = "revenue", params(RecurringQuery),
    responses((status = 200, description = "The cohorts", content((RecurringCohorts = "application/json"), (String = "text/csv")))),
    operation_id = "mrr_cohorts")]
pub async fn cohorts(get: Get, Query(query): Query<RecurringQuery>) -> Result<Answer, Problem> {
    get.run_table(query.format, move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        Ok(RecurringCohorts::of(&report(tx, &scope, &query)?))
    })
    .await
}

/// What moved monthly recurring revenue in a month
///
/// The movements that a month of the report adds up, each with its subscription.
#[utoipa::path(get, path = "/v1/reports/mrr/movements", tag = "revenue", params(MovementsQuery),
    responses((status = 200, description = "The movements", content((RecurringMovements = "application/json"), (String = "text/csv")))),
    operation_id = "mrr_movements")]
pub async fn movements(get: Get, Query(query): Query<MovementsQuery>) -> Result<Answer, Problem> {
    let (days, kind) = query.wanted()?;
    get.run_table(query.format, move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        let mut found = RecurringMovements::default();
        reckon_recurring::each(tx, &scope, |currency, moved| {
            let is_wanted = query.currency.as_deref().is_none_or(|code| code == currency.code());
            let wanted = moved.iter().filter(|one| {
                let month = first_of_month(scope.zone.local_date(one.at));
                is_wanted && month == days.from && kind.is_none_or(|kind| kind == one.kind)
            });
            wanted.for_each(|one| found.add(one));
            Ok(())
        })?;
        Ok(found)
    })
    .await
}
