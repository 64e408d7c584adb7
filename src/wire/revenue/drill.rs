//! Of which schedules is a figure made? A link to them: `/v1/revenue/schedules?currency=USD&booked_to=2026-01-31&as_of=2026-01-31`. Their `allocated`,
//! `earned`, `deferred` or `earned_between` add up to it.

use std::fmt::{Display, Write};

use chrono::{Days, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::revenue::intervals::Interval;
use crate::domain::revenue::reports::later;

/// What is asked for in a link, in its order; each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drill(Vec<(&'static str, String)>);

impl Drill {
    /// And this; in place of what was asked for by that name.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Drill {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value.to_string()));
        self
    }

    /// And this, where there is any.
    #[must_use]
    pub fn maybe(self, name: &'static str, value: Option<impl Display>) -> Drill {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Where it leads.
    #[must_use]
    pub fn link(&self) -> String {
        let mut link = String::from("/v1/revenue/schedules");
        for (n, (name, value)) in self.0.iter().enumerate() {
            // Writing to a string does not fail.
            let _ = write!(link, "{}{name}={value}", if n == 0 { '?' } else { '&' });
        }
        link
    }

    /// What is booked in some days and known by one.
    #[must_use]
    pub fn booked(self, (from, to): (NaiveDate, NaiveDate), as_of: NaiveDate) -> Drill {
        self.with("booked_from", from)
            .with("booked_to", to.min(as_of))
            .with("known_on", as_of)
            .with("drawn", false)
            .with("as_of", as_of)
    }

    /// What is earned of it in some days.
    #[must_use]
    pub fn earned(self, (from, to): (NaiveDate, NaiveDate)) -> Drill {
        self.with("earned_from", from).with("earned_to", to)
    }

    /// What went to deferred revenue by a day.
    #[must_use]
    fn deferred(self, by: NaiveDate) -> Drill {
        self.with("deferred", true).with("drawn", false).with("booked_to", by).with("as_of", by)
    }
}

/// The schedules that each figure of a month is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RollForwardDrill {
    /// `deferred` adds up to it.
    pub opening: String,
    /// `allocated` adds up to it, and to the next three.
    pub billings: String,
    pub credits: String,
    pub written_off: String,
    pub allocated: String,
    /// `earned_between` adds up to it.
    pub recognised: String,
    /// `deferred` adds up to it, and to the next.
    pub closing: String,
    pub non_current: String,
    /// The balances of the ledger on the last day.
    pub ledger: String,
}

impl RollForwardDrill {
    /// Of the days of an interval.
    #[must_use]
    pub fn of(drill: &Drill, first: NaiveDate, interval: Interval) -> RollForwardDrill {
        let (before, last) = (first.pred_opt().unwrap_or(first), interval.last(first));
        let came =
            |kinds: &str| drill.clone().deferred(last).with("booked_from", first).with("kind", kinds).link();
        let entity = drill.get("entity_id").map(|id| format!("&entity_id={id}")).unwrap_or_default();
        let closing = drill.clone().deferred(last);
        RollForwardDrill {
            opening: drill.clone().deferred(before).link(),
            billings: came("invoice_line"),
            credits: came("credit_note_line,void"),
            written_off: came("write_off,fulfilment"),
            allocated: came("allocation"),
            recognised: closing.clone().earned((first, last)).link(),
            non_current: closing.clone().with("on_fulfilment", false).with("as_of", later(last, 12)).link(),
            closing: closing.link(),
            ledger: format!("/v1/ledger/balances?as_of={last}{entity}"),
        }
    }
}

/// The schedules that each figure of what remains is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RemainingDrill {
    /// `earned_between` adds up to it, and to the next.
    pub within_12_months: String,
    pub within_24_months: String,
    /// `deferred` adds up to it, and to the next two.
    pub later: String,
    pub on_fulfilment: String,
    pub total: String,
}

impl RemainingDrill {
    /// As it stands at the end of a day.
    #[must_use]
    pub fn of(drill: &Drill, as_of: NaiveDate) -> RemainingDrill {
        let known = drill.clone().deferred(as_of).with("known_on", as_of);
        let after = |day: NaiveDate| day.checked_add_days(Days::new(1)).unwrap_or(day);
        let (year, two) = (later(as_of, 12), later(as_of, 24));
        RemainingDrill {
            within_12_months: known.clone().earned((after(as_of), year)).link(),
            within_24_months: known.clone().earned((after(year), two)).link(),
            later: known.clone().with("on_fulfilment", false).with("as_of", two).link(),
            on_fulfilment: known.clone().with("on_fulfilment", true).link(),
            total: known.link(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_each_thing_once() {
        let day: NaiveDate = "2026-01-31".parse().unwrap();
        let drill = Drill::default().with("currency", "USD").maybe("entity_id", None::<&str>);
        let link = drill.booked((day, day), day).with("currency", "EUR").link();
        let rest =
            "booked_from=2026-01-31&booked_to=2026-01-31&known_on=2026-01-31&drawn=false&as_of=2026-01-31";
        assert_eq!(link, format!("/v1/revenue/schedules?{rest}&currency=EUR"));
    }
}
