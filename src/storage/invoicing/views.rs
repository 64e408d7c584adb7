//! What does an invoice look like, whole? One query: the invoice with its lines and the parties it was issued with. And which
//! invoices are there? Parts of all, filtered and sorted, without their lines.

use std::collections::HashMap;

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Uuid as SqlUuid};
use serde_json::Value;

use crate::domain::billing::{Line, LineOrigin};
use crate::domain::ids::{CustomerId, DiscountId, InvoiceId, ItemId, LineId, PriceId, TenantId};
use crate::domain::invoicing::Invoice;
use crate::domain::listing::{Part, Wanted};
use crate::domain::money::Money;
use crate::domain::tax::on_lines::LineTax;
use crate::storage::discounts;
use crate::storage::invoicing::{InvoiceRow, LineRow};
use crate::storage::listing::{self, List, Reader, Slice, Totals};
use crate::storage::schema::{
    buyer_versions, credit_notes, invoice_line_taxes, invoice_lines, invoices, seller_versions, subscriptions,
};
use crate::storage::{StorageError, Thing, Tx, tax};

/// An invoice with everything that is printed on it.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeInvoice {
    pub invoice: Invoice,
    pub lines: Vec<Line>,
    /// What each line is of, in the order of the lines.
    pub origins: Vec<LineOrigin>,
    /// What all its credit notes come to.
    pub credited: Money,
    /// The line's number, the discount, and what it took off it in minor units.
    pub shares: Vec<(i32, DiscountId, i64)>,
    /// The taxes of its lines, in order.
    pub taxes: Vec<LineTax>,
    /// The buyer's details it was issued with; `None` for a draft.
    pub buyer: Option<Value>,
    /// The seller's details it was issued with; `None` for a draft.
    pub seller: Option<Value>,
}

type WholeRow = (
    InvoiceRow<'static>,
    Option<LineRow<'static>>,
    Option<Value>,
    Option<Value>,
    Option<CustomerId>,
    bool,
    i64,
);

/// What all the credit notes of an invoice come to.
const CREDITED: &str = "(SELECT coalesce(sum(n.total), 0)::bigint FROM credit_notes n \
     WHERE n.tenant_id = invoices.tenant_id AND n.invoice_id = invoices.id)";

/// The whole invoice with this id, in one statement; what its lines are of, its discounts and its taxes, when it has any, in another each.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: InvoiceId) -> Result<WholeInvoice, StorageError> {
    let lines =
        invoice_lines::tenant_id.eq(invoices::tenant_id).and(invoice_lines::invoice_id.eq(invoices::id));
    let sold = subscriptions::tenant_id
        .eq(invoices::tenant_id)
        .and(invoice_lines::subscription_id.eq(subscriptions::id.nullable()));
    let buyer = buyer_versions::tenant_id
        .eq(invoices::tenant_id)
        .and(buyer_versions::customer_id.eq(invoices::customer_id))
        .and(buyer_versions::version.nullable().eq(invoices::buyer_version));
    let seller = seller_versions::tenant_id
        .eq(invoices::tenant_id)
        .and(seller_versions::version.nullable().eq(invoices::seller_version));
    let taxed = invoice_line_taxes::table
        .filter(invoice_line_taxes::tenant_id.eq(tenant_id).and(invoice_line_taxes::invoice_id.eq(id)));
    let rows: Vec<WholeRow> = invoices::table
        .left_join(invoice_lines::table.on(lines))
        .left_join(subscriptions::table.on(sold))
        .left_join(buyer_versions::table.on(buyer))
        .left_join(seller_versions::table.on(seller))
        .filter(invoices::tenant_id.eq(tenant_id).and(invoices::id.eq(id)))
        .order(invoice_lines::line_no)
        .select((
            InvoiceRow::as_select(),
            Option::<LineRow>::as_select(),
            buyer_versions::details.nullable(),
            seller_versions::details.nullable(),
            subscriptions::customer_id.nullable(),
            exists(taxed),
            sql::<BigInt>(CREDITED),
        ))
        .load(tx.conn)?;
    let consumers: Vec<Option<CustomerId>> =
        rows.iter().filter(|row| row.1.is_some()).map(|row| row.4).collect();
    let mut rows = rows.into_iter();
    let (invoice, first, buyer, seller, _, is_taxed, credited) =
        rows.next().ok_or_else(|| StorageError::not_found(Thing::Invoice, id))?;
    let invoice = Invoice::from(invoice);
    let lines = first.into_iter().chain(rows.filter_map(|row| row.1));
    let lines: Vec<Line> = lines.map(|row| row.into_line(invoice.currency)).collect::<Result<_, _>>()?;
    let shares = if lines.iter().any(|line| !line.discount.is_zero()) {
        discounts::shares_of(tx, tenant_id, id)?
    } else {
        Vec::new()
    };
    let taxes = if is_taxed { tax::line_taxes(tx, tenant_id, (id, invoice.currency))? } else { Vec::new() };
    let mut named = match lines.iter().any(|line| line.item_version_id.is_some()) {
        true => origins_of(tx, tenant_id, id)?,
        false => HashMap::new(),
    };
    let origin = |(line, customer_id): (&Line, Option<CustomerId>)| LineOrigin {
        customer_id,
        ..named.remove(&line.line_no).unwrap_or_default()
    };
    let origins = lines.iter().zip(consumers).map(origin).collect();
    let credited = Money::from_minor(credited, invoice.currency);
    Ok(WholeInvoice { invoice, lines, origins, credited, shares, taxes, buyer, seller })
}

