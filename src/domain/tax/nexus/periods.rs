//! Over which days does a state add up what was sold there? This year so far and the last; twelve months; whole quarters.
//!
//! On 29 November 2026: 1 January to 29 November 2026, and 2025; 30 November 2025 to 29 November 2026; October 2025 to September 2026.

use chrono::{Datelike, Days, Months, NaiveDate};
use strum::{EnumString, IntoStaticStr};

/// Which days a state looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Looks {
    /// This calendar year so far, or the last.
    CalendarYears,
    LastCalendarYear,
    /// Up to and with the day.
    TwelveMonths,
    /// The last four that are over.
    FourQuarters,
    /// The last twelve months that ended with September.
    ToSeptember,
}

/// Days, from one to before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// Whether the state looks at it already; else it will when it is over.
    pub decides: bool,
}

impl Looks {
    /// The days it looks at on a day, and those that it will look at next.
    #[must_use]
    pub fn stretches(self, day: NaiveDate) -> Vec<Stretch> {
        let tomorrow = day.checked_add_days(Days::new(1)).unwrap_or(day);
        let year = first_of(day, 1);
        let stretch = |from, until, decides| Stretch { from, until, decides };
        match self {
            Looks::CalendarYears => {
                vec![stretch(year, tomorrow, true), stretch(back(year, 12), year, true)]
            }
            Looks::LastCalendarYear => {
                vec![stretch(year, tomorrow, false), stretch(back(year, 12), year, true)]
            }
            Looks::TwelveMonths => vec![stretch(back(tomorrow, 12), tomorrow, true)],
            Looks::FourQuarters => {
                let quarter = first_of(day, day.month0() / 3 * 3 + 1);
                vec![stretch(back(quarter, 9), tomorrow, false), stretch(back(quarter, 12), quarter, true)]
            }
            Looks::ToSeptember => {
                let october = first_of(day, 10);
                let begun = if october <= day { october } else { back(october, 12) };
                vec![stretch(begun, tomorrow, false), stretch(back(begun, 12), begun, true)]
            }
        }
    }
}

/// The first day that any state looks at on a day.
#[must_use]
pub fn first_day(day: NaiveDate) -> NaiveDate {
    back(first_of(day, 10), 24)
}

/// The first of a month of the year of a day.
fn first_of(day: NaiveDate, month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day)
}

fn back(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(looks: Looks, day: &str) -> Vec<String> {
        let shown = |one: Stretch| format!("{} {} {}", one.from, one.until, one.decides);
        looks.stretches(day.parse().unwrap()).into_iter().map(shown).collect()
    }

    #[test]
    fn each_looks_at_its_own_days() {
        let day = "2026-11-29";
        assert_eq!(
            on(Looks::CalendarYears, day),
            ["2026-01-01 2026-11-30 true", "2025-01-01 2026-01-01 true"]
        );
        assert_eq!(
            on(Looks::LastCalendarYear, day),
            ["2026-01-01 2026-11-30 false", "2025-01-01 2026-01-01 true"]
        );
        assert_eq!(on(Looks::TwelveMonths, day), ["2025-11-30 2026-11-30 true"]);
        assert_eq!(
            on(Looks::FourQuarters, day),
            ["2026-01-01 2026-11-30 false", "2025-10-01 2026-10-01 true"]
        );
        assert_eq!(
            on(Looks::ToSeptember, day),
            ["2026-10-01 2026-11-30 false", "2025-10-01 2026-10-01 true"]
        );
        let before = "2026-09-30";
        assert_eq!(
            on(Looks::ToSeptember, before),
            ["2025-10-01 2026-10-01 false", "2024-10-01 2025-10-01 true"]
        );
    }

    #[test]
    fn no_state_looks_further_back_than_the_first_day() {
        let mut day: NaiveDate = "2026-01-01".parse().unwrap();
        while day.year() < 2028 {
            for looks in [
                Looks::CalendarYears,
                Looks::LastCalendarYear,
                Looks::TwelveMonths,
                Looks::FourQuarters,
                Looks::ToSeptember,
            ] {
                for stretch in looks.stretches(day) {
                    assert!(
                        first_day(day) <= stretch.from && stretch.until <= day.succ_opt().unwrap(),
                        "{looks:?} {day}"
                    );
                }
            }
            day = day.succ_opt().unwrap();
        }
    }
}
