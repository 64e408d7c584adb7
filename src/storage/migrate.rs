//! Is the database's shape the one this program was built for? Migrations are inside the binary and run under a lock,
//! so that two servers started at once on an empty database run each of them once.

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Session, StorageError};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Any number that nothing else of ours locks: `billwrig` in ASCII.
const LOCK: i64 = 0x6269_6c6c_7772_6967;

/// Runs what has not been run yet; gives the names.
pub fn run(session: &mut Session) -> Result<Vec<String>, StorageError> {
    let conn = session.connection()?;
    // Waits as long as another server's migrations take.
    conn.batch_execute(&format!(
        "SET lock_timeout = 0; SELECT pg_advisory_lock({LOCK}); SET lock_timeout = '60s'"
    ))?;
    let done = conn
        .run_pending_migrations(MIGRATIONS)
        .map(|versions| versions.iter().map(ToString::to_string).collect())
        .map_err(|e| StorageError::Migration(e.to_string()));
    conn.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
    done
}

/// Those of these migrations that this program does not know: a newer one ran them.
pub fn unknown(ran: &[String]) -> Vec<String> {
    let known = MigrationSource::<Pg>::migrations(&MIGRATIONS).unwrap_or_default();
    let known: Vec<String> = known.iter().map(|one| one.name().version().to_string()).collect();
    ran.iter().filter(|version| !known.contains(version)).cloned().collect()
}

/// Has the planner look at every table: a database that was just filled is otherwise searched blindly until it does so by itself.
pub fn analyze(session: &mut Session) -> Result<(), StorageError> {
    Ok(session.connection()?.batch_execute("ANALYZE")?)
}

/// Whether calls can be served on a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Ready,
    /// It is a standby, or was told to take no writes.
    ReadOnly,
    /// So many migrations have not been run.
    Pending(usize),
}

/// How the database stands.
///
/// # Errors
/// It cannot be reached.
pub fn standing(session: &mut Session) -> Result<Standing, StorageError> {
    session.read(|tx| {
        let read_only = sql::<Bool>("current_setting('transaction_read_only') = 'on'");
        if diesel::select(read_only).get_result::<bool>(tx.conn)? {
            return Ok(Standing::ReadOnly);
        }
        let pending = tx.conn.pending_migrations(MIGRATIONS);
        match pending.map_err(|e| StorageError::Migration(e.to_string()))?.len() {
            0 => Ok(Standing::Ready),
            count => Ok(Standing::Pending(count)),
        }
    })
}
