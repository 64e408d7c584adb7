//! With what does this server call endpoints? With the key that seals their secrets, and within what tenants' addresses may reach.

use std::fmt;
use std::sync::Arc;

use crate::adapters::reach::Reach;
use crate::adapters::webhooks::Post;
use crate::domain::ids::{TenantId, WebhookEndpointId};
use crate::domain::refusal::{Invalid, Refusal, RefusalKind};
use crate::platform::seals::SealKey;
use crate::platform::secrets::Secret;
use crate::storage::tenants::Mode;
use crate::storage::webhooks::Sealed;
use crate::workflows::Scope;

/// What endpoints are called with. Cheap to clone.
#[derive(Clone, Default)]
pub struct Courier {
    key: Option<Arc<SealKey>>,
    reach: Reach,
}

impl fmt::Debug for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Courier").field("has_key", &self.key.is_some()).finish_non_exhaustive()
    }
}

/// Why an endpoint is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("this server keeps no secrets: it must be started with --secrets-key")]
    NoSecretsKey,
    #[error("nothing is sent to this endpoint: enable it first, by a PATCH with \"enabled\": true")]
    Disabled,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::NoSecretsKey => "no_secrets_key",
            Refused::Disabled => "webhook_endpoint_disabled",
        }
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::State
    }
}

fn row(tenant_id: TenantId, id: WebhookEndpointId) -> String {
    format!("{tenant_id} {id}")
}

impl Courier {
    /// With the key that seals secrets, `None`: none are kept; and what may be reached.
    #[must_use]
    pub fn new(key: Option<&Secret>, reach: Reach) -> Courier {
        Courier { key: key.and_then(|key| SealKey::of(key).ok()).map(Arc::new), reach }
    }

    /// Seals a secret of an endpoint.
    ///
    /// # Errors
    /// [`Refused::NoSecretsKey`].
    pub(super) fn seal(
        &self,
        (tenant_id, id): (TenantId, WebhookEndpointId),
        secret: &Secret,
    ) -> Result<String, Refused> {
        let key = self.key.as_ref().ok_or(Refused::NoSecretsKey)?;
        key.seal(&row(tenant_id, id), secret).map_err(|_| Refused::NoSecretsKey)
    }

    /// Refuses an address that a tenant's endpoint cannot have.
    pub(super) fn check_address(&self, url: &str, mode: Mode) -> Result<(), Invalid> {
        let checked = self.reach.check(url, mode == Mode::Test);
        checked.map_err(|wrong| Invalid::one("/url", wrong.code(), wrong))
    }

    /// What an endpoint is written with: by its secret, and by the one before while that signs, too.
    ///
    /// # Errors
    /// Why nothing can be sent, in words.
    fn open(&self, scope: &Scope, sealed: &Sealed) -> Result<Post, String> {
        let endpoint = &sealed.endpoint;
        let row = row(scope.tenant_id, endpoint.id);
        let key = self.key.as_ref().ok_or_else(|| Refused::NoSecretsKey.to_string())?;
        let secrets = signing(scope, sealed).map(|secret| key.open(&row, secret));
        let secrets: Vec<Secret> =
            secrets.collect::<Result<_, _>>().map_err(|broken| format!("its secret: {broken}"))?;
        let is_test = scope.mode == Mode::Test;
        Post::to(&endpoint.url, secrets, (&self.reach, is_test)).map_err(|unusable| unusable.to_string())
    }
}

/// The sealed secrets that sign now.
fn signing<'a>(scope: &Scope, sealed: &'a Sealed) -> impl Iterator<Item = &'a String> {
    let is_in_time = sealed.endpoint.old_secret_until.is_some_and(|until| scope.now < until);
    std::iter::once(&sealed.secret).chain(sealed.old_secret.as_ref().filter(|_| is_in_time))
}

/// What one endpoint is written with batch after batch: its connections stay open as long as its address and its secrets are the same.
pub(super) struct Line<'a> {
    courier: &'a Courier,
    open: Option<(With, Post)>,
}

/// What a connection is made with.
#[derive(PartialEq)]
struct With {
    url: String,
    secrets: Vec<String>,
}

impl<'a> Line<'a> {
    pub(super) fn new(courier: &'a Courier) -> Line<'a> {
        Line { courier, open: None }
    }

    /// The endpoint as it is now.
    ///
    /// # Errors
    /// Why nothing can be sent, in words.
    pub(super) fn to(&mut self, scope: &Scope, sealed: &Sealed) -> Result<&Post, String> {
        let with =
            With { url: sealed.endpoint.url.clone(), secrets: signing(scope, sealed).cloned().collect() };
        let post = match self.open.take().filter(|(open, _)| *open == with) {
            Some((_, post)) => post,
            None => self.courier.open(scope, sealed)?,
        };
        Ok(&self.open.insert((with, post)).1)
    }
}
