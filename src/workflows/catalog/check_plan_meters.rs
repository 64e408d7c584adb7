//! Are the meters of a plan's prices and features there, and do they measure what the models need? A matrix by `region` needs a meter with that dimension.

use crate::domain::catalog::VersionDraft;
use crate::domain::catalog::features::{Feature, Grant};
use crate::domain::fields::{Faults, below};
use crate::domain::ids::MeterId;
use crate::domain::rating::usage;
use crate::domain::subscriptions::ItemVersion;
use crate::storage::{Tx, usage as meters};
use crate::workflows::{Error, Scope};

/// Refuses meters that are not there, and models that ask more of a meter than it tells.
pub(crate) fn run(tx: &mut Tx<'_>, scope: &Scope, draft: &VersionDraft) -> Result<(), Error> {
    let of_prices = draft.prices.iter().filter_map(|p| p.metering.as_ref()).map(|m| m.meter_id);
    let wanted: Vec<MeterId> = of_prices.chain(draft.features.iter().filter_map(meter_of)).collect();
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
    for (n, feature) in draft.features.iter().enumerate() {
        if meter_of(feature).is_some_and(|id| !found.iter().any(|meter| meter.id == id)) {
            let at = below(&below("/features", &n.to_string()), "meter_id");
            faults.add(at, "unknown_meter", "there is no meter with this id");
        }
    }
    Ok(faults.into_result()?)
}

/// Refuses prices of a subscription's own that ask more of their meter than it tells.
pub(crate) fn overrides<'v>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    versions: impl Iterator<Item = &'v ItemVersion>,
) -> Result<(), Error> {
    let own: Vec<_> = versions
        .filter_map(|v| Some((v.price_override.as_ref()?, v.terms.metering.as_ref()?.meter_id)))
        .collect();
    if own.is_empty() {
        return Ok(());
    }
    let found = meters::meters(tx, scope.tenant_id, &own.iter().map(|o| o.1).collect::<Vec<_>>())?;
    let mut faults = Faults::none();
    for (model, meter_id) in own {
        if let Some(meter) = found.iter().find(|meter| meter.id == meter_id) {
            usage::check_meter(model, meter, "", &mut faults);
        }
    }
    // The item is one of several in which it may have been sent: all of them are pointed at.
    faults.into_result().map_err(|mut invalid| {
        invalid.errors.iter_mut().for_each(|error| error.pointer = "/items".to_owned());
        Error::from(invalid)
    })
}

fn meter_of(feature: &Feature) -> Option<MeterId> {
    match feature.grant {
        Grant::Metered { meter_id, .. } => Some(meter_id),
        Grant::Boolean | Grant::Limit(_) => None,
    }
}
