//! How many commits a second can this disk make durable, one after the other? What pg_test_fsync says of `fdatasync`, which PostgreSQL
//! waits for at each commit that it shares with no other.
//!
//! Worked number: `fdatasync  1432.805 ops/sec  698 usecs/op` is 1,432 commits a second.

use std::path::Path;
use std::process::Command;

use rust_decimal::Decimal;

use crate::platform::postgres::Embedded;

/// Writes into `dir` for a second a method; `None` when PostgreSQL came without the program.
pub(super) fn per_second(cluster: &Embedded, dir: &Path) -> Option<Decimal> {
    let output = Command::new(cluster.program("pg_test_fsync"))
        .args(["-s", "1", "-f"])
        .arg(dir.join("fsync"))
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    rate(&String::from_utf8_lossy(&output.stdout))
}

/// The first that is said of `fdatasync`: of one block of 8 kB.
fn rate(report: &str) -> Option<Decimal> {
    let line = report.lines().find_map(|line| line.trim_start().strip_prefix("fdatasync"))?;
    line.split_whitespace().next()?.parse().ok().map(|rate: Decimal| rate.round())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rate_of_fdatasync_is_read_and_one_that_was_not_measured_is_none() {
        let report = "Compare:\n        open_datasync   793.864 ops/sec\n        fdatasync      1432.805 ops/sec     698 usecs/op\n        fdatasync   9.1 ops/sec\n";
        assert_eq!(rate(report), Some(Decimal::from(1433)));
        assert_eq!(rate("        fdatasync        n/a\n"), None);
        assert_eq!(rate(""), None);
    }
}
