//! Usage that credits had paid is taken back by an invoice just issued: the grants take it in, and what was still due is lowered from the
//! balance, to which the invoice's postings brought it.

use std::collections::{BTreeMap, BTreeSet};

use super::apply_balance;
use crate::domain::credits::take_back::TakenBack;
use crate::domain::events::EventType;
use crate::domain::ids::{CreditGrantId, InvoiceId};
use crate::domain::money::Money;
use crate::domain::payments::Refused;
use crate::storage::{Tx, credits, events};
use crate::workflows::{Error, Holding};

/// Writes it. The customers are locked, and the transfers of the invoices posted.
///
/// # Errors
/// Storage; sums that do not fit.
pub fn save(tx: &mut Tx<'_>, scope: &Holding<'_>, taken: &[(InvoiceId, TakenBack)]) -> Result<(), Error> {
    if taken.is_empty() {
        return Ok(());
    }
    let tenant_id = scope.tenant_id;
    credits::taken_back::save(tx, &scope.held, taken)?;
    let mut due: BTreeMap<InvoiceId, Money> = BTreeMap::new();
    for (_, one) in taken.iter().filter(|(_, one)| one.to_due.is_positive()) {
        let sum = due.entry(one.of_invoice_id).or_insert(Money::zero(one.to_due.currency()));
        *sum = sum.checked_add(one.to_due).map_err(Refused::from)?;
    }
    for (id, amount) in due {
        apply_balance::pay(tx, scope, (id, amount))?;
    }
    let returned = taken.iter().flat_map(|(_, one)| &one.returned);
    let returned: BTreeSet<CreditGrantId> = returned.map(|back| back.grant_id).collect();
    let mut emitted = Vec::with_capacity(returned.len());
    for id in returned {
        let grant = credits::find(tx, tenant_id, id)?;
        emitted.push(scope.event(EventType::CreditGrantReturned, id.uuid(), grant.event_data()));
    }
    Ok(events::record(tx, tenant_id, &emitted)?)
}
