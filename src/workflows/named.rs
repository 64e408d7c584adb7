//! Is everything there that a request names in a list? What is not is the body's fault: a coupon for two plans of which one does not exist is
//! refused with `unknown_plan` at `/applies_to/plan_ids`, instead of being kept and never taking anything off.

use uuid::Uuid;

use crate::domain::fields::Faults;
use crate::domain::ids::TenantId;
use crate::storage::Tx;
use crate::storage::named::{self, Named};
use crate::workflows::Error;

/// A list of a request: what it names, where it stands, its ids, and how they are written.
pub struct List<'a> {
    named: Named,
    pointer: &'a str,
    ids: Vec<Uuid>,
    texts: Vec<String>,
}

impl<'a> List<'a> {
    /// Of these ids, each with its text.
    pub fn of((named, pointer): (Named, &'a str), ids: impl IntoIterator<Item = (Uuid, String)>) -> List<'a> {
        let (ids, texts) = ids.into_iter().unzip();
        List { named, pointer, ids, texts }
    }
}

/// Refuses lists that name what is not there.
///
/// # Errors
/// [`Invalid`](crate::domain::refusal::Invalid): `unknown_plan`, `unknown_price`, `unknown_meter`, `unknown_subscription`.
pub fn check(tx: &mut Tx<'_>, tenant_id: TenantId, lists: &[List<'_>]) -> Result<(), Error> {
    let mut faults = Faults::none();
    for List { named, pointer, ids, texts } in lists {
        let (code, thing) = match named {
            Named::Meters => ("unknown_meter", "meter"),
            Named::Plans => ("unknown_plan", "plan"),
            Named::Prices => ("unknown_price", "price"),
            Named::Subscriptions => ("unknown_subscription", "subscription"),
        };
        for place in named::unknown(tx, tenant_id, (*named, ids))? {
            faults.add(*pointer, code, format!("there is no {thing} {}", texts[place]));
        }
    }
    Ok(faults.into_result()?)
}
