//! How is PostgreSQL set for this machine?
//!
//! A share of the memory for shared buffers, and room for a whole billing run between two checkpoints. Worked
//! number: on a machine of 16 GB, `shared_buffers` is 16384 / 8 = 2048 MB and `effective_cache_size` is 8192
//! MB.

use crate::platform::memory;

/// The settings that depend on the machine, or on whether the data is worth keeping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tuning {
    /// PostgreSQL's own cache.
    pub shared_buffers_mb: u64,
    /// What the planner may assume the operating system caches.
    pub effective_cache_mb: u64,
    /// The write-ahead log that may gather between two checkpoints.
    pub max_wal_size_mb: u64,
    /// The write-ahead log held in memory.
    pub wal_buffers_mb: u64,
    /// Whether a commit survives a power cut. Off only for data that nobody will miss.
    pub durable: bool,
}

impl Tuning {
    /// For real data on this machine.
    pub fn for_this_machine() -> Tuning {
        Tuning::for_memory(memory::available_to_us_mb())
    }

    /// For real data on a machine of `mb` megabytes.
    pub fn for_memory(mb: u64) -> Tuning {
        Tuning {
            shared_buffers_mb: (mb / 8).clamp(64, 2048),
            effective_cache_mb: (mb / 2).max(256),
            max_wal_size_mb: 8192,
            wal_buffers_mb: if mb < 2048 { 16 } else { 64 },
            durable: true,
        }
    }

    /// For tests: small, quick to start, and nothing survives a power cut.
    pub fn for_tests() -> Tuning {
        Tuning {
            shared_buffers_mb: 128,
            effective_cache_mb: 1024,
            max_wal_size_mb: 1024,
            wal_buffers_mb: 16,
            durable: false,
        }
    }

    /// The text of the settings file. `lz4` says whether this PostgreSQL can compress with it.
    pub(super) fn settings(&self, lz4: bool) -> String {
        let mut lines = vec![
            "# Written anew at every start. Your own settings go into postgresql.conf, below its include line.".to_owned(),
            format!("shared_buffers = {}MB", self.shared_buffers_mb),
            format!("effective_cache_size = {}MB", self.effective_cache_mb),
            format!("max_wal_size = {}MB", self.max_wal_size_mb),
            format!("min_wal_size = {}MB", self.max_wal_size_mb / 8),
            format!("wal_buffers = {}MB", self.wal_buffers_mb),
            format!("wal_compression = {}", if lz4 { "lz4" } else { "on" }),
        ];
        lines.extend(STEADY.iter().map(|line| (*line).to_owned()));
        if !self.durable {
            // A commit still leaves the process before it is answered, so it survives `kill -9`, as tests of
            // crashes need.
            lines.extend(["fsync = off", "full_page_writes = off"].map(str::to_owned));
            // Many servers share it.
            lines.push("max_connections = 300".to_owned());
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

/// The settings that are the same everywhere. Just-in-time compilation costs more than it saves on short
/// queries; a solid-state disk reads a random page nearly as fast as the next one.
const STEADY: [&str; 19] = [
    "max_connections = 100",
    "checkpoint_timeout = 15min",
    "synchronous_commit = on",
    "jit = off",
    "random_page_cost = 1.1",
    "effective_io_concurrency = 200",
    "work_mem = 16MB",
    "maintenance_work_mem = 256MB",
    "autovacuum = on",
    "autovacuum_vacuum_cost_limit = 2000",
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "datestyle = 'iso, ymd'",
    "lc_messages = 'C'",
    "log_line_prefix = '%m [%p] %q%a '",
    "log_lock_waits = on",
    "log_min_error_statement = panic",
    "log_checkpoints = off",
    // Recovered to an instant, it is ready when that is done and not before: stopped on the way, PostgreSQL would go on to the end.
    "hot_standby = off",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_buffers_are_an_eighth_of_the_memory_but_never_above_two_gigabytes() {
        assert_eq!(Tuning::for_memory(4096).shared_buffers_mb, 512);
        assert_eq!(Tuning::for_memory(16_384).shared_buffers_mb, 2048);
        assert_eq!(Tuning::for_memory(262_144).shared_buffers_mb, 2048);
    }

    #[test]
    fn only_the_tests_give_up_durability() {
        assert!(!Tuning::for_this_machine().settings(true).contains("fsync"));
        assert!(Tuning::for_tests().settings(false).contains("fsync = off"));
    }
}
