//! Which taxes of lines count in a period? Those of invoices issued in it, less those of invoices voided and of notes issued in it: each by the
//! day of its own document, so that what was declared of a period stays what it was.
//!
//! An invoice of May that is voided in June counts in May and is taken back in June.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    BigInt, Bool, Integer, Nullable, Numeric, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::calendar::{Period, Zone};
use crate::domain::ids::{CreditNoteId, EntityId, InvoiceId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::domain::tax::category::{Category, Reason};
use crate::domain::tax::returns::{Cause, Entry, Heading};
use crate::storage::{StorageError, Tx};

/// When a line's tax was first due. What a line of the one-stop shop below zero gives back was due with the last charge under its key that was
/// taxed like it; what takes the place of an invoice, with the first of them.
macro_rules! taxed_at {
    () => {
        "CASE WHEN t.one_stop_shop THEN coalesce((SELECT max(ci.issued_at) \
             FROM invoice_lines l \
             JOIN invoice_lines c ON c.tenant_id = $1 AND c.item_version_id = l.item_version_id AND c.period_start = l.period_start \
             JOIN invoices ci ON ci.tenant_id = $1 AND ci.id = c.invoice_id AND ci.issued_at < i.issued_at \
             JOIN invoice_line_taxes ct ON ct.tenant_id = $1 AND ct.invoice_id = c.invoice_id AND ct.line_no = c.line_no \
                 AND ct.jurisdiction = t.jurisdiction AND ct.rate = t.rate AND ct.one_stop_shop AND ct.taxable > 0 \
             WHERE l.tenant_id = $1 AND l.invoice_id = t.invoice_id AND l.line_no = t.line_no AND t.taxable < 0), \
             (WITH RECURSIVE before AS (SELECT n.invoice_id FROM credit_notes n WHERE n.tenant_id = $1 AND n.replacement_invoice_id = i.id \
                 UNION SELECT n.invoice_id FROM before b \
                     JOIN credit_notes n ON n.tenant_id = $1 AND n.replacement_invoice_id = b.invoice_id) \
              SELECT min(bi.issued_at) FROM before b JOIN invoices bi ON bi.tenant_id = $1 AND bi.id = b.invoice_id), i.issued_at) \
             ELSE i.issued_at END AS taxed_at"
    };
}

/// Each selects what one cause counts: `$1` is the tenant, `$2` and `$3` are the ends of the period.
pub(super) const CAUSES: [(Cause, &str); 3] = [
    (
        Cause::InvoiceIssued,
        concat!(
            "SELECT i.issued_at AS at, i.id AS document_id, 0::smallint AS cause, t.line_no, t.tax_no, i.id AS invoice_id, ",
            taxed_at!(),
            ", \
                i.currency, t.jurisdiction, t.name, t.category, t.rate, t.portion, t.reason, t.one_stop_shop, t.buyer_number, coalesce(i.entity_id, $1) AS entity_id, \
                t.taxable, t.amount \
         FROM invoices i JOIN invoice_line_taxes t ON t.tenant_id = $1 AND t.invoice_id = i.id \
         WHERE i.tenant_id = $1 AND i.issued_at >= $2 AND i.issued_at < $3"
        ),
    ),
    (
        Cause::InvoiceVoided,
        concat!(
            "SELECT i.closed_at AS at, i.id AS document_id, 1::smallint AS cause, t.line_no, t.tax_no, i.id AS invoice_id, ",
            taxed_at!(),
            ", \
                i.currency, t.jurisdiction, t.name, t.category, t.rate, t.portion, t.reason, t.one_stop_shop, t.buyer_number, coalesce(i.entity_id, $1) AS entity_id, \
                -t.taxable AS taxable, -t.amount AS amount \
         FROM invoices i JOIN invoice_line_taxes t ON t.tenant_id = $1 AND t.invoice_id = i.id \
         WHERE i.tenant_id = $1 AND i.status = 'void' AND i.closed_at >= $2 AND i.closed_at < $3"
        ),
    ),
    (
        Cause::CreditNoteIssued,
        concat!(
            "SELECT n.issued_at AS at, n.id AS document_id, 2::smallint AS cause, t.line_no, t.tax_no, i.id AS invoice_id, ",
            taxed_at!(),
            ", \
                i.currency, t.jurisdiction, t.name, t.category, t.rate, t.portion, t.reason, t.one_stop_shop, t.buyer_number, coalesce(i.entity_id, $1) AS entity_id, \
                -b.taxable AS taxable, -b.amount AS amount \
         FROM credit_notes n \
         JOIN credit_note_line_taxes b ON b.tenant_id = $1 AND b.credit_note_id = n.id \
         JOIN invoice_line_taxes t ON t.tenant_id = $1 AND t.invoice_id = b.invoice_id AND t.line_no = b.line_no AND t.tax_no = b.tax_no \
         JOIN invoices i ON i.tenant_id = $1 AND i.id = b.invoice_id \
         WHERE n.tenant_id = $1 AND n.issued_at >= $2 AND n.issued_at < $3"
        ),
    ),
];

/// Under which number the buyer accounts for the tax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Numbered {
    Missing,
    As(String),
}

