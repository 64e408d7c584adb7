//! How are reports and returns of tax written? Figures with their headings, each with the URL that lists the lines it is the sum of.
//!
//! `{"currency": "EUR", "jurisdiction": "FR", "category": "S", "rate": "20", "taxable": "90.00", "tax": "18.00", "lines": 2, …}`.

pub mod filings;
pub mod lines;
pub mod report;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::domain::calendar::{Period, Zone};
use crate::domain::fields::Faults;
use crate::domain::ids::EntityId;
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;
use crate::wire::table::Format;
use crate::wire::times::YEARS;

/// Of which days, in which currency.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TaxReportQuery {
    /// The first day, in your time zone.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    /// Only what is in this currency: ISO 4217.
    pub currency: Option<String>,
    /// Only what this legal entity issued. A return is of one: needed for it when you have several.
    #[param(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    /// `json`, or `csv` for a table; the header `Accept: text/csv` asks for the same.
    #[param(inline)]
    pub format: Option<Format>,
}

impl TaxReportQuery {
    /// The period in a zone, and the currency.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn read(&self, zone: Zone) -> Result<(Period, Option<Currency>), Invalid> {
        let period = period((self.from, self.until), zone)?;
        let mut faults = Faults::none();
        let currency = currency(self.currency.as_deref(), &mut faults);
        faults.into_result()?;
        Ok((period, currency))
    }

    /// The last day.
    #[must_use]
    pub fn last_day(&self) -> NaiveDate {
        self.until.pred_opt().unwrap_or(self.until)
    }

    /// The URL of the lines of a figure.
    fn lines_url(&self, filter: &[(&str, &str)]) -> String {
        let (from, until) = (self.from.to_string(), self.until.to_string());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("from", &from).append_pair("until", &until);
        if let Some(entity_id) = self.entity_id {
            query.append_pair("entity_id", &entity_id.to_string());
        }
        query.extend_pairs(filter);
        format!("/v1/tax/report/lines?{}", query.finish())
    }
}

/// A day of a year that there are invoices of.
///
/// # Errors
/// [`Invalid`] with what years there are.
pub(super) fn known_day(pointer: &str, day: NaiveDate) -> Result<NaiveDate, Invalid> {
    Some(day).filter(|day| YEARS.contains(&day.year())).ok_or_else(|| out_of_range(pointer))
}

fn out_of_range(pointer: &str) -> Invalid {
    let detail = format!("a day is from the year {} to {}", YEARS.start(), YEARS.end());
    Invalid::one(pointer, "date_out_of_range", detail)
}

fn period((from, until): (NaiveDate, NaiveDate), zone: Zone) -> Result<Period, Invalid> {
    let begins = |pointer: &str, day: NaiveDate| {
        let known = known_day(pointer, day)?;
        zone.day_start(known).map_err(|_| out_of_range(pointer))
    };
    let (start, end) = (begins("/query/from", from)?, begins("/query/until", until)?);
    if until <= from {
        let detail = "`until` is the day after the last: later than `from`";
        return Err(Invalid::one("/query/until", "end_before_start", detail));
    }
    Ok(Period { start, end })
}

fn currency(code: Option<&str>, faults: &mut Faults) -> Option<Currency> {
    faults.keep("/query/currency", "unknown_currency", Currency::parse(code?))
}

/// What a filter by something that may be missing is asked for with.
const NONE: &str = "none";

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(from: &str, until: &str) -> (String, String) {
        let query = TaxReportQuery {
            from: from.parse().unwrap(),
            until: until.parse().unwrap(),
            currency: None,
            entity_id: None,
            format: None,
        };
        let invalid = query.read(Zone::UTC).unwrap_err();
        (invalid.errors[0].pointer.clone(), invalid.errors[0].code.clone())
    }

    #[test]
    fn a_period_ends_after_it_starts_and_lies_in_the_calendar() {
        let at = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(refused("2026-02-01", "2026-02-01"), at("/query/until", "end_before_start"));
        assert_eq!(refused("-9999-01-01", "2026-02-01"), at("/query/from", "date_out_of_range"));
        assert_eq!(refused("2026-02-01", "+9999-01-01"), at("/query/until", "date_out_of_range"));
    }
}
