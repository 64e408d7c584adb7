//! `billwright import`: what was billed elsewhere comes over, whole or not at all.

mod file;
mod subscriptions;

use clap::{Args, Subcommand};

use super::Outcome;

/// Bring over what was billed elsewhere
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  billwright import subscriptions customers.csv --tenant ten_01jgejp8g0e3q9k0v6z4t1x2y3\n  \
    billwright help import subscriptions            the columns of the file"
)]
pub struct Import {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Subscriptions(subscriptions::Subscriptions),
}

impl Import {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        match self.what {
            What::Subscriptions(command) => command.run(),
        }
    }
}
