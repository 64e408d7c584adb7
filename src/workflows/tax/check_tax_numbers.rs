//! Is a customer's number valid? The register is asked between two transactions: the first takes the number for a few minutes, so that nobody
//! else asks meanwhile, the second records the answer. Whoever dies in between leaves a number that is due again after those minutes.
//!
//! Asked at 12:00:00, answered at 12:00:02: the customer's details have a version more if that changed what is known; its issued invoices
//! keep theirs.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::registers::Registers;
use crate::adapters::tax_numbers::{Question, Registry};
use crate::domain::customers::tax_id::in_vies;
use crate::domain::customers::verification::{Answer, FRESH, LEASE, Look, WatchedNumber};
use crate::domain::customers::{Customer, Standing, TaxId};
use crate::domain::ids::{CustomerId, EntityId, TaxNumberId, TenantId};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::tax::parties::Scheme;
use crate::platform::clock::Stopwatch;
use crate::storage::customers::tax_numbers::{self, Check};
use crate::storage::tenants::Mode;
use crate::storage::{Session, Tx, customers, due, tax};
use crate::workflows::customers::hear_register::{self, Caller, Heard};
use crate::workflows::customers::watch_tax_numbers;
use crate::workflows::parked_work::{self, Attempted, Place};
use crate::workflows::{Error, Holding, Scope};

/// How long one live tenant's numbers may keep the others' waiting.
const TURN: Duration = Duration::from_secs(30);
/// Numbers looked for at once.
const BATCH: i64 = 100;

/// Why a customer's numbers cannot be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("this server asks no register: it must be started with --vies")]
    NoRegister,
    #[error("this customer has no number that VIES knows of: only those of type eu_vat can be verified")]
    NothingToVerify,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::NoRegister => "no_register",
            Refused::NothingToVerify => "nothing_to_verify",
        }
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::State
    }
}

/// What the first transaction found.
enum Claim {
    /// Nothing is to be done, or all was done.
    Over,
    Ask(Ask),
}

/// What a register is to be asked.
struct Ask {
    mode: Mode,
    watched: WatchedNumber,
    requester: Option<String>,
}

impl Ask {
    fn put(&self, register: &dyn Registry) -> Answer {
        register.check(Question {
            number: &self.watched.value,
            requester: self.requester.as_deref(),
            earlier: self.watched.checks,
        })
    }

    /// What it was answered, when, and who wanted to know.
    fn heard<'a>(
        &'a self,
        (register, answer): (&'a dyn Registry, &'a Answer),
        (at, caller): (DateTime<Utc>, Caller),
    ) -> Heard<'a> {
        Heard { number: &self.watched, register: register.name(), answer, at, caller }
    }
}

/// Asks about every number that is due; of a live tenant as many as its turn lasts, the others at the next tick.
///
/// # Errors
/// The database cannot be reached.
pub fn run(session: &mut Session, registers: &Registers, place: Place) -> Result<Attempted, Error> {
    let is_live = session.read(|tx| Scope::load(tx, place.tenant_id))?.mode == Mode::Live;
    let (begun, mut attempted) = (Stopwatch::start(), Attempted::default());
    let mut last: Vec<Uuid> = Vec::new();
    loop {
        let items = session.read(|tx| due::TAX_NUMBERS.items(tx, place.tenant_id, (place.now, BATCH)))?;
        if items.is_empty() || items == last {
            return Ok(attempted);
        }
        for item in &items {
            if is_live && begun.elapsed() > TURN {
                return Ok(attempted);
            }
            let work = (due::TAX_NUMBERS.work, place);
            attempted += parked_work::each(session, work, [*item], |session, id| {
                one(session, registers, place, TaxNumberId::from_uuid(id))
            })?;
        }
        last = items;
    }
}

/// Looks at one number, and asks about it when it is time to.
///
/// # Errors
/// What keeps the answer from being recorded.
pub fn one(session: &mut Session, registers: &Registers, place: Place, id: TaxNumberId) -> Result<(), Error> {
    let claimed = session.transaction("claim_tax_number", |tx| claim(tx, registers, place, id))?;
    let Claim::Ask(ask) = claimed else { return Ok(()) };
    let Some(register) = registers.for_mode(ask.mode) else { return Ok(()) };
    session.rest();
    let answer = ask.put(register);
    session.transaction("record_tax_number", |tx| {
        let scope = place.scope(tx)?;
        hear_register::run(tx, &scope, ask.heard((register, &answer), (scope.now, Caller::HasSaid)))?;
        Ok(())
    })
}

/// Whether the register answered about the same number of another customer, lately and after it answered about this one: that is this one's answer, too.
fn hears_of_another(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (watched, customer): (&WatchedNumber, &Customer),
) -> Result<bool, Error> {
    let since = scope.now - FRESH;
    let others = tax_numbers::others(tx, scope.tenant_id, (watched, customer.entity_id))?;
    let is_newer = |other: &WatchedNumber| {
        let known = other.answered.as_ref().filter(|_| other.is_resting_since(since));
        known.is_some_and(|known| watched.hears(known.at))
    };
    let Some(other) = others.iter().find(|other| is_newer(other)) else { return Ok(false) };
    let answered = tax_numbers::last_answer(tx, (scope.tenant_id, other.id))?;
    let Some(Check { register, answer, checked_at: at, .. }) = answered else { return Ok(false) };
    let heard = Heard { number: watched, register: &register, answer: &answer, at, caller: Caller::HasSaid };
    hear_register::record(tx, scope, customer, heard)?;
    Ok(true)
}

