//! What was taken off the lines that may be changed, and what of it went back? By charge, line by line, whoever's discount it was: the branch that
//! pays itself by now gives back what its group's coupon took off its January.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::billing::piece::Key;
use crate::domain::discounts::Share;
use crate::domain::discounts::off_charge::{LineOff, OffCharge};
use crate::domain::ids::{CustomerId, DiscountId, ItemVersionId, SubscriptionId, TenantId};
use crate::domain::money::{Currency, Money, MoneyError};
use crate::storage::billing::Since;
use crate::storage::{StorageError, Tx};

/// What discounts took off one charge, and who pays for it by now.
pub(super) struct Recorded {
    pub(super) payer: CustomerId,
    pub(super) key: Key,
    pub(super) off: OffCharge,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    payer_id: CustomerId,
    #[diesel(sql_type = SqlUuid)]
    item_version_id: ItemVersionId,
    #[diesel(sql_type = Timestamptz)]
    period_start: DateTime<Utc>,
    #[diesel(sql_type = SmallInt)]
    revision: i16,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    discount_id: Option<DiscountId>,
    #[diesel(sql_type = SqlUuid)]
    subscription_id: SubscriptionId,
    #[diesel(sql_type = Nullable<Integer>)]
    period_no: Option<i32>,
    #[diesel(sql_type = Nullable<BigInt>)]
    off: Option<i64>,
}

impl Row {
    fn key(&self) -> Key {
        Key { version: self.item_version_id, start: self.period_start }
    }

    /// What one discount took off its line; `None`: none took anything.
    fn share(&self) -> Option<Share> {
        let (discount_id, period_no, off) = (self.discount_id?, self.period_no?, self.off?);
        let amount = Money::from_minor(off, self.currency);
        Some(Share { discount_id, subscription_id: self.subscription_id, period_no, amount })
    }
}

/// What was taken off the lines billed at or after each cursor or instant.
pub(super) fn load(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    since: &[Since],
) -> Result<Vec<Recorded>, StorageError> {
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT * FROM (SELECT coalesce(u.payer_id, u.id) AS payer_id, l.item_version_id, l.period_start, l.revision, s.currency, l.amount, \
                d.discount_id, s.id AS subscription_id, d.period_no, d.amount AS off, \
                bool_or(d.discount_id IS NOT NULL) OVER (PARTITION BY l.item_version_id, l.period_start) AS is_discounted \
             FROM unnest($2::uuid[], $3::timestamptz[]) AS b (subscription_id, since) \
             JOIN subscriptions s ON s.tenant_id = $1 AND s.id = b.subscription_id \
             JOIN customers u ON u.tenant_id = $1 AND u.id = s.customer_id \
             JOIN item_versions v ON v.tenant_id = $1 AND v.subscription_id = b.subscription_id \
             CROSS JOIN LATERAL (SELECT * FROM invoice_lines l WHERE l.tenant_id = $1 AND l.item_version_id = v.id \
                                 AND l.period_start >= b.since OFFSET 0) l \
             LEFT JOIN invoice_line_discounts d ON d.tenant_id = $1 AND d.invoice_id = l.invoice_id AND d.line_no = l.line_no) c \
         WHERE c.is_discounted ORDER BY c.item_version_id, c.period_start, c.revision, c.discount_id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(since.iter().map(|(id, _)| id).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(since.iter().map(|(_, at)| *at).collect::<Vec<_>>())
    .load(tx.conn)?;
    let of_charge = rows.chunk_by(|one, next| one.key() == next.key());
    let recorded = of_charge.filter_map(|rows| recorded(rows).transpose());
    recorded.collect::<Result<_, _>>().map_err(|e| StorageError::unreadable("discount", e))
}

/// Adds up the lines of one charge, in order.
fn recorded(rows: &[Row]) -> Result<Option<Recorded>, MoneyError> {
    let Some(first) = rows.first() else { return Ok(None) };
    let mut off = OffCharge::nothing(first.currency);
    for line in rows.chunk_by(|one, next| one.revision == next.revision) {
        let Some(Row { revision, amount, currency, .. }) = line.first() else { continue };
        let amount = Money::from_minor(*amount, *currency);
        off.add(&LineOff {
            is_first: *revision == 0,
            amount,
            shares: line.iter().filter_map(Row::share).collect(),
        })?;
    }
    Ok(Some(Recorded { payer: first.payer_id, key: first.key(), off }))
}
