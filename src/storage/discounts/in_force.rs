//! What does a billing run need to know of discounts? Those of its customers, what they took off so far, and what they took off the
//! lines that may be changed, whoever paid for these: three statements a range, and one cheap question when a tenant has none.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Text, Uuid as SqlUuid};

use super::reach::{intersection, prices_of};
use super::recorded::{self, Recorded};
use super::rows::{self, CouponRow, DiscountRow, JoinedRow};
use crate::domain::billing::taken_back::How;
use crate::domain::discounts::used_up::{PricedIn, TakenOff, used_up};
use crate::domain::discounts::{Discount, Off, Share};
use crate::domain::ids::{CouponId, CustomerId, DiscountId, InvoiceId, PriceId};
use crate::domain::ids::{SubscriptionId, TenantId};
use crate::domain::invoicing::discounted::{Known, LineShare};
use crate::domain::money::{Currency, Money};
use crate::storage::billing::{Due, Since};
use crate::storage::catalog::same_prices;
use crate::storage::customers::Held;
use crate::storage::customers::accounts;
use crate::storage::schema::{coupons, customers, discounts, invoice_line_discounts};
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx};

/// What is known of the discounts of a range of customers.
#[derive(Debug, Default)]
pub struct InForce {
    by_customer: HashMap<CustomerId, Known>,
    none: Known,
}

impl InForce {
    /// Of this customer.
    #[must_use]
    pub fn of_customer(&self, customer: CustomerId) -> &Known {
        self.by_customer.get(&customer).unwrap_or(&self.none)
    }
}

/// Whose discounts, and which of their charges may be changed.
#[derive(Clone, Copy)]
enum Whose<'a> {
    /// What is billed of a range of customers, from an instant on of each subscription.
    Due(Due, &'a [Since]),
    /// What is on drafts of these customers.
    Drafted(&'a [CustomerId], &'a [Since]),
}

/// Reads what is known of the discounts of a range of locked customers, and of what was billed of subscriptions from an instant on.
pub fn load(tx: &mut Tx<'_>, due: Due, since: &[Since]) -> Result<InForce, StorageError> {
    load_of(tx, due.tenant_id, Whose::Due(due, since))
}

/// Reads what is known of the discounts of locked customers, and of what was billed of subscriptions from an instant on.
pub fn load_drafted(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customers, since): (&[CustomerId], &[Since]),
) -> Result<InForce, StorageError> {
    load_of(tx, tenant_id, Whose::Drafted(customers, since))
}

fn load_of(tx: &mut Tx<'_>, tenant_id: TenantId, whose: Whose<'_>) -> Result<InForce, StorageError> {
    let any = discounts::table.filter(discounts::tenant_id.eq(tenant_id));
    if !diesel::select(diesel::dsl::exists(any)).get_result(tx.conn)? {
        return Ok(InForce::default());
    }
    let mut in_force = InForce::default();
    let mut owners: HashMap<DiscountId, CustomerId> = HashMap::new();
    let loaded = load_discounts(tx, tenant_id, whose)?;
    // What is taken off is taken off the invoices of whoever pays.
    let payers = accounts::payers(tx, tenant_id, &loaded.iter().map(|d| d.customer_id).collect::<Vec<_>>())?;
    for discount in loaded {
        let payer = payers.get(&discount.customer_id).copied().unwrap_or(discount.customer_id);
        owners.insert(discount.id, payer);
        in_force.by_customer.entry(payer).or_default().discounts.push(discount);
    }
    // What was taken off for somebody who paid before goes back, too.
    if owners.is_empty() && !accounts::have_payers(tx, tenant_id)? {
        return Ok(in_force);
    }
    for known in in_force.by_customer.values_mut() {
        known.discounts.sort_by_key(|discount| (discount.created_at, discount.id));
    }
    load_taken(tx, tenant_id, (&mut in_force, &owners))?;
    let (Whose::Due(_, since) | Whose::Drafted(_, since)) = whose;
    for Recorded { payer, key, off } in recorded::load(tx, tenant_id, since)? {
        let payer = [payer];
        let billed = match &whose {
            Whose::Due(..) => &payer[..],
            Whose::Drafted(customers, _) => customers,
        };
        for customer in billed {
            in_force.by_customer.entry(*customer).or_default().recorded.insert(key, off.clone());
        }
    }
    Ok(in_force)
}

