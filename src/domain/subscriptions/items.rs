//! Which prices of a plan are taken, and how much of each? `quantity` 7 of a plan with `base` (flat) and `seat` (a unit):
//! 1 × base and 7 × seat; `items` take some of them, with quantities and prices of their own.

use std::collections::BTreeSet;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{ItemVersion, PriceTerms};
use crate::domain::catalog::{PlanVersion, Price, PriceModel, TaxTerms, commitments};
use crate::domain::fields::{Faults, below};
use crate::domain::ids::PriceId;
use crate::domain::money::Currency;

/// Largest quantity of one item: 10^12.
pub const LARGEST_QUANTITY: Decimal = Decimal::from_parts(0xd4a5_1000, 0xe8, 0, false, 0);
/// The detail of the refusal of a quantity that nothing counts.
pub(super) const FLAT_ONLY: &str =
    "these prices are all flat, so a quantity would change nothing: leave it out";

/// What a caller wants of a plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selection {
    /// Of the prices that count units whose item names none; 1 unless given.
    pub quantity: Option<Decimal>,
    /// `None`: every price of the plan that is no add-on.
    pub items: Option<Vec<ItemRequest>>,
}

/// One item a caller wants.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemRequest {
    pub price_id: PriceId,
    pub quantity: Option<Decimal>,
    /// This subscription's own price, in its currency.
    pub price_override: Option<PriceModel>,
}

/// One item as it will be.
#[derive(Debug, Clone, PartialEq)]
pub struct ChosenItem<'a> {
    pub price: &'a Price,
    /// The price's place in the plan: the order of invoice lines.
    pub position: i16,
    pub quantity: Decimal,
    pub price_override: Option<PriceModel>,
    /// Where the caller wrote the quantity.
    pub pointer: String,
}

/// The prices of a plan, each with its place in it.
pub(super) fn placed(plan: &PlanVersion) -> impl Iterator<Item = (i16, &Price)> {
    (0_i16..).zip(&plan.prices)
}

impl Selection {
    /// The items it asks for, in the plan's order. Notes every value at fault: a price of another plan, a price named twice, a
    /// quantity out of range, a quantity where nothing is counted.
    pub fn choose<'a>(&self, plan: &'a PlanVersion, faults: &mut Faults) -> Vec<ChosenItem<'a>> {
        check_quantity("/quantity", self.quantity, faults);
        let mut chosen: Vec<ChosenItem<'a>> = match &self.items {
            None => self.every(plan).filter(|item| !item.price.add_on).collect(),
            Some(items) => self.named(items, plan, ("/items", faults)),
        };
        if self.quantity.is_some_and(|q| q != Decimal::ONE)
            && !chosen.iter().any(|item| item.is_counted(plan))
        {
            faults.add("/quantity", "quantity_not_used", FLAT_ONLY);
        }
        chosen.sort_by_key(|item| item.position);
        chosen
    }

    /// Every price of a plan taken as it is, add-ons too.
    pub(super) fn every<'a>(&self, plan: &'a PlanVersion) -> impl Iterator<Item = ChosenItem<'a>> {
        placed(plan).map(|(position, price)| self.whole(position, price, plan))
    }

    /// A price of the plan taken as it is.
    pub(super) fn whole<'a>(&self, position: i16, price: &'a Price, plan: &PlanVersion) -> ChosenItem<'a> {
        let item = ChosenItem {
            price,
            position,
            quantity: Decimal::ONE,
            price_override: None,
            pointer: "/quantity".to_owned(),
        };
        // The common quantity is of what the plan is about, not of what is taken beside it.
        match item.is_counted(plan) && !price.add_on {
            true => ChosenItem { quantity: self.quantity.unwrap_or(Decimal::ONE), ..item },
            false => item,
        }
    }

    /// The prices named in a list of a body.
    pub(super) fn named<'a>(
        &self,
        items: &[ItemRequest],
        plan: &'a PlanVersion,
        (list, faults): (&str, &mut Faults),
    ) -> Vec<ChosenItem<'a>> {
        if items.is_empty() {
            faults.add(
                list,
                "no_items",
                "name at least one item, or leave the list out to take every price of the plan",
            );
        }
        let mut seen = BTreeSet::new();
        let mut chosen = Vec::with_capacity(items.len());
        for (n, item) in items.iter().enumerate() {
            let at = below(list, &n.to_string());
            let Some((position, price)) = placed(plan).find(|(_, price)| price.id == item.price_id) else {
                let detail =
                    "this plan's version in force has no price with this id: read the plan for its prices";
                faults.add(below(&at, "price_id"), "price_not_in_plan", detail);
                continue;
            };
            if !seen.insert(item.price_id) {
                let detail = "this price is named twice: name it once, with the quantities added up";
                faults.add(below(&at, "price_id"), "price_repeated", detail);
            }
            let whole = self.whole(position, price, plan);
            chosen.push(with_own_terms(item, whole, &at, plan, self.quantity, faults));
        }
        self.with_minimums(chosen, plan)
    }

    /// Whoever names a price with a minimum buys the minimum with it.
    fn with_minimums<'a>(
        &self,
        mut chosen: Vec<ChosenItem<'a>>,
        plan: &'a PlanVersion,
    ) -> Vec<ChosenItem<'a>> {
        for (position, price) in placed(plan) {
            let is_named = chosen.iter().any(|item| item.price.id == price.id);
            if !is_named && chosen.iter().any(|item| commitments::is_minimum_of(price, item.price)) {
                chosen.push(self.whole(position, price, plan));
            }
        }
        chosen
    }
}

