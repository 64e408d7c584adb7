//! Which refunds are there? Parts of all, filtered.

use diesel::prelude::*;

use crate::domain::credits::notes::Refund;
use crate::domain::listing::{Part, Wanted};
use crate::storage::credits::refunds::RefundRow;
use crate::storage::listing::{self, List, Reader, Slice, Totals};
use crate::storage::schema::refunds;
use crate::storage::{StorageError, Tx};

/// How the list of refunds is read.
const LIST: List = List {
    table: "refunds",
    fields: &[
        ("customer_id", "refunds.customer_id"),
        ("payment_id", "refunds.payment_id"),
        ("credit_note_id", "refunds.credit_note_id"),
        ("gateway", "refunds.gateway"),
        ("status", "refunds.status"),
        ("currency", "refunds.currency"),
        ("reference", "refunds.reference"),
        ("created_at", "refunds.created_at"),
        ("resolved_at", "refunds.resolved_at"),
        ("amount", "refunds.amount"),
    ],
    orders: &[],
    sums: &[("amount", "refunds.amount")],
};

/// A part of the tenant's refunds.
pub fn list(
    tx: &mut Tx<'_>,
    reader: Reader,
    (wanted, part): (&Wanted, &Part),
) -> Result<Slice<Refund>, StorageError> {
    let query = refunds::table
        .filter(refunds::tenant_id.eq(reader.tenant_id))
        .select((RefundRow::as_select(), LIST.mark(wanted.order)?))
        .into_boxed();
    let rows: Vec<(RefundRow, Vec<String>)> = LIST.cut(query, reader, (wanted, part))?.load(tx.conn)?;
    LIST.slice((wanted.order, part), rows)?.try_map(Refund::try_from)
}

/// What refunds come to.
pub fn totals(tx: &mut Tx<'_>, reader: Reader, wanted: &Wanted) -> Result<Vec<Totals>, StorageError> {
    listing::totals(tx, (&LIST, reader), wanted)
}
