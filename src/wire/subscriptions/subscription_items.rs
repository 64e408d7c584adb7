//! What of a plan is taken? `{"price_id": "price_…", "quantity": "7"}`, at a price of its own if agreed.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::fields::{Faults, below};
use crate::domain::ids::PriceId;
use crate::domain::subscriptions::items::{ItemRequest, Selection};
use crate::wire::amounts::DecimalText;
use crate::wire::catalog::price_models::{ModelBody, PriceModel};

/// One price to take.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    #[schema(value_type = String)]
    pub price_id: PriceId,
    #[schema(value_type = Option<String>, example = "7")]
    pub quantity: Option<DecimalText>,
    pub price_override: Option<PriceOverride>,
}

/// A price of the subscription's own, in its currency, in place of the plan's.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceOverride {
    #[schema(value_type = PriceModel)]
    pub model: ModelBody,
}

/// What is taken of a plan, in a body at `at`.
pub(super) fn selection(
    (quantity, items): (Option<&DecimalText>, Option<&[NewItem]>),
    at: &str,
    faults: &mut Faults,
) -> Selection {
    let quantity = quantity.and_then(|q| q.read(&below(at, "quantity"), faults));
    let items = items.map(|items| {
        let at = below(at, "items");
        let numbered = items.iter().enumerate();
        numbered.map(|(n, item)| item.read(&below(&at, &n.to_string()), faults)).collect()
    });
    Selection { quantity, items }
}

impl NewItem {
    pub(in crate::wire) fn read(&self, at: &str, faults: &mut Faults) -> ItemRequest {
        let model = |own: &PriceOverride, faults: &mut Faults| {
            own.model.read(&below(&below(at, "price_override"), "model"), faults)
        };
        ItemRequest {
            price_id: self.price_id,
            quantity: self.quantity.as_ref().and_then(|q| q.read(&below(at, "quantity"), faults)),
            price_override: self.price_override.as_ref().and_then(|own| model(own, faults)),
        }
    }
}
