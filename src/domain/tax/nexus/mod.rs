//! Where in the United States do sales alone oblige a seller to register? A state's threshold, and what was sold there in the periods it looks at.
//!
//! 85,000.00 USD to Ohio this year, of 100,000.00 or 200 transactions: 85 %, approaching. 600,000.00 USD to New York by 40 invoices: below,
//! because New York asks for both 500,000.00 and 100.

mod marks;
mod periods;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use strum::{EnumString, IntoStaticStr};

pub use self::marks::{Mark, marks};
pub use self::periods::{Looks, Stretch, first_day};
use super::threshold::valued;
use crate::domain::fx::book::Book;
use crate::domain::money::{Currency, Total};

/// What the thresholds are in.
pub const DOLLAR: &str = "USD";

/// From which share on a state is to be watched, in percent.
const CLOSE: Decimal = Decimal::from_parts(80, 0, 0, false, 0);

/// What of a state's threshold must be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Rule {
    /// Sales; transactions are not counted.
    Sales,
    /// Sales or transactions.
    Either,
    /// Sales and transactions.
    Both,
}

/// The threshold of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// ISO 3166-2.
    pub state: &'static str,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    /// In US dollars.
    pub sales: Decimal,
    /// Where they count.
    pub transactions: Option<i64>,
    pub rule: Rule,
    pub looks: Looks,
    pub source: &'static str,
}

static THRESHOLDS: LazyLock<Vec<Threshold>> =
    LazyLock::new(|| include_str!("thresholds.csv").lines().skip(1).filter_map(read).collect());

fn read(line: &'static str) -> Option<Threshold> {
    let mut cells = line.splitn(8, ',');
    let state = cells.next()?;
    let valid_from = cells.next()?.parse().ok()?;
    let valid_to = cells.next()?.parse().ok();
    let sales = cells.next()?.parse().ok()?;
    let transactions = cells.next()?.parse().ok();
    let rule = cells.next()?.parse().ok()?;
    let looks = cells.next()?.parse().ok()?;
    Some(Threshold { state, valid_from, valid_to, sales, transactions, rule, looks, source: cells.next()? })
}

/// What was sold into a state on a day, in US dollars, and by how many invoices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldThere {
    pub state: String,
    pub day: NaiveDate,
    pub sales: Decimal,
    pub transactions: i64,
}

/// What was sold, or below zero taken back, in its own currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// `US-NY`.
    pub state: String,
    pub day: NaiveDate,
    /// Of the invoice: what is taken back of a sale counts what the sale counted.
    pub rate_day: NaiveDate,
    pub net: Total,
    /// Invoices that charge.
    pub transactions: i64,
}

/// Sales in dollars, and the currencies of those that count nothing because no rate is known.
#[must_use]
pub fn in_dollars(sales: &[Sale], rates: &Book) -> (Vec<SoldThere>, BTreeSet<Currency>) {
    let (mut sold, mut without) = (Vec::with_capacity(sales.len()), BTreeSet::new());
    let Ok(dollar) = Currency::parse(DOLLAR) else { return (sold, without) };
    for Sale { state, day, rate_day, net, transactions } in sales {
        let value = valued(rates, (*net, *rate_day), dollar);
        if value.is_none() {
            without.insert(net.currency());
        }
        let sales = value.unwrap_or_default();
        sold.push(SoldThere { state: state.clone(), day: *day, sales, transactions: *transactions });
    }
    (sold, without)
}

/// How near a threshold is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Standing {
    Below,
    /// At four fifths or more, or reached in a period that the state does not look at yet.
    Approaching,
    Reached,
}

/// What was sold in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InPeriod {
    pub stretch: Stretch,
    pub sales: Decimal,
    pub transactions: i64,
    /// Of the threshold, in percent, rounded down to a tenth.
    pub share: Decimal,
}

/// How a seller stands in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nexus {
    pub threshold: &'static Threshold,
    pub periods: Vec<InPeriod>,
    pub standing: Standing,
}

/// Every state with a threshold in which something was sold in a period that it looks at.
#[must_use]
pub fn by_state(sold: &[SoldThere], day: NaiveDate) -> Vec<Nexus> {
    let mut states: BTreeMap<&str, Vec<&SoldThere>> = BTreeMap::new();
    for sold in sold {
        states.entry(&sold.state).or_default().push(sold);
    }
    let nexus = |(state, sold): (&str, Vec<&SoldThere>)| {
        let in_force =
            |t: &&Threshold| t.state == state && t.valid_from <= day && t.valid_to.is_none_or(|to| day < to);
        let threshold = THRESHOLDS.iter().find(in_force)?;
        let periods: Vec<InPeriod> =
            threshold.looks.stretches(day).into_iter().map(|one| threshold.within(one, &sold)).collect();
        let is_nothing = |one: &InPeriod| one.sales.is_zero() && one.transactions == 0;
        let standing = periods.iter().map(InPeriod::standing).max()?;
        (!periods.iter().all(is_nothing)).then_some(Nexus { threshold, periods, standing })
    };
    states.into_iter().filter_map(nexus).collect()
}

