//! `billwright import`: what was billed elsewhere comes over, whole or not at all; usage that was written to a file; and rates of exchange.

mod file;
mod fx_rates;
mod subscriptions;
mod usage;

use clap::{Args, Subcommand};

use super::Outcome;

/// Bring over what was billed elsewhere
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  billwright import subscriptions customers.csv --tenant ten_01jgejp8g0e3q9k0v6z4t1x2y3\n  \
    billwright import usage requests.csv --tenant ten_01jgejp8g0e3q9k0v6z4t1x2y3 --customer acme\n  \
    billwright import fx-rates eurofxref-hist.csv\n  \
    billwright help import subscriptions            the columns of the file"
)]
pub(super) struct Import {
    #[command(subcommand)]
    records: Records,
}

#[derive(Debug, Subcommand)]
enum Records {
    Subscriptions(subscriptions::Subscriptions),
    Usage(usage::Usage),
    FxRates(fx_rates::FxRates),
}

impl Import {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        match self.records {
            Records::Subscriptions(command) => command.run(),
            Records::Usage(command) => command.run(),
            Records::FxRates(command) => command.run(),
        }
    }
}
