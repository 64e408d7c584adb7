//! How is a budget written? `{"subscription_id": …, "limit": "500.00", "alert_percents": ["80", "100"], "invoice_at": "200.00"}`.
//!
//! What is on this shelf, what is not, and its laws: [`domain::budgets`](crate::domain::budgets).

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::amounts::DecimalText;
use crate::domain::budgets as domain;
use crate::domain::fields::{Faults, below};
use crate::domain::ids::{BudgetId, CustomerId, MeterId, SubscriptionId};
use crate::domain::refusal::Invalid;

/// A new budget for the usage of a subscription.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"subscription_id": "sub_01jgejp8g0e3q9k0v6z4t1x2y3", "limit": "500.00",
    "alert_percents": ["80", "100"], "hard_cap": true, "invoice_at": "200.00"}))]
pub struct NewBudget {
    #[schema(value_type = String)]
    pub subscription_id: SubscriptionId,
    /// Count what this meter measures, in its units, instead of what usage costs, in the subscription's currency.
    #[schema(value_type = Option<String>)]
    pub meter_id: Option<MeterId>,
    /// Of a period of the subscription.
    #[schema(value_type = Option<String>, example = "500.00")]
    pub limit: Option<DecimalText>,
    /// Shares of the limit at which `budget.alert` is emitted, once a period each.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub alert_percents: Vec<DecimalText>,
    /// Values at which `budget.alert` is emitted, once a period each.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub alerts_at: Vec<DecimalText>,
    /// Metered features are no longer allowed in a period whose limit is reached.
    #[serde(default)]
    pub hard_cap: bool,
    /// Usage is invoiced within the period as soon as so much of it is not billed yet; the period's end bills the rest.
    #[schema(value_type = Option<String>, example = "200.00")]
    pub invoice_at: Option<DecimalText>,
}

impl NewBudget {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<domain::BudgetDraft, Invalid> {
        let mut faults = Faults::none();
        let mut number = |text: &Option<DecimalText>, at: &str| text.as_ref()?.read(at, &mut faults);
        let (limit, invoice_at) = (number(&self.limit, "/limit"), number(&self.invoice_at, "/invoice_at"));
        let alert_percents = read_all(&self.alert_percents, "/alert_percents", &mut faults);
        let alerts_at = read_all(&self.alerts_at, "/alerts_at", &mut faults);
        faults.into_result()?;
        Ok(domain::BudgetDraft {
            subscription_id: self.subscription_id,
            meter_id: self.meter_id,
            limit,
            alert_percents,
            alerts_at,
            hard_cap: self.hard_cap,
            invoice_at,
        })
    }
}

fn read_all(texts: &[DecimalText], at: &str, faults: &mut Faults) -> Vec<Decimal> {
    texts.iter().enumerate().filter_map(|(n, text)| text.read(&below(at, &n.to_string()), faults)).collect()
}

/// A budget, and what was found when it was last looked at.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Budget {
    #[schema(value_type = String, example = "bud_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: BudgetId,
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    #[schema(value_type = String)]
    pub subscription_id: SubscriptionId,
    #[schema(value_type = Option<String>)]
    pub meter_id: Option<MeterId>,
    pub limit: Option<String>,
    /// Values at which an alert is emitted, rising: the percentages are made into values.
    pub alerts: Vec<String>,
    pub hard_cap: bool,
    pub invoice_at: Option<String>,
    /// What was used of the period, as last looked at: within seconds after usage came in.
    pub used: String,
    pub exhausted: bool,
    /// Null until it is looked at.
    pub period_start: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl From<domain::Budget> for Budget {
    fn from(budget: domain::Budget) -> Budget {
        let plain = |number: Decimal| number.normalize().to_string();
        Budget {
            id: budget.id,
            customer_id: budget.customer_id,
            subscription_id: budget.subscription_id,
            meter_id: budget.meter_id,
            limit: budget.limit.map(plain),
            alerts: budget.alerts.into_iter().map(plain).collect(),
            hard_cap: budget.hard_cap,
            invoice_at: budget.invoice_at.map(plain),
            used: plain(budget.seen.used),
            exhausted: budget.seen.exhausted,
            period_start: budget.seen.period_start,
            created_at: budget.created_at,
            ended_at: budget.ended_at,
        }
    }
}

/// Which budgets.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BudgetsQuery {
    /// Those of this customer.
    #[param(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
    /// Those of this subscription.
    #[param(value_type = Option<String>)]
    pub subscription_id: Option<SubscriptionId>,
}
