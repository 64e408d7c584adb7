//! What time is it for this tenant? Its own clock for a test tenant, the wall clock for a live one.

use actix_web::http::StatusCode;

use crate::http::lanes::Lane;
use crate::http::{Answer, Command, Get, Post, Problem};
use crate::wire::tenants::test_clock::{AdvanceClock, ClockAdvanced, TestClock};
use crate::workflows::Scope;
use crate::workflows::advance_clock;

/// Read the tenant's clock.
#[utoipa::path(get, path = "/v1/test_clock", tag = "test_clock", responses((status = 200, description = "The tenant's now", body = TestClock)))]
pub async fn find(get: Get) -> Result<Answer, Problem> {
    get.run(|tx, tenant_id| Ok(TestClock { now: Scope::load(tx, tenant_id)?.now })).await
}

/// Move a test tenant's clock.
///
/// Runs every job of the tenant that is due up to then, in simulated time order and as often as it would have run, and
/// answers when all are done. A clock moves forward only, unless nothing has been invoiced yet.
#[utoipa::path(post, path = "/v1/test_clock/advance", tag = "test_clock", request_body = AdvanceClock,
    responses((status = 200, description = "What happened on the way", body = ClockAdvanced)))]
pub async fn advance(post: Post<AdvanceClock>) -> Result<Answer, Problem> {
    let app = post.app.clone();
    post.run_long(
        (Lane::Clocks, "advance_clock"),
        StatusCode::OK,
        move |session, Command { tenant_id, body, .. }| {
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
        },
    )
    .await
}
