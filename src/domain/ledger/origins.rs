//! Whose deferred revenue, revenue and tax does a line below zero give back? Those of the invoices that charged it, the last first, as far as they
//! hold so much.
//!
//! 31.00 with 6.20 tax were deferred by an invoice at 0.80 and are given back by a later one at 0.60: deferred revenue of the first is debited
//! with 31.00, its tax with 6.20, and carries nothing then.

use std::collections::HashMap;

use super::posting::{self, Move, Source};
use super::{Account, SourceKind, Transfer};
use crate::domain::billing::piece::Key;
use crate::domain::ids::InvoiceId;
use crate::domain::money::{Money, MoneyError};

/// The accounts that one invoice moves of another.
pub const OF_INVOICES: [Account; 3] = [Account::DeferredRevenue, Account::Revenue, Account::TaxPayable];

/// What a line charged, without any tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    pub invoice_id: InvoiceId,
    pub earned: Money,
}

/// What was charged that may be given back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Charges {
    /// By the key of what was billed, in the order of billing.
    pub by_key: HashMap<Key, Vec<Charge>>,
    /// What invoices hold on their accounts, credits above zero.
    pub held: HashMap<(InvoiceId, Account), Money>,
}

/// A line that gives back, or charges again what more was given back of than was charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Giving {
    /// On which invoice.
    pub invoice_id: InvoiceId,
    /// Whether it is deferred, else revenue.
    pub deferred: bool,
    /// What it gives back; below zero, what it charges again.
    pub earned: Money,
    pub tax: Money,
}

/// What is given back of an account of another invoice; below zero, what it is charged again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenBack {
    pub account: Account,
    pub origin_id: InvoiceId,
    pub amount: Money,
}

impl Charges {
    /// Adds what is charged by an invoice.
    pub fn charge(&mut self, key: Key, charge: Charge) {
        self.by_key.entry(key).or_default().push(charge);
    }

    /// What a line gives back of other invoices under these keys, and of each the tax that goes with it. Each holds so much less.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn give_back(&mut self, keys: &[Key], giving: &Giving) -> Result<Vec<GivenBack>, MoneyError> {
        let account = if giving.deferred { Account::DeferredRevenue } else { Account::Revenue };
        let (mut given, mut left) = (Vec::new(), giving.earned);
        let charges = |key: &Key| self.by_key.get(key).map_or(&[][..], Vec::as_slice);
        let charges: Vec<Charge> = keys.iter().flat_map(|key| charges(key).iter().rev()).copied().collect();
        for charge in charges {
            let most = if left.is_negative() { left } else { left.smaller(charge.earned)? };
            let part = self.take((charge.invoice_id, account), most)?;
            if part.is_zero() {
                continue;
            }
            let before = giving.earned.checked_sub(left)?;
            left = left.checked_sub(part)?;
            let after = giving.earned.checked_sub(left)?;
            let tax = share(giving.tax, (after, giving.earned))?
                .checked_sub(share(giving.tax, (before, giving.earned))?)?;
            let tax = self.take((charge.invoice_id, Account::TaxPayable), tax)?;
            if charge.invoice_id != giving.invoice_id {
                for (account, amount) in [(account, part), (Account::TaxPayable, tax)] {
                    given.push(GivenBack { account, origin_id: charge.invoice_id, amount });
                }
            }
        }
        Ok(given)
    }

    /// Takes what an account of an invoice holds, and no more than that; below zero, makes good what it lacks.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn take(&mut self, place: (InvoiceId, Account), most: Money) -> Result<Money, MoneyError> {
        let nothing = Money::zero(most.currency());
        let Some(held) = self.held.get_mut(&place) else { return Ok(nothing) };
        let part = match most.is_negative() {
            false if held.is_positive() => held.smaller(most)?,
            true if held.is_negative() => held.negated()?.smaller(most.negated()?)?.negated()?,
            _ => nothing,
        };
        *held = held.checked_sub(part)?;
        Ok(part)
    }
}

/// Of all of it, all.
fn share(tax: Money, (part, whole): (Money, Money)) -> Result<Money, MoneyError> {
    match whole.is_negative() {
        _ if part == whole => Ok(tax),
        true => tax.share((part.negated()?, whole.negated()?)),
        false => tax.share((part, whole)),
    }
}

