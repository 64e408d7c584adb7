//! What are sales in other currencies in euros? In the return of the one-stop shop at the rate of the last day of its period, towards the threshold
//! at that of the day of each sale; and what nobody knows a rate of is marked, never zero.

use serde_json::{Value, json};

use super::super::fx::publish;
use super::invoices::Shop;
use super::reports::{credit, figures, sell};
use crate::harness::World;

const FIRST_QUARTER: &str = "from=2026-01-01&until=2026-04-01";
const SECOND_QUARTER: &str = "from=2026-04-01&until=2026-07-01";

fn german(currency: &str) -> Value {
    json!({ "address": { "country": "DE" }, "currency": currency })
}

fn oss(world: &World, period: &str) -> Vec<String> {
    let names =
        ["member_state", "currency", "corrects", "taxable", "tax", "taxable_eur", "tax_eur", "no_rate"];
    let url = format!("/v1/tax/returns/oss?{period}");
    let mut rows = figures(world, &url, &names);
    let sums = &world.get(&url).is(200).json["sums"];
    rows.push(format!("{} {} {}", sums["taxable"], sums["tax"], sums["without_rate"]).replace('"', ""));
    rows
}

#[test]
fn the_one_stop_shop_is_declared_in_euros_at_the_rate_of_the_last_day_of_the_period() {
    let shop = Shop::open_in(World::own_database("2026-03-20T00:00:00Z"));
    let world = &shop.world;
    world.post("/v1/tax/registrations", json!({ "country": "FR", "scheme": "oss" })).is(201);
    let (euros, dollars, yen) = (german("EUR"), german("USD"), german("JPY"));
    sell(world, &shop.customer(euros), "100.00");
    let sold = sell(world, &shop.customer(dollars), "1000.00");
    sell(world, &shop.customer(yen), "50001");
    // The quarter is not over: its last day has no rate yet, and what is not known is not zero.
    publish(world, "Date,USD,JPY\n2026-03-20,1.0876,162.50\n");
    let unknown = [
        "DE EUR null 100.00 19.00 100.00 19.00 false",
        "DE JPY null 50001 9500 null null true",
        "DE USD null 1000.00 190.00 null null true",
        "null null 2",
    ];
    assert_eq!(oss(world, FIRST_QUARTER), unknown);
    publish(world, "Date,USD,JPY\n2026-03-31,1.1000,N/A\n2026-04-01,1.2000,160.00\n");
    let known = [
        "DE EUR null 100.00 19.00 100.00 19.00 false",
        // Of the yen none was published on the last day: on the next one.
        "DE JPY null 50001 9500 312.51 59.38 false",
        "DE USD null 1000.00 190.00 909.09 172.73 false",
        "1321.60 251.11 0",
    ];
    assert_eq!(oss(world, FIRST_QUARTER), known);
    let rate = world.get(&format!("/v1/tax/returns/oss?{FIRST_QUARTER}&currency=USD")).is(200).json["data"]
        [0]["exchange_rate"]
        .clone();
    assert_eq!(
        (&rate["base"], &rate["rate"], &rate["date"]),
        (&json!("EUR"), &json!("1.1"), &json!("2026-03-31"))
    );
    let table =
        world.get(&format!("/v1/tax/returns/oss?{FIRST_QUARTER}&currency=USD&format=csv")).is(200).text;
    assert_eq!(
        table.lines().nth(1).unwrap(),
        "DE,USD,DE,19,,1000.00,190.00,1,909.09,172.73,1 EUR = 1.1 USD,2026-03-31,ecb,false"
    );
    // A quarter later all of it is taken back: at the rate of the quarter that is corrected, so nothing is left of it.
    world.advance_to("2026-05-01T00:00:00Z");
    credit(world, &sold, "1000.00");
    assert_eq!(
        oss(world, SECOND_QUARTER),
        ["DE USD 2026-Q1 -1000.00 -190.00 -909.09 -172.73 false", "-909.09 -172.73 0"]
    );
}

