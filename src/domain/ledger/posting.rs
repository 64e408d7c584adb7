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

/// Makes the transfers of a source: pairs of (debit, credit, amount). Nothing for zero; a negative amount goes the other way.
pub fn post(source: Source, moves: &[(Account, Account, Money)]) -> Result<Vec<Transfer>, MoneyError> {
    let mut transfers = Vec::with_capacity(moves.len());
    for &(debit, credit, amount) in moves.iter().filter(|m| !m.2.is_zero()) {
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
            effective_on: source.effective_on,
            original_on: None,
            recorded_at: source.recorded_at,
            functional: None,
        });
    }
    Ok(transfers)
}
