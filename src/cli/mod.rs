//! Which command was given, and what does it need? One file for each command; this is their table.
//!
//! A command prints its answer on standard output (for machines with `--json`), everything else on standard
//! error, and ends with 0 when it did what was asked, 1 when it failed, 2 when it was asked wrongly.

mod backup;
mod bench;
mod bill;
mod database;
mod demo;
mod faults;
mod import;
mod migrate;
mod openapi;
pub mod outcome;
mod serve;
pub mod simulator;
mod tax;
pub mod tax_provider;
mod tenants;
mod verify_books;
mod work;

pub use outcome::Outcome;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::platform::config::LogSettings;
use crate::platform::telemetry;

#[derive(Debug, Parser)]
#[command(
    name = "billwright",
    version,
    about = "Subscription billing and revenue server: from order to cash in one binary and one PostgreSQL",
    after_help = "Start here:\n  billwright serve                    on http://127.0.0.1:8080, with a database in ./data\n  \
        billwright help serve               every setting of the server"
)]
struct CommandLine {
    #[command(flatten)]
    log: LogSettings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Demo(serve::Demo),
    Work(work::Work),
    Bill(bill::Bill),
    Bench(bench::Bench),
    Import(import::Import),
    Tax(tax::Tax),
    TaxProvider(tax_provider::TaxProvider),
    Simulator(simulator::Simulator),
    Tenants(tenants::Tenants),
    VerifyBooks(verify_books::VerifyBooks),
    Backup(backup::Backup),
    Restore(backup::Restore),
    Migrate(migrate::Migrate),
    Openapi(openapi::Openapi),
    Database(database::Database),
}

/// Reads the command line, runs the command and tells how it went.
pub fn main() -> ExitCode {
    let line = CommandLine::parse();
    let log = match telemetry::init(&line.log) {
        Ok(log) => log,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let outcome = match line.command {
        Command::Serve(command) => command.run(),
        Command::Demo(command) => command.run(),
        Command::Work(command) => command.run(),
        Command::Bill(command) => command.run(),
        Command::Bench(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Tax(command) => command.run(),
        Command::TaxProvider(command) => command.run(),
        Command::Simulator(command) => command.run(),
        Command::Tenants(command) => command.run(),
        Command::VerifyBooks(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Restore(command) => command.run(),
        Command::Migrate(command) => command.run(),
        Command::Openapi(command) => command.run(),
        Command::Database(command) => command.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log.tell(&format!("error: {}", with_causes(error.as_ref())));
            ExitCode::FAILURE
        }
    }
}

/// An error's message and those of its causes, leaving out what was said already.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed_and_every_command_shows_an_example() {
        CommandLine::command().debug_assert();
        for command in CommandLine::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("billwright"), "{} --help shows no example", command.get_name());
        }
    }

    #[test]
    fn an_error_is_printed_with_its_causes_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("opening the books: {0}")]
        struct Outer(#[source] std::io::Error);
        let error = Outer(std::io::Error::other("disk on fire"));
        assert_eq!(with_causes(&error), "opening the books: disk on fire");
    }
}
