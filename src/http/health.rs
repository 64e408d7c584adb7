//! Is the server up, and is it ready? `/healthz`: the process answers. `/readyz`: so does the database, and its
//! migrations are current. `/metrics`: the counters.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::{App, Problem};
use crate::storage::parked_work::views as parked_work;
use crate::storage::{StorageError, migrate};

/// 200 while the process runs.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ok"}"#)
}

/// 200 when calls can be served; 503 while the database does not answer or lacks a migration.
pub async fn readyz(app: Data<App>) -> Result<HttpResponse, Problem> {
    let pending = app.db.on_session(migrate::pending).await.and_then(|pending| pending);
    let pending: Vec<String> = pending.map_err(|error: StorageError| Problem::from(error))?;
    if pending.is_empty() {
        return Ok(HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ready"}"#));
    }
    let detail =
        format!("{} migrations have not been run on this database; run `billwright migrate`", pending.len());
    Err(Problem::unavailable("migrations_pending", detail, 5))
}

/// For Prometheus.
pub async fn metrics(app: Data<App>) -> HttpResponse {
    // What cannot be counted is left out: the rest is told all the same.
    let parked = app.db.read(parked_work::counts).await.unwrap_or_default();
    let text = app.metrics.text((app.db.waiting(), &app.lanes), &parked);
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}
