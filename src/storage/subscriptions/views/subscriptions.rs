//! Which subscriptions are there, and what do they consist of now? Parts of all with items: two statements a part.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::domain::catalog::{Billing, PriceKind, PriceModel};
use crate::domain::ids::{ItemId, PlanId, PriceId, SubscriptionId, TenantId};
use crate::domain::listing::{Part, Wanted};
use crate::domain::subscriptions::Subscription;
use crate::domain::subscriptions::in_force::{self, Lasting};
use crate::domain::subscriptions::phase::Phase;
use crate::storage::billing::{self, coalesce};
use crate::storage::catalog::{AmountRow, PriceRow};
use crate::storage::listing::{self, List, Reader, Slice, Totals};
use crate::storage::schema::{
    billing_cursors, customers, item_versions, plans, price_amounts, prices, subscriptions,
};
use crate::storage::subscriptions::item_versions::VersionRow;
use crate::storage::subscriptions::{SubscriptionRow, phases};
use crate::storage::{StorageError, Tx};

/// A subscription as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub subscription: Subscription,
    /// Its later phases: the plan and cycle it has now may be those of one.
    pub phases: Vec<Phase>,
    /// Of the plan it has now.
    pub plan_code: String,
    /// When its next charge falls due.
    pub next_bill_at: Option<DateTime<Utc>>,
    /// In the order of invoice lines.
    pub items: Vec<Item>,
}

/// An item as it is now: before the start as it will begin, after the end as it was last.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub id: ItemId,
    pub price_id: PriceId,
    pub price_code: String,
    pub description: String,
    pub kind: PriceKind,
    pub billing: Billing,
    pub quantity: Decimal,
    /// The model in force.
    pub model: PriceModel,
    /// Whether the model is the subscription's own.
    pub overridden: bool,
}

/// A part of the subscriptions as they stand now.
pub fn list(
    tx: &mut Tx<'_>,
    reader: Reader,
    (wanted, part): (&Wanted, &Part),
) -> Result<Slice<Standing>, StorageError> {
    let Reader { tenant_id, now } = reader;
    let same_plan = subscriptions::tenant_id.eq(plans::tenant_id).and(subscriptions::plan_id.eq(plans::id));
    let customer =
        customers::tenant_id.eq(subscriptions::tenant_id).and(customers::id.eq(subscriptions::customer_id));
    let payer = coalesce(customers::payer_id, customers::id);
    let same = subscriptions::tenant_id
        .eq(billing_cursors::tenant_id)
        .and(billing_cursors::customer_id.eq(payer))
        .and(subscriptions::id.eq(billing_cursors::subscription_id));
    let next = billing_cursors::next_bill_at.nullable();
    let query = subscriptions::table
        .inner_join(plans::table.on(same_plan))
        .inner_join(customers::table.on(customer))
        .left_join(billing_cursors::table.on(same))
        .filter(subscriptions::tenant_id.eq(tenant_id))
        .select((SubscriptionRow::as_select(), plans::code, next, LIST.mark(wanted.order)?))
        .into_boxed();
    let rows: Vec<Found> = LIST.cut(query, reader, (wanted, part))?.load(tx.conn)?;
    let rows = rows.into_iter().map(|row| ((row.0, row.1, row.2), row.3)).collect();
    let slice = LIST.slice((wanted.order, part), rows)?;
    let mut items = load_items(tx, (tenant_id, now), slice.rows.iter().map(|row| row.0.id()).collect())?;
    let slice: Slice<(Subscription, _, _)> =
        slice.try_map(|(row, code, next)| Ok::<_, StorageError>((row.try_into()?, code, next)))?;
    let shown: Vec<&Subscription> = slice.rows.iter().map(|row| &row.0).collect();
    let mut later = phases::of_all(tx, tenant_id, &shown)?;
    let codes = later_codes(tx, tenant_id, later.values().flatten())?;
    slice.try_map(|(subscription, plan_code, next_bill_at)| {
        let items = items.remove(&subscription.id).unwrap_or_default();
        let phases = later.remove(&subscription.id).unwrap_or_default();
        let plan_id = subscription.phase_at(&phases, now).plan_id;
        let plan_code = codes.get(&plan_id).cloned().unwrap_or(plan_code);
        Ok(Standing { subscription, phases, plan_code, next_bill_at, items })
    })
}

/// How the list of subscriptions is read.
const LIST: List = List {
    table: "subscriptions",
    fields: &[
        ("customer_id", "subscriptions.customer_id"),
        // The plan it has now may be that of a phase.
        (
            "plan_id",
            "coalesce((SELECT p.plan_id FROM subscription_phases p WHERE p.tenant_id = {tenant} \
             AND p.subscription_id = subscriptions.id AND NOT p.replaced AND p.valid_from <= {now} \
             ORDER BY p.valid_from DESC, p.phase_no DESC LIMIT 1), subscriptions.plan_id)",
        ),
        ("external_id", "subscriptions.external_id"),
        // In the order of [`Subscription::status`].
        (
            "status",
            "CASE WHEN subscriptions.end_at <= {now} THEN CASE WHEN subscriptions.canceled_at IS NULL THEN 'ended' ELSE 'canceled' END \
             WHEN subscriptions.start_at > {now} THEN 'pending' WHEN subscriptions.trial_end > {now} THEN 'trialing' \
             WHEN subscriptions.pause_from <= {now} AND (subscriptions.pause_until IS NULL OR subscriptions.pause_until > {now}) \
             THEN 'paused' ELSE 'active' END",
        ),
        ("currency", "subscriptions.currency"),
        ("collection", "subscriptions.collection"),
        ("created_at", "subscriptions.created_at"),
        ("start_at", "subscriptions.start_at"),
        ("end_at", "subscriptions.end_at"),
        ("canceled_at", "subscriptions.canceled_at"),
        ("trial_end", "subscriptions.trial_end"),
        // Billing keeps its place under whoever pays.
        (
            "next_bill_at",
            "(SELECT b.next_bill_at FROM customers c JOIN billing_cursors b ON b.tenant_id = c.tenant_id \
             AND b.customer_id = coalesce(c.payer_id, c.id) WHERE c.tenant_id = {tenant} AND c.id = subscriptions.customer_id \
             AND b.subscription_id = subscriptions.id)",
        ),
        ("metadata", "subscriptions.metadata"),
        (
            "q",
            "subscriptions.id IN (SELECT s.id FROM subscriptions s WHERE s.tenant_id = {tenant} AND s.customer_id IN ({customers}) \
             UNION ALL SELECT s.id FROM subscriptions s WHERE s.tenant_id = {tenant} AND s.external_id = {text})",
        ),
    ],
    orders: &[],
    sums: &[],
};

