//! How are rates of exchange written? `{"base": "EUR", "quote": "USD", "date": "2026-03-20", "rate": "1.0876", "source": "ecb", …}`: one euro
//! was 1.0876 dollars.
//!
//! What is on this shelf, what is not, and its laws: [`domain::fx`](crate::domain::fx).

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::fields::Faults;
use crate::domain::fx::book::{Found, Pair, Way};
use crate::domain::fx::{MANUAL, Quote, Rate};
use crate::domain::ids::ExchangeRateId;
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::refusal::Invalid;
use crate::wire::amounts::DecimalText;
use crate::wire::mirror::mirror;
use crate::wire::times::YEARS;

/// A rate of your own: how much of `quote` one unit of `base` is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"base": "USD", "quote": "EUR", "date": "2026-03-20", "rate": "0.9195", "source": "our bank"}))]
pub struct NewExchangeRate {
    /// ISO 4217.
    pub base: String,
    /// ISO 4217.
    pub quote: String,
    pub date: NaiveDate,
    /// Above zero, with at most 12 decimals.
    #[schema(value_type = String, example = "0.9195")]
    pub rate: DecimalText,
    /// Who says so; `manual` when left out.
    pub source: Option<String>,
}

impl NewExchangeRate {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<Quote, Invalid> {
        let mut faults = Faults::none();
        let base = currency("/base", Some(&self.base), &mut faults);
        let quote = currency("/quote", Some(&self.quote), &mut faults);
        let value = self.rate.read("/rate", &mut faults);
        check_day("/date", Some(self.date), &mut faults);
        faults.into_result()?;
        let source = self.source.clone().unwrap_or_else(|| MANUAL.to_owned());
        match (base, quote, value) {
            (Some(base), Some(quote), Some(value)) => {
                Ok(Quote { base, quote, date: self.date, value, source })
            }
            _ => Err(Invalid { errors: Vec::new() }),
        }
    }
}

fn currency(pointer: &str, code: Option<&str>, faults: &mut Faults) -> Option<Currency> {
    faults.keep(pointer, "unknown_currency", Currency::parse(code?))
}

fn check_day(pointer: &str, day: Option<NaiveDate>, faults: &mut Faults) {
    if day.is_some_and(|day| !YEARS.contains(&day.year())) {
        let detail = format_args!("a day is from the year {} to {}", YEARS.start(), YEARS.end());
        faults.add(pointer, "date_out_of_range", detail);
    }
}

/// What one currency was in another: one unit of `base` was `rate` of `quote`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExchangeRate {
    #[schema(value_type = String, example = "fxrate_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: ExchangeRateId,
    #[schema(example = "EUR")]
    pub base: &'static str,
    #[schema(example = "USD")]
    pub quote: &'static str,
    pub date: NaiveDate,
    #[schema(example = "1.0876")]
    pub rate: String,
    /// `ecb`: the European Central Bank published it. Else it is your own.
    #[schema(example = "ecb")]
    pub source: String,
    /// From when on it is used. Of several of one pair and day, the one recorded last is.
    pub recorded_at: DateTime<Utc>,
}

impl From<Rate> for ExchangeRate {
    fn from(rate: Rate) -> ExchangeRate {
        ExchangeRate {
            id: rate.id,
            base: rate.quote.base.code(),
            quote: rate.quote.quote.code(),
            date: rate.quote.date,
            rate: rate.quote.value.normalize().to_string(),
            source: rate.quote.source,
            recorded_at: rate.recorded_at,
        }
    }
}

/// As a table shows it: `1 EUR = 1.0876 USD`.
impl fmt::Display for ExchangeRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1 {} = {} {}", self.base, self.rate, self.quote)
    }
}

/// Whose rates a list has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RatesOf {
    /// Those you recorded.
    #[default]
    Own,
    /// Those of the European Central Bank, the same for all.
    Ecb,
}

