//! What does every handler reach? The database, the keys seen lately, the lanes of long commands, and the counters.

use std::sync::Arc;

use super::keys_seen::KeysSeen;
use super::lanes::Lanes;
use super::metrics::Metrics;
use super::v1::usage::ingest;
use crate::adapters::gateway::Gateways;
use crate::storage::Db;
use crate::workflows::advance_clock::Timetable;

/// The longest body taken unless the configuration says otherwise: 2 MiB.
const MAX_BODY: usize = 2 << 20;

/// Shared by all handlers.
pub struct App {
    /// The database.
    pub db: Db,
    /// Keys that were good a moment ago.
    pub keys: KeysSeen,
    /// Places for long commands.
    pub lanes: Lanes,
    /// What `/metrics` tells.
    pub metrics: Metrics,
    /// The longest body taken, in bytes.
    pub max_body: usize,
    /// Who stores events of usage.
    pub ingest: ingest::Lanes,
    /// Who moves the money.
    pub gateways: Arc<Gateways>,
    /// What a test tenant's clock runs on its way.
    pub jobs: Arc<dyn Timetable>,
}

impl App {
    /// An application on this database, with these gateways and these jobs of test clocks.
    pub fn new(db: Db, gateways: Arc<Gateways>, jobs: Arc<dyn Timetable>) -> App {
        App {
            ingest: ingest::Lanes::start(&db),
            db,
            keys: KeysSeen::default(),
            lanes: Lanes::default(),
            metrics: Metrics::new(),
            max_body: MAX_BODY,
            gateways,
            jobs,
        }
    }
}
