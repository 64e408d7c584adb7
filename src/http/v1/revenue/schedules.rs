//! `/v1/revenue/schedules`: when each line is earned, and why.

use std::fmt::Write;

use chrono::NaiveDate;

use crate::domain::ids::LineId;
use crate::domain::refusal::Invalid;
use crate::domain::revenue::{Because, Rule, Schedule};
use crate::http::{Answer, Get, PathId, Problem, Query};
use crate::storage::revenue::views;
use crate::storage::revenue::views::schedules::{self, Figure, Filter, Position, Scheduled, Wanted};
use crate::wire::page::{Page, checked_limit, cursor_of};
use crate::wire::revenue::schedules::{
    EarnedStep, ExplainedSchedule, PostedRevenue, RevenueSchedule, SchedulesQuery, Whose, Without,
};
use crate::workflows::{Error, Scope};

/// Revenue schedules, of the newest invoice first
///
/// Each line of an issued invoice, and what credit notes and voids take back of it, by the months that earn it. What is booked late is caught up
/// in the month of its document.
#[utoipa::path(get, path = "/v1/revenue/schedules", tag = "revenue", params(SchedulesQuery),
    responses((status = 200, description = "A page of schedules",
        content((Page<RevenueSchedule> = "application/json"), (String = "text/csv")))), operation_id = "revenue_schedules")]
pub async fn list(get: Get, Query(query): Query<SchedulesQuery>) -> Result<Answer, Problem> {
    let (as_of, limit) = (query.as_of()?, checked_limit(query.limit)?);
    let after = query.place()?.map(|(invoice_id, line_no, entry)| Position { invoice_id, line_no, entry });
    let filter = Filter {
        invoice_id: query.invoice_id,
        line_no: None,
        subscription_id: query.subscription_id,
        contract_id: query.contract_id,
        customer_id: query.customer_id,
        entity_id: query.entity_id,
        at_once: query.at_once.unwrap_or(false),
        figure: figure(&query)?,
    };
    let between = query.earned()?;
    get.run_table(query.format, move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        let as_of = as_of.unwrap_or_else(|| scope.zone.local_date(scope.now));
        let (found, has_more) =
            schedules::list(tx, tenant_id, &Wanted { filter: filter.clone(), after, limit })?;
        let place = |last: &Scheduled| {
            let Schedule { line, entry, .. } = last.schedule;
            cursor_of(&format!("{}|{}|{}", line.invoice_id, line.line_no, entry.number()))
        };
        let next_cursor = found.last().filter(|_| has_more).map(place);
        let data: Result<Vec<_>, Error> = found.into_iter().map(|one| shown(one, (as_of, between))).collect();
        Ok(Page { data: data?, has_more, next_cursor })
    })
    .await
}

/// Those that a figure of a report is made of.
fn figure(query: &SchedulesQuery) -> Result<Figure, Invalid> {
    let [booked_from, booked_to, known_on] = query.booked()?;
    Ok(Figure {
        currency: query.currency()?,
        product_id: query.product_id,
        plan_id: query.plan_id,
        price_id: query.price_id,
        without_price: query.without == Some(Without::Price),
        without_contract: query.without == Some(Without::Contract),
        kinds: query.kinds()?,
        booked_from,
        booked_to,
        known_on,
        deferred: query.deferred,
        on_fulfilment: query.on_fulfilment,
        drawn: query.drawn,
    })
}

fn shown(
    one: Scheduled,
    (as_of, between): (NaiveDate, Option<(NaiveDate, NaiveDate)>),
) -> Result<RevenueSchedule, Error> {
    let Scheduled { schedule, customer_id, subscription_id, entity_id, description, recognized_to } = one;
    let whose = Whose { customer_id, subscription_id, entity_id, description, recognized_to };
    let shown = RevenueSchedule::of(&schedule, whose, as_of);
    let shown = shown.and_then(|shown| match between {
        Some(days) => shown.between(&schedule, days),
        None => Ok(shown),
    });
    shown.map_err(|e| Error::Fault(e.to_string()))
}

