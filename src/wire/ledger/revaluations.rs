//! How is a revaluation written? `{"as_of": "2026-03-31", "functional_currency": "EUR", "gain": "3.00", "lines": […], "postings": […]}`.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::{EntityId, RevaluationId};
use crate::domain::ledger::revaluation as domain;
use crate::domain::refusal::Invalid;
use crate::wire::times::YEARS;

/// Of which entity, and which day.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"as_of": "2026-03-31"}))]
pub struct NewRevaluation {
    /// May be left out while there is one.
    #[schema(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    /// The last day of the period, in your time zone.
    pub as_of: NaiveDate,
}

impl NewRevaluation {
    /// The day, when it is one the books can have.
    ///
    /// # Errors
    /// `date_out_of_range`.
    pub fn day(&self) -> Result<NaiveDate, Invalid> {
        if YEARS.contains(&self.as_of.year()) {
            return Ok(self.as_of);
        }
        let detail = format!("`as_of` is from the year {} to {}", YEARS.start(), YEARS.end());
        Err(Invalid::one("/as_of", "date_out_of_range", detail))
    }
}

/// Which revaluations.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RevaluationsFilter {
    /// Of this legal entity.
    #[param(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
}

/// What an entity held and owed in foreign currencies at the end of a day, at the rates of that day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "reval_01jgejp8g0e3q9k0v6z4t1x2y3", "entity_id": "ent_01jgejp8g0e3q9k0v6z4t1x2y3", "as_of": "2026-03-31",
    "functional_currency": "EUR", "gain": "3.00",
    "lines": [{"account": "accounts_receivable", "currency": "USD", "amount": "100.00", "carried": "90.00", "rate": "0.93",
        "rate_date": "2026-03-31", "worth": "93.00", "difference": "3.00"}],
    "postings": [
        {"effective_on": "2026-03-31", "debit": "accounts_receivable", "credit": "fx_gain_loss_unrealised", "amount": "3.00"},
        {"effective_on": "2026-04-01", "debit": "fx_gain_loss_unrealised", "credit": "accounts_receivable", "amount": "3.00"}],
    "created_at": "2026-04-01T00:00:00Z"
}))]
pub struct LedgerRevaluation {
    /// Null in a preview.
    #[schema(value_type = Option<String>)]
    pub id: Option<RevaluationId>,
    #[schema(value_type = String)]
    pub entity_id: EntityId,
    pub as_of: NaiveDate,
    /// Of the entity's books.
    pub functional_currency: &'static str,
    /// Of all lines; a loss is below zero.
    pub gain: String,
    pub lines: Vec<RevaluedPosition>,
    /// In the functional currency: on the day, and taken back the day after.
    pub postings: Vec<RevaluationPosting>,
    pub created_at: DateTime<Utc>,
}

/// What is on an account in a foreign currency. What is owed is below zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RevaluedPosition {
    pub account: &'static str,
    pub currency: &'static str,
    pub amount: String,
    /// In the functional currency, at the rates at which it came.
    pub carried: String,
    /// How much of the functional currency one unit is, with twelve digits to look at.
    pub rate: String,
    pub rate_date: NaiveDate,
    /// In the functional currency, at that rate.
    pub worth: String,
    /// By how much it is worth more.
    pub difference: String,
}

/// An amount moved in the functional currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RevaluationPosting {
    pub effective_on: NaiveDate,
    pub debit: &'static str,
    pub credit: &'static str,
    /// Above zero.
    pub amount: String,
}

impl From<domain::Revaluation> for LedgerRevaluation {
    fn from(revaluation: domain::Revaluation) -> LedgerRevaluation {
        let position = |line: &domain::Line| RevaluedPosition {
            account: line.account.into_str(),
            currency: line.amount.currency().code(),
            amount: line.amount.to_major_string(),
            carried: line.carried.to_major_string(),
            rate: line.rate.to_string(),
            rate_date: line.rate_date,
            worth: line.worth.to_major_string(),
            difference: line.difference().to_major_string(),
        };
        let posting = |posting: domain::Posting| RevaluationPosting {
            effective_on: posting.effective_on,
            debit: posting.debit.into_str(),
            credit: posting.credit.into_str(),
            amount: posting.amount.to_major_string(),
        };
        LedgerRevaluation {
            id: Some(revaluation.id),
            entity_id: revaluation.entity_id,
            as_of: revaluation.as_of,
            functional_currency: revaluation.currency.code(),
            gain: revaluation.gain().to_major_string(),
            lines: revaluation.lines.iter().map(position).collect(),
            postings: revaluation.postings().into_iter().map(posting).collect(),
            created_at: revaluation.created_at,
        }
    }
}
