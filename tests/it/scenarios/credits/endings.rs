//! How do credits end, and where does their money go? They expire, are voided, or come back from an invoice that is voided.

use serde_json::json;

use super::Calls;

#[test]
fn what_expires_unused_is_breakage_and_what_was_given_is_nothing() {
    let shop = Calls::on("2026-01-01");
    let ada = shop.customer("ada");
    let until = json!({ "amount": "100.00", "source": "purchased", "price": "90.00", "expires_at": "2026-02-10T00:00:00Z" });
    let bought = shop.grant(&ada, until);
    shop.grant(
        &ada,
        json!({ "amount": "5.00", "source": "promotional", "expires_at": "2026-01-20T00:00:00Z" }),
    );
    shop.seller.advance_to("2026-01-02");
    shop.call("ada", "2026-01-21T00:00:00Z", 5_000);
    shop.seller.advance_to("2026-02-11");
    // 50.00 were drawn, of which 45.00 were paid for; the other 45.00 of the price are breakage.
    assert_eq!(shop.bills(&ada)[2], "2026-02-01 paid 70.00 credits 50.00 paid 20.00");
    let balances = shop.balances();
    assert_eq!(&*balances["breakage"], "45.00");
    assert_eq!(balances.get("prepaid_credits"), None);
    assert_eq!(&*balances["promotional_credits"], "5.00", "what the price fell short of the amount");
    let grant =
        shop.seller.world.get(&format!("/v1/credit_grants/{}", bought["id"].as_str().unwrap())).is(200);
    assert_eq!(
        (grant.text_at("/status"), grant.text_at("/remaining"), grant.text_at("/closed_amount")),
        ("expired".to_owned(), "0.00".to_owned(), "50.00".to_owned())
    );
    assert_eq!(shop.count_events("credit_grant.expired"), 2);
    let path = format!("/v1/credit_grants/{}/void", grant.id());
    shop.seller.world.post(&path, json!({})).is_problem(409, "credit_grant_status");
}

#[test]
fn a_paid_grant_that_is_voided_puts_the_price_of_its_rest_on_the_balance_which_pays_the_next_invoice() {
    let shop = Calls::on("2026-01-01");
    let ada = shop.customer("ada");
    let bought = shop.grant(&ada, json!({ "amount": "100.00", "source": "purchased", "price": "50.00" }));
    shop.seller.advance_to("2026-01-02");
    shop.call("ada", "2026-01-21T00:00:00Z", 4_000);
    shop.seller.advance_to("2026-02-02");
    let path = format!("/v1/credit_grants/{}/void", bought["id"].as_str().unwrap());
    assert_eq!(shop.seller.world.post(&path, json!({})).is(200).text_at("/status"), "void");
    assert_eq!(&*shop.balances()["customer_credit"], "30.00");
    shop.seller.advance_to("2026-03-02");
    assert_eq!(shop.bills(&ada)[3], "2026-03-01 paid 20.00 balance 20.00");
    assert_eq!(&*shop.balances()["customer_credit"], "10.00");
}

#[test]
fn of_credits_that_are_given_up_unpaid_what_is_used_is_lost_and_the_rest_cannot_be_used() {
    let shop = Calls::on("2026-01-01");
    let ada = shop.customer("ada");
    let sold = || {
        let more = json!({ "amount": "10.00", "source": "purchased", "activates": "now", "collection": "send_invoice" });
        shop.grant(&ada, more)["invoice_id"].as_str().unwrap().to_owned()
    };
    let (first, second) = (sold(), sold());
    shop.call("ada", "2026-01-21T00:00:00Z", 400);
    shop.seller.advance_to("2026-02-02");
    assert_eq!(shop.left(&ada), "16.00");
    let give_up = |id: &str| {
        let reply =
            shop.seller.world.post(&format!("/v1/invoices/{id}/mark_uncollectible"), json!({})).is(200);
        [reply.text_at("/status"), reply.text_at("/amount_due"), reply.text_at("/amount_credited")]
    };
    assert_eq!(give_up(&first), ["uncollectible", "4.00", "6.00"]);
    assert_eq!(shop.left(&ada), "10.00");
    // Of these none are used: nothing is lost.
    assert_eq!(give_up(&second)[0], "void");
    assert_eq!(shop.left(&ada), "none");
    let balances = shop.balances();
    assert_eq!(&*balances["write_offs"], "4.00");
    for account in ["prepaid_credits", "customer_credit", "accounts_receivable"] {
        assert_eq!(balances.get(account), None, "{account}");
    }
}

