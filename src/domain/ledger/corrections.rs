//! How is an invoice taken out of the books again? Voided: every transfer it made is made the other way. Given up: what is
//! still due moves from the receivables to the write-offs.

use super::posting::{self, Move, Source};
use super::{Account, Transfer};
use crate::domain::money::{Money, MoneyError};

/// The transfers that undo `posted`, under a source of their own.
pub fn reverse(posted: &[Transfer], source: Source) -> Result<Vec<Transfer>, MoneyError> {
    let moves = posted.iter().map(|transfer| Move {
        debit: transfer.credit,
        credit: transfer.debit,
        amount: transfer.amount,
        origin_id: transfer.origin_id,
    });
    posting::post_moves(source, moves)
}

/// The transfer that gives up what is due.
pub fn write_off(due: Money, source: Source) -> Result<Vec<Transfer>, MoneyError> {
    posting::post(source, &[(Account::WriteOffs, Account::AccountsReceivable, due)])
}
