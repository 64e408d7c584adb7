//! `billwright serve` and `billwright demo`: the server, with its jobs and its database.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use actix_web::web::Data;
use clap::Args;

use super::{Outcome, demo};
use crate::adapters::fx::Ecb;
use crate::adapters::gateway::Accounts;
use crate::adapters::reach::Reach;
use crate::http::App;
use crate::http::limits::Rates;
use crate::http::server::{Running, block_on, serve, serve_metrics, stop_signal};
use crate::jobs;
use crate::platform::clock::Stopwatch;
use crate::platform::config::{self, DatabaseConfig, DatabaseSettings, ServerConfig, ServerSettings};
use crate::platform::postgres::Access;
use crate::platform::seals;
use crate::platform::secrets::Secret;
use crate::storage::{Db, Session, migrate};
use crate::workflows::payments::gateways;
use crate::workflows::tax::providers::Providers;
use crate::workflows::tax::registers::Registers;
use crate::workflows::webhooks::Courier;

/// Start the server: API, jobs and, without DATABASE_URL, a database of its own
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  billwright serve --listen 127.0.0.1:8080 --data-dir data\n  \
    billwright serve --schedule 'billing=0 */15 * * * *' --log-format text\n  \
    DATABASE_URL=postgresql://billing@db.internal/billwright billwright serve")]
pub(super) struct Serve {
    #[command(flatten)]
    database: DatabaseSettings,
    #[command(flatten)]
    server: ServerSettings,
    /// Make a sample business once, and print its API key and calls to try
    #[arg(long)]
    demo: bool,
}

/// Start the server with a sample business in it: the same as `serve --demo`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright demo --data-dir data")]
pub(super) struct Demo {
    #[command(flatten)]
    database: DatabaseSettings,
    #[command(flatten)]
    server: ServerSettings,
}

impl Demo {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        Serve { database: self.database, server: self.server, demo: true }.run()
    }
}

impl Serve {
    /// Serves until told to stop; then finishes what has begun, calls and jobs within one grace; then the database.
    pub(super) fn run(self) -> Outcome {
        let database = self.database.check()?;
        let server = self.server.check(&jobs::defaults())?;
        let listener = TcpListener::bind(server.listen)
            .map_err(|e| format!("cannot listen on {}: {e}", server.listen))?;
        let counters = server.metrics_listen.map(TcpListener::bind).transpose();
        let counters = counters.map_err(|e| format!("cannot listen for the metrics: {e}"))?;
        Rates::new(&server.limits)?;
        let access = Access::serve(&database.data_dir, database.url())?;
        let url = access.url().to_owned();
        for migration in migrate::run(&mut Session::open(&url)?)? {
            tracing::info!(migration, "brought the tables up to date");
        }
        let db = Db::start(&url, database.db_threads)?;
        let gateways = Arc::new(gateways::all(&db).reaching(accounts(&server, &database)?));
        let sources = sources(&server, &database)?;
        let registers = sources.registers.clone();
        let courier = sources.courier.clone();
        let timetable = jobs::TestClocks::new(&server.schedules, &gateways)?.asking(registers.clone());
        let timetable = Arc::new(timetable.sending(courier.clone()));
        let clocks = (&timetable, &gateways);
        let mut runner = jobs::Runner::start_beside(jobs::JOBS, &db, clocks, &server.schedules, &sources)?;
        let app = App::new(db.clone(), gateways, timetable).within(&server.limits)?;
        let app = app.asking(registers).sending(courier);
        let app = App { max_body: server.max_body, metrics_apart: counters.is_some(), ..app };
        let app = Data::new(app);
        let running = Running {
            workers: config::cores(),
            finish_within: server.shutdown_grace,
            connections: server.limits.connections,
        };
        let listen = listener.local_addr()?;
        tracing::info!(%listen, "ready");
        if self.demo {
            show_demo(url, database.data_dir.clone(), listen)?;
        }
        let mut stopping = Stopwatch::start();
        block_on(async {
            let counters = counters.map(|listener| serve_metrics(listener, app.clone())).transpose()?;
            let stopped = async {
                stop_signal().await;
                // Calls and jobs share one grace.
                runner.tell_to_stop();
                stopping = Stopwatch::start();
            };
            serve(listener, app, running, stopped).await?;
            if let Some(counters) = counters {
                counters.stop(false).await;
            }
            Ok::<(), std::io::Error>(())
        })?;
        runner.stop_within(server.shutdown_grace.saturating_sub(stopping.elapsed()));
        drop(db);
        access.close();
        Ok(())
    }
}

/// What seals secrets. A database of the server's own has its key beside it, unless one is given.
fn sealing_key(server: &ServerConfig, database: &DatabaseConfig) -> std::io::Result<Option<Secret>> {
    match (&server.secrets_key, database.url()) {
        (Some(key), _) => Ok(Some(key.clone())),
        (None, None) => seals::kept_in(&database.data_dir).map(Some),
        (None, Some(_)) => Ok(None),
    }
}

/// What accounts at gateways are reached with.
pub(super) fn accounts(server: &ServerConfig, database: &DatabaseConfig) -> std::io::Result<Accounts> {
    let reach = Reach::beside(server.private_networks.as_deref());
    Ok(Accounts::with_key(sealing_key(server, database)?.as_ref()).within(reach))
}

/// Where the jobs read what the server does not know itself.
pub(super) fn sources(server: &ServerConfig, database: &DatabaseConfig) -> std::io::Result<jobs::Sources> {
    let reach = Reach::beside(server.private_networks.as_deref());
    let key = sealing_key(server, database)?;
    let providers = Providers::with_key(key.as_ref()).within(reach.clone());
    let registers = Registers::with_vies(server.vies.as_deref()).reaching(providers);
    let courier = Courier::new(key.as_ref(), reach);
    Ok(jobs::Sources { ecb: server.ecb_rates.as_deref().map(Ecb::at), registers, courier })
}

/// The sample business is made through the API, so beside the server that answers it.
fn show_demo(url: String, data_dir: PathBuf, listen: SocketAddr) -> std::io::Result<()> {
    thread::Builder::new().name("demo".to_owned()).spawn(move || {
        if let Err(error) = demo::run(&url, &data_dir, listen) {
            tracing::error!(%error, "the sample business could not be made");
        }
    })?;
    Ok(())
}
