//! What has happened? A domain event, written in the transaction of the change it tells of: `invoice.finalized` with its total.

use chrono::{DateTime, Utc};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::ids::EventId;

/// An event of the outbox, before the relay gives it its place in the feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: EventId,
    /// Such as `invoice.finalized`.
    pub type_: EventType,
    /// The thing it happened to.
    pub object_id: Uuid,
    /// What it looks like now: a JSON object.
    pub data: serde_json::Value,
    pub occurred_at: DateTime<Utc>,
}

macro_rules! event_types {
    ($($variant:ident => $name:literal,)*) => {
        /// Every type of event there is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
        #[strum(const_into_str)]
        pub enum EventType { $(#[doc = $name] #[strum(serialize = $name)] $variant,)* }
    };
}

event_types! {
    CustomerCreated => "customer.created",
    CustomerUpdated => "customer.updated",
    CustomerTaxIdVerified => "customer.tax_id.verified",
    CustomerTaxIdInvalid => "customer.tax_id.invalid",
    ProductCreated => "product.created",
    ProductUpdated => "product.updated",
    PlanCreated => "plan.created",
    PlanVersionPublished => "plan.version_published",
    PlanMigrated => "plan.migrated",
    SubscriptionCreated => "subscription.created",
    SubscriptionChanged => "subscription.changed",
    SubscriptionCharged => "subscription.charged",
    SubscriptionCanceled => "subscription.canceled",
    SubscriptionUncanceled => "subscription.uncanceled",
    SubscriptionPaused => "subscription.paused",
    SubscriptionResumed => "subscription.resumed",
    SubscriptionTrialWillEnd => "subscription.trial_will_end",
    SubscriptionTrialEnded => "subscription.trial_ended",
    SubscriptionTermWillEnd => "subscription.term_will_end",
    SubscriptionRenewed => "subscription.renewed",
    InvoiceDrafted => "invoice.drafted",
    InvoiceUpdated => "invoice.updated",
    InvoiceDeleted => "invoice.deleted",
    InvoiceFinalized => "invoice.finalized",
    InvoiceFinalizationFailed => "invoice.finalization_failed",
    InvoicePaid => "invoice.paid",
    InvoiceVoided => "invoice.voided",
    InvoiceMarkedUncollectible => "invoice.marked_uncollectible",
    InvoicePaymentFailed => "invoice.payment_failed",
    PaymentDeclineUnknown => "payment.decline_unknown",
    InvoiceRetriesStopped => "invoice.retries_stopped",
    RetryPolicyCreated => "retry_policy.created",
    RetryPolicyUpdated => "retry_policy.updated",
    PaymentMethodAttached => "payment_method.attached",
    PaymentMethodDetached => "payment_method.detached",
    GatewayAccountCreated => "gateway_account.created",
    GatewayAccountUpdated => "gateway_account.updated",
    GatewayAccountDeleted => "gateway_account.deleted",
    PaymentSucceeded => "payment.succeeded",
    PaymentFailed => "payment.failed",
    PaymentProcessing => "payment.processing",
    PaymentSurplusReceived => "payment.surplus_received",
    BillRunCompleted => "bill_run.completed",
    CustomerParked => "customer.parked",
    WorkParked => "work.parked",
    WorkUnparked => "work.unparked",
    EntityCreated => "entity.created",
    EntityUpdated => "entity.updated",
    BillingSettingsUpdated => "billing_settings.updated",
    TaxSettingsUpdated => "tax_settings.updated",
    TaxRegistrationCreated => "tax_registration.created",
    TaxRegistrationUpdated => "tax_registration.updated",
    TaxNexusApproaching => "tax_nexus.approaching",
    TaxNexusReached => "tax_nexus.reached",
    TaxRateCreated => "tax_rate.created",
    TaxRateDeleted => "tax_rate.deleted",
    TaxProviderCreated => "tax_provider.created",
    TaxProviderUpdated => "tax_provider.updated",
    TaxProviderDeleted => "tax_provider.deleted",
    ExchangeRateCreated => "exchange_rate.created",
    ApiKeyCreated => "api_key.created",
    ApiKeyRevoked => "api_key.revoked",
    BudgetAlert => "budget.alert",
    BudgetExhausted => "budget.exhausted",
    CouponCreated => "coupon.created",
    CouponUpdated => "coupon.updated",
    DiscountCreated => "discount.created",
    DiscountEnded => "discount.ended",
    MeterCreated => "meter.created",
    CustomerUsageVoided => "customer.usage_voided",
    UsageBackfillClosed => "usage_backfill.closed",
    UsageBackfillReverted => "usage_backfill.reverted",
    CreditGrantCreated => "credit_grant.created",
    CreditGrantActivated => "credit_grant.activated",
    CreditGrantExpired => "credit_grant.expired",
    CreditGrantVoided => "credit_grant.voided",
    CreditGrantReturned => "credit_grant.returned",
    CreditNoteIssued => "credit_note.issued",
    RefundCreated => "refund.created",
    RefundSucceeded => "refund.succeeded",
    RefundFailed => "refund.failed",
    DisputeInquired => "dispute.inquired",
    DisputeOpened => "dispute.opened",
    DisputeUpdated => "dispute.updated",
    DisputeWon => "dispute.won",
    DisputeLost => "dispute.lost",
    DisputeClosed => "dispute.closed",
    DisputeSettingsUpdated => "dispute_settings.updated",
    FraudWarningReceived => "fraud_warning.received",
    InvoiceReopened => "invoice.reopened",
    PayOutCreated => "pay_out.created",
    RevaluationPosted => "revaluation.posted",
    RevenueRuleCreated => "revenue_rule.created",
    RevenueContractCreated => "revenue_contract.created",
    FulfilmentRecorded => "fulfilment.recorded",
    FulfilmentReversed => "fulfilment.reversed",
    AccountingPeriodClosed => "accounting_period.closed",
    AccountingPeriodReopened => "accounting_period.reopened",
    CreditsLowBalance => "credits.low_balance",
    CreditsTopUpChanged => "credits.top_up_changed",
    WebhookEndpointCreated => "webhook_endpoint.created",
    WebhookEndpointUpdated => "webhook_endpoint.updated",
    WebhookEndpointDisabled => "webhook_endpoint.disabled",
    WebhookEndpointDeleted => "webhook_endpoint.deleted",
    WebhookEndpointTested => "webhook_endpoint.tested",
}
