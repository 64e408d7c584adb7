//! The jobs themselves: what one bad item does to the rest, what is done in real time for live tenants, by two processes at once, and after a
//! panic.

mod clocks;
mod outages;
mod panics;
pub mod parked;
mod planted;
mod stuck;
mod trials;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use billwright::jobs::{Does, JOBS};

use crate::guides::is_update;

/// The table of jobs as the guide shows it.
fn table() -> String {
    let mut table = "| job | looks for work at | and takes on |\n|---|---|---|\n".to_owned();
    for job in JOBS {
        let takes_on: Vec<&str> = match job.does {
            Does::WorkOfTenants { kinds, .. } | Does::PostOffice(kinds) => {
                kinds.iter().map(|kind| kind.takes_on).collect()
            }
            Does::TestClocks => vec!["test clocks on their way that nobody moves"],
            Does::Chores(chores) => chores.iter().map(|chore| chore.takes_on).collect(),
        };
        writeln!(table, "| `{}` | `{}` | {} |", job.name, job.cron, takes_on.join("; ")).unwrap();
    }
    table
}

/// `scripts/check-docs --update` writes it there.
#[test]
fn the_guide_lists_the_jobs_as_the_table_has_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
    let guide = fs::read_to_string(&path).unwrap();
    let (before, rest) = guide.split_once("<!-- jobs -->\n").unwrap();
    let (shown, after) = rest.split_once("<!-- end of jobs -->").unwrap();
    if is_update() {
        fs::write(&path, format!("{before}<!-- jobs -->\n{}<!-- end of jobs -->{after}", table())).unwrap();
        return;
    }
    assert_eq!(
        shown,
        table(),
        "the table in docs/operations.md is not that of src/jobs: scripts/check-docs --update writes it"
    );
}
