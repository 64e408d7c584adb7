//! What time is it for this tenant? Its own clock for a test tenant, the wall clock for a live one.

use actix_web::http::StatusCode;

use crate::domain::ids::TenantId;
use crate::http::lanes::Lane;
use crate::http::{Answer, App, Command, Delete, Get, Post, Problem};
use crate::storage::{Session, StorageError, Tx};
use crate::wire::tenants::test_clock::{AdvanceClock, ClockAdvanced, ClockFailure, TestClock};
use crate::workflows::advance_clock::{self, ClockAdvance, End};
use crate::workflows::{Error, Scope};

/// Read the tenant's clock.
#[utoipa::path(get, path = "/v1/test_clock", tag = "test_clock", responses((status = 200, description = "The tenant's now", body = TestClock)))]
pub async fn find(get: Get) -> Result<Answer, Problem> {
    get.run(read).await
}

/// Move a test tenant's clock.
///
/// Runs every job of the tenant that is due up to then, in simulated time order and as often as it would have run, and
/// answers when all are done; with `wait` false at once, and the clock is read until it has arrived. A clock moves forward only, unless
/// nothing has been invoiced yet.
#[utoipa::path(post, path = "/v1/test_clock/advance", tag = "test_clock", request_body = AdvanceClock,
    responses((status = 200, description = "What happened on the way", body = ClockAdvanced),
        (status = 202, description = "It is on its way", body = TestClock)))]
pub async fn advance(post: Post<AdvanceClock>) -> Result<Answer, Problem> {
    let app = post.app.clone();
    if !post.body.wait {
        let begin = |tx: &mut Tx<'_>, scope: &Scope, body: &AdvanceClock| {
            advance_clock::begin(tx, scope.tenant_id, body.to)?;
            read(tx, scope.tenant_id)
        };
        let go_on = |session: &mut Session, app: &App, tenant_id| {
            advance_clock::go_on(session, app.jobs.as_ref(), tenant_id)
        };
        return post.run_begun((Lane::Clocks, "advance_clock"), begin, go_on).await;
    }
    post.run_long((Lane::Clocks, "advance_clock"), StatusCode::OK, move |session, command| {
        let Command { tenant_id, body, .. } = command;
        let advance = advance_clock::run(session, app.jobs.as_ref(), *tenant_id, body.to)?;
        let done = advance.done;
        Ok(ClockAdvanced {
            now: advance.to,
            from: advance.from,
            ticks: advance.ticks,
            stopped: advance.stopped,
            bill_runs: done.bill_runs,
            invoices: done.invoices,
            parked: done.parked,
            drafts_finalized: done.drafts_finalized,
            payments_attempted: done.payments_attempted,
            payments_succeeded: done.payments_succeeded,
            payments_failed: done.payments_failed,
        })
    })
    .await
}

/// Stop a test tenant's clock that nobody waits for.
///
/// It ends after the step it is in, and the answer tells how far it came, with all that was done on the way. Where a step takes longer than 20
/// seconds the answer comes before its end, with `stopping` true.
#[utoipa::path(delete, path = "/v1/test_clock/advance", tag = "test_clock",
    responses((status = 200, description = "How far it came", body = TestClock)))]
pub async fn stop(delete: Delete) -> Result<Answer, Problem> {
    delete
        .run_long((Lane::Stops, "stop_clock"), StatusCode::OK, |session, command| {
            advance_clock::stop(session, command.tenant_id)?;
            session.transaction("read_test_clock", |tx| read(tx, command.tenant_id))
        })
        .await
}

fn read(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<TestClock, Error> {
    let now = Scope::load(tx, tenant_id)?.now;
    let mut clock =
        TestClock { now, advancing_to: None, stopping: false, last_advance: None, last_failure: None };
    match advance_clock::last(tx, tenant_id)? {
        None => {}
        Some(ClockAdvance { to, stopping, end: None, .. }) => {
            (clock.advancing_to, clock.stopping) = (Some(to), stopping);
        }
        Some(ClockAdvance { end: Some(End::Arrived(report)), .. }) => {
            let report = serde_json::from_value(report);
            clock.last_advance = Some(report.map_err(|e| StorageError::unreadable("advance of a clock", e))?);
        }
        Some(ClockAdvance { end: Some(End::Failed(trouble)), .. }) => {
            clock.last_failure = Some(ClockFailure { code: trouble.code, detail: trouble.reason });
        }
    }
    Ok(clock)
}
