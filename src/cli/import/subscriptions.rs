//! `billwright import subscriptions`: customers, plans and subscriptions from a CSV file, beside a running server or without one.
//!
//! 7,043 rows become 7,043 customers and subscriptions in one transaction of a few seconds.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::super::Outcome;
use super::file;
use crate::domain::ids::TenantId;
use crate::domain::subscriptions::import::{LineError, Row};
use crate::platform::config::DatabaseSettings;
use crate::platform::postgres::Access;
use crate::storage::Session;
use crate::workflows::subscriptions::import_failure::Failure;
use crate::workflows::subscriptions::import_subscriptions::{self, Imported, Step};

/// Errors shown; the rest is counted.
const SHOWN: usize = 100;

/// Import customers and their subscriptions from a CSV file
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  billwright import subscriptions customers.csv --tenant ten_01jgejp8g0e3q9k0v6z4t1x2y3\n  \
    billwright import subscriptions customers.csv --tenant ten_01jgejp8g0e3q9k0v6z4t1x2y3 --json\n\n\
    Columns, in any order, below a header with their names:\n  \
    customer_external_id   your id of the customer, who is created; no customer may have it yet\n  \
    plan_code              a plan billed monthly; created with one price, monthly, where it is new\n  \
    monthly_amount         the subscription's own price for a month in advance, such as 42.30\n  \
    currency               ISO 4217, such as USD\n  \
    start_date             first day of service in UTC, such as 2026-10-31\n  \
    anchor_day             optional: day of the month its periods begin on, 1 to 31\n  \
    contract_term_months   optional: kept in the subscription's metadata\n  \
    payment                card or bank_transfer (collected automatically at the simulator), or offline (invoice sent)\n  \
    services               optional: kept in the subscription's metadata\n\n\
    Everything is imported, or nothing: each line at fault is told. A test tenant that has invoiced nothing yet has its clock\n\
    set back to the earliest start date, so that advancing it bills everything in order."
)]
pub(super) struct Subscriptions {
    /// The CSV file, or - for standard input
    file: PathBuf,
    /// Whose subscriptions they are
    #[arg(long, value_name = "ID")]
    tenant: TenantId,
    /// Print one JSON line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: DatabaseSettings,
}

impl Subscriptions {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        let rows = match file::read(&self.contents()?) {
            Ok(rows) => rows,
            Err(errors) => return Err(self.refuse(&errors)),
        };
        let database = self.database.check()?;
        let access = Access::open(&database.data_dir, database.url())?;
        let outcome = self.import(access.url(), &rows);
        access.close();
        match outcome {
            Ok(imported) => {
                self.print(&imported);
                Ok(())
            }
            Err(Failure::Lines(errors)) => Err(self.refuse(&errors)),
            Err(Failure::Failed(error)) => Err(error.into()),
        }
    }

    fn contents(&self) -> Result<Vec<u8>, String> {
        let read = match self.file.as_os_str() == "-" {
            true => std::io::read_to_string(std::io::stdin()).map(String::into_bytes),
            false => std::fs::read(&self.file),
        };
        read.map_err(|e| format!("{} cannot be read: {e}", self.file.display()))
    }

    fn import(&self, url: &str, rows: &[Row]) -> Result<Imported, Failure> {
        let mut session = Session::open(url)?;
        let bar = progress(rows.len());
        let outcome = import_subscriptions::run(&mut session, self.tenant, rows, &mut |step| match step {
            Step::Prepared(done) => bar.set_position(done as u64),
            Step::Writing(table) => bar.set_message(format!("writing {table}")),
        });
        bar.finish_and_clear();
        outcome
    }

    fn print(&self, imported: &Imported) {
        if self.json {
            let line = json!({
                "imported": true,
                "customers": imported.customers,
                "subscriptions": imported.subscriptions,
                "plans": imported.plans,
                "payment_methods": imported.payment_methods,
                "clock_set_back_to": imported.clock_set_back_to,
            });
            println!("{line}");
            return;
        }
        println!(
            "imported {} customers with {} subscriptions, {} new plans and {} payment methods",
            imported.customers, imported.subscriptions, imported.plans, imported.payment_methods
        );
        if let Some(to) = imported.clock_set_back_to {
            println!(
                "the test clock was set back to {to}, the earliest start date: advance it to bill everything in order"
            );
        }
    }

    /// Tells each line at fault, up to a hundred, and gives the sentence the command ends with.
    fn refuse(&self, errors: &[LineError]) -> Box<dyn std::error::Error + Send + Sync> {
        let shown = &errors[..errors.len().min(SHOWN)];
        if self.json {
            println!("{}", json!({ "imported": false, "error_count": errors.len(), "errors": shown }));
        } else {
            shown.iter().for_each(|error| eprintln!("{error}"));
            if errors.len() > SHOWN {
                eprintln!("… and {} more", errors.len() - SHOWN);
            }
        }
        let errors =
            if errors.len() == 1 { "1 error".to_owned() } else { format!("{} errors", errors.len()) };
        format!("{} has {errors}; nothing was imported", self.file.display()).into()
    }
}

/// A bar where standard error is a terminal; nothing elsewhere.
pub(super) fn progress(rows: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} rows {msg}");
    ProgressBar::new(rows as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
