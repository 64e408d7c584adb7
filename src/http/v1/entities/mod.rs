//! `/v1/entities`: through whom you sell.
//!
//! What is on this shelf, what is not, and its laws: [`domain::entities`](crate::domain::entities).

use actix_web::http::StatusCode;

use crate::domain::ids::EntityId;
use crate::http::{Answer, Get, Listing, Patch, PathId, Post, Problem, page};
use crate::storage::entities::views;
use crate::wire::entities::{EntitiesQuery, Entity, EntityPatch, NewEntity};
use crate::wire::page::{Page, PageQuery};
use crate::workflows::entities::{create_entity, update_entity};

/// Create a legal entity
///
/// You begin with one, which has your tenant's name and is the default. Each has its own country and registrations for tax, numbers its own
/// invoices and credit notes without gaps, and files its own returns. A customer buys from one of them.
#[utoipa::path(post, path = "/v1/entities", tag = "entities", request_body = NewEntity,
    responses((status = 201, description = "The entity", body = Entity)), operation_id = "create_entity")]
pub async fn create(post: Post<NewEntity>) -> Result<Answer, Problem> {
    post.run("create_entity", StatusCode::CREATED, |tx, scope, body| {
        Ok(Entity::from(create_entity::run(tx, scope, body.parse()?)?))
    })
    .await
}

/// List your legal entities, newest first
#[utoipa::path(get, path = "/v1/entities", tag = "entities", params(PageQuery, EntitiesQuery),
    responses((status = 200, description = "A page of entities", body = Page<Entity>)), operation_id = "entities")]
pub async fn list(get: Get, listing: Listing<EntitiesQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::list(tx, tenant_id, listing.filter.external_id.as_deref(), &listing.keyset)?;
        Ok(page(slice, |entity| entity.id.uuid(), Entity::from))
    })
    .await
}

/// Read a legal entity
#[utoipa::path(get, path = "/v1/entities/{id}", tag = "entities",
    responses((status = 200, description = "The entity", body = Entity)), operation_id = "entity")]
pub async fn find(get: Get, id: PathId<EntityId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(Entity::from(views::find(tx, tenant_id, id.0)?))).await
}

/// Change a legal entity
///
/// For what is issued from now on: issued documents keep what they print, their numbers and their tax.
#[utoipa::path(patch, path = "/v1/entities/{id}", tag = "entities", request_body = EntityPatch,
    responses((status = 200, description = "The entity as changed", body = Entity)), operation_id = "update_entity")]
pub async fn update(patch: Patch<EntityPatch>, id: PathId<EntityId>) -> Result<Answer, Problem> {
    patch
        .run("update_entity", StatusCode::OK, move |tx, scope, body| {
            Ok(Entity::from(update_entity::run(tx, scope, id.0, body.parse()?)?))
        })
        .await
}
