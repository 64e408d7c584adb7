//! Which of the ids and codes that a request names in a list are not there? One look for all of them.

use std::collections::{BTreeSet, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::schema::{meters, plans, prices, subscriptions};
use super::{StorageError, Tx};
use crate::domain::ids::TenantId;

/// What a list names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    Meters,
    Plans,
    Prices,
    Subscriptions,
}

/// Which of these codes no price of this tenant has.
pub fn price_codes_missing(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    codes: &BTreeSet<String>,
) -> Result<Vec<String>, StorageError> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let found: HashSet<String> = prices::table
        .filter(prices::tenant_id.eq(tenant_id).and(prices::code.eq_any(codes)))
        .select(prices::code)
        .distinct()
        .load::<String>(tx.conn)?
        .into_iter()
        .collect();
    Ok(codes.iter().filter(|code| !found.contains(*code)).cloned().collect())
}

/// The places in the list of ids that nothing of this tenant has.
pub fn unknown(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (named, ids): (Named, &[Uuid]),
) -> Result<Vec<usize>, StorageError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    macro_rules! found {
        ($table:ident) => {
            $table::table
                .filter($table::tenant_id.eq(tenant_id).and($table::id.eq_any(ids)))
                .select($table::id)
                .load::<Uuid>(tx.conn)?
        };
    }
    let found: HashSet<Uuid> = HashSet::from_iter(match named {
        Named::Meters => found!(meters),
        Named::Plans => found!(plans),
        Named::Prices => found!(prices),
        Named::Subscriptions => found!(subscriptions),
    });
    Ok((0..ids.len()).filter(|place| !found.contains(&ids[*place])).collect())
}
