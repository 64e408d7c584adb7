//! Where does a line come from? What it rests on, the lines of the same item version and period before it, and the calls that made
//! and ended that version.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::billing::{Grounds, Line};
use crate::domain::ids::{
    ApiKeyId, ChangeId, CreditGrantId, CreditNoteId, CustomerId, InvoiceId, ItemVersionId, LineId, PlanId,
    SubscriptionId, TenantId,
};
use crate::domain::money::{Currency, Money};
use crate::storage::billing::grounds;
use crate::storage::schema::{
    credit_grants, credit_notes, invoice_lines as lines, invoices, item_versions as versions, plans, prices,
    subscription_changes as changes, subscriptions,
};
use crate::storage::subscriptions::changes::ChangeRow;
use crate::storage::subscriptions::views::changes::Change;
use crate::storage::{Found, StorageError, Thing, Tx};

/// What a line rests on that nothing else remembers.
pub fn grounds_of(tx: &mut Tx<'_>, tenant_id: TenantId, line: LineId) -> Result<Grounds, StorageError> {
    grounds::find(tx, tenant_id, line)
}

/// A line that billed of the same item version and period before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    pub id: LineId,
    pub amount: Money,
    /// What had been recorded by then, of usage.
    pub recorded_to: Option<DateTime<Utc>>,
    /// When its invoice was written.
    pub written_at: DateTime<Utc>,
}

type EarlierRow = (InvoiceId, i32, i64, Option<DateTime<Utc>>, DateTime<Utc>);

/// The lines before a line, of its own item version and period, in order.
pub fn earlier(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (line, currency): (&Line, Currency),
) -> Result<Vec<Earlier>, StorageError> {
    let Some(version) = line.item_version_id else { return Ok(Vec::new()) };
    let rows: Vec<EarlierRow> = lines::table
        .inner_join(
            invoices::table
                .on(invoices::tenant_id.eq(lines::tenant_id).and(invoices::id.eq(lines::invoice_id))),
        )
        .filter(lines::tenant_id.eq(tenant_id).and(lines::item_version_id.eq(version)))
        .filter(lines::period_start.eq(line.period.start).and(lines::revision.lt(line.revision)))
        .order(lines::revision)
        .select((lines::invoice_id, lines::line_no, lines::amount, lines::measured_to, invoices::created_at))
        .load(tx.conn)?;
    let earlier = |(invoice_id, line_no, amount, recorded_to, written_at)| Earlier {
        id: LineId { invoice_id, line_no },
        amount: Money::from_minor(amount, currency),
        recorded_to,
        written_at,
    };
    Ok(rows.into_iter().map(earlier).collect())
}

/// Where an item version comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The plan, its code and version; `None`: the item is in no plan.
    pub plan: Option<(PlanId, String, i32)>,
    pub made_by: Option<ChangeId>,
    pub ended_by: Option<ChangeId>,
    /// When the subscription was started, and by whose call.
    pub started_at: DateTime<Utc>,
    pub started_by: Option<ApiKeyId>,
}

type OriginRow = (
    Option<ChangeId>,
    Option<ChangeId>,
    DateTime<Utc>,
    Option<ApiKeyId>,
    Option<PlanId>,
    Option<String>,
    Option<i32>,
);

/// The origin of an item version.
pub fn origin(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (subscription, version): (SubscriptionId, ItemVersionId),
) -> Result<Origin, StorageError> {
    let same_subscription =
        subscriptions::tenant_id.eq(versions::tenant_id).and(subscriptions::id.eq(versions::subscription_id));
    let price = prices::tenant_id.eq(versions::tenant_id).and(prices::id.nullable().eq(versions::price_id));
    let plan = plans::tenant_id.eq(versions::tenant_id).and(plans::id.eq(prices::plan_id));
    let row: OriginRow = versions::table
        .inner_join(subscriptions::table.on(same_subscription))
        .left_join(prices::table.on(price))
        .left_join(plans::table.on(plan))
        .filter(versions::tenant_id.eq(tenant_id))
        .filter(versions::subscription_id.eq(subscription).and(versions::id.eq(version)))
        .select((
            versions::made_by,
            versions::ended_by,
            subscriptions::created_at,
            subscriptions::started_by,
            plans::id.nullable(),
            plans::code.nullable(),
            prices::plan_version.nullable(),
        ))
        .first(tx.conn)
        .found(Thing::ItemVersion, version)?;
    let (made_by, ended_by, started_at, started_by, plan, code, number) = row;
    Ok(Origin {
        plan: plan.zip(code).zip(number).map(|((plan, code), no)| (plan, code, no)),
        made_by,
        ended_by,
        started_at,
        started_by,
    })
}

/// The change with this id.
pub fn change(tx: &mut Tx<'_>, tenant_id: TenantId, id: ChangeId) -> Result<Change, StorageError> {
    let row: ChangeRow = changes::table
        .find((tenant_id, id))
        .select(ChangeRow::as_select())
        .first(tx.conn)
        .found(Thing::Change, id)?;
    Ok(row.into_change())
}

/// The last change of a subscription that took effect at an instant and came before an invoice: ids are in the order in which they
/// were minted, also where the clock stands still. A charge beside the plan ends nothing.
pub fn change_at(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    subscription: SubscriptionId,
    effective_at: DateTime<Utc>,
    invoice: InvoiceId,
) -> Result<Option<Change>, StorageError> {
    let row: Option<ChangeRow> = changes::table
        .filter(changes::tenant_id.eq(tenant_id).and(changes::subscription_id.eq(subscription)))
        .filter(changes::effective_at.eq(effective_at).and(changes::id.lt(invoice)))
        .filter(changes::kind.ne("charge"))
        .order(changes::id.desc())
        .select(ChangeRow::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(row.map(ChangeRow::into_change))
}

/// The grant of prepaid credits that an invoice sold, if it sold one.
pub fn grant_sold(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    invoice: InvoiceId,
) -> Result<Option<CreditGrantId>, StorageError> {
    Ok(credit_grants::table
        .filter(credit_grants::tenant_id.eq(tenant_id).and(credit_grants::invoice_id.eq(invoice)))
        .select(credit_grants::id)
        .first(tx.conn)
        .optional()?)
}

/// The credit note of the invoice that an invoice replaces, and that invoice, if it replaces one.
pub fn replaced(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (invoice, customer): (InvoiceId, CustomerId),
) -> Result<Option<(CreditNoteId, InvoiceId)>, StorageError> {
    Ok(credit_notes::table
        .filter(credit_notes::tenant_id.eq(tenant_id).and(credit_notes::customer_id.eq(customer)))
        .filter(credit_notes::replacement_invoice_id.eq(invoice))
        .select((credit_notes::id, credit_notes::invoice_id))
        .first(tx.conn)
        .optional()?)
}
