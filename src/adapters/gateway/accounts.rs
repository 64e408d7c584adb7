//! How is a gateway reached by an account? Its credentials are kept sealed and opened for the call alone; its address is the internet's; and
//! one that keeps failing is left alone for a while, so that nobody waits thirty seconds for each of five hundred charges.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::blocking::Client;
use serde::{Deserialize, Serialize};

use super::Gateway;
use super::gocardless::Gocardless;
use super::simulator_server::SimulatorServer;
use super::stripe::Stripe;
use crate::adapters::https;
use crate::adapters::reach::{Reach, Wrong};
use crate::domain::ids::{GatewayAccountId, TenantId};
use crate::domain::payments::accounts::{GatewayAccount, GatewayKind};
use crate::platform::breakers::Breakers;
use crate::platform::seals::SealKey;
use crate::platform::secrets::Secret;

/// For how long an account whose gateway keeps failing is left alone.
const PAUSE: Duration = Duration::from_secs(30);
/// Clients that are kept for another call.
const CLIENTS: usize = 1_000;

/// What opens an account at its gateway. Shown to nobody.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credentials {
    secret_key: String,
    #[serde(default)]
    webhook_secrets: Vec<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl Credentials {
    /// With the key that calls are made with, and the secrets that events are signed with.
    #[must_use]
    pub fn new(secret_key: String, webhook_secrets: Vec<String>) -> Credentials {
        Credentials { secret_key, webhook_secrets }
    }

    /// The same with what is given in place of what there is.
    #[must_use]
    pub fn with(self, secret_key: Option<String>, webhook_secrets: Option<Vec<String>>) -> Credentials {
        Credentials {
            secret_key: secret_key.unwrap_or(self.secret_key),
            webhook_secrets: webhook_secrets.unwrap_or(self.webhook_secrets),
        }
    }

    /// What calls are made with.
    #[must_use]
    pub fn secret_key(&self) -> &str {
        &self.secret_key
    }

    /// What events are signed with: by any of these.
    #[must_use]
    pub fn webhook_secrets(&self) -> &[String] {
        &self.webhook_secrets
    }
}

/// Why an account is not reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("this server keeps no credentials: it must be started with --secrets-key")]
    NoSecretsKey,
    #[error("the credentials of this account cannot be opened with the key of this server: give them again")]
    Sealed,
    #[error(transparent)]
    Address(#[from] Wrong),
    #[error("no client can be made: {0}")]
    Client(String),
}

/// By what a client may be used again: whose, where, and whether it may call this machine.
type ClientKey = (GatewayAccountId, String, bool);

/// What this server reaches accounts with.
#[derive(Clone)]
pub struct Accounts {
    key: Option<Arc<SealKey>>,
    reach: Reach,
    breakers: Arc<Breakers<GatewayAccountId>>,
    clients: Arc<Mutex<HashMap<ClientKey, Client>>>,
}

impl Default for Accounts {
    fn default() -> Accounts {
        Accounts {
            key: None,
            reach: Reach::default(),
            breakers: Arc::new(Breakers::pausing(PAUSE)),
            clients: Arc::default(),
        }
    }
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accounts").field("has_key", &self.key.is_some()).finish_non_exhaustive()
    }
}

fn row(tenant_id: TenantId, id: GatewayAccountId) -> String {
    format!("{tenant_id} {id}")
}

impl Accounts {
    /// With the key that seals credentials; `None`: none are kept.
    #[must_use]
    pub fn with_key(key: Option<&Secret>) -> Accounts {
        Accounts { key: key.and_then(|key| SealKey::of(key).ok()).map(Arc::new), ..Accounts::default() }
    }

    /// The same, reaching what is within these bounds.
    #[must_use]
    pub fn within(self, reach: Reach) -> Accounts {
        Accounts { reach, ..self }
    }

    /// The same, leaving alone for so long who keeps failing.
    #[must_use]
    pub fn pausing(self, pause: Duration) -> Accounts {
        Accounts { breakers: Arc::new(Breakers::pausing(pause)), ..self }
    }

