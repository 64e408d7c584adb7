//! What of which price does a subscription hold from when to when? A row a version: 3 seats from 1 January to 15 March.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::domain::catalog::{PriceModel, TaxBehavior, TaxCode, TaxTerms};
use crate::domain::ids::{ChangeId, ItemId, ItemVersionId, PriceId, SubscriptionId, TenantId};
use crate::domain::proration::Basis;
use crate::domain::subscriptions::{Bounds, ItemVersion, PriceTerms, charge};
use crate::storage::StorageError;
use crate::storage::schema::item_versions;
use crate::storage::sql_types::Json;

/// An item version as its row holds it; billing and views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = item_versions, treat_none_as_default_value = false)]
pub(in crate::storage) struct VersionRow {
    tenant_id: TenantId,
    pub(in crate::storage) subscription_id: SubscriptionId,
    id: ItemVersionId,
    pub(in crate::storage) item_id: ItemId,
    pub(in crate::storage) price_id: Option<PriceId>,
    pub(in crate::storage) quantity: Decimal,
    pub(in crate::storage) price_override: Option<Json<PriceModel>>,
    pub(in crate::storage) valid_from: DateTime<Utc>,
    pub(in crate::storage) valid_to: Option<DateTime<Utc>>,
    recorded_at: DateTime<Utc>,
    phase_no: i16,
    starts_by: Option<Basis>,
    ends_by: Option<Basis>,
    due_from: Option<DateTime<Utc>>,
    end_due_from: Option<DateTime<Utc>>,
    made_by: Option<ChangeId>,
    own_description: Option<String>,
    own_tax_code: Option<TaxCode>,
    own_tax_behavior: Option<TaxBehavior>,
    usage_by_days: bool,
    held: Option<Basis>,
}

impl VersionRow {
    pub(super) fn of(
        tenant_id: TenantId,
        subscription_id: SubscriptionId,
        recorded_at: DateTime<Utc>,
        made_by: Option<ChangeId>,
        version: &ItemVersion,
    ) -> VersionRow {
        let price_id = Some(version.terms.price_id).filter(|id| !id.uuid().is_nil());
        // What is in no plan is priced by its own row.
        let own_tax = price_id.is_none().then_some(version.terms.own_tax_terms);
        let own_tax = own_tax.filter(|terms| *terms != TaxTerms::default());
        let model = version.price_override.as_ref().or(price_id.is_none().then_some(&version.terms.model));
        VersionRow {
            tenant_id,
            subscription_id,
            id: version.id,
            item_id: version.item_id,
            price_id,
            quantity: version.quantity,
            price_override: model.cloned().map(Json),
            valid_from: version.valid_from,
            valid_to: version.valid_to,
            recorded_at,
            phase_no: version.bounds.phase_no,
            starts_by: stored(version.bounds.starts_by),
            ends_by: stored(version.bounds.ends_by),
            due_from: version.bounds.due_from,
            end_due_from: version.bounds.end_due_from,
            made_by,
            own_description: price_id.is_none().then(|| version.terms.description.to_string()),
            own_tax_code: own_tax.map(|terms| terms.code),
            own_tax_behavior: own_tax.map(|terms| terms.behavior),
            usage_by_days: version.bounds.usage_by_days,
            held: version.bounds.held,
        }
    }

    /// The version. Of a price, `find` gives the terms; a charge beside the plan says itself what it is and costs.
    pub(in crate::storage) fn into_version(
        self,
        find: impl FnOnce(PriceId) -> Result<Arc<PriceTerms>, StorageError>,
    ) -> Result<ItemVersion, StorageError> {
        let price_override = self.price_override.map(|model| model.0);
        let tax_terms = TaxTerms {
            code: self.own_tax_code.unwrap_or_default(),
            behavior: self.own_tax_behavior.unwrap_or_default(),
        };
        let (terms, price_override) = match self.price_id {
            Some(price) => (find(price)?, price_override),
            None => (Arc::new(own_terms(self.own_description.as_deref(), price_override, tax_terms)?), None),
        };
        Ok(ItemVersion {
            id: self.id,
            item_id: self.item_id,
            quantity: self.quantity,
            terms,
            price_override,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            bounds: Bounds {
                phase_no: self.phase_no,
                starts_by: self.starts_by.unwrap_or_default(),
                ends_by: self.ends_by.unwrap_or_default(),
                due_from: self.due_from,
                end_due_from: self.end_due_from,
                usage_by_days: self.usage_by_days,
                held: self.held,
            },
        })
    }
}

fn own_terms(
    description: Option<&str>,
    model: Option<PriceModel>,
    tax_terms: TaxTerms,
) -> Result<PriceTerms, StorageError> {
    match (description, model) {
        (Some(description), Some(PriceModel::Flat { amount })) => {
            Ok(charge::own_terms(description, amount, tax_terms))
        }
        _ => Err(StorageError::unreadable("charge beside the plan", "it has no description or no amount")),
    }
}

/// By the day is what every version is cut by unless something else is said: it is not stored.
pub(super) fn stored(basis: Basis) -> Option<Basis> {
    Some(basis).filter(|basis| *basis != Basis::ByDay)
}