/// What is taken back of an earlier quarter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Corrects {
    Nothing,
    /// `2026-Q1`.
    Quarter(String),
}

/// Which taxes of lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub currency: Option<Currency>,
    pub jurisdiction: Option<String>,
    pub name: Option<String>,
    pub category: Option<Category>,
    pub rate: Option<Decimal>,
    pub portion: Option<Decimal>,
    pub reason: Option<Reason>,
    pub one_stop_shop: Option<bool>,
    pub buyer: Option<Numbered>,
    pub corrects: Option<Corrects>,
    pub entity_id: Option<EntityId>,
}

/// The place of a tax in the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub at: DateTime<Utc>,
    /// The invoice or the credit note.
    pub document_id: Uuid,
    pub cause: Cause,
    pub line_no: i32,
    pub tax_no: i16,
}

/// A page to read, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub period: Period,
    pub filter: Filter,
    /// Only those that come after it in the list.
    pub after: Option<Position>,
    pub limit: u16,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    document_id: Uuid,
    #[diesel(sql_type = SmallInt)]
    cause: i16,
    #[diesel(sql_type = Integer)]
    line_no: i32,
    #[diesel(sql_type = SmallInt)]
    tax_no: i16,
    #[diesel(sql_type = SqlUuid)]
    invoice_id: InvoiceId,
    #[diesel(embed)]
    heading: HeadingColumns,
    #[diesel(sql_type = Bool)]
    one_stop_shop: bool,
    #[diesel(sql_type = BigInt)]
    taxable: i64,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

/// The columns that make a heading, as they are read.
#[derive(QueryableByName)]
pub(super) struct HeadingColumns {
    #[diesel(sql_type = Text)]
    pub(super) currency: Currency,
    #[diesel(sql_type = Text)]
    jurisdiction: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    category: Category,
    #[diesel(sql_type = Numeric)]
    rate: Decimal,
    #[diesel(sql_type = Numeric)]
    portion: Decimal,
    #[diesel(sql_type = Text)]
    reason: Reason,
    #[diesel(sql_type = Nullable<Text>)]
    buyer_number: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    corrects: Option<String>,
}

impl From<HeadingColumns> for Heading {
    fn from(row: HeadingColumns) -> Heading {
        Heading {
            currency: row.currency,
            jurisdiction: row.jurisdiction,
            name: row.name,
            category: row.category,
            rate: row.rate.normalize(),
            portion: row.portion.normalize(),
            reason: row.reason,
            buyer_number: row.buyer_number,
            corrects: row.corrects,
        }
    }
}

/// The quarter of a document's first day that lies before the period; `$4` is the tenant's zone.
pub(super) const CORRECTS: &str =
    "CASE WHEN e.taxed_at < $2 THEN to_char(e.taxed_at AT TIME ZONE $4, 'YYYY-\"Q\"Q') END";

