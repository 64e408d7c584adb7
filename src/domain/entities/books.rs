//! May the currency of an entity's books be another? Only while nothing is posted in them: what is posted is in that currency for good.

use crate::domain::money::Currency;
use crate::domain::refusal::{Refusal, RefusalKind};

/// Why the currency stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the books of this entity are kept in {0}, and something is posted in them already: their currency stays; \
     create another entity for books in another currency"
)]
pub struct BooksKept(pub Currency);

impl Refusal for BooksKept {
    fn code(&self) -> &'static str {
        "functional_currency_in_use"
    }

    fn pointer(&self) -> Option<String> {
        Some("/functional_currency".to_owned())
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::State
    }
}