fn load_discounts(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    whose: Whose<'_>,
) -> Result<Vec<Discount>, StorageError> {
    let same = coupons::tenant_id.eq(discounts::tenant_id).and(coupons::id.eq(discounts::coupon_id));
    let mut query = discounts::table
        .inner_join(coupons::table.on(same))
        .filter(discounts::tenant_id.eq(tenant_id))
        .select((DiscountRow::as_select(), CouponRow::as_select()))
        .into_boxed();
    let paid_for = customers::table.filter(customers::tenant_id.eq(tenant_id)).select(customers::id);
    query = match whose {
        Whose::Due(due, _) => {
            let (first, last) = (due.range.first, due.range.last);
            let paid_by_them = paid_for.filter(customers::payer_id.between(first, last));
            query.filter(
                discounts::customer_id.between(first, last).or(discounts::customer_id.eq_any(paid_by_them)),
            )
        }
        Whose::Drafted(payers, _) => {
            let paid_by_them = paid_for.filter(customers::payer_id.eq_any(payers));
            query
                .filter(discounts::customer_id.eq_any(payers).or(discounts::customer_id.eq_any(paid_by_them)))
        }
    };
    let rows: Vec<JoinedRow> = query.load(tx.conn)?;
    // Coupons are few and their redemptions many: what a coupon says is kept once.
    let mut scopes: HashMap<CouponId, Option<Arc<BTreeSet<PriceId>>>> = HashMap::new();
    let mut offs: HashMap<CouponId, Arc<Off>> = HashMap::new();
    let mut loaded = Vec::with_capacity(rows.len());
    for row in rows {
        let Json(applies_to) = row.1.applies_to.clone();
        let mut discount = rows::discount(row)?;
        let id = discount.coupon_id;
        discount.prices = match scopes.entry(id) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(unknown) => unknown.insert(prices_of(tx, tenant_id, &applies_to)?).clone(),
        };
        discount.off = Arc::clone(offs.entry(id).or_insert_with(|| Arc::clone(&discount.off)));
        loaded.push(discount);
    }
    let named: BTreeSet<PriceId> = loaded.iter().filter_map(|discount| discount.price_id).collect();
    let same = same_prices::find_each(tx, tenant_id, &named)?;
    for discount in &mut loaded {
        if let Some(same) = discount.price_id.and_then(|id| same.get(&id)) {
            discount.prices = Some(Arc::new(intersection(same, discount.prices.as_deref())));
        }
    }
    Ok(loaded)
}

