//! How does a test get a server? The real one, in this process, on a port the system picks, stopped when dropped.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::web::Data;
use billwright::adapters::gateway::{Accounts, Gateway, Gateways};
use billwright::adapters::reach::Reach;
use billwright::http::App;
use billwright::http::server::{Running, block_on, serve};
use billwright::jobs::TestClocks;
use billwright::platform::limits::Limits;
use billwright::platform::secrets::Secret;
use billwright::storage::Db;
use billwright::workflows::payments::gateways;
use billwright::workflows::tax::providers::Providers;
use billwright::workflows::tax::registers::Registers;
use billwright::workflows::webhooks::Courier;
use tokio::sync::oneshot;

use super::bank::Bank;

/// A running server.
pub struct Server {
    /// Such as `http://127.0.0.1:40123`.
    pub url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts one on this database.
    pub fn start(db: Db) -> Server {
        let gateways = Arc::new(gateways(&db));
        Server::with(db, (gateways, Limits::default()))
    }

    /// Starts one that lets a caller take no more than this.
    pub fn within(db: Db, limits: Limits) -> Server {
        let gateways = Arc::new(gateways(&db));
        Server::with(db, (gateways, limits))
    }

    /// The same with gateways of the test's own.
    pub fn with(db: Db, (gateways, limits): (Arc<Gateways>, Limits)) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let running = Running { workers: 1, finish_within: Duration::from_secs(5), connections: 1_000 };
        let thread = thread::spawn(move || {
            let stopped = async move {
                let _ = stopped.await;
            };
            // A test clock meets the jobs at the times they have when nothing is configured.
            let jobs = TestClocks::new(&BTreeMap::new(), &gateways).unwrap().asking(registers());
            let jobs = jobs.sending(courier());
            let app = App::new(db.clone(), gateways, Arc::new(jobs)).within(&limits).unwrap();
            let app = app.asking(registers()).sending(courier());
            block_on(serve(listener, Data::new(app), running, stopped)).unwrap();
        });
        Server { url, stop: Some(stop), thread: Some(thread) }
    }
}

/// The gateways of servers of tests: the usual ones, and one for live tenants.
pub fn gateways(db: &Db) -> Gateways {
    let usual = gateways::all(db);
    let simulator = Arc::clone(usual.get("simulator").unwrap());
    let bank: Arc<dyn Gateway> = Arc::new(Bank(Arc::clone(&simulator)));
    Gateways::new([simulator, bank]).reaching(accounts())
}

/// What servers of tests reach accounts at gateways with.
pub fn accounts() -> Accounts {
    Accounts::with_key(Some(&Secret::new("a key of the tests"))).pausing(Duration::ZERO)
}

/// What servers of tests reach others with: a key for secrets; and whoever fails is called again at once.
pub fn registers() -> Registers {
    let providers = Providers::with_key(Some(&Secret::new("a key of the tests"))).pausing(Duration::ZERO);
    Registers::default().reaching(providers)
}

/// What servers of tests call webhook endpoints with.
pub fn courier() -> Courier {
    Courier::new(Some(&Secret::new("a key of the tests")), Reach::default())
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
