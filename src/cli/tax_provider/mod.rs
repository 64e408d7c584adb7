//! `billwright tax-provider`: how does a provider of tax behave that speaks the contract? A small one to rehearse with: rates by a table, documents in memory, and faults at will.
//!
//! 100.00 to Austin in Texas: 6.25 for Texas, 1.00 for the city, 1.00 for its transit authority. Restarted, it has forgotten all.

mod documents;
mod rates;
mod reading;
mod reference;
mod server;

pub use server::serve;
pub(super) use server::serve_slowly;

use std::net::{SocketAddr, TcpListener};

use clap::Args;

use super::Outcome;
use crate::http::server::block_on;

/// Run a provider of tax to rehearse with
///
/// It speaks the contract of docs/tax-providers.md, keeps everything in memory, and fails when it is told to at /_state.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright tax-provider --listen 127.0.0.1:8090")]
pub(super) struct TaxProvider {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
}

impl TaxProvider {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        let listener = TcpListener::bind(self.listen)
            .map_err(|error| format!("cannot listen on {}: {error}", self.listen))?;
        tracing::info!(listen = %listener.local_addr()?, "ready");
        block_on(async { serve(listener)?.await })?;
        Ok(())
    }
}
