//! Where does the simulated gateway keep its books? In a schema of its own, on its own connection and in its own
//! transactions: what it has taken stays taken when a transaction of ours is rolled back. A request that it hears of at 12:00:31 and that
//! was to be over at 12:00:30 takes nothing.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz};

use crate::domain::money::{Currency, Money};
use crate::domain::payments::simulated::{Charge, ChargeStatus, Memory, Outcome};
use crate::platform::clock;
use crate::storage::schema::simulator::charges;
use crate::storage::spare::Spare;
use crate::storage::{Db, Session, StorageError, Tx};

/// The books, on a few connections of their own that all calls share.
pub struct Books {
    spare: Arc<Spare>,
}

/// Calls at once: more wait for one another, and take no connection from anybody else.
const CONNECTIONS: usize = 8;

impl Books {
    /// The books in this database.
    pub fn new(db: &Db) -> Books {
        Books { spare: Spare::new(db.url().into(), CONNECTIONS) }
    }

    /// Does `work`, statement by statement, each given up by the database when the deadline comes: nothing is left half done, and
    /// nothing is done afterwards.
    fn by<T>(
        &self,
        deadline: DateTime<Utc>,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StorageError>,
    ) -> Result<T, String> {
        let mut session = Session::lent(&self.spare);
        // One that has gone while it was idle has done nothing yet: another is opened.
        if let Err(error) = limit(&mut session, deadline)? {
            tracing::debug!(%error, "the simulator opens its books anew");
            session.reopen().map_err(|e| e.to_string())?;
            limit(&mut session, deadline)?.map_err(|e| e.to_string())?;
        }
        session.singly(work).map_err(|e| e.to_string())
    }
}

/// Lets the database end each statement by the deadline. The outer error: it is over.
fn limit(session: &mut Session, deadline: DateTime<Utc>) -> Result<Result<(), StorageError>, String> {
    let lent = session.connection().map(drop);
    let left = deadline.signed_duration_since(clock::now()).num_milliseconds();
    if left <= 0 {
        return Err("the time of this call was over before it was made".to_owned());
    }
    let set = format!("SET statement_timeout = {left}");
    Ok(lent.and_then(|()| Ok(session.connection()?.batch_execute(&set)?)))
}

impl Memory for Books {
    fn keep(&self, added: &[Charge], deadline: DateTime<Utc>) -> Result<Vec<Charge>, String> {
        let keys: Vec<String> = added.iter().map(|c| c.idempotency_key.clone()).collect();
        self.by(deadline, |tx| {
            insert(tx, added, deadline)?;
            recall(tx, &keys)
        })
    }

    fn recall(&self, keys: &[String], deadline: DateTime<Utc>) -> Result<Vec<Charge>, String> {
        self.by(deadline, |tx| recall(tx, keys))
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = charges)]
struct ChargeRow {
    idempotency_key: String,
    token: String,
    amount: i64,
    currency: Currency,
    outcome: Outcome,
    decline_code: Option<String>,
    reference: String,
    received_at: DateTime<Utc>,
    settles_at: Option<DateTime<Utc>>,
}

impl From<&Charge> for ChargeRow {
    fn from(charge: &Charge) -> ChargeRow {
        let (decline_code, settles_at) = match &charge.status {
            ChargeStatus::Succeeded => (None, None),
            ChargeStatus::Declined { code } => (Some(code.clone()), None),
            ChargeStatus::Pending { settles_at, code } => (code.clone(), Some(*settles_at)),
        };
        ChargeRow {
            idempotency_key: charge.idempotency_key.clone(),
            token: charge.token.clone(),
            amount: charge.amount.minor(),
            currency: charge.amount.currency(),
            outcome: Outcome::from(&charge.status),
            decline_code,
            reference: charge.reference.clone(),
            received_at: charge.received_at,
            settles_at,
        }
    }
}

impl TryFrom<ChargeRow> for Charge {
    type Error = StorageError;

    fn try_from(row: ChargeRow) -> Result<Charge, StorageError> {
        let status = match (row.outcome, row.decline_code, row.settles_at) {
            (Outcome::Succeeded, ..) => ChargeStatus::Succeeded,
            (Outcome::Declined, Some(code), _) => ChargeStatus::Declined { code },
            (Outcome::Pending, code, Some(settles_at)) => ChargeStatus::Pending { settles_at, code },
            (outcome, ..) => return Err(StorageError::unreadable("simulated charge", outcome.into_str())),
        };
        Ok(Charge {
            idempotency_key: row.idempotency_key,
            token: row.token,
            amount: Money::from_minor(row.amount, row.currency),
            status,
            reference: row.reference,
            received_at: row.received_at,
        })
    }
}

/// One statement, whole or not at all, and nothing when it is only heard of after the deadline: as a gateway does that is told it.
fn insert(tx: &mut Tx<'_>, added: &[Charge], deadline: DateTime<Utc>) -> Result<(), StorageError> {
    let mut rows: Vec<ChargeRow> = added.iter().map(ChargeRow::from).collect();
    // Two callers with keys in common take them in the same order, and neither waits for the other in a circle.
    rows.sort_by(|a, b| a.idempotency_key.cmp(&b.idempotency_key));
    diesel::sql_query(
        "INSERT INTO simulator.charges (idempotency_key, token, amount, currency, outcome, decline_code, reference, received_at, settles_at) \
         SELECT s.* FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], \
             $9::timestamptz[]) AS s WHERE clock_timestamp() <= $10 ON CONFLICT (idempotency_key) DO NOTHING",
    )
    .bind::<Array<Text>, _>(rows.iter().map(|r| &*r.idempotency_key).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|r| &*r.token).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(rows.iter().map(|r| r.amount).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|r| r.currency).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|r| r.outcome).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|r| r.decline_code.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|r| &*r.reference).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(rows.iter().map(|r| r.received_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(rows.iter().map(|r| r.settles_at).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(deadline)
    .execute(tx.conn)?;
    Ok(())
}

fn recall(tx: &mut Tx<'_>, keys: &[String]) -> Result<Vec<Charge>, StorageError> {
    let rows: Vec<ChargeRow> = charges::table
        .filter(charges::idempotency_key.eq_any(keys))
        .select(ChargeRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Charge::try_from).collect()
}
