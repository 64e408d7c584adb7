//! What do plans give, and what of it does a customer have now? Features are written with their plan version and never changed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Numeric, Timestamptz, Uuid as SqlUuid};
use rust_decimal::Decimal;

use crate::domain::catalog::PlanVersion;
use crate::domain::catalog::features::{Allowance, Feature, Grant, GrantKind};
use crate::domain::ids::{CustomerId, MeterId, PlanId, SubscriptionId, TenantId};
use crate::storage::schema::plan_features;
use crate::storage::{StorageError, Tx};

#[derive(Queryable, Selectable, QueryableByName, Insertable)]
#[diesel(table_name = plan_features, treat_none_as_default_value = false)]
struct FeatureRow {
    tenant_id: TenantId,
    plan_id: PlanId,
    plan_version: i32,
    position: i16,
    code: String,
    name: String,
    kind: GrantKind,
    allowance: Option<Decimal>,
    per: Option<String>,
    meter_id: Option<MeterId>,
    hard_cap: bool,
}

impl FeatureRow {
    fn of(version: &PlanVersion, (tenant_id, position): (TenantId, i16), feature: &Feature) -> FeatureRow {
        let allowance = feature.grant.allowance();
        let (meter_id, hard_cap) = match feature.grant {
            Grant::Metered { meter_id, hard_cap, .. } => (Some(meter_id), hard_cap),
            Grant::Boolean | Grant::Limit(_) => (None, false),
        };
        FeatureRow {
            tenant_id,
            plan_id: version.plan_id,
            plan_version: version.version,
            position,
            code: feature.code.clone(),
            name: feature.name.clone(),
            kind: feature.grant.kind(),
            allowance: allowance.and_then(|a| a.amount),
            per: allowance.and_then(|a| a.per.clone()),
            meter_id,
            hard_cap,
        }
    }

    fn feature(self) -> Result<Feature, StorageError> {
        let allowance = Allowance { amount: self.allowance, per: self.per };
        let grant = match (self.kind, self.meter_id) {
            (GrantKind::Boolean, _) => Grant::Boolean,
            (GrantKind::Limit, _) => Grant::Limit(allowance),
            (GrantKind::Metered, Some(meter_id)) => {
                Grant::Metered { meter_id, allowance, hard_cap: self.hard_cap }
            }
            (GrantKind::Metered, None) => {
                return Err(StorageError::unreadable("plan feature", "it does not say by which meter"));
            }
        };
        Ok(Feature { code: self.code, name: self.name, grant })
    }
}

/// Writes the features of a new version.
pub(in crate::storage) fn insert(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    version: &PlanVersion,
) -> Result<(), StorageError> {
    let rows: Vec<FeatureRow> = version
        .features
        .iter()
        .zip(0..)
        .map(|(feature, position)| FeatureRow::of(version, (tenant_id, position), feature))
        .collect();
    if !rows.is_empty() {
        diesel::insert_into(plan_features::table).values(&rows).execute(tx.conn)?;
    }
    Ok(())
}

/// The features of plan versions, in their order.
pub(in crate::storage) fn of_versions(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    plan_ids: &[PlanId],
) -> Result<HashMap<(PlanId, i32), Vec<Feature>>, StorageError> {
    let rows: Vec<FeatureRow> = plan_features::table
        .filter(plan_features::tenant_id.eq(tenant_id).and(plan_features::plan_id.eq_any(plan_ids)))
        .order((plan_features::plan_id, plan_features::plan_version, plan_features::position))
        .select(FeatureRow::as_select())
        .load(tx.conn)?;
    let mut features: HashMap<(PlanId, i32), Vec<Feature>> = HashMap::new();
    for row in rows {
        features.entry((row.plan_id, row.plan_version)).or_default().push(row.feature()?);
    }
    Ok(features)
}

/// A feature that a subscription gives now.
#[derive(Debug)]
pub struct GivenFeature {
    pub subscription_id: SubscriptionId,
    pub feature: Feature,
    pub quantity: Decimal,
}