/// Gives an item the quantity and price its caller requested.
fn with_own_terms<'a>(
    request: &ItemRequest,
    whole: ChosenItem<'a>,
    at: &str,
    plan: &PlanVersion,
    common: Option<Decimal>,
    faults: &mut Faults,
) -> ChosenItem<'a> {
    let pointer = below(at, "quantity");
    check_quantity(&pointer, request.quantity, faults);
    if let Some(model) = &request.price_override {
        let at = below(&below(at, "price_override"), "model");
        model.check(&at, plan.currency, faults);
        if model.needs_a_meter() && whole.price.metering.is_none() {
            let detail =
                format_args!("a {} price charges usage, and this price has no meter", model.type_name());
            faults.add(below(&at, "type"), "model_needs_usage", detail);
        }
    }
    let item = ChosenItem { price_override: request.price_override.clone(), ..whole };
    if item.is_counted(plan) {
        let common = common.filter(|_| !item.price.add_on);
        let quantity = request.quantity.or(common).unwrap_or(Decimal::ONE);
        let pointer = if request.quantity.is_some() { pointer } else { item.pointer };
        return ChosenItem { quantity, pointer, ..item };
    }
    if request.quantity.is_some_and(|quantity| quantity != Decimal::ONE) {
        let detail =
            "this price is flat or its quantity is measured, so this would change nothing: leave it out";
        faults.add(&pointer, "quantity_not_used", detail);
    }
    ChosenItem { quantity: Decimal::ONE, pointer, ..item }
}

impl ChosenItem<'_> {
    /// The model in force. A price has the same type of model in every currency it needs; the plan's own tells it.
    pub(super) fn model(&self, plan: &PlanVersion) -> PriceModel {
        let published =
            || self.price.amounts.get(&plan.currency).or_else(|| self.price.amounts.values().next()).cloned();
        self.price_override.clone().or_else(published).unwrap_or(PriceModel::Flat { amount: Decimal::ZERO })
    }

    /// Whether a quantity is sold of it: it counts units, and no meter does so for it.
    pub(super) fn is_counted(&self, plan: &PlanVersion) -> bool {
        self.price.metering.is_none() && self.model(plan).counts_units()
    }

    /// Whether a version is this item already.
    pub(super) fn is_as(&self, version: &ItemVersion) -> bool {
        (self.price.id, self.quantity, &self.price_override)
            == (version.terms.price_id, version.quantity, &version.price_override)
    }

    /// The terms in a currency; `None` where the price has none in it.
    #[must_use]
    pub fn terms(&self, currency: Currency) -> Option<PriceTerms> {
        Some(PriceTerms {
            price_id: self.price.id,
            code: self.price.code.as_str().into(),
            description: self.price.description.as_str().into(),
            position: self.position,
            kind: self.price.kind,
            billing: self.price.billing,
            model: self.price.amounts.get(&currency)?.clone(),
            metering: self.price.metering.clone().map(Arc::new),
            own_tax_terms: TaxTerms::default(),
        })
    }
}

pub(super) fn check_quantity(pointer: &str, quantity: Option<Decimal>, faults: &mut Faults) {
    let Some(quantity) = quantity else { return };
    if quantity.is_sign_negative() && !quantity.is_zero() {
        faults.add(
            pointer,
            "negative_quantity",
            format_args!("a quantity cannot be negative, and this one is {quantity}"),
        );
    } else if quantity > LARGEST_QUANTITY {
        faults.add(pointer, "quantity_too_large", format_args!("a quantity is at most {LARGEST_QUANTITY}"));
    }
}
