//! Do the statements behind entitlements and lists of subscriptions say what the domain says? Any versions of any items, phases of any
//! plans, trials, breaks and ends, planted as rows: 2 seats until the 12th, 5 from then on, in a plan with 3 projects a seat.

use std::cell::RefCell;

use billwright::domain::ids::{CustomerId, ItemId, PlanId, PriceId, SubscriptionId, TenantId};
use billwright::domain::listing::{Condition, Part, Start, Test, Value, Wanted};
use billwright::domain::subscriptions::in_force::{Lasting, giving};
use billwright::domain::subscriptions::{Status, Subscription};
use billwright::storage::catalog::features;
use billwright::storage::listing::Reader;
use billwright::storage::subscriptions::views::subscriptions::list;
use billwright::storage::subscriptions::{self, phases};
use billwright::storage::{StorageError, Tx};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use crate::harness::World;

/// Everything begins on one of so many days.
const DAYS: i64 = 8;
const STATUSES: [Status; 6] =
    [Status::Pending, Status::Trialing, Status::Active, Status::Paused, Status::Canceled, Status::Ended];

fn day(n: i64) -> DateTime<Utc> {
    "2026-01-10T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(n)
}

/// A version of an item.
#[derive(Debug, Clone, Copy)]
struct Version {
    item: u128,
    /// Which of the prices, of both plans.
    price: usize,
    quantity: i64,
    from: i64,
    /// For so many days; for none, when it was taken back before it began.
    days: Option<i64>,
}

impl Lasting for Version {
    fn item_id(&self) -> ItemId {
        ItemId::from_uuid(Uuid::from_u128(self.item))
    }

    fn valid_from(&self) -> DateTime<Utc> {
        day(self.from)
    }

    fn valid_to(&self) -> Option<DateTime<Utc>> {
        self.days.map(|days| day(self.from + days))
    }
}

/// A later phase: from when on, of which plan, and whether it was taken back.
#[derive(Debug, Clone, Copy)]
struct Later {
    from: i64,
    plan: usize,
    replaced: bool,
}

/// A subscription from day 1 on.
#[derive(Debug, Clone)]
struct Life {
    plan: usize,
    versions: Vec<Version>,
    later: Vec<Later>,
    trial_end: Option<i64>,
    /// From when on, and for how many days.
    pause: Option<(i64, Option<i64>)>,
    /// When, and whether it was canceled.
    end: Option<(i64, bool)>,
}

fn versions() -> impl Strategy<Value = Vec<Version>> {
    let version = (1_u128..4, 0_usize..4, 0_i64..6, 1..DAYS, prop::option::of(0_i64..5))
        .prop_map(|(item, price, quantity, from, days)| Version { item, price, quantity, from, days });
    prop::collection::vec(version, 0..6).prop_map(|mut all| {
        // In order of time, as they are read; of one day, in the order in which they were written.
        all.sort_by_key(|version| version.from);
        all
    })
}

fn lives() -> impl Strategy<Value = Life> {
    let later = (1..DAYS, 0_usize..2, any::<bool>()).prop_map(|(from, plan, replaced)| Later {
        from,
        plan,
        replaced,
    });
    let trial_end = prop::option::of(1..DAYS);
    let pause = prop::option::of((1..DAYS, prop::option::of(0_i64..5)));
    let end = prop::option::weighted(0.3, (1..DAYS, any::<bool>()));
    (0_usize..2, versions(), prop::collection::vec(later, 0..4), trial_end, pause, end).prop_map(
        |(plan, versions, later, trial_end, pause, end)| Life {
            plan,
            versions,
            later,
            trial_end,
            pause,
            end,
        },
    )
}

/// A customer, and two plans that give projects for each unit of a price: for each seat, and for each desk.
struct Shop {
    world: World,
    tenant: TenantId,
    customer: CustomerId,
    subscription: SubscriptionId,
    plans: [PlanId; 2],
    prices: Vec<PriceId>,
}

/// The price whose units count, of each plan: a seat of the first, a desk of the second.
const COUNTS: [&str; 2] = ["seat", "desk"];