/// One page, and whether more follow. Each cause is read in the order of its index, and no further than the page goes.
pub fn list(
    tx: &mut Tx<'_>,
    (tenant_id, zone): (TenantId, Zone),
    wanted: &Wanted,
) -> Result<(Vec<Entry>, bool), StorageError> {
    const ORDER: &str = "ORDER BY at DESC, document_id DESC, cause DESC, line_no DESC, tax_no DESC LIMIT $20";
    let each = CAUSES.map(|(_, sql)| {
        format!(
            "(SELECT e.*, {CORRECTS} AS corrects FROM ({sql}) e \
              WHERE ($5::timestamptz IS NULL OR (e.at, e.document_id, e.cause, e.line_no, e.tax_no) < ($5, $6, $7, $8, $9)) \
              AND ($10::text IS NULL OR e.currency = $10) AND ($11::text IS NULL OR e.jurisdiction = $11) \
              AND ($12::text IS NULL OR e.name = $12) AND ($13::text IS NULL OR e.category = $13) \
              AND ($14::numeric IS NULL OR e.rate = $14) AND ($15::numeric IS NULL OR e.portion = $15) \
              AND ($16::text IS NULL OR e.reason = $16) AND ($17::boolean IS NULL OR e.one_stop_shop = $17) \
              AND ($18::text IS NULL OR coalesce(e.buyer_number, '') = $18) \
              AND ($19::text IS NULL OR coalesce({CORRECTS}, '') = $19) \
              AND ($21::uuid IS NULL OR e.entity_id = $21) {ORDER})"
        )
    });
    let sql = format!("SELECT * FROM ({}) e {ORDER}", each.join(" UNION ALL "));
    let filter = &wanted.filter;
    let after = wanted.after;
    // What lies before the page before is not read again.
    let end = after.and_then(|place| place.at.checked_add_signed(TimeDelta::microseconds(1)));
    let end = end.map_or(wanted.period.end, |end| end.min(wanted.period.end));
    let rows: Vec<Row> = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<Timestamptz, _>(wanted.period.start)
        .bind::<Timestamptz, _>(end)
        .bind::<Text, _>(zone)
        .bind::<Nullable<Timestamptz>, _>(after.map(|place| place.at))
        .bind::<Nullable<SqlUuid>, _>(after.map(|place| place.document_id))
        .bind::<Nullable<SmallInt>, _>(after.map(|place| rank(place.cause)))
        .bind::<Nullable<Integer>, _>(after.map(|place| place.line_no))
        .bind::<Nullable<SmallInt>, _>(after.map(|place| place.tax_no))
        .bind::<Nullable<Text>, _>(filter.currency)
        .bind::<Nullable<Text>, _>(&filter.jurisdiction)
        .bind::<Nullable<Text>, _>(&filter.name)
        .bind::<Nullable<Text>, _>(filter.category)
        .bind::<Nullable<Numeric>, _>(filter.rate)
        .bind::<Nullable<Numeric>, _>(filter.portion)
        .bind::<Nullable<Text>, _>(filter.reason)
        .bind::<Nullable<Bool>, _>(filter.one_stop_shop)
        .bind::<Nullable<Text>, _>(filter.buyer.as_ref().map(number))
        .bind::<Nullable<Text>, _>(filter.corrects.as_ref().map(quarter))
        .bind::<BigInt, _>(i64::from(wanted.limit) + 1)
        .bind::<Nullable<SqlUuid>, _>(filter.entity_id)
        .load(tx.conn)?;
    let limit = usize::from(wanted.limit);
    let has_more = rows.len() > limit;
    Ok((rows.into_iter().take(limit).filter_map(entry).collect(), has_more))
}

/// As it is compared: no number is empty.
fn number(buyer: &Numbered) -> &str {
    match buyer {
        Numbered::Missing => "",
        Numbered::As(number) => number,
    }
}

/// As it is compared: no quarter is empty.
fn quarter(corrects: &Corrects) -> &str {
    match corrects {
        Corrects::Nothing => "",
        Corrects::Quarter(quarter) => quarter,
    }
}

fn rank(cause: Cause) -> i16 {
    match cause {
        Cause::InvoiceIssued => 0,
        Cause::InvoiceVoided => 1,
        Cause::CreditNoteIssued => 2,
    }
}

fn entry(row: Row) -> Option<Entry> {
    let (cause, _) = CAUSES.into_iter().find(|(cause, _)| rank(*cause) == row.cause)?;
    let money = |minor| Money::from_minor(minor, row.heading.currency);
    Some(Entry {
        cause,
        at: row.at,
        invoice_id: row.invoice_id,
        credit_note_id: (cause == Cause::CreditNoteIssued).then(|| CreditNoteId::from_uuid(row.document_id)),
        line_no: row.line_no,
        tax_no: row.tax_no,
        one_stop_shop: row.one_stop_shop,
        taxable: money(row.taxable),
        tax: money(row.amount),
        heading: row.heading.into(),
    })
}
