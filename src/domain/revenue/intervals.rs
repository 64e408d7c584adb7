//! Over what is a report added up? Months, quarters or years of the calendar.
//!
//! 17 February 2026 is in `2026-02`, in `2026-Q1`, which ends with 31 March, and in `2026`.

use chrono::{Datelike, Months, NaiveDate};

/// How long each of them is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Interval {
    #[default]
    Month,
    Quarter,
    Year,
}

impl Interval {
    /// The first day of the one that holds a day.
    #[must_use]
    pub fn first(self, day: NaiveDate) -> NaiveDate {
        let month = match self {
            Interval::Month => day.month(),
            Interval::Quarter => day.month0().saturating_sub(day.month0() % 3).saturating_add(1),
            Interval::Year => 1,
        };
        NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day)
    }

    /// The last day of the one that holds a day.
    #[must_use]
    pub fn last(self, day: NaiveDate) -> NaiveDate {
        let months = match self {
            Interval::Month => 1,
            Interval::Quarter => 3,
            Interval::Year => 12,
        };
        let next = self.first(day).checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX);
        next.pred_opt().unwrap_or(next)
    }

    /// As it is written.
    #[must_use]
    pub fn name(self, day: NaiveDate) -> String {
        match self {
            Interval::Month => day.format("%Y-%m").to_string(),
            Interval::Quarter => format!("{}-Q{}", day.year(), day.month0() / 3 + 1),
            Interval::Year => day.year().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_in_a_month_a_quarter_and_a_year() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let shown = |interval: Interval, on: &str| {
            let on = day(on);
            format!("{} {} {}", interval.name(on), interval.first(on), interval.last(on))
        };
        assert_eq!(shown(Interval::Month, "2026-02-17"), "2026-02 2026-02-01 2026-02-28");
        assert_eq!(shown(Interval::Quarter, "2026-02-17"), "2026-Q1 2026-01-01 2026-03-31");
        assert_eq!(shown(Interval::Quarter, "2026-12-31"), "2026-Q4 2026-10-01 2026-12-31");
        assert_eq!(shown(Interval::Year, "2026-02-17"), "2026 2026-01-01 2026-12-31");
    }
}
