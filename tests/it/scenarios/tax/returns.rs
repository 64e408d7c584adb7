//! What is declared in the forms of their own? The one-stop shop's by member state, sales to businesses by VAT number, the United States by
//! state: as each sale was taxed when it was invoiced, whatever changed since.

use serde_json::json;

use super::invoices::{Shop, in_country};
use super::reports::{credit, figures, sell};
use crate::harness::World;

const JANUARY: &str = "from=2026-01-01&until=2026-02-01";
const FEBRUARY: &str = "from=2026-02-01&until=2026-03-01";
const APRIL: &str = "from=2026-04-01&until=2026-07-01";
const FIRST_QUARTER: &str = "from=2026-01-01&until=2026-04-01";

fn oss(world: &World, period: &str) -> Vec<String> {
    let names = ["member_state", "jurisdiction", "rate", "corrects", "taxable", "tax"];
    figures(world, &format!("/v1/tax/returns/oss?{period}"), &names)
}

fn ec_sales(world: &World, period: &str) -> Vec<String> {
    let names = ["country", "buyer_number", "supplied", "currency", "value", "lines"];
    figures(world, &format!("/v1/tax/returns/ec_sales?{period}"), &names)
}

#[test]
fn the_one_stop_shop_declares_consumers_by_member_state_and_corrects_earlier_quarters_apart() {
    let shop = Shop::open();
    let world = &shop.world;
    world.post("/v1/tax/registrations", json!({ "country": "FR" })).is(201);
    let registration = json!({ "country": "FR", "scheme": "oss", "valid_from": "2026-01-01" });
    let registration = world.post("/v1/tax/registrations", registration).is(201).id();
    let hamburg = shop.customer(in_country("DE"));
    let funchal = shop.customer(json!({ "address": { "country": "PT", "postal_code": "9000-001" } }));
    let paris = shop.customer(in_country("FR"));
    let first = sell(world, &hamburg, "100.00");
    let second = sell(world, &hamburg, "10.00");
    sell(world, &funchal, "50.00");
    sell(world, &paris, "500.00");
    let of_january = ["DE DE 19 null 110.00 20.90", "PT PT-30 22 null 50.00 11.00"];
    assert_eq!(oss(world, JANUARY), of_january);
    // It ends: later sales below 10,000 EUR a year are taxed at home; what was declared stays, and what corrects it goes the same way.
    world
        .patch(&format!("/v1/tax/registrations/{registration}"), json!({ "valid_to": "2026-02-01" }))
        .is(200);
    world.advance_to("2026-02-10T00:00:00Z");
    sell(world, &hamburg, "40.00");
    credit(world, &first, "30.00");
    assert_eq!(oss(world, JANUARY), of_january);
    assert_eq!(oss(world, FEBRUARY), ["DE DE 19 2026-Q1 -30.00 -5.70"]);
    // Within the quarter it is no correction.
    assert_eq!(oss(world, FIRST_QUARTER), ["DE DE 19 null 80.00 15.20", "PT PT-30 22 null 50.00 11.00"]);
    world.advance_to("2026-04-03T00:00:00Z");
    credit(world, &first, "20.00");
    world.post(&format!("/v1/invoices/{second}/void"), json!({})).is(200);
    assert_eq!(oss(world, APRIL), ["DE DE 19 2026-Q1 -30.00 -5.70"]);
    let table = world.get(&format!("/v1/tax/returns/oss?{APRIL}&format=csv")).is(200).text;
    let rows = "member_state,currency,jurisdiction,rate,corrects,taxable,tax,lines,taxable_eur,tax_eur,exchange_rate,exchange_rate_date,\
                exchange_rate_source,no_rate\r\nDE,EUR,DE,19,2026-Q1,-30.00,-5.70,2,-30.00,-5.70,,,,false\r\n";
    assert_eq!(table, rows);
}

#[test]
fn what_a_bill_gives_back_of_an_earlier_quarter_corrects_that_quarter() {
    let shop = Shop::open();
    let world = &shop.world;
    world.post("/v1/tax/registrations", json!({ "country": "FR" })).is(201);
    world.post("/v1/tax/registrations", json!({ "country": "FR", "scheme": "oss" })).is(201);
    let vienna = shop.customer(in_country("AT"));
    let subscription = shop.subscribe(&vienna, &shop.plan);
    world.advance_to("2026-04-11T00:00:00Z");
    // March from the 11th, 21 of its 31 days, and all of April.
    let cancel = json!({ "effective_at": "2026-03-11T00:00:00Z", "invoice": "now" });
    world.post(&format!("/v1/subscriptions/{subscription}/cancel"), cancel).is(200);
    assert_eq!(oss(world, FIRST_QUARTER), ["AT AT 20 null 93.00 18.60"]);
    assert_eq!(oss(world, APRIL), ["AT AT 20 null 0.00 0.00", "AT AT 20 2026-Q1 -21.00 -4.20"]);
}

