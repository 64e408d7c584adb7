//! What is paid in cash where there are no coins for the rest? Of 10.03 francs 10.05 are taken: the invoice is paid, and 0.02 are a gain.

use serde_json::{Value, json};

use super::Shop;

impl Shop {
    /// An issued invoice of this much, by hand.
    fn owes(&self, customer: &str, (currency, amount): (&str, &str)) -> String {
        let body = json!({ "customer_id": customer, "currency": currency, "collection": "send_invoice",
            "lines": [{ "description": "Work", "amount": amount }] });
        let id = self.world.post("/v1/invoices", body).is(201).id();
        self.world.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200).id()
    }

    /// Pays it in cash: `paid 10.03 + 0.02`, its status, the payment and what was taken beyond it.
    fn pay_in_cash(&self, invoice: &str) -> String {
        let path = format!("/v1/invoices/{invoice}/pay");
        let paid = self.world.post(&path, json!({ "offline": { "cash": true } })).is(200);
        let payments = self.world.get(&format!("/v1/payments?invoice_id={invoice}")).is(200);
        let text = |name: &str| payments.data()[0][name].as_str().unwrap().to_owned();
        format!("{} {} + {}", paid.text_at("/status"), text("amount"), text("cash_rounding"))
    }

    /// The balance of an account in a currency.
    fn balance(&self, account: &str, currency: &str) -> String {
        let reply = self.world.get("/v1/ledger/balances").is(200);
        let is_it = |row: &&Value| row["account"] == account && row["currency"] == currency;
        reply
            .data()
            .iter()
            .find(is_it)
            .map_or("-".to_owned(), |row| row["balance"].as_str().unwrap().to_owned())
    }
}

#[test]
fn francs_are_taken_to_five_centimes_and_the_rest_is_gained_or_lost() {
    let shop = Shop::open();
    let ada = shop.customer();
    let pay = |amount: &str| shop.pay_in_cash(&shop.owes(&ada, ("CHF", amount)));
    assert_eq!(pay("10.03"), "paid 10.03 + 0.02");
    assert_eq!(pay("10.02"), "paid 10.02 + -0.02");
    assert_eq!(pay("10.04"), "paid 10.04 + 0.01");
    assert_eq!(pay("10.00"), "paid 10.00 + 0.00");
    assert_eq!(pay("0.02"), "paid 0.02 + -0.02");
    assert_eq!(shop.balance("cash_clearing", "CHF"), "40.10");
    assert_eq!(shop.balance("cash_rounding", "CHF"), "-0.01");
    assert_eq!(shop.balance("accounts_receivable", "CHF"), "0.00");
    // What is not paid in cash is paid as it is.
    let invoice = shop.owes(&ada, ("CHF", "10.03"));
    let path = format!("/v1/invoices/{invoice}/pay");
    shop.world.post(&path, json!({ "offline": { "reference": "SEPA" } })).is(200);
    assert_eq!(shop.balance("cash_clearing", "CHF"), "50.13");
}

#[test]
fn euros_are_rounded_where_the_entity_is_and_as_it_says() {
    let shop = Shop::open();
    let ada = shop.customer();
    let pay = |amount: &str| shop.pay_in_cash(&shop.owes(&ada, ("EUR", amount)));
    assert_eq!(pay("10.03"), "paid 10.03 + 0.00");
    let entity = shop.world.get("/v1/entities").is(200).text_at("/data/0/id");
    let set = |change: Value| shop.world.patch(&format!("/v1/entities/{entity}"), change);
    set(json!({ "country": "FI" })).is(200);
    assert_eq!(pay("10.00"), "paid 12.55 + 0.00");
    assert_eq!(pay("10.01"), "paid 12.56 + -0.01");
    set(json!({ "cash_rounding": { "EUR": "0" } })).is(200);
    assert_eq!(pay("10.01"), "paid 12.56 + 0.00");
    set(json!({ "cash_rounding": { "EUR": "0.10", "CHF": "1" } })).is(200);
    assert_eq!(pay("10.01"), "paid 12.56 + 0.04");
    let refused = set(json!({ "cash_rounding": { "EUR": "0.001" } }));
    assert_eq!(refused.is(422).faults(), [("/cash_rounding/EUR".to_owned(), "out_of_range".to_owned())]);
}

#[test]
fn the_same_call_again_takes_no_cash_again() {
    let shop = Shop::open();
    let invoice = shop.owes(&shop.customer(), ("CHF", "10.03"));
    let path = format!("/v1/invoices/{invoice}/pay");
    let body = json!({ "offline": { "cash": true } });
    for _ in 0..2 {
        let sent = shop.world.request("POST", &path).header("Idempotency-Key", "cash");
        crate::harness::Reply::of(sent.json(&body)).is(200);
    }
    shop.world.post(&path, body).is(409);
    assert_eq!(shop.balance("cash_clearing", "CHF"), "10.05");
    // Given back is what was due: nobody pays for coins that there are not.
    let note = json!({ "invoice_id": invoice, "reason": "outage", "to": "refund" });
    let note = shop.world.post("/v1/credit_notes", note).is(201);
    assert_eq!(note.text_at("/to_refund"), "10.03");
    assert_eq!(shop.balance("cash_rounding", "CHF"), "0.02");
}
