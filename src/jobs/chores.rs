//! What is done for the server as a whole? Each chore is a claim on state, too: done twice or late, it comes out the same.

use crate::storage::Session;
use crate::workflows::payments::attempts;
use crate::workflows::usage::keep_usage_months;
use crate::workflows::{Error, purge_idempotency_keys, relay_events};

/// Something that is done for all tenants at once.
#[derive(Debug, Clone, Copy)]
pub struct Chore {
    /// Which state makes it due, in words.
    pub takes_on: &'static str,
    pub run: fn(&mut Session) -> Result<(), Error>,
}

/// Committed events get their place in the feed.
pub(super) const RELAY: Chore = Chore {
    takes_on: "committed events without a place in their tenant's feed",
    run: |session| relay_events::run(session, None).map(|_| ()),
};

/// The tables of usage, a month each.
pub(super) const USAGE_MONTHS: Chore = Chore {
    takes_on: "months ahead without a partition; months of events older than every retention, billed in full",
    run: |session| keep_usage_months::run(session).map(|_| ()),
};

/// Answers kept for callers that repeat themselves.
pub(super) const IDEMPOTENCY_KEYS: Chore = Chore {
    takes_on: "idempotency keys older than 7 days",
    run: |session| purge_idempotency_keys::run(session).map(|_| ()),
};

/// Claims of processes that died in a call.
pub(super) const CALL_CLAIMS: Chore = Chore {
    takes_on: "claims to call gateways that dead processes left a day ago",
    run: |session| attempts::purge_claims(session).map(|_| ()),
};