/// 100.00 of January, corrected to 112.00 in April: the 12.00 correct the first quarter, and nothing was sold in the second.
#[test]
fn what_takes_the_place_of_an_invoice_of_an_earlier_quarter_corrects_that_quarter() {
    let shop = Shop::open();
    let world = &shop.world;
    world.post("/v1/tax/registrations", json!({ "country": "FR" })).is(201);
    world.post("/v1/tax/registrations", json!({ "country": "FR", "scheme": "oss" })).is(201);
    let hamburg = shop.customer(in_country("DE"));
    let first = sell(world, &hamburg, "100.00");
    let correct = |invoice: &str, amount: &str| {
        let body = json!({ "reason": "agreed", "lines": [{ "line_no": 1, "amount": amount }] });
        world.post(&format!("/v1/invoices/{invoice}/correct"), body).is(201).text_at("/invoice/id")
    };
    // Within the quarter it is no correction.
    world.advance_to("2026-02-01T00:00:00Z");
    let second = correct(&first, "110.00");
    assert_eq!(oss(world, FIRST_QUARTER), ["DE DE 19 null 110.00 20.90"]);
    world.advance_to("2026-04-03T00:00:00Z");
    let third = correct(&second, "112.00");
    assert_eq!(oss(world, FIRST_QUARTER), ["DE DE 19 null 110.00 20.90"]);
    assert_eq!(oss(world, APRIL), ["DE DE 19 2026-Q1 2.00 0.38"]);
    // What is taken back of it, too.
    credit(world, &third, "50.00");
    assert_eq!(oss(world, APRIL), ["DE DE 19 2026-Q1 -48.00 -9.12"]);
    let listed = world.get(&format!("/v1/tax/report/lines?{APRIL}&corrects=2026-Q1")).is(200);
    let text = |line: &serde_json::Value, name: &str| line[name].as_str().unwrap().to_owned();
    let lines = listed.data().iter().map(|line| (text(line, "invoice_id"), text(line, "taxable")));
    let mut lines: Vec<(String, String)> = lines.collect();
    let expected = [(&third, "-50.00"), (&second, "-110.00"), (&third, "112.00")];
    let mut expected = expected.map(|(id, amount)| (id.clone(), amount.to_owned())).to_vec();
    lines.sort();
    expected.sort();
    assert_eq!(lines, expected);
}

#[test]
fn sales_to_businesses_are_listed_by_the_number_they_had_and_those_without_one_as_missing() {
    let shop = Shop::open();
    let world = &shop.world;
    let number = |value: &str| json!([{ "type": "eu_vat", "value": value, "status": "valid" }]);
    let berlin =
        shop.customer(json!({ "address": { "country": "DE" }, "tax_ids": number("DE 136 695 976") }));
    let athens = shop.customer(json!({ "address": { "country": "GR" }, "tax_ids": number("EL094259216") }));
    let oslo = shop.customer(json!({ "address": { "country": "NO" } }));
    let first = sell(world, &berlin, "50.00");
    sell(world, &berlin, "30.00");
    sell(world, &athens, "20.00");
    sell(world, &oslo, "99.00");
    let of_january = ["DE DE136695976 services EUR 80.00 2", "EL EL094259216 services EUR 20.00 1"];
    assert_eq!(ec_sales(world, JANUARY), of_january);
    world.advance_to("2026-02-01T00:00:00Z");
    world.patch(&format!("/v1/customers/{berlin}"), json!({ "tax_ids": number("DE115235681") })).is(200);
    credit(world, &first, "5.00");
    sell(world, &berlin, "7.00");
    assert_eq!(
        ec_sales(world, FEBRUARY),
        ["DE DE115235681 services EUR 7.00 1", "DE DE136695976 services EUR -5.00 1"]
    );
    assert_eq!(ec_sales(world, JANUARY), of_january);
    let sql = format!(
        "UPDATE invoice_line_taxes SET buyer_number = NULL WHERE tenant_id = '{}' AND buyer_number = 'EL094259216'",
        world.tenant.id.uuid()
    );
    diesel::connection::SimpleConnection::batch_execute(&mut world.database.connect(), &sql).unwrap();
    assert_eq!(
        ec_sales(world, JANUARY),
        ["GR null services EUR 20.00 1", "DE DE136695976 services EUR 80.00 2"]
    );
    let table = world.get(&format!("/v1/tax/returns/ec_sales?{JANUARY}&format=csv")).is(200).text;
    assert_eq!(table.lines().nth(1).unwrap(), "GR,,services,EUR,20.00,1");
}

