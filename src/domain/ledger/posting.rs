//! Which transfers does a business event make? An invoice of 50.00 (30.00 in advance, 20.00 one-time) makes two:
//! receivable → deferred revenue 30.00 and receivable → revenue 20.00.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{Account, SourceKind, Transfer};
use crate::domain::ids::{CustomerId, EntityId, InvoiceId};
use crate::domain::money::{Money, MoneyError};

/// What the transfers of one source have in common.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    pub kind: SourceKind,
    pub id: Uuid,
    pub customer_id: CustomerId,
    /// In whose books; `None`: in those of the entity from which the customer buys.
    pub entity_id: Option<EntityId>,
    /// The invoice it is about, where that is not the source.
    pub invoice_id: Option<InvoiceId>,
    pub effective_on: NaiveDate,
    pub recorded_at: DateTime<Utc>,
}

/// An amount that moves from one account to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Move {
    pub debit: Account,
    pub credit: Account,
    pub amount: Money,
    /// The invoice whose deferred revenue, revenue or tax it moves, where that is another.
    pub origin_id: Option<InvoiceId>,
}

/// Makes the transfers of a source: pairs of (debit, credit, amount). Nothing for zero; a negative amount goes the other way.
pub fn post(source: Source, moves: &[(Account, Account, Money)]) -> Result<Vec<Transfer>, MoneyError> {
    let moves = moves.iter().map(|&(debit, credit, amount)| Move { debit, credit, amount, origin_id: None });
    post_moves(source, moves)
}

/// The same of moves that say whose they are.
pub fn post_moves(
    source: Source,
    moves: impl IntoIterator<Item = Move>,
) -> Result<Vec<Transfer>, MoneyError> {
    let mut transfers = Vec::new();
    for Move { debit, credit, amount, origin_id } in moves {
        if amount.is_zero() {
            continue;
        }
        let (debit, credit, amount) =
            if amount.is_negative() { (credit, debit, amount.negated()?) } else { (debit, credit, amount) };
        transfers.push(Transfer {
            source_kind: source.kind,
            source_id: source.id,
            leg: i16::try_from(transfers.len()).map_err(|_| MoneyError::Overflow)?,
            debit,
            credit,
            amount,
            customer_id: source.customer_id,
            entity_id: source.entity_id,
            invoice_id: source.invoice_id,
            origin_id,
            effective_on: source.effective_on,
            rated_on: None,
            original_on: None,
            recorded_at: source.recorded_at,
            functional: None,
        });
    }
    Ok(transfers)
}