#[derive(QueryableByName)]
struct OriginRow {
    #[diesel(sql_type = Integer)]
    line_no: i32,
    #[diesel(sql_type = SqlUuid)]
    item_id: ItemId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    price_id: Option<PriceId>,
    #[diesel(sql_type = Nullable<Text>)]
    price_code: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    before_invoice_id: Option<InvoiceId>,
    #[diesel(sql_type = Nullable<Integer>)]
    before_line_no: Option<i32>,
}

/// The items and prices that the lines of an invoice are of, and the line before each, by their numbers.
fn origins_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: InvoiceId,
) -> Result<HashMap<i32, LineOrigin>, StorageError> {
    let rows: Vec<OriginRow> = diesel::sql_query(
        "SELECT l.line_no, v.item_id, v.price_id, p.code AS price_code, b.invoice_id AS before_invoice_id, b.line_no AS before_line_no \
         FROM invoice_lines l \
         JOIN item_versions v ON v.tenant_id = $1 AND v.subscription_id = l.subscription_id AND v.id = l.item_version_id \
         LEFT JOIN prices p ON p.tenant_id = $1 AND p.id = v.price_id \
         LEFT JOIN invoice_lines b ON b.tenant_id = $1 AND b.item_version_id = l.item_version_id \
             AND b.period_start = l.period_start AND b.revision = l.revision - 1 \
         WHERE l.tenant_id = $1 AND l.invoice_id = $2",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(id)
    .load(tx.conn)?;
    let origin = |row: OriginRow| LineOrigin {
        customer_id: None,
        item_id: Some(row.item_id),
        price_id: row.price_id,
        price_code: row.price_code,
        before: row
            .before_invoice_id
            .zip(row.before_line_no)
            .map(|(invoice_id, line_no)| LineId { invoice_id, line_no }),
    };
    Ok(rows.into_iter().map(|row| (row.line_no, origin(row))).collect())
}

/// What is due of an invoice, as [`Invoice::amount_due`] has it.
const AMOUNT_DUE: &str = "CASE WHEN invoices.status IN ('void', 'paid') OR invoices.total + invoices.given_back < 0 THEN 0 \
     ELSE invoices.total + invoices.given_back - invoices.amount_paid - invoices.credits_applied \
     - invoices.balance_applied - invoices.amount_credited END";

/// How the list of invoices is read.
const LIST: List = List {
    table: "invoices",
    fields: &[
        ("customer_id", "invoices.customer_id"),
        ("entity_id", "coalesce(invoices.entity_id, invoices.tenant_id)"),
        // By way of the subscription's item versions: lines are indexed by them.
        (
            "subscription_id",
            "invoices.id IN (SELECT l.invoice_id FROM invoice_lines l WHERE l.tenant_id = {tenant} AND l.item_version_id IN \
             (SELECT v.id FROM item_versions v WHERE v.tenant_id = {tenant} AND v.subscription_id{is}))",
        ),
        ("bill_run_id", "invoices.bill_run_id"),
        ("status", "invoices.status"),
        ("overdue", "invoices.status = 'open' AND invoices.due_at < {now}"),
        ("collection", "invoices.collection"),
        ("currency", "invoices.currency"),
        (
            "number",
            "(invoices.series, invoices.number) IN (SELECT s, n FROM unnest({series}, {numbers}) AS given (s, n))",
        ),
        ("billing_date", "invoices.billing_date"),
        ("created_at", "invoices.created_at"),
        ("issued_at", "invoices.issued_at"),
        ("due_at", "invoices.due_at"),
        ("closed_at", "invoices.closed_at"),
        ("next_attempt_at", "invoices.next_attempt_at"),
        ("finalizes_at", "invoices.finalizes_at"),
        ("subtotal", "invoices.subtotal"),
        ("discount_total", "invoices.discount_total"),
        ("tax_total", "invoices.tax_total"),
        ("tax_included_total", "invoices.tax_included_total"),
        ("total", "invoices.total"),
        ("amount_paid", "invoices.amount_paid"),
        ("credits_applied", "invoices.credits_applied"),
        ("balance_applied", "invoices.balance_applied"),
        ("amount_credited", CREDITED),
        ("credited_while_due", "invoices.amount_credited"),
        ("given_back", "invoices.given_back"),
        ("amount_due", AMOUNT_DUE),
        // Two ways to an invoice, each by an index of its own.
        (
            "q",
            "invoices.id IN (SELECT i.id FROM invoices i WHERE i.tenant_id = {tenant} AND i.customer_id IN ({customers}) \
             UNION ALL SELECT i.id FROM unnest({series}, {numbers}) AS given (s, n) JOIN invoices i \
             ON i.tenant_id = {tenant} AND i.series = given.s AND i.number = given.n)",
        ),
    ],
    orders: &[
        ("issued_at", &["invoices.issued_at"]),
        ("due_at", &["invoices.due_at"]),
        ("number", &["invoices.series", "invoices.number"]),
    ],
    sums: &[
        ("subtotal", "invoices.subtotal"),
        ("discount_total", "invoices.discount_total"),
        ("tax_total", "invoices.tax_total"),
        ("total", "invoices.total"),
        ("amount_paid", "invoices.amount_paid"),
        ("amount_credited", CREDITED),
        ("amount_due", AMOUNT_DUE),
    ],
};

/// A part of the tenant's invoices, each with what all its credit notes come to.
pub fn list(
    tx: &mut Tx<'_>,
    reader: Reader,
    (wanted, part): (&Wanted, &Part),
) -> Result<Slice<(Invoice, Money)>, StorageError> {
    let query = invoices::table
        .filter(invoices::tenant_id.eq(reader.tenant_id))
        .select((InvoiceRow::as_select(), LIST.mark(wanted.order)?))
        .into_boxed();
    let rows: Vec<(InvoiceRow<'_>, Vec<String>)> = LIST.cut(query, reader, (wanted, part))?.load(tx.conn)?;
    let slice = LIST.slice((wanted.order, part), rows)?;
    let slice: Slice<Invoice> = slice.try_map(|row| Ok::<_, StorageError>(Invoice::from(row)))?;
    let ids: Vec<InvoiceId> = slice.rows.iter().map(|invoice| invoice.id).collect();
    let credited = credited(tx, reader.tenant_id, &ids)?;
    slice.try_map(|invoice| {
        let minor = credited.get(&invoice.id).copied().unwrap_or_default();
        let amount = Money::from_wide_minor(minor, invoice.currency);
        Ok((invoice, amount.map_err(|e| StorageError::unreadable("credit note", e))?))
    })
}

/// What all the credit notes of each of these come to, in minor units; nothing of those without any. In one statement, whatever is known of how many
/// notes there are.
fn credited(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<HashMap<InvoiceId, i128>, StorageError> {
    let rows: Vec<(InvoiceId, i64)> = credit_notes::table
        .filter(credit_notes::tenant_id.eq(tenant_id).and(credit_notes::invoice_id.eq_any(ids)))
        .select((credit_notes::invoice_id, credit_notes::total))
        .load(tx.conn)?;
    let mut sums = HashMap::new();
    for (id, total) in rows {
        *sums.entry(id).or_default() += i128::from(total);
    }
    Ok(sums)
}

/// What invoices come to.
pub fn totals(tx: &mut Tx<'_>, reader: Reader, wanted: &Wanted) -> Result<Vec<Totals>, StorageError> {
    listing::totals(tx, (&LIST, reader), wanted)
}
