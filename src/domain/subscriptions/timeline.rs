//! What does an item cost at each instant? Its versions in time: 5 seats at 10.00 from 1 January to 16 March, 8 from then on.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::domain::calendar::Cycle;
use crate::domain::catalog::{Billing, PriceKind, PriceModel};
use crate::domain::ids::{ItemId, ItemVersionId, PriceId, SubscriptionId};
use crate::domain::money::Currency;

/// All that billing needs to know of one subscription.
#[derive(Debug, Clone)]
pub struct Timeline {
    pub subscription_id: SubscriptionId,
    pub currency: Currency,
    pub cycle: Cycle,
    /// Every version ever valid, in order of price position, then start.
    pub versions: Vec<ItemVersion>,
}

/// What an item was from `valid_from` until `valid_to`. A change ends one version and adds the next.
#[derive(Debug, Clone)]
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
}

/// A published price as seen in one currency: shared by every subscription that has it.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceTerms {
    pub price_id: PriceId,
    /// Printed on invoice lines.
    pub description: Arc<str>,
    /// Order of lines on the invoice.
    pub position: i16,
    pub kind: PriceKind,
    pub billing: Billing,
    pub model: PriceModel,
}

impl ItemVersion {
    /// The model in force.
    pub fn model(&self) -> &PriceModel {
        self.price_override.as_ref().unwrap_or(&self.terms.model)
    }
}
