//! What are providers to hear of issued documents, and what have they heard? A row a document, written in the transaction that issues it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::{CreditNoteId, InvoiceId, TaxDocumentId, TaxProviderId, TenantId};
use crate::domain::money::Currency;
use crate::domain::tax::provided::documents::{DocumentKind, Recorded, Wanted};
use crate::storage::schema::tax_documents as table;
use crate::storage::{StorageError, Tx};

/// A document, as far as its provider heard of it.
#[derive(Debug, Clone, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = table)]
pub struct KeptDocument {
    pub id: TaxDocumentId,
    pub kind: DocumentKind,
    pub invoice_id: InvoiceId,
    pub provider_id: TaxProviderId,
    pub wanted: Wanted,
    pub recorded: Recorded,
    pub is_begun: bool,
    pub attempts: i32,
    pub reference: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// Notes which of these invoices, issued now, providers are to hear of: those with a tax that one of them answered.
pub fn note_invoices(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    issued: &[InvoiceId],
) -> Result<(), StorageError> {
    diesel::sql_query(
        "INSERT INTO tax_documents (tenant_id, id, kind, invoice_id, provider_id, wanted, recorded, next_tell_at, created_at) \
         SELECT $1, t.invoice_id, 'invoice', t.invoice_id, max(t.provider_id::text)::uuid, 'committed', 'nothing', $3, $3 \
         FROM invoice_line_taxes t \
         WHERE t.tenant_id = $1 AND t.invoice_id = ANY ($2) AND t.provider_id IS NOT NULL GROUP BY t.invoice_id \
         ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(issued)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn)?;
    Ok(())
}

/// Notes a credit note of an invoice that a provider hears of.
pub fn note_document(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    (note, invoice_id): (CreditNoteId, InvoiceId),
) -> Result<(), StorageError> {
    diesel::sql_query(
        "INSERT INTO tax_documents (tenant_id, id, kind, invoice_id, provider_id, wanted, recorded, next_tell_at, created_at) \
         SELECT $1, $2, 'credit_note', d.invoice_id, d.provider_id, 'committed', 'nothing', $4, $4 FROM tax_documents d \
         WHERE d.tenant_id = $1 AND d.id = $3 AND EXISTS (SELECT 1 FROM credit_note_line_taxes n \
             WHERE n.tenant_id = $1 AND n.credit_note_id = $2)",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(note)
    .bind::<SqlUuid, _>(invoice_id)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn)?;
    Ok(())
}

/// Notes that an invoice is void now.
pub fn note_void(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    invoice_id: InvoiceId,
) -> Result<(), StorageError> {
    let row = table::table.find((tenant_id, TaxDocumentId::from_uuid(invoice_id.uuid())));
    diesel::update(row)
        .set((table::wanted.eq(Wanted::Voided), table::next_tell_at.eq(now), table::attempts.eq(0)))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes those of these documents that are due, or that were taken so before, for so long.
pub fn claim_documents(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    (until, ids): (DateTime<Utc>, &[Uuid]),
) -> Result<Vec<KeptDocument>, StorageError> {
    Ok(diesel::sql_query(
        "WITH due AS (SELECT id FROM tax_documents WHERE tenant_id = $1 AND id = ANY ($4) AND (next_tell_at <= $2 OR next_tell_at = $3) \
             ORDER BY id FOR UPDATE SKIP LOCKED), \
         taken AS (UPDATE tax_documents d SET next_tell_at = $3 FROM due WHERE d.tenant_id = $1 AND d.id = due.id RETURNING d.*) \
         SELECT id, kind, invoice_id, provider_id, wanted, recorded, is_begun, attempts, reference, created_at FROM taken ORDER BY created_at, id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(until)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx.conn)?)
}

/// What a provider has of a document from now on.
#[derive(Debug, Clone)]
pub struct Receipt {
    pub recorded: Recorded,
    pub reference: Option<String>,
    pub their_tax: Option<i64>,
}

/// Records what a provider has; `next_tell_at`: when more is to be done.
pub fn document_told(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, TaxDocumentId),
    receipt: &Receipt,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    // What was voided meanwhile is to be told, too.
    diesel::sql_query(
        "UPDATE tax_documents SET recorded = $3, reference = coalesce($4, reference), their_tax = coalesce($5, their_tax), \
             is_begun = false, attempts = 0, trouble = NULL, \
             next_tell_at = CASE WHEN wanted = 'voided' AND $3 IN ('nothing', 'committed') THEN $6 END \
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(receipt.recorded)
    .bind::<Nullable<Text>, _>(&receipt.reference)
    .bind::<Nullable<BigInt>, _>(receipt.their_tax)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn)?;
    Ok(())
}

/// Notes that a call begins, or that it failed: `is_begun` says whether one may have reached the provider.
pub fn document_failed(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, TaxDocumentId),
    (is_begun, trouble): (bool, Option<&str>),
    next_tell_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::update(table::table.find((tenant_id, id)))
        .set((
            table::is_begun.eq(is_begun),
            table::trouble.eq(trouble),
            table::attempts.eq(table::attempts + i32::from(trouble.is_some())),
            table::next_tell_at.eq(next_tell_at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What is recorded of an invoice.
pub fn invoice_document(
    tx: &mut Tx<'_>,
    (tenant_id, invoice_id): (TenantId, InvoiceId),
) -> Result<Option<KeptDocument>, StorageError> {
    let row = table::table.find((tenant_id, TaxDocumentId::from_uuid(invoice_id.uuid())));
    Ok(row.select(KeptDocument::as_select()).first(tx.conn).optional()?)
}

/// Has credit notes of a committed invoice told now.
pub fn wake_originals(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    invoice_id: InvoiceId,
) -> Result<(), StorageError> {
    let notes = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::invoice_id.eq(invoice_id)))
        .filter(table::kind.eq(DocumentKind::CreditNote).and(table::recorded.eq(Recorded::Nothing)));
    diesel::update(notes).set(table::next_tell_at.eq(now)).execute(tx.conn)?;
    Ok(())
}

/// Documents that a provider has, to be held against ours: those that were compared longest ago first.
pub fn documents_to_compare(
    tx: &mut Tx<'_>,
    (tenant_id, provider_id): (TenantId, TaxProviderId),
    (since, most): (DateTime<Utc>, i64),
) -> Result<Vec<KeptDocument>, StorageError> {
    Ok(table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::provider_id.eq(provider_id)))
        .filter(table::recorded.ne(Recorded::Nothing).and(table::next_tell_at.is_null()))
        .filter(table::compared_at.is_null().or(table::compared_at.lt(since)).assume_not_null())
        .order((table::compared_at.asc().nulls_first(), table::id.desc()))
        .limit(most)
        .select(KeptDocument::as_select())
        .load(tx.conn)?)
}

/// Records what providers have of documents; the inner `None`: nothing, the outer: what was seen before stays.
pub fn compared(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    seen: &[(TaxDocumentId, Option<Option<i64>>)],
) -> Result<(), StorageError> {
    for (id, their_tax) in seen {
        let row = table::table.find((tenant_id, *id));
        diesel::update(row).set(table::compared_at.eq(now)).execute(tx.conn)?;
        if let Some(their_tax) = their_tax {
            diesel::update(row).set(table::their_tax.eq(*their_tax)).execute(tx.conn)?;
        }
    }
    Ok(())
}

/// A document of which a provider has something else than we.
#[derive(Debug, Clone, QueryableByName)]
pub struct Differing {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub difference: String,
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub our_tax: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub their_tax: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    pub trouble: Option<String>,
}

/// All differences with a provider, at most so many: what it has not heard, what it has otherwise, what it has not answered, and what the
/// built-in rules answered in its place.
pub fn differences(
    tx: &mut Tx<'_>,
    (tenant_id, provider_id): (TenantId, TaxProviderId),
    most: i64,
) -> Result<Vec<Differing>, StorageError> {
    Ok(diesel::sql_query(
        "WITH ours AS (SELECT d.id, d.kind, d.wanted, d.recorded, d.their_tax, d.compared_at, d.trouble, d.next_tell_at, i.currency, \
             CASE WHEN d.recorded IN ('voided', 'returned') THEN 0 \
                  WHEN d.kind = 'invoice' THEN (SELECT sum(t.amount) FROM invoice_line_taxes t \
                      WHERE t.tenant_id = $1 AND t.invoice_id = d.id AND t.provider_id = $2) \
                  ELSE (SELECT -sum(n.amount) FROM credit_note_line_taxes n WHERE n.tenant_id = $1 AND n.credit_note_id = d.id) \
             END::bigint AS our_tax \
             FROM tax_documents d JOIN invoices i ON i.tenant_id = $1 AND i.id = d.invoice_id \
             WHERE d.tenant_id = $1 AND d.provider_id = $2), \
         asked AS (SELECT DISTINCT ON (d.invoice_id) d.invoice_id, q.question, q.answer, q.by_engine, q.trouble \
             FROM tax_questions q JOIN tax_questions_of_drafts d ON d.tenant_id = $1 AND d.question_id = q.id \
             WHERE q.tenant_id = $1 AND q.provider_id = $2 AND (q.by_engine OR q.answer IS NULL) \
             ORDER BY d.invoice_id, d.asked_at DESC) \
         SELECT id, kind, 'not_recorded' AS difference, currency, our_tax, their_tax, trouble FROM ours \
             WHERE next_tell_at IS NOT NULL \
         UNION ALL SELECT id, kind, CASE WHEN their_tax IS NULL THEN 'missing' ELSE 'other_tax' END, currency, our_tax, their_tax, trouble \
             FROM ours WHERE next_tell_at IS NULL AND (compared_at IS NOT NULL OR their_tax IS NOT NULL) AND recorded <> 'nothing' \
                 AND recorded <> 'returned' AND their_tax IS DISTINCT FROM our_tax \
         UNION ALL SELECT u.invoice_id, 'invoice', 'unanswered', u.question ->> 'currency', NULL::bigint, NULL::bigint, u.trouble \
             FROM asked u JOIN invoices i ON i.tenant_id = $1 AND i.id = u.invoice_id AND i.waits_for = 'tax_provider' \
             WHERE u.answer IS NULL AND NOT u.by_engine AND u.trouble IS NOT NULL \
         UNION ALL SELECT q.invoice_id, 'invoice', 'built_in_rules', i.currency, \
                 (SELECT sum(t.amount)::bigint FROM invoice_line_taxes t WHERE t.tenant_id = $1 AND t.invoice_id = i.id AND t.provider_id IS NULL), \
                 (SELECT sum((x ->> 'amount')::bigint)::bigint FROM jsonb_array_elements(q.answer -> 'lines') l, jsonb_array_elements(l -> 'taxes') x), \
                 q.trouble \
             FROM asked q JOIN invoices i ON i.tenant_id = $1 AND i.id = q.invoice_id AND i.issued_at IS NOT NULL AND i.status <> 'void' \
             WHERE q.by_engine \
                 AND NOT EXISTS (SELECT 1 FROM credit_notes n WHERE n.tenant_id = $1 AND n.invoice_id = q.invoice_id \
                     AND n.replacement_invoice_id IS NOT NULL) \
                 AND NOT EXISTS (SELECT 1 FROM tax_documents d WHERE d.tenant_id = $1 AND d.id = q.invoice_id) \
         ORDER BY id DESC LIMIT $3",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(provider_id)
    .bind::<BigInt, _>(most)
    .load(tx.conn)?)
}
