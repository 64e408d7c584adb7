//! Is each of a few hundred invoices charged exactly once, whatever goes wrong on the way? Calls fail before and after their effect, events come twice and
//! in any order; then the simulator's books are held against ours, cent by cent, and all of it goes to the bank.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Counter;
use crate::harness::simulated_secret;

const INVOICES: i64 = 200;

/// Every so many calls of a kind fail so.
fn faults() -> Value {
    let fault = |call: &str, how: &str, one_in: u32| json!({ "call": call, "how": how, "times": 1_000_000, "one_in": one_in });
    json!([
        fault("charge", "cut_after", 7),
        fault("charge", "cut_before", 11),
        fault("charge", "error_after", 13),
        fault("charge", "error", 17),
        fault("look_up", "error", 9),
        fault("look_up", "cut_after", 10),
    ])
}

impl Counter {
    /// Has what happens at the simulator told here: late, twice, and in any order.
    fn listens(&self) {
        let url = format!("{}/v1/inbound/simulator/{}", self.shop.world.url(), self.account);
        let endpoint = json!({ "url": url, "secret": simulated_secret(), "delay_ms": 20, "spread_ms": 400, "copies": 2 });
        let request = self.simulated.client.request("PUT", "/control/webhooks").json(&endpoint);
        assert!(request.send().unwrap().status().is_success());
    }

    /// What our payments say by the gateway's key: status and amount.
    fn payments(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        let mut path = "/v1/payments?limit=1000".to_owned();
        loop {
            let page = self.shop.world.get(&path).is(200);
            for payment in page.data() {
                let text = |name: &str| payment[name].as_str().unwrap_or_default().to_owned();
                all.insert(text("reference"), format!("{} {}", text("status"), text("amount")));
            }
            let Some(next) = page.json["next_cursor"].as_str() else { return all };
            path = format!("/v1/payments?limit=1000&after={next}");
        }
    }
}

#[test]
fn each_of_a_few_hundred_invoices_is_charged_once_though_calls_fail_and_events_come_in_any_order() {
    let counter = Counter::open();
    counter.listens();
    let invoices: Vec<String> = (0..INVOICES).map(|n| counter.owed("tok_success", 1_000 + n)).collect();
    counter.simulated.client.patch("/control", json!({ "faults": faults() })).is(200);
    let mut rounds = 0;
    while invoices.iter().any(|invoice| counter.shop.standing(invoice).0 != "paid") {
        counter.wait(TimeDelta::days(1));
        rounds += 1;
        assert!(rounds < 30, "some are not paid after {rounds} days");
    }
    thread::sleep(Duration::from_millis(600));
    counter.simulated.client.patch("/control", json!({ "faults": [] })).is(200);
    counter.wait(TimeDelta::days(1));
    let books = counter.simulated.books();
    let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let charges = books["charges"].as_array().unwrap();
    assert_eq!((charges.len(), books["refunds"].as_array().unwrap().len()), (invoices.len(), 0));
    let ours = counter.payments();
    for charge in charges {
        let expected = format!("{} {}", text(charge, "status"), text(charge, "amount"));
        assert_eq!(ours.get(&text(charge, "id")), Some(&expected), "{charge}");
    }
    let total: i64 = (0..INVOICES).map(|n| 1_000 + n).sum();
    let major = format!("{}.{:02}", total / 100, total % 100);
    assert_eq!(counter.on("cash_clearing"), major);
    counter.paid_out();
    assert_eq!(counter.on("cash_clearing"), "");
    assert_eq!(counter.payout()["gross"], json!(major));
}
