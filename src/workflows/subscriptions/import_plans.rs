//! On which plans do subscriptions run that come from elsewhere? On those of the catalogue with the code that a row names, and on new ones where
//! there are none.
//!
//! Rows of `basic` at 20.00 and 25.00 with no such plan: one is made at 20.00 a month, and each subscription keeps its own amount.

use std::collections::{BTreeMap, HashMap};

use super::import_failure::Failure;
use crate::domain::calendar::{Interval, Unit};
use crate::domain::catalog::{
    Billing, Metadata, Plan, PlanDraft, PlanVersion, Price, PriceDraft, PriceKind, PriceModel, ProductDraft,
    TaxBehavior, TaxCode, VersionDraft,
};
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{PlanId, PriceId, ProductId};
use crate::domain::subscriptions::import::{LineError, Row};
use crate::storage::{StorageError, Tx, catalog};
use crate::workflows::{Error, Scope};

/// A plan that rows name, with the price their amount takes the place of.
pub(super) struct Offer {
    pub(super) version: PlanVersion,
    pub(super) price_id: PriceId,
}

/// The offers of all plan codes, and what was made for those that are new.
#[derive(Default)]
pub(super) struct Offers<'a> {
    pub(super) by_code: HashMap<&'a str, Offer>,
    pub(super) new_plans: usize,
    pub(super) events: Vec<Event>,
}

/// The offers of all plan codes: of the catalogue, and made for those that are new.
pub(super) fn find_or_make<'a>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    rows: &'a [Row],
) -> Result<Offers<'a>, Failure> {
    let mut by_code: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_code.entry(&row.plan_code).or_default().push(row);
    }
    let codes: Vec<String> = by_code.keys().map(|code| (*code).to_owned()).collect();
    let known = catalog::plans_by_code(tx, scope.tenant_id, &codes)?;
    let mut versions = catalog::latest_versions(tx, scope.tenant_id, &known)?;
    let mut known: HashMap<String, Plan> = known.into_iter().map(|plan| (plan.code.clone(), plan)).collect();
    let mut offers = Offers::default();
    let mut errors = Vec::new();
    for (code, rows) in by_code {
        let version = known.remove(code).and_then(|plan| versions.remove(&plan.id));
        let version = match version {
            Some(version) => version,
            None => make_plan(tx, scope, &rows, &mut offers)?,
        };
        match monthly_price(&version) {
            Ok(price_id) => drop(offers.by_code.insert(code, Offer { version, price_id })),
            Err(why) => errors.extend(
                rows.iter()
                    .map(|row| LineError::of_cell(row.line, "plan_code", format_args!("plan {code} {why}"))),
            ),
        }
    }
    if errors.is_empty() { Ok(offers) } else { Err(Failure::Lines(errors)) }
}

/// The price of a plan that a monthly amount can take the place of: `monthly`, or the only one there is.
fn monthly_price(version: &PlanVersion) -> Result<PriceId, &'static str> {
    let interval = version.interval;
    if (interval.unit, interval.count) != (Unit::Month, 1) {
        return Err("is not billed every month, and this file has amounts for a month");
    }
    let fits = |price: &&Price| price.kind == PriceKind::Recurring && price.billing == Billing::InAdvance;
    let mut candidates = version.prices.iter().filter(fits);
    let first =
        candidates.next().ok_or("has no recurring price in advance for the amount to take the place of")?;
    match version.prices.iter().filter(fits).find(|price| price.code == MONTHLY) {
        Some(price) => Ok(price.id),
        None if candidates.next().is_none() => Ok(first.id),
        None => Err(
            "has several recurring prices and none with the code monthly for the amount to take the place of",
        ),
    }
}

const MONTHLY: &str = "monthly";

/// A product and a plan for a code that is new, priced in each currency with the first amount seen in it.
fn make_plan(
    tx: &mut Tx<'_>,
    scope: &Scope,
    rows: &[&Row],
    offers: &mut Offers<'_>,
) -> Result<PlanVersion, Failure> {
    let (code, currency) = (rows[0].plan_code.clone(), rows[0].monthly.currency());
    let mut amounts = BTreeMap::new();
    for row in rows {
        amounts
            .entry(row.monthly.currency())
            .or_insert(PriceModel::Flat { amount: row.monthly.to_decimal() });
    }
    let model = amounts.remove(&currency).unwrap_or(PriceModel::Flat { amount: rust_decimal::Decimal::ZERO });
    let monthly = PriceDraft {
        tax_behavior: TaxBehavior::default(),
        code: MONTHLY.to_owned(),
        description: Some(code.clone()),
        kind: PriceKind::Recurring,
        metering: None,
        add_on: false,
        minimum: BTreeMap::new(),
        billing: Billing::InAdvance,
        model,
        currencies: amounts,
    };
    let interval = Interval::new(Unit::Month, 1).map_err(|e| StorageError::unreadable("interval", e))?;
    let draft = ProductDraft {
        external_id: None,
        name: code.clone(),
        description: None,
        tax_code: TaxCode::default(),
        metadata: Metadata::new(),
    };
    let product = draft.create(ProductId::from_uuid(scope.mint()), scope.now).map_err(Error::from)?;
    let draft = PlanDraft {
        external_id: None,
        name: code.clone(),
        code,
        product_id: product.id,
        metadata: Metadata::new(),
        first: VersionDraft {
            currency,
            interval,
            prices: vec![monthly],
            features: Vec::new(),
            derive: Vec::new(),
            derived: Vec::new(),
        },
    };
    let plan_id = PlanId::from_uuid(scope.mint());
    let made = draft.create((plan_id, scope.now), || PriceId::from_uuid(scope.mint()));
    let (plan, version) = made.map_err(Error::from)?;
    catalog::insert_product(tx, scope.tenant_id, &product)?;
    catalog::insert_plan(tx, scope.tenant_id, &plan)?;
    catalog::publish(tx, scope.tenant_id, &version)?;
    offers.events.push(scope.event(EventType::ProductCreated, product.id.uuid(), product.event_data()));
    offers.events.push(scope.event(EventType::PlanCreated, plan.id.uuid(), plan.event_data(&version)));
    offers.new_plans += 1;
    Ok(version)
}
