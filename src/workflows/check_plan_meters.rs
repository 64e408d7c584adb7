//! Do the meters of a plan's usage prices measure what its models need? A matrix by `region` needs a meter with that dimension.

use super::{Error, Scope};
use crate::domain::catalog::VersionDraft;
use crate::domain::fields::{Faults, below};
use crate::domain::rating::usage;
use crate::storage::{Tx, usage as meters};

/// Refuses meters that are not there, and models that ask more of a meter than it tells.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, draft: &VersionDraft) -> Result<(), Error> {
    let wanted: Vec<_> =
        draft.prices.iter().filter_map(|p| p.metering.as_ref()).map(|m| m.meter_id).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let found = meters::meters(tx, scope.tenant_id, &wanted)?;
    let mut faults = Faults::none();
    for (n, price) in draft.prices.iter().enumerate() {
        let at = below("/prices", &n.to_string());
        let Some(metering) = &price.metering else { continue };
        match found.iter().find(|meter| meter.id == metering.meter_id) {
            None => faults.add(below(&at, "meter_id"), "unknown_meter", "there is no meter with this id"),
            Some(meter) => {
                usage::check_meter(&price.model, meter, &below(&at, "model"), &mut faults);
                for (currency, model) in &price.currencies {
                    let at = below(&below(&below(&at, "currencies"), currency.code()), "model");
                    usage::check_meter(model, meter, &at, &mut faults);
                }
            }
        }
    }
    Ok(faults.into_result()?)
}
