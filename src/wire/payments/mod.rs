//! How is a payment written, and a payment method? `{"status": "failed", "decline_code": "insufficient_funds", "amount": "31.00"}`.
//!
//! What is on this shelf, what is not, and its laws: [`domain::payments`](crate::domain::payments).

pub mod accounts;
pub mod attempts;
pub mod choosing;
pub mod disputes;
pub mod payment_bodies;
pub mod payment_list;
pub mod payouts;
pub mod retry_policies;
pub mod retry_simulations;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::credits::notes;
use crate::domain::ids::{CustomerId, GatewayAccountId, InvoiceId, PaymentId, PaymentMethodId};
use crate::domain::payments::{self as domain, Refused, State, networks};
use crate::wire::credits::credit_notes::Refund;
use crate::wire::customers::Customer;
use crate::wire::mirror::mirror;

/// A payment: one attempt to get money, or money received elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "pay_01jgejp8g0e3q9k0v6z4t1x2y3", "external_id": null, "customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3",
    "invoice_id": "inv_01jgejp8g0e3q9k0v6z4t1x2y3", "payment_method_id": "pm_01jgejp8g0e3q9k0v6z4t1x2y3",
    "gateway": "simulator", "gateway_account_id": null, "currency": "USD", "amount": "93.00", "amount_applied": "93.00", "amount_credited": "0.00",
    "amount_surplus": "0.00", "cash_rounding": "0.00", "status": "succeeded", "decline_code": null, "reference": "sim_0188bac74afa78aabc3bbd1eef28d881", "action_url": null, "metadata": {},
    "created_at": "2026-01-01T00:00:00Z", "resolved_at": "2026-01-01T00:00:00Z", "next_check_at": null,
    "decline_class": null, "network_code": null, "advice_code": null, "reason": "due", "refunds": []
}))]
pub struct Payment {
    #[schema(value_type = String)]
    pub id: PaymentId,
    pub external_id: Option<String>,
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    /// Null: money on account.
    #[schema(value_type = Option<String>)]
    pub invoice_id: Option<InvoiceId>,
    #[schema(value_type = Option<String>)]
    pub payment_method_id: Option<PaymentMethodId>,
    /// Who was to move the money: a gateway; `offline` for money received elsewhere.
    pub gateway: String,
    /// At which of your accounts there.
    #[schema(value_type = Option<String>)]
    pub gateway_account_id: Option<GatewayAccountId>,
    pub currency: &'static str,
    pub amount: String,
    /// The part put against the invoice.
    pub amount_applied: String,
    /// The part that became the customer's credit.
    pub amount_credited: String,
    /// The part that came after the attempt had been given up and that its invoice did not need any more: it is refunded.
    pub amount_surplus: String,
    /// How much more was taken in cash than the amount, or below zero less, because there are no coins for the rest.
    pub cash_rounding: String,
    /// `processing`, `succeeded` or `failed`.
    pub status: &'static str,
    /// The gateway's reason when it failed; `never_reached_gateway` when the gateway never heard of it.
    pub decline_code: Option<String>,
    /// The gateway's name for it, or what the bank statement says.
    pub reference: Option<String>,
    /// Where the payer agrees to it, while it waits for that: show it to them. After three days it fails.
    pub action_url: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub created_at: DateTime<Utc>,
    /// When its outcome was known; for money received elsewhere, when it was received.
    pub resolved_at: Option<DateTime<Utc>>,
    /// When the gateway is queried for its outcome; null once that is known for certain.
    pub next_check_at: Option<DateTime<Utc>>,
    /// What kind of no it was: see the decline codes.
    pub decline_class: Option<&'static str>,
    /// The network's or issuer's own code, when the gateway tells it.
    pub network_code: Option<String>,
    /// What the network or the gateway advises.
    pub advice_code: Option<String>,
    /// Why it was made when it was: see the attempts of an invoice.
    pub reason: Option<&'static str>,
    /// What was given back of it, the oldest first; null in lists.
    pub refunds: Option<Vec<Refund>>,
    /// In lists, with `expand=customer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Box<Customer>>,
}

impl Payment {
    /// As the API shows it.
    pub fn of(payment: &domain::Payment) -> Result<Payment, Refused> {
        let (decline_code, resolved_at, next_check_at) = match &payment.state {
            State::Processing { next_check_at } => (None, None, Some(*next_check_at)),
            State::Succeeded { at } => (None, Some(*at), None),
            State::Failed { code, at, ask_again_at } => (Some(code.clone()), Some(*at), *ask_again_at),
        };
        Ok(Payment {
            id: payment.id,
            external_id: payment.external_id.clone(),
            customer_id: payment.customer_id,
            invoice_id: payment.invoice_id,
            payment_method_id: payment.payment_method_id,
            gateway: payment.gateway.to_string(),
            gateway_account_id: payment.gateway_account_id,
            currency: payment.amount.currency().code(),
            amount: payment.amount.to_major_string(),
            amount_applied: payment.amount_applied.to_major_string(),
            amount_credited: payment.amount_credited()?.to_major_string(),
            amount_surplus: payment.amount_surplus.to_major_string(),
            cash_rounding: payment.cash_rounding.to_major_string(),
            status: payment.state.into_str(),
            decline_code,
            reference: payment.reference.clone(),
            action_url: payment.action_url.clone(),
            metadata: payment.metadata.clone(),
            created_at: payment.created_at,
            resolved_at,
            next_check_at,
            decline_class: payment.class().map(|class| class.into_str()),
            network_code: payment.declined.network_code.clone(),
            advice_code: payment.declined.advice_code.clone(),
            reason: payment.reason.map(|reason| reason.cause.into_str()),
            refunds: None,
            customer: None,
        })
    }

