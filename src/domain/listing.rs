//! Which rows of a list are wanted, and in which order? Conditions that all hold, and what it is sorted by: `issued_at` up to 31 January, as a day of
//! Berlin, is `issued_at` below 2026-01-31T23:00:00Z.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::calendar::{CalendarError, Zone};

/// What a field of a row is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Day(NaiveDate),
    Instant(DateTime<Utc>),
    /// In major units of whatever currency the row has.
    Amount(Decimal),
    Text(String),
    Id(Uuid),
    Flag(bool),
    Whole(i64),
    /// Series and sequence numbers that a printed number may stand for.
    Numbers(Vec<(String, i64)>),
    /// A key of the metadata and its value.
    Entry(String, String),
    Search(Search),
}

/// Words to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// As they were written.
    pub text: String,
    /// Each in small pieces, without punctuation.
    pub words: Vec<String>,
    /// Series and sequence numbers that the text may be, printed.
    pub numbers: Vec<(String, i64)>,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Above,
    From,
    Below,
    UpTo,
}

/// What must be true of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// It is one of these.
    Is(Vec<Value>),
    Compared(Comparison, Value),
}

/// A field and what must be true of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub field: &'static str,
    pub test: Test,
}

/// What a list is sorted by; rows without it are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    pub field: &'static str,
    pub descending: bool,
}

/// The order in which rows came to be.
pub const CREATED: &str = "created";

impl Order {
    /// The newest first.
    pub const NEWEST: Order = Order { field: CREATED, descending: true };
}

/// Which rows, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub conditions: Vec<Condition>,
    pub order: Order,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Rows at most.
    pub limit: u16,
    pub start: Start,
}

/// The row a part begins at: the values of what the list is sorted by, its id the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    First,
    After(Vec<Value>),
    Before(Vec<Value>),
}

impl Part {
    /// Whether it is read against the order.
    #[must_use]
    pub fn is_upwards(&self) -> bool {
        matches!(self.start, Start::Before(_))
    }
}

impl Wanted {
    /// Those with this id in a field, the newest first.
    #[must_use]
    pub fn of(field: &'static str, id: Uuid) -> Wanted {
        let condition = Condition { field, test: Test::Is(vec![Value::Id(id)]) };
        Wanted { conditions: vec![condition], order: Order::NEWEST }
    }

    /// The same, with what is said of days where the field is an instant as instants of this zone.
    ///
    /// # Errors
    /// A day that no calendar knows.
    pub fn in_zone(self, zone: Zone, is_instant: impl Fn(&str) -> bool) -> Result<Wanted, CalendarError> {
        let mut conditions = Vec::with_capacity(self.conditions.len());
        for condition in self.conditions {
            match is_instant(condition.field) {
                true => conditions.extend(condition.in_zone(zone)?),
                false => conditions.push(condition),
            }
        }
        Ok(Wanted { conditions, ..self })
    }
}

impl Condition {
    fn in_zone(self, zone: Zone) -> Result<Vec<Condition>, CalendarError> {
        let field = self.field;
        let begun = |day: NaiveDate| zone.day_start(day);
        let over = |day: NaiveDate| zone.day_start(day.succ_opt().unwrap_or(day));
        let compared = |how, at| Condition { field, test: Test::Compared(how, Value::Instant(at)) };
        Ok(match self.test {
            Test::Compared(Comparison::From, Value::Day(day)) => {
                vec![compared(Comparison::From, begun(day)?)]
            }
            Test::Compared(Comparison::Above, Value::Day(day)) => {
                vec![compared(Comparison::From, over(day)?)]
            }
            Test::Compared(Comparison::Below, Value::Day(day)) => {
                vec![compared(Comparison::Below, begun(day)?)]
            }
            Test::Compared(Comparison::UpTo, Value::Day(day)) => {
                vec![compared(Comparison::Below, over(day)?)]
            }
            Test::Is(values) => match values.as_slice() {
                [Value::Day(day)] => {
                    vec![compared(Comparison::From, begun(*day)?), compared(Comparison::Below, over(*day)?)]
                }
                _ => vec![Condition { field, test: Test::Is(values) }],
            },
            test @ Test::Compared(..) => vec![Condition { field, test }],
        })
    }
}

/// The words of a text, without its ASCII punctuation: `billing@acme.example` is three.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let pieces = text.split(|c: char| c.is_whitespace() || c.is_control() || c.is_ascii_punctuation());
    pieces.filter(|piece| !piece.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instants(test: Test) -> Vec<String> {
        let wanted =
            Wanted { conditions: vec![Condition { field: "issued_at", test }], order: Order::NEWEST };
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        let shown = |condition: Condition| match condition.test {
            Test::Compared(how, Value::Instant(at)) => format!("{how:?} {}", at.to_rfc3339()),
            other => format!("{other:?}"),
        };
        wanted.in_zone(berlin, |_| true).unwrap().conditions.into_iter().map(shown).collect()
    }

    #[test]
    fn a_day_of_an_instant_is_a_day_of_the_zone() {
        let day = || Value::Day(NaiveDate::from_ymd_opt(2026, 1, 31).unwrap());
        assert_eq!(instants(Test::Compared(Comparison::From, day())), ["From 2026-01-30T23:00:00+00:00"]);
        assert_eq!(instants(Test::Compared(Comparison::UpTo, day())), ["Below 2026-01-31T23:00:00+00:00"]);
        assert_eq!(instants(Test::Compared(Comparison::Above, day())), ["From 2026-01-31T23:00:00+00:00"]);
        assert_eq!(instants(Test::Compared(Comparison::Below, day())), ["Below 2026-01-30T23:00:00+00:00"]);
        assert_eq!(
            instants(Test::Is(vec![day()])),
            ["From 2026-01-30T23:00:00+00:00", "Below 2026-01-31T23:00:00+00:00"]
        );
    }

    #[test]
    fn words_have_no_punctuation() {
        assert_eq!(
            words("Müller & Söhne, billing@acme.example"),
            ["Müller", "Söhne", "billing", "acme", "example"]
        );
        assert_eq!(words(" -- "), [""; 0]);
    }
}
