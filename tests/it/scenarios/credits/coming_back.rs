//! Usage that credits paid is taken back: what is credits again, what is due no more, and what is money?

use serde_json::{Value, json};

use super::super::billing::{Plan, Seller, base, per_unit};
use super::{balances, bills};

/// A seller of tokens at 1.00 each, with or without a base of 20.00 a month in advance, and a customer known as `ada`.
pub(super) struct Tokens {
    pub(super) seller: Seller,
    pub(super) plan: Plan,
    meter: String,
    pub(super) ada: String,
}

impl Tokens {
    pub(super) fn sold_by(seller: Seller, with_base: bool) -> Tokens {
        let meter = json!({ "code": "tokens", "name": "Tokens", "event_type": "llm", "aggregation": "sum", "value_property": "n" });
        let meter = seller.world.post("/v1/meters", meter).is(201).id();
        let tokens = json!({ "code": "tokens", "description": "Tokens", "kind": "usage", "billing": "in_arrears",
            "meter_id": meter, "model": per_unit("1.00") });
        let prices = if with_base { json!([base("20.00"), tokens]) } else { json!([tokens]) };
        let plan = seller.plan("month", prices);
        let ada = seller.customer_like(json!({ "name": "Ada", "external_id": "ada" }));
        Tokens { seller, plan, meter, ada }
    }

    fn new() -> Tokens {
        Tokens::sold_by(Seller::on("2026-01-01"), false)
    }

    pub(super) fn card(self) -> Tokens {
        let card = json!({ "customer_id": self.ada, "kind": "card", "token": "tok_success" });
        self.seller.world.post("/v1/payment_methods", card).is(201);
        self
    }

    fn subscribed(self, collection: &str) -> Tokens {
        self.seller.subscribe(&self.ada, &self.plan, json!({ "collection": collection }));
        self
    }

