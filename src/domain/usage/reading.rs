//! What does a meter read off an event? Nothing when a filter does not let it pass; else a value, its dimensions, and what it costs by its own word.
//!
//! `{"tokens": 4808, "model": "large"}` under a sum of `tokens` by `model`: 4,808 for (`large`).

use super::data::{Data, Member};
use super::exact::Exact;
use super::refused::Refused;
use super::{Aggregation, Meter};
use crate::domain::fields::below;

/// Longest values of all dimensions together, in bytes of their JSON: they stand in an index.
pub const DIMENSIONS_LENGTH: usize = 1_000;
/// Longest value that is counted as one of the different ones, in bytes.
pub const UNIQUE_LENGTH: usize = 500;
/// Held for years, a value of 128 bits must not grow beyond them: at most 10^12.
const HELD: Exact = Exact::from_trillionths(1_000_000_000_000_000_000_000_000);

/// What one event adds to a meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Zero where the meter counts.
    pub value: Exact,
    /// The word of which the different ones are counted.
    pub unique: Option<String>,
    /// What the event costs by its own word; zero without a `price_property`.
    pub priced: Exact,
    /// The values of the dimensions as a JSON array of texts, empty texts where the event has none: `["large","eu"]`.
    pub dimensions: String,
}

/// The values of dimensions, from their JSON; none when it cannot be read.
#[must_use]
pub fn dimension_values(dimensions: &str) -> Vec<String> {
    serde_json::from_str(dimensions).unwrap_or_default()
}

impl Meter {
    /// Reads an event of the meter's type; `None` when a filter does not let it pass.
    ///
    /// # Errors
    /// [`Refused`] naming the member of `data` that cannot be measured.
    pub fn read(&self, data: &Data) -> Result<Option<Reading>, Refused> {
        let passes = self.filters.iter().all(|filter| {
            let word = data.member(&filter.property).and_then(Member::word);
            word.is_some_and(|word| filter.values.iter().any(|value| value == word))
        });
        if !passes {
            return Ok(None);
        }
        let (mut value, mut unique) = (Exact::ZERO, None);
        match (self.aggregation, &self.value_property) {
            (Aggregation::Count, _) | (_, None) => {}
            (Aggregation::UniqueCount, Some(name)) => unique = Some(word(data, name)?),
            (_, Some(name)) => value = number(data, name)?,
        }
        if self.aggregation == Aggregation::WeightedSum
            && (value > HELD || value < HELD.times(-1).unwrap_or_default())
        {
            let at = below("/data", self.value_property.as_deref().unwrap_or_default());
            return Err(Refused::at(
                at,
                "absurd_number",
                "a value that is held is at most 1000000000000 (10^12)",
            ));
        }
        let priced = self.price_property.as_deref().map_or(Ok(Exact::ZERO), |name| number(data, name))?;
        Ok(Some(Reading { value, unique, priced, dimensions: self.dimensions_of(data)? }))
    }

    fn dimensions_of(&self, data: &Data) -> Result<String, Refused> {
        if self.dimensions.is_empty() {
            return Ok("[]".to_owned());
        }
        let mut words = Vec::with_capacity(self.dimensions.len());
        for name in &self.dimensions {
            words.push(match data.member(name) {
                None | Some(Member::Null) => "",
                Some(Member::Nested(_)) => return Err(no_word(name)),
                Some(member) => member.word().unwrap_or_default(),
            });
        }
        let json = serde_json::to_string(&words).unwrap_or_default();
        if json.len() > DIMENSIONS_LENGTH {
            let at = below("/data", self.dimensions.first().map_or("", String::as_str));
            let detail =
                format!("the values of a meter's dimensions have at most {DIMENSIONS_LENGTH} bytes together");
            return Err(Refused::at(at, "too_long", detail));
        }
        Ok(json)
    }
}

fn no_word(name: &str) -> Refused {
    Refused::at(below("/data", name), "not_a_word", "a text, a number, true or false belongs here")
}

fn missing(name: &str) -> Refused {
    let detail = format!("a meter of this type of event measures {name:?}, and the data has none");
    Refused::at(below("/data", name), "missing_value", detail)
}

fn word(data: &Data, name: &str) -> Result<String, Refused> {
    let member = data.member(name).filter(|member| **member != Member::Null).ok_or_else(|| missing(name))?;
    let word = member.word().ok_or_else(|| no_word(name))?;
    if word.len() > UNIQUE_LENGTH {
        let detail =
            format!("a value of which the different ones are counted has at most {UNIQUE_LENGTH} bytes");
        return Err(Refused::at(below("/data", name), "too_long", detail));
    }
    Ok(word.to_owned())
}

fn number(data: &Data, name: &str) -> Result<Exact, Refused> {
    use super::exact::NotExact;
    let text = match data.member(name) {
        None | Some(Member::Null) => return Err(missing(name)),
        Some(Member::Text(text) | Member::Number(text)) => text,
        Some(Member::Truth(_) | Member::Nested(_)) => {
            return Err(Refused::at(below("/data", name), "not_a_number", NotExact::NotANumber));
        }
    };
    Exact::parse(text).map_err(|error| {
        let code = match error {
            NotExact::NotANumber => "not_a_number",
            NotExact::Absurd => "absurd_number",
        };
        Refused::at(below("/data", name), code, error)
    })
}
