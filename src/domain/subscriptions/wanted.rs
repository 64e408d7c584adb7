//! Which items are wanted from a change on? Those there are with another quantity, those of another plan with the same codes, or a
//! whole new set; and what is added or removed beside.
//!
//! 5 seats and support, moved to a plan with `seat` and `audit`: the seats go on at its price, support ends, audit begins.
//!
//! What counts towards a commitment is cut where that begins, ends or becomes another, so that each is compared with what was charged for
//! its own days: 8.00 of calls to the 17th and 3.00 after it, 31.00 committed a month up to then: 16.00 less 8.00.

use rust_decimal::Decimal;

use super::ItemVersion;
use super::change::{ChangeRequest, Found, Plans};
use super::items::{self, ChosenItem, Selection};
use super::when::Moment;
use crate::domain::catalog::{PlanVersion, Price, PriceKind, PriceModel, commitments};
use crate::domain::fields::{Faults, below};
use crate::domain::ids::ItemId;
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;

/// One item as it is wanted from the change on.
pub(super) struct Wanted<'a> {
    pub(super) chosen: ChosenItem<'a>,
    /// The item it goes on from; `None`: a new one.
    pub(super) continues: Option<&'a ItemVersion>,
    /// Whether it is cut, though it may stay as it is: it counts towards a commitment that does not.
    pub(super) is_cut: bool,
}

impl<'a> Wanted<'a> {
    fn new(chosen: ChosenItem<'a>, continues: Option<&'a ItemVersion>) -> Wanted<'a> {
        Wanted { chosen, continues, is_cut: false }
    }

    /// Whether it is what it was.
    fn stays(&self) -> bool {
        self.continues.is_some_and(|v| self.chosen.is_as(v))
    }

    fn model(&self, currency: Currency) -> Option<&PriceModel> {
        self.chosen.price_override.as_ref().or_else(|| self.chosen.price.amounts.get(&currency))
    }
}

