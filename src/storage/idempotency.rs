//! Has this POST been answered already? One row per tenant and `Idempotency-Key`, written in the transaction of the effect.
//!
//! A lock taken for the transaction (or, for a command of several transactions, for the session) tells a call that is
//! under way from one that died: the lock dies with its connection, so a key is never stuck. Worked example: two calls
//! with the key `a` at once: one gets the lock and answers 201, the other answers 409; the key is then replayed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::schema::idempotency_keys;
use super::{Session, StorageError, Tx};
use crate::domain::ids::TenantId;

/// A key as one tenant uses it, with the fingerprint of the request it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Whose key.
    pub tenant_id: TenantId,
    /// As the caller wrote it, at most 255 characters.
    pub text: String,
    /// SHA-256 of method, path and canonical body.
    pub fingerprint: [u8; 32],
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing, or only that a call came and died: do the work.
    Nothing,
    /// A call with it began this, and gave no answer yet.
    Begun(Uuid),
    /// Another request came with it.
    OtherRequest,
    /// The answer given.
    Answered(Answered),
}

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The body, byte for byte.
    pub body: String,
}

impl Key {
    /// 64 bits of a hash: two keys that share them only make one of two simultaneous calls answer 409.
    fn lock_number(&self) -> i64 {
        let hash = Sha256::new().chain_update(self.tenant_id.uuid()).chain_update(&self.text).finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        i64::from_be_bytes(first)
    }
}

/// Takes the key until the transaction ends; false when another call has it.
pub fn try_lock(tx: &mut Tx<'_>, key: &Key) -> Result<bool, StorageError> {
    Ok(diesel::select(pg_try_advisory_xact_lock(key.lock_number())).get_result(tx.conn)?)
}

/// Takes the key until the session's connection closes; false when another call has it.
pub fn try_lock_session(session: &mut Session, key: &Key) -> Result<bool, StorageError> {
    Ok(diesel::select(pg_try_advisory_lock(key.lock_number())).get_result(session.connection()?)?)
}

/// Lets go of a key taken with [`try_lock_session`], before its answer is told: the database notices a closed
/// connection only a moment later, and a caller that asks again at once would hear that its call is still under way.
pub fn unlock_session(session: &mut Session, key: &Key) -> Result<(), StorageError> {
    diesel::select(pg_advisory_unlock(key.lock_number())).get_result::<bool>(session.connection()?)?;
    Ok(())
}

/// What is known of the key. Ask in a statement after the one that took the lock: a snapshot taken before it would
/// miss the answer that a call committed while this one was waiting.
pub fn look_up(tx: &mut Tx<'_>, key: &Key) -> Result<Known, StorageError> {
    type Row = (Vec<u8>, Option<i16>, Option<String>, Option<Uuid>);
    let row: Option<Row> = idempotency_keys::table
        .find((key.tenant_id, &key.text))
        .select((
            idempotency_keys::fingerprint,
            idempotency_keys::response_status,
            idempotency_keys::response_body,
            idempotency_keys::begun_id,
        ))
        .first(tx.conn)
        .optional()?;
    Ok(match row {
        None => Known::Nothing,
        Some((fingerprint, ..)) if fingerprint != key.fingerprint => Known::OtherRequest,
        Some((_, Some(status), Some(body), _)) => Known::Answered(Answered {
            status: u16::try_from(status).map_err(|e| StorageError::unreadable("response status", e))?,
            body,
        }),
        Some((.., Some(begun))) => Known::Begun(begun),
        Some(_) => Known::Nothing,
    })
}

/// Notes that a command of several transactions begins, and what it begins, so that its key finds that again and refuses another request.
/// `false`: another call with the key has begun something, or was answered.
pub fn begin(
    tx: &mut Tx<'_>,
    key: &Key,
    begun: Option<Uuid>,
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    use diesel::query_dsl::methods::FilterDsl;
    use idempotency_keys as k;
    let noted = diesel::insert_into(k::table)
        .values((
            k::tenant_id.eq(key.tenant_id),
            k::key.eq(&key.text),
            k::fingerprint.eq(&key.fingerprint[..]),
            k::created_at.eq(at),
            k::begun_id.eq(begun),
        ))
        .on_conflict((k::tenant_id, k::key))
        .do_update()
        .set(k::begun_id.eq(begun))
        .filter(k::begun_id.is_null().and(k::response_status.is_null()))
        .execute(tx.conn)?;
    Ok(noted == 1)
}

/// Keeps the answer. The lock must be held.
pub fn save(tx: &mut Tx<'_>, key: &Key, answer: &Answered, at: DateTime<Utc>) -> Result<(), StorageError> {
    let status = i16::try_from(answer.status).map_err(|e| StorageError::unreadable("response status", e))?;
    let answered = (
        idempotency_keys::response_status.eq(status),
        idempotency_keys::response_body.eq(answer.body.as_str()),
    );
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::tenant_id.eq(key.tenant_id),
            idempotency_keys::key.eq(&key.text),
            idempotency_keys::fingerprint.eq(&key.fingerprint[..]),
            idempotency_keys::created_at.eq(at),
            answered,
        ))
        .on_conflict((idempotency_keys::tenant_id, idempotency_keys::key))
        .do_update()
        .set(answered)
        .execute(tx.conn)?;
    Ok(())
}

/// Forgets a key whose command was refused before it began anything: the caller may correct the request and use the key again.
pub fn forget(tx: &mut Tx<'_>, key: &Key) -> Result<(), StorageError> {
    let nothing_begun = idempotency_keys::begun_id.is_null().and(idempotency_keys::response_status.is_null());
    diesel::delete(idempotency_keys::table.find((key.tenant_id, &key.text)).filter(nothing_begun))
        .execute(tx.conn)?;
    Ok(())
}

/// Forgets every key first used before `before`; gives how many.
pub fn purge(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<usize, StorageError> {
    Ok(diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(before)))
        .execute(tx.conn)?)
}

#[diesel::declare_sql_function]
extern "SQL" {
    fn pg_try_advisory_xact_lock(key: BigInt) -> Bool;
    fn pg_try_advisory_lock(key: BigInt) -> Bool;
    fn pg_advisory_unlock(key: BigInt) -> Bool;
}
