//! Does it hold for many, and when several work at once? One payer of 5,000 children, runs beside each other, children moved under way.

use std::thread;
use std::time::{Duration, Instant};

use billwright::workflows::billing::bill_run::{self, Request, Trigger};
use diesel::connection::SimpleConnection;
use serde_json::json;

use crate::scenarios::billing::Seller;

const FEBRUARY: &str = "2026-02-01T00:00:00Z";

fn as_of_february() -> Request {
    Request { trigger: Trigger::Command, as_of: FEBRUARY.parse().ok(), finalize: Some(true) }
}

impl Seller {
    /// So many more customers with a subscription like this one, which belong to `parent` or to nobody.
    fn multiply(&self, subscription: &str, count: usize, parent: Option<&str>) {
        let tenant = self.world.tenant.id.uuid();
        let uuid = |id: &str| match id.split_once('_').unwrap().0 {
            "cus" => id.parse::<billwright::domain::ids::CustomerId>().unwrap().uuid(),
            _ => id.parse::<billwright::domain::ids::SubscriptionId>().unwrap().uuid(),
        };
        let parent = parent.map_or("NULL::uuid".to_owned(), |parent| format!("'{}'::uuid", uuid(parent)));
        let sub = uuid(subscription);
        let script = format!(
            "CREATE TEMP TABLE made AS SELECT gen_random_uuid() AS c, gen_random_uuid() AS s, {parent} AS p FROM generate_series(1, {count});
             INSERT INTO customers (tenant_id, id, name, currency, created_at, parent_id, payer_id, pays)
               SELECT '{tenant}', c, 'Branch', 'USD', '2026-01-01', p, p, CASE WHEN p IS NULL THEN 'self' ELSE 'parent' END FROM made;
             INSERT INTO customer_payers SELECT '{tenant}', c, p, '2026-01-01' FROM made WHERE p IS NOT NULL;
             INSERT INTO buyer_versions SELECT '{tenant}', c, 1, '{{\"name\": \"Branch\", \"email\": null, \"address\": null, \"tax_ids\": []}}', '2026-01-01' FROM made;
             INSERT INTO subscriptions SELECT (r).* FROM (SELECT jsonb_populate_record(u, jsonb_build_object('id', m.s, 'customer_id', m.c)) AS r
               FROM subscriptions u, made m WHERE u.tenant_id = '{tenant}' AND u.id = '{sub}') x;
             INSERT INTO item_versions SELECT (r).* FROM (SELECT jsonb_populate_record(v, jsonb_build_object('id', gen_random_uuid(), 'item_id', gen_random_uuid(), 'subscription_id', m.s)) AS r
               FROM item_versions v, made m WHERE v.tenant_id = '{tenant}' AND v.subscription_id = '{sub}') x;
             INSERT INTO billing_cursors SELECT '{tenant}', coalesce(m.p, m.c), m.s, b.settled_to, b.next_bill_at
               FROM billing_cursors b, made m WHERE b.tenant_id = '{tenant}' AND b.subscription_id = '{sub}';
             DROP TABLE made;"
        );
        self.world.database.connect().batch_execute(&script).unwrap();
    }

    /// Bills as of 1 February; gives how many invoices there are, and how long it took.
    fn run_timed(&self) -> (i64, Duration) {
        let begun = Instant::now();
        let run = bill_run::run(&mut self.world.session(), self.world.tenant.id, as_of_february()).unwrap();
        assert_eq!(run.progress.parked, 0);
        (run.progress.invoices, begun.elapsed())
    }
}

#[test]
fn five_thousand_children_are_billed_in_one_run_about_as_fast_as_customers_of_their_own() {
    const COUNT: usize = 5_000;
    let seller = Seller::alone_on("2026-01-31");
    let plan = seller.thirty_one();
    let template = seller.customer_like(json!({ "name": "Ada" }));
    let alone = seller.two_months(&template, &plan);
    seller.multiply(&alone, COUNT - 1, None);
    let (invoices, of_their_own) = seller.run_timed();
    assert_eq!(invoices, 5_000);

    let group = seller.customer_like(json!({ "name": "Group" }));
    let first = seller.child(&group, json!({}));
    let subscription = seller.two_months(&first, &plan);
    seller.multiply(&subscription, COUNT - 1, Some(&group));
    let (invoices, together) = seller.run_timed();
    assert_eq!(invoices, 1);
    let invoice = &seller.world.get(&format!("/v1/invoices?customer_id={group}")).is(200).json["data"][0];
    assert_eq!(invoice["total"], "155000.00");

    let firm = seller.customer_like(json!({ "name": "Firm", "invoice_grouping": "separate" }));
    let first = seller.child(&firm, json!({}));
    let subscription = seller.two_months(&first, &plan);
    seller.multiply(&subscription, COUNT - 1, Some(&firm));
    let (invoices, apart) = seller.run_timed();
    assert_eq!(invoices, 5_000);
    println!(
        "5,000 customers {of_their_own:?}, 5,000 children on one invoice {together:?}, on one each {apart:?}"
    );
    assert!(together < Duration::from_secs(20) && apart < Duration::from_secs(20), "{together:?}, {apart:?}");
    assert!(
        together < of_their_own * 4 && apart < of_their_own * 4,
        "{of_their_own:?}, {together:?}, {apart:?}"
    );
}

#[test]
fn runs_at_once_and_children_moved_under_way_leave_every_month_billed_once() {
    let seller = Seller::alone_on("2026-01-31");
    let plan = seller.thirty_one();
    let payers: Vec<String> = (0..4).map(|_| seller.customer_like(json!({ "name": "Group" }))).collect();
    let mut subscriptions = Vec::new();
    let mut children = Vec::new();
    for n in 0..40 {
        let child = seller.child(&payers[n % 4], json!({}));
        subscriptions.push(seller.two_months(&child, &plan));
        children.push(child);
    }
    let tenant = seller.world.tenant.id;
    thread::scope(|threads| {
        for _ in 0..3 {
            let mut session = seller.world.session();
            threads.spawn(move || bill_run::run(&mut session, tenant, as_of_february()).unwrap());
        }
        for mover in 0..2 {
            let (client, children, payers) = ((*seller.world).clone(), &children, &payers);
            threads.spawn(move || {
                for (n, child) in children.iter().enumerate().filter(|(n, _)| n % 2 == mover) {
                    let to = &payers[(n + 1 + mover) % 4];
                    client.patch(&format!("/v1/customers/{child}"), json!({ "parent_id": to })).is(200);
                }
            });
        }
    });
    // What a run left because it was held goes with the next.
    seller.run_timed();
    for subscription in &subscriptions {
        let billed = seller.world.get(&format!("/v1/invoices?subscription_id={subscription}")).is(200);
        assert_eq!(billed.data().len(), 1, "{}", billed.text);
    }
    for (n, child) in children.iter().enumerate() {
        assert_eq!(seller.payer(child), payers[(n + 1 + n % 2) % 4]);
    }
    let invoices = seller.world.get("/v1/invoices?limit=100").is(200);
    let total =
        |i: &serde_json::Value| i["total"].as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap();
    assert_eq!(invoices.data().iter().map(total).sum::<rust_decimal::Decimal>(), (40 * 31).into());
    seller.advance_to("2026-04-02");
}
