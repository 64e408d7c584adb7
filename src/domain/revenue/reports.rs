//! What do schedules add up to? A waterfall by the month of booking, a roll-forward of what is deferred, what remains by when it is earned.
//!
//! Booked in April 2,000.00, 700.00 of them earned by June: a row of 2,000.00, its months, 700.00 to date, 1,300.00 that remain.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate};

use super::alike::Alike;
use super::intervals::Interval;
use super::schedule::{Entry, Rule};
use crate::domain::money::{Currency, MoneyError, Total};

/// The first day of a day's month.
#[must_use]
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// What was booked in a month, in a currency.
#[derive(Debug, Clone, PartialEq)]
pub struct Booked {
    pub total: Total,
    /// What each month earns of it.
    pub months: BTreeMap<NaiveDate, Total>,
    pub earned: Total,
    /// What is earned only when a year more is over.
    pub non_current: Total,
}

impl Booked {
    /// What is not earned yet.
    #[must_use]
    pub fn remaining(&self) -> Total {
        self.total.less(self.earned)
    }

    fn nothing(currency: Currency) -> Booked {
        let zero = Total::zero(currency);
        Booked { total: zero, months: BTreeMap::new(), earned: zero, non_current: zero }
    }
}

/// By the code of the currency and the month of booking.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Waterfall {
    pub rows: BTreeMap<(&'static str, NaiveDate), Booked>,
}

impl Waterfall {
    /// So many more, as they stand when a day is over: what is booked later is left out. What is deferred counts as earned no later than by the
    /// last day that is posted, where one is given.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn add(
        &mut self,
        alike: &Alike,
        (as_of, posted_by): (NaiveDate, Option<NaiveDate>),
    ) -> Result<(), MoneyError> {
        let schedule = &alike.one;
        if schedule.booked_on > as_of || schedule.rule == Rule::AsDrawn {
            return Ok(());
        }
        // What was fulfilled later is not known yet.
        if matches!(schedule.entry, Entry::Fulfilled { .. }) && schedule.days.from > as_of {
            return Ok(());
        }
        let currency = schedule.amount.currency();
        let key = (currency.code(), month_of(schedule.booked_on));
        let row = self.rows.entry(key).or_insert_with(|| Booked::nothing(currency));
        row.total = row.total.and(alike.amount());
        let by = posted_by.filter(|_| schedule.deferred).map_or(as_of, |posted| posted.min(as_of));
        row.earned = row.earned.and(alike.earned_by(by)?);
        // What waits to be fulfilled has no day: it is current.
        if !schedule.rule.is_on_fulfilment() {
            row.non_current = row.non_current.and(alike.deferred_by(later(as_of, 12))?);
        }
        for (month, amount) in alike.months()? {
            let sum = row.months.entry(month).or_insert(Total::zero(currency));
            *sum = sum.and(amount);
        }
        Ok(())
    }
}

impl Waterfall {
    /// Of the months of booking from one to another, where they are named.
    #[must_use]
    pub fn within(mut self, (from, to): (Option<NaiveDate>, Option<NaiveDate>)) -> Waterfall {
        self.rows.retain(|(_, month), _| {
            from.is_none_or(|from| from <= *month) && to.is_none_or(|to| *month <= to)
        });
        self
    }

    /// The months put together, those of booking and those of earning.
    #[must_use]
    pub fn by(self, interval: Interval) -> Waterfall {
        let mut all = Waterfall::default();
        for ((currency, month), booked) in self.rows {
            let unit = booked.total.currency();
            let row =
                all.rows.entry((currency, interval.first(month))).or_insert_with(|| Booked::nothing(unit));
            row.total = row.total.and(booked.total);
            row.earned = row.earned.and(booked.earned);
            row.non_current = row.non_current.and(booked.non_current);
            for (month, amount) in booked.months {
                let sum = row.months.entry(interval.first(month)).or_insert(Total::zero(unit));
                *sum = sum.and(amount);
            }
        }
        all
    }
}

/// What became of deferred revenue in a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rolled {
    pub opening: Total,
    /// What invoices deferred.
    pub billings: Total,
    /// What credit notes and voids took back; below zero.
    pub credits: Total,
    /// What write-offs took out of it, below zero; above, what came back.
    pub given_up: Total,
    /// What contracts moved between invoices: of each contract, nothing in all.
    pub allocated: Total,
    pub recognized: Total,
    /// What of the closing balance is earned only when a year more is over.
    pub non_current: Total,
}

impl Rolled {
    /// Of nothing.
    #[must_use]
    pub fn nothing(currency: Currency) -> Rolled {
        let zero = Total::zero(currency);
        let (opening, billings, credits, given_up) = (zero, zero, zero, zero);
        let (allocated, recognized, non_current) = (zero, zero, zero);
        Rolled { opening, billings, credits, given_up, allocated, recognized, non_current }
    }

