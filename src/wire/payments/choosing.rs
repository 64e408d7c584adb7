//! What is charged, where, and how is it tried again? `{"payment_method_id": "pm_…", "retry_policy_id": "rp_…"}` of a subscription;
//! `{"rules": [{"currencies": ["EUR"], "accounts": [{"gateway_account_id": "ga_…", "weight": 70}, …]}]}` of a tenant.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::fields::Faults;
use crate::domain::ids::{GatewayAccountId, PaymentMethodId, RetryPolicyId};
use crate::domain::money::Currency;
use crate::domain::payments::preferences as domain;
use crate::domain::payments::routing::{self, Rulebook};
use crate::domain::refusal::Invalid;
use crate::wire::patch::given;

/// What is charged for something, and by which policy what failed is tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaymentPreferences {
    /// Null: it says nothing. Of a customer always null: see its `default_payment_method_id`.
    #[schema(value_type = Option<String>, example = "pm_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub payment_method_id: Option<PaymentMethodId>,
    /// Null: it says nothing. Of an invoice always null: see the `policy` of its attempts.
    #[schema(value_type = Option<String>)]
    pub retry_policy_id: Option<RetryPolicyId>,
}

impl From<domain::Preferences> for PaymentPreferences {
    fn from(said: domain::Preferences) -> PaymentPreferences {
        PaymentPreferences {
            payment_method_id: said.payment_method_id,
            retry_policy_id: said.retry_policy_id,
        }
    }
}

/// What a customer says anew; null takes it away.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"retry_policy_id": "rp_01jgejp8g0e3q9k0v6z4t1x2y3"}))]
pub struct CustomerPreferencesPatch {
    /// For all that it pays and that is finalized from now on.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub retry_policy_id: Option<Option<RetryPolicyId>>,
}

/// What a subscription says anew; what is left out stays, null takes it away.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"payment_method_id": "pm_01jgejp8g0e3q9k0v6z4t1x2y3"}))]
pub struct SubscriptionPreferencesPatch {
    /// Of its customer, or of who pays for it. What failed is tried with it at once.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub payment_method_id: Option<Option<PaymentMethodId>>,
    /// For what is finalized from now on.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub retry_policy_id: Option<Option<RetryPolicyId>>,
}

/// What an invoice says anew; null takes it away.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"payment_method_id": "pm_01jgejp8g0e3q9k0v6z4t1x2y3"}))]
pub struct InvoicePreferencesPatch {
    /// Of its customer. When it failed it is tried with it at once.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub payment_method_id: Option<Option<PaymentMethodId>>,
}

/// A part of the invoices of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutedAccount {
    #[schema(value_type = String, example = "ga_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub gateway_account_id: GatewayAccountId,
    /// Of the sum of all weights of the rule; 1 when left out. 0: only when another one's gateway is not there.
    #[serde(default = "one")]
    #[schema(example = 70, minimum = 0, maximum = 10_000)]
    pub weight: u32,
}

fn one() -> u32 {
    1
}

/// Which invoices, and at which accounts they are charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingRule {
    pub name: Option<String>,
    /// ISO 4217; each when left out.
    #[serde(default)]
    pub currencies: Vec<String>,
    /// Of the customer's address, ISO 3166-1; each when left out.
    #[serde(default)]
    pub countries: Vec<String>,
    /// What is due is at least so much, in major units of the rule's one currency.
    #[schema(value_type = Option<String>, example = "100.00")]
    pub amount_from: Option<Decimal>,
    /// And less than this.
    #[schema(value_type = Option<String>)]
    pub amount_below: Option<Decimal>,
    /// Each invoice has one of them by their weights, always the same; the others are tried, in this order, when its gateway is not there.
    pub accounts: Vec<RoutedAccount>,
}

/// All rules that are to hold from now on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"rules": [{"name": "Euro", "currencies": ["EUR"], "countries": ["DE", "AT"],
    "accounts": [{"gateway_account_id": "ga_01jgejp8g0e3q9k0v6z4t1x2y3", "weight": 70}]}]}))]
pub struct NewRoutingRules {
    /// The first that fits an invoice holds; `[]`: each is charged where its payment method is.
    pub rules: Vec<RoutingRule>,
}

/// Of which version?
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RoutingRulesQuery {
    /// The newest when left out.
    #[param(example = 1)]
    pub version: Option<i32>,
}

/// By which rules accounts are chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RoutingRules {
    /// Attempts name it, with the number of the rule; 0: there never were any.
    #[schema(example = 1)]
    pub version: i32,
    pub rules: Vec<RoutingRule>,
}

impl NewRoutingRules {
    /// What they say.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<Vec<routing::Rule>, Invalid> {
        let mut faults = Faults::none();
        let rules = self.rules.iter().enumerate().map(|(n, rule)| rule.parse(n, &mut faults)).collect();
        faults.into_result()?;
        Ok(rules)
    }
}

impl RoutingRule {
    fn parse(&self, n: usize, faults: &mut Faults) -> routing::Rule {
        let currency = |(at, code): (usize, &String)| {
            let pointer = format!("/rules/{n}/currencies/{at}");
            faults.keep(&pointer, "unknown_currency", Currency::parse(code))
        };
        let share = |account: &RoutedAccount| routing::Share {
            account_id: account.gateway_account_id,
            weight: account.weight,
        };
        routing::Rule {
            name: self.name.clone(),
            currencies: self.currencies.iter().enumerate().filter_map(currency).collect(),
            countries: self.countries.clone(),
            amount_from: self.amount_from,
            amount_below: self.amount_below,
            accounts: self.accounts.iter().map(share).collect(),
        }
    }
}

impl From<Rulebook> for RoutingRules {
    fn from(rulebook: Rulebook) -> RoutingRules {
        let account = |share: routing::Share| RoutedAccount {
            gateway_account_id: share.account_id,
            weight: share.weight,
        };
        let rule = |rule: routing::Rule| RoutingRule {
            name: rule.name,
            currencies: rule.currencies.iter().map(|currency| currency.code().to_owned()).collect(),
            countries: rule.countries,
            amount_from: rule.amount_from,
            amount_below: rule.amount_below,
            accounts: rule.accounts.into_iter().map(account).collect(),
        };
        RoutingRules { version: rulebook.version, rules: rulebook.rules.into_iter().map(rule).collect() }
    }
}
