//! How does what is known of a subscription become its answer?

use chrono::{DateTime, Utc};

use crate::domain::refusal::Invalid;
use crate::storage::subscriptions::views::subscriptions::{Item, Standing};
use crate::wire::subscriptions as wire;
use crate::wire::subscriptions::terms::Terms;
use crate::wire::subscriptions::{Shown, Subscription};
use crate::workflows::Error;

pub(in crate::http::v1) fn shape(standing: Standing, now: DateTime<Utc>) -> Result<Subscription, Error> {
    let Standing { subscription, phases, plan_code, next_bill_at, items } = standing;
    let period = subscription.current_period(&phases, now);
    let current_period = period.map_err(|e| Invalid::one("/start_at", "date_out_of_range", e))?;
    let terms = Terms::at(&subscription, now);
    let terms = terms.map_err(|e| Invalid::one("/terms", "date_out_of_range", e))?;
    let status = subscription.status(now);
    let items = items.into_iter().map(shape_item).collect();
    let subscription = subscription.as_at(&phases, now);
    Ok(Subscription::shown(
        subscription,
        Shown { plan_code, status, current_period, next_bill_at, items, terms },
    ))
}

fn shape_item(item: Item) -> wire::Item {
    wire::Item {
        id: item.id,
        price_id: item.price_id,
        price_code: item.price_code,
        description: item.description,
        kind: item.kind.into(),
        billing: item.billing.into(),
        quantity: wire::quantity_text(item.quantity),
        model: (&item.model).into(),
        price_overridden: item.overridden,
    }
}
