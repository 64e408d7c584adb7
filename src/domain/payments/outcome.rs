//! What did the gateway say? Yes, no, later, or nothing at all: `Declined { code: "stolen_card", hard: true }`.
//!
//! Silence is not a no: the money may have been taken. It is resolved by asking, never by charging again.

use chrono::{DateTime, Utc};

/// What became of a charge, as far as the gateway tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The money was taken.
    Succeeded {
        /// The gateway's name for it.
        reference: String,
    },
    /// It was not, and will not be by this charge.
    Declined {
        /// The gateway's reason.
        code: String,
        /// The gateway's name for the charge, when it gave one.
        reference: Option<String>,
        /// Whether trying again with the same method is useless or forbidden.
        hard: bool,
        /// The card network's own code, such as `51`, when the gateway tells it.
        network_code: Option<String>,
        /// What the network advises, such as `try_again_later` or `01`.
        advice_code: Option<String>,
    },
    /// It is being taken: a bank transfer takes its time.
    Pending {
        /// When asking again makes sense.
        check_after: DateTime<Utc>,
        /// The gateway's name for it.
        reference: String,
        /// Where its payer agrees to it, when it waits for that.
        action_url: Option<String>,
    },
    /// No answer came.
    Unknown,
    /// The gateway was queried and has never heard of the charge: it was not reached before we stopped.
    NeverReached,
}

impl Outcome {
    /// A no with a reason and nothing else.
    #[must_use]
    pub fn declined(code: &str, hard: bool) -> Outcome {
        let code = code.to_owned();
        Outcome::Declined { code, reference: None, hard, network_code: None, advice_code: None }
    }
}

/// The code of an attempt that never reached its gateway.
pub const NEVER_REACHED: &str = "never_reached_gateway";