/// Explain when a line is earned
///
/// Its facts, its rule, its days, what each month's end comes to, what was posted of its invoice, and all of it in one sentence.
#[utoipa::path(get, path = "/v1/revenue/schedules/{id}", tag = "revenue",
    params(("id" = String, Path, description = "The line's id: `inv_…-2`")),
    responses((status = 200, description = "The schedule, explained", body = ExplainedSchedule)), operation_id = "explain_schedule")]
pub async fn explain(get: Get, id: PathId<LineId>) -> Result<Answer, Problem> {
    let invoice_id = id.0.invoice_id;
    get.run(move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        let as_of = scope.zone.local_date(scope.now);
        let (own, found) = schedules::of_line(tx, tenant_id, id.0)?;
        let posted = views::recognized(tx, tenant_id, &[invoice_id])?.remove(&invoice_id).unwrap_or_default();
        let posted = posted.into_iter().map(|one| PostedRevenue {
            on: one.on,
            amount: one.amount.to_major_string(),
            leg: one.leg,
        });
        let schedules: Result<Vec<_>, Error> =
            found.into_iter().map(|one| shown(one, (as_of, None))).collect();
        let schedules = schedules?;
        Ok(ExplainedSchedule {
            days: own.days.count(),
            steps: steps(&own)?,
            posted: posted.collect(),
            sentence: sentence(&own, &schedules),
            schedules,
        })
    })
    .await
}

/// What is earned by the end of each of its months.
fn steps(own: &Schedule) -> Result<Vec<EarnedStep>, Error> {
    let fault = |e: crate::domain::money::MoneyError| Error::Fault(e.to_string());
    let step = |(month, _): (NaiveDate, _)| {
        let next = crate::domain::revenue::schedule::next_month(month);
        let by = next.pred_opt().unwrap_or(next);
        let earned = own.earned_by(by).map_err(fault)?.to_major_string();
        Ok(EarnedStep { by, days: own.days.over(by), earned })
    };
    own.months().map_err(fault)?.into_iter().map(step).collect()
}

fn sentence(own: &Schedule, all: &[RevenueSchedule]) -> String {
    let last = own.days.to.pred_opt().unwrap_or(own.days.to);
    let how = match (own.rule, own.because) {
        (_, Some(Because::NoPeriod)) => {
            "is earned at once, because the line says no service period".to_owned()
        }
        (_, Some(Because::NotDeferred)) => {
            "is earned at once, because the line was invoiced as earned".to_owned()
        }
        (Rule::RatableDaily, None) => {
            format!(
                "is earned day by day over the {} days from {} to {last}",
                own.days.count(),
                own.days.from
            )
        }
        (Rule::RatableMonthly, None) => {
            format!("is earned in equal months, cut at their ends by days, from {} to {last}", own.days.from)
        }
        (Rule::OnFulfilment, None) => "is earned as it is fulfilled".to_owned(),
        (Rule::Milestone, None) => "is earned as its milestones are reached".to_owned(),
        (Rule::PointInTime, None) => "is earned at once, as its rule says".to_owned(),
        (Rule::AsUsed, None) => {
            format!("was used from {} to {last} and is earned when it is invoiced", own.days.from)
        }
        (Rule::AsDrawn, None) => "buys prepaid credits and is earned as they are drawn".to_owned(),
    };
    let mut text = format!("{} booked on {} {how}", own.amount, own.booked_on);
    for back in all.iter().skip(1) {
        let (by, how) = match back.kind {
            "void" => ("the void", "is spread over the same days and caught up"),
            "write_off" => ("the write-off", "is what was not earned until then"),
            "fulfilment" => {
                // Writing to a string does not fail.
                let _ = write!(text, "; {} was fulfilled on {}", back.earned, back.start);
                continue;
            }
            _ => ("a credit note", "is spread over the same days and caught up"),
        };
        // Writing to a string does not fail.
        let _ = write!(text, "; {by} {} of {} {how}", back.invoiced, back.booked_on);
    }
    text.push('.');
    text
}
