//! Who says elsewhere what sales are taxed with? Providers, each behind the same verbs: preview, commit, void, credit; and a look at what it has,
//! for when nobody heard what became of a call. Called outside any transaction, within a bounded time.

mod avalara;
mod calls;
mod generic;
mod stripe;
mod wording;

pub use avalara::Avalara;
pub use calls::Endpoint;
pub use generic::Generic;
pub use stripe::Stripe;

use crate::domain::tax::provided::documents::Document;
use crate::domain::tax::provided::{Answer, ProviderKind, Question};

/// Why a provider did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nobody knows whether it was done: a time-out, a broken connection, a fault of the provider, too many calls.
    #[error("{0}")]
    Unreachable(String),
    /// It says no, and will again.
    #[error("{0}")]
    Refused(String),
    /// The document is locked: it is part of a return already.
    #[error("the document is locked")]
    Locked,
}

/// What a provider has of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// As it calls the document.
    pub reference: Option<String>,
    /// Its tax, in minor units.
    pub tax: Option<i64>,
}

/// What was found under the id of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Nothing,
    Committed(Receipt),
    Voided,
    /// It cannot be looked up; the same call made again has no second effect.
    Unknowable,
}

/// A provider of tax.
pub trait Provider: Send + Sync {
    /// How many questions go in one call.
    fn batch(&self) -> usize;

    /// What these sales are taxed with, in their order. Nothing is kept.
    fn preview(&self, questions: &[Question]) -> Vec<Result<Answer, Trouble>>;

    /// Has an issued invoice kept, under its own id: made again, it has no second effect.
    ///
    /// # Errors
    /// [`Trouble`].
    fn commit(&self, document: &Document) -> Result<Receipt, Trouble>;

    /// Has it kept no longer.
    ///
    /// # Errors
    /// [`Trouble`].
    fn void(&self, document: &Document, reference: Option<&str>) -> Result<(), Trouble>;

    /// Has a document kept that takes back of an invoice. `reference` is the provider's of the invoice.
    ///
    /// # Errors
    /// [`Trouble`].
    fn credit(&self, document: &Document, reference: Option<&str>) -> Result<Receipt, Trouble>;

    /// What it has under an id.
    ///
    /// # Errors
    /// [`Trouble`].
    fn look_up(&self, id: &str, currency: &str) -> Result<Found, Trouble>;
}

/// A provider of a kind.
#[must_use]
pub fn provider(kind: ProviderKind, endpoint: Endpoint) -> Box<dyn Provider> {
    match kind {
        ProviderKind::Generic => Box::new(Generic { endpoint }),
        ProviderKind::Avalara => Box::new(Avalara { endpoint }),
        ProviderKind::Stripe => Box::new(Stripe { endpoint }),
    }
}
