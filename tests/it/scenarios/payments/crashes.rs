//! What if a process dies, or two work at once? At every instant between recording an attempt and recording its answer.

use std::sync::Barrier;
use std::thread;

use billwright::adapters::gateway::ChargeRequest;
use billwright::domain::ids::{CustomerId, InvoiceId};
use billwright::storage::customers::Locked;
use billwright::workflows::parked_work::Place;
use billwright::workflows::payments::attempts::{self, Recorded};
use billwright::workflows::payments::collect_invoices::{self, Batch, Collected};
use billwright::workflows::payments::resolve_payments;
use billwright::workflows::{Error, Scope};
use chrono::TimeDelta;

use super::Shop;
use super::standing_still::soon;

/// The first half of collecting an invoice: its attempt is committed, then the process is gone.
pub fn first_half(shop: &Shop, customer: &str, invoice: &str) -> Recorded {
    let invoice: InvoiceId = invoice.parse().unwrap();
    let due = [(customer.parse::<CustomerId>().unwrap(), invoice.uuid())];
    let mut session = shop.world.session();
    let begun = session.transaction("first_half", |tx| {
        let scope = Scope::load(tx, shop.world.tenant.id)?;
        let begun = collect_invoices::begin(tx, &scope, Batch { due: &due, locked: Locked::Skip })?;
        attempts::record(tx, scope, begun.attempts)
    });
    begun.map_err(|e: Error| e.to_string()).unwrap()
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
    let attempt = first_half(&shop, &customer, &invoice).attempts.remove(0);
    let gateways = shop.gateways();
    let request = ChargeRequest {
        idempotency_key: attempt.payment.gateway_key(),
        token: attempt.token,
        amount: attempt.payment.amount,
        at: attempt.payment.created_at,
    };
    gateways.get("simulator").unwrap().charge_all(&[request], soon());
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
                    collect_invoices::run(&mut session, &gateways, Place { tenant_id, now }).unwrap()
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

#[test]
fn two_resolvers_at_once_record_an_outcome_once() {
    let shop = Shop::open();
    let invoices: Vec<String> =
        (0..10).map(|_| shop.invoice(&shop.customer_with("tok_timeout"), 9_300)).collect();
    let (tenant_id, now) = (shop.world.tenant.id, shop.world.now());
    collect_invoices::run(&mut shop.world.session(), &shop.gateways(), Place { tenant_id, now }).unwrap();
    let later = now + TimeDelta::minutes(5);
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                resolve_payments::run(
                    &mut shop.world.session(),
                    &shop.gateways(),
                    Place { tenant_id, now: later },
                )
                .unwrap()
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
    let collect = || {
        collect_invoices::run(&mut shop.world.session(), &shop.gateways(), Place { tenant_id, now }).unwrap()
    };
    let first = collect();
    assert_eq!((first.attempted, first.succeeded, first.failed), (2, 1, 1));
    let rows = shop.world.rows_of(tenant_id);
    assert_eq!(collect(), Collected::default());
    assert_eq!(shop.world.rows_of(tenant_id), rows);
}
