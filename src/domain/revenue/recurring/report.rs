//! How did recurring revenue move from month to month? Opening, what moved it by its kinds, closing; how many customers; and what is left of those who
//! came in the same month.
//!
//! 100.00 and 20.00 new, 5.00 of expansion and 25.00 of churn are 100.00: net retention is 80 %, gross 75 %.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::{Kind, Movement};
use crate::domain::calendar::Zone;
use crate::domain::money::{Currency, Total, rounding};
use crate::domain::revenue::schedule::{Days, first_of_month, next_month};

/// A month of one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub month: NaiveDate,
    pub opening: Total,
    /// What moved it, by kind.
    pub moved: BTreeMap<Kind, Total>,
    pub closing: Total,
    /// Customers who had some at its beginning, and at its end.
    pub customers: (i64, i64),
    /// Customers to whom it happened, by kind.
    pub happened: BTreeMap<Kind, i64>,
    /// Of those who had some at its beginning.
    pub of_opening: OfOpening,
}

/// What became, by a month's end, of the customers who had some at its beginning; who came within it is none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfOpening {
    /// What they have.
    pub closing: Total,
    /// The same, of each no more than it had.
    pub kept: Total,
    /// What those had who have none any more.
    pub lost: Total,
    pub customers_lost: i64,
}

/// What is left, at the end of a month, of the customers who came in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub customers: i64,
    pub amount: Total,
}

