//! Is the database's shape the one this program was built for? Migrations are inside the binary and run under a lock,
//! so that two servers started at once on an empty database run each of them once.

use diesel::connection::SimpleConnection;
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

/// What has not been run yet.
pub fn pending(session: &mut Session) -> Result<Vec<String>, StorageError> {
    let pending = session.connection()?.pending_migrations(MIGRATIONS);
    let pending = pending.map_err(|e| StorageError::Migration(e.to_string()))?;
    Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
}