#[test]
fn sales_into_the_united_states_are_taxed_exempt_or_not_collected_by_state() {
    let world = World::of("2026-01-10T00:00:00Z", "UTC", "USD");
    world.patch("/v1/tax/settings", json!({ "country": "US", "state": "CA" })).is(200);
    for state in ["CA", "TX"] {
        world.post("/v1/tax/registrations", json!({ "country": "US", "state": state })).is(201);
    }
    let sell_to = |state: &str, amount: &str| {
        let body =
            json!({ "name": "Ada", "currency": "USD", "address": { "country": "US", "state": state } });
        let customer = world.post("/v1/customers", body).is(201).id();
        sell(&world, &customer, amount)
    };
    sell_to("CA", "40.00");
    let texas = sell_to("TX", "100.00");
    sell_to("NY", "50.00");
    let names = ["state", "registered", "sales", "taxable", "exempt", "not_collected", "tax"];
    let us = |period: &str| figures(&world, &format!("/v1/tax/returns/us?{period}"), &names);
    assert_eq!(
        us(JANUARY),
        [
            // Software as a service is not taxed in California; in Texas 80 % of its price, at 6.25 %.
            "US-CA true 40.00 0.00 40.00 0.00 0.00",
            "US-NY false 50.00 0.00 0.00 50.00 0.00",
            "US-TX true 100.00 80.00 20.00 0.00 5.00",
        ]
    );
    world.advance_to("2026-02-02T00:00:00Z");
    credit(&world, &texas, "10.00");
    assert_eq!(us(FEBRUARY), ["US-TX true -10.00 -8.00 -2.00 0.00 -0.50"]);
    let table = world.get(&format!("/v1/tax/returns/us?{FEBRUARY}&format=csv")).is(200).text;
    let rows = "state,currency,registered,sales,taxable,exempt,not_collected,tax,lines\r\nUS-TX,USD,true,-10.00,-8.00,-2.00,0.00,-0.50,1\r\n";
    assert_eq!(table, rows);
}

/// The country whose tax each invoice of a customer has, the oldest first.
fn taxed_in(shop: &Shop, customer: &str) -> Vec<String> {
    let countries = |shown: String| shown.split("| ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    shop.invoices(customer).into_iter().map(countries).collect()
}

#[test]
fn the_sale_that_goes_above_ten_thousand_euros_across_borders_is_the_first_taxed_where_its_buyer_is() {
    let shop = Shop::open();
    let world = &shop.world;
    let hamburg = shop.customer(in_country("DE"));
    let madrid = shop.customer(in_country("ES"));
    let paris = shop.customer(in_country("FR"));
    let berlin = shop.customer(json!({ "address": { "country": "DE" },
        "tax_ids": [{ "type": "eu_vat", "value": "DE136695976", "status": "valid" }] }));
    let what_if = |amount: &str| {
        let body = json!({ "currency": "EUR", "customer": { "address": { "country": "ES" } }, "lines": [{ "amount": amount }] });
        world.post("/v1/tax/calculate", body).is(200).text_at("/lines/0/taxes/0/jurisdiction")
    };
    // Neither sales at home nor to businesses count.
    sell(world, &paris, "50000.00");
    sell(world, &berlin, "50000.00");
    let first = sell(world, &hamburg, "9000.00");
    sell(world, &madrid, "1000.00");
    assert_eq!((what_if("0.00"), what_if("0.01")), ("FR".to_owned(), "ES".to_owned()));
    // 10,000.00 are not above it; 500.00 given back make room for 500.00.
    credit(world, &first, "500.00");
    sell(world, &madrid, "500.00");
    sell(world, &madrid, "0.01");
    sell(world, &hamburg, "10.00");
    assert_eq!(taxed_in(&shop, &hamburg), ["FR", "DE"]);
    assert_eq!(taxed_in(&shop, &madrid), ["FR", "FR", "ES"]);
    // Last year's sales were above it; a year later they are not.
    world.advance_to("2027-06-01T00:00:00Z");
    sell(world, &hamburg, "10.00");
    world.advance_to("2028-01-01T00:00:00Z");
    sell(world, &hamburg, "10.00");
    assert_eq!(taxed_in(&shop, &hamburg), ["FR", "DE", "DE", "FR"]);
}

#[test]
fn within_one_run_the_sales_before_count_too() {
    let shop = Shop::open();
    let plan = shop.sell("big", "3000.00");
    let customers = [(); 2].map(|()| shop.customer(in_country("DE")));
    for customer in &customers {
        shop.subscribe(customer, &plan);
    }
    shop.world.advance_to("2026-02-01T00:00:00Z");
    // 6,000.00 in January; in the run of February 9,000.00 with the first and 12,000.00 with the second.
    let mut second: Vec<Vec<String>> = customers.iter().map(|customer| taxed_in(&shop, customer)).collect();
    second.sort();
    assert_eq!(second, [["FR", "DE"], ["FR", "FR"]]);
}
