//! When was an invoice charged, and why then? `{"data": [{"outcome": "failed", "code": "insufficient_funds", "reason": "due"}], "next": {"at":
//! …, "reason": "retry_step", "step": 1}}`.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::ids::{GatewayAccountId, PaymentId, PaymentMethodId, RetryPolicyId};
use crate::domain::payments::declines::{self, Class};
use crate::domain::payments::retries::forecast;
use crate::domain::payments::retries::reason::Reason;
use crate::domain::payments::{self as domain, State};

/// The attempts at an invoice, and the next.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Attempts {
    /// The oldest first.
    pub data: Vec<Attempt>,
    /// Null: none is to come by itself.
    pub next: Option<NextAttempt>,
    /// Why none is to come: `exhausted`, `no_method`, `not_reached` or `not_asked`.
    #[schema(example = "exhausted")]
    pub stopped: Option<String>,
    /// When the last action of the policy is due; null: it is not, or it was taken.
    pub final_action_at: Option<DateTime<Utc>>,
    pub final_action_taken_at: Option<DateTime<Utc>>,
    /// The policy it follows since it was finalized, or since its first attempt failed when you had none before; null: what holds where you have none.
    pub policy: Option<FollowedPolicy>,
}

/// The version of a policy that an invoice follows.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FollowedPolicy {
    #[schema(value_type = String, example = "rp_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: RetryPolicyId,
    #[schema(example = 1)]
    pub version: i32,
}

/// Which of your rules of routing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FollowedRoute {
    #[schema(example = 3)]
    pub version: i32,
    /// Its place among them, from 1.
    #[schema(example = 1)]
    pub rule: u16,
}

/// An attempt.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Attempt {
    #[schema(value_type = String, example = "pay_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub payment_id: PaymentId,
    pub at: DateTime<Utc>,
    /// `processing`, `succeeded` or `failed`.
    #[schema(example = "failed")]
    pub outcome: &'static str,
    /// What kind of no it was: see the decline codes.
    #[schema(example = "insufficient")]
    pub class: Option<&'static str>,
    /// The gateway's.
    #[schema(example = "insufficient_funds")]
    pub code: Option<String>,
    pub network_code: Option<String>,
    pub advice_code: Option<String>,
    /// Why it was made then: `due`, `by_hand`, `by_hand_once`, `new_method`, `backup_method`, `retry_step`, `outage_retry`,
    /// `not_reached` or `other_gateway`.
    #[schema(example = "due")]
    pub reason: Option<&'static str>,
    /// Which step of the policy, or which try after an outage.
    pub step: Option<u16>,
    /// Why it was not made before: `advice` of the network, or a `network_limit`.
    pub put_off_by: Option<&'static str>,
    /// Why it was made before its step.
    pub forecast: Option<Forecast>,
    #[schema(value_type = Option<String>)]
    pub payment_method_id: Option<PaymentMethodId>,
    /// Why it was this one that was charged: `invoice`, `subscription` or `customer` says so, or `routing`. Null: it is one of the customer's others,
    /// or nothing was ever said but the customer's default.
    #[schema(example = "subscription")]
    pub chosen_by: Option<&'static str>,
    /// The rule of routing that led to its account.
    pub route: Option<FollowedRoute>,
    #[schema(value_type = Option<String>)]
    pub gateway_account_id: Option<GatewayAccountId>,
    pub amount: String,
    /// What its customer is told.
    pub customer_message: Option<&'static str>,
    /// `wait`, `update_payment_method`, `authenticate` or `use_another_payment_method`.
    pub next_action: Option<&'static str>,
}

/// The next attempt.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NextAttempt {
    pub at: DateTime<Utc>,
    #[schema(example = "retry_step")]
    pub reason: &'static str,
    #[schema(example = 1)]
    pub step: Option<u16>,
    pub put_off_by: Option<&'static str>,
    /// Why it is before its step.
    pub forecast: Option<Forecast>,
    /// What is charged; null: what its customer is charged by then.
    #[schema(value_type = Option<String>)]
    pub payment_method_id: Option<PaymentMethodId>,
}

/// A better time than a step's own, by what became of your own retries that were like it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Forecast {
    /// How many they were.
    #[schema(example = 412)]
    pub retries: u32,
    /// The share of them that is paid at that time.
    #[schema(value_type = String, example = "0.310")]
    pub likelihood: Decimal,
    /// And at the step's own time.
    #[schema(value_type = String, example = "0.090")]
    pub likelihood_of_step: Decimal,
}