#[derive(QueryableByName)]
struct GivenRow {
    #[diesel(sql_type = SqlUuid)]
    subscription_id: SubscriptionId,
    #[diesel(embed)]
    feature: FeatureRow,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
}

/// What the subscriptions of a customer give at an instant: those that run, and those on trial, whose items are still to
/// begin. One that is paused has items, and none in force: it gives nothing. In one statement, because it is asked for at every request
/// of somebody's product; what it says is what [`giving`](crate::domain::subscriptions::in_force::giving) and
/// [`phase_at`](crate::domain::subscriptions::Subscription::phase_at) say.
pub fn given(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customer_id, now): (CustomerId, DateTime<Utc>),
) -> Result<Vec<GivenFeature>, StorageError> {
    let rows: Vec<GivenRow> = diesel::sql_query(
        "SELECT s.id AS subscription_id, f.*, \
                CASE WHEN f.per IS NULL THEN 1 ELSE coalesce( \
                  (SELECT sum(v.quantity) FROM item_versions v JOIN prices p ON p.tenant_id = v.tenant_id AND p.id = v.price_id \
                   WHERE v.tenant_id = s.tenant_id AND v.subscription_id = s.id AND p.code = f.per \
                   AND (v.valid_to IS NULL OR v.valid_to > greatest(v.valid_from, $3) OR NOT begun.real) \
                   AND (v.valid_from <= $3 OR begun.none AND NOT EXISTS \
                        (SELECT 1 FROM item_versions e WHERE e.tenant_id = s.tenant_id AND e.subscription_id = s.id \
                         AND e.item_id = v.item_id AND CASE WHEN begun.real \
                             THEN (e.valid_from, e.id) < (v.valid_from, v.id) AND (e.valid_to IS NULL OR e.valid_to > e.valid_from) \
                             ELSE (e.valid_from, e.id) > (v.valid_from, v.id) END))), 0) END AS quantity \
         FROM subscriptions s \
         CROSS JOIN LATERAL (SELECT plan_id, plan_version FROM \
             (SELECT p.plan_id, p.plan_version, p.valid_from, p.phase_no FROM subscription_phases p \
              WHERE p.tenant_id = s.tenant_id AND p.subscription_id = s.id AND NOT p.replaced AND p.valid_from <= $3 \
              UNION ALL SELECT s.plan_id, s.plan_version, s.start_at, 0) phase \
             ORDER BY valid_from DESC, phase_no DESC LIMIT 1) plan \
         JOIN plan_features f ON f.tenant_id = s.tenant_id AND f.plan_id = plan.plan_id AND f.plan_version = plan.plan_version \
         CROSS JOIN LATERAL (SELECT coalesce(bool_and(v.valid_from > $3) FILTER (WHERE v.valid_to IS NULL OR v.valid_to > v.valid_from), \
                                             bool_and(v.valid_from > $3)) AS none, \
                                    bool_or(v.valid_to IS NULL OR v.valid_to > v.valid_from) AS real, \
                                    bool_or(v.valid_from <= $3 AND (v.valid_to IS NULL OR v.valid_to > $3)) AS running \
                             FROM item_versions v WHERE v.tenant_id = s.tenant_id AND v.subscription_id = s.id) begun \
         WHERE s.tenant_id = $1 AND s.customer_id = $2 AND s.start_at <= $3 AND (s.end_at IS NULL OR s.end_at > $3) \
         AND (begun.none OR begun.running) \
         ORDER BY s.id, f.position",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(customer_id)
    .bind::<Timestamptz, _>(now)
    .load(tx.conn)?;
    let read = |given: GivenRow| {
        let GivenRow { subscription_id, feature, quantity } = given;
        Ok(GivenFeature { subscription_id, feature: feature.feature()?, quantity })
    };
    rows.into_iter().map(read).collect()
}
