//! `billwright openapi`: writes the API's description.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::Outcome;
use crate::http;

/// Write the API's OpenAPI description
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  billwright openapi                       writes openapi/openapi.json\n  \
    billwright openapi --out -               prints it"
)]
pub(super) struct Openapi {
    /// The file to write; `-` prints it
    #[arg(long, value_name = "FILE", default_value = "openapi/openapi.json")]
    out: PathBuf,
}

impl Openapi {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        let text = http::openapi_json()?;
        if self.out.as_os_str() == "-" {
            print!("{text}");
            return Ok(());
        }
        fs::write(&self.out, text).map_err(|e| format!("writing {}: {e}", self.out.display()))?;
        eprintln!("wrote {}", self.out.display());
        Ok(())
    }
}
