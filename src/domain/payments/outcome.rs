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

/// Reasons after which the same method must not be tried again: the networks fine those who do.
const HARD: [&str; 13] = [
    "authentication_required",
    "card_not_supported",
    "expired_card",
    "highest_risk_level",
    "incorrect_number",
    "invalid_account",
    "invalid_token",
    "lost_card",
    "pickup_card",
    "revocation_of_all_authorizations",
    "revocation_of_authorization",
    "stolen_card",
    "transaction_not_allowed",
];

/// Whether a decline code forbids another try with the same method. An unknown code is soft: it may pass tomorrow.
pub fn is_hard(code: &str) -> bool {
    HARD.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stolen_card_is_never_tried_again_and_an_empty_account_is() {
        assert!(is_hard("stolen_card"));
        assert!(!is_hard("insufficient_funds"));
        assert!(!is_hard("a_code_of_tomorrow"));
    }
}
