//! What if a gateway stands still for minutes, or a process does? The simulator's own books are the judge: no invoice is charged twice, net
//! of what was given back, and nothing that was taken is missing in ours.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use billwright::adapters::gateway::{ChargeRequest, Gateway, Gateways, RefundRequest, Sought};
use billwright::domain::ids::InvoiceId;
use billwright::domain::payments::{Outcome, State};
use billwright::platform::clock;
use billwright::storage::Db;
use billwright::workflows::Error;
use billwright::workflows::keyed::Keyed;
use billwright::workflows::parked_work::Place;
use billwright::workflows::payments::pay_invoice::{self, How};
use billwright::workflows::payments::{attempts, gateways, resolve_payments};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use serde_json::json;

use super::Shop;
use super::crashes::first_half;
use crate::harness::World;

/// A deadline that is not over yet.
pub fn soon() -> DateTime<Utc> {
    clock::now() + TimeDelta::seconds(30)
}

/// The simulator behind a long way: the first request stands still until the test lets it go, and arrives then whatever its deadline was.
pub struct Standing {
    simulator: Arc<dyn Gateway>,
    stood: AtomicBool,
    /// Met by the request when it stands.
    pub arrived: Barrier,
    /// Met by the request before it goes on.
    pub let_go: Barrier,
}

impl Standing {
    pub fn before(shop: &Shop) -> (Arc<Standing>, Gateways) {
        let simulator = Arc::clone(shop.gateways().get("simulator").unwrap());
        let (arrived, let_go) = (Barrier::new(2), Barrier::new(2));
        let standing = Arc::new(Standing { simulator, stood: AtomicBool::new(false), arrived, let_go });
        let gateways = Gateways::new([Arc::clone(&standing) as Arc<dyn Gateway>]);
        (standing, gateways)
    }

    fn stand(&self) {
        if !self.stood.swap(true, Ordering::SeqCst) {
            self.arrived.wait();
            self.let_go.wait();
        }
    }
}

impl Gateway for Standing {
    fn name(&self) -> &'static str {
        "simulator"
    }

    fn check_token(&self, token: &str) -> Result<(), String> {
        self.simulator.check_token(token)
    }

    fn charge_all(&self, requests: &[ChargeRequest], _deadline: DateTime<Utc>) -> Vec<Outcome> {
        self.stand();
        self.simulator.charge_all(requests, soon())
    }

    fn lookup_all(&self, sought: &[Sought], at: DateTime<Utc>, deadline: DateTime<Utc>) -> Vec<Outcome> {
        self.simulator.lookup_all(sought, at, deadline)
    }

    fn refund(&self, request: &RefundRequest, _deadline: DateTime<Utc>) -> Outcome {
        self.stand();
        self.simulator.refund(request, soon())
    }
}

/// Asks about what is open, so many minutes from now.
fn resolve_in(shop: &Shop, minutes: i64) {
    let later = shop.world.now() + TimeDelta::minutes(minutes);
    let tenant = shop.world.tenant.id;
    resolve_payments::run(
        &mut shop.world.session(),
        &shop.gateways(),
        Place { tenant_id: tenant, now: later },
    )
    .unwrap();
}

/// A payment stands still at its gateway while `meanwhile` happens; gives whether its caller heard that it was paid.
fn while_it_stands(shop: &Shop, invoice: &str, meanwhile: impl FnOnce()) -> Result<State, Error> {
    let (standing, gateways) = Standing::before(shop);
    let id: InvoiceId = invoice.parse().unwrap();
    thread::scope(|threads| {
        let payer = threads.spawn(|| {
            let mut session = shop.world.session();
            pay_invoice::run(
                &mut session,
                &gateways,
                (shop.world.tenant.id, id),
                (&How::Charge { method: None, retried: true }, &Keyed::default()),
            )
        });
        standing.arrived.wait();
        meanwhile();
        standing.let_go.wait();
        payer.join().unwrap().map(|paid| paid.payment.state)
    })
}

/// Of payments begun at one instant, none is the first.
fn sorted_statuses(shop: &Shop, invoice: &str) -> Vec<String> {
    let mut statuses = shop.statuses(invoice);
    statuses.sort_unstable();
    statuses
}

/// It is taken for dead, and concluded that the gateway was never reached.
fn given_up(shop: &Shop, invoice: &str) {
    shop.calls_die();
    resolve_in(shop, 60);
    assert_eq!(shop.attempts(invoice).last().unwrap().1, "never_reached_gateway");
}

