//! What can PostgreSQL itself do? pgbench with the statement the server sends, on the same rows, as many clients, as long.

use std::path::{Path, PathBuf};
use std::process::Command;

use rust_decimal::Decimal;

use super::Fallible;
use super::load::THREADS;
use crate::domain::ids::TenantId;
use crate::platform::config;
use crate::platform::postgres::Embedded;
use crate::storage::bench::reads::numbered_sql;

/// pgbench and what it runs.
pub(super) struct Pgbench {
    program: PathBuf,
    script: PathBuf,
    url: String,
    tenant: String,
}

impl Pgbench {
    /// Finds the program beside PostgreSQL's own or on the path; `None` when it is not installed.
    pub(super) fn find(cluster: &Embedded) -> Option<PathBuf> {
        let on_path = config::program_dirs().into_iter().map(|dir| dir.join("pgbench"));
        std::iter::once(cluster.program("pgbench")).chain(on_path).find(|program| program.is_file())
    }

    /// Writes the script: a random invoice, read by `statements`, in which `:tenant` is the tenant and `:invoice` the invoice.
    pub(super) fn prepare(
        program: PathBuf,
        cluster: &Embedded,
        script: &Path,
        read: &Read<'_>,
    ) -> Fallible<Pgbench> {
        std::fs::write(script, read.script()?)?;
        let tenant = format!("tenant={}", read.tenant_id.uuid());
        Ok(Pgbench { program, script: script.to_owned(), url: cluster.url().to_owned(), tenant })
    }

    /// Transactions a second.
    pub(super) fn run(&self, clients: usize, seconds: u64) -> Fallible<Decimal> {
        let output = Command::new(&self.program)
            .args(["-n", "-M", "prepared", "-j", &THREADS.to_string()])
            .args(["-T", &seconds.to_string(), "-c", &clients.to_string()])
            .args(["-D", &self.tenant, "-f"])
            .arg(&self.script)
            .arg(&self.url)
            .output()?;
        let report = String::from_utf8_lossy(&output.stdout);
        let rate = report.lines().find_map(tps).filter(|_| output.status.success());
        rate.ok_or_else(|| format!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

/// A read of one of the tenant's invoices.
pub(super) struct Read<'a> {
    pub tenant_id: TenantId,
    /// How many there are.
    pub invoices: u32,
    /// As the server sends them.
    pub statements: &'a [String],
}

impl Read<'_> {
    fn script(&self) -> Fallible<String> {
        let mut script = format!("\\set n random(1, {})\n", self.invoices);
        for statement in self.statements {
            if statement.contains('$') {
                return Err(format!("a read has more parameters than tenant and invoice: {statement}").into());
            }
            script.push_str(&statement.replace(":invoice", &numbered_sql(":n::int")));
            script.push_str(";\n");
        }
        Ok(script)
    }
}

/// The rate in `tps = 12345.678 (without initial connection time)`.
fn tps(line: &str) -> Option<Decimal> {
    let rate = line.strip_prefix("tps = ")?.split_whitespace().next()?;
    rate.parse::<Decimal>().ok().map(|rate| rate.round())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_rate_is_read_from_what_pgbench_tells() {
        assert_eq!(tps("tps = 21345.678901 (without initial connection time)"), Some(Decimal::from(21_346)));
        assert_eq!(tps("latency average = 0.374 ms"), None);
    }

    #[test]
    fn the_script_reads_a_random_invoice_of_the_tenant() {
        let statements = ["SELECT 1 WHERE a = :tenant AND b = :invoice".to_owned()];
        let tenant_id = TenantId::from_uuid(Uuid::nil());
        let script = Read { tenant_id, invoices: 7, statements: &statements }.script().unwrap();
        assert!(
            script.starts_with("\\set n random(1, 7)\nSELECT 1 WHERE a = :tenant AND b = ('0190"),
            "{script}"
        );
    }
}
