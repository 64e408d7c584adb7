//! What does the simulated gateway remember? Each charge it took or refused, by idempotency key: the first with a key stays.

use chrono::{DateTime, Utc};
use strum::{EnumDiscriminants, EnumString, IntoStaticStr};

use crate::domain::money::Money;

/// A charge as the simulated gateway remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub idempotency_key: String,
    pub token: String,
    pub amount: Money,
    pub status: ChargeStatus,
    /// Its name for the charge.
    pub reference: String,
    pub received_at: DateTime<Utc>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, EnumDiscriminants)]
#[strum_discriminants(name(Outcome), doc = "What became of a charge by its name alone.")]
#[strum_discriminants(derive(EnumString, IntoStaticStr), strum(serialize_all = "snake_case", const_into_str))]
pub enum ChargeStatus {
    /// The money was taken.
    Succeeded,
    /// It was not.
    Declined {
        /// Why.
        code: String,
    },
    /// It is decided at `settles_at`: taken, or declined when there is a code.
    Pending {
        /// When it is decided.
        settles_at: DateTime<Utc>,
        /// Why it will be declined.
        code: Option<String>,
    },
}

/// Where charges are kept, as durable as a remote system's books: apart from every transaction of ours.
pub trait Memory: Send + Sync {
    /// Keeps charges, except where the key is known already, and nothing after the deadline. Gives what is kept for each key now.
    fn keep(&self, charges: &[Charge], deadline: DateTime<Utc>) -> Result<Vec<Charge>, String>;

    /// What is kept for these keys; unknown ones are left out.
    fn recall(&self, keys: &[String], deadline: DateTime<Utc>) -> Result<Vec<Charge>, String>;
}
