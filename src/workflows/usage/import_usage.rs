//! What was used, by a file? Its rows are taken as events, some thousands a transaction; taken again, they are duplicates.

use super::ingest_usage::{self, Outcome};
use crate::domain::ids::TenantId;
use crate::domain::usage::{Event, Refused};
use crate::storage::Session;
use crate::workflows::{Error, Scope};

/// Events of one transaction.
pub const TOGETHER: usize = 5_000;

/// What became of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    pub accepted: u64,
    pub duplicates: u64,
    pub kept: u64,
    /// By the row's place among those given, from 0.
    pub rejected: Vec<(usize, Refused)>,
}

/// Takes the events; reports how many are done after each transaction.
pub fn run(
    session: &mut Session,
    tenant_id: TenantId,
    events: &[Event],
    progress: &mut dyn FnMut(usize),
) -> Result<Imported, Error> {
    let mut imported = Imported::default();
    for (part, together) in events.chunks(TOGETHER).enumerate() {
        let outcomes = session.transaction("import_usage", |tx| {
            let scope = Scope::load(tx, tenant_id)?;
            ingest_usage::run(tx, &scope, together)
        })?;
        for (n, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Outcome::Accepted => imported.accepted += 1,
                Outcome::Duplicate => imported.duplicates += 1,
                Outcome::Kept => imported.kept += 1,
                Outcome::Refused(refused) => imported.rejected.push((part * TOGETHER + n, refused)),
            }
        }
        progress(part * TOGETHER + together.len());
    }
    Ok(imported)
}
