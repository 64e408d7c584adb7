//! By which rules are accounts chosen from now on? All of them are given at once, as a new version; attempts name the version that held.

use crate::domain::events::EventType;
use crate::domain::ids::GatewayAccountId;
use crate::domain::payments::routing::{self, Rule, Rulebook};
use crate::domain::refusal::Invalid;
use crate::storage::payments::{accounts, preferences};
use crate::storage::{Tx, events};
use crate::workflows::{Error, Scope};

/// Replaces them. The same again is no new version.
///
/// # Errors
/// [`Invalid`] values; `unknown_gateway_account`.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, rules: Vec<Rule>) -> Result<Rulebook, Error> {
    routing::check(&rules)?;
    let ids: Vec<GatewayAccountId> =
        rules.iter().flat_map(|rule| &rule.accounts).map(|share| share.account_id).collect();
    let known = accounts::of_ids(tx, scope.tenant_id, &ids)?;
    for (n, rule) in rules.iter().enumerate() {
        let is_unknown = |id| known.get(&id).is_none_or(|account| account.deleted_at.is_some());
        if let Some(at) = rule.accounts.iter().position(|share| is_unknown(share.account_id)) {
            let detail = "you have no such account at a gateway; POST /v1/gateway_accounts creates one";
            let pointer = format!("/rules/{n}/accounts/{at}/gateway_account_id");
            return Err(Invalid::one(pointer, "unknown_gateway_account", detail).into());
        }
    }
    let before = preferences::rulebook(tx, scope.tenant_id, None)?.unwrap_or_default();
    if before.rules == rules {
        return Ok(before);
    }
    let after = preferences::add_rulebook(tx, scope.tenant_id, (rules, scope.now))?;
    let event = scope.event(EventType::RoutingRulesUpdated, scope.tenant_id.uuid(), after.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(after)
}