    /// With a later month after it.
    #[must_use]
    pub fn then(self, next: &Rolled) -> Rolled {
        Rolled {
            opening: self.opening,
            billings: self.billings.and(next.billings),
            credits: self.credits.and(next.credits),
            given_up: self.given_up.and(next.given_up),
            allocated: self.allocated.and(next.allocated),
            recognized: self.recognized.and(next.recognized),
            non_current: next.non_current,
        }
    }

    /// Opening, with what came, without what was earned.
    #[must_use]
    pub fn closing(&self) -> Total {
        let came = self.billings.and(self.credits).and(self.given_up).and(self.allocated);
        self.opening.and(came).less(self.recognized)
    }
}

/// By the code of the currency and the month.
#[derive(Debug, Clone, PartialEq)]
pub struct RollForward {
    months: Vec<NaiveDate>,
    pub rows: BTreeMap<(&'static str, NaiveDate), Rolled>,
}

/// The months of each currency put together, in their order.
#[must_use]
pub fn rolled_by(
    interval: Interval,
    rows: BTreeMap<(&'static str, NaiveDate), Rolled>,
) -> BTreeMap<(&'static str, NaiveDate), Rolled> {
    let mut all = BTreeMap::new();
    for ((currency, month), rolled) in rows {
        let key = (currency, interval.first(month));
        let sum = all.get(&key).map_or(rolled, |before: &Rolled| before.then(&rolled));
        all.insert(key, sum);
    }
    all
}

/// The last day of a month.
#[must_use]
pub fn last_day(month: NaiveDate) -> NaiveDate {
    super::schedule::next_month(month).pred_opt().unwrap_or(month)
}

/// So many months later; at the end of the calendar where there are no more.
#[must_use]
pub fn later(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

impl RollForward {
    /// Of these months, in order.
    #[must_use]
    pub fn of(months: Vec<NaiveDate>) -> RollForward {
        RollForward { months, rows: BTreeMap::new() }
    }

    /// So many more.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn add(&mut self, alike: &Alike) -> Result<(), MoneyError> {
        let schedule = &alike.one;
        if !schedule.deferred || schedule.rule == Rule::AsDrawn {
            return Ok(());
        }
        let currency = schedule.amount.currency();
        for &month in &self.months {
            let (before, last) = (month.pred_opt().unwrap_or(month), last_day(month));
            if schedule.booked_on > last {
                continue;
            }
            let row = self.rows.entry((currency.code(), month)).or_insert(Rolled::nothing(currency));
            let earned = alike.earned_by(last)?;
            if schedule.booked_on > before {
                let came = match schedule.entry {
                    Entry::Line => &mut row.billings,
                    Entry::Note(..) | Entry::Void => &mut row.credits,
                    Entry::GivenUp { .. } | Entry::Fulfilled { .. } => &mut row.given_up,
                    // Of nothing.
                    Entry::Allocated { .. } | Entry::Moved { .. } => &mut row.allocated,
                };
                *came = came.and(alike.amount());
            } else {
                row.opening = row.opening.and(alike.deferred_by(before)?);
            }
            row.recognized = row.recognized.and(earned.less(alike.earned_by(before)?));
            // What waits to be fulfilled, or for a break to end, has no day: it is current.
            if let Some(waits) = alike.waits() {
                row.non_current = row.non_current.less(waits);
            } else if !schedule.rule.is_on_fulfilment() {
                row.non_current = row.non_current.and(alike.deferred_by(later(last, 12))?);
            }
        }
        Ok(())
    }
}

/// What is invoiced and will be earned, by when: within a year of a day, in the year after it, later.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Remaining {
    pub within_12_months: Total,
    pub within_24_months: Total,
    pub later: Total,
    /// As it is fulfilled, or goes on after a break, whenever that is.
    pub on_fulfilment: Total,
}

impl Remaining {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> Total {
        self.within_12_months.and(self.within_24_months).and(self.later).and(self.on_fulfilment)
    }
}

/// By the code of the currency.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Obligations {
    pub rows: BTreeMap<&'static str, Remaining>,
}

