//! Who sees what opens an account? Nobody; and what does an account refuse, before anything is written?

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::{Value, json};

use super::{SECRET, Till, account_at};
use crate::harness::{Fault, Stripe, World};

#[test]
fn what_opens_an_account_is_sealed_and_shown_by_no_answer_and_no_event() {
    let till = Till::open();
    let world = &till.shop.world;
    let path = format!("/v1/gateway_accounts/{}", till.account);
    world.patch(&path, json!({ "name": "Stripe, dollar" })).is(200);
    world.relay_events();
    let shown: Vec<String> = ["/v1/gateway_accounts", &path, "/v1/events?limit=1000"]
        .iter()
        .map(|path| world.get(path).is(200).text)
        .collect();
    let kept = format!("{} {}", stored(world), shown.join(" "));
    assert!(!kept.contains("sk_test_of_the_stories") && !kept.contains(SECRET), "{kept}");
    assert!(kept.contains("gateway_account.created") && kept.contains("gateway_account.updated"));
    let account = world.get(&path).is(200);
    assert_eq!(account.text_at("/webhook_path"), format!("/v1/inbound/stripe/{}", till.account));
}

fn stored(world: &World) -> String {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let sql = format!(
        "SELECT string_agg(a::text, ' ') AS text FROM gateway_accounts a WHERE tenant_id = '{}'",
        world.tenant.id.uuid()
    );
    let row: Row = diesel::sql_query(sql).get_result(&mut world.database.connect()).unwrap();
    row.text
}

#[test]
fn an_account_that_cannot_be_is_refused_with_what_to_do_and_nothing_is_written() {
    let till = Till::open();
    let world = &till.shop.world;
    let before = world.rows_of(world.tenant.id);
    let with = |field: &str, value: Value| {
        let mut body = account_at(&till.stripe);
        body[field] = value;
        world.post("/v1/gateway_accounts", body)
    };
    with("gateway", json!("paypal")).is_problem(422, "bad_value");
    with("name", json!(" ")).is_problem(422, "blank");
    with("base_url", json!("https://10.0.0.8")).is_problem(422, "private_address");
    with("base_url", json!("http://stripe.test")).is_problem(422, "insecure_url");
    for more in ["?a=b", "#a", "/../x", "/%2e%2e/x", "/..\\x"] {
        let refused =
            with("base_url", json!(format!("{}{more}", till.stripe.url))).is_problem(422, "malformed_url");
        assert_eq!(refused.text_at("/errors/0/pointer"), "/base_url");
    }
    let with_user = till.stripe.url.replace("http://", "http://ada:secret@");
    with("base_url", json!(with_user)).is_problem(422, "credentials_in_url");
    with("entity_id", json!("ent_01jgejp8g0e3q9k0v6z4t1x2y3")).is_problem(422, "unknown_entity");
    with("credentials", json!({ "secret_key": "" })).is_problem(422, "malformed_credential");
    let three = json!({ "secret_key": "sk_1", "webhook_secrets": ["a", "b", "c"] });
    with("credentials", three).is_problem(422, "too_many");
    let path = format!("/v1/gateway_accounts/{}", till.account);
    let elsewhere = json!({ "base_url": Stripe::open().url });
    world.patch(&path, elsewhere).is_problem(422, "credentials_required");
    assert_eq!(world.rows_of(world.tenant.id), before);
}

