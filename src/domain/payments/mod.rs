//! Has the money come? A payment is one attempt to get it: under way, there, or refused, each written before the next step.
//!
//! 31.00 due: an attempt is recorded as processing and committed, the gateway is called, its answer settles the attempt:
//! succeeded → the invoice is paid; insufficient_funds → failed, tried again a day later.
//!
//! **Owns**: Money coming in and going back: methods, attempts, gateways, refunds, what came outside any of them.
//!
//! **Not its own**: What is due ([`invoicing`](super::invoicing)); where it stands in the books ([`ledger`](super::ledger)).
//!
//! **Laws**: An attempt is committed before its gateway hears of it. Nobody is charged twice. Money that comes too late is never
//! dropped.

pub mod accounts;
pub mod at_account;
pub mod attempt;
pub mod calls;
pub mod checks;
pub mod declines;
pub mod disputes;
pub mod given_back;
pub mod inbound;
pub mod late;
pub mod mandates;
pub mod method;
pub mod networks;
pub mod offline;
pub mod outcome;
pub mod payouts;
pub mod preferences;
pub mod refused;
pub mod rehearsal;
pub mod retries;
pub mod routing;
pub mod settle;
pub mod simulated;
pub mod units;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use strum::{EnumDiscriminants, EnumString, IntoStaticStr};

pub use method::{Kind, PaymentMethod};
pub use outcome::Outcome;
pub use refused::Refused;

use super::catalog::Metadata;
use super::ids::{CustomerId, GatewayAccountId, InvoiceId, PaymentId, PaymentMethodId};
use super::money::{Money, MoneyError};
use declines::Class;
use retries::reason::Reason;

/// The gateway of money that was received outside any gateway.
pub const OFFLINE: &str = "offline";

/// Money on its way in, or that did not come.
#[derive(Debug, Clone, PartialEq)]
pub struct Payment {
    /// Also the gateway's idempotency key, see [`Payment::gateway_key`].
    pub id: PaymentId,
    pub external_id: Option<String>,
    pub customer_id: CustomerId,
    /// `None`: money on account, the customer's credit.
    pub invoice_id: Option<InvoiceId>,
    /// `None` for money received outside any gateway.
    pub payment_method_id: Option<PaymentMethodId>,
    /// Who was to move the money: a gateway, or [`OFFLINE`].
    pub gateway: Arc<str>,
    /// At which account of it; `None`: at the simulator, or outside any gateway.
    pub gateway_account_id: Option<GatewayAccountId>,
    pub amount: Money,
    /// The part put against the invoice; the rest is the customer's credit, but for a surplus.
    pub amount_applied: Money,
    /// The part that came too late, for an invoice that did not need it any more: a refund gives it back.
    pub amount_surplus: Money,
    /// How much more, or below zero less, was taken in cash than the amount, because there are no coins for the rest.
    pub cash_rounding: Money,
    pub state: State,
    /// What the gateway, or the bank, calls it.
    pub reference: Option<String>,
    /// Where its payer agrees to it, while it waits for that.
    pub action_url: Option<String>,
    pub metadata: Metadata,
    pub created_at: DateTime<Utc>,
    /// How often the gateway was queried for what became of it.
    pub checks: i16,
    /// Why it was made when it was; `None`: no gateway was asked, or that was not recorded yet.
    pub reason: Option<Reason>,
    /// What its gateway said besides the code, when it failed.
    pub declined: Declined,
}

/// What is known of a decline besides its code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declined {
    /// As it was when it failed; `None`: it has not, or that was not recorded yet.
    pub class: Option<Class>,
    /// The network's or issuer's own code.
    pub network_code: Option<String>,
    /// What the network or the gateway advises.
    pub advice_code: Option<String>,
}

/// Where a payment stands.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr, EnumDiscriminants)]
#[strum(serialize_all = "snake_case", const_into_str)]
#[strum_discriminants(name(Status), doc = "A state of a payment by its name alone.")]
#[strum_discriminants(derive(EnumString, IntoStaticStr), strum(serialize_all = "snake_case", const_into_str))]
pub enum State {
    /// Nobody knows yet: the gateway is queried at `next_check_at`, never charged again.
    Processing {
        /// When to query it.
        next_check_at: DateTime<Utc>,
    },
    /// The money is there.
    Succeeded {
        /// When it came.
        at: DateTime<Utc>,
    },
    /// It will not come by this attempt.
    Failed {
        /// The gateway's reason, such as `insufficient_funds`.
        code: String,
        /// When that became known.
        at: DateTime<Utc>,
        /// When its gateway is queried once more, should money have come after all; `None`: it is not.
        ask_again_at: Option<DateTime<Utc>>,
    },
}

impl Payment {
    /// The key under which the gateway knows this attempt: the same key never charges twice.
    pub fn gateway_key(&self) -> String {
        self.id.uuid().to_string()
    }

    /// Whether its outcome is still open.
    pub fn is_processing(&self) -> bool {
        matches!(self.state, State::Processing { .. })
    }

    /// What kind of no it was; `None`: it has not failed.
    pub fn class(&self) -> Option<Class> {
        let State::Failed { code, .. } = &self.state else { return None };
        Some(self.declined.class.unwrap_or_else(|| declines::meaning(&self.decline(code)).class))
    }

    /// Whether it failed with a code that the table of declines does not know: somebody is to look at it.
    pub fn is_unknown_decline(&self) -> bool {
        match &self.state {
            State::Failed { code, .. } => !declines::meaning(&self.decline(code)).known,
            State::Processing { .. } | State::Succeeded { .. } => false,
        }
    }

    /// What it looks like now, as its events show it.
    pub fn event_data(&self) -> serde_json::Value {
        let decline_code = match &self.state {
            State::Failed { code, .. } => Some(code),
            State::Processing { .. } | State::Succeeded { .. } => None,
        };
        let class = self.class();
        serde_json::json!({
            "object": "payment",
            "id": self.id,
            "status": self.state.into_str(),
            "customer_id": self.customer_id,
            "invoice_id": self.invoice_id,
            "payment_method_id": self.payment_method_id,
            "gateway": &*self.gateway,
            "gateway_account_id": self.gateway_account_id,
            "currency": self.amount.currency().code(),
            "amount": self.amount.to_major_string(),
            "amount_applied": self.amount_applied.to_major_string(),
            "amount_surplus": self.amount_surplus.to_major_string(),
            "cash_rounding": self.cash_rounding.to_major_string(),
            "decline_code": decline_code,
            "decline_class": class.map(|class| class.into_str()),
            "network_code": self.declined.network_code,
            "advice_code": self.declined.advice_code,
            "customer_message": class.map(Class::customer_message),
            "next_action": class.map(Class::next_action),
            "reason": self.reason.map(|reason| reason.cause.into_str()),
            "reference": self.reference,
            "action_url": self.action_url,
        })
    }

    /// What is the customer's credit: the part of received money that no invoice needed.
    pub fn amount_credited(&self) -> Result<Money, MoneyError> {
        match self.state {
            State::Succeeded { .. } => {
                self.amount.checked_sub(self.amount_applied)?.checked_sub(self.amount_surplus)
            }
            State::Processing { .. } | State::Failed { .. } => Ok(Money::zero(self.amount.currency())),
        }
    }
}
