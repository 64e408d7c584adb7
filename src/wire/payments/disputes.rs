//! Which payments are disputed, and what becomes of that? `{"status": "needs_response", "amount": "31.00", "fee": "15.00", "evidence_due_by": …}`;
//! by `{"invoice": "reopen"}` what is lost is owed again.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Payment;
use crate::domain::ids::{CustomerId, DisputeId, FraudWarningId, GatewayAccountId, PaymentId};
use crate::domain::payments::disputes::{self as domain, policy, ratio};
use crate::domain::refusal::Invalid;
use crate::wire::customers::Customer;
use crate::wire::invoicing::invoices::Invoice;
use crate::wire::mirror::mirror;
use crate::wire::patch::present;
use crate::wire::subscriptions::Subscription;
use crate::wire::subscriptions::changes::Change;

mirror! {
    /// How a dispute stands.
    pub enum DisputeStatus = domain::Status {
        /// The payer's bank asks, and has taken nothing.
        Inquiry,
        /// It asks no more, and has taken nothing.
        InquiryClosed,
        /// Evidence is due.
        NeedsResponse,
        /// The bank decides.
        UnderReview,
        /// The money is yours.
        Won,
        /// It is the payer's.
        Lost,
    }
}

mirror! {
    /// What becomes of the invoice of what is lost.
    pub enum DisputedInvoice = policy::Invoice {
        /// It stays paid: the loss is an expense.
        LeavePaid,
        /// It is owed again, and not charged by itself.
        Reopen,
    }
}

mirror! {
    /// What becomes of the subscriptions that a disputed invoice bills.
    pub enum DisputedSubscription = policy::Subscription {
        /// Nothing.
        None,
        /// They are paused.
        Pause,
        /// They end with their period.
        CancelAtPeriodEnd,
        /// They end now.
        CancelNow,
    }
}

mirror! {
    /// What becomes of a payment that its issuer takes for fraud.
    pub enum OnFraudWarning = policy::OnWarning {
        /// Nothing.
        Ignore,
        /// It is told by an event.
        Task,
        /// Its invoice is credited and it is refunded, as far as nobody disputes it and nothing was credited.
        Refund,
    }
}

/// A payment that its payer's bank takes back.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Dispute {
    #[schema(value_type = String, example = "dp_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: DisputeId,
    /// `dispute` of a card; `chargeback`, a payer had its bank give a debit back; `failure`, the bank was late to refuse a debit.
    #[schema(example = "dispute")]
    pub kind: &'static str,
    pub status: DisputeStatus,
    /// Such as `fraudulent`, `product_not_received` or `subscription_canceled`.
    #[schema(example = "fraudulent")]
    pub reason: String,
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    #[schema(value_type = String)]
    pub payment_id: PaymentId,
    pub gateway: String,
    #[schema(value_type = Option<String>)]
    pub gateway_account_id: Option<GatewayAccountId>,
    /// The gateway's name for it.
    pub reference: String,
    pub currency: &'static str,
    #[schema(example = "31.00")]
    pub amount: String,
    /// What the gateway keeps for it.
    #[schema(example = "15.00")]
    pub fee: String,
    /// The part that its invoice owes again.
    #[schema(example = "0.00")]
    pub amount_reopened: String,
    /// Where the money is: `ours`, `held` by the gateway, or `gone`.
    #[schema(example = "held")]
    pub funds: &'static str,
    pub evidence_due_by: Option<DateTime<Utc>>,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
}

impl From<domain::Dispute> for Dispute {
    fn from(dispute: domain::Dispute) -> Dispute {
        Dispute {
            id: dispute.id,
            kind: dispute.kind.into_str(),
            status: dispute.status.into(),
            customer_id: dispute.customer_id,
            payment_id: dispute.payment_id,
            gateway: dispute.gateway,
            gateway_account_id: dispute.gateway_account_id,
            currency: dispute.amount.currency().code(),
            amount: dispute.amount.to_major_string(),
            fee: dispute.fee.to_major_string(),
            amount_reopened: dispute.reopened.to_major_string(),
            funds: dispute.place.into_str(),
            reason: dispute.reason,
            reference: dispute.reference,
            evidence_due_by: dispute.evidence_due_by,
            opened_at: dispute.opened_at,
            closed_at: dispute.closed_at,
        }
    }
}

/// Which disputes.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DisputesQuery {
    /// Those that stand so.
    #[param(inline)]
    pub status: Option<DisputeStatus>,
    /// Those of this customer.
    #[param(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
    /// Those of this payment.
    #[param(value_type = Option<String>)]
    pub payment_id: Option<PaymentId>,
    /// Those at this account.
    #[param(value_type = Option<String>)]
    pub gateway_account_id: Option<GatewayAccountId>,
    /// Opened then or later.
    pub opened_from: Option<DateTime<Utc>>,
    /// Opened before.
    pub opened_to: Option<DateTime<Utc>>,
}

/// What becomes of what is disputed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct DisputeSettings {
    pub invoice: DisputedInvoice,
    pub subscription: DisputedSubscription,
    pub fraud_warning: OnFraudWarning,
}

