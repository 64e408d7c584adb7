//! May this meter be made? Named, looking at one type of event, with a value to aggregate unless it counts, and at most three dimensions.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::event::WORD_LENGTH;
use super::{Aggregation, Filter, Meter};
use crate::domain::fields::{Faults, NAME_LENGTH, below};
use crate::domain::ids::MeterId;
use crate::domain::refusal::Invalid;

/// Most dimensions of a meter: the cells of a price matrix have as many.
pub const DIMENSIONS: usize = 3;
/// Most filters of a meter, and most values of a filter.
const FILTERS: usize = 10;
const FILTER_VALUES: usize = 100;

/// What a caller says of a new meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterDraft {
    pub code: String,
    pub name: String,
    pub event_type: String,
    pub aggregation: Aggregation,
    pub value_property: Option<String>,
    pub price_property: Option<String>,
    pub filters: Vec<Filter>,
    pub dimensions: Vec<String>,
}

impl MeterDraft {
    /// The meter.
    ///
    /// # Errors
    /// [`Invalid`] naming every value at fault.
    pub fn create(self, id: MeterId, now: DateTime<Utc>) -> Result<Meter, Invalid> {
        self.check()?;
        let MeterDraft {
            code,
            name,
            event_type,
            aggregation,
            value_property,
            price_property,
            filters,
            dimensions,
        } = self;
        Ok(Meter {
            id,
            code,
            name,
            event_type,
            aggregation,
            value_property,
            price_property,
            filters,
            dimensions,
            created_at: now,
        })
    }

    fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        faults.check_code("/code", &self.code);
        faults.check_text("/name", &self.name, NAME_LENGTH);
        faults.check_text("/event_type", &self.event_type, WORD_LENGTH);
        faults.check_optional("/value_property", self.value_property.as_deref(), NAME_LENGTH);
        faults.check_optional("/price_property", self.price_property.as_deref(), NAME_LENGTH);
        match (&self.value_property, self.aggregation) {
            (Some(_), Aggregation::Count) => {
                faults.add(
                    "/value_property",
                    "not_taken",
                    "count looks at no value: leave value_property out",
                );
            }
            (None, other) if other != Aggregation::Count => {
                let detail =
                    format!("{} needs the member of the event's data that holds the value", other.into_str());
                faults.add("/value_property", "missing_field", detail);
            }
            _ => {}
        }
        self.check_filters(&mut faults);
        self.check_dimensions(&mut faults);
        faults.into_result()
    }

    fn check_filters(&self, faults: &mut Faults) {
        if self.filters.len() > FILTERS {
            faults.add("/filters", "too_many", format_args!("a meter has at most {FILTERS} filters"));
        }
        for (n, filter) in self.filters.iter().enumerate() {
            let at = below("/filters", &n.to_string());
            faults.check_text(&below(&at, "property"), &filter.property, NAME_LENGTH);
            if !(1..=FILTER_VALUES).contains(&filter.values.len()) {
                let detail =
                    format!("a filter has 1 to {FILTER_VALUES} values, of which the event must have one");
                faults.add(below(&at, "values"), "out_of_range", detail);
            }
            for (v, value) in filter.values.iter().enumerate() {
                faults.check_text(&below(&below(&at, "values"), &v.to_string()), value, NAME_LENGTH);
            }
        }
    }

    fn check_dimensions(&self, faults: &mut Faults) {
        if self.dimensions.len() > DIMENSIONS {
            faults.add(
                "/dimensions",
                "too_many",
                format_args!("a meter has at most {DIMENSIONS} dimensions"),
            );
        }
        let mut seen = BTreeSet::new();
        for (n, dimension) in self.dimensions.iter().enumerate() {
            let at = below("/dimensions", &n.to_string());
            faults.check_text(&at, dimension, NAME_LENGTH);
            if !seen.insert(dimension) {
                faults.add(at, "duplicate", "this dimension is named twice");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> MeterDraft {
        MeterDraft {
            code: "tokens".to_owned(),
            name: "Tokens".to_owned(),
            event_type: "llm.request".to_owned(),
            aggregation: Aggregation::Sum,
            value_property: Some("tokens".to_owned()),
            price_property: None,
            filters: vec![Filter { property: "model".to_owned(), values: vec!["large".to_owned()] }],
            dimensions: vec!["model".to_owned(), "region".to_owned()],
        }
    }

    fn faults(change: impl FnOnce(&mut MeterDraft)) -> Vec<(String, String)> {
        let mut draft = draft();
        change(&mut draft);
        let made = draft.create(MeterId::from_uuid(uuid::Uuid::nil()), DateTime::UNIX_EPOCH);
        made.err().map(|i| i.errors.into_iter().map(|e| (e.pointer, e.code)).collect()).unwrap_or_default()
    }

    #[test]
    fn a_meter_is_checked_whole() {
        let one = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
        assert_eq!(faults(|_| {}), []);
        assert_eq!(faults(|d| d.value_property = None), one("/value_property", "missing_field"));
        assert_eq!(faults(|d| d.aggregation = Aggregation::Count), one("/value_property", "not_taken"));
        assert_eq!(faults(|d| (d.aggregation, d.value_property) = (Aggregation::Count, None)), []);
        assert_eq!(faults(|d| d.dimensions.push("model".to_owned())), one("/dimensions/2", "duplicate"));
        let four = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        assert_eq!(faults(|d| d.dimensions = four), one("/dimensions", "too_many"));
        assert_eq!(faults(|d| d.filters[0].values.clear()), one("/filters/0/values", "out_of_range"));
        assert_eq!(faults(|d| d.code = "a b".to_owned()), one("/code", "malformed_code"));
    }
}
