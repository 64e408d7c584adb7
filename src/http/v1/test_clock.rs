//! What time is it for this tenant? Its own clock for a test tenant, the wall clock for a live one.

use crate::http::{Answer, Get, Problem};
use crate::wire::test_clock::TestClock;
use crate::workflows::Scope;

/// Read the tenant's clock.
#[utoipa::path(get, path = "/v1/test_clock", tag = "test_clock", responses((status = 200, description = "The tenant's now", body = TestClock)))]
pub async fn find(get: Get) -> Result<Answer, Problem> {
    get.run(|tx, tenant_id| Ok(TestClock { now: Scope::load(tx, tenant_id)?.now })).await
}
