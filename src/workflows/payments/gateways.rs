//! Which payment gateways are there? The built-in simulator, on books in its own schema of the same database.

use std::sync::Arc;

use crate::adapters::gateway::{Gateway, Gateways, Simulator};
use crate::storage::Db;
use crate::storage::payments::simulator::Books;

/// Every gateway this server can charge at.
pub fn all(db: &Db) -> Gateways {
    let simulator: Arc<dyn Gateway> = Arc::new(Simulator::new(Arc::new(Books::new(db))));
    Gateways::new([simulator])
}