impl From<forecast::Forecast> for Forecast {
    fn from(forecast: forecast::Forecast) -> Forecast {
        let share = |of_a_thousand: u16| Decimal::new(i64::from(of_a_thousand), 3);
        Forecast {
            retries: forecast.retries,
            likelihood: share(forecast.likelihood),
            likelihood_of_step: share(forecast.likelihood_of_step),
        }
    }
}

impl Attempt {
    /// As the API shows it.
    #[must_use]
    pub fn of(payment: &domain::Payment) -> Attempt {
        let class = payment.class();
        let chosen = payment.reason.and_then(|reason| reason.chosen);
        let code = match &payment.state {
            State::Failed { code, .. } => Some(code.clone()),
            State::Processing { .. } | State::Succeeded { .. } => None,
        };
        Attempt {
            payment_id: payment.id,
            at: payment.created_at,
            outcome: payment.state.into_str(),
            class: class.map(|class| class.into_str()),
            code,
            network_code: payment.declined.network_code.clone(),
            advice_code: payment.declined.advice_code.clone(),
            reason: payment.reason.map(|reason| reason.cause.into_str()),
            step: payment.reason.and_then(|reason| reason.step()),
            put_off_by: payment.reason.and_then(|reason| reason.put_off_by).map(|by| by.into_str()),
            forecast: payment.reason.and_then(|reason| reason.forecast).map(Forecast::from),
            payment_method_id: payment.payment_method_id,
            chosen_by: chosen.map(|chosen| chosen.name()),
            route: chosen
                .and_then(|chosen| chosen.route())
                .map(|route| FollowedRoute { version: route.version, rule: route.rule }),
            gateway_account_id: payment.gateway_account_id,
            amount: payment.amount.to_major_string(),
            customer_message: class.map(Class::customer_message),
            next_action: class.map(Class::next_action),
        }
    }
}

impl NextAttempt {
    /// As the API shows it.
    #[must_use]
    pub fn of(at: DateTime<Utc>, reason: Reason, payment_method_id: Option<PaymentMethodId>) -> NextAttempt {
        NextAttempt {
            at,
            reason: reason.cause.into_str(),
            step: reason.step(),
            put_off_by: reason.put_off_by.map(|by| by.into_str()),
            forecast: reason.forecast.map(Forecast::from),
            payment_method_id,
        }
    }
}

/// What declines mean.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DeclineCodes {
    pub classes: Vec<DeclineClass>,
    /// The row that says the most of a decline wins; of two that say as much, the stricter.
    pub data: Vec<DeclineCode>,
}

/// A kind of decline.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DeclineClass {
    #[schema(example = "insufficient")]
    pub class: &'static str,
    /// Whether the same payment method is tried again by itself.
    pub retried: bool,
    pub customer_message: &'static str,
    #[schema(example = "wait")]
    pub next_action: &'static str,
}

/// A row of the table of declines; a field that is null says nothing.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DeclineCode {
    pub gateway: Option<&'static str>,
    #[schema(example = "insufficient_funds")]
    pub code: Option<&'static str>,
    pub network_code: Option<&'static str>,
    pub advice_code: Option<&'static str>,
    #[schema(example = "insufficient")]
    pub class: &'static str,
    /// For so long it is not tried again.
    pub wait_hours: Option<i64>,
    pub source: &'static str,
}

impl DeclineCodes {
    /// The whole table.
    #[must_use]
    pub fn all() -> DeclineCodes {
        use strum::VariantArray;
        let class = |class: &Class| DeclineClass {
            class: class.into_str(),
            retried: !class.ends_method(),
            customer_message: class.customer_message(),
            next_action: class.next_action(),
        };
        let row = |row: &declines::Row| DeclineCode {
            gateway: row.gateway,
            code: row.code,
            network_code: row.network_code,
            advice_code: row.advice_code,
            class: row.class.into_str(),
            wait_hours: row.wait_hours,
            source: row.source,
        };
        DeclineCodes {
            classes: Class::VARIANTS.iter().map(class).collect(),
            data: declines::rows().iter().map(row).collect(),
        }
    }
}