impl Shop {
    fn open() -> Shop {
        let world = World::new();
        let product = world.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
        let body = |per: &str| {
            let model = json!({ "type": "per_unit", "unit_amount": "10" });
            let price = |code: &str| json!({ "code": code, "kind": "recurring", "model": model });
            json!({ "code": format!("by_{per}"), "name": per, "product_id": product, "currency": "USD", "interval": "month",
                "prices": [price("seat"), price("desk")],
                "features": [{ "code": "projects", "type": "limit", "limit": "3", "per": per }, { "code": per, "type": "boolean" }] })
        };
        let plans = COUNTS.map(|per| world.post("/v1/plans", body(per)).is(201));
        let prices = plans.iter().flat_map(|plan| {
            [0, 1].map(|n| plan.text_at(&format!("/prices/{n}/id")).parse::<PriceId>().unwrap())
        });
        let prices = prices.collect();
        let plans = plans.map(|plan| plan.id().parse().unwrap());
        let customer = world.post("/v1/customers", json!({ "name": "Ada", "currency": "USD" })).is(201).id();
        let subscription = SubscriptionId::from_uuid(Uuid::from_u128(7));
        let (tenant, customer) = (world.tenant.id, customer.parse().unwrap());
        Shop { world, tenant, customer, subscription, plans, prices }
    }

    fn clear(&self) -> String {
        let (tenant, subscription) = (self.tenant.uuid(), self.subscription.uuid());
        let theirs = format!("WHERE tenant_id = '{tenant}' AND subscription_id = '{subscription}'");
        format!(
            "DELETE FROM item_versions {theirs}; DELETE FROM subscription_phases {theirs}; \
             DELETE FROM subscriptions WHERE tenant_id = '{tenant}' AND id = '{subscription}';"
        )
    }

    fn plant(&self, life: &Life) {
        let (tenant, subscription) = (self.tenant.uuid(), self.subscription.uuid());
        let at = |n: Option<i64>| n.map_or("NULL".to_owned(), |n| format!("'{}'", day(n)));
        let canceled = life.end.filter(|(_, canceled)| *canceled).map(|(end, _)| end);
        let mut sql = self.clear();
        sql += &format!(
            "INSERT INTO subscriptions (tenant_id, id, customer_id, plan_id, plan_version, currency, collection, start_at, end_at, \
                 canceled_at, trial_end, trial_without_method, pause_from, pause_until, pause_mode, time_zone, cycle_base, \
                 cycle_anchor_day, interval_unit, interval_count, created_at) \
             VALUES ('{tenant}', '{subscription}', '{}', '{}', 1, 'USD', 'send_invoice', {}, {}, {}, {}, {}, {}, {}, {}, 'UTC', \
                 '2026-01-11', 11, 'month', 1, {});",
            self.customer.uuid(),
            self.plans[life.plan].uuid(),
            at(Some(1)),
            at(life.end.map(|(end, _)| end)),
            at(canceled),
            at(life.trial_end),
            life.trial_end.map_or("NULL", |_| "'bill'"),
            at(life.pause.map(|(from, _)| from)),
            at(life.pause.and_then(|(from, days)| Some(from + days?))),
            life.pause.map_or("NULL", |_| "'credit'"),
            at(Some(1)),
        );
        for (n, version) in (1_u128..).zip(&life.versions) {
            sql += &format!(
                "INSERT INTO item_versions (tenant_id, subscription_id, id, item_id, price_id, quantity, valid_from, valid_to, recorded_at) \
                 VALUES ('{tenant}', '{subscription}', '{}', '{}', '{}', {}, {}, {}, {});",
                Uuid::from_u128(n),
                version.item_id().uuid(),
                self.prices[version.price].uuid(),
                version.quantity,
                at(Some(version.from)),
                at(version.days.map(|days| version.from + days)),
                at(Some(version.from)),
            );
        }
        for (no, later) in (1..).zip(&life.later) {
            sql += &format!(
                "INSERT INTO subscription_phases (tenant_id, subscription_id, phase_no, valid_from, replaced, plan_id, plan_version, \
                     cycle_base, cycle_anchor_day, interval_unit, interval_count, change_id) \
                 VALUES ('{tenant}', '{subscription}', {no}, {}, {}, '{}', 1, '2026-01-11', 11, 'month', 1, '{subscription}');",
                at(Some(later.from)),
                later.replaced,
                self.plans[later.plan].uuid(),
            );
        }
        self.world.database.connect().batch_execute(&sql).unwrap();
    }

