//! What is done for the server as a whole? Each chore is a claim on state, too: done twice or late, it comes out the same.

use crate::adapters::fx::Ecb;
use crate::platform::clock;
use crate::storage::Session;
use crate::workflows::fx::fetch_exchange_rates;
use crate::workflows::payments::attempts;
use crate::workflows::tax::registers::Registers;
use crate::workflows::usage::keep_usage_months;
use crate::workflows::webhooks::Courier;
use crate::workflows::{Error, purge_idempotency_keys, relay_events};

/// Something that is done for all tenants at once.
#[derive(Debug, Clone, Copy)]
pub struct Chore {
    /// Which state makes it due, in words.
    pub takes_on: &'static str,
    pub run: fn(&mut Session, &Sources) -> Result<(), Error>,
}

/// Where the server reads what it does not know itself.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// `None`: rates of exchange are fetched nowhere.
    pub ecb: Option<Ecb>,
    /// Whom tax numbers are checked with.
    pub registers: Registers,
    /// What webhook endpoints are called with.
    pub courier: Courier,
}

/// Committed events get their place in the feed.
pub(super) const RELAY: Chore = Chore {
    takes_on: "committed events without a place in their tenant's feed",
    run: |session, _| relay_events::run(session, None).map(|_| ()),
};

/// The tables of usage, a month each.
pub(super) const USAGE_MONTHS: Chore = Chore {
    takes_on: "months ahead without a partition; months of events older than every retention, billed in full",
    run: |session, _| keep_usage_months::run(session).map(|_| ()),
};

/// Answers kept for callers that repeat themselves.
pub(super) const IDEMPOTENCY_KEYS: Chore = Chore {
    takes_on: "idempotency keys older than 7 days",
    run: |session, _| purge_idempotency_keys::run(session).map(|_| ()),
};

/// Claims of processes that died in a call.
pub(super) const CALL_CLAIMS: Chore = Chore {
    takes_on: "claims to call gateways that dead processes left a day ago",
    run: |session, _| attempts::purge_claims(session).map(|_| ()),
};

/// What the European Central Bank published.
pub(super) const EXCHANGE_RATES: Chore = Chore {
    takes_on: "days whose exchange rates the European Central Bank has published and that are not recorded; nothing without `--ecb-rates`",
    run: |session, sources| match &sources.ecb {
        Some(ecb) => fetch_exchange_rates::run(session, ecb, clock::now()).map(|_| ()),
        None => Ok(()),
    },
};
