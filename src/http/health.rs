//! Is the server up, and is it ready? `/healthz`: the process answers. `/readyz`: so does the database, and its
//! migrations are current. `/metrics`: the counters.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;
use tokio::time::timeout;

use super::{App, Problem};
use crate::storage::StorageError;
use crate::storage::migrate::{self, Standing};
use crate::storage::parked_work::views::stuck::{self, OfAll};

/// How long `/readyz` waits for the database.
const PATIENCE: Duration = Duration::from_secs(3);

/// 200 while the process runs.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ok"}"#)
}

/// 200 when calls can be served; 503 while the database does not answer, takes no writes or lacks a migration.
pub async fn readyz(app: Data<App>) -> Result<HttpResponse, Problem> {
    let answered = timeout(PATIENCE, app.db.on_session(None, migrate::standing)).await;
    let standing = match answered {
        Ok(outcome) => {
            outcome.and_then(|standing| standing).map_err(|error: StorageError| Problem::from(error))?
        }
        Err(_) => {
            let detail = format!("the database did not answer within {} seconds", PATIENCE.as_secs());
            return Err(Problem::unavailable("database_unreachable", detail, 5));
        }
    };
    match standing {
        Standing::Ready => {
            Ok(HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ready"}"#))
        }
        Standing::ReadOnly => {
            let detail = "the database takes no writes: it is a standby, or was told so";
            Err(Problem::unavailable("database_read_only", detail, 5))
        }
        Standing::Pending(count) => {
            let detail =
                format!("{count} migrations have not been run on this database; run `billwright migrate`");
            Err(Problem::unavailable("migrations_pending", detail, 5))
        }
    }
}

/// For Prometheus, unless the counters have an address of their own.
pub async fn metrics(app: Data<App>) -> Result<HttpResponse, Problem> {
    if app.metrics_apart {
        return Err(Problem::no_such_route());
    }
    Ok(metrics_apart(app).await)
}

/// For Prometheus, at an address of their own.
pub async fn metrics_apart(app: Data<App>) -> HttpResponse {
    // What cannot be counted is left out: the rest is shown all the same.
    let stuck = match app.metrics.stuck() {
        Some(stuck) => stuck,
        None => {
            let found: Result<OfAll, StorageError> = app.db.read(None, stuck::of_all).await;
            found.inspect(|stuck| app.metrics.keep(stuck.clone())).unwrap_or_default()
        }
    };
    let text = app.metrics.text((app.db.waiting(), &app.lanes), &stuck);
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}
