//! What when no rate is known? Billing and collection go on; what is posted waits for the rate, is seen to wait, and is valued once.

use billwright::storage::ledger::waiting;
use billwright::workflows::ledger::value_transfers;
use billwright::workflows::parked_work::Place;
use billwright::workflows::{Error, Scope};
use serde_json::json;

use super::{House, world};

#[test]
fn a_missing_rate_stops_nothing_and_is_filled_in_once_it_is_known() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    let invoice = house.invoice("100.00");
    house.advance_to("2026-01-20");
    house.rate("2026-01-20", "0.92");
    house.receive("100.00", Some(&invoice));
    let waits = [
        "invoice_finalized 100.00 USD accounts_receivable < revenue - -",
        "payment_received 100.00 USD cash_clearing < accounts_receivable - -",
    ];
    assert_eq!(house.entries(), waits);
    house.check();
    let kinds = world.get("/v1/health/work").is(200).json["unfinished"].clone();
    let waiting = kinds.as_array().unwrap().iter().find(|kind| kind["kind"] == "functional_waits").cloned();
    assert_eq!(waiting.unwrap()["count"], 1);
    // The clock goes on, and the rate is still missing: what waits, waits.
    house.advance_to("2026-01-25");
    assert_eq!(house.entries(), waits);
    house.rate("2026-01-01", "0.90");
    world.settle();
    let valued = [
        "invoice_finalized 100.00 USD accounts_receivable < revenue 90.00 EUR",
        "payment_received 100.00 USD cash_clearing < accounts_receivable 92.00 EUR gain 2.00",
    ];
    assert_eq!(house.entries(), valued);
    let kinds = world.get("/v1/health/work").is(200).json["unfinished"].clone();
    let waiting = kinds.as_array().unwrap().iter().find(|kind| kind["kind"] == "functional_waits").cloned();
    assert_eq!(waiting.unwrap()["count"], 0);
    // A correction of the rate leaves what used it.
    house.rate("2026-01-01", "0.50");
    world.settle();
    assert_eq!(house.entries(), valued);
}

#[test]
fn a_month_in_which_something_waits_for_a_rate_is_neither_closed_nor_exported() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    house.invoice("100.00");
    house.advance_to("2026-02-03");
    let january = house.client().post("/v1/accounting_periods", json!({ "month": "2026-01" })).is(201).id();
    let close = || {
        let body = json!({ "accept": ["lines_at_once_have_a_rule"] });
        house.client().post(&format!("/v1/accounting_periods/{january}/close"), body)
    };
    let codes: Vec<_> = ["accounts_receivable", "revenue", "deferred_revenue", "tax_payable"]
        .map(|account| json!({ "account": account, "code": account }))
        .into();
    house.client().post("/v1/account_mappings", json!({ "accounts": codes })).is(200);
    let body = json!({ "accounting_period_id": january, "level": "detail" });
    let export = || house.client().post("/v1/exports/journals", body.clone());
    close().is_problem(409, "transfers_wait_for_rate");
    export().is_problem(409, "transfers_wait_for_rate");
    house.rate("2026-01-01", "0.90");
    world.settle();
    let exported = export().is(201);
    assert_eq!(
        (exported.text_at("/currency"), exported.text_at("/debits")),
        ("EUR".to_owned(), "90.00".to_owned())
    );
    close().is(200);
}

#[test]
fn what_was_posted_before_there_were_values_is_valued_in_its_order() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    for (day, rate) in [("01", "0.90"), ("05", "0.92"), ("10", "0.97")] {
        house.rate(&format!("2026-01-{day}"), rate);
    }
    let first = house.invoice("100.00");
    let second = house.invoice("50.00");
    house.advance_to("2026-01-05");
    house.receive("60.00", Some(&first));
    house.receive("20.00", None);
    let path = format!("/v1/customers/{}/credit_balance/apply", house.customer);
    house.client().post(&path, json!({ "currency": "USD" })).is(200);
    house.advance_to("2026-01-10");
    house.credit(&first, "30.00", "refund");
    house.act(&second, "void");
    let expected = house.entries();
    assert!(!expected.iter().any(|entry| entry.ends_with("- -")), "{expected:#?}");
    let as_before = "UPDATE ledger_transfers SET entity_id = NULL, invoice_id = NULL, functional_currency = NULL, \
                     functional_amount = NULL, realised_gain = NULL WHERE tenant_id = $t; \
                     INSERT INTO functional_waits SELECT tenant_id, id, created_at, 'epoch', 'from before' FROM customers WHERE tenant_id = $t";
    let sql = as_before.replace("$t", &format!("'{}'", world.tenant.id.uuid()));
    diesel::connection::SimpleConnection::batch_execute(&mut world.database.connect(), &sql).unwrap();
    world.settle();
    assert_eq!(house.entries(), expected);
}

#[test]
fn what_is_posted_after_what_waits_waits_with_it_and_nothing_else_does() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    house.invoice("10.00");
    house.advance_to("2026-02-01");
    house.rate("2026-02-01", "0.90");
    house.invoice("20.00");
    house.receive("5.00", None);
    assert_eq!(
        house.entries(),
        [
            "invoice_finalized 10.00 USD accounts_receivable < revenue - -",
            "invoice_finalized 20.00 USD accounts_receivable < revenue 18.00 EUR",
            "payment_received 5.00 USD cash_clearing < customer_credit 4.50 EUR",
        ]
    );
    house.check();
    world.settle();
}

