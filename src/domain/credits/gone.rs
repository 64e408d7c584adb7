//! How much of each line of an invoice did later bills give back already? What its charge has no more: of the amount, and of what discounts take
//! off it, each by what stays, for they need not go in proportion.
//!
//! 100.00 with 50.00 off, of which a bill gave 50.00 back with 25.00 off; that was corrected to 25.00 with nothing off, so that 75.00 with 50.00 off
//! stay: 25.00 with nothing off are gone, and 25.00 net are left.

use std::collections::{BTreeMap, HashMap};

use super::taken::Taken;
use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::money::{Currency, Money, MoneyError};

/// What stays charged, and how much of that is taken off by discounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stays {
    pub amount: Money,
    pub discount: Money,
}

/// What is gone of a line: of its amount, and of its discount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    pub amount: Money,
    pub discount: Money,
}

impl Gone {
    /// What is left of a line without it; of the tax goes the share that goes with the difference of both.
    pub(super) fn taken_from(&self, line: &Taken) -> Result<Taken, MoneyError> {
        let amount = line.amount.checked_sub(self.amount)?;
        let discount = line.discount.checked_sub(self.discount)?;
        let (net, whole) = (amount.checked_sub(discount)?, line.amount.checked_sub(line.discount)?);
        let share = |tax: Money| match () {
            () if net == whole => Ok(tax),
            () if whole.is_zero() => Ok(Money::zero(tax.currency())),
            () => tax.share((net, whole)),
        };
        Ok(Taken { amount, discount, tax: share(line.tax)?, tax_included: share(line.tax_included)? })
    }
}

/// The lines of one charge on an invoice, less what notes took, and what stays of it.
struct Charged {
    stays: Stays,
    lines: Vec<(i32, Taken)>,
}

/// How much of each line later bills gave back already, by what stays of the charges that lines are of: 31.00 for January, of which a
/// cancellation gave 15.00 back on another invoice, has 16.00 left to credit.
///
/// # Errors
/// Sums that do not fit.
pub fn given_back(
    lines: &[Line],
    before: &HashMap<i32, Taken>,
    stays: &HashMap<i32, (Key, Stays)>,
) -> Result<HashMap<i32, Gone>, MoneyError> {
    let mut charges: BTreeMap<Key, Charged> = BTreeMap::new();
    for line in lines {
        let Some((key, stays)) = stays.get(&line.line_no) else { continue };
        let whole = Taken::whole(line);
        let left = before.get(&line.line_no).map_or(Ok(whole), |before| whole.less(before))?;
        let charged = charges.entry(*key).or_insert(Charged { stays: *stays, lines: Vec::new() });
        charged.lines.push((line.line_no, left));
    }
    let mut gone = HashMap::new();
    for charged in charges.values() {
        gone.extend(charged.gone()?);
    }
    Ok(gone)
}

impl Charged {
    /// What is gone of its lines, of the first ones first. Never more of a line's discount than of its amount, for no line is worth more
    /// than it was; and so much of it that not more than the rest is taken off.
    fn gone(&self) -> Result<Vec<(i32, Gone)>, MoneyError> {
        let currency = self.stays.amount.currency();
        let mut off = self.excess(currency, (self.stays.discount, |left| left.discount))?;
        // What is taken off no longer was charged no longer, either.
        let amount = self.excess(currency, (self.stays.amount, |left| left.amount))?;
        let mut amount = larger(amount, off);
        let mut gone = Vec::with_capacity(self.lines.len());
        for (line_no, left) in self.lines.iter().filter(|(_, left)| left.amount.is_positive()) {
            if !amount.is_positive() {
                break;
            }
            let part = left.amount.smaller(amount)?;
            let rest = left.amount.checked_sub(part)?;
            let least = not_below_zero(left.discount.checked_sub(rest)?);
            let most = left.discount.smaller(part)?;
            let discount = larger(off.smaller(most)?, least);
            gone.push((*line_no, Gone { amount: part, discount }));
            (amount, off) = (amount.checked_sub(part)?, not_below_zero(off.checked_sub(discount)?));
        }
        Ok(gone)
    }

    /// By how much its lines come to more than stays.
    fn excess(
        &self,
        currency: Currency,
        (stays, part): (Money, fn(&Taken) -> Money),
    ) -> Result<Money, MoneyError> {
        let sum = Money::sum(currency, self.lines.iter().map(|(_, left)| part(left)))?;
        Ok(not_below_zero(sum.checked_sub(not_below_zero(stays))?))
    }
}

fn not_below_zero(amount: Money) -> Money {
    larger(amount, Money::zero(amount.currency()))
}

fn larger(one: Money, other: Money) -> Money {
    if one.minor() < other.minor() { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, "USD".parse().unwrap())
    }

    /// Of lines with so much off, when so much stays: what is left of each.
    fn left(lines: &[(i64, i64)], (amount, discount): (i64, i64)) -> Vec<(i64, i64)> {
        let nothing = Taken::nothing("USD".parse().unwrap());
        let line = |(amount, discount): &(i64, i64)| Taken {
            amount: usd(*amount),
            discount: usd(*discount),
            ..nothing
        };
        let stays = Stays { amount: usd(amount), discount: usd(discount) };
        let charged = Charged { stays, lines: (0..).zip(lines.iter().map(line)).collect() };
        let mut left = lines.to_vec();
        for (line_no, gone) in charged.gone().unwrap() {
            let line = &mut left[usize::try_from(line_no).unwrap()];
            *line = (line.0 - gone.amount.minor(), line.1 - gone.discount.minor());
        }
        left
    }

    #[test]
    fn what_is_left_of_a_discount_is_what_stays_of_it() {
        assert_eq!(left(&[(10_000, 5_000)], (7_500, 5_000)), [(7_500, 5_000)]);
        assert_eq!(left(&[(10_000, 5_000)], (7_500, 3_750)), [(7_500, 3_750)]);
        assert_eq!(left(&[(10_000, 5_000)], (0, 0)), [(0, 0)]);
        assert_eq!(left(&[(10_000, 0)], (2_500, 0)), [(2_500, 0)]);
    }

    #[test]
    fn no_line_is_worth_more_than_it_was() {
        // Another bill charged 50.00 more with nothing off: 100.00 stay with 33.33 off, and 50.00 of them are of this one.
        assert_eq!(left(&[(10_000, 5_000)], (10_000, 3_333)), [(8_333, 3_333)]);
        assert_eq!(left(&[(10_000, 5_000)], (7_500, 0)), [(5_000, 0)]);
    }

    #[test]
    fn no_more_is_taken_off_a_line_than_is_left_of_it() {
        assert_eq!(left(&[(10_000, 5_000)], (2_000, 6_000)), [(2_000, 2_000)]);
        assert_eq!(left(&[(1_000, 500), (1_000, 0)], (1_000, 250)), [(0, 0), (1_000, 0)]);
    }

    #[test]
    fn what_takes_back_is_left_as_it_is() {
        assert_eq!(left(&[(-5_000, -2_500)], (7_500, 5_000)), [(-5_000, -2_500)]);
        assert_eq!(
            left(&[(10_000, 5_000), (-4_000, -2_000)], (3_000, 1_500)),
            [(7_000, 3_500), (-4_000, -2_000)]
        );
    }
}
