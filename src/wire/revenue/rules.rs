//! How is something earned? `{"product_id": "prod_…", "rule": "ratable_monthly", "valid_from": "2026-03-01"}`.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schedules::day;
use crate::domain::ids::{ProductId, RevenueRuleId};
use crate::domain::refusal::Invalid;
use crate::domain::revenue::Rule;
use crate::domain::revenue::rules::RevenueRule;

/// A rule that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChosenRule {
    /// Each day of the service period the same; so it is where nothing is said.
    RatableDaily,
    /// Each month the same; of a month that is covered in part, by days.
    RatableMonthly,
    /// At once, when it is invoiced.
    PointInTime,
    /// In the period in which it was used, when it is invoiced.
    AsUsed,
    /// As its milestones are reached: `fulfilments`. Of prices that are charged once.
    Milestone,
}

impl From<ChosenRule> for Rule {
    fn from(rule: ChosenRule) -> Rule {
        match rule {
            ChosenRule::RatableDaily => Rule::RatableDaily,
            ChosenRule::RatableMonthly => Rule::RatableMonthly,
            ChosenRule::PointInTime => Rule::PointInTime,
            ChosenRule::AsUsed => Rule::AsUsed,
            ChosenRule::Milestone => Rule::Milestone,
        }
    }
}

/// When something is earned at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleOn {
    /// When it is invoiced.
    Invoice,
    /// As it is fulfilled: `fulfilments`. Of prices that are charged once.
    Fulfilment,
}

/// Says how something is earned.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"price_code": "support", "rule": "ratable_monthly"}))]
pub struct NewRevenueRule {
    /// Of this product; of every one when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub product_id: Option<ProductId>,
    /// Of prices with this code; of every one when left out.
    #[serde(default)]
    pub price_code: Option<String>,
    pub rule: ChosenRule,
    /// Of `point_in_time`.
    #[serde(default)]
    pub on: Option<RuleOn>,
    /// From this day on; today when left out.
    #[serde(default)]
    pub valid_from: Option<String>,
}

impl NewRevenueRule {
    /// The rule.
    #[must_use]
    pub fn rule(&self) -> Rule {
        match self.on {
            Some(RuleOn::Fulfilment) => Rule::OnFulfilment,
            Some(RuleOn::Invoice) | None => self.rule.into(),
        }
    }

    /// The day.
    ///
    /// # Errors
    /// It is none; `on` belongs to another rule.
    pub fn checked(&self) -> Result<Option<NaiveDate>, Invalid> {
        if self.on.is_some() && self.rule != ChosenRule::PointInTime {
            return Err(Invalid::one(
                "/on",
                "rule_does_not_fit",
                "`on` belongs to point_in_time: leave it out",
            ));
        }
        day(self.valid_from.as_deref(), "/valid_from")
    }
}

/// How something is earned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RevenueRule)]
pub struct ShownRule {
    #[schema(value_type = String, example = "rrule_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: RevenueRuleId,
    #[schema(value_type = Option<String>)]
    pub product_id: Option<ProductId>,
    pub price_code: Option<String>,
    #[schema(example = "ratable_monthly")]
    pub rule: &'static str,
    /// Of `point_in_time`: `invoice` or `fulfilment`.
    #[schema(example = json!(null))]
    pub on: Option<&'static str>,
    pub valid_from: NaiveDate,
    pub created_at: DateTime<Utc>,
}

impl From<RevenueRule> for ShownRule {
    fn from(rule: RevenueRule) -> ShownRule {
        let (name, on) = match rule.rule {
            Rule::PointInTime => ("point_in_time", Some("invoice")),
            Rule::OnFulfilment => ("point_in_time", Some("fulfilment")),
            other => (other.into_str(), None),
        };
        ShownRule {
            id: rule.id,
            product_id: rule.product_id,
            price_code: rule.price_code,
            rule: name,
            on,
            valid_from: rule.valid_from,
            created_at: rule.created_at,
        }
    }
}

/// Your rules, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RevenueRules {
    pub data: Vec<ShownRule>,
}
