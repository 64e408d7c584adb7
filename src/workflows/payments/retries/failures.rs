//! What has failed for these invoices, the oldest first, and what is not charged for them any more? Attempts that were declined, and debits that
//! had come and that the bank was late to refuse.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::ids::{InvoiceId, PaymentMethodId, TenantId};
use crate::domain::payments::retries::Tried;
use crate::domain::payments::retries::ended::{self, Ended};
use crate::domain::payments::{PaymentMethod, State};
use crate::storage::payments::{disputes, payment_methods};
use crate::storage::{StorageError, Tx, payments};

/// A failure, and the code of it.
pub(in crate::workflows::payments) struct Failure {
    at: DateTime<Utc>,
    pub(in crate::workflows::payments) tried: Tried,
    pub(in crate::workflows::payments) code: String,
}

/// Reads them.
pub(in crate::workflows::payments) fn load(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<HashMap<InvoiceId, Vec<Failure>>, StorageError> {
    let mut failures: HashMap<InvoiceId, Vec<Failure>> = HashMap::new();
    for payment in payments::failed(tx, tenant_id, ids)? {
        let Some((id, tried)) = payment.invoice_id.zip(Tried::of(&payment)) else { continue };
        let at = payment.created_at;
        if let State::Failed { code, .. } = payment.state {
            failures.entry(id).or_default().push(Failure { at, tried, code });
        }
    }
    for late in disputes::late_failures(tx, tenant_id, ids)? {
        let tried = Tried::late(late.method_id, (&late.gateway, &late.reason));
        let of_invoice = failures.entry(late.invoice_id).or_default();
        of_invoice.push(Failure { at: late.at, tried, code: late.reason });
        of_invoice.sort_by_key(|failure| failure.at);
    }
    Ok(failures)
}

/// What was declined for good by these attempts at invoices.
pub(in crate::workflows::payments) fn ended(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    tried: &HashMap<InvoiceId, Vec<Tried>>,
) -> Result<HashMap<InvoiceId, Ended>, StorageError> {
    let mut ids: Vec<PaymentMethodId> = tried.values().flat_map(|tried| ended::cards(tried)).collect();
    ids.sort_unstable();
    ids.dedup();
    let cards = match ids.as_slice() {
        [] => Vec::new(),
        ids => payment_methods::find_all(tx, tenant_id, ids)?,
    };
    let known: HashMap<PaymentMethodId, PaymentMethod> =
        cards.into_iter().map(|card| (card.id, card)).collect();
    Ok(tried.iter().map(|(id, tried)| (*id, Ended::by(tried, &known))).collect())
}
