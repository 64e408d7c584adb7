//! At which gateways does a tenant have accounts? `{"gateway": "stripe", "name": "Stripe, euro"}`: payment methods name the account that
//! knows them, and are charged there.

use chrono::{DateTime, Utc};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::domain::fields::{Faults, NAME_LENGTH};
use crate::domain::ids::{EntityId, GatewayAccountId};
use crate::domain::refusal::Invalid;

/// Most accounts of a tenant.
pub const MOST: usize = 100;
/// Secrets that sign events at once: the new one and, while it is rotated in, the old one.
pub const MOST_WEBHOOK_SECRETS: usize = 2;
const URL_LENGTH: usize = 300;
const SECRET_LENGTH: usize = 500;
const TOKEN_LENGTH: usize = 200;

/// A gateway that is reached by an account.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, EnumString, VariantNames,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum GatewayKind {
    /// Stripe: PaymentIntents.
    Stripe,
    /// GoCardless: debits of bank accounts.
    Gocardless,
    /// The simulator that runs as a server of its own: it moves no money, and serves test tenants only.
    Simulator,
}

impl GatewayKind {
    /// Where it is, unless an account says otherwise.
    #[must_use]
    pub fn base_url(self) -> &'static str {
        match self {
            GatewayKind::Stripe => "https://api.stripe.com",
            GatewayKind::Gocardless => "https://api.gocardless.com",
            GatewayKind::Simulator => "http://127.0.0.1:8091",
        }
    }

    /// Whether a token can be one of its own.
    ///
    /// # Errors
    /// A sentence for who sent it.
    pub fn check_token(self, token: &str) -> Result<(), &'static str> {
        match self {
            GatewayKind::Stripe => stripe_token(token).map(drop).ok_or(
                "a token of Stripe is the customer and the payment method attached to it, such as cus_NffrFeUfNV2Hib/pm_1MqM05LkdIwHu7ix",
            ),
            GatewayKind::Gocardless => {
                let rest = token.strip_prefix("MD").unwrap_or_default();
                let is_name = (1..=60).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric());
                is_name.then_some(()).ok_or("a token of GoCardless is a mandate, such as MD0000QXSJ5RZ3")
            }
            GatewayKind::Simulator => {
                let is_plain = token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'/');
                let is_token = token.starts_with("tok_") && is_plain && token.len() <= TOKEN_LENGTH;
                is_token.then_some(()).ok_or("a token of the simulator begins with tok_, such as tok_success")
            }
        }
    }
}

/// The customer and the payment method of `cus_NffrFeUfNV2Hib/pm_1MqM05LkdIwHu7ix`.
#[must_use]
pub fn stripe_token(token: &str) -> Option<(&str, &str)> {
    let (customer, method) = token.split_once('/')?;
    let is_name =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let rest = customer.strip_prefix("cus_")?;
    let kind = ["pm_", "card_", "src_", "ba_"].into_iter().find(|kind| method.starts_with(kind))?;
    (is_name(rest) && is_name(&method[kind.len()..])).then_some((customer, method))
}

/// An account as it is kept, without its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayAccount {
    pub id: GatewayAccountId,
    pub gateway: GatewayKind,
    pub name: String,
    pub base_url: String,
    /// Whose invoices are charged there; `None`: those of every entity.
    pub entity_id: Option<EntityId>,
    pub created_at: DateTime<Utc>,
    /// When it was removed: nothing new is charged there.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl GatewayAccount {
    /// Checks its values, but for where it is.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        faults.check_text("/name", &self.name, NAME_LENGTH);
        faults.check_text("/base_url", &self.base_url, URL_LENGTH);
        faults.into_result()
    }

    /// Whether an entity's invoices may be charged there.
    #[must_use]
    pub fn charges_for(&self, entity_id: EntityId) -> bool {
        self.deleted_at.is_none() && self.entity_id.is_none_or(|own| own == entity_id)
    }

    /// Whether a tenant whose money is real may use it.
    #[must_use]
    pub fn moves_money(&self) -> bool {
        self.gateway != GatewayKind::Simulator
    }

    /// What an event carries of it: nothing secret.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "gateway_account",
            "id": self.id,
            "gateway": self.gateway.into_str(),
            "name": self.name,
            "base_url": self.base_url,
            "entity_id": self.entity_id,
        })
    }
}

/// Checks what opens an account.
///
/// # Errors
/// [`Invalid`] with every value at fault; no secret is repeated.
pub fn check_credentials(secret_key: &str, webhook_secrets: &[String]) -> Result<(), Invalid> {
    let mut faults = Faults::none();
    let mut check = |pointer: &str, text: &str| {
        if text.is_empty() || text.len() > SECRET_LENGTH || !text.bytes().all(|b| b.is_ascii_graphic()) {
            let detail = "a secret is 1 to 500 printable characters without spaces: copy it from the gateway's dashboard";
            faults.add(pointer, "malformed_credential", detail);
        }
    };
    check("/credentials/secret_key", secret_key);
    for (n, secret) in webhook_secrets.iter().enumerate() {
        check(&format!("/credentials/webhook_secrets/{n}"), secret);
    }
    if webhook_secrets.len() > MOST_WEBHOOK_SECRETS {
        let detail = "at most two: the new secret, and the old one while it is rotated out";
        faults.add("/credentials/webhook_secrets", "too_many", detail);
    }
    faults.into_result()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_stripe_names_a_customer_and_its_payment_method_and_nothing_that_leads_elsewhere() {
        let check = |token| GatewayKind::Stripe.check_token(token).is_ok();
        assert!(check("cus_NffrFeUfNV2Hib/pm_1MqM05LkdIwHu7ix") && check("cus_1/card_2"));
        for token in [
            "pm_1",
            "cus_1",
            "cus_/pm_1",
            "cus_1/pm_",
            "cus_1/tok_1",
            "cus_1/pm_1/x",
            "cus_1?a=b/pm_1",
            "/",
            "",
        ] {
            assert!(!check(token), "{token}");
        }
    }
}
