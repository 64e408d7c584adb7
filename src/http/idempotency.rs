//! May this POST be sent again? With an `Idempotency-Key`, yes: the same request is answered with the stored answer
//! (`Idempotent-Replayed: true`), another one with 422, and one that is still under way with 409.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Answer, Problem};
use crate::domain::ids::TenantId;
use crate::platform::clock;
use crate::storage::idempotency::{self, Answered, Key, Known};
use crate::storage::{Session, Tx};
use crate::workflows::Error;
use crate::workflows::keyed::{KeyRefused, Keyed};

/// The header.
pub const HEADER: &str = "Idempotency-Key";
/// The longest key.
const MAX_LENGTH: usize = 255;

/// The key of a request, with the request's fingerprint: SHA-256 of method, path with query, and the body with its
/// object keys in order and without blanks, so that the same JSON written another way is the same request.
pub fn key(req: &HttpRequest, tenant_id: TenantId, body: &[u8]) -> Result<Option<Key>, Problem> {
    let Some(header) = req.headers().get(HEADER) else { return Ok(None) };
    let text =
        header.to_str().ok().filter(|text| (1..=MAX_LENGTH).contains(&text.len())).ok_or_else(|| {
            Problem::malformed(
                "bad_idempotency_key",
                format!("an Idempotency-Key has 1 to {MAX_LENGTH} visible ASCII characters"),
            )
        })?;
    let canonical = serde_json::from_slice::<serde_json::Value>(body).map(|value| value.to_string());
    let canonical = canonical.unwrap_or_default();
    let target = req.uri().path_and_query().map_or("", |target| target.as_str());
    let hash = Sha256::new()
        .chain_update(req.method().as_str())
        .chain_update([0])
        .chain_update(target)
        .chain_update([0])
        .chain_update(canonical);
    Ok(Some(Key { tenant_id, text: text.to_owned(), fingerprint: hash.finalize().into() }))
}

/// What a command answers, and what of it is kept for a replay (without a secret that is shown once).
pub struct Outcome {
    /// To the caller.
    pub answer: Answer,
    /// For a replay.
    pub kept: Answered,
}

impl Outcome {
    /// Shown and kept alike.
    pub fn of(status: StatusCode, value: &impl Serialize) -> Result<Outcome, Error> {
        let answer = Answer::json(status, value)?;
        Ok(Outcome { kept: answer.to_keep(), answer })
    }

    /// `shown` to the caller, `kept` for a replay.
    pub fn shown_once(
        status: StatusCode,
        shown: &impl Serialize,
        kept: &impl Serialize,
    ) -> Result<Outcome, Error> {
        Ok(Outcome { answer: Answer::json(status, shown)?, kept: Answer::json(status, kept)?.to_keep() })
    }
}

/// Does `work` unless the key has its answer already; keeps the answer in the same transaction.
pub fn once(
    tx: &mut Tx<'_>,
    key: Option<&Key>,
    work: impl FnOnce(&mut Tx<'_>) -> Result<Outcome, Error>,
) -> Result<Answer, Error> {
    let Some(key) = key else { return Ok(work(tx)?.answer) };
    if !idempotency::try_lock(tx, key)? {
        return Err(KeyRefused::InUse.into());
    }
    match idempotency::look_up(tx, key)? {
        Known::Answered(kept) => Ok(Answer::replay(kept)?),
        Known::OtherRequest => Err(KeyRefused::Reused.into()),
        Known::Nothing | Known::Begun(_) => {
            let outcome = work(tx)?;
            idempotency::save(tx, key, &outcome.kept, clock::now())?;
            Ok(outcome.answer)
        }
    }
}

/// The same for a command of several transactions. What it begins is noted under the key, see [`Keyed`], and its answer is kept at its end:
/// after a crash the same call gives the answer of what was begun. With `alone`, the session holds the key for the length of the command.
pub fn once_long(
    session: &mut Session,
    (key, alone): (Option<&Key>, bool),
    work: impl FnOnce(&mut Session, &Keyed) -> Result<Answer, Error>,
) -> Result<Answer, Problem> {
    let Some(key) = key else { return Ok(work(session, &Keyed::default())?) };
    if !alone {
        return answer_long(session, key, work);
    }
    if !idempotency::try_lock_session(session, key)? {
        return Err(Error::from(KeyRefused::InUse).into());
    }
    let answer = answer_long(session, key, work);
    // Should the connection be broken, its end lets go of the key.
    let _ = idempotency::unlock_session(session, key);
    answer
}

/// The answer kept, or the work and its answer, which is then kept.
fn answer_long(
    session: &mut Session,
    key: &Key,
    work: impl FnOnce(&mut Session, &Keyed) -> Result<Answer, Error>,
) -> Result<Answer, Problem> {
    let known = session.transaction::<_, Error>("begin_long_command", |tx| {
        let known = idempotency::look_up(tx, key)?;
        if known == Known::Nothing {
            idempotency::begin(tx, key, None, clock::now())?;
        }
        Ok(known)
    })?;
    let begun = match known {
        Known::Answered(kept) if kept.status >= 400 => return Err(Problem::replay(&kept)),
        Known::Answered(kept) => return Ok(Answer::replay(kept)?),
        Known::OtherRequest => return Err(Error::from(KeyRefused::Reused).into()),
        Known::Begun(id) => Some(id),
        Known::Nothing => None,
    };
    let keyed = Keyed::by(Some(key.clone()), begun);
    let outcome = work(session, &keyed).map_err(Problem::from);
    if keyed.is_open() {
        return outcome;
    }
    let kept = match &outcome {
        Ok(answer) => Some(answer.to_keep()),
        Err(problem) => problem.to_keep(),
    };
    session.transaction::<_, Error>("keep_long_answer", |tx| {
        match &kept {
            Some(kept) => idempotency::save(tx, key, kept, clock::now())?,
            None => idempotency::forget(tx, key)?,
        }
        Ok(())
    })?;
    outcome
}
