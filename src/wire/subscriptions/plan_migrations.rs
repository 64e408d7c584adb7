//! How is a migration to another version of a plan written? `{"to_version": 2, "effective_at": "period_end", "dry_run": true}`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::changes::effective;
use super::prorations::Proration;
use crate::domain::fields::Faults;
use crate::domain::ids::{ApiKeyId, ChangeId, MeterId, MigrationId, PlanId, PriceId, SubscriptionId};
use crate::domain::money::{Compared, Currency, Money, MoneyError};
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::when::Effective;

/// Subscriptions of a plan to move to another version of it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "from_version": 1, "to_version": 2, "effective_at": "period_end", "dry_run": true }))]
pub struct NewPlanMigration {
    /// Those of this version; those of every other version when left out.
    pub from_version: Option<i32>,
    /// The latest when left out.
    pub to_version: Option<i32>,
    /// `period_end` (of each), `now`, a day of the customer, or an instant.
    #[serde(default = "period_end")]
    #[schema(default = "period_end")]
    pub effective_at: String,
    /// How a period is cut that is not at its end.
    #[serde(default)]
    pub proration: Proration,
    /// Only these; every subscription of the plan when left out.
    #[schema(value_type = Option<Vec<String>>)]
    pub subscription_ids: Option<Vec<SubscriptionId>>,
    /// Tell what would move, when, and what each and all would pay; change nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// `false`: answer at once; `GET /v1/plans/{id}/migrations/{migration_id}` shows how far it is. A dry run is always waited for.
    #[serde(default = "waits")]
    #[schema(default = true)]
    pub wait: bool,
}

fn waits() -> bool {
    true
}

fn period_end() -> String {
    "period_end".to_owned()
}

/// A migration, and what it does or did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PlanMigration {
    /// Null in a dry run.
    #[schema(value_type = Option<String>)]
    pub id: Option<MigrationId>,
    #[schema(value_type = String)]
    pub plan_id: PlanId,
    /// Null: every other version.
    pub from_version: Option<i32>,
    pub to_version: i32,
    pub effective_at: String,
    pub proration: &'static str,
    pub dry_run: bool,
    pub created_at: DateTime<Utc>,
    /// Null until every subscription has been seen to.
    pub completed_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>)]
    pub api_key_id: Option<ApiKeyId>,
    pub moved: usize,
    pub refused: usize,
    /// What all that move pay for a whole period, by currency.
    pub totals: Vec<MigrationTotal>,
    pub subscriptions: Vec<MovedSubscription>,
}

/// Before and after, of all in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MigrationTotal {
    pub currency: &'static str,
    pub subscriptions: usize,
    pub old_amount: String,
    pub new_amount: String,
    /// What all pay more, or less.
    pub difference: String,
}

/// One subscription of a migration. Amounts are for a whole period at the quantities it has; usage is not in them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MovedSubscription {
    #[schema(value_type = String)]
    pub subscription_id: SubscriptionId,
    /// When it moves; null when it does not.
    pub effective_at: Option<DateTime<Utc>>,
    pub currency: &'static str,
    pub old_amount: String,
    pub new_amount: String,
    /// What it pays more, or less.
    pub difference: String,
    /// Null in a dry run.
    #[schema(value_type = Option<String>)]
    pub change_id: Option<ChangeId>,
    /// Why it does not move; null when it does.
    pub refused: Option<MoveRefused>,
    /// In a dry run: the discounts, credit grants and budgets that are bound to a price or a meter it has, and to what they are bound then.
    pub bindings: Vec<MovedBinding>,
}

/// A binding before and after a move. What names a price keeps to its code in the new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "object": "discount", "id": "di_01jgejp8g0e3q9k0v6z4t1x2y3", "price_code": "seat", "from_price_id": "price_01jgejp8g0e3q9k0v6z4t1x2y3",
    "to_price_id": null, "meter_id": null, "follows": false
}))]
pub struct MovedBinding {
    /// `discount`, `credit_grant` or `budget`.
    pub object: &'static str,
    pub id: String,
    /// Null when it is bound to a meter.
    pub price_code: Option<String>,
    #[schema(value_type = Option<String>)]
    pub from_price_id: Option<PriceId>,
    /// Null when the new version has no price of this code.
    #[schema(value_type = Option<String>)]
    pub to_price_id: Option<PriceId>,
    #[schema(value_type = Option<String>)]
    pub meter_id: Option<MeterId>,
    /// Whether the new version has something it is for.
    pub follows: bool,
}

/// A rule's no to one move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MoveRefused {
    pub code: String,
    pub detail: String,
}

/// One move as the engine gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    pub subscription_id: SubscriptionId,
    pub effective_at: Option<DateTime<Utc>>,
    pub old_amount: Money,
    pub new_amount: Money,
    pub change_id: Option<ChangeId>,
    pub refused: Option<(String, String)>,
    pub bindings: Vec<MovedBinding>,
}

impl NewPlanMigration {
    /// When it takes effect, if that can be read.
    ///
    /// # Errors
    /// [`Invalid`] at `/effective_at`.
    pub fn effective(&self) -> Result<Effective, Invalid> {
        let mut faults = Faults::none();
        let when = effective(&self.effective_at, "/effective_at", &mut faults);
        faults.into_result().map(|()| when)
    }
}

impl MovedSubscription {
    /// As it is shown; a dry run has made no change.
    ///
    /// # Errors
    /// [`MoneyError`] when the difference does not fit.
    pub fn of(moved: &Moved, dry_run: bool) -> Result<MovedSubscription, MoneyError> {
        let difference = moved.new_amount.checked_sub(moved.old_amount)?;
        Ok(MovedSubscription {
            subscription_id: moved.subscription_id,
            effective_at: moved.effective_at,
            currency: moved.old_amount.currency().code(),
            old_amount: moved.old_amount.to_major_string(),
            new_amount: moved.new_amount.to_major_string(),
            difference: difference.to_major_string(),
            change_id: moved.change_id.filter(|_| !dry_run),
            refused: moved.refused.clone().map(|(code, detail)| MoveRefused { code, detail }),
            bindings: moved.bindings.clone(),
        })
    }
}

impl MigrationTotal {
    /// The sums of those that move, by currency.
    #[must_use]
    pub fn of(moves: &[Moved]) -> Vec<MigrationTotal> {
        let movable = moves.iter().filter(|moved| moved.refused.is_none());
        let total = |(currency, sum): (Currency, Compared)| MigrationTotal {
            currency: currency.code(),
            subscriptions: sum.count,
            old_amount: sum.before.to_major_string(),
            new_amount: sum.after.to_major_string(),
            difference: sum.difference().to_major_string(),
        };
        let sums = Compared::by_currency(movable.map(|moved| (moved.old_amount, moved.new_amount)));
        sums.into_iter().map(total).collect()
    }
}
