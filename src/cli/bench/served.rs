//! What is measured? The server as `billwright serve` starts it, with its jobs, in this process.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use actix_web::web::Data;
use nix::unistd::{dup, dup2_stderr};
use tokio::sync::oneshot;

use super::Fallible;
use crate::adapters::gateway::Gateways;
use crate::http::App;
use crate::http::server::{Running, block_on, serve};
use crate::jobs;
use crate::platform::config::{self, DatabaseSettings, ServerSettings};
use crate::platform::limits::Limits;
use crate::platform::postgres::Embedded;
use crate::storage::Db;
use crate::workflows::payments::gateways;

/// Streams of events that one tenant may send at once.
const STREAMS: usize = 64;

/// A running server.
pub(super) struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<std::io::Result<()>>,
    runner: jobs::Runner,
}

impl Served {
    /// Starts it with the settings it has when none are given, on a free port.
    pub(super) fn start(cluster: &Embedded) -> Fallible<Served> {
        Served::start_with(cluster, gateways::all)
    }

    /// The same with gateways of one's own.
    pub(super) fn start_with(cluster: &Embedded, gateways: impl FnOnce(&Db) -> Gateways) -> Fallible<Served> {
        let data_dir = cluster.data_dir().to_owned();
        let database = DatabaseSettings { data_dir, database_url: None, db_threads: None }.check()?;
        let settings = ServerSettings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            schedules: Vec::new(),
            shutdown_grace: 30,
            max_body: 2 << 20,
            metrics_listen: None,
            ecb_rates: None,
            vies: None,
            secrets_key: None,
            private_networks: None,
            // One tenant sends what many do elsewhere.
            limits: Limits { streams: STREAMS, ..Limits::default() },
        };
        let server = settings.check(&jobs::defaults())?;
        let listener = TcpListener::bind(server.listen)?;
        let address = listener.local_addr()?;
        let db = Db::start(cluster.url(), database.db_threads)?;
        let gateways = Arc::new(gateways(&db));
        let timetable = Arc::new(jobs::TestClocks::new(&server.schedules, &gateways)?);
        let runner = jobs::Runner::start(jobs::JOBS, (&db, &gateways), &server.schedules)?;
        let running = Running {
            workers: config::cores(),
            finish_within: server.shutdown_grace,
            connections: server.limits.connections,
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name("server".to_owned()).spawn(move || {
            let app =
                App::new(db, gateways, timetable).within(&server.limits).map_err(std::io::Error::other)?;
            block_on(serve(listener, Data::new(app), running, async {
                let _ = stopped.await;
            }))
        })?;
        Ok(Served { address, stop, thread, runner })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Finishes what has begun, then ends.
    pub(super) fn stop(self) -> Fallible<()> {
        let _ = self.stop.send(());
        let ended = self.thread.join().map_err(|_| "the server's thread panicked")?;
        self.runner.stop();
        Ok(ended?)
    }
}

/// Standard error goes to a file while this lives: a log line for each call is written, as it is by a server, but not shown.
pub(super) struct Hushed(OwnedFd);

impl Hushed {
    /// Turns standard error to `file`.
    pub(super) fn to(file: &Path) -> Fallible<Hushed> {
        let shown = dup(std::io::stderr())?;
        dup2_stderr(File::create(file)?)?;
        Ok(Hushed(shown))
    }

    /// Says something on the standard error of before.
    pub(super) fn say(&self, text: &str) {
        use std::io::Write;
        if let Ok(shown) = self.0.try_clone() {
            let _ = writeln!(File::from(shown), "{text}");
        }
    }
}

impl Drop for Hushed {
    fn drop(&mut self) {
        let _ = dup2_stderr(&self.0);
    }
}
