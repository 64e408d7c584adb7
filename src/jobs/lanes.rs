//! How many endpoints are served at once? So many in a process, fewer of one tenant, each once; and who takes nothing stands in lanes apart, so that a
//! hundred dead endpoints that are waited for delay nobody who lives.
//!
//! Twenty endpoints of a tenant time out, 15 seconds each: four of them wait at a time, and the endpoints of all others are served meanwhile.

use std::sync::Arc;
use std::time::Duration;

use crate::platform::places::{Bounds, Place, Places};
use crate::storage::webhooks::Waiting;

/// Of endpoints that take what they are sent, and of those that did not the last time.
const LIVING: Bounds = Bounds { at_once: 48, at_once_of_one: 12, ..FAILING };
const FAILING: Bounds =
    Bounds { at_once: 16, at_once_of_one: 4, waiting: 0, waiting_of_one: 0, patience: Duration::ZERO };

/// The lanes of a process.
pub(super) struct Lanes {
    living: Arc<Places>,
    failing: Arc<Places>,
    endpoints: Arc<Places>,
}

/// A lane, until it is dropped.
pub(super) struct Lane {
    _of_tenant: Place,
    _of_endpoint: Place,
}

impl Default for Lanes {
    fn default() -> Lanes {
        let endpoints = Bounds { at_once: LIVING.at_once + FAILING.at_once, ..FAILING };
        Lanes {
            living: Places::new(LIVING),
            failing: Places::new(FAILING),
            endpoints: Places::new(endpoints),
        }
    }
}

impl Lanes {
    /// Takes a lane for an endpoint at once; `None`: it has one, or none is free for its tenant.
    pub(super) fn enter(&self, waiting: &Waiting) -> Option<Lane> {
        let of_endpoint = self.endpoints.enter_alone(waiting.id.uuid())?;
        let places = if waiting.is_failing { &self.failing } else { &self.living };
        let of_tenant = places.enter_at_once(waiting.tenant_id.uuid())?;
        Some(Lane { _of_tenant: of_tenant, _of_endpoint: of_endpoint })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::{TenantId, WebhookEndpointId};

    fn waiting(tenant: u128, endpoint: u128, is_failing: bool) -> Waiting {
        let (tenant_id, id) = (Uuid::from_u128(tenant), Uuid::from_u128(endpoint));
        let (tenant_id, id) = (TenantId::from_uuid(tenant_id), WebhookEndpointId::from_uuid(id));
        Waiting { tenant_id, id, is_failing, is_parked: false }
    }

    #[test]
    fn who_takes_nothing_stands_apart_and_no_tenant_takes_all() {
        let lanes = Lanes::default();
        let dead: Vec<_> = (0..99).filter_map(|n| lanes.enter(&waiting(n / 9, n, true))).collect();
        assert_eq!(dead.len(), 16, "four of each of four tenants");
        let living: Vec<_> = (100..199).filter_map(|n| lanes.enter(&waiting(1, n, false))).collect();
        assert_eq!(living.len(), 12);
        assert!(lanes.enter(&waiting(2, 100, false)).is_none(), "it is served");
        assert!(lanes.enter(&waiting(2, 200, false)).is_some());
        drop((dead, living));
        assert!(lanes.enter(&waiting(1, 100, false)).is_some());
    }
}
