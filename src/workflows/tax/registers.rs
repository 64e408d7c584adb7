//! Who elsewhere knows of tax? The registers of numbers, the simulator for test tenants, VIES for live ones where the server is told where it is; and
//! the providers that say what sales are taxed with.

use std::fmt;
use std::sync::Arc;

use super::providers::Providers;
use crate::adapters::tax_numbers::{Registry, Simulator, Vies};
use crate::storage::tenants::Mode;

/// The registers of a server.
#[derive(Clone, Default)]
pub struct Registers {
    live: Option<Arc<dyn Registry>>,
    /// What providers of tax are reached with.
    pub providers: Providers,
}

impl Registers {
    /// With VIES at this address; `None`: live tenants have no register.
    #[must_use]
    pub fn with_vies(address: Option<&str>) -> Registers {
        let live = address.map(|address| Arc::new(Vies::at(address)) as Arc<dyn Registry>);
        Registers { live, ..Registers::default() }
    }

    /// With a register of one's own for live tenants.
    #[must_use]
    pub fn with_live(live: Arc<dyn Registry>) -> Registers {
        Registers { live: Some(live), ..Registers::default() }
    }

    /// The same, reaching providers of tax so.
    #[must_use]
    pub fn reaching(self, providers: Providers) -> Registers {
        Registers { providers, ..self }
    }

    /// The one that is asked for tenants of a mode.
    #[must_use]
    pub fn for_mode(&self, mode: Mode) -> Option<&dyn Registry> {
        match mode {
            Mode::Test => Some(&Simulator),
            Mode::Live => self.live.as_deref(),
        }
    }

    /// What that one is called.
    #[must_use]
    pub fn named(&self, mode: Mode) -> Option<&'static str> {
        self.for_mode(mode).map(|register| register.name())
    }
}

impl fmt::Debug for Registers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registers").field("live", &self.live.as_ref().map(|live| live.name())).finish()
    }
}
