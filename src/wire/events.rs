//! What happened since I last read the feed? The feed of a tenant's events: number 1, 2, 3 …, without a gap.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::domain::ids::{
    AccountingPeriodId, ApiKeyId, BackfillId, BillRunId, BudgetId, CouponId, CreditGrantId, CreditNoteId,
    CustomerId, DiscountId, DisputeId, EntityId, ExchangeRateId, FraudWarningId, FulfilmentId,
    GatewayAccountId, InvoiceId, JournalExportId, MeterId, ParkedWorkId, PayOutId, PaymentId,
    PaymentMethodId, PayoutId, PlanId, ProductId, RefundId, RetryPolicyId, RevaluationId, RevenueContractId,
    RevenueRuleId, SubscriptionId, TaxProviderId, TaxRateId, TaxRegistrationId, TenantId, WebhookEndpointId,
};

/// Which part of the feed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// The `sequence` of the last event you have; 0 when left out.
    #[param(minimum = 0, default = 0)]
    pub after_sequence: Option<i64>,
    /// Events of the answer: 1 to 1000, 50 when left out.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<u32>,
    /// Only events of this type.
    #[param(example = "invoice.finalized")]
    pub r#type: Option<String>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Its id.
    #[schema(example = "evt_01h2xcejqtf2nbrexx3vqjhp41")]
    pub id: String,
    /// Its place in the tenant's feed: 1, 2, 3 …, without a gap.
    #[schema(example = 42)]
    pub sequence: i64,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "invoice.finalized")]
    pub type_: String,
    /// When, by the tenant's clock.
    pub occurred_at: DateTime<Utc>,
    /// The thing it happened to.
    #[schema(example = "inv_01h2xcejqtf2nbrexx3vqjhp41")]
    pub object_id: String,
    /// What the thing looked like then.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

/// A part of the feed, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Feed {
    /// The events, in the order of their sequence.
    pub data: Vec<Event>,
    /// Whether more events follow.
    #[schema(example = false)]
    pub has_more: bool,
    /// Give it as `after_sequence` to go on from here.
    #[schema(example = 42)]
    pub next_after_sequence: i64,
}

/// The id of the thing an event is about, with the prefix its type implies: `invoice.paid` is about an `inv_…`.
pub fn object_id(event_type: &str, id: Uuid) -> String {
    match event_type.split('.').next().unwrap_or_default() {
        "customer" => CustomerId::from_uuid(id).to_string(),
        "product" => ProductId::from_uuid(id).to_string(),
        "plan" => PlanId::from_uuid(id).to_string(),
        "subscription" => SubscriptionId::from_uuid(id).to_string(),
        "invoice" => InvoiceId::from_uuid(id).to_string(),
        "payment_method" => PaymentMethodId::from_uuid(id).to_string(),
        "gateway_account" => GatewayAccountId::from_uuid(id).to_string(),
        "payment" => PaymentId::from_uuid(id).to_string(),
        "bill_run" => BillRunId::from_uuid(id).to_string(),
        "usage_backfill" => BackfillId::from_uuid(id).to_string(),
        "meter" => MeterId::from_uuid(id).to_string(),
        "api_key" => ApiKeyId::from_uuid(id).to_string(),
        "entity" => EntityId::from_uuid(id).to_string(),
        "budget" => BudgetId::from_uuid(id).to_string(),
        "tax_nexus" => TenantId::from_uuid(id).to_string(),
        "tax_settings" => TenantId::from_uuid(id).to_string(),
        "tax_registration" => TaxRegistrationId::from_uuid(id).to_string(),
        "exchange_rate" => ExchangeRateId::from_uuid(id).to_string(),
        "tax_provider" => TaxProviderId::from_uuid(id).to_string(),
        "tax_rate" => TaxRateId::from_uuid(id).to_string(),
        "billing_settings" => TenantId::from_uuid(id).to_string(),
        "credit_grant" => CreditGrantId::from_uuid(id).to_string(),
        "credit_note" => CreditNoteId::from_uuid(id).to_string(),
        "credits" => CustomerId::from_uuid(id).to_string(),
        "retry_policy" => RetryPolicyId::from_uuid(id).to_string(),
        "routing_rules" => TenantId::from_uuid(id).to_string(),
        "refund" => RefundId::from_uuid(id).to_string(),
        "dispute" => DisputeId::from_uuid(id).to_string(),
        "dispute_settings" => TenantId::from_uuid(id).to_string(),
        "fraud_warning" => FraudWarningId::from_uuid(id).to_string(),
        "payout" => PayoutId::from_uuid(id).to_string(),
        "pay_out" => PayOutId::from_uuid(id).to_string(),
        "accounting_period" => AccountingPeriodId::from_uuid(id).to_string(),
        "journal_export" => JournalExportId::from_uuid(id).to_string(),
        "revenue_contract" => RevenueContractId::from_uuid(id).to_string(),
        "fulfilment" => FulfilmentId::from_uuid(id).to_string(),
        "revenue_rule" => RevenueRuleId::from_uuid(id).to_string(),
        "revaluation" => RevaluationId::from_uuid(id).to_string(),
        "coupon" => CouponId::from_uuid(id).to_string(),
        "work" => ParkedWorkId::from_uuid(id).to_string(),
        "discount" => DiscountId::from_uuid(id).to_string(),
        "webhook_endpoint" => WebhookEndpointId::from_uuid(id).to_string(),
        _ => id.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use super::*;
    use crate::domain::events::EventType;

    #[test]
    fn every_type_of_event_tells_of_a_thing_whose_id_has_a_prefix() {
        for event_type in EventType::VARIANTS {
            assert!(object_id(event_type.into_str(), Uuid::nil()).contains('_'), "{}", event_type.into_str());
        }
    }
}
