//! What is paid out next? Expected minus recorded: all that moved the balance by an instant, less what was paid out before.
//!
//! 31.00 charged at a fee of 1.20 and 10.00 given back: 19.80 go to the bank. A payout that fails moves the balance itself: the next one has its amount.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::books::{Books, has_come};
use super::kept::{KeptItem, KeptPayout};
use super::settings::Fees;
use crate::domain::money::{Currency, Money, MoneyError, round_to_minor};
use crate::domain::payments::disputes::{Seen, Status};
use crate::domain::payments::simulated::Charge;

/// In what currency is paid out, and how much of it one unit of the charges' is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conversion {
    pub currency: Currency,
    pub rate: Decimal,
}

/// Something that moves the balance.
struct Movement {
    item: KeptItem,
    amount: Money,
    fee: Money,
}

fn movement(kind: &str, id: String, (amount, fee): (Money, Money)) -> Movement {
    let item = KeptItem {
        id,
        kind: kind.to_owned(),
        charge_key: None,
        charge: None,
        refund_key: None,
        refund: None,
        dispute: None,
        payout: None,
        original: amount.into(),
        amount: amount.into(),
        fee: fee.into(),
    };
    Movement { item, amount, fee }
}

fn about(charge: &Charge, movement: Movement) -> Movement {
    let (charge_key, charge) = (Some(charge.idempotency_key.clone()), Some(charge.reference.clone()));
    Movement { item: KeptItem { charge_key, charge, ..movement.item }, ..movement }
}

/// All that has moved the balance by then.
fn movements(
    books: &Books,
    disputed: &[(Charge, Seen)],
    (fees, at): (&Fees, DateTime<Utc>),
) -> Result<Vec<Movement>, MoneyError> {
    let mut all = Vec::new();
    for charge in books.charges.values().filter(|charge| has_come(charge, at)) {
        let nothing = Money::zero(charge.amount.currency());
        let id = format!("simbt_{}", charge.reference);
        let Some(charge_key) = books.refunded.get(&charge.idempotency_key) else {
            all.push(about(charge, movement("charge", id, (charge.amount, fees.kept_of(charge.amount)))));
            continue;
        };
        let Some(refunded) = books.charges.get(charge_key) else { continue };
        let refund = about(refunded, movement("refund", id, (charge.amount, nothing)));
        let (refund_key, reference) = (Some(charge.idempotency_key.clone()), Some(charge.reference.clone()));
        all.push(Movement { item: KeptItem { refund_key, refund: reference, ..refund.item }, ..refund });
    }
    for (charge, seen) in disputed.iter().filter(|(_, seen)| seen.opened_at <= at) {
        let is_back = seen.status == Status::Won;
        if !seen.status.is_dispute() || !seen.is_withdrawn && !is_back {
            continue;
        }
        let id = |way: &str| format!("simbt_{}_{way}", seen.reference);
        let dispute = Some(seen.reference.clone());
        let taken = about(charge, movement("dispute", id("taken"), (seen.amount.negated()?, seen.fee)));
        all.push(Movement { item: KeptItem { dispute: dispute.clone(), ..taken.item }, ..taken });
        if is_back {
            let nothing = Money::zero(seen.amount.currency());
            let back = about(charge, movement("dispute_reversal", id("back"), (seen.amount, nothing)));
            all.push(Movement { item: KeptItem { dispute, ..back.item }, ..back });
        }
    }
    for (id, amount) in &books.kept {
        let Some(amount) = amount.money() else { continue };
        let nothing = Money::zero(amount.currency());
        all.push(movement("fee", format!("simbt_{id}"), (nothing, amount)));
    }
    for payout in books.payouts.iter().filter(|payout| payout.failed_at.is_some_and(|failed| failed <= at)) {
        let Some(amount) = payout.amount.money() else { continue };
        let back = movement(
            "payout_failure",
            format!("simbt_{}", payout.id),
            (amount, Money::zero(amount.currency())),
        );
        all.push(Movement { item: KeptItem { payout: Some(payout.id.clone()), ..back.item }, ..back });
    }
    Ok(all)
}

/// What is on the balance, by currency: what has moved it, less what was paid out.
pub(super) fn balance(
    books: &Books,
    disputed: &[(Charge, Seen)],
    (fees, at): (&Fees, DateTime<Utc>),
) -> Result<BTreeMap<Currency, Money>, MoneyError> {
    let paid = paid_items(books);
    let mut balance = BTreeMap::new();
    for Movement { item, amount, fee } in movements(books, disputed, (fees, at))? {
        if !paid.contains(&item.id) {
            let sum = balance.entry(amount.currency()).or_insert(Money::zero(amount.currency()));
            *sum = sum.checked_add(amount)?.checked_sub(fee)?;
        }
    }
    Ok(balance)
}

fn paid_items(books: &Books) -> BTreeSet<String> {
    books.payouts.iter().flat_map(|payout| &payout.items).map(|item| item.id.clone()).collect()
}

/// The payouts that are due, one a currency.
pub(super) fn due(
    books: &Books,
    disputed: &[(Charge, Seen)],
    (fees, at): (&Fees, DateTime<Utc>),
    conversion: Option<Conversion>,
) -> Result<Vec<KeptPayout>, MoneyError> {
    let paid = paid_items(books);
    let mut by_currency: BTreeMap<Currency, (Money, Vec<KeptItem>)> = BTreeMap::new();
    for Movement { item, amount, fee } in movements(books, disputed, (fees, at))? {
        if paid.contains(&item.id) {
            continue;
        }
        let (amount, fee) = (converted(amount, conversion)?, converted(fee, conversion)?);
        let currency = amount.currency();
        let (sum, items) = by_currency.entry(currency).or_insert((Money::zero(currency), Vec::new()));
        *sum = sum.checked_add(amount)?.checked_sub(fee)?;
        items.push(KeptItem { amount: amount.into(), fee: fee.into(), ..item });
    }
    let number = books.payouts.len();
    let payout = |(n, (sum, items)): (usize, (Money, Vec<KeptItem>))| KeptPayout {
        id: format!("simpo_{}", number + n + 1),
        amount: sum.into(),
        paid_at: at,
        failed_at: None,
        items,
    };
    Ok(by_currency.into_values().enumerate().map(payout).collect())
}

fn converted(amount: Money, conversion: Option<Conversion>) -> Result<Money, MoneyError> {
    let Some(Conversion { currency, rate }) = conversion.filter(|to| to.currency != amount.currency()) else {
        return Ok(amount);
    };
    let exact = amount.to_decimal().checked_mul(rate).ok_or(MoneyError::Overflow)?;
    round_to_minor(exact, currency)
}
