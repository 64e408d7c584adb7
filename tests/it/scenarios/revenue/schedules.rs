//! When is each line earned? By its days, from the day of its document on; what is taken back, over the same days.

use serde_json::json;

use super::House;

#[test]
fn a_month_from_the_15th_is_earned_by_the_days_of_two_months() {
    let house = House::at("2026-01-15T00:00:00Z");
    let subscription = house.subscribe(&house.plan("monthly", "31.00", 1));
    let invoice = house.newest_invoice();
    let reply =
        house.client().get(&format!("/v1/revenue/schedules?invoice_id={invoice}&as_of=2026-01-31")).is(200);
    let schedule = &reply.data()[0];
    for (name, expected) in [
        ("line_id", format!("{invoice}-1").as_str()),
        ("rule", "ratable_daily"),
        ("invoiced", "31.00"),
        ("allocated", "31.00"),
        ("currency", "USD"),
        ("start", "2026-01-15"),
        ("end", "2026-02-15"),
        ("booked_on", "2026-01-15"),
        ("earned", "17.00"),
        ("deferred", "14.00"),
        ("subscription_id", subscription.as_str()),
    ] {
        assert_eq!(schedule[name], expected, "{name}: {schedule}");
    }
    assert_eq!(
        schedule["months"],
        json!([{ "month": "2026-01", "amount": "17.00", "posted": false }, { "month": "2026-02", "amount": "14.00", "posted": false }])
    );
    house.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(
        house.schedules(&format!("subscription_id={subscription}")),
        ["31.00 invoice_line: 2026-01 17.00, 2026-02 14.00*"]
    );
    house.world.settle();
}

#[test]
fn what_a_credit_note_takes_back_is_caught_up_in_its_month_and_goes_on_over_the_same_days() {
    let house = House::at("2026-01-01T00:00:00Z");
    house.subscribe(&house.plan("quarterly", "90.00", 3));
    let invoice = house.newest_invoice();
    house.world.advance_to("2026-02-01T12:00:00Z");
    let note = json!({ "invoice_id": invoice, "amount": "45.00", "reason": "outage" });
    house.client().post("/v1/credit_notes", note).is(201);
    assert_eq!(
        house.schedules(&format!("invoice_id={invoice}")),
        [
            "90.00 invoice_line: 2026-01 31.00, 2026-02 28.00*, 2026-03 31.00*",
            "-45.00 credit_note_line: 2026-02 -29.50*, 2026-03 -15.50*",
        ]
    );
    house.world.advance_to("2026-04-01T00:00:00Z");
    assert_eq!(house.recognized(), ["2026-01-31 31.00", "2026-02-28 -1.50", "2026-03-31 15.50"]);
    house.world.settle();
}

#[test]
fn a_fee_without_a_period_is_earned_at_once_and_says_why() {
    let house = House::at("2026-01-15T00:00:00Z");
    let line = |description: &str, period| json!({ "description": description, "amount": "20.00", "period": period });
    let june = json!({ "start": "2026-06-01T00:00:00Z", "end": "2026-07-01T00:00:00Z" });
    let december = json!({ "start": "2025-12-01T00:00:00Z", "end": "2026-01-01T00:00:00Z" });
    let lines = json!([line("Set-up", json!(null)), line("June", june), line("December", december)]);
    let body = json!({ "customer_id": house.customer(), "collection": "send_invoice", "lines": lines });
    let invoice = house.client().post("/v1/invoices", body).is(201).id();
    assert_eq!(house.schedules(""), [""; 0], "a draft earns nothing");
    house.client().post(&format!("/v1/invoices/{invoice}/finalize"), json!({})).is(200);
    assert_eq!(
        house.schedules(""),
        [
            "20.00 invoice_line: 2026-01 20.00",
            "20.00 invoice_line: 2026-06 20.00*",
            "20.00 invoice_line: 2026-01 20.00",
        ]
    );
    let at_once = house.client().get("/v1/revenue/schedules?at_once=true").is(200);
    assert_eq!(at_once.data().len(), 1);
    assert_eq!(at_once.data()[0]["because"], "no_period");
    let explained = |line: u8| {
        let reply = house.client().get(&format!("/v1/revenue/schedules/{invoice}-{line}")).is(200);
        reply.text_at("/sentence")
    };
    assert_eq!(
        explained(1),
        "20.00 USD booked on 2026-01-15 is earned at once, because the line says no service period."
    );
    assert_eq!(
        explained(2),
        "20.00 USD booked on 2026-01-15 is earned day by day over the 30 days from 2026-06-01 to 2026-06-30."
    );
    assert_eq!(
        explained(3),
        "20.00 USD booked on 2026-01-15 was used from 2025-12-01 to 2025-12-31 and is earned when it is invoiced."
    );
    house.client().get(&format!("/v1/revenue/schedules/{invoice}-9")).is(404);
    house.world.settle();
}

#[test]
fn credits_that_are_sold_are_earned_as_they_are_drawn() {
    let house = House::at("2026-01-15T00:00:00Z");
    let grant = json!({ "customer_id": house.customer(), "name": "Pack", "amount": "100.00", "currency": "USD", "price": "90.00", "source": "purchased" });
    house.client().post("/v1/credit_grants", grant).is(201);
    let listed = house.client().get("/v1/revenue/schedules").is(200);
    assert_eq!((&listed.data()[0]["rule"], &listed.data()[0]["months"]), (&json!("as_drawn"), &json!([])));
    house.world.settle();
}

#[test]
fn schedules_are_a_table_too_and_read_in_pages() {
    let house = House::at("2026-01-15T00:00:00Z");
    let plan = house.plan("monthly", "31.00", 1);
    for _ in 0..3 {
        house.subscribe(&plan);
    }
    let csv = house.client().get("/v1/revenue/schedules?format=csv").is(200).text;
    assert_eq!(csv.lines().count(), 7, "{csv}");
    assert!(csv.contains(",31.00,2026-01-15,2026-02-15,2026-01-15,2026-02,14.00,false"), "{csv}");
    let first = house.client().get("/v1/revenue/schedules?limit=2").is(200);
    assert_eq!((first.data().len(), &first.json["has_more"]), (2, &json!(true)));
    let next = first.text_at("/next_cursor");
    let second = house.client().get(&format!("/v1/revenue/schedules?limit=2&after={next}")).is(200);
    assert_eq!((second.data().len(), &second.json["has_more"]), (1, &json!(false)));
    house.client().get("/v1/revenue/schedules?after=x").is_problem(422, "bad_cursor");
    house.client().get("/v1/revenue/schedules?as_of=1.2.2026").is_problem(422, "bad_value");
}
