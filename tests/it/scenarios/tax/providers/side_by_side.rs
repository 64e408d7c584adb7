//! Who waits for a slow provider? Its tenant alone: the invoices of the others are issued meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use billwright::domain::calendar::Zone;
use billwright::domain::money::Currency;
use billwright::jobs::{JOBS, Runner, Sources};
use billwright::storage::tenants::Mode;
use billwright::workflows::payments::gateways;
use billwright::workflows::tenants::create_tenant::NewTenant;
use serde_json::{Value, json};

use crate::harness::{Rehearsal, Tenant, World};

/// How long the slow ones take for an answer: long enough to be told from the job's ticks, and still an answer.
const SLOW: Duration = Duration::from_secs(4);

/// A tenant that sells from Texas and has this provider say what that is taxed with.
fn served_by(world: &World, provider: &Rehearsal) -> Tenant {
    let tenant = world.add_tenant(NewTenant {
        name: "Texas Co".to_owned(),
        zone: Zone::parse("UTC").unwrap(),
        currency: Currency::parse("USD").unwrap(),
        mode: Mode::Test,
        test_clock: None,
    });
    tenant.client.patch("/v1/tax/settings", json!({ "country": "US", "state": "TX" })).is(200);
    let body = json!({ "name": "Rehearsal", "kind": "generic", "base_url": provider.url, "countries": ["US"], "timeout_ms": 20_000 });
    tenant.client.post("/v1/tax/providers", body).is(201);
    tenant
}

/// Invoices somebody in Austin; how the invoice is read.
fn invoice(tenant: &Tenant) -> impl Fn() -> Value {
    let austin = json!({ "country": "US", "state": "TX", "city": "Austin", "postal_code": "78701" });
    let customer = json!({ "name": "Ada", "currency": "USD", "address": austin });
    let customer = tenant.client.post("/v1/customers", customer).is(201).id();
    let body = json!({ "customer_id": customer, "collection": "send_invoice", "lines": [{ "description": "Setup", "amount": "100.00" }] });
    let id = tenant.client.post("/v1/invoices", body).is(201).id();
    tenant.client.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200);
    move || tenant.client.get(&format!("/v1/invoices/{id}")).is(200).json
}

#[test]
fn slow_providers_hold_up_no_other_tenant() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    let (slow, quick) = (Rehearsal::open(), Rehearsal::open());
    slow.set(json!({ "latency_ms": SLOW.as_millis() }));
    let tenants: Vec<Tenant> = (0..3).map(|_| served_by(&world, &slow)).collect();
    let other = served_by(&world, &quick);
    let slow_ones: Vec<_> = tenants.iter().map(invoice).collect();
    let of_other = invoice(&other);
    let gateways = Arc::new(gateways::all(&world.db));
    let place = JOBS.iter().position(|job| job.name == "tax_provider").unwrap();
    let schedules = BTreeMap::from([("tax_provider".to_owned(), "* * * * * *".parse().unwrap())]);
    let begun = Instant::now();
    let runner =
        Runner::start_with(&JOBS[place..=place], (&world.db, &gateways), &schedules, Sources::default())
            .unwrap();
    let wait_for = |read: &dyn Fn() -> Value| {
        while read()["status"] != "open" {
            assert!(begun.elapsed() < Duration::from_secs(60), "{}", read());
            std::thread::sleep(Duration::from_millis(50));
        }
        begun.elapsed()
    };
    let waited = wait_for(&of_other);
    assert!(waited < SLOW, "the other tenant's invoice took {waited:?}");
    let last = slow_ones.iter().map(|read| wait_for(read)).max().unwrap();
    assert!(last < SLOW * 3, "three slow ones together took {last:?}");
    runner.stop();
}
