//! Which subscriptions move to another version of their plan, when, and what will each pay? Reports it, or does it.
//!
//! 31.00 a month becomes 35.00: 1,000 subscriptions move at their periods' ends, each pays 4.00 more, all 4,000.00.
//! Each is one change in a transaction of its own that also notes that it is done: stopped anywhere, it goes on from there.

use std::thread;
use std::time::Duration;

use super::change_subscription::{self, Order};
use super::edit_subscription::{self, Origin};
use super::plan_bindings::{self, Moving};
use crate::domain::billing::period_price::period_price;
use crate::domain::events::EventType;
use crate::domain::fields::Faults;
use crate::domain::ids::{ApiKeyId, MigrationId, PlanId, SubscriptionId, TenantId};
use crate::domain::money::Money;
use crate::domain::proration::Basis;
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::change::ChangeRequest;
use crate::domain::subscriptions::items::Selection;
use crate::domain::subscriptions::when::{Bill, Effective};
use crate::storage::customers::Locked;
use crate::storage::named::Named;
use crate::storage::subscriptions::plan_migrations::{self, Migration, Move};
pub use crate::storage::subscriptions::plan_migrations::{Binding, Bound};
use crate::storage::{Session, StorageError, Tx, billing, catalog, due, events};
use crate::workflows::error::Referenced;
use crate::workflows::keyed::Keyed;
use crate::workflows::named::{self, List};
use crate::workflows::parked_work::{self, Place};
use crate::workflows::{Error, Scope};

/// Subscriptions of one look.
const BATCH: i64 = 500;

/// What is to move.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub plan_id: PlanId,
    pub from_version: Option<i32>,
    /// `None`: the latest.
    pub to_version: Option<i32>,
    /// As it was requested, and what it means.
    pub effective_at: (String, Effective),
    pub proration: Basis,
    pub only: Option<Vec<SubscriptionId>>,
    pub by: ApiKeyId,
}

/// A migration, and what it does or did.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub migration: Migration,
    pub moves: Vec<Move>,
}

/// What it would do. Nothing is written.
///
/// # Errors
/// Not found; a version that is not there.
pub fn dry_run(session: &mut Session, tenant_id: TenantId, request: &Request) -> Result<Outcome, Error> {
    let migration = session.transaction("plan_migration", |tx| planned(tx, tenant_id, request))?;
    let mut moves = Vec::new();
    each(session, (tenant_id, &migration), |tx, scope, id| {
        moves.extend(tx.taken_back(|tx| one(tx, scope, (&migration, id), Detail::Bindings))?);
        Ok(())
    })?;
    Ok(Outcome { migration, moves })
}

/// Begins it, for [`go_on`] to do.
///
/// # Errors
/// Not found; a version that is not there.
pub fn begin(tx: &mut Tx<'_>, tenant_id: TenantId, request: &Request) -> Result<Outcome, Error> {
    let migration = planned(tx, tenant_id, request)?;
    plan_migrations::insert(tx, tenant_id, &migration)?;
    Ok(Outcome { migration, moves: Vec::new() })
}

/// Does all that were begun of a tenant and are not complete, each as its job does it: what cannot be done is parked.
///
/// # Errors
/// The database cannot be reached.
pub fn go_on(session: &mut Session, tenant_id: TenantId) -> Result<(), Error> {
    let place = Place { tenant_id, now: session.read(|tx| Scope::load(tx, tenant_id))?.now };
    parked_work::each_due(session, (&due::PLAN_MIGRATIONS, place), |session, id| {
        resume(session, (tenant_id, MigrationId::from_uuid(id)), Locked::Skip)
    })?;
    Ok(())
}

/// Begins it and does it to the end, or goes on with the one that an earlier call with its key began.
///
/// # Errors
/// Not found; a version that is not there.
pub fn run(
    session: &mut Session,
    tenant_id: TenantId,
    (request, keyed): (&Request, &Keyed),
) -> Result<Outcome, Error> {
    let migration = session.transaction("begin_plan_migration", |tx| match keyed.begun() {
        Some(begun) => {
            Ok::<_, Error>(plan_migrations::find_by_id(tx, tenant_id, MigrationId::from_uuid(begun))?)
        }
        None => {
            let Outcome { migration, .. } = begin(tx, tenant_id, request)?;
            keyed.begin(tx, migration.id.uuid())?;
            Ok(migration)
        }
    })?;
    resume(session, (tenant_id, migration.id), Locked::Wait)?;
    session.transaction("read_plan_migration", |tx| read(tx, tenant_id, (migration.plan_id, migration.id)))
}

/// A migration, and what it did so far.
///
/// # Errors
/// Not found.
pub fn read(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (plan_id, id): (PlanId, MigrationId),
) -> Result<Outcome, Error> {
    let migration = plan_migrations::find(tx, tenant_id, (plan_id, id))?;
    Ok(Outcome { migration, moves: plan_migrations::done(tx, tenant_id, id)? })
}