/// Which rates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExchangeRatesFilter {
    /// `own`, those you recorded; `ecb`, those of the European Central Bank.
    #[serde(default)]
    #[param(inline, default = "own")]
    pub source: RatesOf,
    /// Only of this base currency: ISO 4217.
    pub base: Option<String>,
    /// Only of this quote currency: ISO 4217.
    pub quote: Option<String>,
    /// Only of this day.
    pub date: Option<NaiveDate>,
}

impl ExchangeRatesFilter {
    /// The base and quote currencies.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn currencies(&self) -> Result<[Option<Currency>; 2], Invalid> {
        let mut faults = Faults::none();
        let base = currency("/query/base", self.base.as_deref(), &mut faults);
        let quote = currency("/query/quote", self.quote.as_deref(), &mut faults);
        check_day("/query/date", self.date, &mut faults);
        faults.into_result().map(|()| [base, quote])
    }
}

/// From which currency to which, when.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LookupQuery {
    /// ISO 4217.
    pub from: String,
    /// ISO 4217.
    pub to: String,
    /// The day on which the rate is to hold, in your time zone; left out: today.
    pub date: Option<NaiveDate>,
    /// As the rates were known at this moment; left out: as they are known.
    pub as_of: Option<DateTime<Utc>>,
    /// An amount of `from` to be converted.
    #[param(example = "10.00")]
    pub amount: Option<String>,
}

impl LookupQuery {
    /// The pair, and the amount.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn read(&self) -> Result<(Pair, Option<Money>), Invalid> {
        let mut faults = Faults::none();
        let from = currency("/query/from", Some(&self.from), &mut faults);
        let to = currency("/query/to", Some(&self.to), &mut faults);
        check_day("/query/date", self.date, &mut faults);
        check_day("/query/as_of", self.as_of.map(|at| at.date_naive()), &mut faults);
        let amount = from.zip(self.amount.as_deref());
        let amount = amount.and_then(|(from, text)| {
            faults.keep("/query/amount", "bad_amount", Money::parse_major(text, from))
        });
        faults.into_result()?;
        let pair = from.zip(to).map(|(from, to)| Pair { from, to });
        pair.map(|pair| (pair, amount)).ok_or(Invalid { errors: Vec::new() })
    }
}

mirror! {
    /// How was a rate found?
    pub enum LookupWay = Way {
        Same,
        Direct,
        Inverse,
        Cross,
    }
}

/// The rate that holds on a day: one unit of `from` is `rate` of `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExchangeRateLookup {
    #[schema(example = "USD")]
    pub from: &'static str,
    #[schema(example = "EUR")]
    pub to: &'static str,
    /// The day it holds on.
    pub date: NaiveDate,
    /// To be shown, with at most twelve digits: amounts are converted by `rates`, and rounded once.
    #[schema(example = "0.919455682236")]
    pub rate: String,
    /// The day it is of, the older one by way of the euro; null between a currency and itself.
    pub rate_date: Option<NaiveDate>,
    /// `direct`, a rate of the pair; `inverse`, one over a rate of the pair the other way round; `cross`, by way of the euro; `same`.
    pub way: LookupWay,
    /// The rates it is made of, none to two.
    pub rates: Vec<ExchangeRate>,
    /// The amount in `to`, rounded to its decimals, half away from zero; null without an amount.
    #[schema(example = "9.19")]
    pub converted: Option<String>,
}

impl ExchangeRateLookup {
    /// What was found for a day, with an amount converted.
    ///
    /// # Errors
    /// The amount does not fit.
    pub fn of(
        (pair, date): (Pair, NaiveDate),
        found: Found,
        amount: Option<Money>,
    ) -> Result<ExchangeRateLookup, MoneyError> {
        let converted = amount.map(|amount| found.ratio.convert(amount, pair.to)).transpose()?;
        Ok(ExchangeRateLookup {
            from: pair.from.code(),
            to: pair.to.code(),
            date,
            rate: found.ratio.shown()?.to_string(),
            rate_date: found.date(),
            way: found.way.into(),
            rates: found.legs.into_iter().map(|leg| ExchangeRate::from(leg.rate)).collect(),
            converted: converted.map(Money::to_major_string),
        })
    }
}