/// The transfers of an issued invoice, with those apart that move accounts of other invoices.
///
/// # Errors
/// Sums that do not fit.
pub fn apart(
    transfers: Vec<Transfer>,
    source: Source,
    given: &[GivenBack],
) -> Result<Vec<Transfer>, MoneyError> {
    let Some(currency) = given.first().map(|given| given.amount.currency()) else { return Ok(transfers) };
    let is_issue = |transfer: &Transfer| transfer.source_kind == SourceKind::InvoiceFinalized;
    let (issued, others): (Vec<Transfer>, Vec<Transfer>) = transfers.into_iter().partition(is_issue);
    let mut moves = Vec::with_capacity(issued.len() + given.len());
    for account in [Account::DeferredRevenue, Account::Revenue, Account::TaxPayable, Account::CustomerCredit]
    {
        let mut own = Money::zero(currency);
        for transfer in &issued {
            match () {
                () if transfer.credit == account => own = own.checked_add(transfer.amount)?,
                () if transfer.debit == account => own = own.checked_sub(transfer.amount)?,
                () => {}
            }
        }
        let of_others = given.iter().filter(|given| given.account == account).map(|given| given.amount);
        let own = own.checked_add(Money::sum(currency, of_others)?)?;
        moves.push(charged((account, None), own));
    }
    for (origin_id, account, amount) in added_up(given)? {
        moves.push(charged((account, Some(origin_id)), amount.negated()?));
    }
    let mut all = posting::post_moves(source, moves)?;
    all.extend(others);
    Ok(all)
}

/// A move that charges so much on an account; below zero, it gives back.
#[must_use]
pub const fn charged((credit, origin_id): (Account, Option<InvoiceId>), amount: Money) -> Move {
    Move { debit: Account::AccountsReceivable, credit, amount, origin_id }
}

/// By invoice and account, in the order in which they come first.
fn added_up(given: &[GivenBack]) -> Result<Vec<(InvoiceId, Account, Money)>, MoneyError> {
    let mut sums: Vec<(InvoiceId, Account, Money)> = Vec::new();
    for one in given {
        match sums.iter_mut().find(|(origin, account, _)| (*origin, *account) == (one.origin_id, one.account))
        {
            Some((.., sum)) => *sum = sum.checked_add(one.amount)?,
            None => sums.push((one.origin_id, one.account, one.amount)),
        }
    }
    Ok(sums)
}

