//! What does every handler reach? The database, the keys seen lately, the lanes of long commands, and the counters.

use std::sync::Arc;

use super::keys_seen::KeysSeen;
use super::lanes::Lanes;
use super::limits::{Guesses, Rates, Shares};
use super::metrics::Metrics;
use super::v1::usage::ingest;
use crate::adapters::gateway::Gateways;
use crate::platform::limits::Limits;
use crate::storage::Db;
use crate::wire::catalog::features::Entitlement;
use crate::workflows::advance_clock::Timetable;
use crate::workflows::entitlements;
use crate::workflows::tax::registers::Registers;
use crate::workflows::webhooks::Courier;

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
    /// What each caller holds at the moment.
    pub shares: Shares,
    /// How fast each may call.
    pub rates: Rates,
    /// Who tries keys that are none.
    pub guesses: Guesses,
    /// Whether the counters are served at an address of their own, and not here.
    pub metrics_apart: bool,
    /// Who stores events of usage.
    pub ingest: ingest::Lanes,
    /// What the customers asked for lately may use.
    pub entitlements: entitlements::Known<Arc<[Entitlement]>>,
    /// Who moves the money.
    pub gateways: Arc<Gateways>,
    /// Who knows which tax numbers there are.
    pub registers: Registers,
    /// What webhook endpoints are called with.
    pub courier: Courier,
    /// What a test tenant's clock runs on its way.
    pub jobs: Arc<dyn Timetable>,
}

impl App {
    /// An application on this database, with these gateways and these jobs of test clocks, and no limits but the usual.
    pub fn new(db: Db, gateways: Arc<Gateways>, jobs: Arc<dyn Timetable>) -> App {
        App {
            ingest: ingest::Lanes::start(&db),
            db,
            keys: KeysSeen::default(),
            lanes: Lanes::beside(jobs.places()),
            metrics: Metrics::new(),
            max_body: MAX_BODY,
            shares: Shares::new(Limits::default()),
            rates: Rates::default(),
            guesses: Guesses::new(&Limits::default()),
            metrics_apart: false,
            entitlements: entitlements::Known::default(),
            gateways,
            registers: Registers::default(),
            courier: Courier::default(),
            jobs,
        }
    }

    /// The same with these registers of tax numbers.
    #[must_use]
    pub fn asking(self, registers: Registers) -> App {
        App { registers, ..self }
    }

    /// The same with what webhook endpoints are called with.
    #[must_use]
    pub fn sending(self, courier: Courier) -> App {
        App { courier, ..self }
    }

    /// The same with these limits.
    ///
    /// # Errors
    /// A rate that cannot be read, in words.
    pub fn within(self, limits: &Limits) -> Result<App, String> {
        let (shares, rates, guesses) =
            (Shares::new(limits.clone()), Rates::new(limits)?, Guesses::new(limits));
        Ok(App { shares, rates, guesses, ..self })
    }
}