#[test]
fn a_charge_that_stands_still_is_left_alone_and_nobody_waits_for_it() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_success"), 9_300);
    let other = shop.invoice(&shop.customer_with("tok_timeout"), 4_000);
    let state = while_it_stands(&shop, &invoice, || {
        // It may be alive: days of a test clock do not change that. Others go on.
        shop.world.advance_to("2026-01-03T00:00:00Z");
        assert_eq!(shop.statuses(&invoice), ["processing"]);
        assert_eq!(shop.statuses(&other), ["succeeded"]);
        shop.world
            .post(&format!("/v1/invoices/{invoice}/pay"), json!({}))
            .is_problem(409, "payment_in_progress");
    });
    assert!(matches!(state, Ok(State::Succeeded { .. })), "{state:?}");
    assert_eq!((shop.statuses(&invoice), shop.charges(&invoice)), (vec!["succeeded".to_owned()], (1, 9_300)));
    assert_eq!(shop.taken(), 13_300);
}

#[test]
fn a_success_that_comes_after_its_invoice_was_paid_again_is_given_back_and_reported() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_success"), 9_300);
    let state = while_it_stands(&shop, &invoice, || {
        given_up(&shop, &invoice);
        shop.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({})).is(200);
        assert_eq!((shop.charges(&invoice), shop.taken()), ((1, 9_300), 9_300));
    });
    assert!(matches!(state, Ok(State::Succeeded { .. })), "{state:?}");
    assert_eq!((shop.charges(&invoice), shop.taken()), ((2, 18_600), 18_600));
    assert_eq!(shop.balances()["refunds_payable"], "93.00");
    let payments = shop.world.get(&format!("/v1/payments?invoice_id={invoice}")).is(200);
    let each = |name: &str| {
        let mut amounts: Vec<&str> = payments.data().iter().map(|p| p[name].as_str().unwrap()).collect();
        amounts.sort_unstable();
        amounts.join(" ")
    };
    assert_eq!((&*each("amount_surplus"), &*each("amount_credited")), ("0.00 93.00", "0.00 0.00"));
    shop.wait(TimeDelta::days(30));
    assert_eq!((shop.taken(), &*shop.balances()["cash_clearing"]), (9_300, "93.00"));
    assert_eq!(shop.balances().get("refunds_payable"), None);
    let types = shop.event_types();
    let surplus: Vec<&str> =
        types.iter().map(String::as_str).skip_while(|t| *t != "payment.surplus_received").collect();
    assert_eq!(surplus, ["payment.surplus_received", "refund.created", "refund.succeeded"]);
    assert_eq!(types.iter().filter(|t| *t == "invoice.paid").count(), 1, "{types:?}");
}

#[test]
fn a_success_that_comes_late_pays_the_invoice_that_still_waits_for_it() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_success"), 9_300);
    while_it_stands(&shop, &invoice, || given_up(&shop, &invoice)).unwrap();
    shop.wait(TimeDelta::days(30));
    assert_eq!(shop.statuses(&invoice), ["succeeded"]);
    assert_eq!((shop.standing(&invoice).0.as_str(), shop.charges(&invoice)), ("paid", (1, 9_300)));
    assert_eq!(shop.event_types().iter().filter(|t| t.starts_with("refund")).count(), 0);
}

#[test]
fn a_success_that_comes_late_while_another_attempt_is_under_way_goes_back() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_success");
    let invoice = shop.invoice(&customer, 9_300);
    while_it_stands(&shop, &invoice, || {
        given_up(&shop, &invoice);
        shop.attach(&customer, "tok_async_success");
        shop.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({})).is(200);
    })
    .unwrap();
    assert_eq!(sorted_statuses(&shop, &invoice), ["processing", "succeeded"]);
    assert_eq!(shop.standing(&invoice).0, "open");
    shop.wait(TimeDelta::days(2));
    assert_eq!(shop.standing(&invoice).0, "paid");
    assert_eq!((shop.charges(&invoice), &*shop.balances()["cash_clearing"]), ((2, 18_600), "93.00"));
}

#[test]
fn a_success_that_comes_late_for_a_void_invoice_goes_back() {
    let shop = Shop::open();
    let invoice = shop.invoice(&shop.customer_with("tok_success"), 9_300);
    while_it_stands(&shop, &invoice, || {
        given_up(&shop, &invoice);
        shop.world.post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    })
    .unwrap();
    shop.wait(TimeDelta::days(2));
    assert_eq!((shop.taken(), shop.balances().len()), (0, 0));
}

