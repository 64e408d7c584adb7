//! How is a transfer kept? A row, with what it is worth in the currency of its entity's books, once that is known.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::ids::{CustomerId, EntityId, InvoiceId, TenantId};
use crate::domain::ledger::{Account, Functional, SourceKind, Transfer};
use crate::domain::money::{Currency, Money, Total};
use crate::storage::schema::ledger_transfers;

/// A transfer as its row holds it; views read it too.
#[derive(Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = ledger_transfers, treat_none_as_default_value = false)]
pub(in crate::storage) struct TransferRow {
    pub(super) tenant_id: TenantId,
    pub(super) source_id: Uuid,
    pub(super) source_kind: SourceKind,
    pub(super) leg: i16,
    pub(super) debit: Account,
    pub(super) credit: Account,
    pub(super) amount: i64,
    pub(super) currency: Currency,
    pub(super) customer_id: CustomerId,
    pub(super) effective_on: NaiveDate,
    pub(super) recorded_at: DateTime<Utc>,
    pub(super) entity_id: Option<EntityId>,
    pub(super) invoice_id: Option<InvoiceId>,
    pub(super) functional_currency: Option<Currency>,
    pub(super) functional_amount: Option<i64>,
    pub(super) realised_gain: Option<i64>,
    pub(super) origin_id: Option<InvoiceId>,
    pub(super) rated_on: Option<NaiveDate>,
    pub(super) waits_as: Option<i64>,
    pub(super) original_on: Option<NaiveDate>,
}

impl From<TransferRow> for Transfer {
    fn from(row: TransferRow) -> Transfer {
        Transfer {
            source_kind: row.source_kind,
            source_id: row.source_id,
            leg: row.leg,
            debit: row.debit,
            credit: row.credit,
            amount: Money::from_minor(row.amount, row.currency),
            customer_id: row.customer_id,
            entity_id: Some(row.entity_id.unwrap_or(EntityId::first_of(row.tenant_id))),
            invoice_id: row.invoice_id,
            origin_id: row.origin_id,
            effective_on: row.effective_on,
            rated_on: row.rated_on,
            original_on: row.original_on,
            recorded_at: row.recorded_at,
            functional: row.functional_currency.map(|home| Functional {
                amount: Money::from_minor(row.functional_amount.unwrap_or(row.amount), home),
                realised: Money::from_minor(row.realised_gain.unwrap_or(0), home),
            }),
        }
    }
}

impl TransferRow {
    /// The same currency is stored as its name alone, and no gain as none.
    pub(super) fn of(tenant_id: TenantId, transfer: &Transfer) -> TransferRow {
        let first = EntityId::first_of(tenant_id);
        let abroad = transfer.functional.filter(|f| f.amount.currency() != transfer.amount.currency());
        TransferRow {
            tenant_id,
            source_id: transfer.source_id,
            source_kind: transfer.source_kind,
            leg: transfer.leg,
            debit: transfer.debit,
            credit: transfer.credit,
            amount: transfer.amount.minor(),
            currency: transfer.amount.currency(),
            customer_id: transfer.customer_id,
            effective_on: transfer.effective_on,
            recorded_at: transfer.recorded_at,
            entity_id: transfer.entity_id.filter(|entity| *entity != first),
            invoice_id: transfer.invoice_id,
            functional_currency: transfer.functional.map(|functional| functional.amount.currency()),
            functional_amount: abroad.map(|functional| functional.amount.minor()),
            realised_gain: abroad.map(|functional| functional.realised.minor()).filter(|gain| *gain != 0),
            origin_id: transfer.origin_id,
            rated_on: transfer.rated_on,
            waits_as: None,
            original_on: transfer.original_on,
        }
    }
}

/// A sum of whole minor units, as the database adds them up: without an end.
pub(in crate::storage) fn total(minor: Decimal, currency: Currency) -> Total {
    Total::from_minor(minor.trunc_with_scale(0).mantissa(), currency)
}