/// What subscriptions come to.
pub fn totals(tx: &mut Tx<'_>, reader: Reader, wanted: &Wanted) -> Result<Vec<Totals>, StorageError> {
    listing::totals(tx, (&LIST, reader), wanted)
}

/// The codes of the plans of later phases, and of the first ones where they come back to them.
fn later_codes<'a>(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    phases: impl Iterator<Item = &'a Phase>,
) -> Result<HashMap<PlanId, String>, StorageError> {
    let ids: Vec<PlanId> = phases.map(|phase| phase.plan_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let codes: Vec<(PlanId, String)> = plans::table
        .filter(plans::tenant_id.eq(tenant_id).and(plans::id.eq_any(ids)))
        .select((plans::id, plans::code))
        .load(tx.conn)?;
    Ok(codes.into_iter().collect())
}

type Found = (SubscriptionRow, String, Option<DateTime<Utc>>, Vec<String>);

/// One subscription as it stands at `now`.
pub fn find(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    id: SubscriptionId,
) -> Result<Standing, StorageError> {
    let subscription = crate::storage::subscriptions::find(tx, tenant_id, id)?;
    let phases = phases::later(tx, tenant_id, &subscription)?;
    let plan_code = plans::table
        .find((tenant_id, subscription.phase_at(&phases, now).plan_id))
        .select(plans::code)
        .first(tx.conn)?;
    let next_bill_at = billing::next_bill_at(tx, tenant_id, (subscription.customer_id, id))?;
    let items = load_items(tx, (tenant_id, now), vec![id])?.remove(&id).unwrap_or_default();
    Ok(Standing { subscription, phases, plan_code, next_bill_at, items })
}

type ItemRow = (VersionRow, PriceRow, AmountRow);

/// The items of subscriptions, each with the version that counts at `now`.
fn load_items(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    subscription_ids: Vec<SubscriptionId>,
) -> Result<HashMap<SubscriptionId, Vec<Item>>, StorageError> {
    let of_subscription = subscriptions::tenant_id
        .eq(item_versions::tenant_id)
        .and(subscriptions::id.eq(item_versions::subscription_id));
    let of_price =
        prices::tenant_id.eq(item_versions::tenant_id).and(prices::id.nullable().eq(item_versions::price_id));
    let of_currency = price_amounts::tenant_id
        .eq(item_versions::tenant_id)
        .and(price_amounts::price_id.nullable().eq(item_versions::price_id));
    let rows: Vec<ItemRow> = item_versions::table
        .inner_join(subscriptions::table.on(of_subscription))
        .inner_join(prices::table.on(of_price))
        .inner_join(
            price_amounts::table.on(of_currency.and(price_amounts::currency.eq(subscriptions::currency))),
        )
        .filter(
            item_versions::tenant_id
                .eq(tenant_id)
                .and(item_versions::subscription_id.eq_any(subscription_ids)),
        )
        .order((item_versions::subscription_id, item_versions::valid_from, item_versions::id))
        .select((VersionRow::as_select(), PriceRow::as_select(), AmountRow::as_select()))
        .load(tx.conn)?;
    let mut versions: HashMap<SubscriptionId, Vec<ItemRow>> = HashMap::new();
    for row in rows {
        versions.entry(row.0.subscription_id).or_default().push(row);
    }
    Ok(versions.into_iter().map(|(id, versions)| (id, shown(versions, now))).collect())
}

/// The items they make up, in line order.
fn shown(versions: Vec<ItemRow>, now: DateTime<Utc>) -> Vec<Item> {
    let mut rows = in_force::shown(versions, now);
    rows.sort_by_key(|(version, price, _)| (price.position, version.item_id));
    rows.into_iter().map(|(version, price, amount)| item(version, price, amount)).collect()
}

impl Lasting for ItemRow {
    fn item_id(&self) -> ItemId {
        self.0.item_id
    }

    fn valid_from(&self) -> DateTime<Utc> {
        self.0.valid_from
    }

    fn valid_to(&self) -> Option<DateTime<Utc>> {
        self.0.valid_to
    }
}

fn item(version: VersionRow, price: PriceRow, amount: AmountRow) -> Item {
    Item {
        id: version.item_id,
        price_id: price.id,
        price_code: price.code,
        description: price.description,
        kind: price.kind,
        billing: price.billing,
        quantity: version.quantity,
        overridden: version.price_override.is_some(),
        model: version.price_override.unwrap_or(amount.model).0,
    }
}
