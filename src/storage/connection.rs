//! How is a connection to PostgreSQL opened, so that a server that has vanished is noticed? Each try to open one ends after 5 seconds, and a
//! statement's answer is no longer awaited from a machine that has not acknowledged anything for 30.

use std::thread;
use std::time::Duration;

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::StorageError;

/// What libpq is told unless the connection string has its own word on it. On a unix socket only the first means anything.
const DEFAULTS: &[(&str, &str)] = &[
    ("connect_timeout", "5"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "4"),
    ("tcp_user_timeout", "30000"),
];

const SETTINGS: &str = "SET TIME ZONE 'UTC'; SET idle_in_transaction_session_timeout = '600s'";

/// Messages in English, whatever the locale of the cluster: some errors are recognised by them ([`wording`](super::wording)). A role that
/// may not set it goes on with what its cluster has.
const ENGLISH: &str = "DO $$ BEGIN IF current_setting('lc_messages') NOT IN ('C', 'POSIX') THEN \
                       SET lc_messages = 'C'; END IF; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$";

/// Pauses between the tries to reach a PostgreSQL that is just starting: about six seconds in all. One whose
/// backend was killed takes five when another of them does not end at once.
const PAUSES: [u64; 11] = [20, 40, 80, 160, 320, 640, 800, 1_000, 1_000, 1_000, 1_000];

/// How long one statement may take, and wait for a lock, before the database ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limits {
    /// What a caller waits for and others wait behind.
    Read,
    /// The same of what writes.
    Command,
    /// Long work with a connection of its own.
    Long,
}

impl Limits {
    /// As settings of PostgreSQL.
    fn settings(self) -> &'static str {
        match self {
            Limits::Read => "SET lock_timeout = '5s'; SET statement_timeout = '20s'",
            Limits::Command => "SET lock_timeout = '10s'; SET statement_timeout = '60s'",
            Limits::Long => "SET lock_timeout = '60s'",
        }
    }

    /// After how long nobody waits for an answer any more: a database that stands still ends no statement either.
    pub(super) fn longest(self) -> Duration {
        match self {
            Limits::Read => Duration::from_secs(30),
            Limits::Command => Duration::from_secs(120),
            Limits::Long => Duration::MAX,
        }
    }
}

/// Opens a connection.
pub(super) fn open(url: &str, limits: Limits) -> Result<PgConnection, StorageError> {
    let mut conn =
        PgConnection::establish(&with_defaults(url)).map_err(|e| StorageError::Broken(e.to_string()))?;
    conn.batch_execute(&format!("{SETTINGS}; {}; {ENGLISH}", limits.settings()))
        .map_err(|e| StorageError::Broken(e.to_string()))?;
    Ok(conn)
}

/// Opens one, trying again for as long as a restarting PostgreSQL usually takes.
pub(super) fn await_open(url: &str, limits: Limits) -> Result<PgConnection, StorageError> {
    for pause in PAUSES {
        match open(url, limits) {
            Err(error) => tracing::warn!(%error, "the database cannot be reached"),
            opened => return opened,
        }
        thread::sleep(Duration::from_millis(pause));
    }
    open(url, limits)
}

/// A connection string of either kind, `postgresql://…` or `host=… dbname=…`, with the defaults for what it does not set itself.
fn with_defaults(url: &str) -> String {
    let is_uri = url.contains("://");
    let mut text = url.to_owned();
    for (name, value) in DEFAULTS.iter().filter(|(name, _)| !url.contains(&format!("{name}="))) {
        let before = match is_uri {
            true if text.contains('?') => "&",
            true => "?",
            false => " ",
        };
        text.push_str(&format!("{before}{name}={value}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_connection_string_does_not_say_is_added_in_its_own_way_of_writing() {
        let rest = "keepalives_idle=10&keepalives_interval=5&keepalives_count=4&tcp_user_timeout=30000";
        assert_eq!(with_defaults("postgresql://h/d"), format!("postgresql://h/d?connect_timeout=5&{rest}"));
        let own = "postgresql://h/d?connect_timeout=60";
        assert_eq!(with_defaults(own), format!("{own}&{rest}"));
        let words = with_defaults("host=h dbname=d");
        assert_eq!(words, format!("host=h dbname=d connect_timeout=5 {}", rest.replace('&', " ")));
    }
}