#[test]
fn an_unpaid_grant_is_voided_with_its_invoice_and_what_is_used_of_one_stays_owed() {
    let shop = Calls::on("2026-01-01");
    let ada = shop.customer("ada");
    let sold = |activates: &str| {
        let more = json!({ "amount": "10.00", "source": "purchased", "activates": activates, "collection": "send_invoice" });
        let grant = shop.grant(&ada, more);
        (grant["id"].as_str().unwrap().to_owned(), grant["invoice_id"].as_str().unwrap().to_owned())
    };
    let ((unused, first), (used, second)) = (sold("paid"), sold("now"));
    shop.call("ada", "2026-01-21T00:00:00Z", 400);
    shop.seller.advance_to("2026-02-02");
    assert_eq!(shop.left(&ada), "6.00");
    let void = |path: String| shop.seller.world.post(&path, json!({}));
    assert_eq!(void(format!("/v1/credit_grants/{unused}/void")).is(200).text_at("/status"), "void");
    assert_eq!(shop.seller.world.get(&format!("/v1/invoices/{first}")).is(200).text_at("/status"), "void");
    void(format!("/v1/invoices/{second}/void")).is_problem(409, "credits_used");
    assert_eq!(shop.left(&ada), "6.00");
    // What is used stays owed; the rest is taken back, and nothing of it is money.
    assert_eq!(void(format!("/v1/credit_grants/{used}/void")).is(200).text_at("/status"), "void");
    assert_eq!(shop.left(&ada), "none");
    let lowered = shop.seller.world.get(&format!("/v1/invoices/{second}")).is(200);
    assert_eq!(
        (lowered.text_at("/status").as_str(), lowered.text_at("/amount_due").as_str()),
        ("open", "4.00")
    );
    assert_eq!(shop.balances().get("customer_credit"), None);
    void(format!("/v1/credit_grants/{used}/void")).is_problem(409, "credit_grant_status");
    // Paid, it is settled, and the grant stays as it is.
    let receipt = json!({ "customer_id": ada, "invoice_id": second, "amount": "4.00", "currency": "USD" });
    shop.seller.world.post("/v1/payments", receipt).is(201);
    assert_eq!(shop.seller.world.get(&format!("/v1/invoices/{second}")).is(200).text_at("/status"), "paid");
}

#[test]
fn a_grant_that_is_used_and_paid_in_part_puts_what_was_paid_of_the_rest_on_the_balance() {
    let shop = Calls::on("2026-01-01");
    let ada = shop.customer("ada");
    let more =
        json!({ "amount": "10.00", "source": "purchased", "activates": "now", "collection": "send_invoice" });
    let grant = shop.grant(&ada, more);
    let id = |name: &str| grant[name].as_str().unwrap().to_owned();
    shop.call("ada", "2026-01-21T00:00:00Z", 400);
    shop.seller.advance_to("2026-02-02");
    let receipt =
        json!({ "customer_id": ada, "invoice_id": id("invoice_id"), "amount": "7.00", "currency": "USD" });
    shop.seller.world.post("/v1/payments", receipt).is(201);
    shop.seller.world.post(&format!("/v1/credit_grants/{}/void", id("id")), json!({})).is(200);
    let invoice = shop.seller.world.get(&format!("/v1/invoices/{}", id("invoice_id"))).is(200);
    assert_eq!(
        (invoice.text_at("/status").as_str(), invoice.text_at("/credited_while_due").as_str()),
        ("paid", "3.00")
    );
    assert_eq!(&*shop.balances()["customer_credit"], "3.00", "7.00 paid, 4.00 used");
}

#[test]
fn what_a_voided_invoice_drew_can_be_drawn_again() {
    let shop = Calls::on("2026-01-01");
    let ada = shop.seller.customer_like(json!({ "name": "Ada", "external_id": "ada" }));
    shop.seller.subscribe(
        &ada,
        &shop.plan,
        json!({ "collection": "send_invoice", "start_at": "2026-01-01T00:00:01Z" }),
    );
    // A price of a cent for three: its revenue moves a cent at a time.
    shop.grant(&ada, json!({ "amount": "0.03", "source": "purchased", "price": "0.01", "activates": "now" }));
    shop.call("ada", "2026-01-21T00:00:00Z", 1);
    shop.call("ada", "2026-02-21T00:00:00Z", 1);
    shop.seller.advance_to("2026-03-02");
    assert_eq!(shop.left(&ada), "0.01");
    let drew = shop.seller.world.get(&format!("/v1/invoices?customer_id={ada}&limit=100")).is(200);
    let mut drew: Vec<String> = drew
        .data()
        .iter()
        .filter(|i| i["credits_applied"] != "0.00")
        .map(|i| i["id"].as_str().unwrap().to_owned())
        .collect();
    drew.sort();
    assert_eq!(drew.len(), 2);
    shop.seller.world.post(&format!("/v1/invoices/{}/void", drew[0]), json!({})).is(200);
    assert_eq!(shop.left(&ada), "0.02");
    assert_eq!(shop.count_events("credit_grant.returned"), 1);
}
