//! What are providers asked, and what did they answer? A row a question, found again by a digest of it: two drafts that ask the same have one
//! answer, while it is fresh.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::{CustomerId, InvoiceId, TaxProviderId, TaxQuestionId, TenantId};
use crate::domain::tax::provided::{Answer, Known, Question};
use crate::platform::secrets;
use crate::storage::schema::{tax_questions as table, tax_questions_of_drafts as drafts};
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx};

/// The same question has the same id.
///
/// # Errors
/// It cannot be written.
pub fn question_id(question: &Question) -> Result<TaxQuestionId, StorageError> {
    let text = serde_json::to_string(question);
    let text = text.map_err(|error| StorageError::unreadable("question about tax", error))?;
    let digest = secrets::hash(&text);
    let number = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    Ok(TaxQuestionId::from_uuid(Uuid::from_u128(number)))
}

/// Notes what is to be asked for drafts. What somebody answered since they were taxed is asked again, for that wakes them.
pub fn note_questions(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    questions: &[(Option<InvoiceId>, &Question)],
) -> Result<(), StorageError> {
    if questions.is_empty() {
        return Ok(());
    }
    let mut by_id: BTreeMap<TaxQuestionId, &Question> = BTreeMap::new();
    let mut by_drafts: BTreeSet<(InvoiceId, TaxQuestionId)> = BTreeSet::new();
    for (invoice_id, question) in questions {
        let id = question_id(question)?;
        by_id.insert(id, question);
        by_drafts.extend(invoice_id.map(|invoice_id| (invoice_id, id)));
    }
    // In one order, so that nobody waits in a circle.
    let (ids, notes): (Vec<TaxQuestionId>, Vec<&Question>) = by_id.into_iter().unzip();
    diesel::sql_query(
        "INSERT INTO tax_questions (tenant_id, id, provider_id, customer_id, question, next_ask_at, created_at) \
         SELECT $1, q.id, q.provider_id, q.customer_id, q.question, $6, $6 \
         FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::jsonb[]) AS q (id, provider_id, customer_id, question) \
         ON CONFLICT (tenant_id, id) DO UPDATE SET \
             next_ask_at = CASE WHEN tax_questions.answer IS NULL THEN coalesce(tax_questions.next_ask_at, $6) ELSE $6 END, \
             answer = CASE WHEN tax_questions.expires_at > $6 THEN tax_questions.answer END, \
             answered_at = CASE WHEN tax_questions.expires_at > $6 THEN tax_questions.answered_at END, \
             expires_at = CASE WHEN tax_questions.expires_at > $6 THEN tax_questions.expires_at END",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<SqlUuid>, _>(notes.iter().map(|q| q.provider_id).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(notes.iter().map(|q| q.customer_id).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(notes.iter().map(|q| Json((*q).clone())).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn)?;
    let (drafts, ids): (Vec<InvoiceId>, Vec<TaxQuestionId>) = by_drafts.into_iter().unzip();
    diesel::sql_query(
        "INSERT INTO tax_questions_of_drafts (tenant_id, invoice_id, question_id, asked_at) \
         SELECT $1, d.invoice_id, d.question_id, $4 FROM unnest($2::uuid[], $3::uuid[]) AS d (invoice_id, question_id) \
         ON CONFLICT (tenant_id, invoice_id, question_id) DO UPDATE SET asked_at = excluded.asked_at",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(drafts)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn)?;
    Ok(())
}

/// What is known of questions about these customers: fresh answers, and what nobody answered in time.
pub fn known_answers(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    customers: &[CustomerId],
) -> Result<HashMap<Question, Known>, StorageError> {
    let fresh = table::answer.is_not_null().and(table::expires_at.gt(now)).assume_not_null();
    let rows: Vec<(Json<Question>, Option<Json<Answer>>)> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::customer_id.eq_any(customers)))
        .filter(fresh.or(table::by_engine))
        .select((table::question, table::answer))
        .load(tx.conn)?;
    let known = |answer: Option<Json<Answer>>| answer.map_or(Known::ByEngine, |Json(it)| Known::Answered(it));
    Ok(rows.into_iter().map(|(Json(question), answer)| (question, known(answer))).collect())
}

/// What was asked about an invoice that the built-in rules answered for, and what the provider answered after all.
pub fn answered_late(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    invoice_id: InvoiceId,
) -> Result<Option<(Question, Answer)>, StorageError> {
    let of_draft = drafts::table
        .filter(drafts::tenant_id.eq(tenant_id).and(drafts::invoice_id.eq(invoice_id)))
        .inner_join(table::table.on(table::tenant_id.eq(tenant_id).and(table::id.eq(drafts::question_id))))
        .order(drafts::asked_at.desc())
        .select((table::by_engine, table::question, table::answer));
    let last: Option<(bool, Json<Question>, Option<Json<Answer>>)> = of_draft.first(tx.conn).optional()?;
    let Some((true, Json(question), Some(Json(answer)))) = last else { return Ok(None) };
    Ok(Some((question, answer)))
}

/// A question that is to be asked.
#[derive(Debug, Clone)]
pub struct OpenQuestion {
    pub id: TaxQuestionId,
    pub question: Question,
    pub attempts: i32,
}

#[derive(QueryableByName)]
struct OpenRow {
    #[diesel(sql_type = SqlUuid)]
    id: TaxQuestionId,
    #[diesel(sql_type = Jsonb)]
    question: Json<Question>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
}

/// Takes those of these questions that are due, or that were taken so before, for so long: nobody else asks meanwhile.
pub fn claim_questions(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    (until, ids): (DateTime<Utc>, &[Uuid]),
) -> Result<Vec<OpenQuestion>, StorageError> {
    let rows: Vec<OpenRow> = diesel::sql_query(
        "WITH due AS (SELECT id FROM tax_questions WHERE tenant_id = $1 AND id = ANY ($4) AND (next_ask_at <= $2 OR next_ask_at = $3) \
             ORDER BY id FOR UPDATE SKIP LOCKED) \
         UPDATE tax_questions q SET next_ask_at = $3 FROM due WHERE q.tenant_id = $1 AND q.id = due.id \
         RETURNING q.id, q.question, q.attempts",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(until)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx.conn)?;
    let mut open: Vec<OpenQuestion> = rows
        .into_iter()
        .map(|row| OpenQuestion { id: row.id, question: row.question.0, attempts: row.attempts })
        .collect();
    open.sort_by_key(|question| question.id);
    Ok(open)
}

/// In whose turn something was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The job's, which wakes the drafts that wait for it.
    Job,
    /// Before: what a draft waits for meanwhile stays due, so that the job comes and wakes it.
    Before,
}

