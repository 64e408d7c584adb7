//! Who waits for whom? Usage of a child waits for the account that pays to be billed, and nobody waits for another account.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use billwright::domain::ids::CustomerId;
use diesel::connection::SimpleConnection;
use serde_json::json;

use crate::scenarios::billing::Seller;
use crate::scenarios::usage::event;

#[test]
fn usage_of_a_child_waits_while_its_payer_is_billed_and_that_of_others_does_not() {
    let seller = Seller::on("2026-01-20");
    let meter =
        json!({ "code": "calls", "name": "Calls", "event_type": "llm.request", "aggregation": "count" });
    seller.world.post("/v1/meters", meter).is(201);
    let group = seller.customer_like(json!({ "name": "Group" }));
    seller.child(&group, json!({ "external_id": "acme" }));
    seller.customer_like(json!({ "name": "Other", "external_id": "other" }));
    let mut billing = seller.world.database.connect();
    let (tenant, payer) = (seller.world.tenant.id.uuid(), group.parse::<CustomerId>().unwrap().uuid());
    let lock = format!(
        "BEGIN; SELECT 1 FROM customers WHERE tenant_id = '{tenant}' AND id = '{payer}' FOR NO KEY UPDATE"
    );
    billing.batch_execute(&lock).unwrap();
    let used = |name: &str| {
        let mut one = event("2026-01-19T00:00:00Z", json!({}));
        one["subject"] = json!(name);
        one
    };
    seller.world.post("/v1/usage/events", used("other")).is(200);
    let (sender, statuses) = mpsc::channel();
    let (client, waiting) = ((*seller.world).clone(), used("acme"));
    thread::spawn(move || sender.send(client.post("/v1/usage/events", waiting).status));
    assert!(
        statuses.recv_timeout(Duration::from_millis(500)).is_err(),
        "it was taken while its payer was billed"
    );
    billing.batch_execute("COMMIT").unwrap();
    assert_eq!(statuses.recv_timeout(Duration::from_secs(20)), Ok(200));
}
