//! How is time written? An instant as `2026-01-15T09:30:00Z`, or where a day is meant as `2026-01-15`; a period as `{"start": …, "end": …}`, its end not in
//! it; and only years that a calendar can hold.

use std::fmt;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, OneOfBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// An instant, or a day, which begins in the customer's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstantOrDay {
    At(DateTime<Utc>),
    On(NaiveDate),
}

impl PartialSchema for InstantOrDay {
    fn schema() -> RefOr<Schema> {
        let text = |format| {
            ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format)))
        };
        let either = OneOfBuilder::new().item(text(KnownFormat::DateTime)).item(text(KnownFormat::Date));
        either.description(Some("An instant, or a day, which begins in the customer's time zone.")).into()
    }
}

impl ToSchema for InstantOrDay {}

/// The detail of the refusal of anything else.
const EXPECTED: &str = "an instant such as 2026-01-15T09:30:00Z, or a day such as 2026-01-15";

impl InstantOrDay {
    /// The instant, when it is one. PostgreSQL keeps microseconds: what is answered must be what is stored.
    #[must_use]
    pub fn instant(self) -> Option<DateTime<Utc>> {
        match self {
            InstantOrDay::At(at) => Some(at.trunc_subsecs(6)),
            InstantOrDay::On(_) => None,
        }
    }

    /// The day, when it is one.
    #[must_use]
    pub fn day(self) -> Option<NaiveDate> {
        match self {
            InstantOrDay::At(_) => None,
            InstantOrDay::On(day) => Some(day),
        }
    }
}

impl<'de> Deserialize<'de> for InstantOrDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<InstantOrDay, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = InstantOrDay;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<InstantOrDay, E> {
                let day = text.parse().map(InstantOrDay::On).ok();
                let either = day.or_else(|| text.parse().map(InstantOrDay::At).ok());
                either.ok_or_else(|| E::custom(format_args!("this is {EXPECTED}")))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// From `start` up to, not including, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Period {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// Years in which anything can have happened: far outside the database knows no dates.
pub(in crate::wire) const YEARS: std::ops::RangeInclusive<i32> = 1900..=2400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_told_from_an_instant() {
        let read = |text: &str| serde_json::from_value::<InstantOrDay>(text.into());
        assert_eq!(read("2026-01-15").unwrap().day(), NaiveDate::from_ymd_opt(2026, 1, 15));
        assert_eq!(read("1970-01-01T01:00:00+01:00").unwrap().instant(), Some(DateTime::UNIX_EPOCH));
        let refused = read("tomorrow").unwrap_err().to_string();
        assert_eq!(refused, "this is an instant such as 2026-01-15T09:30:00Z, or a day such as 2026-01-15");
    }
}
