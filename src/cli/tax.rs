//! `billwright tax number`: is a tax number written as its authority writes them?

use std::io::{self, BufRead, Write};

use clap::{Args, Subcommand};

use super::Outcome;
use crate::domain::customers::tax_numbers;

/// Check what tax is decided by
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  billwright tax number eu_vat DE136695976\n  \
    echo 'eu_vat DE136695976' | billwright tax number     one on each line")]
pub(super) struct Tax {
    #[command(subcommand)]
    check: Check,
}

#[derive(Debug, Subcommand)]
enum Check {
    Number(Number),
}

/// Check the shape and the check digits of a tax number
///
/// Answers `valid` with the number as its authority writes it, or `malformed` with what to do. Fails when one is malformed. Whether it was
/// ever given to anyone, only the authority knows.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright tax number eu_vat 'DE 136 695 976'")]
struct Number {
    /// `eu_vat`, `gb_vat`, `ch_vat`, `au_abn`, …; left out: lines `KIND NUMBER` are read
    #[arg(requires = "number")]
    kind: Option<String>,
    /// The number
    number: Option<String>,
}

impl Tax {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        let Check::Number(Number { kind, number }) = self.check;
        let mut out = io::stdout().lock();
        match (kind, number) {
            (Some(kind), Some(number)) => {
                let answer = answer(&kind, &number)?;
                Ok(writeln!(out, "{answer}")?)
            }
            _ => {
                for line in io::stdin().lock().lines() {
                    let line = line?;
                    let (kind, number) = line.split_once(' ').unwrap_or((&line, ""));
                    writeln!(out, "{}", answer(kind, number).unwrap_or_else(|_| "malformed".to_owned()))?;
                }
                Ok(())
            }
        }
    }
}

fn answer(kind: &str, number: &str) -> Result<String, tax_numbers::Malformed> {
    Ok(match tax_numbers::parse(kind, number)? {
        Some(read) => format!("valid {}", read.value),
        None => "no rule for this kind".to_owned(),
    })
}
