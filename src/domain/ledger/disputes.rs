//! What does a dispute move in the books? 31.00 taken by the gateway with a fee of 15.00: cash → disputed cash 31.00, cash → gateway fees 15.00. Won:
//! disputed cash → cash. Lost: disputed cash → dispute losses; or, of an invoice that is owed again, → receivable; of a payment that
//! had become the customer's credit, → that credit, as far as it is there.

use super::posting::{self, Source};
use super::{Account, Transfer};
use crate::domain::money::MoneyError;
use crate::domain::payments::disputes::{Dispute, Place};

/// From how a dispute stood to how it stands. Before it is known, nothing is held and nothing kept.
///
/// # Errors
/// Sums that do not fit.
pub fn moved(before: Option<&Dispute>, after: &Dispute, source: Source) -> Result<Vec<Transfer>, MoneyError> {
    let amount = after.amount;
    let (reopened, from_balance) = (after.reopened, after.from_balance);
    let lost = amount.checked_sub(reopened)?.checked_sub(from_balance)?;
    let held = (Account::DisputedCash, Account::CashClearing, amount);
    let gone = [
        (Account::DisputeLosses, Account::DisputedCash, lost),
        (Account::AccountsReceivable, Account::DisputedCash, reopened),
        (Account::CustomerCredit, Account::DisputedCash, from_balance),
    ];
    let mut moves = match (before.map_or(Place::Ours, |before| before.place), after.place) {
        (Place::Ours, Place::Held) => vec![held],
        (Place::Held, Place::Gone) => gone.to_vec(),
        (Place::Ours, Place::Gone) => [vec![held], gone.to_vec()].concat(),
        (Place::Held, Place::Ours) => vec![(Account::CashClearing, Account::DisputedCash, amount)],
        // What is owed again stays owed, or was paid again: this money is the customer's.
        (Place::Gone, Place::Ours) => vec![
            (Account::CashClearing, Account::DisputeLosses, lost),
            (Account::CashClearing, Account::CustomerCredit, reopened.checked_add(from_balance)?),
        ],
        (Place::Ours, Place::Ours)
        | (Place::Held, Place::Held)
        | (Place::Gone, Place::Gone | Place::Held) => Vec::new(),
    };
    let fee = match before {
        Some(before) => after.fee.checked_sub(before.fee)?,
        None => after.fee,
    };
    moves.push((Account::GatewayFees, Account::CashClearing, fee));
    posting::post(source, &moves)
}
