//! Which gateway is called for which payments? Each is called once for its share, all side by side: the simulator for those without an account,
//! and the gateway of each account with that account's credentials, opened before the call. One that does not answer holds up none but its own.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::adapters::gateway::{Gateway, Gateways, Trouble};
use crate::domain::ids::{GatewayAccountId, TenantId};
use crate::domain::payments::Payment;
use crate::platform::threads::side_by_side;
use crate::storage::payments::accounts;
use crate::storage::tenants::Mode;
use crate::storage::{Session, StorageError};
use crate::workflows::{Error, Scope};

/// Gateways that are called at once.
const WIDTH: usize = 16;

/// A gateway as payments name it.
type Name = (Arc<str>, Option<GatewayAccountId>);

/// Why a gateway is not called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Closed {
    #[error("no gateway of this name is configured")]
    NotConfigured,
    #[error(transparent)]
    Account(#[from] Trouble),
}

/// Gateways, opened to be called.
pub(super) struct Routes {
    open: HashMap<Name, Result<Arc<dyn Gateway>, Closed>>,
}

fn name(payment: &Payment) -> Name {
    (Arc::clone(&payment.gateway), payment.gateway_account_id)
}

impl Routes {
    /// The gateways of these payments. Reads the accounts among them, if any, by statements of their own: no transaction is open when they are
    /// called.
    ///
    /// # Errors
    /// Storage.
    pub(super) fn open<'p>(
        session: &mut Session,
        gateways: &Gateways,
        tenant_id: TenantId,
        payments: impl Iterator<Item = &'p Payment>,
    ) -> Result<Routes, Error> {
        let mut open: HashMap<Name, Result<Arc<dyn Gateway>, Closed>> = HashMap::new();
        let mut ids = Vec::new();
        for payment in payments {
            if let Some(id) = payment.gateway_account_id {
                ids.push(id);
            } else {
                let route = || gateways.get(&payment.gateway).cloned().ok_or(Closed::NotConfigured);
                open.entry(name(payment)).or_insert_with(route);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        if !ids.is_empty() {
            let (mode, sealed) = session.read(|tx| {
                let mode = Scope::load(tx, tenant_id)?.mode;
                Ok::<_, StorageError>((mode, accounts::sealed(tx, tenant_id, &ids)?))
            })?;
            for sealed in sealed {
                let whose = (tenant_id, mode == Mode::Test);
                let route = gateways.accounts.open(whose, &sealed.account, &sealed.credentials);
                let name: &'static str = sealed.account.gateway.into();
                let route = route.map_err(Closed::from);
                open.insert((Arc::from(name), Some(sealed.account.id)), route);
            }
        }
        Ok(Routes { open })
    }

    /// Whether any of these gateways can be called.
    pub(super) fn lead_anywhere(&self) -> bool {
        self.open.values().any(Result::is_ok)
    }

    /// Calls each gateway with its share, and gives the answers in the order of the shares.
    pub(super) fn call<'i, T: Sync, R: Send>(
        &self,
        items: &'i [T],
        payment: impl Fn(&T) -> &Payment,
        call: impl Fn(Result<&dyn Gateway, &Closed>, &[&'i T]) -> Vec<R> + Sync,
    ) -> Vec<(&'i T, R)> {
        let mut shares: BTreeMap<Name, Vec<&'i T>> = BTreeMap::new();
        for item in items {
            shares.entry(name(payment(item))).or_default().push(item);
        }
        let answers = side_by_side(WIDTH, shares.into_iter().collect(), |(name, share)| {
            let route = self.open.get(&name).map_or(Err(&Closed::NotConfigured), Result::as_ref);
            if let Err(closed) = route {
                tracing::warn!(gateway = &*name.0, account = ?name.1, %closed, "a gateway is not called");
            }
            let answers = call(route.map(|gateway| &**gateway), &share);
            share.into_iter().zip(answers).collect::<Vec<_>>()
        });
        answers.into_iter().flatten().collect()
    }
}