    /// Refuses an address that an account cannot have.
    ///
    /// # Errors
    /// [`Wrong`].
    pub fn check_address(&self, base_url: &str, is_test: bool) -> Result<(), Wrong> {
        self.reach.check(base_url, is_test)?;
        // The paths of the gateway are put behind it.
        let climbs = ["..", "%2e"].iter().any(|part| base_url.to_ascii_lowercase().contains(part));
        if climbs || base_url.contains(['?', '#', '\\']) { Err(Wrong::NotABase) } else { Ok(()) }
    }

    /// Seals what opens an account.
    ///
    /// # Errors
    /// [`Trouble::NoSecretsKey`].
    pub fn seal(
        &self,
        (tenant_id, id): (TenantId, GatewayAccountId),
        credentials: &Credentials,
    ) -> Result<String, Trouble> {
        let key = self.key.as_ref().ok_or(Trouble::NoSecretsKey)?;
        let text = serde_json::to_string(credentials).map_err(|_| Trouble::Sealed)?;
        key.seal(&row(tenant_id, id), &Secret::new(text)).map_err(|_| Trouble::NoSecretsKey)
    }

    /// Opens what was sealed for an account.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn unseal(
        &self,
        (tenant_id, id): (TenantId, GatewayAccountId),
        sealed: &str,
    ) -> Result<Credentials, Trouble> {
        let key = self.key.as_ref().ok_or(Trouble::NoSecretsKey)?;
        let text = key.open(&row(tenant_id, id), sealed).map_err(|_| Trouble::Sealed)?;
        serde_json::from_str(text.expose()).map_err(|_| Trouble::Sealed)
    }

    /// The gateway of an account, with the account's credentials.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn open(
        &self,
        (tenant_id, is_test): (TenantId, bool),
        account: &GatewayAccount,
        sealed: &str,
    ) -> Result<Arc<dyn Gateway>, Trouble> {
        let credentials = self.unseal((tenant_id, account.id), sealed)?;
        let client = self.client(account, is_test)?;
        let breaker = (Arc::clone(&self.breakers), account.id);
        match account.gateway {
            GatewayKind::Stripe => {
                Ok(Arc::new(Stripe::at(&account.base_url, (client, breaker), credentials.secret_key())))
            }
            GatewayKind::Gocardless => {
                let (url, token) = (&account.base_url, credentials.secret_key());
                Ok(Arc::new(Gocardless::at(url, (client, breaker), token)))
            }
            GatewayKind::Simulator => {
                let (url, key) = (&account.base_url, credentials.secret_key());
                Ok(Arc::new(SimulatorServer::at(url, (client, breaker), key)))
            }
        }
    }

    /// A client for its address, the one of earlier calls when there is: it keeps connections open.
    fn client(&self, account: &GatewayAccount, is_test: bool) -> Result<Client, Trouble> {
        let key = (account.id, account.base_url.clone(), is_test);
        if let Some(client) = self.clients.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(client.clone());
        }
        let client = self.reach.client(&account.base_url, is_test)?.build();
        let client = client.map_err(|error| Trouble::Client(https::causes(&error)))?;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= CLIENTS {
            clients.clear();
        }
        clients.insert(key, client.clone());
        Ok(client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_opens_an_account_is_sealed_for_it_alone_and_shown_by_no_message() {
        let accounts = Accounts::with_key(Some(&Secret::new("a key")));
        let [one, other] = [1, 2].map(|n| GatewayAccountId::from_uuid(Uuid::from_u128(n)));
        let tenant = TenantId::from_uuid(Uuid::nil());
        let credentials = Credentials::new("sk_test_123".to_owned(), vec!["whsec_1".to_owned()]);
        let sealed = accounts.seal((tenant, one), &credentials).unwrap();
        assert!(!sealed.contains("sk_test_123"));
        assert_eq!(accounts.unseal((tenant, one), &sealed).unwrap().secret_key(), "sk_test_123");
        assert_eq!(accounts.unseal((tenant, other), &sealed).unwrap_err(), Trouble::Sealed);
        let keyless = Accounts::default();
        assert_eq!(keyless.seal((tenant, one), &credentials).unwrap_err(), Trouble::NoSecretsKey);
        assert!(!format!("{credentials:?} {accounts:?}").contains("123"));
    }
}