#[test]
fn an_own_rate_declares_what_the_central_bank_does_not_publish_and_nothing_else() {
    let shop = Shop::open_in(World::own_database("2026-03-20T00:00:00Z"));
    let world = &shop.world;
    world.post("/v1/tax/registrations", json!({ "country": "FR", "scheme": "oss" })).is(201);
    sell(world, &shop.customer(german("USD")), "110.00");
    sell(world, &shop.customer(german("AED")), "400.00");
    world.advance_to("2026-04-02T00:00:00Z");
    publish(world, "Date,USD\n2026-04-01,1.1000\n");
    let own = |base: &str, rate: &str| {
        let body =
            json!({ "base": base, "quote": "EUR", "date": "2026-03-31", "rate": rate, "source": "our bank" });
        world.post("/v1/exchange_rates", body).is(201);
    };
    own("AED", "0.25");
    own("USD", "0.5");
    assert_eq!(
        oss(world, FIRST_QUARTER),
        [
            "DE AED null 400.00 76.00 100.00 19.00 false",
            "DE USD null 110.00 20.90 100.00 19.00 false",
            "200.00 38.00 0"
        ]
    );
    let table =
        world.get(&format!("/v1/tax/returns/oss?{FIRST_QUARTER}&currency=AED&format=csv")).is(200).text;
    assert!(table.ends_with("1 AED = 0.25 EUR,2026-03-31,our bank,false\r\n"), "{table}");
}

/// The country whose tax the last invoice of a customer has.
fn taxed_in(shop: &Shop, customer: &str) -> String {
    let last = shop.invoices(customer).pop().unwrap();
    last.split("| ").nth(1).unwrap().split(' ').next().unwrap().to_owned()
}

#[test]
fn sales_in_dollars_count_to_the_threshold_at_the_rate_of_their_day() {
    let shop = Shop::open_in(World::own_database("2026-03-20T00:00:00Z"));
    let world = &shop.world;
    publish(world, "Date,USD\n2026-03-20,1.0000\n2026-03-23,2.0000\n");
    let (dollars, euros) = (shop.customer(german("USD")), shop.customer(german("EUR")));
    let what_if = |currency: &str, amount: &str| {
        let body = json!({ "currency": currency, "customer": { "address": { "country": "ES" } }, "lines": [{ "amount": amount }] });
        world.post("/v1/tax/calculate", body).is(200).text_at("/lines/0/taxes/0/jurisdiction")
    };
    // 6,000.00 on Friday at 1.00; on Monday a dollar is worth half.
    let friday = sell(world, &dollars, "6000.00");
    assert_eq!((what_if("USD", "4000.00"), what_if("USD", "4000.01")), ("FR".to_owned(), "ES".to_owned()));
    world.advance_to("2026-03-23T00:00:00Z");
    assert_eq!((what_if("USD", "8000.00"), what_if("USD", "8000.02")), ("FR".to_owned(), "ES".to_owned()));
    sell(world, &dollars, "4000.00");
    assert_eq!(taxed_in(&shop, &dollars), "FR");
    // 6,000.00 and 2,000.00 EUR so far.
    assert_eq!((what_if("EUR", "2000.00"), what_if("EUR", "2000.01")), ("FR".to_owned(), "ES".to_owned()));
    // What is given back of Friday's sale counts what that sale counted: 1,000.00 EUR.
    credit(world, &friday, "1000.00");
    assert_eq!((what_if("EUR", "3000.00"), what_if("EUR", "3000.01")), ("FR".to_owned(), "ES".to_owned()));
    sell(world, &dollars, "6000.02");
    assert_eq!(taxed_in(&shop, &dollars), "DE");
    sell(world, &euros, "1.00");
    assert_eq!(taxed_in(&shop, &euros), "DE");
}

#[test]
fn what_no_rate_is_known_of_counts_as_soon_as_one_is() {
    let shop = Shop::open_in(World::own_database("2026-03-20T00:00:00Z"));
    let world = &shop.world;
    let dollars = shop.customer(german("USD"));
    sell(world, &dollars, "20000.00");
    sell(world, &dollars, "1.00");
    assert_eq!(taxed_in(&shop, &dollars), "FR");
    publish(world, "Date,USD\n2026-03-20,1.0000\n");
    sell(world, &dollars, "1.00");
    assert_eq!(taxed_in(&shop, &dollars), "DE");
    // What was issued keeps its tax.
    let all: Vec<String> =
        shop.invoices(&dollars).iter().map(|i| i.split("| ").nth(1).unwrap()[..2].to_owned()).collect();
    assert_eq!(all, ["FR", "FR", "DE"]);
}
