//! The parts of a payout are booked, some at a time, each once; then the payout is at the bank. One that came back from there is booked to the end all
//! the same, and then taken back: the next payout has its amount.

use std::collections::BTreeSet;

use super::matching;
use crate::domain::events::EventType;
use crate::domain::ids::{CustomerId, GatewayAccountId, PayoutId, PayoutItemId};
use crate::domain::ledger::posting::Source;
use crate::domain::ledger::{NOBODY, SourceKind, payouts as postings};
use crate::domain::payments::Refused;
use crate::domain::payments::payouts::{Item, ItemSeen, Known, Payout, Seen, Settled, Status, settle};
use crate::storage::customers::locks::{self, Locked};
use crate::storage::payments::{accounts, payouts};
use crate::storage::{Session, StorageError, Tx, events, ledger};
use crate::workflows::parked_work::Place;
use crate::workflows::{Error, Holding, Scope};

/// Parts of one transaction.
const AT_ONCE: usize = 100;

/// Records it, and what it is made of.
///
/// # Errors
/// What keeps it from being recorded.
pub(super) fn run(
    session: &mut Session,
    place: Place,
    (account_id, seen): (GatewayAccountId, &Seen),
    rest: Option<ItemSeen>,
) -> Result<(), Error> {
    let payout = session.transaction("begin_payout", |tx| begin(tx, place, (account_id, seen)))?;
    if payout.status == Status::Recording {
        let items: Vec<&ItemSeen> = seen.items.iter().chain(&rest).collect();
        for items in items.chunks(AT_ONCE) {
            session.transaction("record_payout_items", |tx| some(tx, place, (&payout, items)))?;
        }
    }
    session.transaction("finish_payout", |tx| finish(tx, place, (account_id, seen)))
}

fn begin(
    tx: &mut Tx<'_>,
    place: Place,
    (account_id, seen): (GatewayAccountId, &Seen),
) -> Result<Payout, Error> {
    let scope = place.scope(tx)?;
    let account = accounts::of_ids(tx, scope.tenant_id, &[account_id])?.remove(&account_id);
    let entity_id = account.and_then(|account| account.entity_id);
    let payout = Payout {
        id: PayoutId::from_uuid(scope.mint()),
        gateway_account_id: account_id,
        reference: seen.reference.clone(),
        status: Status::Recording,
        // An account of every entity pays out what belongs to nobody into the books of the default one.
        entity_id: entity_id.unwrap_or_else(|| scope.default_entity()),
        amount: seen.amount,
        paid_at: seen.paid_at,
        created_at: scope.now,
    };
    Ok(payouts::begin(tx, scope.tenant_id, payout)?)
}

/// Matched and booked under the locks of all their customers; what is there already is not written again.
fn some(tx: &mut Tx<'_>, place: Place, (payout, items): (&Payout, &[&ItemSeen])) -> Result<(), Error> {
    let scope = place.scope(tx)?;
    let whose = (scope.tenant_id, payout.gateway_account_id);
    let mut customers = BTreeSet::new();
    for seen in items {
        customers.insert(matching::known(tx, whose, seen)?.customer_id);
    }
    let ids: Vec<CustomerId> = customers.iter().flatten().copied().collect();
    let held = locks::each(tx, scope.tenant_id, &ids, Locked::Wait)?;
    if customers.contains(&None) {
        let _ = locks::nobody(tx, scope.tenant_id)?;
    }
    let scope = &scope.holding(held);
    for seen in items {
        let known = matching::known(tx, whose, seen)?;
        if !customers.contains(&known.customer_id) {
            return Err(StorageError::Retry("a part of a payout became known".to_owned()).into());
        }
        book(tx, scope, (payout, seen), &known)?;
    }
    Ok(())
}

fn book(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (payout, seen): (&Payout, &ItemSeen),
    known: &Known,
) -> Result<(), Error> {
    let settled = settle(seen, known).map_err(Refused::from)?;
    let item = item(scope, (payout, seen), (known, settled));
    let id = item.id;
    if !payouts::insert_item(tx, scope.tenant_id, item)? {
        return Ok(());
    }
    let source = Source {
        kind: SourceKind::PayoutSettled,
        id: id.uuid(),
        customer_id: known.customer_id.unwrap_or(NOBODY),
        entity_id: Some(known.entity_id.unwrap_or(payout.entity_id)),
        invoice_id: None,
        effective_on: scope.zone.local_date(payout.paid_at.min(scope.now)),
        recorded_at: scope.now,
    };
    let posted = postings::settled(&settled, source).map_err(Refused::from)?;
    Ok(ledger::post(tx, &scope.held, &posted)?)
}

fn item(scope: &Scope, (payout, seen): (&Payout, &ItemSeen), (known, settled): (&Known, Settled)) -> Item {
    Item {
        id: PayoutItemId::from_uuid(scope.mint()),
        payout_id: payout.id,
        reference: seen.reference.clone(),
        kind: seen.kind,
        original: seen.original,
        amount: seen.amount,
        fee: seen.fee,
        customer_id: known.customer_id,
        payment_id: known.payment_id,
        refund_id: known.refund_id,
        dispute_id: known.dispute_id,
        failed_payout_id: known.failed_payout_id,
        reason: settled.reason,
        difference: settled.difference,
    }
}

fn finish(tx: &mut Tx<'_>, place: Place, (account_id, seen): (GatewayAccountId, &Seen)) -> Result<(), Error> {
    let scope = place.scope(tx)?;
    let scope = &scope.holding(locks::nobody(tx, scope.tenant_id)?);
    let known = payouts::find_by_reference(tx, (scope.tenant_id, account_id), &seen.reference)?;
    let Some(payout) = known else { return Ok(()) };
    let (status, type_) = match (payout.status, seen.has_failed) {
        (Status::Recording | Status::Paid, true) => (Status::Failed, EventType::PayoutFailed),
        (Status::Recording, false) => (Status::Paid, EventType::PayoutPaid),
        (Status::Paid, false) | (Status::Failed, _) => return Ok(()),
    };
    if status == Status::Failed {
        let source = Source {
            kind: SourceKind::PayoutFailed,
            id: payout.id.uuid(),
            customer_id: NOBODY,
            entity_id: Some(payout.entity_id),
            invoice_id: None,
            effective_on: scope.zone.local_date(scope.now),
            recorded_at: scope.now,
        };
        let posted = postings::taken_back(&payout, source).map_err(Refused::from)?;
        ledger::post(tx, &scope.held, &posted)?;
    }
    payouts::set_status(tx, (scope.tenant_id, payout.id), status)?;
    let payout = Payout { status, ..payout };
    let event = scope.event(type_, payout.id.uuid(), payout.event_data());
    Ok(events::record(tx, scope.tenant_id, &[event])?)
}