/// Keeps what was answered, fresh until then: whether anybody noted before that it is to be asked, or not.
pub fn keep_answers(
    tx: &mut Tx<'_>,
    (tenant_id, turn): (TenantId, Turn),
    answers: &[(Question, Answer)],
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), StorageError> {
    if answers.is_empty() {
        return Ok(());
    }
    let mut by_id: BTreeMap<TaxQuestionId, &(Question, Answer)> = BTreeMap::new();
    for answered in answers {
        by_id.insert(question_id(&answered.0)?, answered);
    }
    // In one order, so that nobody waits in a circle.
    let (ids, kept): (Vec<TaxQuestionId>, Vec<&(Question, Answer)>) = by_id.into_iter().unzip();
    let questions = || kept.iter().map(|(question, _)| question);
    diesel::sql_query(
        "INSERT INTO tax_questions (tenant_id, id, provider_id, customer_id, question, answer, answered_at, expires_at, created_at) \
         SELECT $1, q.id, q.provider_id, q.customer_id, q.question, q.answer, $7, $8, $7 \
         FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::jsonb[], $6::jsonb[]) AS q (id, provider_id, customer_id, question, answer) \
         ON CONFLICT (tenant_id, id) DO UPDATE SET answer = excluded.answer, answered_at = excluded.answered_at, \
             expires_at = excluded.expires_at, next_ask_at = CASE WHEN $9 THEN NULL ELSE tax_questions.next_ask_at END, trouble = NULL",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<SqlUuid>, _>(questions().map(|q| q.provider_id).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(questions().map(|q| q.customer_id).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(questions().map(|q| Json(q.clone())).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(kept.iter().map(|(_, answer)| Json(answer.clone())).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(expires_at)
    .bind::<Bool, _>(turn == Turn::Job)
    .execute(tx.conn)?;
    Ok(())
}

/// Why there is no answer, and when it is asked again.
#[derive(Debug, Clone)]
pub struct Failure {
    pub id: TaxQuestionId,
    pub trouble: String,
    /// `None`: never.
    pub next_ask_at: Option<DateTime<Utc>>,
    pub by_engine: bool,
}

/// Records that questions were not answered.
pub fn fail_questions(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    failures: &[Failure],
) -> Result<(), StorageError> {
    diesel::sql_query(
        "UPDATE tax_questions q SET attempts = q.attempts + 1, trouble = f.trouble, next_ask_at = f.next_ask_at, \
             by_engine = q.by_engine OR f.by_engine \
         FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::boolean[]) AS f (id, trouble, next_ask_at, by_engine) \
         WHERE q.tenant_id = $1 AND q.id = f.id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(failures.iter().map(|it| it.id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(failures.iter().map(|it| it.trouble.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(failures.iter().map(|it| it.next_ask_at).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(failures.iter().map(|it| it.by_engine).collect::<Vec<_>>())
    .execute(tx.conn)?;
    Ok(())
}

/// Forgets what was answered before then, but for what the built-in rules answered.
pub fn purge_questions(
    tx: &mut Tx<'_>,
    (tenant_id, provider_id): (TenantId, TaxProviderId),
    before: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::sql_query(
        "WITH old AS (DELETE FROM tax_questions WHERE tenant_id = $1 AND provider_id = $2 AND expires_at < $3 AND NOT by_engine RETURNING id) \
         DELETE FROM tax_questions_of_drafts d USING old WHERE d.tenant_id = $1 AND d.question_id = old.id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(provider_id)
    .bind::<Timestamptz, _>(before)
    .execute(tx.conn)?;
    Ok(())
}