#[derive(QueryableByName)]
struct TakenRow {
    #[diesel(sql_type = SqlUuid)]
    discount_id: DiscountId,
    #[diesel(sql_type = SqlUuid)]
    subscription_id: SubscriptionId,
    #[diesel(sql_type = Integer)]
    period_no: i32,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

/// What was taken off charges of a period of which an equal part went back.
#[derive(QueryableByName)]
struct UsedRow {
    #[diesel(embed)]
    taken: TakenRow,
    #[diesel(sql_type = BigInt)]
    by_all: i64,
    #[diesel(sql_type = BigInt)]
    went_back: i64,
    #[diesel(sql_type = BigInt)]
    priced_in: i64,
    #[diesel(sql_type = BigInt)]
    charged: i64,
    #[diesel(sql_type = BigInt)]
    stays: i64,
}

type Filled<'a> = (&'a mut InForce, &'a HashMap<DiscountId, CustomerId>);

/// What amounts have taken off by period, less what was taken back of it with voids, notes and corrections, and which invoice a discount
/// for one has found: a percentage needs neither.
fn load_taken(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (in_force, owners): Filled<'_>,
) -> Result<(), StorageError> {
    let counted = |d: &&Discount| matches!(*d.off, Off::Amounts(_)) || d.is_for_one_invoice();
    let wanted: Vec<DiscountId> = in_force
        .by_customer
        .values()
        .flat_map(|known| known.discounts.iter().filter(counted))
        .map(|discount| discount.id)
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let beside: Vec<How> = How::beside_the_line().collect();
    // A correction that leaves a line as it is makes its discount part of the price; of a line below zero, what went back went back.
    let rows: Vec<UsedRow> = diesel::sql_query(
        "SELECT d.discount_id, d.subscription_id, d.period_no, s.currency, sum(d.amount)::bigint AS amount, \
                coalesce(o.by_all, 0)::bigint AS by_all, coalesce(b.went_back, 0)::bigint AS went_back, \
                coalesce(b.priced_in, 0)::bigint AS priced_in, coalesce(o.charged, 0)::bigint AS charged, \
                (coalesce(o.stays, 0) - coalesce(b.taken, 0))::bigint AS stays \
         FROM invoice_line_discounts d \
         JOIN subscriptions s ON s.tenant_id = d.tenant_id AND s.id = d.subscription_id \
         JOIN invoice_lines l ON l.tenant_id = d.tenant_id AND l.invoice_id = d.invoice_id AND l.line_no = d.line_no \
         LEFT JOIN LATERAL (SELECT sum(t.discount) FILTER (WHERE t.kind = ANY($3) AND (t.kind <> $4 OR t.amount <> t.discount)) AS went_back, \
                 sum(t.discount) FILTER (WHERE t.kind = $4 AND t.amount = t.discount AND t.discount > 0) AS priced_in, \
                 sum(t.amount) AS taken, count(*) AS acts \
             FROM charges_taken_back t \
             WHERE t.tenant_id = $1 AND t.subscription_id = l.subscription_id AND t.item_version_id = l.item_version_id \
             AND t.period_start = l.period_start) b ON true \
         LEFT JOIN LATERAL (SELECT sum(f.discount) AS by_all, sum(f.amount) FILTER (WHERE f.amount > 0) AS charged, sum(f.amount) AS stays \
             FROM invoice_lines f \
             WHERE f.tenant_id = $1 AND f.item_version_id = l.item_version_id AND f.period_start = l.period_start) o ON b.acts > 0 \
         WHERE d.tenant_id = $1 AND d.discount_id = ANY($2) GROUP BY 1, 2, 3, 4, 6, 7, 8, 9, 10 ORDER BY 1, 2, 3, 4",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(wanted)
    .bind::<Array<Text>, _>(beside)
    .bind::<Text, _>(How::Corrected)
    .load(tx.conn)?;
    let unreadable = |e| StorageError::unreadable("discount", e);
    for period in rows.chunk_by(|one, next| one.taken.period() == next.taken.period()) {
        let Some(UsedRow { taken: first, .. }) = period.first() else { continue };
        let owner = owners.get(&first.discount_id);
        let Some(known) = owner.and_then(|owner| in_force.by_customer.get_mut(owner)) else { continue };
        let taken: Vec<TakenOff> = period.iter().map(UsedRow::taken_off).collect();
        let amount = used_up(&taken, first.currency).map_err(unreadable)?;
        known.taken.add(&Share { amount, ..first.share() }).map_err(unreadable)?;
    }
    Ok(())
}

impl UsedRow {
    fn taken_off(&self) -> TakenOff {
        let money = |minor| Money::from_minor(minor, self.taken.currency);
        TakenOff {
            amount: money(self.taken.amount),
            by_all: money(self.by_all),
            went_back: money(self.went_back),
            priced_in: PricedIn {
                amount: money(self.priced_in),
                price: money(self.charged.saturating_sub(self.priced_in)),
                stays: money(self.stays),
            },
        }
    }
}

impl TakenRow {
    /// Which of its discount's periods it is of.
    fn period(&self) -> (DiscountId, SubscriptionId, i32, Currency) {
        (self.discount_id, self.subscription_id, self.period_no, self.currency)
    }

    fn share(&self) -> Share {
        Share {
            discount_id: self.discount_id,
            subscription_id: self.subscription_id,
            period_no: self.period_no,
            amount: Money::from_minor(self.amount, self.currency),
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = invoice_line_discounts, treat_none_as_default_value = false)]
struct ShareRow {
    tenant_id: TenantId,
    invoice_id: InvoiceId,
    line_no: i32,
    discount_id: DiscountId,
    subscription_id: SubscriptionId,
    period_no: i32,
    amount: i64,
}

/// Adds the shares of lines, by `COPY`.
pub fn insert_shares(
    tx: &mut Tx<'_>,
    held: &Held,
    shares: &[(InvoiceId, LineShare)],
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    if shares.is_empty() {
        return Ok(());
    }
    let row = |(invoice_id, (line_no, share)): &(InvoiceId, LineShare)| ShareRow {
        tenant_id,
        invoice_id: *invoice_id,
        line_no: *line_no,
        discount_id: share.discount_id,
        subscription_id: share.subscription_id,
        period_no: share.period_no,
        amount: share.amount.minor(),
    };
    let rows: Vec<ShareRow> = shares.iter().map(row).collect();
    diesel::copy_from(invoice_line_discounts::table).from_insertable(&rows).execute(tx.conn)?;
    Ok(())
}
