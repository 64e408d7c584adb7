//! `/v1/plans/{id}/migrations`: existing subscriptions take another version of their plan.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::domain::ids::{ApiKeyId, MigrationId, PlanId};
use crate::http::lanes::Lane;
use crate::http::{Answer, App, Command, Get, PathId, Post, Problem};
use crate::storage::{Session, Tx};
use crate::wire::subscriptions::plan_migrations::{
    MigrationTotal, Moved, MovedBinding, MovedSubscription, NewPlanMigration, PlanMigration,
};
use crate::workflows::subscriptions::migrate_plan::{self, Binding, Bound, Outcome, Request};
use crate::workflows::{Error, Scope};

/// Move subscriptions to another version of their plan
///
/// Those that exist keep the version they were started with until they are moved. With `dry_run` true the answer tells
/// which would move, when, what each and all would pay more or less for a period, and what becomes of discounts, credits and budgets that
/// are bound to their prices; nothing is changed. Otherwise each is
/// changed, as by `POST /v1/subscriptions/{id}/change`, and the answer tells what became of it; with `wait` false it comes at once, and the
/// migration is read by its id until it is complete. Prices of a subscription's
/// own stay. One that cannot be moved, such as one with a change planned for later, is left as it is, with the reason.
#[utoipa::path(post, path = "/v1/plans/{id}/migrations", tag = "plans", request_body = NewPlanMigration,
    responses((status = 200, description = "What would move, or what was moved", body = PlanMigration),
        (status = 202, description = "It is begun", body = PlanMigration)), operation_id = "migrate")]
pub async fn create(post: Post<NewPlanMigration>, id: PathId<PlanId>) -> Result<Answer, Problem> {
    let (plan_id, by) = (id.0, post.caller.key_id);
    if !post.body.wait && !post.body.dry_run {
        let begin = move |tx: &mut Tx<'_>, scope: &Scope, body: &NewPlanMigration| {
            shape(migrate_plan::begin(tx, scope.tenant_id, &request(body, plan_id, by)?)?, false)
        };
        let go_on = |session: &mut Session, _: &App, tenant_id| migrate_plan::go_on(session, tenant_id);
        return post.run_begun((Lane::Migrations, "migrate_plan"), begin, go_on).await;
    }
    post.run_long((Lane::Migrations, "migrate_plan"), StatusCode::OK, move |session, command| {
        let Command { tenant_id, body, keyed } = command;
        let request = request(body, plan_id, by)?;
        let outcome = match body.dry_run {
            true => migrate_plan::dry_run(session, *tenant_id, &request)?,
            false => migrate_plan::run(session, *tenant_id, (&request, keyed))?,
        };
        shape(outcome, body.dry_run)
    })
    .await
}

fn request(body: &NewPlanMigration, plan_id: PlanId, by: ApiKeyId) -> Result<Request, Error> {
    Ok(Request {
        plan_id,
        from_version: body.from_version,
        to_version: body.to_version,
        effective_at: (body.effective_at.clone(), body.effective()?),
        proration: body.proration.into(),
        only: body.subscription_ids.clone(),
        by,
    })
}

/// Read a migration
#[utoipa::path(get, path = "/v1/plans/{id}/migrations/{migration_id}", tag = "plans",
    responses((status = 200, description = "What became of each subscription", body = PlanMigration)), operation_id = "find_migration")]
pub async fn find(get: Get, id: PathId<PlanId>, place: Path<(String, String)>) -> Result<Answer, Problem> {
    let migration: MigrationId = place.1.parse().map_err(Problem::not_found)?;
    get.run(move |tx: &mut Tx<'_>, tenant_id| {
        shape(migrate_plan::read(tx, tenant_id, (id.0, migration))?, false)
    })
    .await
}

fn binding(binding: Binding) -> MovedBinding {
    let (object, id) = match binding.bound {
        Bound::Discount(id) => ("discount", id.to_string()),
        Bound::CreditGrant(id) => ("credit_grant", id.to_string()),
        Bound::Budget(id) => ("budget", id.to_string()),
    };
    let Binding { price_code, from_price_id, to_price_id, meter_id, follows, .. } = binding;
    MovedBinding { object, id, price_code, from_price_id, to_price_id, meter_id, follows }
}

fn shape(outcome: Outcome, dry_run: bool) -> Result<PlanMigration, Error> {
    let Outcome { migration, moves } = outcome;
    let moves: Vec<Moved> = moves
        .into_iter()
        .map(|m| Moved {
            subscription_id: m.subscription_id,
            effective_at: m.effective_at,
            old_amount: m.old_amount,
            new_amount: m.new_amount,
            change_id: m.change_id,
            refused: m.refused,
            bindings: m.bindings.into_iter().map(binding).collect(),
        })
        .collect();
    let refused = moves.iter().filter(|moved| moved.refused.is_some()).count();
    let fits = |e: crate::domain::money::MoneyError| {
        Error::from(crate::domain::billing::unbillable::Unbillable::from(e))
    };
    let shown = moves.iter().map(|moved| MovedSubscription::of(moved, dry_run));
    Ok(PlanMigration {
        id: (!dry_run).then_some(migration.id),
        plan_id: migration.plan_id,
        from_version: migration.from_version,
        to_version: migration.to_version,
        effective_at: migration.effective_at,
        proration: migration.proration.into_str(),
        dry_run,
        created_at: migration.created_at,
        completed_at: migration.completed_at,
        api_key_id: migration.api_key_id,
        moved: moves.len() - refused,
        refused,
        totals: MigrationTotal::of(&moves),
        subscriptions: shown.collect::<Result<_, _>>().map_err(fits)?,
    })
}
