//! At what are transfers valued, one after the other? By what was posted before them: each balance they relieve is read from here.
//!
//! What relieves a balance is worth what that carries; cash that comes in is worth the day's rate; what else is new is worth what stands on
//! the other side, and the day's rate where nothing does.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use thiserror::Error;
use uuid::Uuid;

use super::carried::Relief;
use super::{Carried, Carrier, Functional, Key};
use crate::domain::fx::book::{NoRate, Pair};
use crate::domain::ids::InvoiceId;
use crate::domain::ledger::{Account, SourceKind, Transfer};
use crate::domain::money::rounding::share_half_away;
use crate::domain::money::{Currency, Money, MoneyError, Ratio, Total};

/// Why a transfer has no value yet.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unvalued {
    #[error(transparent)]
    NoRate(#[from] NoRate),
    #[error("what it relieves has no value yet itself")]
    Waits,
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// What is known of balances in foreign currencies.
#[derive(Debug, Default)]
pub struct Books {
    carried: HashMap<Key, Carried>,
    waiting: HashSet<Key>,
    /// Credits applied to invoices: what voids one gives back what it took.
    applied: Vec<(Transfer, Functional)>,
    /// What invoices gave back of others, by account: of the other, and what the receivable fell by for it. What undoes that takes shares of both.
    given: HashMap<(InvoiceId, Account, InvoiceId), [Carried; 2]>,
    /// What the invoice that is being issued has made receivable so far.
    issuing: Option<(Uuid, Carried)>,
    /// Whether invoices are issued and nothing else is posted: then nothing that they carry is looked at again.
    only_issued: bool,
}

/// One side of a transfer.
#[derive(Debug, Clone, Copy)]
enum Side {
    /// Worth so much by itself; whether it leaves nothing on its balance.
    Known(i128, bool),
    /// What was relieved by it, and what is worth what the other side is.
    Follows { relieved: i128, new: i128 },
}

impl Books {
    /// For what a run issues: nothing of it is settled in the same breath.
    #[must_use]
    pub fn of_issued_only() -> Books {
        Books { only_issued: true, ..Books::default() }
    }

    /// What a balance holds.
    pub fn carry(&mut self, key: Key, carried: Carried) {
        self.carried.insert(key, carried);
    }

    /// A balance on which something waits.
    pub fn wait_for(&mut self, key: Key) {
        self.waiting.insert(key);
    }

    /// What was posted before about an invoice.
    pub fn note_of_invoice(&mut self, transfer: &Transfer) {
        match transfer.functional {
            None => self.wait(transfer),
            Some(functional) if functional.amount.currency() != transfer.amount.currency() => {
                self.apply((transfer, functional), |key| matches!(key.carrier, Carrier::Invoice(_)));
            }
            Some(_) => {}
        }
    }

    /// All of an invoice is valued at once: when a part of what it posts waits, the rest waits with it.
    pub fn wait_together(&mut self, issued: &[Transfer]) {
        let waits = |transfer: &Transfer| {
            [transfer.debit, transfer.credit].iter().any(|account| self.waits(transfer, *account))
        };
        if !self.waiting.is_empty() && issued.iter().any(waits) {
            issued.iter().for_each(|transfer| self.wait(transfer));
        }
    }

    /// What waits makes wait what relieves it.
    fn wait(&mut self, transfer: &Transfer) {
        for account in [transfer.debit, transfer.credit] {
            self.waiting.extend(transfer.carried_by(account));
        }
    }

    /// The next transfer, in the currency of its entity's books.
    ///
    /// # Errors
    /// [`Unvalued`]: it waits, and with it what relieves what it moves.
    pub fn value(
        &mut self,
        transfer: &Transfer,
        home: Currency,
        rates: &mut impl FnMut(Pair, NaiveDate) -> Result<Ratio, NoRate>,
    ) -> Result<Functional, Unvalued> {
        if transfer.amount.currency() == home {
            return Ok(Functional::same(transfer.amount));
        }
        let pair = Pair { from: transfer.amount.currency(), to: home };
        let mut day = || rates(pair, transfer.rate_day());
        let valued = self.sides(transfer, home, &mut day).and_then(|(debited, credited)| {
            let realised = Money::from_wide_minor(debited - credited, home)?;
            Ok(Functional { amount: Money::from_wide_minor(debited, home)?.within_bounds()?, realised })
        });
        match &valued {
            Ok(functional) => self.apply((transfer, *functional), |_| true),
            Err(_) => self.wait(transfer),
        }
        valued
    }

    /// What is debited and what is credited.
    fn sides(
        &mut self,
        transfer: &Transfer,
        home: Currency,
        day: &mut impl FnMut() -> Result<Ratio, NoRate>,
    ) -> Result<(i128, i128), Unvalued> {
        let accounts = [transfer.debit, transfer.credit];
        if !self.waiting.is_empty() && accounts.iter().any(|account| self.waits(transfer, *account)) {
            return Err(Unvalued::Waits);
        }
        if transfer.source_kind == SourceKind::InvoiceFinalized {
            let day = day()?;
            let worth = self.issued(transfer, home, &day)?;
            let other =
                self.beside(transfer, worth, |new| Ok(at(&day, (new, transfer.amount.currency()), home)?))?;
            let is_charge = transfer.debit == Account::AccountsReceivable;
            return Ok(if is_charge { (worth, other) } else { (other, worth) });
        }
        let mut spot =
            |new: i128| Ok::<i128, Unvalued>(at(&day()?, (new, transfer.amount.currency()), home)?);
        let amount = minor(transfer.amount);
        let debit = self.side(transfer, (transfer.debit, amount), &mut spot)?;
        let credit = self.side(transfer, (transfer.credit, -amount), &mut spot)?;
        if let Some(back) = self.given_back(transfer) {
            // The last that moves the receivable takes what is left of it.
            let debited = match debit {
                Side::Known(worth, true) => worth,
                _ => minor(back.credited()?),
            };
            return Ok((debited, minor(back.amount)));
        }
        if let Some([of_other, receivable]) = self.comes_again(transfer)? {
            let cleared = |side: Side, worth: i128| match side {
                Side::Known(all, true) => all,
                _ => worth,
            };
            return Ok(match transfer.debit == Account::AccountsReceivable {
                true => (cleared(debit, receivable), of_other),
                false => (of_other, cleared(credit, receivable)),
            });
        }
        let is_undone = |made, receivable| transfer.origin_id.is_none() && is_undone(made, receivable);
        Ok(match (debit, credit) {
            // A receivable that falls with what its invoice made falls by the same, or by what is left of it.
            (Side::Known(worth, _), Side::Known(_, false)) if is_undone(transfer.debit, transfer.credit) => {
                (worth, worth)
            }
            (Side::Known(_, false), Side::Known(worth, _)) if is_undone(transfer.credit, transfer.debit) => {
                (worth, worth)
            }
            (Side::Known(debit, _), Side::Known(credit, _)) => (debit, credit),
            (Side::Known(debit, _), Side::Follows { relieved, new }) => {
                (debit, relieved + rest(debit, (new, amount))?)
            }
            (Side::Follows { relieved, new }, Side::Known(credit, _)) => {
                (relieved + rest(credit, (new, amount))?, credit)
            }
            (Side::Follows { relieved: a, new: b }, Side::Follows { relieved: c, new: d }) => {
                match self.historic(transfer, b)? {
                    Some(new) => (a + new, c + rest(a + new, (d, amount))?),
                    None => (a + spot(b)?, c + spot(d)?),
                }
            }
        })
    }

    fn side(
        &self,
        transfer: &Transfer,
        (account, movement): (Account, i128),
        spot: &mut impl FnMut(i128) -> Result<i128, Unvalued>,
    ) -> Result<Side, Unvalued> {
        let carried = transfer.carried_by(account).and_then(|key| self.carried.get(&key).copied());
        let Relief { relieved, new, clears } =
            carried.unwrap_or_default().relieve(movement).ok_or(MoneyError::Overflow)?;
        Ok(match (new, account) {
            (0, _) => Side::Known(relieved, clears),
            (_, Account::CashClearing) => Side::Known(relieved + spot(new)?, clears),
            _ => Side::Follows { relieved, new },
        })
    }

    /// What stands beside a part of what an invoice makes receivable: as much, but what it relieves.
    fn beside(
        &self,
        transfer: &Transfer,
        worth: i128,
        mut spot: impl FnMut(i128) -> Result<i128, Unvalued>,
    ) -> Result<i128, Unvalued> {
        if self.only_issued || transfer.is_all_new() {
            return Ok(worth);
        }
        let amount = minor(transfer.amount);
        let of_other = match transfer.debit {
            Account::AccountsReceivable => (transfer.credit, -amount),
            _ => (transfer.debit, amount),
        };
        Ok(match self.side(transfer, of_other, &mut spot)? {
            Side::Known(relieved, _) => relieved,
            Side::Follows { relieved, new } => {
                relieved + self.historic(transfer, new)?.map_or_else(|| rest(worth, (new, amount)), Ok)?
            }
        })
    }

    /// What is earned, or given back after it was, is worth what the rest of it is carried at: it came at that rate, whatever the day's is. 16.00 of
    /// 31.00 that were deferred at 24.80 are worth 12.80. `None`: nothing is known of it, or it is neither.
    fn historic(&self, transfer: &Transfer, new: i128) -> Result<Option<i128>, MoneyError> {
        let of_other = transfer.origin_id.is_some() && transfer.source_kind == SourceKind::InvoiceFinalized;
        if !of_other && transfer.source_kind != SourceKind::RevenueRecognized {
            return Ok(None);
        }
        let accounts = [Account::DeferredRevenue, Account::Revenue];
        if !accounts.contains(&transfer.debit) && !accounts.contains(&transfer.credit) {
            return Ok(None);
        }
        let carried = accounts.into_iter().find_map(|account| {
            let key = transfer.carried_by(account)?;
            self.carried.get(&key).copied().filter(|carried| carried.amount != 0)
        });
        let worth = |carried: Carried| {
            share_half_away(carried.functional.abs(), (new, carried.amount.abs())).ok_or(MoneyError::Overflow)
        };
        carried.map(worth).transpose()
    }

    /// What is undone of what an invoice gave back of another: on the account of that one, and of the receivable.
    fn comes_again(&self, transfer: &Transfer) -> Result<Option<[i128; 2]>, Unvalued> {
        let Some((key, movement)) = given_key(transfer) else { return Ok(None) };
        let [given, fell] = self.given.get(&key).copied().unwrap_or_default();
        let of_other = given.relieve(movement).ok_or(MoneyError::Overflow)?;
        let receivable = fell.relieve(-movement).ok_or(MoneyError::Overflow)?;
        Ok((of_other.new == 0).then_some([of_other.relieved, receivable.relieved]))
    }

    /// What an invoice makes receivable is its total at the day's rate: the parts of it add up to that.
    fn issued(&mut self, transfer: &Transfer, home: Currency, day: &Ratio) -> Result<i128, Unvalued> {
        let sign = if transfer.debit == Account::AccountsReceivable { 1 } else { -1 };
        let of_it = self.issuing.filter(|(source_id, _)| *source_id == transfer.source_id);
        let before = of_it.map(|(_, carried)| carried).unwrap_or_default();
        let whole = before.amount + sign * minor(transfer.amount);
        let after = at(day, (whole, transfer.amount.currency()), home)?;
        self.issuing = Some((transfer.source_id, Carried { amount: whole, functional: after }));
        Ok(sign * (after - before.functional))
    }

    /// What credits had paid of an invoice that is voided.
    fn given_back(&self, transfer: &Transfer) -> Option<Functional> {
        self.position(transfer).and_then(|at| self.applied.get(at)).map(|(_, functional)| *functional)
    }

    fn position(&self, transfer: &Transfer) -> Option<usize> {
        let is_it = |applied: &Transfer| {
            applied.source_id == transfer.source_id
                && (applied.debit, applied.credit) == (transfer.credit, transfer.debit)
                && applied.amount == transfer.amount
        };
        let is_void = transfer.source_kind == SourceKind::InvoiceVoided;
        self.applied.iter().position(|(applied, _)| is_void && is_it(applied))
    }

    fn waits(&self, transfer: &Transfer, account: Account) -> bool {
        transfer.carried_by(account).is_some_and(|key| self.waiting.contains(&key))
    }

    fn apply(&mut self, (transfer, functional): (&Transfer, Functional), counts: impl Fn(Key) -> bool) {
        if self.only_issued {
            return;
        }
        let amount = minor(transfer.amount);
        let debited = minor(functional.amount);
        let credited = debited - minor(functional.realised);
        for (account, amount, worth) in
            [(transfer.debit, amount, debited), (transfer.credit, -amount, -credited)]
        {
            if let Some(key) = transfer.carried_by(account).filter(|key| counts(*key)) {
                let carried = self.carried.entry(key).or_default();
                *carried = carried.moved(amount, worth);
            }
        }
        if let Some((key, movement)) = given_key(transfer) {
            let (of_other, receivable) = match transfer.debit {
                Account::AccountsReceivable => (-credited, debited),
                _ => (debited, -credited),
            };
            let [given, fell] = self.given.entry(key).or_default();
            *given = given.moved(movement, of_other);
            *fell = fell.moved(-movement, receivable);
        }
        if transfer.source_kind == SourceKind::CreditsApplied {
            self.applied.push((transfer.clone(), functional));
        } else if let Some(at) = self.position(transfer) {
            self.applied.swap_remove(at);
        }
    }
}

/// What of another invoice a transfer moves, debits above zero; `None`: nothing.
fn given_key(transfer: &Transfer) -> Option<((InvoiceId, Account, InvoiceId), i128)> {
    let (invoice_id, origin_id) = (transfer.invoice()?, transfer.origin_id?);
    if transfer.source_kind == SourceKind::RevenueRecognized {
        return None;
    }
    let amount = minor(transfer.amount);
    let (account, movement) = match transfer.debit {
        Account::AccountsReceivable => (transfer.credit, -amount),
        debit => (debit, amount),
    };
    Some(((invoice_id, account, origin_id), movement))
}

/// Whether a receivable on one side is undone by what its invoice made on the other.
fn is_undone(made: Account, receivable: Account) -> bool {
    receivable == Account::AccountsReceivable
        && matches!(made, Account::DeferredRevenue | Account::Revenue | Account::TaxPayable)
}

/// What the new part of a side is worth whose other side is worth so much: all of it, or what is left beside its share of what was relieved.
fn rest(worth: i128, (new, amount): (i128, i128)) -> Result<i128, MoneyError> {
    if new == amount {
        return Ok(worth);
    }
    let relieved = share_half_away(worth, (amount - new, amount)).ok_or(MoneyError::Overflow)?;
    Ok(worth - relieved)
}

fn at(day: &Ratio, (amount, currency): (i128, Currency), home: Currency) -> Result<i128, MoneyError> {
    Ok(day.convert_total(Total::from_minor(amount, currency), home)?.minor())
}

fn minor(amount: Money) -> i128 {
    i128::from(amount.minor())
}