impl Obligations {
    /// So many more, as they stand when a day is over.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn add(&mut self, alike: &Alike, as_of: NaiveDate) -> Result<(), MoneyError> {
        let schedule = &alike.one;
        if !schedule.deferred || schedule.rule == Rule::AsDrawn || schedule.booked_on > as_of {
            return Ok(());
        }
        let currency = schedule.amount.currency();
        let zero = Total::zero(currency);
        let (within_12_months, within_24_months, later_still) = (zero, zero, zero);
        let nothing =
            Remaining { within_12_months, within_24_months, later: later_still, on_fulfilment: zero };
        let row = self.rows.entry(currency.code()).or_insert(nothing);
        if let Some(waits) = alike.waits() {
            row.on_fulfilment = row.on_fulfilment.and(waits);
            row.later = row.later.less(waits);
            return Ok(());
        }
        if schedule.rule.is_on_fulfilment() {
            row.on_fulfilment = row.on_fulfilment.and(alike.deferred_by(as_of)?);
            return Ok(());
        }
        let [now, year, two] = [0, 12, 24].map(|months| alike.deferred_by(later(as_of, months)));
        let (now, year, two) = (now?, year?, two?);
        row.within_12_months = row.within_12_months.and(now.less(year));
        row.within_24_months = row.within_24_months.and(year.less(two));
        row.later = row.later.and(two);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::{InvoiceId, LineId};
    use crate::domain::money::Money;
    use crate::domain::revenue::{Days, Schedule};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn line(minor: i64, days: (&str, &str), booked_on: &str) -> Schedule {
        Schedule {
            line: LineId { invoice_id: InvoiceId::from_uuid(Uuid::nil()), line_no: 1 },
            entry: Entry::Line,
            amount: Money::from_minor(minor, Currency::parse("USD").unwrap()),
            after: None,
            deferred: true,
            rule: Rule::RatableDaily,
            because: None,
            days: Days::new(day(days.0), day(days.1)),
            booked_on: day(booked_on),
        }
    }

    #[test]
    fn a_void_is_a_row_of_its_own_and_each_row_adds_up_to_what_was_booked() {
        let sold = line(3_100, ("2026-07-21", "2026-08-21"), "2026-07-14");
        let amount = sold.amount.negated().unwrap();
        let void = Schedule { entry: Entry::Void, amount, booked_on: day("2026-09-12"), ..sold };
        let mut waterfall = Waterfall::default();
        for schedule in [&sold, &void] {
            waterfall.add(&Alike::from(schedule), (day("2026-09-30"), None)).unwrap();
        }
        let text = |((_, month), row): (&(&str, NaiveDate), &Booked)| {
            let months =
                row.months.iter().map(|(m, sum)| format!("{} {}", m.format("%m"), sum.to_major_string()));
            format!(
                "{}: {} = {}",
                month.format("%m"),
                row.total.to_major_string(),
                months.collect::<Vec<_>>().join(" + ")
            )
        };
        assert_eq!(
            waterfall.rows.iter().map(text).collect::<Vec<_>>(),
            ["07: 31.00 = 07 11.00 + 08 20.00", "09: -31.00 = 09 -31.00"]
        );
    }

    #[test]
    fn the_months_of_a_quarter_are_put_together() {
        let all = [
            line(9_000, ("2026-01-01", "2026-04-01"), "2026-01-01"),
            line(12_000, ("2026-02-01", "2028-02-01"), "2026-02-01"),
        ];
        let mut rolled = RollForward::of(["2026-01-01", "2026-02-01", "2026-03-01"].map(day).to_vec());
        let mut waterfall = Waterfall::default();
        for schedule in &all {
            rolled.add(&Alike::of(schedule)).unwrap();
            waterfall.add(&Alike::of(schedule), (day("2026-02-28"), None)).unwrap();
        }
        let last = rolled.rows[&("USD", day("2026-03-01"))];
        let quarter = rolled_by(Interval::Quarter, rolled.rows)[&("USD", day("2026-01-01"))];
        assert_eq!((quarter.opening.minor(), quarter.billings.minor()), (0, 21_000));
        assert_eq!((quarter.closing(), quarter.non_current), (last.closing(), last.non_current));
        let whole = waterfall.rows.values().map(|row| row.non_current.minor()).sum::<i128>();
        let booked = waterfall.within((None, Some(day("2026-02-01")))).by(Interval::Year);
        let year = &booked.rows[&("USD", day("2026-01-01"))];
        assert_eq!((year.total.minor(), year.non_current.minor()), (21_000, whole));
        let cells: i128 = year.months.values().map(|sum| sum.minor()).sum();
        assert_eq!((year.months.len(), cells), (3, 21_000), "2026, 2027 and 2028");
    }

    #[test]
    fn closing_is_the_next_opening_and_what_remains_is_it() {
        let all = [
            line(120_000, ("2026-01-16", "2027-01-16"), "2026-01-16"),
            line(240_000, ("2026-02-01", "2029-02-01"), "2026-02-01"),
        ];
        let months: Vec<NaiveDate> = ["2026-01-01", "2026-02-01", "2026-03-01"].map(day).to_vec();
        let mut rolled = RollForward::of(months.clone());
        let mut obligations = Obligations::default();
        for schedule in &all {
            rolled.add(&Alike::from(schedule)).unwrap();
            obligations.add(&Alike::of(schedule), day("2026-03-31")).unwrap();
        }
        let row = |month: &str| rolled.rows[&("USD", day(month))];
        assert_eq!(row("2026-01-01").closing(), row("2026-02-01").opening);
        assert_eq!(row("2026-02-01").closing(), row("2026-03-01").opening);
        let remaining = obligations.rows["USD"];
        assert_eq!(remaining.total(), row("2026-03-01").closing());
        assert_eq!(remaining.within_24_months.and(remaining.later), row("2026-03-01").non_current);
        assert!(remaining.later.minor() > 0);
    }
}
