//! How does the server live? It listens, serves until told to stop, then finishes what has begun within 30 seconds
//! (or as the configuration says).

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::KeepAlive;
use actix_web::web::Data;
use actix_web::{App as ActixApp, HttpServer, middleware};

use super::surroundings::surround;
use super::{App, routes};

/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How long the head of a request may take to arrive.
const HEAD: Duration = Duration::from_secs(10);

/// How the server is run.
#[derive(Debug, Clone, Copy)]
pub struct Running {
    /// Threads that read requests and write answers: as many as cores.
    pub workers: usize,
    /// How long calls that have begun may take once the server is told to stop.
    pub finish_within: Duration,
    /// How many connections may be open at once.
    pub connections: usize,
}

/// Serves on `listener` until `stopped` completes; returns when every call that had begun is answered. Must be called
/// inside an actix (or single-threaded tokio) runtime, as [`block_on`] gives.
pub async fn serve(
    listener: TcpListener,
    app: Data<App>,
    running: Running,
    stopped: impl Future<Output = ()>,
) -> io::Result<()> {
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(app.clone())
            .configure(routes::configure)
            .wrap(middleware::Compress::default())
            .wrap(middleware::from_fn(surround))
    })
    .workers(running.workers.max(1))
    .max_connections(running.connections.div_ceil(running.workers.max(1)))
    .keep_alive(KeepAlive::Timeout(KEEP_ALIVE))
    .client_request_timeout(HEAD)
    .shutdown_timeout(running.finish_within.as_secs())
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);
    tokio::pin!(stopped);
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => return ended.map_err(io::Error::other)?,
        () = &mut stopped => tracing::info!("stopping: no new calls; those that have begun are finished"),
    }
    handle.stop(true).await;
    serving.await.map_err(io::Error::other)?
}

/// Serves the counters alone on `listener`, until the handle is told to stop. Must be called where [`serve`] is.
pub fn serve_metrics(listener: TcpListener, app: Data<App>) -> io::Result<ServerHandle> {
    let server = HttpServer::new(move || {
        ActixApp::new().app_data(app.clone()).configure(routes::metrics).wrap(middleware::from_fn(surround))
    });
    let server = server.workers(1).client_request_timeout(HEAD).disable_signals().listen(listener)?.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(handle)
}

/// Completes at SIGTERM or SIGINT.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
}

/// Runs a future to its end on a new runtime: `block_on(serve(…))`.
pub fn block_on<F: Future>(future: F) -> F::Output {
    actix_web::rt::System::new().block_on(future)
}
