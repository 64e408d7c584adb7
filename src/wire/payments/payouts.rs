//! What have gateways paid out, and of what? `{"amount": "29.80", "gross": "31.00", "fees": "1.20", "unmatched": 0}`; each part with what it is of, or why it is of
//! nothing that is known.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::{
    CustomerId, DisputeId, GatewayAccountId, PaymentId, PayoutId, PayoutItemId, RefundId,
};
use crate::domain::payments::payouts as domain;
use crate::wire::mirror::mirror;

mirror! {
    /// How a payout stands.
    pub enum PayoutStatus = domain::Status {
        /// Its parts are being recorded.
        Recording,
        /// It is at the bank.
        Paid,
        /// It came back from the bank: the next payout has its amount.
        Failed,
    }
}

mirror! {
    /// What moved the balance at the gateway.
    pub enum PayoutItemKind = domain::Kind {
        Charge,
        Refund,
        /// A refund came back.
        RefundFailure,
        /// The gateway took what is disputed, and what it keeps for that.
        Dispute,
        /// What was disputed came back.
        DisputeReversal,
        /// What it keeps besides, such as a monthly fee.
        Fee,
        /// A payout came back from the bank.
        PayoutFailure,
        Other,
    }
}

mirror! {
    /// Why a part of a payout is of nothing that is known, or differs from it.
    pub enum PayoutReason = domain::Reason {
        /// No payment here has come by this charge: somebody charged it at the gateway itself.
        NoSuchPayment,
        NoSuchRefund,
        NoSuchDispute,
        NoSuchPayout,
        /// Another amount is known here.
        AmountDiffers,
        /// It is of a kind that nothing here belongs to.
        UnknownKind,
        /// The gateway does not say of what this part is.
        NotItemized,
    }
}

/// Money that a gateway has paid out to the bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Payout {
    #[schema(value_type = String, example = "payout_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: PayoutId,
    pub status: PayoutStatus,
    #[schema(value_type = String)]
    pub gateway_account_id: GatewayAccountId,
    /// The gateway's name for it.
    #[schema(example = "po_1NG8Du2eZvKYlo2CUI79vXWy")]
    pub reference: String,
    pub currency: &'static str,
    /// What comes to the bank: `gross` less `fees`.
    #[schema(example = "29.80")]
    pub amount: String,
    #[schema(example = "31.00")]
    pub gross: String,
    #[schema(example = "1.20")]
    pub fees: String,
    /// Of how many parts it is made.
    pub items: i64,
    /// How many of them are of nothing that is known, or differ: see its items with `unmatched=true`.
    pub unmatched: i64,
    /// What of it is on `payout_differences`: above zero where less came than there should.
    #[schema(example = "0.00")]
    pub difference: String,
    pub paid_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

impl Payout {
    /// As it is shown, with what its parts add up to.
    #[must_use]
    pub fn of((payout, totals): (domain::Payout, domain::Totals)) -> Payout {
        Payout {
            id: payout.id,
            status: payout.status.into(),
            gateway_account_id: payout.gateway_account_id,
            reference: payout.reference,
            currency: payout.amount.currency().code(),
            amount: payout.amount.to_major_string(),
            gross: totals.gross.to_major_string(),
            fees: totals.fees.to_major_string(),
            items: totals.items,
            unmatched: totals.unmatched,
            difference: totals.difference.to_major_string(),
            paid_at: payout.paid_at,
            created_at: payout.created_at,
        }
    }
}

/// A part of a payout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PayoutItem {
    #[schema(value_type = String, example = "payout_item_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: PayoutItemId,
    /// The gateway's name for it.
    pub reference: String,
    pub kind: PayoutItemKind,
    /// As it was charged, refunded or disputed; what was taken is below zero.
    pub original_amount: String,
    pub original_currency: &'static str,
    /// The same in the currency of the payout.
    pub amount: String,
    pub fee: String,
    pub currency: &'static str,
    #[schema(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
    #[schema(value_type = Option<String>)]
    pub payment_id: Option<PaymentId>,
    #[schema(value_type = Option<String>)]
    pub refund_id: Option<RefundId>,
    #[schema(value_type = Option<String>)]
    pub dispute_id: Option<DisputeId>,
    /// The payout that came back.
    #[schema(value_type = Option<String>)]
    pub failed_payout_id: Option<PayoutId>,
    /// Null where it is of something that is known, and of that amount.
    pub reason: Option<PayoutReason>,
    /// What of it is on `payout_differences`.
    pub difference: String,
}

impl From<domain::Item> for PayoutItem {
    fn from(item: domain::Item) -> PayoutItem {
        PayoutItem {
            id: item.id,
            reference: item.reference,
            kind: item.kind.into(),
            original_amount: item.original.to_major_string(),
            original_currency: item.original.currency().code(),
            amount: item.amount.to_major_string(),
            fee: item.fee.to_major_string(),
            currency: item.amount.currency().code(),
            customer_id: item.customer_id,
            payment_id: item.payment_id,
            refund_id: item.refund_id,
            dispute_id: item.dispute_id,
            failed_payout_id: item.failed_payout_id,
            reason: item.reason.map(Into::into),
            difference: item.difference.to_major_string(),
        }
    }
}

/// Which payouts.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PayoutsQuery {
    /// Of this account.
    #[param(value_type = Option<String>)]
    pub gateway_account_id: Option<GatewayAccountId>,
}

/// Which parts of a payout.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PayoutItemsQuery {
    /// `true`: those alone that are of nothing that is known, or differ.
    #[serde(default)]
    pub unmatched: bool,
}
