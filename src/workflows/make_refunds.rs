//! Money goes back by the gateway it came through. The refund is committed before the gateway hears of it, under its id: a process
//! that dies asks again with the same id, and the gateway refunds once.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Error, Scope, issue_credit_note};
use crate::adapters::gateway::{Gateways, RefundRequest};
use crate::domain::credits::notes::{Refund, RefundState};
use crate::domain::events::EventType;
use crate::domain::ids::TenantId;
use crate::domain::ledger::{self, SourceKind};
use crate::domain::payments::{Outcome, Refused};
use crate::storage::ledger as transfers;
use crate::storage::{Session, StorageError, Tx, credit_notes as notes, customers, events};

/// When a gateway that gave no answer is asked again.
const AGAIN: TimeDelta = TimeDelta::hours(1);

/// Makes every refund due by `now`.
///
/// # Errors
/// Storage; sums that do not fit.
pub fn run(
    session: &mut Session,
    gateways: &Gateways,
    tenant_id: TenantId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    loop {
        let due = session.transaction("find_due_refunds", |tx| notes::refunds_due(tx, tenant_id, now))?;
        if due.is_empty() {
            return Ok(());
        }
        for refund in due {
            let request = RefundRequest {
                idempotency_key: refund.id.uuid().to_string(),
                charge_key: refund.payment_id.uuid().to_string(),
                amount: refund.amount,
                at: now,
            };
            let outcome = match gateways.get(&refund.gateway) {
                Some(gateway) => gateway.refund(&request),
                None => Outcome::Unknown,
            };
            session.transaction("record_refund", |tx| record(tx, (tenant_id, now), &refund, &outcome))?;
        }
    }
}

fn record(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    asked: &Refund,
    outcome: &Outcome,
) -> Result<(), Error> {
    let scope = Scope { now, ..Scope::load(tx, tenant_id)? };
    customers::lock(tx, tenant_id, asked.customer_id)?;
    let mut refund = notes::find_refund(tx, tenant_id, asked.id)?;
    if !matches!(refund.state, RefundState::Pending { .. }) {
        return Ok(());
    }
    let note = notes::find(tx, tenant_id, refund.credit_note_id)?;
    let source = |kind| issue_credit_note::source(&scope, (kind, refund.id.uuid()), &note);
    let (state, posted) = match outcome {
        Outcome::Succeeded { reference } => (
            RefundState::Succeeded { reference: Some(reference.clone()), at: now },
            ledger::credit_notes::refunded(refund.amount, source(SourceKind::RefundPaid)),
        ),
        Outcome::Declined { code, .. } => (
            RefundState::Failed { code: code.clone(), at: now },
            ledger::credit_notes::not_refunded(refund.amount, source(SourceKind::RefundFailed)),
        ),
        Outcome::Pending { .. } | Outcome::Unknown | Outcome::NeverReached => {
            (RefundState::Pending { next_attempt_at: now + AGAIN }, Ok(Vec::new()))
        }
    };
    let type_ = match state {
        RefundState::Succeeded { .. } => Some(EventType::RefundSucceeded),
        RefundState::Failed { .. } => Some(EventType::RefundFailed),
        RefundState::Pending { .. } => None,
    };
    refund.state = state;
    notes::save_refund(tx, tenant_id, &refund)?;
    transfers::post(tx, tenant_id, &posted.map_err(Refused::from)?)?;
    let told: Vec<_> =
        type_.map(|t| scope.event(t, refund.id.uuid(), refund.event_data())).into_iter().collect();
    Ok(events::record(tx, tenant_id, &told)?)
}

/// When the next refund is to be made.
///
/// # Errors
/// Storage.
pub fn next_due(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Option<DateTime<Utc>>, StorageError> {
    notes::next_refund(tx, tenant_id)
}
