//! An invoice was wrong: what is left of it is credited, and an invoice as it should have been is issued in its place, in one transaction.
//! What was paid of the first pays the second.
//!
//! 155.00 for 5 seats, paid, and there were 3: a credit note of 155.00, an invoice of 93.00 paid from it, 62.00 on the balance.

use std::collections::HashMap;

use super::issue_credit_note::{self, Locked, Order, Replacement};
use crate::domain::billing::grounds::About;
use crate::domain::billing::piece::Key;
use crate::domain::billing::{ByHand, Line};
use crate::domain::credits::note::{self, Taken, To, Wanted};
use crate::domain::credits::notes::CreditNote;
use crate::domain::ids::InvoiceId;
use crate::domain::invoicing::assemble::{Draft, Identity};
use crate::domain::invoicing::{Invoice, Totals};
use crate::domain::issuing::{self, Sheet};
use crate::domain::money::{Money, MoneyError};
use crate::domain::payments::Refused;
use crate::domain::refusal::Invalid;
use crate::domain::tax::on_lines::{self, LineTax};
use crate::storage::{Tx, credits, ledger, tax};
use crate::workflows::billing::take_back::{self, Replaced};
use crate::workflows::invoicing::issue::Books;
use crate::workflows::invoicing::origins;
use crate::workflows::revenue::schedule;
use crate::workflows::{Error, Holding, Scope};

/// How an invoice should have been.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    pub reason: String,
    /// Lines that change: number, what it comes to after any discount and before tax, and what it says.
    pub lines: Vec<(i32, Money, Option<String>)>,
    /// Lines that were missing: what they say and come to.
    pub add: Vec<(String, Money)>,
}

/// Credits it and issues its replacement, if anything is owed.
///
/// # Errors
/// Not found; a line that is not there or named twice; nothing to correct; the rules of
/// [`note`].
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: InvoiceId,
    correction: &Correction,
) -> Result<(CreditNote, Option<Invoice>), Error> {
    let scope = &scope.lock_owner(tx, id)?;
    let locked = issue_credit_note::lock(tx, scope, id)?;
    check(&locked, correction)?;
    replace(tx, scope, (&locked, correction), |tx, lines, kept| {
        let old = &locked.invoice;
        // By the law of the original day and place.
        let charged = tax::line_taxes(tx, scope.tenant_id, (old.id, old.currency))?;
        let rounding = tax::regime(tx, (scope.tenant_id, old.entity_id))?.settings.rounding;
        let taxes = on_lines::tax_anew((old.currency, rounding), (lines, kept), &charged);
        Ok(taxes.map_err(Refused::from)?)
    })
}

