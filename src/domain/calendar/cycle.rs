//! When does the n-th period begin? At the anchor plus n intervals, always counted from the original anchor.
//!
//! Monthly from 31 January 2024: 29 February, 31 March, 30 April. Adding a month to the previous date would give
//! 29 March after 29 February and never return to the 31st.

use super::{CalendarError, Period, Zone, in_range};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

const MONTHS_PER_YEAR: i64 = 12;

/// What an interval counts.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Unit {
    /// Local days, of 22 to 25 hours.
    Day,
    /// Seven local days.
    Week,
    /// Calendar months.
    Month,
    /// Three calendar months.
    Quarter,
    /// Twelve calendar months.
    Year,
}

impl Unit {
    /// Whether it counts months; the others count days.
    const fn step(self) -> Step {
        match self {
            Self::Day => Step::Days(1),
            Self::Week => Step::Days(7),
            Self::Month => Step::Months(1),
            Self::Quarter => Step::Months(3),
            Self::Year => Step::Months(MONTHS_PER_YEAR),
        }
    }
}

/// An interval in the only two things a calendar counts.
enum Step {
    Days(i64),
    Months(i64),
}

/// How long a period is: every 3 months, every 2 weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// What is counted.
    pub unit: Unit,
    /// How many of them, 1 to [`Interval::MAX_COUNT`].
    pub count: u16,
}

impl Interval {
    /// The largest count; nothing is billed every thousand and first day.
    pub const MAX_COUNT: u16 = 1000;

    /// Every `count` units.
    ///
    /// # Errors
    /// [`CalendarError::BadIntervalCount`] unless the count is 1 to 1000.
    pub fn new(unit: Unit, count: u16) -> Result<Self, CalendarError> {
        if (1..=Self::MAX_COUNT).contains(&count) {
            return Ok(Self { unit, count });
        }
        Err(CalendarError::BadIntervalCount { count: u32::from(count) })
    }

    /// Every `count` units, of a count as somebody requests it.
    ///
    /// # Errors
    /// As for [`Interval::new`].
    pub fn requested(unit: Unit, count: u32) -> Result<Self, CalendarError> {
        let counted = u16::try_from(count).map_err(|_| CalendarError::BadIntervalCount { count })?;
        Self::new(unit, counted)
    }

    fn step(self) -> Step {
        match self.unit.step() {
            Step::Days(days) => Step::Days(days * i64::from(self.count)),
            Step::Months(months) => Step::Months(months * i64::from(self.count)),
        }
    }
}

/// The endless row of periods of a subscription, in both directions from its anchor.
///
/// Periods tile time: each starts where the one before ends, at the first instant of a local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cycle {
    base: NaiveDate,
    anchor_day: u32,
    interval: Interval,
    zone: Zone,
}

impl Cycle {
    /// The cycle of something that starts at `start`.
    ///
    /// Without `anchor_day` its local start date is the anchor, so `start` lies in the first day of period 0. With it,
    /// period 0 begins on the first such day (the last day of a shorter month) that is not before the start date; a
    /// start before that lies in period -1, which is imagined and only measures the stub.
    ///
    /// # Errors
    /// [`CalendarError::BadAnchorDay`], [`CalendarError::AnchorDayWithoutMonths`], [`CalendarError::BadIntervalCount`],
    /// [`CalendarError::OutOfRange`].
    pub fn starting(
        start: DateTime<Utc>,
        anchor_day: Option<u32>,
        interval: Interval,
        zone: Zone,
    ) -> Result<Self, CalendarError> {
        let date = zone.local_date(start);
        let Some(day) = anchor_day else {
            return Self::from_parts(date, date.day(), interval, zone);
        };
        if let Step::Days(_) = interval.step() {
            return Err(CalendarError::AnchorDayWithoutMonths { unit: interval.unit });
        }
        let this_month = Self::from_parts(date, day, interval, zone)?;
        if this_month.base >= date {
            return Ok(this_month);
        }
        Self::from_parts(day_of_month(month_number(date) + 1, day)?, day, interval, zone)
    }