impl Threshold {
    fn within(&self, stretch: Stretch, sold: &[&SoldThere]) -> InPeriod {
        let within = sold.iter().filter(|sold| stretch.from <= sold.day && sold.day < stretch.until);
        let (sales, transactions) = within.fold((Decimal::ZERO, 0_i64), |(sales, transactions), sold| {
            (sales.saturating_add(sold.sales), transactions.saturating_add(sold.transactions))
        });
        InPeriod { stretch, sales, transactions, share: self.share(sales, transactions) }
    }

    fn share(&self, sales: Decimal, transactions: i64) -> Decimal {
        let percent = |part: Decimal, whole: Decimal| {
            part.max(Decimal::ZERO).saturating_mul(Decimal::ONE_HUNDRED).checked_div(whole)
        };
        let by_sales = percent(sales, self.sales).unwrap_or_default();
        let counted = self.transactions.and_then(|most| percent(transactions.into(), most.into()));
        let share = match (self.rule, counted) {
            (Rule::Either, Some(counted)) => by_sales.max(counted),
            (Rule::Both, Some(counted)) => by_sales.min(counted),
            _ => by_sales,
        };
        share.trunc_with_scale(1).normalize()
    }
}

impl Nexus {
    /// The most of its periods.
    #[must_use]
    pub fn share(&self) -> Decimal {
        self.periods.iter().map(|one| one.share).max().unwrap_or_default()
    }
}

impl InPeriod {
    fn standing(&self) -> Standing {
        match self.share {
            share if share >= Decimal::ONE_HUNDRED && self.stretch.decides => Standing::Reached,
            share if share >= CLOSE => Standing::Approaching,
            _ => Standing::Below,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn sold(state: &str, on: &str, sales: i64, transactions: i64) -> SoldThere {
        SoldThere { state: state.to_owned(), day: day(on), sales: sales.into(), transactions }
    }

    fn standing(sold: &[SoldThere], on: &str) -> Vec<(&'static str, Standing, Vec<String>)> {
        let shown = |nexus: Nexus| {
            let shares = nexus.periods.iter().map(|one| one.share.to_string()).collect();
            (nexus.threshold.state, nexus.standing, shares)
        };
        by_state(sold, day(on)).into_iter().map(shown).collect()
    }

    #[test]
    fn every_row_is_read_and_no_state_has_two_at_once() {
        assert_eq!(THRESHOLDS.len(), include_str!("thresholds.csv").lines().count() - 1);
        for (n, one) in THRESHOLDS.iter().enumerate() {
            assert_eq!(one.transactions.is_none(), one.rule == Rule::Sales, "{one:?}");
            let overlaps = |other: &&Threshold| {
                other.state == one.state
                    && one.valid_to.is_none_or(|to| other.valid_from < to)
                    && other.valid_to.is_none_or(|to| one.valid_from < to)
            };
            assert_eq!(THRESHOLDS.iter().skip(n + 1).find(overlaps), None, "{one:?}");
        }
    }

    #[test]
    fn sales_or_transactions_of_this_year_or_the_last() {
        let sales = [sold("US-OH", "2026-03-01", 85_000, 12), sold("US-OH", "2025-12-31", 100, 160)];
        let expected = [("US-OH", Standing::Approaching, ["85", "80"].map(String::from).to_vec())];
        assert_eq!(standing(&sales, "2026-11-29"), expected);
        let more = [sales[0].clone(), sales[1].clone(), sold("US-OH", "2026-11-29", 15_000, 1)];
        assert_eq!(standing(&more, "2026-11-28")[0].1, Standing::Approaching);
        assert_eq!(standing(&more, "2026-11-29")[0].1, Standing::Reached);
    }

    #[test]
    fn new_york_asks_for_sales_and_transactions_of_four_whole_quarters() {
        let few = [sold("US-NY", "2026-05-01", 600_000, 40)];
        assert_eq!(standing(&few, "2026-11-29")[0].1, Standing::Below);
        let many = [sold("US-NY", "2026-10-01", 600_000, 140)];
        // The quarter is not over: from January on.
        assert_eq!(standing(&many, "2026-11-29")[0].1, Standing::Approaching);
        assert_eq!(standing(&many, "2027-01-01")[0].1, Standing::Reached);
    }

    #[test]
    fn florida_looks_at_the_year_before() {
        let sales = [sold("US-FL", "2026-02-01", 130_000, 1)];
        assert_eq!(standing(&sales, "2026-11-29")[0].1, Standing::Approaching);
        assert_eq!(standing(&sales, "2027-01-01")[0].1, Standing::Reached);
        assert_eq!(standing(&sales, "2028-01-01"), []);
    }

    #[test]
    fn a_threshold_that_is_no_longer_counts_no_transactions() {
        let sales = [sold("US-IL", "2025-06-01", 1_000, 300)];
        assert_eq!(standing(&sales, "2025-12-31")[0].1, Standing::Reached);
        assert_eq!(standing(&sales, "2026-01-01")[0].1, Standing::Below);
    }

    #[test]
    fn what_was_taken_back_was_not_sold_and_oregon_has_no_tax() {
        let sales = [
            sold("US-OH", "2026-03-01", 120_000, 1),
            sold("US-OH", "2026-04-01", -60_000, 0),
            sold("US-OR", "2026-03-01", 900_000, 900),
        ];
        let expected = [("US-OH", Standing::Below, ["60", "0"].map(String::from).to_vec())];
        assert_eq!(standing(&sales, "2026-11-29"), expected);
    }
}