impl ChangeRequest {
    /// The items as they are wanted, and those that end.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault, as for a start.
    pub(super) fn wanted<'a>(&self, found: Found<'a>) -> Result<(Vec<Wanted<'a>>, Vec<ItemId>), Invalid> {
        let Found { plans, moment: Moment { at, .. }, .. } = found;
        let held: Vec<&ItemVersion> = found.timeline.recurring_at(at).collect();
        let mut wanted: Vec<Wanted<'a>> = match &self.selection.items {
            Some(_) => {
                let chosen = self.chosen(plans.new)?;
                chosen.into_iter().filter_map(|chosen| self.named(chosen, found)).collect()
            }
            None if plans.old == plans.new => self.as_held(plans.new, &held)?,
            None => self.mapped(plans, &held)?,
        };
        self.amend(&mut wanted, found)?;
        let goes_on = |v: &ItemVersion| {
            wanted.iter().any(|w| w.continues.is_some_and(|held_item| held_item.item_id == v.item_id))
        };
        let ends = held.iter().filter(|v| !goes_on(v)).map(|v| v.item_id).collect();
        let mut others = models_that_end(&wanted, &held);
        others.extend(models_that_begin(&wanted, found.subscription.currency));
        for w in &mut wanted {
            let (kind, code) = (w.chosen.price.kind, &w.chosen.price.code);
            w.is_cut = others.iter().any(|model| model.counts(kind, code));
        }
        Ok((wanted, ends))
    }

    /// Adds and removes single items.
    fn amend<'a>(&self, wanted: &mut Vec<Wanted<'a>>, found: Found<'a>) -> Result<(), Invalid> {
        let plan = found.plans.new;
        let mut faults = Faults::none();
        if self.selection.items.is_some() && !(self.add.is_empty() && self.remove.is_empty()) {
            let detail = "items is the whole new set: put what is added or removed there, or leave it out";
            faults.add("/items", "items_and_amendments", detail);
        }
        let removed = self.removed(wanted, &mut faults);
        let goes = |held: &Price| {
            removed.iter().any(|price| held.id == price.id || commitments::is_minimum_of(held, price))
        };
        wanted.retain(|w| !goes(w.chosen.price));
        if !self.add.is_empty() {
            let added = self.selection.named(&self.add, plan, ("/add_items", &mut faults));
            for added in added.into_iter().filter_map(|chosen| self.named(chosen, found)) {
                wanted.retain(|w| w.chosen.price.id != added.chosen.price.id);
                wanted.push(added);
            }
        }
        if wanted.is_empty() && !self.remove.is_empty() {
            let detail = "nothing would be left of the subscription: cancel it to end it";
            faults.add("/remove_items", "no_items", detail);
        }
        wanted.sort_by_key(|w| w.chosen.position);
        faults.into_result()
    }

    /// The prices of the items that are removed. A minimum goes with its price, and not without it.
    fn removed<'a>(&self, wanted: &[Wanted<'a>], faults: &mut Faults) -> Vec<&'a Price> {
        let mut removed = Vec::with_capacity(self.remove.len());
        for (n, id) in self.remove.iter().enumerate() {
            let is = |w: &&Wanted<'_>| {
                w.chosen.price.id == *id || w.continues.is_some_and(|v| v.terms.price_id == *id)
            };
            match wanted.iter().find(is) {
                Some(found) => removed.push((n, found.chosen.price)),
                None => {
                    let detail = "the subscription has no item with this price: read it for its items";
                    faults.add(below("/remove_items", &n.to_string()), "item_not_held", detail);
                }
            }
        }
        let prices: Vec<&'a Price> = removed.iter().map(|(_, price)| *price).collect();
        let stays = |held: &Price| !prices.iter().any(|price| price.id == held.id);
        for (n, price) in removed {
            let minimum_of = |w: &Wanted<'_>| commitments::is_minimum_of(price, w.chosen.price);
            if wanted.iter().any(|w| minimum_of(w) && stays(w.chosen.price)) {
                let detail =
                    "this is the minimum of a price that stays: remove that price, and it goes with it";
                faults.add(below("/remove_items", &n.to_string()), "minimum_stays", detail);
            }
        }
        prices
    }

    fn chosen<'a>(&self, plan: &'a PlanVersion) -> Result<Vec<ChosenItem<'a>>, Invalid> {
        let mut faults = Faults::none();
        let chosen = self.selection.choose(plan, &mut faults);
        faults.into_result().map(|()| chosen)
    }

    /// A price that was named. One of a one-time kind that the subscription has is not charged again.
    fn named<'a>(&self, chosen: ChosenItem<'a>, found: Found<'a>) -> Option<Wanted<'a>> {
        let (plans, at) = (found.plans, found.moment.at);
        let same_price = |v: &&ItemVersion| v.terms.price_id == chosen.price.id;
        if chosen.price.kind == PriceKind::OneTime {
            // What is planned for later, and taken back, is not held.
            let goes = |v: &ItemVersion| self.replace_scheduled && v.valid_from > at;
            let is_held = found.timeline.versions.iter().any(|v| !v.is_empty() && same_price(&v) && !goes(v));
            return (!is_held).then_some(Wanted::new(chosen, None));
        }
        let continued = found
            .timeline
            .recurring_at(at)
            .find(|v| same_price(v) || code_of(plans.old, v) == Some(chosen.price.code.as_str()));
        Some(Wanted::new(chosen, continued))
    }

    /// The items there are, with another quantity perhaps.
    fn as_held<'a>(
        &self,
        plan: &'a PlanVersion,
        held: &[&'a ItemVersion],
    ) -> Result<Vec<Wanted<'a>>, Invalid> {
        let Selection { quantity, .. } = self.selection;
        let mut faults = Faults::none();
        items::check_quantity("/quantity", quantity, &mut faults);
        let mut counted = false;
        let mut wanted = Vec::with_capacity(held.len());
        for (position, price) in items::placed(plan) {
            for version in held.iter().filter(|v| v.terms.price_id == price.id) {
                let mut chosen = self.selection.whole(position, price, plan);
                chosen.price_override.clone_from(&version.price_override);
                let is_common = is_counted(version) && !price.add_on;
                counted |= is_common;
                let given = quantity.filter(|_| is_common);
                chosen.quantity = given.unwrap_or(version.quantity);
                wanted.push(Wanted::new(chosen, Some(version)));
            }
        }
        if quantity.is_some() && !counted {
            faults.add("/quantity", "quantity_not_used", items::FLAT_ONLY);
        }
        faults.into_result().map(|()| wanted)
    }

    /// The items of another plan: those with the code of a price there was go on, those with a new code begin. A price
    /// of the old plan that was not taken is not taken of the new one. Another version of the same plan leaves prices of
    /// the subscription's own as they are and charges nothing once.
    fn mapped<'a>(&self, plans: Plans<'a>, held: &[&'a ItemVersion]) -> Result<Vec<Wanted<'a>>, Invalid> {
        let same_plan = plans.old.plan_id == plans.new.plan_id;
        let mut faults = Faults::none();
        items::check_quantity("/quantity", self.selection.quantity, &mut faults);
        let counted = |item: ChosenItem<'_>| item.is_counted(plans.new) && !item.price.add_on;
        if self.selection.quantity.is_some_and(|q| q != Decimal::ONE)
            && !self.selection.every(plans.new).any(counted)
        {
            faults.add("/quantity", "quantity_not_used", items::FLAT_ONLY);
        }
        faults.into_result()?;
        let mut wanted = Vec::new();
        for chosen in self.selection.every(plans.new) {
            let code = chosen.price.code.as_str();
            let continued = held.iter().find(|v| code_of(plans.old, v) == Some(code)).copied();
            let known = plans.old.prices.iter().any(|price| price.code == code);
            match continued {
                _ if chosen.price.kind == PriceKind::OneTime && (known || same_plan) => {}
                None if known || chosen.price.add_on => {}
                None => wanted.push(Wanted::new(chosen, None)),
                Some(continued) => {
                    wanted.push(Wanted::new(self.going_on(chosen, plans, continued), Some(continued)))
                }
            }
        }
        Ok(wanted)
    }

    fn going_on<'a>(
        &self,
        mut chosen: ChosenItem<'a>,
        plans: Plans<'_>,
        continued: &ItemVersion,
    ) -> ChosenItem<'a> {
        if plans.old.plan_id == plans.new.plan_id {
            chosen.price_override.clone_from(&continued.price_override);
        }
        let is_own = self.selection.quantity.is_none() || chosen.price.add_on;
        if is_own && chosen.is_counted(plans.new) && is_counted(continued) {
            chosen.quantity = continued.quantity;
        }
        chosen
    }
}

/// What the items that end, or become others, were priced by.
fn models_that_end(wanted: &[Wanted<'_>], held: &[&ItemVersion]) -> Vec<PriceModel> {
    let stays =
        |v: &ItemVersion| wanted.iter().any(|w| w.stays() && w.continues.is_some_and(|item| item.id == v.id));
    held.iter().filter(|v| !stays(v)).map(|v| v.model().clone()).collect()
}

/// What the items that begin, or become others, will be priced by.
fn models_that_begin(wanted: &[Wanted<'_>], currency: Currency) -> Vec<PriceModel> {
    wanted.iter().filter(|w| !w.stays()).filter_map(|w| w.model(currency).cloned()).collect()
}

/// Whether a quantity is sold of it.
fn is_counted(version: &ItemVersion) -> bool {
    version.terms.kind == PriceKind::Recurring && version.model().counts_units()
}

/// The code of an item's price in its plan.
fn code_of<'a>(plan: &'a PlanVersion, version: &ItemVersion) -> Option<&'a str> {
    let price = plan.prices.iter().find(|price| price.id == version.terms.price_id);
    price.map(|price| price.code.as_str())
}