    /// The cycle with these parts, as [`Cycle::base`] and the other getters gave them.
    ///
    /// Of `base`, only the month counts for months, quarters and years; for days and weeks the anchor day is not used.
    ///
    /// # Errors
    /// [`CalendarError::BadAnchorDay`], [`CalendarError::BadIntervalCount`], [`CalendarError::OutOfRange`].
    pub fn from_parts(
        base: NaiveDate,
        anchor_day: u32,
        interval: Interval,
        zone: Zone,
    ) -> Result<Self, CalendarError> {
        if !(1..=31).contains(&anchor_day) {
            return Err(CalendarError::BadAnchorDay { day: anchor_day });
        }
        let interval = Interval::new(interval.unit, interval.count)?;
        let (base, anchor_day) = match interval.step() {
            Step::Days(_) => (in_range(base)?, base.day()),
            Step::Months(_) => (day_of_month(month_number(base), anchor_day)?, anchor_day),
        };
        Ok(Self { base, anchor_day, interval, zone })
    }

    /// The local date on which period 0 starts.
    #[must_use]
    pub const fn base(&self) -> NaiveDate {
        self.base
    }

    /// The day of the month the cycle returns to, 1 to 31.
    #[must_use]
    pub const fn anchor_day(&self) -> u32 {
        self.anchor_day
    }

    /// How long each period is.
    #[must_use]
    pub const fn interval(&self) -> Interval {
        self.interval
    }

    /// Where its days begin.
    #[must_use]
    pub const fn zone(&self) -> Zone {
        self.zone
    }

    /// The n-th period; negative ones lie before the anchor. Empty only if its one day never happened in the zone.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the years 1900 to 2400.
    pub fn period(&self, n: i64) -> Result<Period, CalendarError> {
        let next = n.checked_add(1).ok_or(CalendarError::OutOfRange)?;
        Period::new(self.boundary(n)?, self.boundary(next)?)
    }

    /// The instant at which period n starts and period n - 1 ends.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the years 1900 to 2400.
    pub fn boundary(&self, n: i64) -> Result<DateTime<Utc>, CalendarError> {
        self.zone.day_start(self.boundary_date(n)?)
    }

    /// Which period an instant lies in.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the years 1900 to 2400.
    pub fn index_at(&self, instant: DateTime<Utc>) -> Result<i64, CalendarError> {
        let date = in_range(self.zone.local_date(instant))?;
        match self.interval.step() {
            Step::Days(days) => Ok((date - self.base).num_days().div_euclid(days)),
            Step::Months(months) => {
                let since_base = month_number(date) - month_number(self.base);
                let n = since_base.div_euclid(months);
                // In a month that starts a period, the days before the anchor day belong to the period before.
                let anchor_day = self.anchor_day.min(u32::from(date.num_days_in_month()));
                let not_yet = since_base.rem_euclid(months) == 0 && date.day() < anchor_day;
                Ok(if not_yet { n - 1 } else { n })
            }
        }
    }

    fn boundary_date(&self, n: i64) -> Result<NaiveDate, CalendarError> {
        let advance = |step: i64| n.checked_mul(step).ok_or(CalendarError::OutOfRange);
        match self.interval.step() {
            Step::Days(days) => {
                let days = TimeDelta::try_days(advance(days)?).ok_or(CalendarError::OutOfRange)?;
                in_range(self.base.checked_add_signed(days).ok_or(CalendarError::OutOfRange)?)
            }
            Step::Months(months) => {
                let month = month_number(self.base).checked_add(advance(months)?);
                day_of_month(month.ok_or(CalendarError::OutOfRange)?, self.anchor_day)
            }
        }
    }
}

/// Months since the year 0: a number to count with.
fn month_number(date: NaiveDate) -> i64 {
    i64::from(date.year()) * MONTHS_PER_YEAR + i64::from(date.month0())
}

/// That day of the month, or the month's last.
fn day_of_month(month_number: i64, day: u32) -> Result<NaiveDate, CalendarError> {
    let year =
        i32::try_from(month_number.div_euclid(MONTHS_PER_YEAR)).map_err(|_| CalendarError::OutOfRange)?;
    let month =
        u32::try_from(month_number.rem_euclid(MONTHS_PER_YEAR) + 1).map_err(|_| CalendarError::OutOfRange)?;
    let first = in_range(NaiveDate::from_ymd_opt(year, month, 1).ok_or(CalendarError::OutOfRange)?)?;
    let last = u32::from(first.num_days_in_month());
    first.with_day(day.min(last)).ok_or(CalendarError::OutOfRange)
}
