//! From which entity does a customer buy? From the one that serves its country, unless it says; and from another only once nothing is open.

use serde_json::json;

use super::House;

#[test]
fn a_customer_buys_from_who_serves_its_country_unless_it_says() {
    let house = House::open();
    let entity = |fields| house.customer(fields).is(201).text_at("/entity_id");
    assert_eq!(entity(json!({ "address": { "country": "AT" } })), house.german);
    assert_eq!(entity(json!({ "address": { "country": "ES" } })), house.french);
    assert_eq!(entity(json!({})), house.french);
    assert_eq!(entity(json!({ "address": { "country": "AT" }, "entity_id": house.french })), house.french);
    let strange = json!({ "entity_id": "ent_01jgejp8g0e3q9k0v6z4t1x2y3" });
    house.customer(strange).is_problem(422, "unknown_entity");
    let listed = house.world.get(&format!("/v1/customers?entity_id={}", house.german)).is(200);
    assert_eq!(listed.data().len(), 1);
}

#[test]
fn a_customer_moves_only_when_nothing_is_open() {
    let house = House::open();
    let berlin = house.customer_in("DE");
    let path = format!("/v1/customers/{berlin}");
    let to_french = json!({ "entity_id": house.french });
    let invoice = house.invoice(&berlin, "10.00");
    let tied = house.world.patch(&path, to_french.clone()).is_problem(409, "customer_tied");
    assert!(tied.text_at("/detail").contains("1 draft or unpaid invoice"), "{}", tied.text);
    house.pay(&invoice);
    let note = json!({ "invoice_id": invoice, "reason": "outage", "to": "credit_balance" });
    house.world.post("/v1/credit_notes", note).is(201);
    let tied = house.world.patch(&path, to_french.clone()).is_problem(409, "customer_tied");
    assert!(tied.text_at("/detail").contains("1 credit or balance"), "{}", tied.text);
    house
        .world
        .post(
            &format!("{path}/credit_balance/pay_out"),
            json!({ "currency": "EUR", "to": "outside", "reference": "SEPA 1" }),
        )
        .is(201);
    assert_eq!(house.world.patch(&path, to_french).is(200).text_at("/entity_id"), house.french);
    house.invoice(&berlin, "20.00");
    assert_eq!(house.invoices(&berlin), ["INV-DE-000001 10.00 + 1.90 DE", "INV-000001 20.00 + 4.00 FR"]);
}

#[test]
fn a_customer_with_a_subscription_stays_once_that_was_invoiced() {
    let house = House::open();
    let berlin = house.customer_in("DE");
    let path = format!("/v1/customers/{berlin}");
    let later = json!({ "customer_id": berlin, "plan_id": house.plan, "collection": "send_invoice", "start_at": "2026-02-01T00:00:00Z" });
    let subscription = house.world.post("/v1/subscriptions", later).is(201).id();
    // Nothing was invoiced: it goes with all it has.
    house.world.patch(&path, json!({ "entity_id": house.french })).is(200);
    house.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(house.invoices(&berlin), ["INV-000001 31.00 + 6.20 FR"]);
    let invoice = house.world.get(&format!("/v1/invoices?customer_id={berlin}")).text_at("/data/0/id");
    house.pay(&invoice);
    let back = json!({ "entity_id": house.german });
    house.world.patch(&path, back.clone()).is_problem(409, "customer_tied");
    let upcoming = house.world.get(&format!("/v1/subscriptions/{subscription}/upcoming_invoice")).is(200);
    assert_eq!(upcoming.text_at("/entity_id"), house.french);
    let end = json!({ "effective_at": "period_end" });
    house.world.post(&format!("/v1/subscriptions/{subscription}/cancel"), end).is(200);
    // Its end may still be moved back, and late usage may come.
    house.world.advance_to("2026-03-01T00:00:00Z");
    house.world.patch(&path, back).is_problem(409, "customer_tied");
}

#[test]
fn a_subscription_that_was_invoiced_to_the_payer_ties_whoever_has_it() {
    let house = House::open();
    let group = house.customer_in("DE");
    let branch = house.customer(json!({ "parent_id": group, "address": { "country": "FR" } })).is(201).id();
    house.subscribe(&branch);
    let invoice = house.world.get(&format!("/v1/invoices?customer_id={group}")).text_at("/data/0/id");
    house.pay(&invoice);
    let path = format!("/v1/customers/{branch}");
    house.world.patch(&path, json!({ "pays": "self" })).is(200);
    let tied =
        house.world.patch(&path, json!({ "entity_id": house.french })).is_problem(409, "customer_tied");
    assert!(tied.text_at("/detail").contains("1 invoiced subscription"), "{}", tied.text);
}

#[test]
fn who_is_paid_for_buys_from_the_entity_of_who_pays_and_moves_with_it() {
    let house = House::open();
    let group = house.customer_in("DE");
    let branch = house.customer(json!({ "parent_id": group, "address": { "country": "FR" } })).is(201);
    assert_eq!(branch.text_at("/entity_id"), house.german);
    let other = json!({ "parent_id": group, "entity_id": house.french });
    house.customer(other).is_problem(422, "entity_of_payer");
    let alone = json!({ "parent_id": group, "entity_id": house.french, "pays": "self" });
    let alone = house.customer(alone).is(201).id();
    let by_parent = json!({ "pays": "parent" });
    house.world.patch(&format!("/v1/customers/{alone}"), by_parent).is_problem(422, "entity_of_payer");
    let path = format!("/v1/customers/{}", branch.id());
    house.world.patch(&path, json!({ "entity_id": house.french })).is_problem(422, "entity_of_payer");
    house.world.patch(&format!("/v1/customers/{group}"), json!({ "entity_id": house.french })).is(200);
    assert_eq!(house.world.get(&path).text_at("/entity_id"), house.french);
    house.world.patch(&format!("/v1/customers/{alone}"), json!({ "pays": "parent" })).is(200);
    // What a branch uses is invoiced to the group, by the group's entity.
    let branch = house.world.get(&path).id();
    house.subscribe(&branch);
    assert_eq!(house.invoices(&group), ["INV-000001 31.00 + 6.20 FR"]);
}