/// Credits what is left of an invoice and issues one in its place, whose lines are taxed by `tax`: it is given them, and the numbers of the lines
/// that they take the place of.
pub(super) fn replace(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (locked, correction): (&Locked, &Correction),
    tax: impl FnOnce(&mut Tx<'_>, &mut [Line], &[i32]) -> Result<Option<Vec<LineTax>>, Error>,
) -> Result<(CreditNote, Option<Invoice>), Error> {
    schedule::check_replaceable(tx, scope, locked.invoice.id)?;
    let (mut lines, kept) = corrected(locked, correction).map_err(Refused::from)?;
    let replaced_lines = replacements(locked, correction, (&lines, &kept)).map_err(Refused::from)?;
    let taxes = tax(tx, &mut lines, &kept)?;
    let totals = Totals::of(locked.invoice.currency, &lines).map_err(Refused::from)?;
    let replacement = (!lines.is_empty())
        .then(|| Replacement { invoice_id: InvoiceId::from_uuid(scope.mint()), total: totals.total });
    let order = Order {
        invoice_id: locked.invoice.id,
        wanted: Wanted::Whole,
        to: To::CreditBalance,
        reason: correction.reason.clone(),
    };
    let note = issue_credit_note::issue(tx, scope, (locked, &order), replacement)?;
    take_back::corrected(tx, scope, &locked.charges, (note.id.uuid(), &replaced_lines))?;
    let Some(Replacement { invoice_id: id, .. }) = replacement else { return Ok((note, None)) };
    let old = &locked.invoice;
    let draft = Draft {
        subscription_id: old.subscription_id,
        currency: old.currency,
        collection: old.collection,
        billing_date: old.billing_date,
        totals,
        lines,
    };
    let Invoice { customer_id, entity_id, .. } = *old;
    let now = scope.now;
    let identity = Identity { id, customer_id, entity_id, bill_run_id: None, now, finalizes_at: None };
    let (invoice, mut lines) = draft.identified(identity);
    scope.sign("invoice.corrected", &mut lines);
    let mut keys = HashMap::new();
    for (line, old) in lines.iter_mut().zip(&kept) {
        let Some(key @ Key { version, start }) = locked.charges.key(*old) else { continue };
        keys.insert(line.line_no, key);
        if let Some(grounds) = &mut line.grounds {
            grounds.about = Some(About { version, start });
        }
    }
    // What was usage is usage still, and may be paid with credits again. It takes nothing back of an earlier invoice: the note did.
    let mut usage = credits::usage_of(tx, scope.tenant_id, (&lines, &keys))?;
    usage.iter_mut().for_each(|usage| usage.at = None);
    let terms = scope.terms((customer_id, entity_id))?;
    let mut funds = credits::of_customer(tx, scope.tenant_id, customer_id)?;
    let sheet = Sheet { usage, taxes, ..Sheet::of((invoice, lines)) };
    let mut books = Books::default();
    let mut sheet = issuing::issue(sheet, &mut funds, &terms)?;
    let day = ledger::rate_day(tx, scope.tenant_id, old.id)?;
    let day = day.or_else(|| Some(scope.zone.local_date(old.issued_at?)));
    origins::rated(&mut sheet.transfers, day);
    books.sheets.push(sheet);
    let replaced = books.save(tx, scope)?.into_iter().next();
    let paid =
        replaced.as_ref().map_or(Money::zero(note.to.balance.currency()), |invoice| invoice.applied.balance);
    let is_left = note.to.balance.checked_sub(paid).map_err(Refused::from)?.is_positive();
    if is_left && scope.bought_elsewhere(&locked.invoice) {
        return Err(note::Refused::OfEntityBefore.into());
    }
    Ok((note, replaced))
}

fn check(locked: &Locked, correction: &Correction) -> Result<(), Invalid> {
    if correction.lines.is_empty() && correction.add.is_empty() {
        let detail = "name a line that changes or one to add; to take the invoice back, credit or void it";
        return Err(Invalid::one("/lines", "nothing_to_correct", detail));
    }
    for (n, (line_no, amount, _)) in correction.lines.iter().enumerate() {
        let at = format!("/lines/{n}/line_no");
        if !locked.lines.iter().any(|line| line.line_no == *line_no) {
            return Err(Invalid::one(at, "unknown_line", format!("this invoice has no line {line_no}")));
        }
        if correction.lines[..n].iter().any(|(known, ..)| known == line_no) {
            return Err(Invalid::one(at, "line_repeated", format!("line {line_no} is named twice")));
        }
        if amount.is_negative() {
            let detail = "a line comes to zero, which leaves it out, or more";
            return Err(Invalid::one(format!("/lines/{n}/amount"), "amount_out_of_range", detail));
        }
    }
    Ok(())
}

/// The lines as they should have been, and of which old line each is (0: of none).
fn corrected(locked: &Locked, correction: &Correction) -> Result<(Vec<Line>, Vec<i32>), MoneyError> {
    let (mut lines, mut old_line_nos) = (Vec::with_capacity(locked.lines.len()), Vec::new());
    for old in &locked.lines {
        let left = locked.left(old)?;
        let net = left.amount.checked_sub(left.discount)?;
        let changed = correction.lines.iter().find(|(no, ..)| *no == old.line_no);
        let (amount, description) = match changed {
            None => (net, None),
            Some((_, amount, description)) => (*amount, description.as_deref()),
        };
        if amount.is_zero() {
            continue;
        }
        lines.push(replaced(old, left.with_tax(amount)?, description));
        old_line_nos.push(old.line_no);
    }
    let first = locked.lines.first();
    for (description, amount) in correction.add.iter().filter(|(_, amount)| !amount.is_zero()) {
        let Some(like) = first else { continue };
        let added = Line { deferred: false, subscription_id: None, ..like.clone() };
        lines.push(replaced(
            &added,
            Taken { amount: *amount, ..Taken::nothing(amount.currency()) },
            Some(description),
        ));
        old_line_nos.push(0);
    }
    for (line, no) in lines.iter_mut().zip(1_i64..) {
        line.line_no = i32::try_from(no).map_err(|_| MoneyError::Overflow)?;
    }
    Ok((lines, old_line_nos))
}

/// What was left of each old line, and what takes its place.
fn replacements(
    locked: &Locked,
    correction: &Correction,
    (lines, kept): (&[Line], &[i32]),
) -> Result<Vec<Replaced>, MoneyError> {
    let mut replaced = Vec::with_capacity(locked.lines.len());
    for old in &locked.lines {
        let line_no = old.line_no;
        let now = kept.iter().position(|no| *no == line_no).and_then(|place| lines.get(place));
        let now = now.map_or(Money::zero(locked.invoice.currency), |line| line.amount);
        let is_named = correction.lines.iter().any(|(no, ..)| *no == line_no);
        let whole = Some(old.amount).filter(|_| old.revision == 0 && old.by_hand.is_none());
        replaced.push(Replaced { line_no, whole, left: locked.left(old)?, now, is_named });
    }
    Ok(replaced)
}

/// A line in place of another: a charge of its own, for the same period. Its discount is in its amount.
fn replaced(old: &Line, taken: Taken, description: Option<&str>) -> Line {
    let Taken { amount, tax, tax_included, .. } = taken;
    Line {
        item_version_id: None,
        concerns: None,
        revision: 0,
        quantity: rust_decimal::Decimal::ONE,
        unit_amount: amount.to_decimal(),
        amount,
        discount: Money::zero(amount.currency()),
        tax,
        tax_included,
        description: description.map_or_else(|| old.description.clone(), std::sync::Arc::from),
        measured: None,
        grounds: None,
        by_hand: Some(ByHand::Added),
        ..old.clone()
    }
}
