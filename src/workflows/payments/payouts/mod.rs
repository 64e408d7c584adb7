//! Money goes from a gateway to the bank: its gateway is asked of what a payout is made, and each part is matched and booked.

pub mod follow;
mod matching;
mod record;
