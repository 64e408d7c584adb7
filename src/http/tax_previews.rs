//! What will a provider of tax say of what is only shown? It is asked before, outside any transaction; without an answer the built-in rules are
//! shown.

use actix_web::web::{self, Data};

use super::lanes::Lane;
use super::{App, Problem};
use crate::domain::ids::TenantId;
use crate::domain::tax::provided::Question;
use crate::storage::tax::views;
use crate::workflows::Error;
use crate::workflows::invoicing::ask_tax_providers;

/// Whether a tenant has any provider: without one nothing is asked.
pub(super) async fn has_providers(app: &Data<App>, tenant_id: TenantId) -> Result<bool, Problem> {
    let any =
        app.db.read::<_, Error>(Some(tenant_id), move |tx| Ok(!views::providers(tx, tenant_id)?.is_empty()));
    Ok(any.await?)
}

/// Asks these questions, and keeps the answers.
pub(super) async fn ask(
    app: &Data<App>,
    tenant_id: TenantId,
    questions: Vec<Question>,
) -> Result<(), Problem> {
    if questions.is_empty() {
        return Ok(());
    }
    let place = app.lanes.enter(Lane::Payments, tenant_id).await?;
    let (db, providers) = (app.db.clone(), app.registers.providers.clone());
    let outcome = web::block(move || {
        let answered =
            ask_tax_providers::for_preview(&mut db.lent_session(), &providers, (tenant_id, questions));
        drop(place);
        answered
    });
    if let Ok(Err(error)) = outcome.await {
        tracing::warn!(tenant = %tenant_id, %error, "a provider of tax could not be asked for a preview");
    }
    Ok(())
}
