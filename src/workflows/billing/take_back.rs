//! What does it mean for later bills that an invoice was voided, credited, corrected, edited as a draft or given up? Its charges are
//! noted as taken back, so that nothing of them is given back, or billed, a second time.
//!
//! 31.00 for January, void; canceled on the 17th: 31.00 was waived of a charge worth 31.00, so nothing is given back.

use std::collections::HashMap;

use uuid::Uuid;

use crate::domain::billing::piece::Key;
use crate::domain::billing::taken_back::{Act, How, Part, added_up, netted};
use crate::domain::billing::topped_up::{self, Standing};
use crate::domain::billing::{ByHand, Line};
use crate::domain::credits::note::{NoteLine, Stays, Taken};
use crate::domain::ids::InvoiceId;
use crate::domain::invoicing::Invoice;
use crate::domain::invoicing::drafts::Whole;
use crate::domain::money::{Money, MoneyError};
use crate::domain::payments::Refused;
use crate::storage::billing::taken_back::{self, Cause, Charge, Charges};
use crate::storage::credits::credit_notes;
use crate::storage::{Tx, invoicing};
use crate::workflows::{Error, Holding, Scope};

/// The charges on an invoice, its customer locked.
#[derive(Debug, Clone)]
pub struct Known {
    invoice_id: InvoiceId,
    keys: HashMap<i32, Key>,
    charges: Charges,
}

/// Reads how the charges on an invoice stand.
///
/// # Errors
/// Storage.
pub(crate) fn known(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (invoice, lines): (&Invoice, &[Line]),
) -> Result<Known, Error> {
    let keys = taken_back::keys(tx, scope.tenant_id, (invoice.id, lines))?;
    let mut charged: Vec<Key> = keys.values().copied().collect();
    charged.sort_unstable();
    charged.dedup();
    let charges = taken_back::charges(tx, scope.tenant_id, (&charged, invoice.currency))?;
    Ok(Known { invoice_id: invoice.id, keys, charges })
}

impl Known {
    /// The charge that a line is of, or stands for.
    #[must_use]
    pub fn key(&self, line_no: i32) -> Option<Key> {
        self.keys.get(&line_no).copied()
    }

    /// Most that can still be taken back of each line's charge.
    #[must_use]
    pub fn stays(&self) -> HashMap<i32, (Key, Stays)> {
        let stays = |(no, key): (&i32, &Key)| {
            let Charge { stays, stays_off, .. } = self.charges.get(key)?;
            Some((*no, (*key, Stays { amount: *stays, discount: *stays_off })))
        };
        self.keys.iter().filter_map(stays).collect()
    }

    fn parts<'l>(&self, taken: impl IntoIterator<Item = (&'l Line, Taken)>) -> Result<Vec<Part>, MoneyError> {
        let parts = taken.into_iter().filter_map(|(line, taken)| {
            let is_first = line.revision == 0 && line.by_hand.is_none();
            let Taken { amount, discount, .. } = taken;
            Some(Part { key: self.key(line.line_no)?, amount, discount, is_first })
        });
        added_up(parts)
    }

    /// The share of each charge on the invoice that is waived with so much of what its credit notes left of it: with all of that, all.
    fn waived(
        &self,
        lines: &[Line],
        credited: &HashMap<i32, Taken>,
        (some, total): (Money, Money),
    ) -> Result<Vec<Part>, MoneyError> {
        let notes = credited.values().map(Taken::total).collect::<Result<Vec<_>, _>>()?;
        let share = (some, total.checked_sub(Money::sum(total.currency(), notes)?)?);
        let mut left = Vec::with_capacity(lines.len());
        for line in lines {
            let whole = Taken::whole(line);
            let taken = credited.get(&line.line_no).map_or(Ok(whole), |credited| whole.less(credited))?;
            left.push((line, taken));
        }
        let parts = self.parts(left)?;
        let parts = parts.iter().map(|part| part.share(share)).collect::<Result<Vec<_>, _>>()?;
        topped_up::waived_where_it_lies(netted(&parts)?, &self.standing())
    }

    /// How usage stands, and what commitments charge.
    fn standing(&self) -> Vec<Standing> {
        let one = |(key, charge): (&Key, &Charge)| {
            let Charge { subscription_id, stays, side, .. } = charge;
            Some(Standing { subscription_id: *subscription_id, key: *key, side: (*side)?, stays: *stays })
        };
        let mut standing: Vec<Standing> = self.charges.iter().filter_map(one).collect();
        standing.sort_unstable_by_key(|one| one.key);
        standing
    }

    /// Each part as an act; what was charged below nothing is corrected to nothing.
    fn acts(&self, how: How, parts: &[Part]) -> Vec<(Key, Act)> {
        let act = |part: &Part| {
            let Charge { worth, .. } = self.charges.get(&part.key)?;
            let how = if part.amount.is_negative() { How::Corrected } else { how };
            let Part { amount, discount, .. } = *part;
            (!amount.is_zero())
                .then_some((part.key, Act { how, amount, discount, worth: *worth, kept: None }))
        };
        parts.iter().filter_map(act).collect()
    }

    fn save(
        &self,
        tx: &mut Tx<'_>,
        scope: &Holding<'_>,
        (source_id, acts): (Uuid, Vec<(Key, Act)>),
    ) -> Result<(), Error> {
        let cause = Cause { invoice_id: self.invoice_id, source_id, at: scope.now };
        Ok(taken_back::insert(tx, &scope.held, (&self.charges, cause), &acts)?)
    }
}