/// Goes on with one that a dead process left, or that a subscription could not be moved by. What somebody else is at is waited for, or left.
///
/// # Errors
/// Not found; what keeps a subscription from being moved, after the others are.
pub fn resume(
    session: &mut Session,
    (tenant_id, id): (TenantId, MigrationId),
    locked: Locked,
) -> Result<(), Error> {
    let name = format!("migration {id}");
    loop {
        let found =
            session.transaction("find_plan_migration", |tx| plan_migrations::find_by_id(tx, tenant_id, id));
        let migration = found?;
        if migration.completed_at.is_some() {
            return Ok(());
        }
        if session.try_lock(&name)? {
            let finished = finish(session, tenant_id, &migration);
            session.unlock(&name)?;
            return finished;
        }
        if locked == Locked::Skip {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(100));
    }
}

fn planned(tx: &mut Tx<'_>, tenant_id: TenantId, request: &Request) -> Result<Migration, Error> {
    let scope = Scope::load(tx, tenant_id)?;
    let plan = catalog::find_plan(tx, tenant_id, request.plan_id)?;
    let to_version = request.to_version.unwrap_or(plan.latest_version);
    catalog::find_version(tx, tenant_id, (plan.id, to_version)).or_unknown("/to_version")?;
    if let Some(version) = request.from_version {
        catalog::find_version(tx, tenant_id, (plan.id, version)).or_unknown("/from_version")?;
    }
    if request.from_version == Some(to_version) {
        let detail = "from_version and to_version are the same, so nothing would move";
        return Err(Invalid::one("/to_version", "same_version", detail).into());
    }
    if let Some(only) = &request.only {
        check_only(tx, (&scope, plan.id), only)?;
    }
    Ok(Migration {
        id: MigrationId::from_uuid(scope.mint()),
        plan_id: plan.id,
        from_version: request.from_version,
        to_version,
        effective_at: request.effective_at.0.clone(),
        proration: request.proration,
        only: request.only.clone(),
        api_key_id: Some(request.by),
        created_at: scope.now,
        completed_at: None,
    })
}

/// Those that are named are there, and have the plan now or later.
fn check_only(
    tx: &mut Tx<'_>,
    (scope, plan_id): (&Scope, PlanId),
    only: &[SubscriptionId],
) -> Result<(), Error> {
    const AT: &str = "/subscription_ids";
    if only.is_empty() {
        let detail =
            "an empty list moves nobody: leave subscription_ids out to move every subscription of the plan";
        return Err(Invalid::one(AT, "empty_list", detail).into());
    }
    let ids = only.iter().map(|id| (id.uuid(), id.to_string()));
    named::check(tx, scope.tenant_id, &[List::of((Named::Subscriptions, AT), ids)])?;
    let of_plan = plan_migrations::of_plan_among(tx, scope.tenant_id, (plan_id, only))?;
    let mut faults = Faults::none();
    for id in only.iter().filter(|id| !of_plan.contains(id)) {
        faults.add(AT, "not_on_plan", format_args!("{id} does not have {plan_id}, now or later"));
    }
    Ok(faults.into_result()?)
}

