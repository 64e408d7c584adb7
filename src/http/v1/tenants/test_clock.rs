//! What time is it for this tenant? Its own clock for a test tenant, the wall clock for a live one.

use std::thread;

use actix_web::http::StatusCode;
use actix_web::web::Data;

use crate::domain::ids::TenantId;
use crate::http::lanes::Lane;
use crate::http::{Answer, App, Command, Get, Post, Problem};
use crate::storage::{StorageError, Tx};
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
        return send_off(post, app).await;
    }
    post.run_long((Lane::Clocks, "advance_clock"), StatusCode::OK, move |session, command| {
        let Command { tenant_id, body, .. } = command;
        let advance = advance_clock::run(session, app.jobs.as_ref(), *tenant_id, body.to)?;
        let done = advance.done;
        Ok(ClockAdvanced {
            now: advance.to,
            from: advance.from,
            ticks: advance.ticks,
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

/// Notes where the clock is to move, answers, and moves it. Should this process die, or all places be taken, the job of the clocks moves it.
async fn send_off(post: Post<AdvanceClock>, app: Data<App>) -> Result<Answer, Problem> {
    let tenant_id = post.caller.tenant_id;
    let begun = post.run("begin_clock_advance", StatusCode::ACCEPTED, |tx, scope, body| {
        advance_clock::begin(tx, scope.tenant_id, body.to)?;
        read(tx, scope.tenant_id)
    });
    let answer = begun.await?;
    actix_web::rt::spawn(async move {
        let Ok(place) = app.lanes.enter(Lane::Clocks, tenant_id).await else { return };
        let run = move || {
            let moved = app.db.session().map_err(Into::into);
            let moved = moved
                .and_then(|mut session| advance_clock::go_on(&mut session, app.jobs.as_ref(), tenant_id));
            if let Err(error) = moved {
                tracing::warn!(tenant = %tenant_id, %error, "the clock stands still; the job of the clocks moves it on");
            }
            drop(place);
        };
        // Without a thread the job does it.
        drop(thread::Builder::new().name("advance_clock".to_owned()).spawn(run));
    });
    Ok(answer)
}

fn read(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<TestClock, Error> {
    let now = Scope::load(tx, tenant_id)?.now;
    let mut clock = TestClock { now, advancing_to: None, last_advance: None, last_failure: None };
    match advance_clock::last(tx, tenant_id)? {
        None => {}
        Some(ClockAdvance { to, end: None }) => clock.advancing_to = Some(to),
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