/// A credit note gave back these parts of the lines.
///
/// # Errors
/// Storage; sums that do not fit.
pub(crate) fn credited(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (known, lines): (&Known, &[Line]),
    (note_id, taken): (Uuid, &[NoteLine]),
) -> Result<(), Error> {
    let with_line = |note: &NoteLine| {
        let line = lines.iter().find(|line| line.line_no == note.invoice_line_no)?;
        Some((line, note.taken))
    };
    let parts = known.parts(taken.iter().filter_map(with_line)).map_err(Refused::from)?;
    let acts = known.acts(How::Credited, &netted(&parts).map_err(Refused::from)?);
    known.save(tx, scope, (note_id, acts))
}

/// So much of an invoice is not claimed any more: it is void, or given up. Where more is waived than stays of a charge, because some
/// of it was given back before, later bills take that back.
///
/// # Errors
/// Storage; sums that do not fit.
pub(crate) fn waived(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (invoice, some): (&Invoice, Money),
) -> Result<(), Error> {
    // What was given up before is part of what is waived now.
    taken_back::forget_write_off(tx, &scope.held, invoice.id)?;
    if !some.is_positive() {
        return Ok(());
    }
    let lines = invoicing::lines(tx, scope.tenant_id, invoice.id)?;
    let known = known(tx, scope, (invoice, &lines))?;
    let credited = credit_notes::before(tx, scope.tenant_id, (invoice.id, invoice.currency))?.by_line;
    let parts = known.waived(&lines, &credited, (some, invoice.totals.total)).map_err(Refused::from)?;
    known.save(tx, scope, (invoice.id.uuid(), known.acts(How::Waived, &parts)))?;
    let is_more =
        |part: &Part| known.charges.get(&part.key).is_some_and(|c| c.stays.minor() < part.amount.minor());
    if parts.iter().any(is_more) {
        taken_back::look_again(tx, &scope.held, (invoice.id, scope.now))?;
    }
    Ok(())
}

/// What had been given up is paid after all, or some of it: only the rest stays given up, and later bills look again.
///
/// # Errors
/// Storage; sums that do not fit.
pub(crate) fn recovered(tx: &mut Tx<'_>, scope: &Holding<'_>, invoice: &Invoice) -> Result<(), Error> {
    if !taken_back::forget_write_off(tx, &scope.held, invoice.id)? {
        return Ok(());
    }
    let due = invoice.amount_due().map_err(Refused::from)?;
    waived(tx, scope, (invoice, due))?;
    Ok(taken_back::look_again(tx, &scope.held, (invoice.id, scope.now))?)
}

/// What a correction makes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Replaced {
    pub line_no: i32,
    /// What the whole of its charge was, where it is the first line of that.
    pub whole: Option<Money>,
    /// What was left of it.
    pub left: Taken,
    /// What takes its place.
    pub now: Money,
    /// Whether the correction says what it is; the others stay what they were.
    pub is_named: bool,
}

/// A correction: what it makes of each line. To say that a charge is what was left of it is a correction, too: what earlier notes gave
/// back is in it.
///
/// # Errors
/// Storage; sums that do not fit.
pub(crate) fn corrected(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    known: &Known,
    (note_id, changed): (Uuid, &[Replaced]),
) -> Result<(), Error> {
    let mut acts = Vec::new();
    let mut is_cut = false;
    for Replaced { line_no, whole, left, now, is_named } in changed {
        let Some((key, charge)) = known.key(*line_no).and_then(|key| Some((key, known.charges.get(&key)?)))
        else {
            continue;
        };
        let amount = left.amount.checked_sub(*now).map_err(Refused::from)?;
        let says_nothing = !is_named || charge.taken_back.is_nothing();
        if amount.is_zero() && left.discount.is_zero() && says_nothing {
            continue;
        }
        // It says what the whole of the charge is, also where that was cut since.
        let worth = whole.or(charge.taken_back.corrected_at()).unwrap_or(charge.worth);
        let kept = Some(*now).filter(|_| worth != charge.worth);
        is_cut |= kept.is_some();
        acts.push((key, Act { how: How::Corrected, amount, discount: left.discount, worth, kept }));
    }
    known.save(tx, scope, (note_id, acts))?;
    if is_cut {
        taken_back::look_again(tx, &scope.held, (known.invoice_id, scope.now))?;
    }
    Ok(())
}

/// A draft was edited: what its lines of billing were changed to is what their charges are.
///
/// # Errors
/// Storage; sums that do not fit.
pub(crate) fn edited(tx: &mut Tx<'_>, scope: &Holding<'_>, draft: &Whole) -> Result<(), Error> {
    let id = draft.invoice.id;
    taken_back::forget_edits(tx, &scope.held, id)?;
    let known = known(tx, scope, (&draft.invoice, &draft.lines))?;
    let mut acts: Vec<(Key, Act)> = Vec::new();
    for counter in &draft.lines {
        let Some(ByHand::Counters(line_no)) = counter.by_hand else { continue };
        let line = draft.lines.iter().find(|line| line.line_no == line_no);
        let Some((line, key)) = line.and_then(|line| Some((line, known.key(line_no)?))) else { continue };
        let Some(charge) = known.charges.get(&key) else { continue };
        let amount = counter.amount.negated().map_err(Refused::from)?;
        let discount = counter.discount.negated().map_err(Refused::from)?;
        // A first line says what the whole of its charge is, also where that was cut since.
        let worth = if line.revision == 0 { line.amount } else { charge.worth };
        acts.push((key, Act { how: How::Edited, amount, discount, worth, kept: None }));
    }
    let is_cut = |(key, act): &(Key, Act)| known.charges.get(key).is_some_and(|c| c.worth != act.worth);
    let cut = acts.iter().any(is_cut);
    known.save(tx, scope, (id.uuid(), acts))?;
    if cut {
        taken_back::look_again(tx, &scope.held, (id, scope.now))?;
    }
    Ok(())
}