/// What a voided invoice made is undone on its own accounts as far as they hold it. What is not there any more, later invoices gave back: it is
/// taken off what these charged, as far as they hold that; the last first.
///
/// # Errors
/// Sums that do not fit.
pub fn undone(
    (voided, transfers): (InvoiceId, Vec<Transfer>),
    source: Source,
    (charges, givers): (&mut Charges, &[InvoiceId]),
) -> Result<Vec<Transfer>, MoneyError> {
    let mut moves = Vec::with_capacity(transfers.len());
    for transfer in transfers {
        let Transfer { debit, credit, mut amount, origin_id, .. } = transfer;
        if origin_id.is_none() && OF_INVOICES.contains(&debit) {
            let held = charges.take((voided, debit), amount)?;
            let mut missing = amount.checked_sub(held)?;
            for giver in givers {
                let part = charges.take((*giver, debit), missing)?;
                missing = missing.checked_sub(part)?;
                amount = amount.checked_sub(part)?;
                moves.push(Move { debit, credit, amount: part, origin_id: Some(*giver) });
            }
        }
        moves.push(Move { debit, credit, amount, origin_id });
    }
    posting::post_moves(source, moves)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::ItemVersionId;
    use crate::domain::money::Currency;

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, Currency::parse("USD").unwrap())
    }

    fn invoice(n: u128) -> InvoiceId {
        InvoiceId::from_uuid(Uuid::from_u128(n))
    }

    fn key() -> Key {
        Key { version: ItemVersionId::from_uuid(Uuid::from_u128(9)), start: chrono::DateTime::UNIX_EPOCH }
    }

    /// Invoices that charged 31.00 with 6.20 and 15.00 with 3.00, and what they hold of it.
    fn two(held: [(i64, i64); 2]) -> Charges {
        let mut charges = Charges::default();
        for (n, (earned, (deferred, tax))) in (1..).zip([3_100, 1_500].into_iter().zip(held)) {
            charges.charge(key(), Charge { invoice_id: invoice(n), earned: usd(earned) });
            charges.held.insert((invoice(n), Account::DeferredRevenue), usd(deferred));
            charges.held.insert((invoice(n), Account::TaxPayable), usd(tax));
        }
        charges
    }

    /// `2: 15.00 + 3.00`, by invoice.
    fn given(charges: &mut Charges, giver: u128, earned: i64, tax: i64) -> Vec<String> {
        let giving =
            Giving { invoice_id: invoice(giver), deferred: true, earned: usd(earned), tax: usd(tax) };
        let given = charges.give_back(&[key()], &giving).unwrap();
        let shown = given.chunks(2).map(|two| {
            assert_eq!(two[0].origin_id, two[1].origin_id);
            let amounts = two.iter().map(|one| one.amount.to_major_string()).collect::<Vec<_>>();
            format!("{}: {}", two[0].origin_id.uuid().as_u128(), amounts.join(" + "))
        });
        shown.collect()
    }

    #[test]
    fn the_last_charge_gives_back_first_and_its_tax_goes_with_it() {
        let mut charges = two([(3_100, 620), (1_500, 300)]);
        assert_eq!(given(&mut charges, 3, 2_000, 400), ["2: 15.00 + 3.00", "1: 5.00 + 1.00"]);
        assert_eq!(given(&mut charges, 4, 2_600, 520), ["1: 26.00 + 5.20"]);
        assert_eq!(given(&mut charges, 5, 100, 20), [""; 0]);
    }

    #[test]
    fn no_invoice_gives_back_what_it_does_not_hold_and_its_own_charge_is_no_others() {
        let mut charges = two([(3_100, 620), (200, 40)]);
        assert_eq!(given(&mut charges, 3, 1_000, 200), ["2: 2.00 + 0.40", "1: 8.00 + 1.60"]);
        let mut charges = two([(3_100, 620), (1_500, 300)]);
        assert_eq!(given(&mut charges, 2, 2_000, 400), ["1: 5.00 + 1.00"]);
    }

    #[test]
    fn what_more_was_given_back_of_than_was_charged_is_made_good_first() {
        let mut charges = two([(-1_600, -320), (1_500, 300)]);
        assert_eq!(given(&mut charges, 3, -2_000, -400), ["1: -16.00 + -3.20"]);
        assert_eq!(given(&mut charges, 4, -2_000, -400), [""; 0]);
    }

    /// 31.00 new less 15.00 of the first: 31.00 of its own, and 15.00 apart.
    #[test]
    fn what_is_given_back_stands_apart_from_what_is_charged() {
        let source = Source {
            kind: SourceKind::InvoiceFinalized,
            id: Uuid::from_u128(3),
            customer_id: crate::domain::ids::CustomerId::from_uuid(Uuid::from_u128(4)),
            entity_id: None,
            invoice_id: None,
            effective_on: chrono::NaiveDate::MIN,
            recorded_at: chrono::DateTime::UNIX_EPOCH,
        };
        let net = [(Account::AccountsReceivable, Account::DeferredRevenue, usd(1_600))];
        let posted = posting::post(source, &net).unwrap();
        let given =
            [GivenBack { account: Account::DeferredRevenue, origin_id: invoice(1), amount: usd(1_500) }];
        let apart = apart(posted, source, &given).unwrap();
        let shown: Vec<_> =
            apart.iter().map(|t| (t.leg, t.debit, t.credit, t.amount.minor(), t.origin_id)).collect();
        let (receivable, deferred) = (Account::AccountsReceivable, Account::DeferredRevenue);
        assert_eq!(
            shown,
            [(0, receivable, deferred, 3_100, None), (1, deferred, receivable, 1_500, Some(invoice(1)))]
        );
    }
}