    pub(super) fn grant(&self, more: Value) {
        let mut body = json!({ "customer_id": self.ada, "currency": "USD", "amount": "100.00" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.seller.world.post("/v1/credit_grants", body).is(201);
    }

    pub(super) fn use_up(&self, id: &str, at: &str, n: i64) {
        if self.seller.world.now() < at.parse::<chrono::DateTime<chrono::Utc>>().unwrap() {
            self.seller.advance_to(at);
        }
        let event = json!({ "specversion": "1.0", "id": id, "source": "api", "type": "llm", "subject": "ada", "time": at, "data": { "n": n } });
        assert_eq!(self.seller.world.post("/v1/usage/events", json!([event])).is(200).json["accepted"], 1);
    }

    pub(super) fn void(&self, id: &str) {
        self.seller.world.post("/v1/usage/events/void", json!({ "source": "api", "id": id })).is(200);
    }

    /// What is left of the credits, and on the balance.
    pub(super) fn has(&self) -> (String, String) {
        let credits = self.seller.world.get(&format!("/v1/customers/{}/credits", self.ada)).is(200);
        let dollars = credits.json["balances"].as_array().unwrap().iter().find(|b| b["currency"] == "USD");
        let credits = dollars.map_or("0.00".to_owned(), |b| b["balance"].as_str().unwrap().to_owned());
        let balance = balances(&self.seller).get("customer_credit").cloned();
        (credits, balance.unwrap_or_else(|| "0.00".to_owned()))
    }

    pub(super) fn bills(&self) -> Vec<String> {
        let without_date = |bill: String| bill.split_once(' ').unwrap().1.to_owned();
        bills(&self.seller, &self.ada).into_iter().map(without_date).collect()
    }
}

pub(super) fn has(credits: &str, balance: &str) -> (String, String) {
    (credits.to_owned(), balance.to_owned())
}

#[test]
fn credits_that_paid_usage_that_is_voided_are_credits_again() {
    let shop = Tokens::new().card().subscribed("automatic");
    shop.grant(json!({ "source": "purchased", "price": "50.00" }));
    shop.use_up("a", "2026-01-10T00:00:00Z", 100);
    shop.seller.advance_to("2026-02-10");
    assert_eq!(shop.has(), has("0.00", "0.00"));
    shop.void("a");
    shop.seller.advance_to("2026-03-02");
    assert_eq!(shop.has(), has("100.00", "0.00"));
    assert_eq!(
        shop.bills(),
        ["paid 50.00 paid 50.00", "paid 100.00 credits 100.00", "paid -100.00 gave back 100.00"]
    );
    let books = balances(&shop.seller);
    assert_eq!(
        (&*books["prepaid_credits"], books.get("promotional_credits"), books.get("revenue")),
        ("50.00", None, None)
    );
    // Used again, they are drawn again.
    shop.use_up("b", "2026-03-20T00:00:00Z", 30);
    shop.seller.advance_to("2026-04-02");
    assert_eq!(shop.has(), has("70.00", "0.00"));
}

#[test]
fn what_is_still_due_is_lowered_before_credits_come_back_and_the_base_stays_owed() {
    let shop = Tokens::sold_by(Seller::on("2026-01-01"), true).subscribed("send_invoice");
    shop.grant(json!({ "source": "promotional", "amount": "60.00" }));
    shop.use_up("a", "2026-01-10T00:00:00Z", 50);
    shop.use_up("b", "2026-01-11T00:00:00Z", 50);
    shop.seller.advance_to("2026-02-10");
    assert_eq!(shop.bills()[1], "open 120.00 credits 60.00 due 60.00");
    shop.void("a");
    shop.seller.advance_to("2026-03-02");
    // 40.00 of usage were due; credits would have paid 10.00 more than the 50.00 that are left.
    assert_eq!(
        shop.bills()[1..],
        ["open 120.00 credits 60.00 balance 40.00 due 20.00", "open -30.00 gave back 50.00 due 20.00"]
    );
    assert_eq!(shop.has(), has("10.00", "0.00"));
    shop.void("b");
    shop.seller.advance_to("2026-04-02");
    assert_eq!(shop.bills()[1], "open 120.00 credits 60.00 balance 40.00 due 20.00");
    assert_eq!(shop.has(), has("60.00", "0.00"));
    let first = shop.seller.world.get(&format!("/v1/invoices?customer_id={}&status=open", shop.ada)).is(200);
    let drew = first.data().iter().find(|i| i["total"] == "120.00").unwrap();
    let path = format!("/v1/invoices/{}/void", drew["id"].as_str().unwrap());
    shop.seller.world.post(&path, json!({})).is_problem(409, "usage_taken_back");
}

#[test]
fn what_was_given_comes_back_as_given_and_only_what_was_paid_is_money() {
    let shop = Tokens::new().card().subscribed("automatic");
    shop.grant(json!({ "source": "promotional", "amount": "60.00" }));
    shop.use_up("a", "2026-01-10T00:00:00Z", 50);
    shop.use_up("b", "2026-01-11T00:00:00Z", 50);
    shop.seller.advance_to("2026-02-10");
    shop.void("a");
    shop.seller.advance_to("2026-03-02");
    assert_eq!(shop.has(), has("50.00", "0.00"), "credits come back before money does");
    shop.void("b");
    shop.seller.advance_to("2026-04-02");
    assert_eq!(shop.has(), has("60.00", "40.00"));
}

#[test]
fn what_a_closed_backfill_takes_away_comes_back_to_what_was_drawn_last() {
    let shop = Tokens::new().card().subscribed("automatic");
    shop.grant(json!({ "source": "promotional", "amount": "40.00", "name": "first", "priority": 1 }));
    shop.grant(json!({ "source": "promotional", "amount": "80.00", "name": "last", "priority": 2 }));
    shop.use_up("a", "2026-01-10T00:00:00Z", 100);
    shop.seller.advance_to("2026-02-10");
    assert_eq!(shop.has(), has("20.00", "0.00"));
    let open = json!({ "meter_id": shop.meter, "customer_id": shop.ada, "from": "2026-01-10T00:00:00Z", "to": "2026-01-11T00:00:00Z" });
    let backfill = shop.seller.world.post("/v1/usage/backfills", open).is(201).id();
    let event = json!([{ "specversion": "1.0", "id": "c", "source": "api", "type": "llm", "subject": "ada",
        "time": "2026-01-10T00:00:00Z", "data": { "n": 30 } }]);
    shop.seller.world.post(&format!("/v1/usage/backfills/{backfill}/events"), event).is(200);
    shop.seller.world.post(&format!("/v1/usage/backfills/{backfill}/close"), json!({})).is(200);
    shop.seller.advance_to("2026-03-02");
    assert_eq!(shop.has(), has("90.00", "0.00"));
    let credits = shop.seller.world.get(&format!("/v1/customers/{}/credits", shop.ada)).is(200);
    let left = |n: usize| {
        (credits.json["grants"][n]["name"].clone(), credits.json["grants"][n]["remaining"].clone())
    };
    assert_eq!([left(0), left(1)], [(json!("first"), json!("10.00")), (json!("last"), json!("80.00"))]);
}

#[test]
fn what_a_note_or_a_void_gives_back_comes_back_to_what_was_drawn_last_whichever_was_granted_first() {
    let shop = Tokens::new().subscribed("send_invoice");
    shop.grant(json!({ "source": "promotional", "amount": "80.00", "name": "last", "priority": 2 }));
    shop.grant(json!({ "source": "promotional", "amount": "40.00", "name": "first", "priority": 1 }));
    shop.use_up("a", "2026-01-10T00:00:00Z", 100);
    shop.seller.advance_to("2026-02-10");
    let left = || {
        let credits = shop.seller.world.get(&format!("/v1/customers/{}/credits", shop.ada)).is(200);
        let remaining = |name: &str| {
            let all = credits.json["grants"].as_array().unwrap();
            let found = all.iter().find(|grant| grant["name"] == name);
            found.map_or("0.00".to_owned(), |grant| grant["remaining"].as_str().unwrap().to_owned())
        };
        [remaining("first"), remaining("last")]
    };
    assert_eq!(left(), ["0.00", "20.00"]);
    let id =
        shop.seller.world.get(&format!("/v1/invoices?customer_id={}", shop.ada)).is(200).data()[0].clone();
    let lines = json!([{ "line_no": 1, "amount": "30.00" }]);
    let note =
        json!({ "invoice_id": id["id"], "reason": "goodwill", "to": "credit_balance", "lines": lines });
    shop.seller.world.post("/v1/credit_notes", note).is(201);
    assert_eq!(left(), ["0.00", "50.00"]);
}

#[test]
fn what_comes_back_to_a_grant_that_has_expired_expires_at_once() {
    let shop = Tokens::new().card().subscribed("automatic");
    let until = "2026-02-05T00:00:00Z";
    shop.grant(json!({ "source": "purchased", "amount": "60.00", "price": "30.00", "expires_at": until }));
    shop.grant(json!({ "source": "promotional", "amount": "40.00", "expires_at": until }));
    shop.use_up("a", "2026-01-10T00:00:00Z", 100);
    shop.seller.advance_to("2026-02-10");
    shop.void("a");
    shop.seller.advance_to("2026-03-02");
    assert_eq!(shop.has(), has("0.00", "0.00"));
    let books = balances(&shop.seller);
    assert_eq!(
        (&*books["breakage"], books.get("promotional_credits"), books.get("revenue")),
        ("30.00", None, None)
    );
}

#[test]
fn what_comes_back_to_a_grant_that_was_voided_is_money_as_far_as_it_was_paid() {
    let shop = Tokens::new().card().subscribed("automatic");
    shop.grant(json!({ "source": "purchased", "price": "50.00" }));
    shop.use_up("a", "2026-01-10T00:00:00Z", 60);
    shop.seller.advance_to("2026-02-10");
    let grant =
        shop.seller.world.get("/v1/credit_grants").is(200).data()[0]["id"].as_str().unwrap().to_owned();
    shop.seller.world.post(&format!("/v1/credit_grants/{grant}/void"), json!({})).is(200);
    assert_eq!(shop.has(), has("0.00", "20.00"));
    shop.void("a");
    shop.seller.advance_to("2026-03-02");
    assert_eq!(shop.has(), has("0.00", "50.00"), "all that was paid, and no more");
}

#[test]
fn a_draft_that_takes_usage_back_beside_a_charge_gives_credits_back_and_leaves_the_charge_due() {
    let shop = Tokens::sold_by(Seller::on("2026-01-01"), true).card().subscribed("automatic");
    shop.grant(json!({ "source": "promotional" }));
    shop.use_up("a", "2026-01-10T00:00:00Z", 100);
    shop.use_up("b", "2026-02-27T00:00:00Z", 70);
    shop.seller.world.patch("/v1/billing_settings", json!({ "draft_hours": 72 })).is(200);
    shop.seller.advance_to("2026-02-28T23:59:59Z");
    shop.void("a");
    shop.seller.advance_to("2026-03-05");
    // Credits come back, and pay the usage of February; money pays the base, whether on one invoice or on two.
    assert_eq!(shop.has(), has("30.00", "0.00"), "{:#?}", shop.bills());
}

#[test]
fn usage_on_an_invoice_that_was_corrected_comes_back_as_credits_once_or_twice() {
    for (corrections, left) in [(&["60.00"][..], "40.00"), (&["60.00", "30.00"], "70.00")] {
        let shop = Tokens::new().card().subscribed("automatic");
        shop.grant(json!({ "source": "promotional" }));
        shop.use_up("a", "2026-01-10T00:00:00Z", 100);
        shop.seller.advance_to("2026-02-10");
        for amount in corrections {
            let invoices = shop.seller.world.get(&format!("/v1/invoices?customer_id={}", shop.ada)).is(200);
            let newest = invoices.data().iter().max_by_key(|i| i["id"].as_str().unwrap()).unwrap().clone();
            let body = json!({ "reason": "fewer tokens", "lines": [{ "line_no": 1, "amount": amount }] });
            let path = format!("/v1/invoices/{}/correct", newest["id"].as_str().unwrap());
            shop.seller.world.post(&path, body).is(201);
        }
        assert_eq!(shop.has(), has(left, "0.00"));
        shop.void("a");
        shop.seller.advance_to("2026-03-02");
        assert_eq!(shop.has(), has("100.00", "0.00"), "{:#?}", shop.bills());
    }
}

#[test]
fn credits_pay_of_a_draft_the_usage_that_a_person_left_on_it_and_not_the_base() {
    let shop = Tokens::sold_by(Seller::on("2026-01-01"), true).card().subscribed("automatic");
    shop.grant(json!({ "source": "promotional" }));
    shop.use_up("a", "2026-01-10T00:00:00Z", 100);
    shop.seller.world.patch("/v1/billing_settings", json!({ "draft_hours": 72 })).is(200);
    shop.seller.advance_to("2026-02-02");
    let draft = shop.seller.world.get("/v1/invoices?status=draft").is(200).data()[0].clone();
    let path = format!("/v1/invoices/{}", draft["id"].as_str().unwrap());
    let lines = shop.seller.world.get(&path).is(200).json["lines"].as_array().unwrap().clone();
    let tokens = lines.iter().find(|line| line["amount"] == "100.00").unwrap();
    let no = tokens["id"].as_str().unwrap().rsplit_once('-').unwrap().1;
    let path = format!("{path}/lines/{no}");
    shop.seller.world.patch(&path, json!({ "amount": "40.00" })).is(200);
    shop.seller.advance_to("2026-02-10");
    assert_eq!(shop.bills()[1], "paid 60.00 credits 40.00 paid 20.00");
    assert_eq!(shop.has(), has("60.00", "0.00"));
    shop.void("a");
    shop.seller.advance_to("2026-03-10");
    assert_eq!(shop.has(), has("100.00", "0.00"), "{:#?}", shop.bills());
}

#[test]
fn books_in_which_credits_pay_more_than_usage_are_found() {
    let planted = [
        ("DELETE FROM usage_taken_back WHERE tenant_id = $t", vec!["invoices_gave_back_what_they_say"]),
        (
            "UPDATE usage_taken_back SET amount = amount + 1 WHERE tenant_id = $t",
            vec!["no_more_usage_is_taken_back_than_was_billed"],
        ),
        (
            "UPDATE credit_drawdowns SET returned = 0 WHERE tenant_id = $t",
            vec![
                "credits_pay_no_more_than_all_usage",
                "credits_pay_usage_and_no_more",
                "grants_are_what_was_not_drawn",
            ],
        ),
    ];
    for (plant, expected) in planted {
        // Not settled at its end: its books are wrong.
        let shop = std::mem::ManuallyDrop::new(
            Tokens::sold_by(Seller::alone_on("2026-01-01"), false).subscribed("automatic"),
        );
        shop.grant(json!({ "source": "promotional" }));
        shop.use_up("a", "2026-01-10T00:00:00Z", 100);
        shop.seller.advance_to("2026-02-10");
        shop.void("a");
        shop.seller.advance_to("2026-03-02");
        let world = &shop.seller.world;
        world.relay_events();
        let named = world.named_by_checks(world.tenant.id, plant);
        assert_eq!(named, expected, "{plant}: {named:?}");
    }
}
