//! Who is taxed how? Each entity as the seller it is: at home where it is established, registered where it is registered, with a threshold and
//! returns of its own.

use serde_json::{Value, json};

use super::House;

fn register(house: &House, entity: &str, fields: Value) {
    let mut body = json!({ "entity_id": entity });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    house.world.post("/v1/tax/registrations", body).is(201);
}

#[test]
fn one_bill_run_taxes_each_customer_as_its_entity_does() {
    let house = House::open();
    register(&house, &house.french, json!({ "country": "FR", "scheme": "oss" }));
    let (berlin, paris, madrid) = (house.customer_in("DE"), house.customer_in("FR"), house.customer_in("ES"));
    // Of the German entity, which is in no one-stop shop and sold nothing abroad before.
    let lisbon =
        house.customer(json!({ "address": { "country": "PT" }, "entity_id": house.german })).is(201).id();
    let customers = [&berlin, &paris, &madrid, &lisbon];
    customers.iter().for_each(|customer| {
        house.subscribe(customer);
    });
    house.world.advance_to("2026-02-01T00:00:00Z");
    let second = |customer: &str| house.invoices(customer)[1].split_once(' ').unwrap().1.to_owned();
    assert_eq!(
        customers.map(|customer| second(customer)),
        ["31.00 + 5.89 DE", "31.00 + 6.20 FR", "31.00 + 6.51 ES", "31.00 + 5.89 DE"]
    );
}

#[test]
fn the_threshold_of_sales_across_borders_is_of_each_entity_by_itself() {
    let house = House::open();
    let madrid = house.customer_in("ES");
    let vienna = house.customer_in("AT");
    house.invoice(&madrid, "9990.00");
    // 9,990.00 of the French entity are none of the German one's 10,000.
    house.invoice(&vienna, "100.00");
    house.invoice(&madrid, "100.00");
    assert_eq!(house.invoices(&madrid), ["INV-000001 9990.00 + 1998.00 FR", "INV-000002 100.00 + 21.00 ES"]);
    assert_eq!(house.invoices(&vienna), ["INV-DE-000001 100.00 + 19.00 DE"]);
}

#[test]
fn a_return_is_of_one_entity_and_the_report_of_all_or_of_one() {
    let house = House::open();
    for entity in [&house.french, &house.german] {
        register(
            &house,
            entity,
            json!({ "country": if *entity == house.french { "FR" } else { "DE" }, "scheme": "oss" }),
        );
    }
    house.invoice(&house.customer_in("ES"), "100.00");
    house.invoice(&house.customer_in("AT"), "200.00");
    let days = "from=2026-01-01&until=2026-04-01";
    house.world.get(&format!("/v1/tax/returns/oss?{days}")).is_problem(422, "entity_required");
    let return_of = |entity: &str| {
        let answer = house.world.get(&format!("/v1/tax/returns/oss?{days}&entity_id={entity}")).is(200);
        let rows = answer
            .data()
            .iter()
            .map(|row| format!("{} {}", row["member_state"], row["tax"]).replace('"', ""));
        (rows.collect::<Vec<_>>(), answer.data()[0]["lines_url"].as_str().unwrap().to_owned())
    };
    let (rows, url) = return_of(&house.french);
    assert_eq!(rows, ["ES 21.00"]);
    assert_eq!(house.world.get(&url).is(200).data().len(), 1);
    assert_eq!(return_of(&house.german).0, ["AT 40.00"]);
    let payable = |entity: &str| {
        let report = house.world.get(&format!("/v1/tax/report?{days}{entity}")).is(200).json;
        format!("{} {}", report["sums"][0]["tax"], report["sums"][0]["tax_payable"]).replace('"', "")
    };
    assert_eq!(payable(""), "61.00 61.00");
    assert_eq!(payable(&format!("&entity_id={}", house.german)), "40.00 40.00");
    house.world.get("/v1/tax/nexus").is_problem(422, "entity_required");
    house.world.get(&format!("/v1/tax/nexus?entity_id={}", house.german)).is(200);
}

#[test]
fn a_what_if_is_of_the_entity_it_names() {
    let house = House::open();
    let sale = |fields: Value| {
        let mut body = json!({ "currency": "EUR", "customer": { "address": { "country": "DE" }, "tax_ids": [] },
                               "lines": [{ "amount": "100.00" }] });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        house.world.post("/v1/tax/calculate", body)
    };
    assert_eq!(sale(json!({})).is(200).text_at("/tax_total"), "20.00");
    assert_eq!(sale(json!({ "entity_id": house.german })).is(200).text_at("/tax_total"), "19.00");
    let both = json!({ "entity_id": house.german, "seller": { "country": "FR" } });
    sale(both).is_problem(422, "seller_given");
}
