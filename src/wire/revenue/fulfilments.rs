//! How is it said that something is fulfilled? `{"invoice_line_id": "inv_…-1", "percent": "40", "at": "2026-03-20T09:00:00Z", "evidence": "note 7"}`.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::fields::{Faults, TEXT_LENGTH};
use crate::domain::ids::{FulfilmentId, IdError, InvoiceId, LineId};
use crate::domain::refusal::Invalid;
use crate::domain::revenue::fulfilment::{self as domain, Part};
use crate::wire::amounts::DecimalText;

/// Says that something of a line is fulfilled: so much `percent` of it, or so much of its `quantity`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"invoice_line_id": "inv_01jgejp8g0e3q9k0v6z4t1x2y3-1", "percent": "40", "evidence": "delivery note 7"}))]
pub struct NewFulfilment {
    /// The line: its invoice's id and its number.
    pub invoice_line_id: String,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub percent: Option<DecimalText>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub quantity: Option<DecimalText>,
    /// Which milestone is reached; of a line that is earned by milestones.
    #[serde(default)]
    pub milestone: Option<String>,
    /// When; now when left out.
    #[serde(default)]
    pub at: Option<DateTime<Utc>>,
    /// What proves it: up to 1000 characters.
    #[serde(default)]
    pub evidence: Option<String>,
}

impl NewFulfilment {
    /// The line.
    ///
    /// # Errors
    /// It is no id of one.
    pub fn line(&self) -> Result<LineId, Invalid> {
        self.invoice_line_id.parse().map_err(|e: IdError| Invalid::one("/invoice_line_id", "bad_value", e))
    }

    /// How much.
    ///
    /// # Errors
    /// It is no number; neither is given, or both are; a text is too long.
    pub fn part(&self) -> Result<Result<Part, domain::Refused>, Invalid> {
        let mut faults = Faults::none();
        for (pointer, text) in [("/milestone", &self.milestone), ("/evidence", &self.evidence)] {
            if let Some(text) = text {
                faults.check_text(pointer, text, TEXT_LENGTH);
            }
        }
        let percent = self.percent.as_ref().map(|text| text.read("/percent", &mut faults));
        let quantity = self.quantity.as_ref().map(|text| text.read("/quantity", &mut faults));
        faults.into_result()?;
        Ok(match (percent.flatten(), quantity.flatten()) {
            (Some(percent), None) => Ok(Part::Percent(percent)),
            (None, Some(quantity)) => Ok(Part::Quantity(quantity)),
            _ => Err(domain::Refused::PercentOrQuantity),
        })
    }
}

/// Says that it was not so.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "it was sent back"}))]
pub struct ReverseFulfilment {
    /// Why.
    pub reason: String,
}

/// That something of a line is fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Fulfilment)]
pub struct Fulfilment {
    #[schema(value_type = String, example = "ful_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: FulfilmentId,
    pub invoice_line_id: String,
    #[schema(example = "40")]
    pub percent: Option<String>,
    pub quantity: Option<String>,
    pub milestone: Option<String>,
    pub at: DateTime<Utc>,
    /// The day on which it is earned: that of `at`, or the first that was open then.
    pub fulfilled_on: NaiveDate,
    pub evidence: Option<String>,
    pub created_at: DateTime<Utc>,
    pub reversed_at: Option<DateTime<Utc>>,
    /// The day on which what was earned is taken back.
    pub reversed_on: Option<NaiveDate>,
    /// Why.
    pub reversed_because: Option<String>,
}

impl From<domain::Fulfilment> for Fulfilment {
    fn from(one: domain::Fulfilment) -> Fulfilment {
        let (percent, quantity) = match one.part {
            Part::Percent(amount) => (Some(amount.normalize().to_string()), None),
            Part::Quantity(amount) => (None, Some(amount.normalize().to_string())),
        };
        Fulfilment {
            id: one.id,
            invoice_line_id: one.line.to_string(),
            percent,
            quantity,
            milestone: one.milestone,
            at: one.at,
            fulfilled_on: one.fulfilled_on,
            evidence: one.evidence,
            created_at: one.created_at,
            reversed_at: one.reversed.as_ref().map(|reversed| reversed.at),
            reversed_on: one.reversed.as_ref().map(|reversed| reversed.on),
            reversed_because: one.reversed.map(|reversed| reversed.because),
        }
    }
}

/// Which of them.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FulfilmentsQuery {
    /// Of the lines of this invoice.
    #[param(value_type = Option<String>)]
    pub invoice_id: Option<InvoiceId>,
}
