//! Which drafts are to be issued, and how are they changed until then? Claimed customers first, in the order in which they are
//! numbered: 500 in four statements.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::{InvoiceRow, LineRow, insert_lines, update};
use crate::domain::billing::Line;
use crate::domain::discounts::Share;
use crate::domain::ids::{CustomerId, DiscountId, InvoiceId, SubscriptionId, TenantId};
use crate::domain::invoicing::discounted::LineShare;
use crate::domain::invoicing::drafts::Whole;
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::money::Money;
use crate::storage::customers::Held;
use crate::storage::schema::{
    invoice_line_discounts as line_discounts, invoice_line_grounds as grounds, invoice_lines, invoices,
};
use crate::storage::{StorageError, Tx, discounts, tax};

/// Of these drafts, those that are still due and whose customer is locked by us, locked too, in the order in which they are due.
pub fn claim(
    tx: &mut Tx<'_>,
    held: &Held,
    ids: &[InvoiceId],
    now: DateTime<Utc>,
) -> Result<Vec<Invoice>, StorageError> {
    let tenant_id = held.tenant_id();
    let customers = held.customers().iter().map(|customer| customer.id);
    let rows: Vec<InvoiceRow<'_>> = invoices::table
        .filter(invoices::tenant_id.eq(tenant_id).and(invoices::id.eq_any(ids)))
        .filter(invoices::customer_id.eq_any(customers))
        .filter(invoices::finalizes_at.le(now))
        .order((invoices::finalizes_at, invoices::id))
        .for_no_key_update()
        .select(InvoiceRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Invoice::from).collect())
}

/// Has drafts of a customer that is held looked at now, which wait for something about it.
pub fn look_again(
    tx: &mut Tx<'_>,
    held: &Held,
    customer: CustomerId,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let waiting = invoices::table
        .filter(invoices::tenant_id.eq(held.tenant_id()).and(invoices::customer_id.eq(customer)))
        .filter(invoices::waits_for.is_not_null());
    diesel::update(waiting).set(invoices::finalizes_at.eq(now)).execute(tx.conn)?;
    Ok(())
}

/// Drafts of customers that are held, which wait for nothing but their time or somebody; locked.
pub fn not_waiting(tx: &mut Tx<'_>, held: &Held) -> Result<Vec<Invoice>, StorageError> {
    let customers = held.customers().iter().map(|customer| customer.id);
    let rows: Vec<InvoiceRow<'_>> = invoices::table
        .filter(invoices::tenant_id.eq(held.tenant_id()).and(invoices::customer_id.eq_any(customers)))
        .filter(invoices::status.eq(Status::Draft).and(invoices::waits_for.is_null()))
        .order(invoices::id)
        .for_no_key_update()
        .select(InvoiceRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Invoice::from).collect())
}

/// The lines of several invoices, each in order.
pub fn lines_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    invoices: &[Invoice],
) -> Result<HashMap<InvoiceId, Vec<Line>>, StorageError> {
    let currencies: HashMap<InvoiceId, _> = invoices.iter().map(|i| (i.id, i.currency)).collect();
    let rows: Vec<LineRow<'_>> = invoice_lines::table
        .filter(invoice_lines::tenant_id.eq(tenant_id))
        .filter(invoice_lines::invoice_id.eq_any(currencies.keys()))
        .order((invoice_lines::invoice_id, invoice_lines::line_no))
        .select(LineRow::as_select())
        .load(tx.conn)?;
    let mut lines: HashMap<InvoiceId, Vec<Line>> = HashMap::with_capacity(invoices.len());
    for row in rows {
        if let Some(currency) = currencies.get(&row.invoice_id) {
            lines.entry(row.invoice_id).or_default().push(row.into_line(*currency)?);
        }
    }
    Ok(lines)
}

