//! Which payment gateways are there? The built-in simulator, on books in its own schema of the same database.

use std::sync::Arc;

use crate::adapters::gateway::{Gateway, Gateways, Simulator};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::storage::Db;
use crate::storage::payments::simulator::Books;

/// Every gateway this server can charge at.
pub fn all(db: &Db) -> Gateways {
    let simulator: Arc<dyn Gateway> = Arc::new(Simulator::new(Arc::new(Books::new(db))));
    Gateways::new([simulator])
}

/// Why what a gateway is asked about is postponed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Silent {
    #[error(
        "the gateway told something of a payment and does not answer what has become of it; it is asked again"
    )]
    Gateway,
}

impl Refusal for Silent {
    fn code(&self) -> &'static str {
        "gateway_silent"
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::State
    }
}
