//! `billwright simulator`: how does a payment gateway behave when all goes wrong? One to rehearse with, as a server of its own: charges, refunds,
//! disputes and payouts by its own books, with latency, faults and webhooks that are late, doubled and out of order, all set by its API.
//!
//! 31.00 of `tok_success` are charged, 1.20 of them kept as a fee, and 29.80 paid out. No money moves: it serves test tenants only.

mod books;
mod called;
mod control;
mod kept;
mod payouts;
mod server;
mod settings;
mod shown;
mod simulated;
mod store;
mod webhooks;

pub use server::serve;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::Args;

use super::Outcome;
use crate::http::server::block_on;

/// Run a payment gateway to rehearse with
///
/// Gateway accounts of test tenants reach it by their `base_url`. It keeps everything in memory, or in a file, and fails when it is told to at /control.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright simulator --listen 127.0.0.1:8091 --data simulator.log")]
pub(super) struct Simulator {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8091")]
    listen: SocketAddr,
    /// The file in which its books are kept: a line for each thing that happened, only ever added [default: in memory alone]
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
}

impl Simulator {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        let listener = TcpListener::bind(self.listen)
            .map_err(|error| format!("cannot listen on {}: {error}", self.listen))?;
        tracing::info!(listen = %listener.local_addr()?, "ready");
        block_on(async { serve(listener, self.data.as_deref())?.await })?;
        Ok(())
    }
}