#[test]
fn of_a_success_that_comes_late_goes_back_what_its_invoice_does_not_need() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_success");
    let invoice = shop.invoice(&customer, 9_300);
    while_it_stands(&shop, &invoice, || {
        given_up(&shop, &invoice);
        let cheque =
            json!({ "customer_id": customer, "invoice_id": invoice, "amount": "50.00", "currency": "USD" });
        shop.world.post("/v1/payments", cheque).is(201);
    })
    .unwrap();
    assert_eq!((shop.standing(&invoice).0.as_str(), &*shop.balances()["refunds_payable"]), ("paid", "50.00"));
    shop.wait(TimeDelta::days(2));
    assert_eq!((shop.taken(), &*shop.balances()["cash_clearing"]), (4_300, "93.00"));
}

#[test]
fn money_taken_by_a_process_that_then_died_is_found_although_its_attempt_was_given_up() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_success");
    let invoice = shop.invoice(&customer, 9_300);
    let attempt = first_half(&shop, &customer, &invoice).attempts.remove(0);
    shop.wait(TimeDelta::minutes(10));
    assert_eq!(shop.statuses(&invoice), ["failed", "succeeded"]);
    let request = ChargeRequest {
        idempotency_key: attempt.payment.gateway_key(),
        token: attempt.token,
        amount: attempt.payment.amount,
        at: shop.world.now(),
    };
    shop.gateways().get("simulator").unwrap().charge_all(&[request], soon());
    assert_eq!(shop.taken(), 18_600);
    shop.wait(TimeDelta::hours(2));
    assert_eq!(
        (shop.taken(), shop.statuses(&invoice)),
        (9_300, vec!["succeeded".to_owned(), "succeeded".to_owned()])
    );
}

#[test]
fn a_process_that_stood_still_before_its_call_finds_the_fence_raised_and_calls_nobody() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_success");
    let invoice = shop.invoice(&customer, 9_300);
    let recorded = first_half(&shop, &customer, &invoice);
    // No call has begun: nobody has to wait before concluding.
    resolve_in(&shop, 5);
    shop.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({})).is(200);
    let made = attempts::finish(&mut shop.world.session(), &shop.gateways(), recorded).unwrap();
    assert_eq!(made.settled, vec![]);
    assert_eq!(sorted_statuses(&shop, &invoice), ["failed", "succeeded"]);
    assert_eq!((shop.charges(&invoice), shop.taken()), ((1, 9_300), 9_300));
}

#[test]
fn an_attempt_without_a_claim_any_more_is_not_called_for() {
    let shop = Shop::open();
    let customer = shop.customer_with("tok_success");
    let invoice = shop.invoice(&customer, 9_300);
    let recorded = first_half(&shop, &customer, &invoice);
    let tenant = shop.world.tenant.id.uuid();
    let purge = format!("DELETE FROM gateway_claims WHERE tenant_id = '{tenant}'");
    shop.world.database.connect().batch_execute(&purge).unwrap();
    attempts::finish(&mut shop.world.session(), &shop.gateways(), recorded).unwrap();
    assert_eq!((shop.charges(&invoice), shop.statuses(&invoice)), ((0, 0), vec!["processing".to_owned()]));
}

#[test]
fn the_simulator_takes_nothing_by_a_request_whose_time_is_over() {
    let shop = Shop { world: World::own_database("2026-01-01T00:00:00Z") };
    let customer = shop.customer_with("tok_success");
    let invoice = shop.invoice(&customer, 9_300);
    let attempt = first_half(&shop, &customer, &invoice).attempts.remove(0);
    let request = ChargeRequest {
        idempotency_key: attempt.payment.gateway_key(),
        token: attempt.token,
        amount: attempt.payment.amount,
        at: attempt.payment.created_at,
    };
    let requests = [request];
    let known = gateways::all(&Db::start(&shop.world.database.url, 1).unwrap());
    let simulator = known.get("simulator").unwrap();
    assert_eq!(simulator.charge_all(&requests, clock::now()), [Outcome::Unknown]);
    // Its books stand still for longer than the request may take.
    let mut holder = shop.world.database.connect();
    holder.batch_execute("BEGIN; LOCK TABLE simulator.charges IN SHARE MODE").unwrap();
    let deadline = clock::now() + TimeDelta::milliseconds(300);
    assert_eq!(simulator.charge_all(&requests, deadline), [Outcome::Unknown]);
    holder.batch_execute("COMMIT").unwrap();
    assert_eq!((shop.charges(&invoice), shop.taken()), ((0, 0), 0));
    assert!(matches!(simulator.charge_all(&requests, soon())[..], [Outcome::Succeeded { .. }]));
}
