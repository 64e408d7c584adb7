//! `billwright import usage`: the rows of a CSV file as events of one customer, beside a running server or without one.
//!
//! 8,819 requests to a language model become 8,819 events; the same file again, 8,819 duplicates.

use std::path::PathBuf;

use clap::Args;
use csv::{ReaderBuilder, Trim};
use serde_json::json;

use super::super::Outcome;
use super::subscriptions::progress;
use crate::domain::ids::TenantId;
use crate::domain::usage::Event;
use crate::domain::usage::import::File;
use crate::platform::config::DatabaseSettings;
use crate::platform::postgres::Access;
use crate::storage::Session;
use crate::workflows::usage::import_usage::{self, Imported};

/// Errors shown; the rest is counted.
const SHOWN: usize = 100;

/// Import the rows of a CSV file as events of usage of one customer
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  billwright import usage llm_tokens_code.csv --tenant ten_01jgejp8g0e3q9k0v6z4t1x2y3 --customer acme --type llm.request\n\n\
    The file has a header. A column named timestamp or time holds the instant (RFC 3339, or a date and time of UTC); every other column\n\
    becomes a member of the event's data. The file's name and the row's number are the event's id: the same file again changes nothing."
)]
pub(super) struct Usage {
    /// The CSV file
    file: PathBuf,
    /// Whose events they are
    #[arg(long, value_name = "ID")]
    tenant: TenantId,
    /// The customer's id, or your own id of the customer
    #[arg(long, value_name = "ID")]
    customer: String,
    /// What kind of usage: meters look at events of one type
    #[arg(long = "type", value_name = "TYPE", default_value = "llm.request")]
    event_type: String,
    /// Print one JSON line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: DatabaseSettings,
}

impl Usage {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        let events = self.events()?;
        let database = self.database.check()?;
        let access = Access::open(&database.data_dir, database.url())?;
        let imported = self.import(access.url(), &events);
        access.close();
        self.print(&imported?)
    }

    fn events(&self) -> Result<Vec<Event>, Box<dyn std::error::Error + Send + Sync>> {
        let name = self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .trim(Trim::All)
            .from_path(&self.file)
            .map_err(|e| format!("{} cannot be read: {e}", self.file.display()))?;
        let header =
            reader.headers()?.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
        let file = File { name: &name, event_type: &self.event_type, subject: &self.customer, header };
        let mut events = Vec::new();
        for (number, record) in (1..).zip(reader.records()) {
            let record = record?;
            let cells: Vec<&str> = record.iter().collect();
            let event = file.event(number, &cells);
            events.push(event.map_err(|detail| format!("row {number}: {detail}; nothing was imported"))?);
        }
        Ok(events)
    }

    fn import(
        &self,
        url: &str,
        events: &[Event],
    ) -> Result<Imported, Box<dyn std::error::Error + Send + Sync>> {
        let mut session = Session::open(url)?;
        let bar = progress(events.len());
        let imported = import_usage::run(&mut session, self.tenant, events, &mut |done| {
            bar.set_position(done as u64);
        });
        bar.finish_and_clear();
        Ok(imported?)
    }

    fn print(&self, imported: &Imported) -> Outcome {
        let rejected = &imported.rejected;
        if self.json {
            let shown: Vec<_> = rejected
                .iter()
                .take(SHOWN)
                .map(|(n, refused)| json!({ "row": n + 1, "code": refused.code, "detail": refused.detail }))
                .collect();
            let line = json!({
                "accepted": imported.accepted, "duplicates": imported.duplicates, "kept": imported.kept,
                "rejected_count": rejected.len(), "rejected": shown,
            });
            println!("{line}");
        } else {
            rejected
                .iter()
                .take(SHOWN)
                .for_each(|(n, refused)| eprintln!("row {}: {}", n + 1, refused.detail));
            println!(
                "{} events accepted, {} duplicates, {} kept, {} rejected",
                imported.accepted,
                imported.duplicates,
                imported.kept,
                rejected.len()
            );
        }
        match rejected.len() {
            0 => Ok(()),
            n => Err(format!("{n} rows of {} were rejected", self.file.display()).into()),
        }
    }
}
