//! Which gateways does a server reach? Those without accounts by their names, such as the simulator; the others by what opens accounts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Gateway;
use super::accounts::Accounts;

/// The gateways this server can reach, by name.
#[derive(Clone, Default)]
pub struct Gateways {
    known: BTreeMap<&'static str, Arc<dyn Gateway>>,
    /// What those with accounts are reached with.
    pub accounts: Accounts,
}

impl Gateways {
    /// With these.
    pub fn new(gateways: impl IntoIterator<Item = Arc<dyn Gateway>>) -> Gateways {
        Gateways {
            known: gateways.into_iter().map(|g| (g.name(), g)).collect(),
            accounts: Accounts::default(),
        }
    }

    /// The same, reaching accounts so.
    #[must_use]
    pub fn reaching(self, accounts: Accounts) -> Gateways {
        Gateways { accounts, ..self }
    }

    /// The one with this name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Gateway>> {
        self.known.get(name)
    }

    /// Their names, for messages.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.known.keys().copied()
    }
}

impl std::fmt::Debug for Gateways {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.known.keys()).finish()
    }
}