impl From<policy::Policy> for DisputeSettings {
    fn from(policy: policy::Policy) -> DisputeSettings {
        DisputeSettings {
            invoice: policy.invoice.into(),
            subscription: policy.subscription.into(),
            fraud_warning: policy.fraud_warning.into(),
        }
    }
}

/// What to change of it. What is left out stays.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"invoice": "reopen", "subscription": "cancel_now"}))]
pub struct DisputeSettingsPatch {
    /// `leave_paid` unless changed.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub invoice: Option<DisputedInvoice>,
    /// `none` unless changed.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub subscription: Option<DisputedSubscription>,
    /// `task` unless changed.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub fraud_warning: Option<OnFraudWarning>,
}

impl DisputeSettingsPatch {
    /// As the domain has it.
    #[must_use]
    pub fn change(self) -> policy::PolicyChange {
        policy::PolicyChange {
            invoice: self.invoice.map(Into::into),
            subscription: self.subscription.map(Into::into),
            fraud_warning: self.fraud_warning.map(Into::into),
        }
    }
}

/// That an issuer takes a payment for fraud, before anybody disputes it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FraudWarning {
    #[schema(value_type = String, example = "efw_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: FraudWarningId,
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    #[schema(value_type = String)]
    pub payment_id: PaymentId,
    #[schema(value_type = Option<String>)]
    pub gateway_account_id: Option<GatewayAccountId>,
    /// The gateway's name for it.
    pub reference: String,
    #[schema(example = "made_with_stolen_card")]
    pub kind: String,
    /// What was done by your settings: `none`, `task` or `refunded`.
    #[schema(example = "task")]
    pub action: &'static str,
    pub warned_at: DateTime<Utc>,
}

impl From<domain::FraudWarning> for FraudWarning {
    fn from(warning: domain::FraudWarning) -> FraudWarning {
        FraudWarning {
            id: warning.id,
            customer_id: warning.customer_id,
            payment_id: warning.payment_id,
            gateway_account_id: warning.gateway_account_id,
            reference: warning.reference,
            kind: warning.kind,
            action: warning.action.into_str(),
            warned_at: warning.warned_at,
        }
    }
}

/// Which warnings.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FraudWarningsQuery {
    /// Those of this payment.
    #[param(value_type = Option<String>)]
    pub payment_id: Option<PaymentId>,
}

/// Which month.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DisputeRatioQuery {
    /// Such as `2026-04`.
    #[param(example = "2026-04")]
    pub month: String,
}

impl DisputeRatioQuery {
    /// The first day of the month, and that of the next.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn days(&self) -> Result<(NaiveDate, NaiveDate), Invalid> {
        let first = format!("{}-01", self.month).parse::<NaiveDate>().ok();
        let next = first.and_then(|first| first.checked_add_months(chrono::Months::new(1)));
        let is_month = self.month.len() == 7;
        first.zip(next).filter(|_| is_month).ok_or_else(DisputeRatioQuery::bad_month)
    }

    /// It names no month.
    #[must_use]
    pub fn bad_month() -> Invalid {
        Invalid::one("/query/month", "bad_month", "a month is written with its year, such as 2026-04")
    }
}

/// How often a month was disputed at an account.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DisputeRatio {
    #[schema(example = "2026-04")]
    pub month: String,
    /// Payments that came.
    #[schema(example = 100_000)]
    pub payments: u64,
    #[schema(example = 1_000)]
    pub disputes: u64,
    #[schema(example = 500)]
    pub fraud_warnings: u64,
    /// Disputes and fraud warnings by payments; null without payments.
    #[schema(example = "0.0150")]
    pub ratio: Option<String>,
    /// The ratio from which on a month with 1,500 disputes and warnings is excessive, as Visa has it.
    #[schema(example = "0.015")]
    pub threshold: String,
    /// `fine`, `watch` or `excessive`.
    #[schema(example = "excessive")]
    pub band: &'static str,
}

impl DisputeRatio {
    /// Of a month, by its first day.
    #[must_use]
    pub fn of(month: NaiveDate, counted: ratio::Counted) -> DisputeRatio {
        DisputeRatio {
            month: month.format("%Y-%m").to_string(),
            payments: counted.payments,
            disputes: counted.disputes,
            fraud_warnings: counted.fraud_warnings,
            ratio: counted.ratio().map(|ratio| format!("{ratio:.4}")),
            threshold: ratio::threshold(month).to_string(),
            band: counted.band(month).into_str(),
        }
    }
}

/// What you know of a disputed payment, to be sent as evidence.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisputeEvidence {
    pub dispute: Dispute,
    pub customer: Customer,
    pub payment: Payment,
    /// What it paid, with its lines and what was used; null: money on account.
    pub invoice: Option<Invoice>,
    /// Up to 20 payments of the same customer that came before, the newest first.
    pub payments_before: Vec<Payment>,
    pub subscriptions: Vec<DisputedHistory>,
}

/// A subscription that the invoice bills.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisputedHistory {
    pub subscription: Subscription,
    /// Up to 100 changes of it, the newest first.
    pub changes: Vec<Change>,
}
