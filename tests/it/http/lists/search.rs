//! Does a search find what a person would look for, and nothing of anybody else?

use serde_json::{Value, json};

use super::book::{Book, ids, pages};

fn names(book: &Book, query: &str) -> Vec<String> {
    let mut names: Vec<String> = pages(&book.world, &format!("/v1/customers?{query}"), 2)
        .iter()
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_customer_is_found_by_words_and_beginnings_of_words() {
    let book = Book::open(11);
    assert_eq!(names(&book, "q=ann"), ["Ann & Sons, Ltd", "Anna Müller", "anna müller"]);
    assert_eq!(names(&book, "q=ann+sons"), ["Ann & Sons, Ltd"]);
    assert_eq!(names(&book, "q=m%C3%BCll"), ["Anna Müller", "anna müller"]);
    assert_eq!(names(&book, "q=billing@ann-sons.example"), ["Ann & Sons, Ltd"]);
    assert_eq!(names(&book, "q=crm-3"), ["Zoë"]);
    assert_eq!(names(&book, "q=nobody"), [""; 0]);
    // Words of the search's own language are words.
    assert_eq!(names(&book, "q=%7C+%21+%3A%2A+%28zo"), ["Zoë"]);
    assert_eq!(names(&book, "name=ANNA+M%C3%BCller"), ["Anna Müller", "anna müller"]);
    assert_eq!(names(&book, "email=billing@ann-sons.example"), ["Ann & Sons, Ltd"]);
    assert_eq!(names(&book, "metadata%5Btier%5D=silver"), ["Ann & Sons, Ltd", "Zoë"]);
    assert_eq!(names(&book, "metadata[tier]=gold&q=anna"), ["Anna Müller"]);
    assert_eq!(names(&book, "metadata[%3D1]=%2B1&metadata[tier]=silver").len(), 2);
}

#[test]
fn invoices_and_subscriptions_are_found_by_their_customers_and_their_own_names() {
    let book = Book::open(12);
    let owned = |rows: Vec<Value>, customers: &[&String]| {
        let expected: Vec<String> = ids(&rows
            .iter()
            .filter(|row| customers.iter().any(|c| row["customer_id"] == **c))
            .cloned()
            .collect::<Vec<_>>());
        expected
    };
    let (anna, other) = (&book.customers[0], &book.customers[7]);
    for url in ["/v1/invoices", "/v1/subscriptions"] {
        let meant = owned(pages(&book.world, url, 1000), &[anna, other]);
        assert!(!meant.is_empty());
        assert_eq!(ids(&pages(&book.world, &format!("{url}?q=anna"), 2)), meant);
    }
    let numbered = pages(&book.world, "/v1/invoices?sort=number", 1000);
    let number = numbered[1]["number"].as_str().unwrap();
    for query in [format!("q={number}"), format!("number={number}")] {
        assert_eq!(ids(&pages(&book.world, &format!("/v1/invoices?{query}"), 10)), ids(&numbered[1..2]));
    }
    let first = numbered[0]["number"].as_str().unwrap();
    let both = pages(&book.world, &format!("/v1/invoices?number={number},{first}&sort=number"), 10);
    assert_eq!(ids(&both), ids(&numbered[..2]));
    assert_eq!(pages(&book.world, "/v1/subscriptions?q=sub-5", 10)[0]["external_id"], "sub-5");
}

#[test]
fn overdue_is_open_and_past_its_day() {
    let book = Book::open(13);
    book.world.advance_to("2026-02-20T00:00:00Z").is(200);
    let all = pages(&book.world, "/v1/invoices", 1000);
    let is_overdue =
        |row: &&Value| row["status"] == "open" && row["due_at"].as_str().unwrap() < "2026-02-20T00:00:00Z";
    let meant: Vec<Value> = all.iter().filter(is_overdue).cloned().collect();
    assert!(!meant.is_empty());
    assert_eq!(ids(&pages(&book.world, "/v1/invoices?overdue=true", 3)), ids(&meant));
    assert_eq!(pages(&book.world, "/v1/invoices?overdue=false", 1000).len(), all.len() - meant.len());
}

#[test]
fn no_filter_shows_anything_of_another_tenant() {
    let book = Book::open(14);
    let stranger = book.world.another_tenant();
    stranger
        .client
        .post("/v1/customers", json!({ "name": "Anna Stranger", "email": "anna@mueller.example" }))
        .is(201);
    let customer = &book.customers[0];
    let number = pages(&book.world, "/v1/invoices?sort=number", 1)[0]["number"].as_str().unwrap().to_owned();
    for query in [
        format!("/v1/invoices?customer_id={customer}"),
        format!("/v1/invoices?number={number}"),
        format!("/v1/invoices?q={number}"),
        "/v1/invoices?q=anna".to_owned(),
        "/v1/invoices?total[gte]=0&totals=true".to_owned(),
        format!("/v1/subscriptions?customer_id={customer}"),
        "/v1/subscriptions?q=sub-5".to_owned(),
        "/v1/subscriptions?metadata[n]=5".to_owned(),
        "/v1/payments?amount[gte]=0".to_owned(),
        "/v1/credit_notes?total[gte]=0".to_owned(),
        "/v1/refunds?amount[gte]=0".to_owned(),
        "/v1/customers?metadata[tier]=gold".to_owned(),
        "/v1/customers?external_id=crm-1".to_owned(),
        format!("/v1/customers?payer_id={customer}"),
    ] {
        let answer = stranger.client.get(&query).is(200);
        assert!(answer.data().is_empty(), "{query}: {}", answer.text);
        assert!(answer.json["totals"].as_array().is_none_or(Vec::is_empty), "{}", answer.text);
    }
    let found = pages(&stranger.client, "/v1/customers?q=anna", 10);
    assert_eq!(found.len(), 1);
    assert_eq!(names(&book, "q=anna"), ["Anna Müller", "anna müller"]);
    // Nor does a cursor of another tenant's row lead there.
    let cursor = book.world.get("/v1/invoices?limit=1").is(200).text_at("/next_cursor");
    assert!(stranger.client.get(&format!("/v1/invoices?after={cursor}")).is(200).data().is_empty());
}
