//! A customer is given prepaid credits, or buys them: then an invoice of their price is issued at once.

use crate::domain::credits::grant::GrantDraft;
use crate::domain::credits::{Grant, Source};
use crate::domain::ids::{CreditGrantId, InvoiceId};
use crate::domain::issuing;
use crate::domain::subscriptions::Collection;
use crate::storage::named::Named;
use crate::storage::{Tx, credits};
use crate::workflows::error::Referenced;
use crate::workflows::invoicing::issue::Books;
use crate::workflows::named::{self, List};
use crate::workflows::{Error, Scope};

/// Adds the grant, and the invoice that sells it.
///
/// # Errors
/// [`Invalid`](crate::domain::refusal::Invalid) values; `unknown_price`, `unknown_meter`; `unknown_customer`.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    draft: GrantDraft,
    collection: Collection,
) -> Result<Grant, Error> {
    let customer_id = draft.customer_id;
    let grant = draft.create(CreditGrantId::from_uuid(scope.mint()), scope.now)?;
    let uses = &grant.applies_to;
    let prices = List::of(
        (Named::Prices, "/applies_to/price_ids"),
        uses.price_ids.iter().map(|id| (id.uuid(), id.to_string())),
    );
    let meters = List::of(
        (Named::Meters, "/applies_to/meter_ids"),
        uses.meter_ids.iter().map(|id| (id.uuid(), id.to_string())),
    );
    named::check(tx, scope.tenant_id, &[prices, meters])?;
    let scope = &scope.lock(tx, customer_id).or_unknown("/customer_id")?;
    let mut books = Books::default();
    if grant.source == Source::Promotional {
        books.granted(scope, grant.clone());
        books.save(tx, scope)?;
        return Ok(grant);
    }
    let entity_id = scope.buyer(customer_id)?.entity_id;
    let terms = scope.terms((customer_id, entity_id))?;
    let mut funds = credits::of_customer(tx, scope.tenant_id, customer_id)?;
    let on = (InvoiceId::from_uuid(scope.mint()), collection);
    let (grant, mut sheet) = issuing::sell(grant, on, &mut funds, &terms)?;
    scope.sign("credits.bought", &mut sheet.lines);
    books.granted(scope, grant.clone());
    books.sheets.push(sheet);
    books.save(tx, scope)?;
    Ok(grant)
}
