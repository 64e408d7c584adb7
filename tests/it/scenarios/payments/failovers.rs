//! What if the database goes away under a payment? One backend ended, all of them at once, again and again: an answer of the gateway is
//! recorded all the same, and nobody takes the broken connection for a dead process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use billwright::domain::ids::InvoiceId;
use billwright::domain::payments::State;
use billwright::storage::Session;
use billwright::workflows::keyed::Keyed;
use billwright::workflows::parked_work::Place;
use billwright::workflows::payments::pay_invoice::{self, How};
use billwright::workflows::payments::resolve_payments;
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::json;

use super::Shop;
use super::standing_still::Standing;
use crate::harness::World;

fn alone() -> Shop {
    Shop { world: World::own_database("2026-01-01T00:00:00Z") }
}

/// Ends every backend of the database but the one that says so; gives how many.
fn fail_over(shop: &Shop) -> i64 {
    #[derive(QueryableByName)]
    struct Ended {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let sql = "SELECT count(pg_terminate_backend(pid)) AS count FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    diesel::sql_query(sql).get_result::<Ended>(&mut shop.world.database.connect()).unwrap().count
}

/// The server's own connections are opened again by the first calls that find them gone.
fn server_recovers(shop: &Shop) {
    for _ in 0..20 {
        shop.world.get("/v1/test_clock");
    }
    shop.world.get("/v1/test_clock").is(200);
}

#[test]
fn a_payment_whose_backend_is_ended_during_the_call_is_recorded_and_made_once() {
    let shop = alone();
    let invoice = shop.invoice(&shop.customer_with("tok_success"), 5_000);
    let (id, tenant): (InvoiceId, _) = (invoice.parse().unwrap(), shop.world.tenant.id);
    let (standing, gateways) = Standing::before(&shop);
    thread::scope(|threads| {
        let payer = threads.spawn(|| {
            pay_invoice::run(
                &mut shop.world.session(),
                &gateways,
                (tenant, id),
                (&How::Charge { method: None, retried: true }, &Keyed::default()),
            )
            .unwrap()
        });
        standing.arrived.wait();
        assert!(fail_over(&shop) > 0);
        server_recovers(&shop);
        let later = shop.world.now() + TimeDelta::minutes(5);
        let resolved = resolve_payments::run(
            &mut shop.world.session(),
            &shop.gateways(),
            Place { tenant_id: tenant, now: later },
        )
        .unwrap();
        assert_eq!((resolved.queried, resolved.failed, resolved.processing), (1, 0, 1));
        shop.world
            .post(&format!("/v1/invoices/{invoice}/pay"), json!({}))
            .is_problem(409, "payment_in_progress");
        standing.let_go.wait();
        assert!(matches!(payer.join().unwrap().payment.state, State::Succeeded { .. }));
    });
    assert_eq!((shop.standing(&invoice).0.as_str(), shop.charges(&invoice)), ("paid", (1, 5_000)));
    assert_eq!((shop.taken(), &*shop.balances()["cash_clearing"]), (5_000, "50.00"));
}

#[test]
fn payments_under_one_failover_after_the_other_are_made_once() {
    let shop = alone();
    let token = |n: usize| ["tok_success", "tok_timeout", "tok_success"][n % 3];
    let invoices: Vec<String> = (0..40).map(|n| shop.invoice(&shop.customer_with(token(n)), 9_300)).collect();
    let done = AtomicBool::new(false);
    thread::scope(|threads| {
        threads.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                fail_over(&shop);
                thread::sleep(Duration::from_millis(100));
            }
        });
        let pay_all = || invoices.iter().for_each(|invoice| pay(&shop, invoice));
        let payers: Vec<_> = (0..2).map(|_| threads.spawn(pay_all)).collect();
        payers.into_iter().for_each(|payer| payer.join().unwrap());
        done.store(true, Ordering::SeqCst);
    });
    server_recovers(&shop);
    shop.calls_die();
    shop.wait(TimeDelta::days(20));
    for invoice in &invoices {
        assert_eq!((shop.standing(invoice).0.as_str(), shop.charges(invoice)), ("paid", (1, 9_300)));
    }
    assert_eq!((shop.taken(), &*shop.balances()["cash_clearing"]), (40 * 9_300, "3720.00"));
}

/// Tries to pay it and asks about what is open, whatever comes of that.
fn pay(shop: &Shop, invoice: &str) {
    let Ok(mut session) = Session::open(&shop.world.database.url) else { return };
    let (gateways, tenant) = (shop.gateways(), shop.world.tenant.id);
    let id: InvoiceId = invoice.parse().unwrap();
    let _ = pay_invoice::run(
        &mut session,
        &gateways,
        (tenant, id),
        (&How::Charge { method: None, retried: true }, &Keyed::default()),
    );
    let later = "2026-01-01T00:30:00Z".parse().unwrap();
    let _ = resolve_payments::run(&mut session, &gateways, Place { tenant_id: tenant, now: later });
}
