//! Usage that credits paid is taken back by a later invoice: what comes back as credits, what lowers what is still due, what is money?
//!
//! 100.00 of usage, 60.00 of it drawn from a grant and 40.00 due; all of it is taken back: nothing is due any more, and 60.00
//! of credits can be drawn again. Had the 40.00 been paid, they would be money on the balance.
//!
//! The order: never so little comes back that credits would be left to pay for more than the usage there is; of the rest, what is
//! still due is lowered first; then credits come back, what was drawn last first; then it is money.

use chrono::{DateTime, Utc};

use super::drew::{Drew, DrewLine};
use super::usage::Usage;
use super::{Funds, Grant, Status};
use crate::domain::billing::piece::Key;
use crate::domain::ids::{CreditGrantId, InvoiceId};
use crate::domain::money::{Money, MoneyError};

/// What a line below zero took back of an earlier line.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenBack {
    pub line_no: i32,
    pub of_invoice_id: InvoiceId,
    pub of_line_no: i32,
    /// Above zero.
    pub amount: Money,
    /// Off what was due of the earlier invoice.
    pub to_due: Money,
    pub returned: Vec<Return>,
}

/// What came back to a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Return {
    pub grant_id: CreditGrantId,
    pub amount: Money,
    /// The part of the grant's price that goes with it.
    pub owed: Money,
    /// How the grant had ended: then this has ended with it.
    pub ended: Option<Status>,
}

impl TakenBack {
    /// What came back as credits.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn to_credits(&self) -> Result<Money, MoneyError> {
        Money::sum(self.amount.currency(), self.returned.iter().map(|r| r.amount))
    }
}

/// What all of it gave back elsewhere than in money.
///
/// # Errors
/// The sum does not fit.
pub fn given_back(zero: Money, taken: &[TakenBack]) -> Result<Money, MoneyError> {
    taken.iter().try_fold(zero, |sum, one| sum.checked_add(one.to_due)?.checked_add(one.to_credits()?))
}

/// Takes back what the usage lines below zero take back of invoices that drew on grants, the newest invoice first.
///
/// # Errors
/// Sums that do not fit.
pub fn take_back(
    usage: &[Usage],
    funds: &mut Funds,
    now: DateTime<Utc>,
) -> Result<Vec<TakenBack>, MoneyError> {
    let mut all = Vec::new();
    for line in usage.iter().filter(|line| line.net.is_negative()) {
        let Some(at) = &line.at else { continue };
        let mut wanted = line.net.negated()?;
        for key in std::iter::once(&at.key).chain(at.earlier.iter().rev()) {
            let taken = take_back_of(*key, &mut wanted, funds, now)?;
            all.extend(taken.into_iter().map(|taken| TakenBack { line_no: at.line_no, ..taken }));
        }
    }
    Ok(all)
}

/// Takes back as much as is wanted of what was billed under a key.
fn take_back_of(
    key: Key,
    wanted: &mut Money,
    funds: &mut Funds,
    now: DateTime<Utc>,
) -> Result<Vec<TakenBack>, MoneyError> {
    let Funds { grants, balances, drew, .. } = funds;
    let mut taken = Vec::new();
    for earlier in drew.iter_mut() {
        for n in 0..earlier.lines.len() {
            let Some(line) = earlier.lines.get_mut(n) else { break };
            let before = *line;
            let amount = wanted.smaller(before.left)?;
            if before.key != key || !amount.is_positive() {
                continue;
            }
            *wanted = wanted.checked_sub(amount)?;
            line.left = before.left.checked_sub(amount)?;
            let (to_due, to_credits) = earlier.split((&before, amount), grants)?;
            let returned = earlier.give_back((&before, to_credits), grants, now)?;
            for back in returned.iter().filter(|back| back.ended == Some(Status::Void)) {
                let balance = balances.entry(amount.currency()).or_insert(Money::zero(amount.currency()));
                *balance = balance.checked_add(back.owed)?;
            }
            let (of_invoice_id, of_line_no) = (earlier.invoice_id, before.line_no);
            taken.push(TakenBack { line_no: 0, of_invoice_id, of_line_no, amount, to_due, returned });
        }
    }
    Ok(taken)
}

impl Drew {
    /// What of an amount taken back of a line lowers what is due, and what comes back as credits.
    fn split(
        &mut self,
        (line, amount): (&DrewLine, Money),
        grants: &[Grant],
    ) -> Result<(Money, Money), MoneyError> {
        let zero = Money::zero(amount.currency());
        let drawn = Money::sum(zero.currency(), self.draws.iter().map(|(_, left)| *left))?;
        let payable = self.draws.iter().filter(|(id, _)| pays(grants, *id, line));
        let payable = Money::sum(zero.currency(), payable.map(|(_, left)| *left))?;
        self.usage_left = self.usage_left.checked_sub(amount)?;
        // What credits paid beyond the usage that is left is credits, whatever is due for other things.
        let beyond = drawn.checked_sub(self.usage_left)?;
        let beyond = if beyond.is_negative() { zero } else { beyond.smaller(amount)?.smaller(payable)? };
        let to_due = amount.checked_sub(beyond)?.smaller(self.open)?;
        self.open = self.open.checked_sub(to_due)?;
        Ok((to_due, amount.checked_sub(to_due)?.smaller(payable)?))
    }

    fn give_back(
        &mut self,
        (line, mut amount): (&DrewLine, Money),
        grants: &mut [Grant],
        now: DateTime<Utc>,
    ) -> Result<Vec<Return>, MoneyError> {
        let mut returned = Vec::new();
        for (id, left) in &mut self.draws {
            let part = amount.smaller(*left)?;
            let grant =
                grants.iter_mut().find(|grant| grant.id == *id && grant.covers(line.price_id, line.meter_id));
            let Some(grant) = grant.filter(|_| part.is_positive()) else { continue };
            let (owed, ended) = grant.come_back(part, now)?;
            *left = left.checked_sub(part)?;
            amount = amount.checked_sub(part)?;
            returned.push(Return { grant_id: grant.id, amount: part, owed, ended });
        }
        Ok(returned)
    }
}

fn pays(grants: &[Grant], id: CreditGrantId, line: &DrewLine) -> bool {
    grants.iter().any(|grant| grant.id == id && grant.covers(line.price_id, line.meter_id))
}

impl Grant {
    /// Takes in what an invoice drew. One that has ended, or whose time is over, stays so: what came back ends with it at once. Gives the part
    /// of its price that goes with it, and how it ended.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn come_back(
        &mut self,
        amount: Money,
        now: DateTime<Utc>,
    ) -> Result<(Money, Option<Status>), MoneyError> {
        let before = self.earned()?;
        self.remaining = self.remaining.checked_add(amount)?;
        let owed = before.checked_sub(self.earned()?)?;
        let ended = match self.status {
            Status::Expired | Status::Void => Some(self.status),
            Status::Pending | Status::Active if self.expires_at.is_some_and(|end| end <= now) => {
                Some(Status::Expired)
            }
            Status::Pending | Status::Active => None,
        };
        if ended.is_some() {
            self.remaining = self.remaining.checked_sub(amount)?;
            self.closed_amount = self.closed_amount.checked_add(amount)?;
            self.closed_price = self.closed_price.checked_add(owed)?;
        }
        Ok((owed, ended))
    }
}