    /// The same with what was given back of it.
    #[must_use]
    pub fn with(self, refunds: Vec<notes::Refund>) -> Payment {
        Payment { refunds: Some(refunds.into_iter().map(Refund::from).collect()), ..self }
    }
}

/// Money received outside any gateway.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "invoice_id": "inv_01jgejp8g0e3q9k0v6z4t1x2y3",
    "amount": "93.00", "currency": "USD", "reference": "bank statement 12, line 7", "received_at": "2026-01-14T09:30:00Z"
}))]
pub struct NewPayment {
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    /// Major units, above zero.
    pub amount: String,
    /// ISO 4217; the invoice's, when one is named.
    pub currency: String,
    /// What it pays; what is more than due, or all of it when left out, becomes the customer's credit.
    #[schema(value_type = Option<String>)]
    pub invoice_id: Option<InvoiceId>,
    /// What the bank statement says, at most 200 characters.
    pub reference: Option<String>,
    /// When it was received; now when left out.
    pub received_at: Option<DateTime<Utc>>,
    /// Your own id of the payment, unique among your payments.
    pub external_id: Option<String>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// A way to charge a customer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "pm_01jgejp8g0e3q9k0v6z4t1x2y3", "external_id": null, "customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3",
    "kind": "card", "gateway": "simulator", "gateway_account_id": null, "brand": "visa", "last4": "4242", "is_default": true, "metadata": {},
    "created_at": "2026-01-01T00:00:00Z", "detached_at": null, "fingerprint": "fp_8Hs2", "network_limits": true, "disputed": false
}))]
pub struct PaymentMethod {
    #[schema(value_type = String)]
    pub id: PaymentMethodId,
    pub external_id: Option<String>,
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    /// `card` or `bank_transfer`.
    pub kind: &'static str,
    pub gateway: String,
    /// Which of your accounts there knows it.
    #[schema(value_type = Option<String>)]
    pub gateway_account_id: Option<GatewayAccountId>,
    pub brand: Option<String>,
    pub last4: Option<String>,
    /// Whether its customer is charged by it.
    pub is_default: bool,
    pub metadata: BTreeMap<String, String>,
    pub created_at: DateTime<Utc>,
    /// When it was taken away; it is never charged again.
    pub detached_at: Option<DateTime<Utc>>,
    /// The gateway's name for the card itself, the same however often it is added.
    pub fingerprint: Option<String>,
    /// Whether the limits of its network are counted: its brand is one whose limits are known.
    #[schema(example = true)]
    pub network_limits: bool,
    /// How the mandate of a bank account stands, as far as its gateway has told: `pending`, `active`, `cancelled`, `expired` or `failed`.
    #[schema(example = "active")]
    pub mandate: Option<&'static str>,
    /// Whether a payment by it is disputed now: until that is decided it is not charged by itself.
    pub disputed: bool,
}

impl PaymentMethod {
    /// As the API shows it: without its token.
    pub fn of(method: &domain::PaymentMethod, is_default: bool) -> PaymentMethod {
        PaymentMethod {
            id: method.id,
            external_id: method.external_id.clone(),
            customer_id: method.customer_id,
            kind: method.kind.into_str(),
            gateway: method.gateway.to_string(),
            gateway_account_id: method.gateway_account_id,
            brand: method.brand.clone(),
            last4: method.last4.clone(),
            is_default,
            metadata: method.metadata.clone(),
            created_at: method.created_at,
            detached_at: method.detached_at,
            fingerprint: method.fingerprint.clone(),
            network_limits: method.brand.as_deref().is_some_and(networks::has_limits),
            mandate: method.mandate.map(|state| state.into_str()),
            disputed: method.is_disputed,
        }
    }
}

/// A payment method to attach to a customer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "kind": "card", "token": "tok_success", "brand": "visa", "last4": "4242"
}))]
pub struct NewPaymentMethod {
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    pub kind: PaymentMethodKind,
    /// That of the account; `simulator` when no account is named, for test tenants.
    pub gateway: Option<String>,
    /// Which of your accounts knows the token; left out: the simulator does.
    #[schema(value_type = Option<String>)]
    pub gateway_account_id: Option<GatewayAccountId>,
    /// The gateway's name for it, never a card number. Of Stripe: the customer and the payment method, `cus_…/pm_…`. The simulator knows `tok_success`, `tok_decline`,
    /// `tok_hard_decline`, `tok_expired_card`, `tok_timeout`, `tok_timeout_charged`, `tok_timeout_lost`,
    /// `tok_async_success`, `tok_async_decline`, `tok_payday/15`, `tok_dispute_lost`, `tok_dispute_won`, `tok_dispute_inquiry`, `tok_fraud_warning`, and `tok_decline/` with a code, a network code and an advice code: `tok_decline/do_not_honor/05`.
    pub token: String,
    /// Such as `visa`; blanks and capitals do not matter. Of `visa` and `mastercard` the limits are counted, see `network_limits`.
    pub brand: Option<String>,
    /// Four digits.
    pub last4: Option<String>,
    /// The gateway's name for the card itself, the same however often it is added: what the network's limits are counted by.
    pub fingerprint: Option<String>,
    /// Charge it from now on. The first one of a customer is its default anyway.
    #[serde(default)]
    pub make_default: bool,
    /// Your own id of it, unique among your payment methods.
    pub external_id: Option<String>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

mirror! {
    /// What is charged.
    pub enum PaymentMethodKind = domain::Kind {
        /// A payment card.
        Card,
        /// A bank account.
        BankTransfer,
    }
}

/// Which payment methods.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PaymentMethodsQuery {
    /// Those of this customer.
    #[param(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
}
