//! How is the reference provider called? By the paths of the contract, and by `/_state` of its own, where faults and rates are set.

use std::net::TcpListener;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::web::{Data, Json, JsonConfig, Path, get, patch, post};
use actix_web::{App, HttpResponse, HttpServer};
use serde_json::{Value, json};

use super::reference::{Reference, Setting};
use crate::cli::faults::{self, Reply, reply};

/// How long it is silent.
const SILENCE: Duration = Duration::from_secs(60);
/// Largest body.
const BODY: usize = 8 << 20;

type State = Data<Mutex<Reference>>;

fn known(state: &State) -> MutexGuard<'_, Reference> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers a call after its latency, or fails as it is to.
async fn answer(state: State, call: &str, work: impl FnOnce(&mut Reference) -> Reply) -> HttpResponse {
    let (fault, latency) = {
        let mut reference = known(&state);
        (reference.faults.next(call), reference.latency_ms)
    };
    if latency > 0 {
        actix_web::rt::time::sleep(Duration::from_millis(latency)).await;
    }
    faults::answer(fault, SILENCE, || work(&mut known(&state))).await
}

async fn calculate(state: State, body: Json<Value>) -> HttpResponse {
    answer(state, "calculate", |reference| {
        let documents = body.get("documents").and_then(Value::as_array);
        let Some(documents) = documents else { return (422, json!({ "error": "give documents" })) };
        let answers: Vec<Value> =
            documents.iter().map(|document| reference.rates.calculate(document)).collect();
        (200, json!({ "documents": answers }))
    })
    .await
}

async fn commit(state: State, body: Json<Value>) -> HttpResponse {
    answer(state, "commit", |reference| reference.documents.commit(&body)).await
}

async fn void(state: State, id: Path<String>) -> HttpResponse {
    answer(state, "void", |reference| reference.documents.void(&id)).await
}

async fn credit(state: State, id: Path<String>, body: Json<Value>) -> HttpResponse {
    answer(state, "credit", |reference| reference.documents.credit(&id, &body)).await
}

async fn look_up(state: State, id: Path<String>) -> HttpResponse {
    answer(state, "look_up", |reference| reference.documents.look_up(&id)).await
}

async fn state_of(state: State) -> HttpResponse {
    reply((200, known(&state).state()))
}

async fn set(state: State, body: Json<Setting>) -> HttpResponse {
    let setting = body.into_inner();
    reply(known(&state).set(setting))
}

async fn change(state: State, id: Path<String>, body: Json<Value>) -> HttpResponse {
    reply(known(&state).documents.change(&id, &body))
}

/// The server, to be awaited.
///
/// # Errors
/// It cannot listen.
pub fn serve(listener: TcpListener) -> std::io::Result<Server> {
    serve_slowly(listener, 0)
}

/// The same, taking so many milliseconds for each answer.
///
/// # Errors
/// It cannot listen.
pub(in crate::cli) fn serve_slowly(listener: TcpListener, latency_ms: u64) -> std::io::Result<Server> {
    let state: State = Data::new(Mutex::new(Reference { latency_ms, ..Reference::default() }));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(JsonConfig::default().limit(BODY))
            .route("/calculate", post().to(calculate))
            .route("/documents", post().to(commit))
            .route("/documents/{id}", get().to(look_up))
            .route("/documents/{id}/void", post().to(void))
            .route("/documents/{id}/credit", post().to(credit))
            .route("/_state", get().to(state_of))
            .route("/_state", patch().to(set))
            .route("/_state/documents/{id}", patch().to(change))
    });
    Ok(server.workers(1).shutdown_timeout(1).listen(listener)?.run())
}
