//! How is a tenant's provider reached? By what is kept of it, its credentials opened for the call alone; and not at all while it keeps failing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::adapters::reach::Reach;
use crate::adapters::tax::{Endpoint, Provider, Trouble, provider};
use crate::domain::ids::{TaxProviderId, TenantId};
use crate::domain::refusal::{Invalid, Refusal, RefusalKind};
use crate::domain::tax::provided::OnOutage;
use crate::platform::breakers::Breakers;
use crate::platform::seals::SealKey;
use crate::platform::secrets::Secret;
use crate::storage::Session;
use crate::storage::tax::providers::{self as storage, Sealed};
use crate::storage::tenants::Mode;
use crate::workflows::{Error, Scope};

/// For how long a provider that keeps failing is left alone.
const PAUSE: Duration = Duration::from_secs(30);
/// Calls of one job at once.
pub(in crate::workflows) const WIDTH: usize = 16;

/// What this server reaches providers with.
#[derive(Clone)]
pub struct Providers {
    key: Option<Arc<SealKey>>,
    reach: Reach,
    breakers: Arc<Breakers<TaxProviderId>>,
}

impl Default for Providers {
    fn default() -> Providers {
        Providers { key: None, reach: Reach::default(), breakers: Arc::new(Breakers::pausing(PAUSE)) }
    }
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Providers").field("has_key", &self.key.is_some()).finish_non_exhaustive()
    }
}

/// A provider as it is called.
pub(in crate::workflows) struct Opened {
    /// Its credentials may not open, or its address not be one that may be called.
    pub(in crate::workflows) provider: Result<Box<dyn Provider>, Trouble>,
    pub(in crate::workflows) on_outage: OnOutage,
}

/// Why credentials are not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("this server keeps no credentials: it must be started with --secrets-key")]
    NoSecretsKey,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        "no_secrets_key"
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::State
    }
}

fn row(tenant_id: TenantId, id: TaxProviderId) -> String {
    format!("{tenant_id} {id}")
}

impl Providers {
    /// With the key that seals credentials; `None`: none are kept.
    #[must_use]
    pub fn with_key(key: Option<&Secret>) -> Providers {
        Providers { key: key.and_then(|key| SealKey::of(key).ok()).map(Arc::new), ..Providers::default() }
    }

    /// The same, reaching what is within these bounds.
    #[must_use]
    pub fn within(self, reach: Reach) -> Providers {
        Providers { reach, ..self }
    }

    /// The same, leaving alone for so long who keeps failing.
    #[must_use]
    pub fn pausing(self, pause: Duration) -> Providers {
        Providers { breakers: Arc::new(Breakers::pausing(pause)), ..self }
    }

    /// Seals the credentials of a provider.
    ///
    /// # Errors
    /// [`Refused`].
    pub(super) fn seal(
        &self,
        (tenant_id, id): (TenantId, TaxProviderId),
        credentials: &Secret,
    ) -> Result<String, Refused> {
        let key = self.key.as_ref().ok_or(Refused::NoSecretsKey)?;
        key.seal(&row(tenant_id, id), credentials).map_err(|_| Refused::NoSecretsKey)
    }

    /// Refuses an address that a tenant's provider cannot have.
    pub(super) fn check_address(&self, base_url: &str, mode: Mode) -> Result<(), Invalid> {
        let checked = self.reach.check(base_url, mode == Mode::Test);
        checked.map_err(|wrong| Invalid::one("/base_url", wrong.code(), wrong))
    }

    /// The same for calls whose failures nobody else is to hear of.
    #[must_use]
    pub(in crate::workflows) fn apart(&self) -> Providers {
        Providers { breakers: Arc::new(Breakers::pausing(PAUSE)), ..self.clone() }
    }

    /// A provider that answers, or did, to be called.
    ///
    /// # Errors
    /// Not found; the database cannot be reached.
    pub(in crate::workflows) fn open(
        &self,
        session: &mut Session,
        whose: (TenantId, TaxProviderId),
    ) -> Result<Opened, Error> {
        self.open_within(session, whose, Duration::MAX)
    }

    /// The same, waiting for an answer no longer than this.
    ///
    /// # Errors
    /// As [`Providers::open`].
    pub(in crate::workflows) fn open_within(
        &self,
        session: &mut Session,
        (tenant_id, id): (TenantId, TaxProviderId),
        patience: Duration,
    ) -> Result<Opened, Error> {
        let (mode, sealed) = session.read(|tx| {
            let mode = Scope::load(tx, tenant_id)?.mode;
            Ok::<_, Error>((mode, storage::sealed_provider(tx, tenant_id, id)?))
        })?;
        let on_outage = sealed.provider.on_outage;
        let patience = patience.min(sealed.provider.patience());
        Ok(Opened { provider: self.unseal((tenant_id, mode), &sealed, patience), on_outage })
    }

    fn unseal(
        &self,
        (tenant_id, mode): (TenantId, Mode),
        sealed: &Sealed,
        patience: Duration,
    ) -> Result<Box<dyn Provider>, Trouble> {
        let Sealed { provider: kept, credentials } = sealed;
        let open = |sealed: &String| {
            let key =
                self.key.as_ref().ok_or_else(|| Trouble::Unreachable(Refused::NoSecretsKey.to_string()))?;
            let opened = key.open(&row(tenant_id, kept.id), sealed);
            opened.map_err(|broken| Trouble::Unreachable(format!("its credentials: {broken}")))
        };
        let credentials = credentials.as_ref().map(open).transpose()?;
        let client = self.reach.client(&kept.base_url, mode == Mode::Test);
        let client = client.map_err(|wrong| Trouble::Refused(wrong.to_string()))?;
        let endpoint = Endpoint::new((client, &kept.base_url), credentials, patience)?;
        Ok(provider(kept.kind, endpoint.of_company(kept.company.clone())))
    }

    /// Makes one call, unless its provider keeps failing.
    ///
    /// # Errors
    /// What became of it.
    pub(in crate::workflows) fn call<T>(
        &self,
        id: TaxProviderId,
        call: impl FnOnce() -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        if !self.breakers.admits(&id) {
            return Err(Trouble::Unreachable(
                "the provider keeps failing and is left alone for a while".to_owned(),
            ));
        }
        let outcome = call();
        self.breakers.note(id, !matches!(outcome, Err(Trouble::Unreachable(_))));
        outcome
    }

    /// Whether a provider may be called now.
    pub(in crate::workflows) fn admits(&self, id: TaxProviderId) -> bool {
        self.breakers.admits(&id)
    }
}
