//! What do all changes of a subscription have in common? The customer is locked, the timeline edited and saved with who requested
//! it, billing informed where to look again, and what is due billed: all in one transaction.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::domain::billing::expected::Cursor;
use crate::domain::billing::piece::Readings;
use crate::domain::billing::segments::{self, Window};
use crate::domain::billing::unbillable::TooManyPeriods;
use crate::domain::events::EventType;
use crate::domain::ids::{ApiKeyId, ChangeId, CustomerId, InvoiceId, SubscriptionId};
use crate::domain::subscriptions::editing::Edge;
use crate::domain::subscriptions::phase::Phase;
use crate::domain::subscriptions::undo::{TakesBack, Undo};
use crate::domain::subscriptions::when::Bill;
use crate::domain::subscriptions::{Subscription, Timeline};
use crate::storage::billing::{self, PriceBook};
use crate::storage::customers::locks::{self, Held};
use crate::storage::subscriptions::change::Change;
use crate::storage::subscriptions::changes::{self, Saved};
use crate::storage::subscriptions::{self, phases};
use crate::storage::{Tx, events};
use crate::workflows::billing::bill_customers;
use crate::workflows::revenue::paths;
use crate::workflows::{Error, Scope};

/// Who requested a change, and in which words.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// `None`: the system itself.
    pub by: Option<ApiKeyId>,
    pub request: Value,
}

/// A subscription as a command finds it, its customer locked.
#[derive(Debug)]
pub struct Found {
    /// Its customer is locked.
    pub held: Held,
    pub subscription: Subscription,
    /// Its later phases.
    pub phases: Vec<Phase>,
    pub timeline: Timeline,
    cursor: Cursor,
}

/// What a command makes of it.
#[derive(Debug, Clone)]
pub struct Edited {
    /// Such as `change`.
    pub kind: &'static str,
    pub event: EventType,
    pub subscription: Subscription,
    pub timeline: Timeline,
    pub phase: Option<Phase>,
    pub edge: Edge,
    /// Phases that would have begun later than this are taken back.
    pub replaces_after: DateTime<Utc>,
    pub takes_back: TakesBack,
    /// What the end it sets took away.
    pub undo: Option<Undo>,
    /// The first instant from which on anything may be another.
    pub looks_from: DateTime<Utc>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub change: Change,
    pub customer_id: CustomerId,
    /// Made at once.
    pub invoices: Vec<InvoiceId>,
}

impl Edited {
    /// When something of it falls due first: what begins earlier than the rest is billed on its day.
    fn falls_due(&self, found: &Found) -> DateTime<Utc> {
        let due_from = self.edge.due_from;
        self.timeline.begins_to_be_due(&found.timeline).map_or(due_from, |at| at.min(due_from))
    }
}

impl Found {
    /// The number of the next phase.
    #[must_use]
    pub fn next_phase(&self) -> i16 {
        self.phases.iter().map(|phase| phase.no).max().unwrap_or(0).saturating_add(1)
    }
}

/// Locks the customer and reads the whole subscription.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: SubscriptionId) -> Result<Found, Error> {
    let customer_id = subscriptions::find(tx, scope.tenant_id, id)?.customer_id;
    let held = locks::account(tx, scope.tenant_id, customer_id)?;
    // Read again: whoever held the lock may have changed it.
    let subscription = subscriptions::find(tx, scope.tenant_id, id)?;
    let phases = phases::later(tx, scope.tenant_id, &subscription)?;
    let standing = billing::timeline(tx, scope.tenant_id, id)?;
    let cursor = Cursor { settled_to: standing.billable.settled_to, next_bill_at: standing.next_bill_at };
    Ok(Found { held, subscription, phases, timeline: standing.billable.timeline, cursor })
}

/// When the difference that something at an instant makes is billed: with the next period, as requested, but not later than what is overdue. A year of 1,200.00 that no run has
/// billed yet becomes one of two seats on its 17th day: both parts are owed now, not one of them in a year.
pub fn bill_of(
    tx: &mut Tx<'_>,
    scope: &Scope,
    found: &Found,
    (wanted, at): (Bill, DateTime<Utc>),
) -> Result<Bill, Error> {
    let Cursor { settled_to, next_bill_at } = found.cursor;
    if wanted == Bill::Now || at > scope.now || next_bill_at.is_none_or(|next| next > scope.now) {
        return Ok(wanted);
    }
    let since = [(found.subscription.id, settled_to)];
    let billables = billing::load_drafted(tx, scope.tenant_id, &since, &mut PriceBook::default())?;
    for billable in &billables {
        let window = Window {
            from: billable.settled_to,
            as_of: scope.now,
            recorded: &billable.recorded,
            readings: &Readings::new(),
            usage_early: false,
        };
        if segments::is_overdue(&billable.timeline, window)? {
            return Ok(Bill::Now);
        }
    }
    Ok(wanted)
}

/// Saves the change, emits its event, and bills the customer when something is due by now.
pub fn save(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (found, origin): (&Found, Origin),
    edited: Edited,
) -> Result<Outcome, Error> {
    let is_due = edited.falls_due(found) <= scope.now;
    let change = record(tx, scope, (found, origin), edited)?;
    bill(tx, scope, (found.subscription.customer_id, change), is_due)
}

/// Bills what a change made due.
pub fn bill(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (customer_id, change): (CustomerId, Change),
    is_due: bool,
) -> Result<Outcome, Error> {
    let invoices = if is_due { bill_customers::one(tx, scope, customer_id)? } else { Vec::new() };
    Ok(Outcome { change, customer_id, invoices })
}

/// Saves the change and emits its event, and bills nothing yet.
pub fn record(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (found, origin): (&Found, Origin),
    edited: Edited,
) -> Result<Change, Error> {
    let first = edited.falls_due(found);
    let Edited { kind, event, subscription, timeline, phase, edge, .. } = edited;
    let change = Change {
        id: ChangeId::from_uuid(scope.mint()),
        subscription_id: subscription.id,
        kind: kind.to_owned(),
        effective_at: edge.at,
        requested_at: scope.now,
        api_key_id: origin.by,
        request: origin.request,
        taken_back: None,
    };
    let cursor = segments::reopened(&found.timeline, found.cursor, (edited.looks_from, first))?;
    // Before anything is done: what it would take is known from what is invoiced.
    let most = segments::LOOKED_AT_AGAIN;
    let beyond = billing::invoiced_before(tx, scope.tenant_id, (subscription.id, cursor.settled_to), most)?;
    if let Some(after) = beyond {
        return Err(TooManyPeriods { most, after }.into());
    }
    let saved = Saved {
        change: &change,
        subscription: &subscription,
        before: &found.timeline,
        after: &timeline,
        phase,
        replaces_after: edited.replaces_after,
        takes_back: &edited.takes_back,
        undo: edited.undo.as_ref(),
        cursor,
    };
    changes::save(tx, &found.held, &saved)?;
    let (was, is) = ((&found.subscription, &found.timeline), (&subscription, &timeline));
    paths::of_subscription(tx, (scope, &found.held), (was, is))?;
    let mut data = subscription.event_data();
    data["change"] = serde_json::json!({ "id": change.id, "kind": kind, "effective_at": edge.at });
    let emitted = scope.event(event, subscription.id.uuid(), data);
    events::record(tx, scope.tenant_id, &[emitted])?;
    Ok(change)
}