#[test]
fn two_processes_that_value_the_same_at_once_value_it_once() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    let invoices: Vec<String> = (0..20).map(|_| house.invoice("10.01")).collect();
    house.advance_to("2026-01-20");
    house.rate("2026-01-20", "0.92");
    for invoice in &invoices {
        house.receive("3.34", Some(invoice));
    }
    house.rate("2026-01-01", "0.8511");
    let place = Place { tenant_id: world.tenant.id, now: world.now() };
    let customer = house.customer.parse().unwrap();
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| value_transfers::run(&mut world.session(), place, customer).unwrap());
        }
    });
    // 3.34 of 10.01 that are 8.52: 2.84; and worth 3.07.
    let paid = house.entries_of("payment_received");
    assert_eq!(paid.len(), 20);
    assert!(paid.iter().all(|one| one.ends_with("accounts_receivable 3.07 EUR gain 0.23")), "{paid:#?}");
    let once = house.entries();
    value_transfers::run(&mut world.session(), place, customer).unwrap();
    assert_eq!(house.entries(), once);
    house.check();
}

#[test]
fn a_process_that_dies_while_it_values_leaves_all_of_it_to_the_next() {
    let world = world();
    let house = House::of(&world, &world.tenant);
    house.invoice("10.00");
    house.advance_to("2026-01-20");
    house.rate("2026-01-01", "0.90");
    let customer = house.customer.parse().unwrap();
    let waits = house.entries();
    let died = world.session().transaction("value_transfers", |tx| {
        let scope = Scope::load(tx, world.tenant.id)?;
        let scope = scope.lock(tx, customer)?;
        let settled = waiting::settle(tx, &scope.held, (customer, scope.now))?;
        assert_eq!(settled.valued, 1);
        Err::<(), Error>(Error::Fault("the power is gone".to_owned()))
    });
    assert!(died.is_err());
    assert_eq!(house.entries(), waits);
    house.check();
    world.settle();
    assert_eq!(house.entries_of("invoice_finalized"), ["10.00 USD accounts_receivable < revenue 9.00 EUR"]);
}

/// What a customer does on a day, by lot: `lots` are numbers that decide.
fn act_by_lot(house: &House<'_>, lots: &mut impl FnMut(u64) -> u64) {
    let amount = |lots: &mut dyn FnMut(u64) -> u64| format!("{}.{:02}", 1 + lots(40), lots(100));
    let path = |end: &str| format!("/v1/customers/{}/credit_balance/{end}", house.customer);
    let listed = house.client().get("/v1/invoices?limit=100").is(200);
    let known: Vec<String> = listed.data().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    let one = (!known.is_empty()).then(|| known[usize::try_from(lots(known.len() as u64)).unwrap()].clone());
    // What is refused is refused whenever the rate comes.
    let client = house.client();
    match (lots(9), one) {
        (0, Some(invoice)) => {
            let paid = json!({ "customer_id": house.customer, "amount": amount(lots), "currency": "USD", "invoice_id": invoice });
            client.post("/v1/payments", paid);
        }
        (1, Some(invoice)) => {
            let to = ["invoice", "credit_balance", "refund"][usize::try_from(lots(3)).unwrap()];
            let note = json!({ "invoice_id": invoice, "amount": amount(lots), "reason": "outage", "to": to });
            client.post("/v1/credit_notes", note);
        }
        (2, Some(invoice)) => drop(client.post(&format!("/v1/invoices/{invoice}/void"), json!({}))),
        (3, Some(invoice)) => {
            let lines = json!({ "reason": "agreed", "lines": [{ "line_no": 1, "amount": amount(lots) }] });
            client.post(&format!("/v1/invoices/{invoice}/correct"), lines);
        }
        (4, _) => {
            let out =
                json!({ "amount": amount(lots), "currency": "USD", "to": "outside", "reference": "wire" });
            client.post(&path("pay_out"), out);
        }
        (5, _) => drop(client.post(&path("apply"), json!({ "currency": "USD" }))),
        (6, _) => drop(house.receive(&amount(lots), None)),
        _ => {
            // Some are below zero: they go to the balance.
            let sign = if lots(3) == 0 { "-" } else { "" };
            let line = json!({ "description": "Work", "amount": format!("{sign}{}", amount(lots)) });
            let body = json!({ "customer_id": house.customer, "currency": "USD", "collection": "send_invoice", "lines": [line] });
            let id = client.post("/v1/invoices", body).is(201).id();
            client.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200);
        }
    }
}

/// What a history by lot posts, with the rates of its days known in time, or those of the first two days not before the last.
fn history_by_lot(seed: u64, in_time: bool) -> Vec<String> {
    let world = world();
    let house = House::of(&world, &world.tenant);
    let mut state = seed;
    // A linear congruential generator (Knuth, MMIX): the same lots for the same seed.
    let mut lots = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let late = [("2026-01-01", "0.8511"), ("2026-01-02", "0.9123")];
    if in_time {
        late.iter().for_each(|(date, rate)| house.rate(date, rate));
    }
    for (date, rate) in [("2026-01-20", "0.7301"), ("2026-01-30", "0.9707")] {
        house.rate(date, rate);
    }
    for day in ["2026-01-01", "2026-01-02", "2026-01-20", "2026-01-30"] {
        house.advance_to(day);
        for _ in 0..6 {
            act_by_lot(&house, &mut lots);
        }
    }
    // Replaced since: what was posted has the one that was known then.
    house.advance_to("2026-01-31");
    house.rate("2026-01-20", "0.5555");
    if !in_time {
        late.iter().for_each(|(date, rate)| house.rate(date, rate));
    }
    world.settle();
    house.check();
    let mut entries = house.entries();
    assert!(!entries.iter().any(|entry| entry.ends_with("- -")), "seed {seed}: {entries:#?}");
    entries.sort();
    entries
}

#[test]
fn when_a_rate_comes_makes_no_difference_to_what_it_values() {
    for seed in 1..=12 {
        assert_eq!(history_by_lot(seed, false), history_by_lot(seed, true), "seed {seed}");
    }
}
