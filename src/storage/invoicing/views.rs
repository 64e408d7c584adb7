//! What does an invoice look like, whole? One query: the invoice with its lines and the parties it was issued with. And which
//! invoices are there? One page, without their lines.

use diesel::dsl::exists;
use diesel::prelude::*;
use serde_json::Value;

use super::super::keyset::{Keyset, Slice, keyset_query};
use crate::domain::billing::Line;
use crate::domain::ids::{CustomerId, DiscountId, EntityId, InvoiceId, SubscriptionId, TenantId};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::tax::on_lines::LineTax;
use crate::storage::columns::entity_or_first;
use crate::storage::discounts;
use crate::storage::invoicing::{InvoiceRow, LineRow};
use crate::storage::schema::{
    buyer_versions, invoice_line_taxes, invoice_lines, invoices, item_versions, seller_versions,
    subscriptions,
};
use crate::storage::{StorageError, Thing, Tx, tax};

/// An invoice with everything that is printed on it.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeInvoice {
    pub invoice: Invoice,
    pub lines: Vec<Line>,
    /// Whose subscription each line is of, in the order of the lines.
    pub consumers: Vec<Option<CustomerId>>,
    /// The line's number, the discount, and what it took off it in minor units.
    pub shares: Vec<(i32, DiscountId, i64)>,
    /// The taxes of its lines, in order.
    pub taxes: Vec<LineTax>,
    /// The buyer's details it was issued with; `None` for a draft.
    pub buyer: Option<Value>,
    /// The seller's details it was issued with; `None` for a draft.
    pub seller: Option<Value>,
}

/// Which invoices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    pub customer_id: Option<CustomerId>,
    pub status: Option<Status>,
    /// With a line of this subscription.
    pub subscription_id: Option<SubscriptionId>,
    pub entity_id: Option<EntityId>,
}

type WholeRow =
    (InvoiceRow<'static>, Option<LineRow<'static>>, Option<Value>, Option<Value>, Option<CustomerId>, bool);

/// The whole invoice with this id, in one statement; its discounts and taxes, when it has any, in another each.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: InvoiceId) -> Result<WholeInvoice, StorageError> {
    let lines =
        invoice_lines::tenant_id.eq(invoices::tenant_id).and(invoice_lines::invoice_id.eq(invoices::id));
    let sold = subscriptions::tenant_id
        .eq(invoices::tenant_id)
        .and(invoice_lines::subscription_id.eq(subscriptions::id.nullable()));
    let buyer = buyer_versions::tenant_id
        .eq(invoices::tenant_id)
        .and(buyer_versions::customer_id.eq(invoices::customer_id))
        .and(buyer_versions::version.nullable().eq(invoices::buyer_version));
    let seller = seller_versions::tenant_id
        .eq(invoices::tenant_id)
        .and(seller_versions::version.nullable().eq(invoices::seller_version));
    let taxed = invoice_line_taxes::table
        .filter(invoice_line_taxes::tenant_id.eq(tenant_id).and(invoice_line_taxes::invoice_id.eq(id)));
    let rows: Vec<WholeRow> = invoices::table
        .left_join(invoice_lines::table.on(lines))
        .left_join(subscriptions::table.on(sold))
        .left_join(buyer_versions::table.on(buyer))
        .left_join(seller_versions::table.on(seller))
        .filter(invoices::tenant_id.eq(tenant_id).and(invoices::id.eq(id)))
        .order(invoice_lines::line_no)
        .select((
            InvoiceRow::as_select(),
            Option::<LineRow>::as_select(),
            buyer_versions::details.nullable(),
            seller_versions::details.nullable(),
            subscriptions::customer_id.nullable(),
            exists(taxed),
        ))
        .load(tx.conn)?;
    let consumers: Vec<Option<CustomerId>> =
        rows.iter().filter(|row| row.1.is_some()).map(|row| row.4).collect();
    let mut rows = rows.into_iter();
    let (invoice, first, buyer, seller, _, is_taxed) =
        rows.next().ok_or_else(|| StorageError::not_found(Thing::Invoice, id))?;
    let invoice = Invoice::from(invoice);
    let lines = first.into_iter().chain(rows.filter_map(|row| row.1));
    let lines: Vec<Line> = lines.map(|row| row.into_line(invoice.currency)).collect::<Result<_, _>>()?;
    let shares = if lines.iter().any(|line| !line.discount.is_zero()) {
        discounts::shares_of(tx, tenant_id, id)?
    } else {
        Vec::new()
    };
    let taxes = if is_taxed { tax::line_taxes(tx, tenant_id, (id, invoice.currency))? } else { Vec::new() };
    Ok(WholeInvoice { invoice, lines, consumers, shares, taxes, buyer, seller })
}

/// One page of the tenant's invoices.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    filter: Filter,
    keyset: &Keyset,
) -> Result<Slice<Invoice>, StorageError> {
    let mut query = invoices::table
        .filter(invoices::tenant_id.eq(tenant_id))
        .select(InvoiceRow::as_select())
        .into_boxed();
    if let Some(customer_id) = filter.customer_id {
        query = query.filter(invoices::customer_id.eq(customer_id));
    }
    if let Some(status) = filter.status {
        query = query.filter(invoices::status.eq(status));
    }
    if let Some(entity_id) = filter.entity_id {
        query = query.filter(entity_or_first(invoices::entity_id, invoices::tenant_id).eq(entity_id));
    }
    if let Some(subscription_id) = filter.subscription_id {
        // By way of the subscription's item versions: lines are indexed by them.
        let versions = item_versions::table
            .filter(item_versions::tenant_id.eq(tenant_id))
            .filter(item_versions::subscription_id.eq(subscription_id))
            .select(item_versions::id.nullable());
        let billed = invoice_lines::table
            .filter(invoice_lines::tenant_id.eq(tenant_id))
            .filter(invoice_lines::item_version_id.eq_any(versions))
            .select(invoice_lines::invoice_id);
        query = query.filter(invoices::id.eq_any(billed));
    }
    let rows = keyset_query!(query, invoices::id, keyset).load::<InvoiceRow<'_>>(tx.conn)?;
    Ok(keyset.slice(rows).map(Invoice::from))
}
