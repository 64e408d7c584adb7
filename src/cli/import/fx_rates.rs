//! `billwright import fx-rates`: the European Central Bank's file of exchange rates, for all tenants.
//!
//! `eurofxref-hist.csv` has some 40 rates for each working day since 1999; the same file again adds none.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::super::Outcome;
use crate::adapters::fx::{self, MOST_BYTES, Published};
use crate::platform::clock;
use crate::platform::config::DatabaseSettings;
use crate::platform::postgres::Access;
use crate::storage::Session;
use crate::workflows::fx::record_published;

/// Import exchange rates of the European Central Bank
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright import fx-rates eurofxref-hist.csv\n\n\
    The file is one of https://www.ecb.europa.eu/stats/eurofxref, unpacked: eurofxref-daily.xml, eurofxref-hist-90d.xml, eurofxref-hist.xml or\n\
    eurofxref-hist.csv. The rates are those of all tenants. The same file again changes nothing; a rate that was published otherwise before is\n\
    recorded beside it and used from now on.")]
pub(super) struct FxRates {
    /// The XML or CSV file
    file: PathBuf,
    /// Print one JSON line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: DatabaseSettings,
}

impl FxRates {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        let published = self.read()?;
        let database = self.database.check()?;
        let access = Access::open(&database.data_dir, database.url())?;
        let session = Session::open(access.url());
        let added = session
            .map_err(Into::into)
            .and_then(|mut session| record_published::run(&mut session, &published.quotes, clock::now()));
        access.close();
        self.print(&published, added?);
        Ok(())
    }

    fn read(&self) -> Result<Published, Box<dyn std::error::Error + Send + Sync>> {
        let unreadable = |e: std::io::Error| format!("{} cannot be read: {e}", self.file.display());
        let mut bytes = Vec::new();
        let file = File::open(&self.file).map_err(unreadable)?;
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(fx::read(&bytes).map_err(|e| format!("{}: {e}; nothing was imported", self.file.display()))?)
    }

    fn print(&self, published: &Published, added: usize) {
        let days = || published.quotes.iter().map(|quote| quote.date);
        let (first, last) = (days().min(), days().max());
        let (read, skipped) = (published.quotes.len(), published.skipped);
        if self.json {
            let line =
                json!({ "read": read, "added": added, "skipped": skipped, "first": first, "last": last });
            println!("{line}");
            return;
        }
        let span = first.zip(last).map(|(first, last)| format!(" of {first} to {last}")).unwrap_or_default();
        println!(
            "{read} rates{span}: {added} added, {} known; {skipped} of currencies that are no more",
            read - added
        );
    }
}
