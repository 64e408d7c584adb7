//! Something that was invoiced is delivered: so much of it is earned. Said by mistake, it is reversed. The customer is locked, so two at once add up.
//!
//! 40 % of a set-up of 500.00 on 20 March: 200.00 are earned that day, and posted when March is over.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::billing::Line;
use crate::domain::events::EventType;
use crate::domain::ids::{EntityId, FulfilmentId, InvoiceId, LineId};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::payments::Refused as Sums;
use crate::domain::revenue::fulfilment::{self, AsCharged, Fulfilment, Part, Progress, Refused, Reversed};
use crate::domain::revenue::{Entry, Rule, Schedule};
use crate::storage::revenue::{fulfilments, periods};
use crate::storage::{StorageError, Thing, Tx, events, invoicing, revenue};
use crate::workflows::error::Referenced;
use crate::workflows::{Error, Holding, Scope};

/// What is fulfilled.
#[derive(Debug, Clone)]
pub struct Order {
    pub line: LineId,
    pub part: Part,
    pub milestone: Option<String>,
    /// `None`: now.
    pub at: Option<DateTime<Utc>>,
    pub evidence: Option<String>,
}

/// Records that it is.
///
/// # Errors
/// `unknown_invoice_line`; [`Refused`].
pub fn run(tx: &mut Tx<'_>, scope: &Scope, order: &Order) -> Result<Fulfilment, Error> {
    let scope = &scope.lock_owner(tx, order.line.invoice_id).or_unknown("/invoice_line_id")?;
    let known = read(tx, scope, order.line)?;
    let schedule = known.own.ok_or(StorageError::not_found(Thing::InvoiceLine, order.line));
    let schedule = schedule.or_unknown("/invoice_line_id")?;
    known.check_status()?;
    if !schedule.rule.is_on_fulfilment() {
        return Err(Refused::OtherRule { rule: schedule.rule }.into());
    }
    let given_back = fulfilments::given_back(tx, scope.tenant_id, &[order.line.invoice_id])?;
    if let Some(given_back) = given_back.iter().find(|one| one.line == order.line) {
        return Err(Refused::GivesBack { charge: given_back.charge }.into());
    }
    if schedule.rule == Rule::Milestone && order.milestone.is_none() {
        return Err(Refused::NoMilestone.into());
    }
    fulfilment::check_milestone(order.milestone.as_deref(), &known.said)?;
    let at = order.at.unwrap_or(scope.now);
    if at > scope.now {
        return Err(Refused::InTheFuture.into());
    }
    fulfilment::check(order.part, &known.said, known.line.quantity)?;
    let fulfilled_on = open_day(tx, scope, (known.invoice.entity_id, scope.zone.local_date(at)))?;
    let fulfilled = Fulfilment {
        id: FulfilmentId::from_uuid(scope.mint()),
        line: order.line,
        part: order.part,
        milestone: order.milestone.clone(),
        at,
        fulfilled_on,
        evidence: order.evidence.clone(),
        created_at: scope.now,
        reversed: None,
    };
    fulfilments::insert(tx, &scope.held, &fulfilled)?;
    of_invoice(tx, scope, (known.invoice.id, known.invoice.entity_id), fulfilled_on)?;
    let event = scope.event(EventType::FulfilmentRecorded, fulfilled.id.uuid(), fulfilled.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(fulfilled)
}

/// Takes it back: it was not so.
///
/// # Errors
/// Not found; [`Refused`].
pub fn reverse(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, because): (FulfilmentId, &str),
) -> Result<Fulfilment, Error> {
    let line = fulfilments::find(tx, scope.tenant_id, id)?.line;
    let scope = &scope.lock_owner(tx, line.invoice_id)?;
    let known = read(tx, scope, line)?;
    let on = scope.zone.local_date(scope.now);
    let reversed = Reversed { at: scope.now, on, because: because.to_owned() };
    let reversed = fulfilments::find(tx, scope.tenant_id, id)?.reverse(reversed)?;
    known.check_status()?;
    fulfilments::update(tx, &scope.held, &reversed)?;
    of_invoice(tx, scope, (known.invoice.id, known.invoice.entity_id), on)?;
    let event = scope.event(EventType::FulfilmentReversed, id.uuid(), reversed.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(reversed)
}

/// A line, its customer locked.
struct Known {
    invoice: Invoice,
    line: Line,
    own: Option<Schedule>,
    said: Vec<Fulfilment>,
}

impl Known {
    fn check_status(&self) -> Result<(), Refused> {
        match self.invoice.status {
            Status::Open | Status::Paid => Ok(()),
            status => Err(Refused::WrongStatus { status }),
        }
    }
}

fn read(tx: &mut Tx<'_>, scope: &Holding<'_>, id: LineId) -> Result<Known, Error> {
    let invoice = invoicing::find_locked(tx, scope.tenant_id, id.invoice_id)?;
    let lines = invoicing::lines(tx, scope.tenant_id, id.invoice_id)?;
    let line = lines.into_iter().find(|line| line.line_no == id.line_no);
    let line = line.ok_or(StorageError::not_found(Thing::InvoiceLine, id)).or_unknown("/invoice_line_id")?;
    let own = revenue::of_invoice(tx, scope.tenant_id, id.invoice_id)?;
    let own = own.into_iter().find(|schedule| schedule.line == id && schedule.entry == Entry::Line);
    let mut said = fulfilments::of_invoice(tx, scope.tenant_id, id.invoice_id)?;
    said.retain(|one| one.line == id);
    Ok(Known { invoice, line, own, said })
}

/// That day, or the first that is open: what is in a closed period stays as it was.
pub(super) fn open_day(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (entity_id, day): (EntityId, NaiveDate),
) -> Result<NaiveDate, StorageError> {
    let open_from = periods::books(tx, scope.tenant_id, entity_id)?.open_from;
    Ok(open_from.map_or(day, |from| day.max(from)))
}

/// What is earned of the lines of an invoice by what is fulfilled of them, on a day: also of what was taken back of them, and of what later invoices
/// gave back of them.
///
/// # Errors
/// Sums that do not fit; storage.
pub(super) fn of_invoice(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (id, entity_id): (InvoiceId, EntityId),
    on: NaiveDate,
) -> Result<(), Error> {
    let known = revenue::of_invoice(tx, scope.tenant_id, id)?;
    if !known.iter().any(|schedule| schedule.rule.is_on_fulfilment()) {
        return Ok(());
    }
    let given_back = fulfilments::given_back(tx, scope.tenant_id, &[id])?;
    earn(tx, scope, (&known, &given_back), on)?;
    periods::look_again(tx, (scope.tenant_id, entity_id), (on, scope.now))?;
    let later: BTreeSet<InvoiceId> =
        given_back.iter().map(|one| one.line.invoice_id).filter(|later| *later != id).collect();
    for later in later {
        let known = revenue::of_invoice(tx, scope.tenant_id, later)?;
        let given_back = fulfilments::given_back(tx, scope.tenant_id, &[later])?;
        earn(tx, scope, (&known, &given_back), on)?;
        let entity_id = invoicing::find(tx, scope.tenant_id, later)?.entity_id;
        periods::look_again(tx, (scope.tenant_id, entity_id), (on, scope.now))?;
    }
    Ok(())
}

/// Schedules what is earned of the lines of one invoice: each by what is fulfilled of it, or of the line of which it gives back.
fn earn(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (known, given_back): (&[Schedule], &[AsCharged]),
    on: NaiveDate,
) -> Result<(), Error> {
    let waiting: BTreeSet<LineId> =
        known.iter().filter(|one| one.rule.is_on_fulfilment()).map(|one| one.line).collect();
    let charge = |line: LineId| given_back.iter().find(|one| one.line == line).map_or(line, |one| one.charge);
    let invoices: BTreeSet<InvoiceId> = waiting.iter().map(|line| charge(*line).invoice_id).collect();
    let mut progress = HashMap::new();
    for id in invoices {
        let said = fulfilments::of_invoice(tx, scope.tenant_id, id)?;
        for line in invoicing::lines(tx, scope.tenant_id, id)? {
            let own = LineId { invoice_id: id, line_no: line.line_no };
            let said: Vec<Fulfilment> = said.iter().filter(|one| one.line == own).cloned().collect();
            progress.insert(own, Progress::of(&said, line.quantity));
        }
    }
    let mut added = Vec::new();
    for line in waiting {
        let known: Vec<Schedule> = known.iter().filter(|one| one.line == line).copied().collect();
        let Some(progress) = progress.get(&charge(line)) else { continue };
        added.extend(fulfilment::earned(&known, *progress, on).map_err(Sums::from)?);
    }
    Ok(revenue::insert(tx, &scope.held, &added)?)
}
