//! What do amounts come to before and after a change? Plans at 10.00 and 20.00 that become 12.00 and 21.00: 30.00, 33.00, 3.00 more.

use std::collections::BTreeMap;

use super::{Currency, Money, Total};

/// Sums of one currency, before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared {
    /// How many amounts.
    pub count: usize,
    pub before: Total,
    pub after: Total,
}

impl Compared {
    /// The sums of pairs of what was and what will be, by currency.
    #[must_use]
    pub fn by_currency(pairs: impl IntoIterator<Item = (Money, Money)>) -> BTreeMap<Currency, Compared> {
        let mut sums = BTreeMap::new();
        for (before, after) in pairs {
            let zero = Total::zero(before.currency());
            let sum =
                sums.entry(before.currency()).or_insert(Compared { count: 0, before: zero, after: zero });
            sum.count += 1;
            sum.before = sum.before.plus(before);
            sum.after = sum.after.plus(after);
        }
        sums
    }

    /// How much more it is than before.
    #[must_use]
    pub fn difference(self) -> Total {
        self.after.less(self.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_compared_in_each_currency() {
        let usd = |minor| Money::from_minor(minor, Currency::parse("USD").unwrap());
        let eur = |minor| Money::from_minor(minor, Currency::parse("EUR").unwrap());
        let pairs = [(usd(1_000), usd(1_200)), (eur(500), eur(400)), (usd(2_000), usd(2_100))];
        let sums: Vec<_> = Compared::by_currency(pairs)
            .into_iter()
            .map(|(currency, sum)| (currency.code(), sum.count, sum.difference().to_major_string()))
            .collect();
        assert_eq!(sums, [("EUR", 1, "-1.00".to_owned()), ("USD", 2, "3.00".to_owned())]);
    }
}
