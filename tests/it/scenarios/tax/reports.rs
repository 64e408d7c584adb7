//! What is the tax of a period? What was issued in it, less what was voided and credited in it; each figure is the sum of its lines, and all of
//! them what the ledger owes.

use serde_json::{Value, json};

use super::invoices::{Shop, in_country};
use crate::harness::{Reply, World};

const JANUARY: &str = "from=2026-01-01&until=2026-02-01";
const FEBRUARY: &str = "from=2026-02-01&until=2026-03-01";

/// Issues an invoice with one line, and gives its id.
pub(super) fn sell(world: &World, customer: &str, amount: &str) -> String {
    let lines = json!([{ "description": "Consulting", "amount": amount }]);
    let body = json!({ "customer_id": customer, "collection": "send_invoice", "lines": lines });
    let id = world.post("/v1/invoices", body).is(201).id();
    world.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200);
    id
}

/// Takes something back of the first line of an invoice.
pub(super) fn credit(world: &World, invoice: &str, amount: &str) {
    let lines = json!([{ "line_no": 1, "amount": amount }]);
    let body = json!({ "invoice_id": invoice, "reason": "outage", "lines": lines });
    world.post("/v1/credit_notes", body).is(201);
}

fn text(row: &Value, names: &[&str]) -> String {
    let cell = |name: &&str| match &row[*name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    names.iter().map(cell).collect::<Vec<_>>().join(" ")
}

/// These fields of each row, after each figure was compared with the sum of its lines, read in pages of two.
pub(super) fn figures(world: &World, url: &str, names: &[&str]) -> Vec<String> {
    let report = world.get(url).is(200).json;
    for row in report["data"].as_array().unwrap() {
        let (mut count, mut taxable, mut tax) = (0, 0, 0);
        let mut page = format!("{}&limit=2", row["lines_url"].as_str().unwrap());
        loop {
            let lines = world.get(&page).is(200).json;
            for line in lines["data"].as_array().unwrap() {
                count += 1;
                taxable += minor(&line["taxable"]);
                tax += minor(&line["tax"]);
            }
            let Some(next) = lines["next_cursor"].as_str() else { break };
            page = format!("{}&limit=2&after={next}", row["lines_url"].as_str().unwrap());
        }
        assert_eq!(row["lines"], json!(count), "{row}");
        let value = ["taxable", "value", "sales"].into_iter().find(|name| row[*name].is_string()).unwrap();
        let value = if row["sales"].is_string() { "sales" } else { value };
        assert_eq!(minor(&row[value]), taxable, "{row}");
        assert!(row["tax"].is_null() || minor(&row["tax"]) == tax, "{row}: the lines have {tax}");
    }
    report["data"].as_array().unwrap().iter().map(|row| text(row, names)).collect()
}

fn minor(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

const FIGURE: [&str; 8] =
    ["currency", "jurisdiction", "name", "category", "rate", "reason", "taxable", "tax"];

fn report(world: &World, period: &str) -> Vec<String> {
    figures(world, &format!("/v1/tax/report?{period}"), &FIGURE)
}

fn sums(world: &World, period: &str) -> Vec<String> {
    let report = world.get(&format!("/v1/tax/report?{period}")).is(200).json;
    let names = ["currency", "taxable", "reverse_charge", "exempt", "tax", "tax_payable", "lines"];
    report["sums"].as_array().unwrap().iter().map(|sum| text(sum, &names)).collect()
}

/// A seller in France, in the one-stop shop, with sales of January 2026.
struct January {
    shop: Shop,
    paris: String,
    to_be_voided: String,
    consumer: String,
    lost: String,
}

impl January {
    fn sold() -> January {
        let shop = Shop::open();
        for scheme in ["standard", "oss"] {
            shop.world.post("/v1/tax/registrations", json!({ "country": "FR", "scheme": scheme })).is(201);
        }
        let rate = json!({ "country": "FR", "kind": "standard", "rate": "22", "valid_from": "2026-02-01", "source": "a law to come" });
        shop.world.post("/v1/tax/rates", rate).is(201);
        let paris = shop.customer(in_country("FR"));
        let berlin = shop.customer(json!({ "address": { "country": "DE" },
            "tax_ids": [{ "type": "eu_vat", "value": "DE136695976", "status": "valid" }] }));
        let hamburg = shop.customer(in_country("DE"));
        let new_york = shop.customer(json!({ "address": { "country": "US", "state": "NY" } }));
        let in_yen = shop.customer(json!({ "currency": "JPY", "address": { "country": "FR" } }));
        shop.world.advance_to("2026-01-15T00:00:00Z");
        sell(&shop.world, &paris, "100.00");
        let to_be_voided = sell(&shop.world, &paris, "50.00");
        let lost = sell(&shop.world, &paris, "40.00");
        sell(&shop.world, &berlin, "80.00");
        let consumer = sell(&shop.world, &hamburg, "100.00");
        sell(&shop.world, &new_york, "70.00");
        sell(&shop.world, &in_yen, "333");
        January { shop, paris, to_be_voided, consumer, lost }
    }
}

const OF_JANUARY: [&str; 5] = [
    "EUR DE VAT AE 0 reverse_charge 80.00 0.00",
    "EUR DE VAT S 19 standard_rated 100.00 19.00",
    // 100.00, 50.00 and 40.00.
    "EUR FR VAT S 20 standard_rated 190.00 38.00",
    "EUR US-NY VAT O 0 not_subject_to_tax 70.00 0.00",
    // 66.6, and yen have no cents.
    "JPY FR VAT S 20 standard_rated 333 67",
];

#[test]
fn a_month_is_what_was_issued_in_it_and_stays_so_whatever_comes_after() {
    let January { shop, paris, to_be_voided, consumer, lost } = January::sold();
    let world = &shop.world;
    assert_eq!(report(world, JANUARY), OF_JANUARY);
    let sums_of_january = ["EUR 290.00 80.00 70.00 57.00 57.00 6", "JPY 333 0 0 67 67 1"];
    assert_eq!(sums(world, JANUARY), sums_of_january);
    world.advance_to("2026-02-05T00:00:00Z");
    world.post(&format!("/v1/invoices/{to_be_voided}/void"), json!({})).is(200);
    credit(world, &consumer, "30.00");
    world.post(&format!("/v1/invoices/{lost}/mark_uncollectible"), json!({})).is(200);
    sell(world, &paris, "100.00");
    assert_eq!(
        report(world, FEBRUARY),
        [
            "EUR DE VAT S 19 standard_rated -30.00 -5.70",
            "EUR FR VAT S 20 standard_rated -50.00 -10.00",
            "EUR FR VAT S 22 standard_rated 100.00 22.00",
        ]
    );
    // What is given up as lost stays owed to the authority: the ledger takes nothing off the tax either.
    assert_eq!(sums(world, FEBRUARY), ["EUR 20.00 0.00 0.00 6.30 6.30 3"]);
    assert_eq!(
        (report(world, JANUARY), sums(world, JANUARY)),
        (OF_JANUARY.map(str::to_owned).to_vec(), sums_of_january.map(str::to_owned).to_vec())
    );
    // Both months together: what was voided is gone, and 57.00 + 6.30 are owed.
    let both = "from=2026-01-01&until=2026-03-01&currency=EUR";
    assert_eq!(sums(world, both), ["EUR 310.00 80.00 70.00 63.30 63.30 9"]);
    assert_eq!(
        report(world, &format!("{both}&format=json"))[2],
        "EUR FR VAT S 20 standard_rated 140.00 28.00"
    );
    world.post(&format!("/v1/invoices/{lost}/void"), json!({})).is(200);
    assert_eq!(sums(world, FEBRUARY), ["EUR -20.00 0.00 0.00 -1.70 -1.70 4"]);
}

#[test]
fn usage_that_credits_paid_and_usage_taken_back_count_with_their_tax() {
    let shop = Shop::open();
    let world = &shop.world;
    let meter = json!({ "code": "calls", "name": "Calls", "event_type": "call", "aggregation": "count" });
    let meter = world.post("/v1/meters", meter).is(201).id();
    let product = world.post("/v1/products", json!({ "name": "Calls" })).is(201).id();
    let price = json!({ "code": "calls", "kind": "usage", "meter_id": meter, "model": { "type": "per_unit", "unit_amount": "5.00" } });
    let plan = json!({ "code": "metered", "name": "Metered", "product_id": product, "currency": "EUR", "interval": "month", "prices": [price] });
    let plan = world.post("/v1/plans", plan).is(201).id();
    let paris = shop.customer(in_country("FR"));
    let grant =
        json!({ "customer_id": paris, "amount": "50.00", "currency": "EUR", "source": "promotional" });
    world.post("/v1/credit_grants", grant).is(201);
    shop.subscribe(&paris, &plan);
    world.advance_to("2026-01-06T00:00:00Z");
    let event = |id: &str| {
        json!({ "specversion": "1.0", "id": id, "source": "app", "type": "call", "subject": paris,
                "time": "2026-01-05T00:00:00Z", "data": {} })
    };
    world.post("/v1/usage/events", json!([event("a"), event("b")])).is(200);
    world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(report(world, JANUARY), [""; 0]);
    assert_eq!(report(world, FEBRUARY), ["EUR FR VAT S 20 standard_rated 10.00 2.00"]);
    world.post("/v1/usage/events/void", json!({ "source": "app", "id": "b" })).is(200);
    world.advance_to("2026-03-01T00:00:00Z");
    assert_eq!(
        report(world, "from=2026-03-01&until=2026-04-01"),
        ["EUR FR VAT S 20 standard_rated -5.00 -1.00"]
    );
    assert_eq!(sums(world, "from=2026-03-01&until=2026-04-01"), ["EUR -5.00 0.00 0.00 -1.00 -1.00 2"]);
}

#[test]
fn drafts_count_when_they_are_issued_and_days_are_of_the_tenants_zone() {
    let world = World::of("2026-01-20T12:00:00Z", "America/New_York", "EUR");
    world.patch("/v1/tax/settings", json!({ "country": "FR" })).is(200);
    let body = json!({ "name": "Ada", "currency": "EUR", "address": { "country": "FR" } });
    let paris = world.post("/v1/customers", body).is(201).id();
    let lines = json!([{ "description": "Consulting", "amount": "10.00" }]);
    let body = json!({ "customer_id": paris, "collection": "send_invoice", "lines": lines });
    let draft = world.post("/v1/invoices", body).is(201).id();
    assert_eq!(report(&world, JANUARY), [""; 0]);
    // 31 January, 22:00 in New York.
    world.advance_to("2026-02-01T03:00:00Z");
    world.post(&format!("/v1/invoices/{draft}/finalize"), json!({})).is(200);
    assert_eq!(report(&world, JANUARY), ["EUR FR VAT S 20 standard_rated 10.00 2.00"]);
    assert_eq!(report(&world, FEBRUARY), [""; 0]);
    let lines = world.get(&format!("/v1/tax/report/lines?{JANUARY}")).is(200).json;
    assert_eq!(lines["data"][0]["day"], "2026-01-31");
}

#[test]
fn a_line_with_two_taxes_counts_for_each_and_an_invoice_voided_at_once_leaves_nothing() {
    let world = World::of("2026-01-01T00:00:00Z", "UTC", "CAD");
    world.patch("/v1/tax/settings", json!({ "country": "CA", "state": "QC" })).is(200);
    let body = json!({ "name": "Ada", "currency": "CAD", "address": { "country": "CA", "state": "QC" } });
    let montreal = world.post("/v1/customers", body).is(201).id();
    sell(&world, &montreal, "100.00");
    // 9.975: half a cent goes up.
    let both =
        ["CAD CA GST S 5 standard_rated 100.00 5.00", "CAD CA-QC QST S 9.975 standard_rated 100.00 9.98"];
    assert_eq!(report(&world, JANUARY), both);
    let id = sell(&world, &montreal, "60.00");
    world.post(&format!("/v1/invoices/{id}/void"), json!({})).is(200);
    assert_eq!(report(&world, JANUARY), both);
    assert_eq!(sums(&world, JANUARY), ["CAD 200.00 0.00 0.00 14.98 14.98 6"]);
}

#[test]
fn a_report_comes_as_a_table_by_its_query_or_by_what_the_caller_accepts() {
    let January { shop, .. } = January::sold();
    let world = &shop.world;
    let table = "currency,jurisdiction,name,category,rate,portion,reason,taxable,tax,lines\r\n\
                 JPY,FR,VAT,S,20,100,standard_rated,333,67,1\r\n";
    let url = format!("/v1/tax/report?{JANUARY}&currency=JPY");
    let by_query = world.get(&format!("{url}&format=csv")).is(200);
    assert_eq!(
        (by_query.text.as_str(), by_query.header("content-type")),
        (table, "text/csv; charset=utf-8; header=present")
    );
    let accepting =
        |accept: &str, url: &str| Reply::of(world.request("GET", url).header("Accept", accept)).is(200);
    assert_eq!(accepting("text/csv, */*;q=0.1", &url).text, table);
    assert_eq!(accepting("application/json, text/csv", &url).header("content-type"), "application/json");
    assert_eq!(
        accepting("text/csv", &format!("{url}&format=json")).header("content-type"),
        "application/json"
    );
    // Seven taxes of lines in pages of five and two.
    let url = format!("/v1/tax/report/lines?{JANUARY}&format=csv&limit=5");
    let first = world.get(&url).is(200);
    let rest = world.get(&format!("{url}&after={}", first.header("next-cursor"))).is(200);
    assert_eq!((first.text.lines().count(), rest.text.lines().count()), (6, 3));
    assert_eq!(rest.header("next-cursor"), "");
}

#[test]
fn what_cannot_be_a_period_or_a_filter_is_refused() {
    let world = World::new();
    let fault = |url: &str| {
        let reply = world.get(url);
        assert_eq!(reply.status, 422, "{}", reply.text);
        (reply.text_at("/errors/0/pointer"), reply.text_at("/errors/0/code"))
    };
    let at = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    assert_eq!(
        fault("/v1/tax/report?from=2026-01-01&until=2026-01-01"),
        at("/query/until", "end_before_start")
    );
    assert_eq!(
        fault(&format!("/v1/tax/report?{JANUARY}&currency=EURO")),
        at("/query/currency", "unknown_currency")
    );
    assert_eq!(fault(&format!("/v1/tax/report?{JANUARY}&format=xml")), at("/query/format", "bad_value"));
    assert_eq!(
        fault(&format!("/v1/tax/report/lines?{JANUARY}&category=X")),
        at("/query/category", "bad_value")
    );
    assert_eq!(fault(&format!("/v1/tax/report/lines?{JANUARY}&rate=19,5")), at("/query/rate", "bad_decimal"));
    assert_eq!(fault(&format!("/v1/tax/report/lines?{JANUARY}&after=x")), at("/query/after", "bad_cursor"));
}
