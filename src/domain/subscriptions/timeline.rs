//! What does an item cost at each instant? Its versions in time: 5 seats at 10.00 from 1 January to 16 March, 8 from then on.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::in_force::Lasting;
use crate::domain::calendar::{Cycle, Period};
use crate::domain::catalog::{Billing, Metering, PriceKind, PriceModel, TaxTerms};
use crate::domain::ids::{ItemId, ItemVersionId, PriceId, SubscriptionId};
use crate::domain::money::Currency;
use crate::domain::proration::Basis;

/// All that billing needs to know of one subscription.
#[derive(Debug, Clone)]
pub struct Timeline {
    pub subscription_id: SubscriptionId,
    pub currency: Currency,
    /// Of phase 0, from the start on.
    pub cycle: Cycle,
    /// Of later phases, by their numbers.
    pub later_cycles: Vec<(i16, Cycle)>,
    /// Every version ever valid, in order of price position, then start.
    pub versions: Vec<ItemVersion>,
}

/// What an item was from `valid_from` until `valid_to`. A change ends one version and adds the next.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemVersion {
    pub id: ItemVersionId,
    pub item_id: ItemId,
    pub quantity: Decimal,
    /// In force unless the plan's own terms were overridden for this subscription.
    pub terms: Arc<PriceTerms>,
    pub price_override: Option<PriceModel>,
    pub valid_from: DateTime<Utc>,
    /// `None`: until further notice.
    pub valid_to: Option<DateTime<Utc>>,
    pub bounds: Bounds,
}

/// How a version's ends are cut, and when what was cut falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    /// The phase whose cycle cuts it into periods.
    pub phase_no: i16,
    pub starts_by: Basis,
    pub ends_by: Basis,
    /// Nothing of it falls due before: a change of last month is charged now, one that waits for the next invoice then.
    pub due_from: Option<DateTime<Utc>>,
    /// The same for the part that its end cuts off, and for what a moved end makes of what is billed.
    /// [`UNKNOWN`] while nobody knows when that is.
    pub end_due_from: Option<DateTime<Utc>>,
    /// Of usage whose price begins within a period: what its terms say of a whole period counts by the days that are left of it.
    pub usage_by_days: bool,
    /// Of what ended for a break, after which it goes on: how it ends then if it is canceled. What ended at the same instant
    /// otherwise does not go on.
    pub held: Option<Basis>,
}

/// When something falls due that waits for what nobody has told yet: after the year 9998.
pub const UNKNOWN: DateTime<Utc> = match DateTime::from_timestamp(253_370_764_800, 0) {
    Some(at) => at,
    None => DateTime::<Utc>::MAX_UTC,
};

/// A published price as seen in one currency: shared by every subscription that has it.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceTerms {
    pub price_id: PriceId,
    /// What it is called in its plan; the same price has the same code in the plan's next version.
    pub code: Arc<str>,
    /// Printed on invoice lines.
    pub description: Arc<str>,
    /// Order of lines on the invoice.
    pub position: i16,
    pub kind: PriceKind,
    pub billing: Billing,
    pub model: PriceModel,
    /// Of a usage price, and only there.
    pub metering: Option<Arc<Metering>>,
    /// How a charge beside the plan is taxed; of a price, the catalog says it.
    pub own_tax_terms: TaxTerms,
}

impl Timeline {
    /// The cycle that cuts a version into periods.
    #[must_use]
    pub fn cycle_of(&self, version: &ItemVersion) -> &Cycle {
        self.cycle_no(version.bounds.phase_no)
    }

    /// The cycle of a phase.
    #[must_use]
    pub fn cycle_no(&self, phase_no: i16) -> &Cycle {
        let later = self.later_cycles.iter().find(|(no, _)| *no == phase_no);
        later.map_or(&self.cycle, |(_, cycle)| cycle)
    }

    /// What was or will be in force, and what a break holds that begins with it; nothing that is charged once.
    pub fn had_or_held(&self) -> impl Iterator<Item = &ItemVersion> {
        let recurring = self.versions.iter().filter(|v| v.terms.kind != PriceKind::OneTime);
        recurring.filter(|v| !v.is_empty() || v.is_held())
    }
}

impl Lasting for ItemVersion {
    fn item_id(&self) -> ItemId {
        self.item_id
    }

    fn valid_from(&self) -> DateTime<Utc> {
        self.valid_from
    }

    fn valid_to(&self) -> Option<DateTime<Utc>> {
        self.valid_to
    }
}

impl ItemVersion {
    /// Whether it was taken back before it began, or replaced from its first instant on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        Lasting::is_empty(self)
    }

    /// Whether it ended for a break, after which it goes on. What began with the break is empty, and goes on all the same.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.bounds.held.is_some() && !self.is_withdrawn()
    }

    /// Whether it is the same item at the same price, and as many of it.
    #[must_use]
    pub fn is_same_as(&self, other: &ItemVersion) -> bool {
        let identity = |v: &ItemVersion| (v.item_id, v.quantity, v.terms.price_id);
        identity(self) == identity(other) && self.price_override == other.price_override
    }

    /// Whether it is in force at an instant.
    #[must_use]
    pub fn is_in_force(&self, at: DateTime<Utc>) -> bool {
        Lasting::is_in_force(self, at)
    }

    /// When the charge of a part of it falls due.
    #[must_use]
    pub fn due_at(&self, part: Period) -> DateTime<Utc> {
        let Bounds { due_from, end_due_from, .. } = self.bounds;
        let due = match self.terms.billing {
            Billing::InAdvance => part.start,
            Billing::InArrears if self.valid_to == Some(part.end) => {
                end_due_from.map_or(part.end, |from| from.max(part.end))
            }
            Billing::InArrears => part.end,
        };
        due_from.map_or(due, |from| from.max(due))
    }

    /// Until when what is billed of a part of it stays as it is: what is given back waits for its end, and for the invoice that
    /// what is charged in its place is on.
    #[must_use]
    pub fn is_postponed_to(&self, part: Period, whole: Period) -> Option<DateTime<Utc>> {
        let Bounds { due_from, end_due_from, .. } = self.bounds;
        let end = self.valid_to.filter(|to| *to <= part.end && *to < whole.end);
        due_from.max(end).max(end_due_from)
    }

    /// The model in force.
    pub fn model(&self) -> &PriceModel {
        self.price_override.as_ref().unwrap_or(&self.terms.model)
    }
}