fn finish(session: &mut Session, tenant_id: TenantId, migration: &Migration) -> Result<(), Error> {
    let mut failed = None;
    each(session, (tenant_id, migration), |tx, scope, id| {
        // The subscription's customer is locked before it is asked whether it is done: two processes do it once.
        let moved = tx.all_or_nothing(|tx| {
            let moved = one(tx, scope, (migration, id), Detail::Amounts)?;
            if let Some(moved) = &moved {
                plan_migrations::record(tx, tenant_id, (migration.id, moved))?;
            }
            Ok::<(), Error>(())
        });
        match moved {
            // One subscription's trouble keeps no other from being moved.
            Err(error) if !error.is_outage() => failed = failed.take().or(Some(error)),
            moved => moved?,
        }
        Ok(())
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    session.transaction("complete_plan_migration", |tx| {
        let scope = Scope::load(tx, tenant_id)?;
        // Another process may have come to its end with it: its event is emitted once.
        if !plan_migrations::complete(tx, tenant_id, (migration.id, scope.now))? {
            return Ok(());
        }
        let data = serde_json::json!({
            "object": "plan_migration", "id": migration.id, "plan_id": migration.plan_id, "to_version": migration.to_version,
        });
        let event = scope.event(EventType::PlanMigrated, migration.plan_id.uuid(), data);
        events::record(tx, tenant_id, &[event])?;
        Ok(())
    })
}

/// Walks over the subscriptions that are meant, one transaction each.
fn each(
    session: &mut Session,
    (tenant_id, migration): (TenantId, &Migration),
    mut work: impl FnMut(&mut Tx<'_>, &Scope, SubscriptionId) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut after = None;
    loop {
        let ids = session.transaction("find_plan_subscriptions", |tx| {
            let now = Scope::load(tx, tenant_id)?.now;
            plan_migrations::of_plan(tx, tenant_id, (migration.plan_id, now), (after, BATCH))
                .map_err(Error::from)
        })?;
        let Some(last) = ids.last() else { return Ok(()) };
        after = Some(*last);
        for id in ids.into_iter().filter(|id| migration.only.as_ref().is_none_or(|only| only.contains(id))) {
            session.transaction("migrate_subscription", |tx| {
                let scope = Scope::load(tx, tenant_id)?;
                work(tx, &scope, id)
            })?;
        }
    }
}

/// How much is reported of a move.
#[derive(Clone, Copy)]
enum Detail {
    /// What it costs.
    Amounts,
    /// And what becomes of what is bound to its prices.
    Bindings,
}

/// What becomes of one subscription; `None` when it is none of those meant, is there already, or has been seen to.
fn one(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (migration, id): (&Migration, SubscriptionId),
    detail: Detail,
) -> Result<Option<Move>, Error> {
    let found = edit_subscription::find(tx, scope, id)?;
    if plan_migrations::is_done(tx, scope.tenant_id, (migration.id, id))? {
        return Ok(None);
    }
    let request = change(migration)?;
    let moment = request.effective_at.moment(&found.subscription, &found.phases, scope.today());
    let at = moment.as_ref().map_or(scope.now, |moment| moment.at);
    let phase = found.subscription.phase_at(&found.phases, at);
    let meant = phase.plan_id == migration.plan_id
        && phase.plan_version != migration.to_version
        && migration.from_version.is_none_or(|from| phase.plan_version == from);
    if !meant {
        return Ok(None);
    }
    let old_amount = match period_price(&found.timeline, at) {
        Ok(amount) => amount,
        // What no invoice can hold, no migration can report.
        Err(error) => return refused((id, Money::zero(found.timeline.currency)), error.into()).map(Some),
    };
    let plan = Some((migration.plan_id, Some(migration.to_version)));
    let order = Order { subscription_id: id, plan, request, phases: Vec::new() };
    let origin =
        Origin { by: migration.api_key_id, request: serde_json::json!({ "plan_migration": migration.id }) };
    let changed = tx.all_or_nothing(|tx| {
        let outcome = change_subscription::run(tx, scope, (&order, origin))?;
        let changed = billing::timeline(tx, scope.tenant_id, id)?;
        let new_amount = period_price(&changed.billable.timeline, at)?;
        Ok::<_, Error>((outcome, changed, new_amount))
    });
    match changed {
        Ok((outcome, changed, new_amount)) => {
            let change_id = Some(outcome.change.id);
            let effective_at = Some(outcome.change.effective_at);
            let (before, after) = (&found.timeline, &changed.billable.timeline);
            let moving = Moving { subscription: &found.subscription, before, after, at };
            let bindings = match detail {
                Detail::Amounts => Vec::new(),
                Detail::Bindings => plan_bindings::compare(tx, scope.tenant_id, moving)?,
            };
            let (subscription_id, refused) = (id, None);
            Ok(Some(Move {
                subscription_id,
                effective_at,
                old_amount,
                new_amount,
                change_id,
                refused,
                bindings,
            }))
        }
        Err(error) => Ok(Some(refused((id, old_amount), error)?)),
    }
}

/// A subscription that a rule keeps where it is. Anything else stops the migration, to go on later.
fn refused((id, amount): (SubscriptionId, Money), error: Error) -> Result<Move, Error> {
    let refused = match &error {
        Error::Refused(refusal) => (refusal.code().to_owned(), refusal.to_string()),
        Error::Invalid(invalid) => {
            (invalid.errors.first().map(|e| e.code.clone()).unwrap_or_default(), invalid.to_string())
        }
        _ => return Err(error),
    };
    Ok(Move {
        subscription_id: id,
        effective_at: None,
        old_amount: amount,
        new_amount: amount,
        change_id: None,
        refused: Some(refused),
        bindings: Vec::new(),
    })
}

fn change(migration: &Migration) -> Result<ChangeRequest, Error> {
    let unreadable = |e: &dyn std::fmt::Display| StorageError::unreadable("plan migration", e);
    let effective_at =
        Effective::parse(&migration.effective_at).ok_or_else(|| unreadable(&migration.effective_at))?;
    Ok(ChangeRequest {
        selection: Selection::default(),
        add: Vec::new(),
        remove: Vec::new(),
        anchor_day: None,
        effective_at,
        proration: migration.proration,
        bill: Bill::Next,
        replace_scheduled: false,
        usage_by_days: false,
    })
}
