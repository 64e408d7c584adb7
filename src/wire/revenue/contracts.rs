//! What costs how much alone, and what was promised together? `{"customer_id": "cus_…", "invoice_ids": ["inv_…", "inv_…"]}`.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::schedules::day;
use crate::domain::ids::{
    CustomerId, EntityId, InvoiceId, ProductId, RevenueContractId, StandalonePriceId, SubscriptionId,
};
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::refusal::Invalid;
use crate::domain::revenue::contracts::{self as domain, Allocated};

/// Says what one of something costs alone.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"product_id": "prod_01jgejp8g0e3q9k0v6z4t1x2y3", "price_code": "setup", "currency": "USD", "amount": "3000.00"}))]
pub struct NewStandalonePrice {
    #[schema(value_type = String)]
    pub product_id: ProductId,
    /// Of prices of it with this code; of every one when left out.
    #[serde(default)]
    pub price_code: Option<String>,
    pub currency: String,
    /// Of one, for as long as its price is for: a year, where it is charged by the year.
    pub amount: String,
    /// From this day on; today when left out.
    #[serde(default)]
    pub valid_from: Option<String>,
}

impl NewStandalonePrice {
    /// The amount and the day.
    ///
    /// # Errors
    /// One of them is none.
    pub fn read(&self) -> Result<(Money, Option<NaiveDate>), Invalid> {
        let currency =
            Currency::parse(&self.currency).map_err(|e| Invalid::one("/currency", "unknown_currency", e))?;
        let amount = Money::parse_major(&self.amount, currency)
            .map_err(|e| Invalid::one("/amount", "bad_amount", e))?;
        Ok((amount, day(self.valid_from.as_deref(), "/valid_from")?))
    }
}

/// What one of something costs alone, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = StandalonePrice)]
pub struct StandalonePrice {
    #[schema(value_type = String, example = "ssp_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: StandalonePriceId,
    #[schema(value_type = String)]
    pub product_id: ProductId,
    pub price_code: Option<String>,
    pub currency: &'static str,
    #[schema(example = "3000.00")]
    pub amount: String,
    pub valid_from: NaiveDate,
    pub created_at: DateTime<Utc>,
}

impl From<domain::StandalonePrice> for StandalonePrice {
    fn from(price: domain::StandalonePrice) -> StandalonePrice {
        StandalonePrice {
            id: price.id,
            product_id: price.product_id,
            price_code: price.price_code,
            currency: price.amount.currency().code(),
            amount: price.amount.to_major_string(),
            valid_from: price.valid_from,
            created_at: price.created_at,
        }
    }
}

/// Your standalone prices, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StandalonePrices {
    pub data: Vec<StandalonePrice>,
}

/// Groups issued invoices of a customer that were promised together.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "invoice_ids": ["inv_01jgejp8g0e3q9k0v6z4t1x2y3"]}))]
pub struct NewRevenueContract {
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub invoice_ids: Vec<InvoiceId>,
    /// Refused: what a subscription will be billed is not allocated before.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub subscription_ids: Vec<SubscriptionId>,
}

/// Invoices that were promised together, and how their price is allocated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RevenueContract)]
pub struct RevenueContract {
    #[schema(value_type = String, example = "rcon_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: RevenueContractId,
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    #[schema(value_type = String)]
    pub entity_id: EntityId,
    pub currency: &'static str,
    #[schema(value_type = Vec<String>)]
    pub invoice_ids: Vec<InvoiceId>,
    /// Left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<AllocatedLine>>,
    pub created_at: DateTime<Utc>,
}

/// A line of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "line_id": "inv_01jgejp8g0e3q9k0v6z4t1x2y3-1", "standalone": "3000.00", "invoiced": "2000.00", "allocated": "2586.21"
}))]
pub struct AllocatedLine {
    pub line_id: String,
    /// What it would cost alone.
    pub standalone: String,
    /// Without tax, less what was taken back of it.
    pub invoiced: String,
    /// Of what all lines were invoiced, its share.
    pub allocated: String,
}

impl RevenueContract {
    /// Without its lines.
    #[must_use]
    pub fn of(contract: domain::Contract) -> RevenueContract {
        RevenueContract {
            id: contract.id,
            customer_id: contract.customer_id,
            entity_id: contract.entity_id,
            currency: contract.currency.code(),
            invoice_ids: contract.invoice_ids,
            lines: None,
            created_at: contract.created_at,
        }
    }

    /// With them.
    #[must_use]
    pub fn with(self, lines: &[Allocated]) -> RevenueContract {
        let line = |line: &Allocated| AllocatedLine {
            line_id: line.promise.line.to_string(),
            standalone: line.promise.standalone.normalize().to_string(),
            invoiced: line.invoiced.to_major_string(),
            allocated: line.allocated.to_major_string(),
        };
        RevenueContract { lines: Some(lines.iter().map(line).collect()), ..self }
    }
}

/// Which contracts.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RevenueContractsQuery {
    /// Of this customer.
    #[param(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
}

/// As of when.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ContractBalancesQuery {
    /// As they stand at the end of this day; today when left out.
    pub as_of: Option<String>,
    /// Of this customer; of all when left out.
    #[param(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
}

impl ContractBalancesQuery {
    /// The day.
    ///
    /// # Errors
    /// It is none.
    pub fn as_of(&self) -> Result<Option<NaiveDate>, Invalid> {
        day(self.as_of.as_deref(), "/query/as_of")
    }
}

/// What contracts hold, each netted: what is invoiced and not earned is a liability, what is earned and not invoiced an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContractBalances {
    pub as_of: NaiveDate,
    pub data: Vec<ContractBalance>,
}

/// What one holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "contract_id": "rcon_01jgejp8g0e3q9k0v6z4t1x2y3", "currency": "USD", "invoiced": "15000.00", "earned": "2586.21",
    "contract_liability": "12413.79", "contract_asset": "0.00"
}))]
pub struct ContractBalance {
    pub contract_id: String,
    pub currency: &'static str,
    pub invoiced: String,
    pub earned: String,
    pub contract_liability: String,
    pub contract_asset: String,
}

impl ContractBalance {
    /// By what its schedules come to and have earned.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn of(
        contract_id: RevenueContractId,
        (invoiced, earned): (Money, Money),
    ) -> Result<ContractBalance, MoneyError> {
        let left = invoiced.checked_sub(earned)?;
        let zero = Money::zero(invoiced.currency());
        let (liability, asset) = if left.is_negative() { (zero, left.negated()?) } else { (left, zero) };
        Ok(ContractBalance {
            contract_id: contract_id.to_string(),
            currency: invoiced.currency().code(),
            invoiced: invoiced.to_major_string(),
            earned: earned.to_major_string(),
            contract_liability: liability.to_major_string(),
            contract_asset: asset.to_major_string(),
        })
    }
}
