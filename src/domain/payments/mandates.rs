//! May a bank account still be debited? As its gateway says of the mandate: `active` until the payer or the bank ends it. One that is ended is not
//! charged any more, and what is under way by it is followed to its end.

use strum::{EnumString, IntoStaticStr};

/// How a mandate stands at its gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum State {
    /// The bank has not answered yet: it may be charged, and that waits for the bank.
    Pending,
    /// It may be charged.
    Active,
    /// Its payer, or the bank, has ended it.
    Cancelled,
    /// It was not used for too long.
    Expired,
    /// The bank has refused it.
    Failed,
}

impl State {
    /// Whether nothing is charged by it any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, State::Cancelled | State::Expired | State::Failed)
    }
}