/// The months, by currency; and the cohorts, by currency, month of coming and month of looking.
#[derive(Debug, Clone)]
pub struct Report {
    days: Days,
    zone: Zone,
    months: BTreeMap<(&'static str, NaiveDate), Month>,
    cohorts: BTreeMap<(&'static str, NaiveDate, NaiveDate), Left>,
}

impl Report {
    /// Of whole months, none of which anything is known yet.
    #[must_use]
    pub fn new(days: Days, zone: Zone) -> Report {
        Report { days, zone, months: BTreeMap::new(), cohorts: BTreeMap::new() }
    }

    /// The months of one currency, each once.
    fn each_month(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let to = self.days.to;
        std::iter::successors(Some(first_of_month(self.days.from)), |month| Some(next_month(*month)))
            .take_while(move |month| *month < to)
    }

    /// Adds all that ever moved one customer's in one currency, in order.
    pub fn add(&mut self, currency: Currency, moved: &[Movement]) {
        let month_of = |at: DateTime<Utc>| first_of_month(self.zone.local_date(at));
        let Some(came) = moved.first().map(|movement| month_of(movement.at)) else { return };
        let zero = Total::zero(currency);
        for month in self.each_month() {
            let until = |end: NaiveDate| {
                let before = moved.iter().take_while(|movement| month_of(movement.at) < end);
                before.fold(zero, |sum, movement| sum.plus(movement.amount))
            };
            let (opening, closing) = (until(month), until(next_month(month)));
            let empty = Month {
                month,
                opening: zero,
                moved: BTreeMap::new(),
                closing: zero,
                customers: (0, 0),
                happened: BTreeMap::new(),
                of_opening: OfOpening { closing: zero, kept: zero, lost: zero, customers_lost: 0 },
            };
            let row = self.months.entry((currency.code(), month)).or_insert(empty);
            (row.opening, row.closing) = (row.opening.and(opening), row.closing.and(closing));
            if opening.minor() != 0 {
                row.of_opening.add(opening, closing);
            }
            row.customers.0 += i64::from(opening.minor() != 0);
            row.customers.1 += i64::from(closing.minor() != 0);
            let within: Vec<&Movement> =
                moved.iter().filter(|movement| month_of(movement.at) == month).collect();
            for movement in &within {
                let sum = row.moved.entry(movement.kind).or_insert(zero);
                *sum = sum.plus(movement.amount);
            }
            // Several subscriptions of a customer that begin at once are one customer who comes.
            let events: BTreeSet<_> = within.iter().map(|movement| (movement.at, movement.kind)).collect();
            for (_, kind) in events {
                *row.happened.entry(kind).or_default() += 1;
            }
            if came <= month {
                let left = self
                    .cohorts
                    .entry((currency.code(), came, month))
                    .or_insert(Left { customers: 0, amount: zero });
                left.customers += i64::from(closing.minor() != 0);
                left.amount = left.amount.and(closing);
            }
        }
    }

    /// The months, by currency.
    pub fn months(&self) -> impl Iterator<Item = (&'static str, &Month)> {
        self.months.iter().map(|((currency, _), month)| (*currency, month))
    }

    /// What is left of each cohort: currency, the month in which it came, the month at whose end it is looked at.
    pub fn cohorts(&self) -> impl Iterator<Item = (&'static str, [NaiveDate; 2], Left)> {
        self.cohorts.iter().map(|((currency, came, month), left)| (*currency, [*came, *month], *left))
    }
}

impl Month {
    /// What moved it by a kind.
    #[must_use]
    pub fn moved_by(&self, kind: Kind) -> Total {
        self.moved.get(&kind).copied().unwrap_or(Total::zero(self.opening.currency()))
    }

    /// Customers to whom it happened.
    #[must_use]
    pub fn happened_to(&self, kind: Kind) -> i64 {
        self.happened.get(&kind).copied().unwrap_or_default()
    }

    /// What those who had some at the beginning have at the end, of what they had. `None`: nothing was there.
    #[must_use]
    pub fn net_retention(&self) -> Option<Decimal> {
        self.share(self.of_opening.closing)
    }

    /// The same, of each no more than it had.
    #[must_use]
    pub fn gross_retention(&self) -> Option<Decimal> {
        self.share(self.of_opening.kept)
    }

    /// What those had who have none any more, of what was there.
    #[must_use]
    pub fn revenue_churn(&self) -> Option<Decimal> {
        self.share(self.of_opening.lost)
    }

    /// Those who have none any more, of those who had some.
    #[must_use]
    pub fn customer_churn(&self) -> Option<Decimal> {
        let (lost, opening) = (Decimal::from(self.of_opening.customers_lost), self.customers.0);
        (opening > 0).then(|| four_digits(lost / Decimal::from(opening)))
    }

    /// What it closes with, by customer.
    #[must_use]
    pub fn average(&self) -> Option<Total> {
        let customers = i128::from(self.customers.1);
        let average = rounding::share_half_away(self.closing.minor(), (1, customers))?;
        Some(Total::from_minor(average, self.closing.currency()))
    }

    /// What a customer brings until it churns: the average by the share of customers who do.
    #[must_use]
    pub fn lifetime_value(&self) -> Option<Total> {
        let (customers, churned) = (i128::from(self.customers.1), i128::from(self.of_opening.customers_lost));
        let opening = i128::from(self.customers.0);
        let value =
            rounding::share_half_away(self.closing.minor(), (opening, customers.checked_mul(churned)?))?;
        Some(Total::from_minor(value, self.closing.currency()))
    }

    fn share(&self, part: Total) -> Option<Decimal> {
        let whole =
            Decimal::try_from_i128_with_scale(self.opening.minor(), 0).ok().filter(|w| !w.is_zero())?;
        let part = Decimal::try_from_i128_with_scale(part.minor(), 0).ok()?;
        Some(four_digits(part / whole))
    }
}

impl OfOpening {
    fn add(&mut self, opening: Total, closing: Total) {
        self.closing = self.closing.and(closing);
        self.kept = self.kept.and(if closing.minor() < opening.minor() { closing } else { opening });
        if closing.minor() == 0 {
            self.lost = self.lost.and(opening);
            self.customers_lost += 1;
        }
    }
}

/// A share with four digits: 0.8333.
fn four_digits(share: Decimal) -> Decimal {
    rounding::round_to_digits(share, 4)
}
