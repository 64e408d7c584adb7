//! How is the simulator called? `/v1/…` as a gateway is; `/control…` and `/books` by whoever rehearses. The key of a call names the books it is about:
//! each key has books of its own.

use std::net::TcpListener;
use std::path::Path;

use actix_web::dev::Server;
use actix_web::web::{Data, JsonConfig, get, patch, post, put};
use actix_web::{App, HttpServer};

use super::simulated::{Simulated, State};
use super::store::Log;
use super::{called, control};

/// Largest body.
const BODY: usize = 1 << 20;

/// The server, to be awaited.
///
/// # Errors
/// It cannot listen, or its file cannot be read.
pub fn serve(listener: TcpListener, data: Option<&Path>) -> std::io::Result<Server> {
    let (log, lines) = match data {
        Some(path) => Log::open(path)?,
        None => (Log::default(), Vec::new()),
    };
    let state: State = Data::new(Simulated::with(log, &lines)?);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(JsonConfig::default().limit(BODY))
            .route("/v1/charges", post().to(called::charge))
            .route("/v1/charges", get().to(called::look_up))
            .route("/v1/charges/{id}", get().to(called::find))
            .route("/v1/refunds", post().to(called::refund))
            .route("/v1/refunds", get().to(called::refunds))
            .route("/v1/disputes", get().to(called::disputes))
            .route("/v1/payouts", get().to(called::payouts))
            .route("/v1/payouts/{id}", get().to(called::payout))
            .route("/v1/payouts/{id}/items", get().to(called::items))
            .route("/books", get().to(control::books))
            .route("/control", get().to(control::find))
            .route("/control", patch().to(control::set))
            .route("/control/webhooks", put().to(control::listen))
            .route("/control/charges/{name}", post().to(control::settle))
            .route("/control/disputes", post().to(control::dispute))
            .route("/control/disputes/{id}", post().to(control::decide))
            .route("/control/fees", post().to(control::keep_fee))
            .route("/control/payouts", post().to(control::pay_out))
            .route("/control/payouts/{id}/fail", post().to(control::fail))
    });
    // One thread: what two calls do never mixes.
    Ok(server.workers(1).shutdown_timeout(1).listen(listener)?.run())
}
