//! What if a process dies, or two work at once? At every instant between recording an attempt and recording its answer.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use billwright::adapters::gateway::{ChargeRequest, Gateway, Gateways, RefundRequest};
use billwright::domain::ids::{CustomerId, InvoiceId, TenantId};
use billwright::domain::payments::Outcome;
use billwright::storage::billing::Locked;
use billwright::storage::collection;
use billwright::workflows::attempts::Attempt;
use billwright::workflows::collect_invoices::{self, Batch, Collected};
use billwright::workflows::{Error, Scope, resolve_payments};
use chrono::{DateTime, TimeDelta, Utc};

use super::Shop;

/// The first half of collecting an invoice: its attempt is committed, then the process is gone.
fn first_half(shop: &Shop, customer: &str, invoice: &str) -> Attempt {
    let due: [(CustomerId, InvoiceId); 1] = [(customer.parse().unwrap(), invoice.parse().unwrap())];
    let mut session = shop.world.session();
    let begun = session.transaction("first_half", |tx| {
        collection::begin_attempts(tx, shop.world.tenant.id)?;
        let scope = Scope::load(tx, shop.world.tenant.id)?;
        collect_invoices::begin(tx, &scope, Batch { due: &due, locked: Locked::Skip })
    });
    begun.map_err(|e: Error| e.to_string()).unwrap().attempts.remove(0)
}

#[test]
fn killed_before_the_gateway_was_called_the_invoice_is_charged_by_a_new_attempt() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_success");
    let invoice = shop.invoice(&customer, 9_300);
    first_half(&shop, &customer, &invoice);
    shop.wait(TimeDelta::hours(2));
    let attempts = shop.attempts(&invoice);
    assert_eq!(attempts[0].1, "never_reached_gateway");
    assert_eq!(shop.statuses(&invoice), ["failed", "succeeded"]);
    assert_eq!(shop.charges(&invoice), (1, 9_300));
}

#[test]
fn killed_after_the_gateway_was_called_the_charge_is_found_and_not_repeated() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_success");
    let invoice = shop.invoice(&customer, 9_300);
    let attempt = first_half(&shop, &customer, &invoice);
    let gateways = shop.gateways();
    let request = ChargeRequest {
        idempotency_key: attempt.payment.gateway_key(),
        token: attempt.token,
        amount: attempt.payment.amount,
        at: attempt.payment.created_at,
    };
    gateways.get("simulator").unwrap().charge_all(&[request]);
    shop.wait(TimeDelta::hours(2));
    assert_eq!(shop.statuses(&invoice), ["succeeded"]);
    assert_eq!(shop.charges(&invoice), (1, 9_300));
    assert_eq!(shop.standing(&invoice).0, "paid");
}

#[test]
fn two_collectors_at_once_charge_each_invoice_once() {
    let shop = Shop::open();
    let invoices: Vec<String> =
        (0..30).map(|_| shop.invoice(&shop.customer_with("tok_success"), 9_300)).collect();
    let now = shop.world.now();
    let tenant_id = shop.world.tenant.id;
    let start = Barrier::new(3);
    let collected: Vec<Collected> = thread::scope(|threads| {
        let collectors: Vec<_> = (0..3)
            .map(|_| {
                threads.spawn(|| {
                    let (mut session, gateways) = (shop.world.session(), shop.gateways());
                    start.wait();
                    collect_invoices::run(&mut session, &gateways, tenant_id, now).unwrap()
                })
            })
            .collect();
        collectors.into_iter().map(|c| c.join().unwrap()).collect()
    });
    assert_eq!(collected.iter().map(|c| c.succeeded).sum::<u64>(), 30);
    for invoice in &invoices {
        assert_eq!((shop.standing(invoice).0.as_str(), shop.charges(invoice)), ("paid", (1, 9_300)));
    }
}

/// The simulator behind a long way.
struct Slow {
    simulator: Arc<dyn Gateway>,
    called: Barrier,
}

impl Gateway for Slow {
    fn name(&self) -> &'static str {
        "simulator"
    }

    fn check_token(&self, token: &str) -> Result<(), String> {
        self.simulator.check_token(token)
    }

    fn charge_all(&self, requests: &[ChargeRequest]) -> Vec<Outcome> {
        self.called.wait();
        thread::sleep(Duration::from_millis(400));
        self.simulator.charge_all(requests)
    }

    fn lookup_all(&self, keys: &[String], at: DateTime<Utc>) -> Vec<Outcome> {
        self.simulator.lookup_all(keys, at)
    }

    fn refund(&self, request: &RefundRequest) -> Outcome {
        self.simulator.refund(request)
    }
}

#[test]
fn a_charge_still_on_its_way_is_not_taken_for_one_that_never_reached_the_gateway() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_success"), 9_300);
    let (tenant_id, now): (TenantId, _) = (shop.world.tenant.id, shop.world.now());
    let simulator = Arc::clone(shop.gateways().get("simulator").unwrap());
    let slow = Arc::new(Slow { simulator, called: Barrier::new(2) });
    let gateways = Gateways::new([Arc::clone(&slow) as Arc<dyn Gateway>]);
    thread::scope(|threads| {
        let collector = threads
            .spawn(|| collect_invoices::run(&mut shop.world.session(), &gateways, tenant_id, now).unwrap());
        // The attempt is committed and its request under way: asked now, the gateway has not heard of it.
        slow.called.wait();
        let later = now + TimeDelta::minutes(5);
        let resolved = resolve_payments::run(&mut shop.world.session(), &gateways, tenant_id, later).unwrap();
        assert_eq!(resolved.failed, 0);
        assert_eq!(collector.join().unwrap().attempted, 1);
    });
    shop.wait(TimeDelta::days(2));
    assert_eq!(shop.statuses(&invoice), ["succeeded"]);
    assert_eq!(shop.charges(&invoice), (1, 9_300));
}

#[test]
fn two_resolvers_at_once_record_an_outcome_once() {
    let shop = Shop::open();
    let invoices: Vec<String> =
        (0..10).map(|_| shop.invoice(&shop.customer_with("tok_timeout"), 9_300)).collect();
    let (tenant_id, now) = (shop.world.tenant.id, shop.world.now());
    collect_invoices::run(&mut shop.world.session(), &shop.gateways(), tenant_id, now).unwrap();
    let later = now + TimeDelta::minutes(5);
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                resolve_payments::run(&mut shop.world.session(), &shop.gateways(), tenant_id, later).unwrap()
            });
        }
    });
    for invoice in &invoices {
        assert_eq!(shop.statuses(invoice), ["succeeded"]);
    }
    let reply = shop.world.get("/v1/ledger/balances").is(200);
    assert!(reply.text.contains("930.00"), "{}", reply.text);
}

#[test]
fn a_rerun_of_collection_records_nothing() {
    let shop = Shop::open();
    shop.invoice(&shop.customer_with("tok_success"), 9_300);
    shop.invoice(&shop.customer_with("tok_decline"), 9_300);
    shop.invoice(&shop.customer(), 9_300);
    let (tenant_id, now) = (shop.world.tenant.id, shop.world.now());
    let collect =
        || collect_invoices::run(&mut shop.world.session(), &shop.gateways(), tenant_id, now).unwrap();
    let first = collect();
    assert_eq!((first.attempted, first.succeeded, first.failed), (2, 1, 1));
    let rows = shop.world.rows_of(tenant_id);
    assert_eq!(collect(), Collected::default());
    assert_eq!(shop.world.rows_of(tenant_id), rows);
}
