//! How much is the tax of each line? Computed for the document, rounded by rule, and spread to the lines so that they add up.
//!
//! Three lines of 0.33 at 20 %: 0.20 for the document, spread 0.07, 0.07, 0.06; rounded line by line it would be 0.21.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use strum::{EnumString, IntoStaticStr};

use super::category::Category;
use super::treatment::Levy;
use crate::domain::money::{Currency, Money, MoneyError, round_to_minor};

/// Where tax is rounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Rounding {
    /// Once for each tax, category and rate of the document (EN 16931 BR-CO-17).
    #[default]
    Document,
    /// On each line.
    Line,
    /// Once for all the tax of the document.
    Total,
}

/// A line before tax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub amount: Money,
    /// What is levied on it: all within the amount, or all on top.
    pub levies: Vec<Levy>,
}

impl Item {
    /// Whether the amount contains the tax.
    #[must_use]
    pub fn is_inclusive(&self) -> bool {
        self.levies.iter().any(|levy| levy.inclusive)
    }
}

/// A line with its tax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    pub net: Money,
    pub tax: Money,
    pub gross: Money,
    /// The part of each levy, in the order of the treatment.
    pub amounts: Vec<Money>,
}

/// One levy of one line: its exact tax, and where it goes.
struct Part {
    item: usize,
    levy: usize,
    exact: Decimal,
}

/// A part rounded down, and what that left out.
struct Share {
    part: Part,
    amount: Money,
    fraction: Decimal,
}

/// What is rounded together: tax, category and rate; or one line; or everything. What is within the prices, and what comes on top, each by
/// itself: what is paid for a line without its tax does not depend on lines that contain theirs.
type Group = (bool, String, String, Option<Category>, Decimal, usize);

/// The tax of each line of a document.
///
/// # Errors
/// Sums that do not fit.
pub fn assess(currency: Currency, items: &[Item], rounding: Rounding) -> Result<Vec<Assessed>, MoneyError> {
    let mut groups: BTreeMap<Group, Vec<Part>> = BTreeMap::new();
    let mut amounts: Vec<Vec<Money>> = Vec::with_capacity(items.len());
    for (n, item) in items.iter().enumerate() {
        let levies = &item.levies;
        amounts.push(vec![Money::zero(currency); levies.len()]);
        for ((place, levy), exact) in levies.iter().enumerate().zip(exact_taxes(item)?) {
            let part = Part { item: n, levy: place, exact };
            groups.entry(group(levy, n, rounding)).or_default().push(part);
        }
    }
    for parts in groups.into_values() {
        for (part, amount) in spread(currency, parts)? {
            if let Some(place) = amounts.get_mut(part.item).and_then(|line| line.get_mut(part.levy)) {
                *place = amount;
            }
        }
    }
    items.iter().zip(amounts).map(|(item, amounts)| assessed(item, amounts)).collect()
}

/// The exact tax of each levy on a line; never one on the other.
fn exact_taxes(item: &Item) -> Result<Vec<Decimal>, MoneyError> {
    let rates: Vec<Decimal> = item.levies.iter().map(Levy::effective_rate).collect();
    let together: Decimal = rates.iter().sum();
    let divisor = if item.is_inclusive() { Decimal::ONE_HUNDRED + together } else { Decimal::ONE_HUNDRED };
    let amount = item.amount.to_decimal();
    let exact = |rate: Decimal| amount.checked_mul(rate)?.checked_div(divisor);
    rates.into_iter().map(|rate| exact(rate).ok_or(MoneyError::Overflow)).collect()
}

fn group(levy: &Levy, item: usize, rounding: Rounding) -> Group {
    match rounding {
        Rounding::Total => (levy.inclusive, String::new(), String::new(), None, Decimal::ZERO, 0),
        Rounding::Document | Rounding::Line => (
            levy.inclusive,
            levy.jurisdiction.clone(),
            levy.name.to_string(),
            Some(levy.category),
            levy.effective_rate(),
            if rounding == Rounding::Line { item } else { 0 },
        ),
    }
}

/// Rounds the sum and spreads it by largest remainder: each part is its exact tax rounded down or up, and parts may be below zero.
fn spread(currency: Currency, parts: Vec<Part>) -> Result<Vec<(Part, Money)>, MoneyError> {
    let sum = parts.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part.exact));
    let mut left = round_to_minor(sum.ok_or(MoneyError::Overflow)?, currency)?;
    let unit = Decimal::new(1, currency.exponent());
    let mut shares = Vec::with_capacity(parts.len());
    for part in parts {
        let floor = (part.exact / unit).floor() * unit;
        let fraction = part.exact - floor;
        let amount = round_to_minor(floor, currency)?;
        left = left.checked_sub(amount)?;
        shares.push(Share { part, amount, fraction });
    }
    // Units are left as the fractions make up together: fewer than there are parts with a fraction.
    let mut largest: Vec<&mut Share> = shares.iter_mut().filter(|share| !share.fraction.is_zero()).collect();
    largest.sort_by_key(|share| Reverse(share.fraction)); // stable: the earlier of equals first
    let one = Money::from_minor(1, currency);
    for share in largest {
        if !left.is_positive() {
            break;
        }
        (share.amount, left) = (share.amount.checked_add(one)?, left.checked_sub(one)?);
    }
    Ok(shares.into_iter().map(|share| (share.part, share.amount)).collect())
}

fn assessed(item: &Item, amounts: Vec<Money>) -> Result<Assessed, MoneyError> {
    let tax = Money::sum(item.amount.currency(), amounts.iter().copied())?;
    let (net, gross) = match item.is_inclusive() {
        true => (item.amount.checked_sub(tax)?, item.amount),
        false => (item.amount, item.amount.checked_add(tax)?),
    };
    Ok(Assessed { net, tax, gross, amounts })
}
