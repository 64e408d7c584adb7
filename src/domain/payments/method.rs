//! What can be charged? A card or a bank account, known to us only by the token its gateway gave for it: `tok_success`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use strum::{EnumString, IntoStaticStr};

use super::mandates::State;
use crate::domain::catalog::Metadata;
use crate::domain::ids::{CustomerId, GatewayAccountId, PaymentMethodId};

/// The gateway that moves no money: of a payment method that names none.
pub const SIMULATOR: &str = "simulator";

/// A way to charge a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct PaymentMethod {
    pub id: PaymentMethodId,
    pub external_id: Option<String>,
    pub customer_id: CustomerId,
    pub kind: Kind,
    /// Which gateway knows the token.
    pub gateway: Arc<str>,
    /// Which account of it; `None`: it is the simulator's.
    pub gateway_account_id: Option<GatewayAccountId>,
    /// The gateway's name for it; never a card number.
    pub token: String,
    /// Such as `visa`, for people to recognise it.
    pub brand: Option<String>,
    /// The last four digits, for people to recognise it.
    pub last4: Option<String>,
    pub metadata: Metadata,
    pub created_at: DateTime<Utc>,
    /// Set when it was taken away: it is never charged again.
    pub detached_at: Option<DateTime<Utc>>,
    /// The gateway's name for the card itself, the same however often it is added; `None`: nothing but its id tells it from others.
    pub fingerprint: Option<String>,
    /// Whether a payment by it is disputed now: it is not charged by itself.
    pub is_disputed: bool,
    /// How the mandate of a bank account stands, as far as its gateway has told.
    pub mandate: Option<State>,
}

/// What a caller says of a payment method.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPaymentMethod {
    pub external_id: Option<String>,
    pub customer_id: CustomerId,
    pub kind: Kind,
    /// The simulator when left out.
    pub gateway: Option<String>,
    /// Which account of the gateway knows the token.
    pub gateway_account_id: Option<GatewayAccountId>,
    pub token: String,
    pub brand: Option<String>,
    pub last4: Option<String>,
    pub metadata: Metadata,
    /// The gateway's name for the card itself.
    pub fingerprint: Option<String>,
}

impl NewPaymentMethod {
    /// Which gateway is to know the token.
    #[must_use]
    pub fn gateway(&self) -> &str {
        self.gateway.as_deref().unwrap_or(SIMULATOR)
    }

    /// The payment method.
    #[must_use]
    pub fn attach(self, id: PaymentMethodId, now: DateTime<Utc>) -> PaymentMethod {
        // A token of the simulator does the same for everyone: the card is that of its customer.
        let simulated =
            (self.gateway() == SIMULATOR).then(|| format!("{}/{}", self.token, self.customer_id.uuid()));
        PaymentMethod {
            id,
            gateway: Arc::from(self.gateway()),
            gateway_account_id: self.gateway_account_id,
            external_id: self.external_id,
            customer_id: self.customer_id,
            kind: self.kind,
            token: self.token,
            brand: self.brand,
            last4: self.last4,
            metadata: self.metadata,
            created_at: now,
            detached_at: None,
            fingerprint: self.fingerprint.or(simulated),
            is_disputed: false,
            mandate: None,
        }
    }
}

impl PaymentMethod {
    /// What it looks like now, as its events show it. The token stays between us and its gateway.
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "payment_method",
            "id": self.id,
            "customer_id": self.customer_id,
            "kind": self.kind.into_str(),
            "gateway": &*self.gateway,
            "gateway_account_id": self.gateway_account_id,
            "brand": self.brand,
            "last4": self.last4,
            "mandate": self.mandate.map(|state| state.into_str()),
            "detached_at": self.detached_at,
        })
    }
}

/// What kind of thing is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Kind {
    /// A payment card.
    Card,
    /// A bank account.
    BankTransfer,
}
