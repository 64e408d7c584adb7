//! On which day does the rate of what is supplied over time count? As the law of the place says: on the day of the invoice, of completion, or on
//! each day its own.
//!
//! February for 31.00 in advance, and from the 15th on another rate: in France that of the invoice; in Germany that of the 28th for all of it
//! (UStG § 27 (1)); in Switzerland 15.50 at each (MWSTG article 115). In arrears, invoiced on 1 March: in France that of 28 February.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, TimeDelta};
use rust_decimal::Decimal;

use crate::domain::calendar::{Period, Zone};
use crate::domain::money::{Money, MoneyError, allocate};
use crate::domain::tax::rates::Rates;
use crate::domain::tax::territory::MEMBER_STATES;

/// Which day decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decides {
    /// That of the invoice.
    Invoice,
    /// That of the invoice, or of completion where that was before: payments on account count when they are due, all else once it is
    /// supplied (Directive 2006/112/EC articles 63 to 65, 93).
    Earlier,
    /// That of completion, whatever was invoiced before (article 95): UStG § 27 (1) and § 13 (1) 1 a of Germany; UStG 1994 § 19 (2) of Austria.
    Completion,
    /// Each its own part (MWSTG article 115; Liechtenstein has the same law).
    EachDay,
}

impl Decides {
    fn in_country(country: &str) -> Decides {
        match country {
            "DE" | "AT" => Decides::Completion,
            "CH" | "LI" => Decides::EachDay,
            _ if MEMBER_STATES.contains(&country) => Decides::Earlier,
            _ => Decides::Invoice,
        }
    }
}

/// A part of a line and the day whose rate it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) amount: Money,
    pub(super) rated: NaiveDate,
}

/// Cuts an amount for a period, invoiced on `date` and taxed in a jurisdiction, into parts with a day each whose rate they have.
pub(super) fn slices(
    (amount, period): (Money, Period),
    (date, zone): (NaiveDate, Zone),
    (jurisdiction, rates): (&str, &Rates),
) -> Result<Vec<Slice>, MoneyError> {
    let decides = Decides::in_country(jurisdiction.get(..2).unwrap_or(jurisdiction));
    let whole = |rated| Ok(vec![Slice { amount, rated }]);
    let Some(last) = last_day(period, zone).filter(|_| decides != Decides::Invoice) else {
        return whole(date);
    };
    match decides {
        Decides::Invoice => whole(date),
        Decides::Earlier => whole(date.min(last)),
        Decides::Completion => whole(last),
        Decides::EachDay => each_day(amount, (zone.local_date(period.start), last), (jurisdiction, rates)),
    }
}

/// The last day of a period; none of what is supplied at once.
fn last_day(period: Period, zone: Zone) -> Option<NaiveDate> {
    let last = period.end.checked_sub_signed(TimeDelta::microseconds(1))?;
    (period.start < period.end).then(|| zone.local_date(last))
}

/// By the days on each side of each change of rates.
fn each_day(
    amount: Money,
    (first, last): (NaiveDate, NaiveDate),
    (jurisdiction, rates): (&str, &Rates),
) -> Result<Vec<Slice>, MoneyError> {
    let mut begins = BTreeSet::from([first]);
    begins.extend(rates.changes(jurisdiction).filter(|day| first < *day && *day <= last));
    let after = last.checked_add_days(Days::new(1)).unwrap_or(last);
    let ends = begins.iter().skip(1).copied().chain([after]);
    let days: Vec<Decimal> =
        begins.iter().zip(ends).map(|(begin, end)| (end - *begin).num_days().into()).collect();
    let amounts = allocate(amount, &days)?;
    Ok(begins.into_iter().zip(amounts).map(|(rated, amount)| Slice { amount, rated }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;
    use crate::domain::tax::rates::Rate;

    fn day(day: &str) -> NaiveDate {
        day.parse().unwrap()
    }

    /// 31.00 for these days of 2026, invoiced on another: `15.50 2026-02-01, 15.50 2026-02-15`.
    fn cut(jurisdiction: &str, [start, end, invoiced]: [&str; 3]) -> String {
        let zone = Zone::UTC;
        let at = |text: &str| zone.day_start(day(&format!("2026-{text}"))).unwrap();
        let period = Period { start: at(start), end: at(end) };
        let amount = Money::from_minor(3_100, "EUR".parse::<Currency>().unwrap());
        let other = Rate {
            jurisdiction: jurisdiction.to_owned(),
            kind: "standard".to_owned(),
            rate: Decimal::from(9),
            valid_from: day("2026-02-15"),
            valid_to: None,
            source: String::new(),
        };
        let rates = Rates { own: vec![other] };
        let invoiced = day(&format!("2026-{invoiced}"));
        let slices = slices((amount, period), (invoiced, zone), (jurisdiction, &rates)).unwrap();
        let shown = slices.iter().map(|slice| format!("{} {}", slice.amount.to_decimal(), slice.rated));
        shown.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn each_country_has_its_day() {
        let in_advance = ["02-01", "03-01", "02-01"];
        assert_eq!(cut("FR", in_advance), "31.00 2026-02-01");
        assert_eq!(cut("DE", in_advance), "31.00 2026-02-28");
        assert_eq!(cut("CH", in_advance), "15.50 2026-02-01, 15.50 2026-02-15");
        assert_eq!(cut("GB", in_advance), "31.00 2026-02-01");
        assert_eq!(cut("US-NY", in_advance), "31.00 2026-02-01");
        let in_arrears = ["02-01", "03-01", "03-05"];
        assert_eq!(cut("FR", in_arrears), "31.00 2026-02-28");
        assert_eq!(cut("DE", in_arrears), "31.00 2026-02-28");
        assert_eq!(cut("GB", in_arrears), "31.00 2026-03-05");
    }

    #[test]
    fn what_is_supplied_at_once_has_the_day_of_its_invoice_and_a_change_at_an_end_cuts_nothing() {
        for jurisdiction in ["FR", "DE", "CH"] {
            assert_eq!(cut(jurisdiction, ["02-01", "02-01", "02-20"]), "31.00 2026-02-20");
        }
        assert_eq!(cut("CH", ["02-15", "03-15", "02-01"]), "31.00 2026-02-15");
        assert_eq!(cut("CH", ["01-15", "02-15", "02-01"]), "31.00 2026-01-15");
        assert_eq!(cut("CH", ["01-16", "02-16", "02-01"]), "30.00 2026-01-16, 1.00 2026-02-15");
    }
}