/// Writes what issuing changes of drafts, in one statement.
pub fn save_issued(tx: &mut Tx<'_>, held: &Held, issued: &[Invoice]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let minor = |amount_of: fn(&Invoice) -> i64| issued.iter().map(amount_of).collect::<Vec<i64>>();
    diesel::sql_query(
        "UPDATE invoices i SET status = s.status, series = s.series, number = s.number, buyer_version = s.buyer_version,
             seller_version = s.seller_version, subtotal = s.subtotal, discount_total = s.discount_total, tax_total = s.tax_total,
             total = s.total, issued_at = s.issued_at, due_at = s.due_at, closed_at = s.closed_at,
             next_attempt_at = s.next_attempt_at, finalizes_at = NULL, waits_for = NULL,
             credits_applied = s.credits_applied, balance_applied = s.balance_applied, given_back = s.given_back,
             tax_included_total = s.tax_included_total
         FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::integer[], $7::integer[], $8::bigint[], $9::bigint[],
                     $10::bigint[], $11::bigint[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[],
                     $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[])
             AS s (id, status, series, number, buyer_version, seller_version, subtotal, discount_total, tax_total, total,
                   issued_at, due_at, closed_at, next_attempt_at, credits_applied, balance_applied, given_back, tax_included_total)
         WHERE i.tenant_id = $1 AND i.id = s.id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(issued.iter().map(|i| i.id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(issued.iter().map(|i| i.status).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(
        issued.iter().map(|i| i.number.as_ref().map(|n| n.series.to_string())).collect::<Vec<_>>(),
    )
    .bind::<Array<Nullable<BigInt>>, _>(
        issued.iter().map(|i| i.number.as_ref().map(|n| n.number)).collect::<Vec<_>>(),
    )
    .bind::<Array<Nullable<Integer>>, _>(issued.iter().map(|i| i.buyer_version).collect::<Vec<_>>())
    .bind::<Array<Nullable<Integer>>, _>(issued.iter().map(|i| i.seller_version).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(minor(|i| i.totals.subtotal.minor()))
    .bind::<Array<BigInt>, _>(minor(|i| i.totals.discount_total.minor()))
    .bind::<Array<BigInt>, _>(minor(|i| i.totals.tax_total.minor()))
    .bind::<Array<BigInt>, _>(minor(|i| i.totals.total.minor()))
    .bind::<Array<Nullable<Timestamptz>>, _>(issued.iter().map(|i| i.issued_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(issued.iter().map(|i| i.due_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(issued.iter().map(|i| i.closed_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(issued.iter().map(|i| i.next_attempt_at).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(minor(|i| i.applied.credits.minor()))
    .bind::<Array<BigInt>, _>(minor(|i| i.applied.balance.minor()))
    .bind::<Array<BigInt>, _>(minor(|i| i.applied.given_back.minor()))
    .bind::<Array<BigInt>, _>(minor(|i| i.totals.tax_included_total.minor()))
    .execute(tx.conn)?;
    Ok(())
}

/// What discounts took off the lines of an invoice.
pub fn shares(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    invoice: &Invoice,
) -> Result<Vec<LineShare>, StorageError> {
    let rows: Vec<(i32, DiscountId, SubscriptionId, i32, i64)> = line_discounts::table
        .filter(line_discounts::tenant_id.eq(tenant_id))
        .filter(line_discounts::invoice_id.eq(invoice.id))
        .order((line_discounts::line_no, line_discounts::discount_id))
        .select((
            line_discounts::line_no,
            line_discounts::discount_id,
            line_discounts::subscription_id,
            line_discounts::period_no,
            line_discounts::amount,
        ))
        .load(tx.conn)?;
    let share = |(line_no, discount_id, subscription_id, period_no, amount)| {
        let amount = Money::from_minor(amount, invoice.currency);
        (line_no, Share { discount_id, subscription_id, period_no, amount })
    };
    Ok(rows.into_iter().map(share).collect())
}

/// Writes a locked draft as edited: its totals, and its lines by hand in place of those before. Billing's own lines are never
/// written again.
pub fn save_edited(tx: &mut Tx<'_>, held: &Held, draft: &Whole) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let id = draft.invoice.id;
    let before = invoice_lines::table
        .filter(invoice_lines::tenant_id.eq(tenant_id))
        .filter(invoice_lines::invoice_id.eq(id).and(invoice_lines::by_hand));
    let their_shares = line_discounts::table
        .filter(line_discounts::tenant_id.eq(tenant_id).and(line_discounts::invoice_id.eq(id)))
        .filter(line_discounts::line_no.eq_any(before.select(invoice_lines::line_no)));
    diesel::delete(their_shares).execute(tx.conn)?;
    let kept: Vec<i32> = by_hand_as_before(draft).collect();
    let signed_anew = grounds::table
        .filter(grounds::tenant_id.eq(tenant_id).and(grounds::invoice_id.eq(id)))
        .filter(grounds::line_no.eq_any(before.select(invoice_lines::line_no)))
        .filter(grounds::line_no.ne_all(kept));
    diesel::delete(signed_anew).execute(tx.conn)?;
    diesel::delete(before).execute(tx.conn)?;
    let by_hand: Vec<_> =
        draft.lines.iter().filter(|line| line.by_hand.is_some()).map(|line| (id, line)).collect();
    insert_lines(tx, held, &by_hand)?;
    let is_by_hand = |no: i32| by_hand.iter().any(|(_, line)| line.line_no == no);
    let shares: Vec<_> =
        draft.shares.iter().filter(|(no, _)| is_by_hand(*no)).map(|share| (id, *share)).collect();
    discounts::insert_shares(tx, held, &shares)?;
    update(tx, held, &draft.invoice)
}

/// The lines by hand that an edit left as they were: whose work they are stays noted.
fn by_hand_as_before(draft: &Whole) -> impl Iterator<Item = i32> {
    let as_before = |line: &&Line| line.by_hand.is_some() && line.grounds.is_none();
    draft.lines.iter().filter(as_before).map(|line| line.line_no)
}

/// Deletes a locked draft and its lines.
pub fn delete(tx: &mut Tx<'_>, held: &Held, id: InvoiceId) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let lines = invoice_lines::table
        .filter(invoice_lines::tenant_id.eq(tenant_id).and(invoice_lines::invoice_id.eq(id)));
    diesel::delete(lines).execute(tx.conn)?;
    let theirs = grounds::table.filter(grounds::tenant_id.eq(tenant_id).and(grounds::invoice_id.eq(id)));
    diesel::delete(theirs).execute(tx.conn)?;
    tax::delete_line_taxes(tx, held, &[id])?;
    diesel::delete(invoices::table.find((tenant_id, id))).execute(tx.conn)?;
    Ok(())
}