/// Whether the register is asked about the same number of another customer just now, or did not answer and is asked again: nobody is asked before.
fn waits_for_another(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (watched, customer): (&WatchedNumber, &Customer),
) -> Result<bool, Error> {
    let others = tax_numbers::others(tx, scope.tenant_id, (watched, customer.entity_id))?;
    let mut waiting = others.iter().filter(|other| !other.is_resting());
    let Some(at) = waiting.find_map(|other| other.next_check_at.filter(|at| *at > scope.now)) else {
        return Ok(false);
    };
    let next = WatchedNumber { next_check_at: Some(at), ..watched.clone() };
    tax_numbers::save(tx, &scope.held, &[next])?;
    Ok(true)
}

fn claim(tx: &mut Tx<'_>, registers: &Registers, place: Place, id: TaxNumberId) -> Result<Claim, Error> {
    let scope = place.scope(tx)?;
    let Some(found) = tax_numbers::look_up(tx, (scope.tenant_id, id))? else { return Ok(Claim::Over) };
    let (customer, held) = customers::lock(tx, scope.tenant_id, found.customer_id)?;
    let scope = scope.holding(held);
    // As it is now that nobody else can change it.
    let Some(watched) = tax_numbers::look_up(tx, (scope.tenant_id, id))? else { return Ok(Claim::Over) };
    if watched.next_check_at.is_none_or(|at| at > scope.now) {
        return Ok(Claim::Over);
    }
    let standing = customer.standing_in_vies(&watched.value);
    let is_watched = |standing| standing == Standing::Unknown || watched.is_known_as(standing);
    if !standing.is_some_and(is_watched) {
        watch_tax_numbers::run(tx, &scope, customer)?;
        return Ok(Claim::Over);
    }
    if hears_of_another(tx, &scope, (&watched, &customer))? {
        return Ok(Claim::Over);
    }
    let mut save = |next| tax_numbers::save(tx, &scope.held, &[next]);
    if registers.for_mode(scope.mode).is_none() {
        save(watched.put_off(scope.now))?;
        return Ok(Claim::Over);
    }
    let next_bill = tax_numbers::next_bill(tx, (scope.tenant_id, customer.id))?;
    let mut save = |next| tax_numbers::save(tx, &scope.held, &[next]);
    if let Look::WaitUntil(at) = watched.look(scope.now, next_bill) {
        save(WatchedNumber { next_check_at: Some(at), ..watched })?;
        return Ok(Claim::Over);
    }
    if waits_for_another(tx, &scope, (&watched, &customer))? {
        return Ok(Claim::Over);
    }
    let mut save = |next| tax_numbers::save(tx, &scope.held, &[next]);
    save(WatchedNumber { next_check_at: Some(scope.now + LEASE), ..watched.clone() })?;
    Ok(Claim::Ask(Ask {
        mode: scope.mode,
        watched,
        requester: requester(tx, (scope.tenant_id, customer.entity_id))?,
    }))
}

/// The seller's own VAT number: that of where it is established, before others.
fn requester(tx: &mut Tx<'_>, seller: (TenantId, EntityId)) -> Result<Option<String>, Error> {
    let regime = tax::views::regime(tx, seller)?;
    let home = regime.settings.place.map(|place| place.country);
    let own = regime.registrations.iter().filter(|registration| registration.scheme == Scheme::Standard);
    let mut numbers: Vec<(bool, String)> = Vec::new();
    for registration in own {
        let Some(value) = registration.number.clone() else { continue };
        let tax_id = TaxId { type_: "eu_vat".to_owned(), value, status: Standing::Unknown };
        let is_abroad = home.as_ref() != Some(&registration.country);
        numbers.extend(in_vies(&tax_id).map(|number| (is_abroad, number)));
    }
    numbers.sort();
    Ok(numbers.into_iter().next().map(|(_, number)| number))
}

/// Asks about all numbers of a customer now, because somebody wants to know: what the register says then stands, whoever said something else
/// before. Gives what came of each.
///
/// # Errors
/// Not found; [`Refused`].
pub fn verify(
    session: &mut Session,
    registers: &Registers,
    (tenant_id, id): (TenantId, CustomerId),
) -> Result<Vec<Check>, Error> {
    let asks = session.transaction("find_tax_numbers", |tx| {
        let scope = Scope::load(tx, tenant_id)?;
        let customer = customers::find(tx, tenant_id, id)?;
        if registers.for_mode(scope.mode).is_none() {
            return Err(Refused::NoRegister.into());
        }
        let (requester, watched) = (
            requester(tx, (tenant_id, customer.entity_id))?,
            tax_numbers::of_customers(tx, tenant_id, &[id])?,
        );
        let numbers = customer.numbers_in_vies().into_iter();
        let asks = numbers.map(|(value, _)| {
            let known = watched.iter().find(|watched| watched.value == value).cloned();
            let id = TaxNumberId::from_uuid(scope.mint());
            let new = || WatchedNumber::new(id, customer.id, value, scope.now);
            Ask { mode: scope.mode, watched: known.unwrap_or_else(new), requester: requester.clone() }
        });
        Ok::<Vec<Ask>, Error>(asks.collect())
    })?;
    if asks.is_empty() {
        return Err(Refused::NothingToVerify.into());
    }
    session.rest();
    let mut checks = Vec::with_capacity(asks.len());
    for ask in &asks {
        let Some(register) = registers.for_mode(ask.mode) else { continue };
        let answer = ask.put(register);
        checks.push(session.transaction("record_tax_number", |tx| {
            let scope = Scope::load(tx, tenant_id)?;
            hear_register::run(tx, &scope, ask.heard((register, &answer), (scope.now, Caller::Wants)))
        })?);
    }
    Ok(checks)
}
