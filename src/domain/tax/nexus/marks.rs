//! Which shares of a threshold are announced? 80 and 100 percent, each once for a state and a period of it.
//!
//! 85,000.00 of 100,000.00 USD to Ohio in June: 80 percent of 2026. 120,000.00 in July: 100 percent of 2026. In January both of 2027 can come.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use serde_json::json;

use crate::domain::ids::EntityId;

use super::{InPeriod, Looks, Nexus};

/// In percent of a threshold.
const SHARES: [i16; 2] = [80, 100];

/// That a share of a threshold is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark<'n> {
    pub nexus: &'n Nexus,
    pub period: &'n InPeriod,
    /// The first day of the period it is announced of.
    pub period_from: NaiveDate,
    /// 80 or 100.
    pub percent: i16,
}

/// All that are reached on a day, the smaller ones first.
#[must_use]
pub fn marks(states: &[Nexus], day: NaiveDate) -> Vec<Mark<'_>> {
    let mut marks: Vec<Mark<'_>> = Vec::new();
    for percent in SHARES {
        for nexus in states {
            // What the state looks at already stands for what it will look at.
            let mut periods: Vec<&InPeriod> = nexus.periods.iter().collect();
            periods.sort_by_key(|period| !period.stretch.decides);
            for period in periods.into_iter().filter(|period| period.share >= Decimal::from(percent)) {
                let period_from = period_from(nexus.threshold.looks, period, day);
                let mark = Mark { nexus, period, period_from, percent };
                let is_same = |other: &Mark<'_>| other.key() == mark.key();
                if !marks.iter().any(is_same) {
                    marks.push(mark);
                }
            }
        }
    }
    marks
}

/// Periods that move with the day are those of its calendar year.
fn period_from(looks: Looks, period: &InPeriod, day: NaiveDate) -> NaiveDate {
    match looks {
        Looks::TwelveMonths | Looks::FourQuarters => NaiveDate::from_ymd_opt(day.year(), 1, 1).unwrap_or(day),
        Looks::CalendarYears | Looks::LastCalendarYear | Looks::ToSeptember => period.stretch.from,
    }
}

impl Mark<'_> {
    /// What it is announced once for.
    #[must_use]
    pub fn key(&self) -> (&'static str, &'static str, NaiveDate, i16) {
        let threshold = self.nexus.threshold;
        (threshold.state, threshold.looks.into_str(), self.period_from, self.percent)
    }

    /// What its event carries.
    #[must_use]
    pub fn event_data(&self, entity_id: EntityId, registered: bool) -> serde_json::Value {
        let (threshold, period) = (self.nexus.threshold, self.period);
        let mut sales = period.sales;
        sales.rescale(2);
        json!({
            "object": "tax_nexus",
            "entity_id": entity_id,
            "state": threshold.state,
            "percent": self.percent,
            "share": period.share.to_string(),
            "status": self.nexus.standing.into_str(),
            "registered": registered,
            "period": { "from": period.stretch.from, "until": period.stretch.until, "decides": period.stretch.decides },
            "sales": sales.to_string(),
            "transactions": period.transactions,
            "sales_threshold": threshold.sales.to_string(),
            "transactions_threshold": threshold.transactions,
            "rule": threshold.rule.into_str(),
            "source": threshold.source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SoldThere, by_state};
    use super::*;

    fn marked(sold: &[(&str, &str, i64)], on: &str) -> Vec<String> {
        let day: NaiveDate = on.parse().unwrap();
        let sold = sold.iter().map(|(state, day, sales)| SoldThere {
            state: (*state).to_owned(),
            day: day.parse().unwrap(),
            sales: (*sales).into(),
            transactions: 1,
        });
        let states = by_state(&sold.collect::<Vec<_>>(), day);
        let shown =
            |mark: Mark<'_>| format!("{} {} {}", mark.nexus.threshold.state, mark.period_from, mark.percent);
        marks(&states, day).into_iter().map(shown).collect()
    }

    #[test]
    fn each_share_is_of_its_period() {
        let sold = [("US-OH", "2026-06-01", 85_000), ("US-OH", "2026-07-01", 20_000)];
        assert_eq!(marked(&sold[..1], "2026-06-30"), ["US-OH 2026-01-01 80"]);
        assert_eq!(marked(&sold, "2026-07-01"), ["US-OH 2026-01-01 80", "US-OH 2026-01-01 100"]);
        assert_eq!(
            marked(&sold, "2027-07-01"),
            ["US-OH 2026-01-01 80", "US-OH 2026-01-01 100"],
            "of last year still"
        );
        assert_eq!(marked(&sold, "2028-07-01"), [""; 0]);
    }

    #[test]
    fn a_period_that_moves_with_the_day_is_announced_once_a_year() {
        let sold = [("US-TX", "2026-06-01", 600_000)];
        for day in ["2026-06-01", "2026-12-31"] {
            assert_eq!(marked(&sold, day), ["US-TX 2026-01-01 80", "US-TX 2026-01-01 100"]);
        }
        assert_eq!(marked(&sold, "2027-01-01"), ["US-TX 2027-01-01 80", "US-TX 2027-01-01 100"]);
        assert_eq!(marked(&sold, "2027-06-02"), [""; 0]);
    }
}