    /// The plan that counts on a day, among its two.
    fn plan_at(
        &self,
        tx: &mut Tx<'_>,
        life: &Subscription,
        now: DateTime<Utc>,
    ) -> Result<usize, StorageError> {
        let later = phases::later(tx, self.tenant, life)?;
        let plan = life.phase_at(&later, now).plan_id;
        Ok(self.plans.iter().position(|known| *known == plan).unwrap())
    }

    /// What it gives, as the domain counts it: of each feature the code and the quantity.
    fn expected(
        life: &Life,
        status: Status,
        (plan, now): (usize, DateTime<Utc>),
    ) -> Vec<(&'static str, Decimal)> {
        let given = giving(&life.versions, now);
        let runs = matches!(status, Status::Trialing | Status::Active | Status::Paused);
        if !runs || given.is_empty() {
            return Vec::new();
        }
        // Prices 0 and 2 are seats, 1 and 3 desks.
        let counted = given.iter().filter(|version| COUNTS[version.price % 2] == COUNTS[plan]);
        let units: i64 = counted.map(|version| version.quantity).sum();
        vec![("projects", units.into()), (COUNTS[plan], 1.into())]
    }

    fn check(
        &self,
        tx: &mut Tx<'_>,
        life: &Life,
        now: DateTime<Utc>,
    ) -> Result<TestCaseResult, StorageError> {
        let subscription = subscriptions::find(tx, self.tenant, self.subscription)?;
        let (status, plan) = (subscription.status(now), self.plan_at(tx, &subscription, now)?);
        let given = features::given(tx, self.tenant, (self.customer, now))?;
        let given: Vec<(&str, Decimal)> =
            given.iter().map(|one| (one.feature.code.as_str(), one.quantity)).collect();
        let expected = Shop::expected(life, status, (plan, now));
        let mut lists = Vec::new();
        let with = |field, value| {
            let mut wanted = Wanted::of("customer_id", self.customer.uuid());
            wanted.conditions.push(Condition { field, test: Test::Is(vec![value]) });
            wanted
        };
        let with_plan = |n: usize| (with("plan_id", Value::Id(self.plans[n].uuid())), n == plan);
        let with_status =
            |one: Status| (with("status", Value::Text(one.into_str().to_owned())), one == status);
        let (reader, part) =
            (Reader { tenant_id: self.tenant, now }, Part { limit: 10, start: Start::First });
        for (wanted, is_there) in [0, 1].map(with_plan).into_iter().chain(STATUSES.map(with_status)) {
            let found = list(tx, reader, (&wanted, &part))?;
            lists.push((wanted, found.rows.len(), usize::from(is_there)));
        }
        Ok((|| {
            prop_assert_eq!(given, expected, "at {}", now);
            for (wanted, found, expected) in lists {
                prop_assert_eq!(found, expected, "{:?} at {}", wanted, now);
            }
            Ok(())
        })())
    }
}

#[test]
fn what_a_subscription_gives_and_which_lists_show_it_are_the_domains_word() {
    let shop = Shop::open();
    let session = RefCell::new(shop.world.session());
    let mut runner = TestRunner::new(ProptestConfig { cases: 150, ..ProptestConfig::default() });
    let outcome = runner.run(&lives(), |life| {
        shop.plant(&life);
        for now in (0..=DAYS).map(day) {
            session.borrow_mut().read(|tx| shop.check(tx, &life, now)).unwrap()?;
        }
        Ok(())
    });
    shop.world.database.connect().batch_execute(&shop.clear()).unwrap();
    outcome.unwrap();
}
