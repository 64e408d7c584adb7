//! Where does the simulated gateway keep its books? In a schema of its own, on its own connection and in its own
//! transactions: what it has taken stays taken when a transaction of ours is rolled back.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::invoicing::parse_currency;
use super::schema::simulator::charges;
use super::{Db, Session, StorageError, Tx};
use crate::domain::money::Money;
use crate::domain::payments::simulated::{Charge, ChargeStatus, Memory};

/// The books, on connections opened when they are first needed.
pub struct Books {
    db: Db,
    idle: Mutex<Vec<Session>>,
}

/// Connections kept for the next call.
const IDLE: usize = 2;

impl Books {
    /// The books in this database.
    pub fn new(db: Db) -> Books {
        Books { db, idle: Mutex::new(Vec::new()) }
    }

    fn on_session<T>(&self, work: impl FnOnce(&mut Session) -> Result<T, StorageError>) -> Result<T, String> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let opened = idle.map_or_else(|| self.db.session(), Ok);
        let mut session = opened.map_err(|e| e.to_string())?;
        let outcome = work(&mut session).map_err(|e| e.to_string());
        let mut kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if !session.is_broken() && kept.len() < IDLE {
            kept.push(session);
        }
        outcome
    }
}

impl Memory for Books {
    fn keep(&self, added: &[Charge]) -> Result<Vec<Charge>, String> {
        let keys: Vec<String> = added.iter().map(|c| c.idempotency_key.clone()).collect();
        self.on_session(|session| {
            session.transaction("simulator: keep", |tx| {
                insert(tx, added)?;
                recall(tx, &keys)
            })
        })
    }

    fn recall(&self, keys: &[String]) -> Result<Vec<Charge>, String> {
        self.on_session(|session| session.transaction("simulator: recall", |tx| recall(tx, keys)))
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = charges, treat_none_as_default_value = false)]
struct ChargeRow {
    idempotency_key: String,
    token: String,
    amount: i64,
    currency: String,
    outcome: String,
    decline_code: Option<String>,
    reference: String,
    received_at: DateTime<Utc>,
    settles_at: Option<DateTime<Utc>>,
}

impl From<&Charge> for ChargeRow {
    fn from(charge: &Charge) -> ChargeRow {
        let (outcome, decline_code, settles_at) = match &charge.status {
            ChargeStatus::Succeeded => ("succeeded", None, None),
            ChargeStatus::Declined { code } => ("declined", Some(code.clone()), None),
            ChargeStatus::Pending { settles_at, code } => ("pending", code.clone(), Some(*settles_at)),
        };
        ChargeRow {
            idempotency_key: charge.idempotency_key.clone(),
            token: charge.token.clone(),
            amount: charge.amount.minor(),
            currency: charge.amount.currency().code().to_owned(),
            outcome: outcome.to_owned(),
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
        let status = match (row.outcome.as_str(), row.decline_code, row.settles_at) {
            ("succeeded", ..) => ChargeStatus::Succeeded,
            ("declined", Some(code), _) => ChargeStatus::Declined { code },
            ("pending", code, Some(settles_at)) => ChargeStatus::Pending { settles_at, code },
            (other, ..) => return Err(StorageError::unreadable("simulated charge", other)),
        };
        Ok(Charge {
            idempotency_key: row.idempotency_key,
            token: row.token,
            amount: Money::from_minor(row.amount, parse_currency(&row.currency)?),
            status,
            reference: row.reference,
            received_at: row.received_at,
        })
    }
}

/// Rows of one INSERT: nine parameters each, and PostgreSQL takes 65,535.
const ROWS_A_STATEMENT: usize = 1_000;

fn insert(tx: &mut Tx<'_>, added: &[Charge]) -> Result<(), StorageError> {
    let mut rows: Vec<ChargeRow> = added.iter().map(ChargeRow::from).collect();
    // Two callers with keys in common take them in the same order, and neither waits for the other in a circle.
    rows.sort_by(|a, b| a.idempotency_key.cmp(&b.idempotency_key));
    for part in rows.chunks(ROWS_A_STATEMENT) {
        diesel::insert_into(charges::table).values(part).on_conflict_do_nothing().execute(tx.conn)?;
    }
    Ok(())
}

fn recall(tx: &mut Tx<'_>, keys: &[String]) -> Result<Vec<Charge>, StorageError> {
    let rows: Vec<ChargeRow> = charges::table
        .filter(charges::idempotency_key.eq_any(keys))
        .select(ChargeRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Charge::try_from).collect()
}
