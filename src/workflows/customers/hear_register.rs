//! A register has answered about a number: what is known from then on, and of whom? Of every customer with that number who buys from the same
//! entity: of the one that was asked about at once, of each other as soon as it is looked at, which is now. Where nobody could say anything, of
//! nobody.
//!
//! DE100000008 of two customers, asked about by one of them: both are valid since that instant, each with a check of its own as evidence.

use chrono::{DateTime, Utc};

use crate::domain::customers::verification::{Answer, WatchedNumber};
use crate::domain::customers::{Customer, Standing};
use crate::domain::events::EventType;
use crate::domain::ids::{CustomerId, TaxIdCheckId, TaxNumberId};
use crate::storage::customers::locks::{self, Locked};
use crate::storage::customers::tax_numbers::{self, Check};
use crate::storage::invoicing::drafts;
use crate::storage::{Tx, customers, events};
use crate::workflows::{Error, Holding, Scope};

/// Whether an answer becomes what is known of a number that the caller has said something else of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Nobody wants to know: the caller's word stands.
    HasSaid,
    /// The caller itself wants to know.
    Wants,
}

/// What a register said, of which number, and when.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    pub number: &'a WatchedNumber,
    pub register: &'a str,
    pub answer: &'a Answer,
    pub at: DateTime<Utc>,
    pub caller: Caller,
}

/// Records what a register answered just now of one customer's number, and has all others with that number looked at: each by itself, so that one
/// that cannot be read keeps it from nobody.
///
/// # Errors
/// Storage.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, heard: Heard<'_>) -> Result<Check, Error> {
    let tenant_id = scope.tenant_id;
    let asked_about = heard.number.customer_id;
    let others = match heard.answer.evidence() {
        Some(_) => {
            let entity_id = customers::find(tx, tenant_id, asked_about)?.entity_id;
            tax_numbers::others(tx, tenant_id, (heard.number, entity_id))?
        }
        None => Vec::new(),
    };
    let others: Vec<WatchedNumber> = others.into_iter().filter(|other| other.hears(heard.at)).collect();
    if !others.is_empty() {
        // All in the order of their ids, before any is written.
        let mut ids: Vec<CustomerId> = others.iter().map(|other| other.customer_id).collect();
        ids.push(asked_about);
        ids.push(locks::payer_of(tx, tenant_id, asked_about)?);
        ids.sort_unstable();
        ids.dedup();
        let held = locks::each(tx, tenant_id, &ids, Locked::Wait)?;
        let numbers: Vec<TaxNumberId> = others.iter().map(|other| other.id).collect();
        tax_numbers::look_now(tx, &held, (&numbers, heard.at))?;
    }
    let (customer, held) = customers::lock(tx, tenant_id, asked_about)?;
    Ok(record(tx, &scope.holding(held), &customer, heard)?.check)
}

/// What was recorded.
pub struct Recorded {
    pub check: Check,
    /// As it is known now.
    pub customer: Customer,
}

/// Records an answer of a customer that is held, and makes it what is known of the number if it says something.
///
/// # Errors
/// Storage.
pub fn record(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    customer: &Customer,
    heard: Heard<'_>,
) -> Result<Recorded, Error> {
    let Heard { number, register, answer, at, caller } = heard;
    let there = tax_numbers::of_customers(tx, scope.tenant_id, &[customer.id])?;
    let before = there.into_iter().find(|watched| watched.value == number.value);
    let before = before.unwrap_or_else(|| WatchedNumber { next_check_at: None, ..number.clone() });
    let standing = customer.standing_in_vies(&before.value);
    let counts = standing.is_some() && (before.next_check_at.is_some() || caller == Caller::Wants);
    let mut after = before.checked(answer, at);
    let is_answer = answer.evidence().is_some();
    if !counts || !is_answer && before.next_check_at.is_none() {
        after.next_check_at = None;
    }
    tax_numbers::save(tx, &scope.held, std::slice::from_ref(&after))?;
    let check = Check {
        id: TaxIdCheckId::from_uuid(scope.mint()),
        customer_id: customer.id,
        tax_number_id: after.id,
        value: after.value.clone(),
        checked_at: at,
        register: register.to_owned(),
        answer: answer.clone(),
    };
    tax_numbers::insert_check(tx, &scope.held, &check)?;
    let customer = match counts && is_answer && standing != Some(answer.standing()) {
        true => make_known(tx, scope, (customer, &after), answer.standing())?,
        false => customer.clone(),
    };
    Ok(Recorded { check, customer })
}

/// The customer's details say from now on what the register said.
fn make_known(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (customer, watched): (&Customer, &WatchedNumber),
    standing: Standing,
) -> Result<Customer, Error> {
    let known = customer.with_standing(&watched.value, standing);
    customers::update(tx, &scope.held, &known, scope.now)?;
    drafts::look_again(tx, &scope.held, customer.id, scope.now)?;
    let type_ = match standing {
        Standing::Valid => EventType::CustomerTaxIdVerified,
        Standing::Invalid | Standing::Unknown => EventType::CustomerTaxIdInvalid,
    };
    let event = scope.event(type_, customer.id.uuid(), watched.event_data(standing));
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(known)
}
