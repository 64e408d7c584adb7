//! `/v1/accounting_periods`: the months of the books, closed and reopened.

use actix_web::http::StatusCode;

use crate::domain::ids::{AccountingPeriodId, InvoiceId, ParkedWorkId, PaymentId};
use crate::http::lanes::Lane;
use crate::http::{Answer, Command, Get, PathId, Post, Problem, Query};
use crate::storage::revenue::views;
use crate::storage::revenue::views::checklist::{self, Found};
use crate::wire::revenue::periods::{
    AccountingPeriod, AccountingPeriods, CloseAccountingPeriod, NewAccountingPeriod, NewPeriodSignOff,
    PeriodCheck, PeriodChecklist, PeriodSignOff, PeriodsQuery, ReopenAccountingPeriod,
};
use crate::workflows::revenue::close_period::{self, Order};
use crate::workflows::revenue::{open_period, reopen_period, sign_off};

/// List accounting periods, the newest first
///
/// The calendar months of each legal entity's books, in your time zone: from the month of its first posting on, each opened when the one before
/// is over.
#[utoipa::path(get, path = "/v1/accounting_periods", tag = "revenue", params(PeriodsQuery),
    responses((status = 200, description = "The periods", body = AccountingPeriods)), operation_id = "accounting_periods")]
pub async fn list(get: Get, Query(query): Query<PeriodsQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let periods = views::list_periods(tx, tenant_id, query.entity_id)?;
        Ok(AccountingPeriods { data: periods.into_iter().map(AccountingPeriod::from).collect() })
    })
    .await
}

/// Open the books from an earlier month on
///
/// Opens that month's period and those after it up to the present one, as far as they are not there. Answers that month's.
#[utoipa::path(post, path = "/v1/accounting_periods", tag = "revenue", request_body = NewAccountingPeriod,
    responses((status = 201, description = "The month's period", body = AccountingPeriod)), operation_id = "open_accounting_period")]
pub async fn create(post: Post<NewAccountingPeriod>) -> Result<Answer, Problem> {
    post.run("open_accounting_period", StatusCode::CREATED, |tx, scope, body| {
        Ok(AccountingPeriod::from(open_period::run(tx, scope, (body.entity_id, body.first_day()?))?))
    })
    .await
}

/// Read an accounting period
#[utoipa::path(get, path = "/v1/accounting_periods/{id}", tag = "revenue",
    params(("id" = String, Path, description = "The id, `ap_…`")),
    responses((status = 200, description = "The period", body = AccountingPeriod)), operation_id = "accounting_period")]
pub async fn find(get: Get, id: PathId<AccountingPeriodId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(AccountingPeriod::from(views::find_period(tx, tenant_id, id.0)?))).await
}

/// See what is left to do before a period is closed
///
/// Named checks, each with how many things stand in its way and the first ten of them. None of them keeps you from closing.
#[utoipa::path(get, path = "/v1/accounting_periods/{id}/checklist", tag = "revenue",
    params(("id" = String, Path, description = "The id, `ap_…`")),
    responses((status = 200, description = "The checks", body = PeriodChecklist)), operation_id = "accounting_period_checklist")]
pub async fn checklist(get: Get, id: PathId<AccountingPeriodId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let period = views::find_period(tx, tenant_id, id.0)?;
        let found = checklist::read(tx, tenant_id, &period)?;
        let signed = views::sign_offs(tx, tenant_id, id.0)?;
        let stands = |found: &Found| {
            let of_it = signed.iter().find(|one| one.name == found.name);
            of_it.filter(|one| one.stands(&period, found.count)).cloned()
        };
        let checks: Vec<PeriodCheck> = found
            .into_iter()
            .map(|found| PeriodCheck { signed_off: stands(&found).map(PeriodSignOff::from), ..check(found) })
            .collect();
        let clean = checks.iter().all(|check| check.clean);
        let ready = checks.iter().all(|check| check.clean || check.signed_off.is_some());
        Ok(PeriodChecklist { period_id: id.0, clean, ready, checks })
    })
    .await
}

fn check(found: Found) -> PeriodCheck {
    let name = |id| match found.name.as_str() {
        "earlier_periods_are_closed" => AccountingPeriodId::from_uuid(id).to_string(),
        "payments_have_an_outcome" => PaymentId::from_uuid(id).to_string(),
        "no_work_is_parked" => ParkedWorkId::from_uuid(id).to_string(),
        "transfers_have_their_value" => id.to_string(),
        _ => InvoiceId::from_uuid(id).to_string(),
    };
    let first = found.first.iter().copied().map(name).collect();
    PeriodCheck { clean: found.count == 0, count: found.count, first, signed_off: None, name: found.name }
}

/// Sign off what a check found
///
/// By name, with a note: it is right as it is. It stands while the check finds as much, and until the period is opened again. What
/// `lines_at_once_have_a_rule` found keeps the period open no more.
#[utoipa::path(post, path = "/v1/accounting_periods/{id}/sign_offs", tag = "revenue", request_body = NewPeriodSignOff,
    params(("id" = String, Path, description = "The id, `ap_…`")),
    responses((status = 201, description = "Signed off", body = PeriodSignOff)), operation_id = "sign_off_period_check")]
pub async fn sign_off(
    post: Post<NewPeriodSignOff>,
    id: PathId<AccountingPeriodId>,
) -> Result<Answer, Problem> {
    post.run("sign_off_period_check", StatusCode::CREATED, move |tx, scope, body| {
        let order = sign_off::Order {
            period_id: id.0,
            check: body.check.clone(),
            by: body.by.clone(),
            note: body.note.clone(),
        };
        Ok(PeriodSignOff::from(sign_off::run(tx, scope, order)?))
    })
    .await
}

/// Close a period
///
/// Posts what was earned in it, then lets nothing more be posted into it: what belongs to it counts on the first day that is open, with
/// `original_on`. Periods are closed when they are over, the oldest first. A line that is earned at once though no rule says so keeps it open, unless
/// you accept that.
#[utoipa::path(post, path = "/v1/accounting_periods/{id}/close", tag = "revenue", request_body = CloseAccountingPeriod,
    params(("id" = String, Path, description = "The id, `ap_…`")),
    responses((status = 200, description = "The period, closed", body = AccountingPeriod)), operation_id = "close_accounting_period")]
pub async fn close(
    post: Post<CloseAccountingPeriod>,
    id: PathId<AccountingPeriodId>,
) -> Result<Answer, Problem> {
    let order = Order { id: id.0, accepted: post.body.checks()? };
    post.run_long((Lane::Runs, "close_period"), StatusCode::OK, move |session, command| {
        let Command { tenant_id, keyed, .. } = command;
        Ok(AccountingPeriod::from(close_period::run(session, *tenant_id, (&order, keyed))?))
    })
    .await
}

/// Reopen a closed period
///
/// With a reason. The newest closed one is reopened first.
#[utoipa::path(post, path = "/v1/accounting_periods/{id}/reopen", tag = "revenue", request_body = ReopenAccountingPeriod,
    params(("id" = String, Path, description = "The id, `ap_…`")),
    responses((status = 200, description = "The period, open again", body = AccountingPeriod)), operation_id = "reopen_accounting_period")]
pub async fn reopen(
    post: Post<ReopenAccountingPeriod>,
    id: PathId<AccountingPeriodId>,
) -> Result<Answer, Problem> {
    post.run("reopen_accounting_period", StatusCode::OK, move |tx, scope, body| {
        Ok(AccountingPeriod::from(reopen_period::run(tx, scope, (id.0, &body.reason))?))
    })
    .await
}