#[test]
fn a_method_is_attached_only_at_an_account_that_can_know_it() {
    let till = Till::open();
    let world = &till.shop.world;
    let customer = till.shop.customer();
    let other = world.another_tenant();
    let theirs = other.client.post("/v1/gateway_accounts", account_at(&till.stripe)).is(201).id();
    let before = world.rows_of(world.tenant.id);
    let attach = |more: Value| {
        let mut body = json!({ "customer_id": customer, "kind": "card", "token": "cus_1/pm_ok" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.post("/v1/payment_methods", body)
    };
    attach(json!({ "gateway": "stripe" })).is_problem(422, "gateway_account_required");
    attach(json!({ "gateway": "paypal" })).is_problem(422, "unknown_gateway");
    attach(json!({ "gateway_account_id": theirs })).is_problem(422, "unknown_gateway_account");
    let ours = &till.account;
    attach(json!({ "gateway_account_id": ours, "token": "pm_ok" })).is_problem(422, "unknown_token");
    attach(json!({ "gateway_account_id": ours, "gateway": "simulator" }))
        .is_problem(422, "gateway_of_another_account");
    assert_eq!(world.rows_of(world.tenant.id), before);
    let method = attach(json!({ "gateway_account_id": ours })).is(201);
    assert_eq!(
        (method.text_at("/gateway"), &method.text_at("/gateway_account_id")),
        ("stripe".to_owned(), ours)
    );
}

#[test]
fn a_live_tenant_is_not_paid_by_the_simulator() {
    let world = World::live();
    let customer = world.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
    let card = json!({ "customer_id": customer, "kind": "card", "token": "tok_success" });
    world.post("/v1/payment_methods", card).is_problem(422, "simulator_is_for_tests");
}

#[test]
fn at_an_account_that_was_removed_nothing_is_charged_any_more_and_what_was_charged_goes_back() {
    let till = Till::open();
    let world = &till.shop.world;
    let customer = till.customer("pm_ok");
    let paid = till.shop.invoice(&customer, 5_000);
    till.pay(&paid).is(200);
    let open = till.shop.invoice(&customer, 3_000);
    world.delete(&format!("/v1/gateway_accounts/{}", till.account)).is(200);
    world.get(&format!("/v1/gateway_accounts/{}", till.account)).is_problem(404, "not_found");
    till.pay(&open).is_problem(409, "gateway_account_removed");
    let note = json!({ "invoice_id": paid, "amount": "20.00", "to": "refund", "reason": "outage" });
    let note = world.post("/v1/credit_notes", note).is(201).id();
    till.wait(chrono::TimeDelta::minutes(1));
    let note = world.get(&format!("/v1/credit_notes/{note}")).is(200);
    assert_eq!(note.text_at("/refunds/0/status"), "succeeded");
    assert_eq!((till.stripe.refunds(), till.stripe.intents().len()), (vec![2_000], 1));
    assert_eq!(till.shop.standing(&open).0, "open");
}

#[test]
fn while_something_is_under_way_another_key_is_taken_only_when_it_leads_to_the_same_account() {
    let till = Till::open();
    let world = &till.shop.world;
    let path = format!("/v1/gateway_accounts/{}", till.account);
    let key = |key: &str| json!({ "credentials": { "secret_key": key } });
    // Nobody knows what became of it, and nothing was ever charged that the gateway could be asked about.
    till.stripe.fail(&[Fault::CutBefore]);
    let lost = till.owed("pm_ok", 5_000);
    till.pay(&lost).is(200);
    let before = world.rows_of(world.tenant.id);
    let refused = world.patch(&path, key("sk_new")).is_problem(409, "gateway_account_in_use");
    assert!(refused.text_at("/detail").starts_with("1 payments and 0 refunds"), "{}", refused.text);
    assert_eq!(world.rows_of(world.tenant.id), before);
    world.patch(&path, json!({ "name": "Till", "credentials": { "webhook_secrets": ["whsec_2"] } })).is(200);
    // Settled: any key is taken.
    till.wait(TimeDelta::days(9));
    world.patch(&path, key("sk_new")).is(200);

    till.pay(&till.owed("pm_slow", 1_000)).is(200);
    let elsewhere =
        |key: &str| json!({ "base_url": Stripe::open().url, "credentials": { "secret_key": key } });
    world.patch(&path, elsewhere("sk_of_another_account")).is_problem(409, "gateway_account_in_use");
    world.patch(&path, key("sk_rotated")).is(200);
    till.pay(&till.owed("pm_ok", 1_000)).is(200);
    assert_eq!(till.stripe.heard().last().unwrap().headers["authorization"], "Bearer sk_rotated");
}

#[test]
fn a_brand_is_written_one_way_and_says_whether_its_limits_are_counted() {
    let till = Till::open();
    let customer = till.shop.customer();
    let attach = |brand: &str| {
        let body = json!({ "customer_id": customer, "kind": "card", "gateway_account_id": till.account,
            "token": "cus_1/pm_ok", "brand": brand });
        let method = till.shop.world.post("/v1/payment_methods", body).is(201);
        (method.text_at("/brand"), method.json["network_limits"].as_bool().unwrap())
    };
    assert_eq!(attach(" VISA "), ("visa".to_owned(), true));
    assert_eq!(attach("MasterCard"), ("mastercard".to_owned(), true));
    assert_eq!(attach("elo"), ("elo".to_owned(), false));
}
