//! Is a list as a file all of it, with no formula in it, and small on its way?

use std::collections::HashMap;

use super::book::{Book, pages};
use crate::harness::{Client, Reply};

/// The body of a list that is read whole.
pub fn file(client: &Client, path: &str, accept: &str) -> String {
    let reply = Reply::of(client.request("GET", path).header("Accept", accept)).is(200);
    let given = reply.header("content-type").to_owned();
    assert!(given.starts_with(accept), "{given}");
    reply.text
}

/// The rows of a CSV by the names of its columns.
pub fn csv_rows(text: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn no_cell_of_a_file_is_a_formula() {
    let book = Book::open(4);
    let customers = file(&book.world, "/v1/customers", "text/csv");
    let rows = csv_rows(&customers);
    let names: Vec<&str> = rows.iter().map(|row| row["name"].as_str()).collect();
    assert!(names.contains(&"'=HYPERLINK(\"http://x\")") && names.contains(&"'-1+1"), "{names:?}");
    assert!(customers.contains("\r\n"));
    for text in [customers, file(&book.world, "/v1/credit_notes", "text/csv")] {
        for row in csv_rows(&text) {
            for (name, cell) in row {
                assert!(!cell.starts_with(['=', '+', '@', '\t']), "{name}: {cell}");
                assert!(
                    !cell.starts_with('-') || cell.parse::<rust_decimal::Decimal>().is_ok(),
                    "{name}: {cell}"
                );
            }
        }
    }
}

#[test]
fn a_file_is_the_whole_list_and_has_no_page() {
    let book = Book::open(5);
    let asking = |path: &str| Reply::of(book.world.request("GET", path).header("Accept", "text/csv"));
    for query in ["limit=2", "totals=true", "after=x", "before=x"] {
        let refused = asking(&format!("/v1/invoices?{query}"));
        assert_eq!(refused.status, 422, "{query}");
    }
    asking("/v1/invoices?limit=2").is_problem(422, "page_of_a_file");
    asking("/v1/invoices?status=opne").is_problem(422, "bad_value");
    let all = pages(&book.world, "/v1/invoices", 1000);
    assert_eq!(csv_rows(&asking("/v1/invoices").is(200).text).len(), all.len());
    // With their lines, in CSV as JSON.
    let expanded = csv_rows(&asking("/v1/invoices?expand=lines,customer").is(200).text);
    assert!(expanded.iter().all(|row| row["lines"].contains("\"description\":\"=Setup\"") || !row["lines"].contains("Setup")));
    assert!(expanded.iter().all(|row| row["customer"].contains(&row["customer_id"])));
    assert_eq!(asking("/v1/customers?external_id=nobody").is(200).text.lines().count(), 1);
}

#[test]
fn a_long_answer_is_packed_when_the_caller_can_unpack_it() {
    let book = Book::open(6);
    let path = "/v1/invoices?limit=1000";
    let plain = book.world.get(path).is(200);
    assert_eq!(plain.header("content-encoding"), "");
    let packed = book.world.request("GET", path).header("Accept-Encoding", "gzip").send().unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let bytes = packed.bytes().unwrap();
    assert_eq!(bytes[..2], [0x1f, 0x8b]);
    assert!(bytes.len() * 3 < plain.text.len(), "{} of {}", bytes.len(), plain.text.len());
}

#[test]
fn what_is_expanded_is_shown_with_each_row() {
    let book = Book::open(7);
    for (url, names) in [
        ("/v1/invoices", &["lines", "customer"][..]),
        ("/v1/credit_notes", &["lines", "customer"]),
        ("/v1/payments", &["customer"]),
        ("/v1/subscriptions", &["customer"]),
    ] {
        let plain = pages(&book.world, url, 100);
        let rows = pages(&book.world, &format!("{url}?expand={}", names.join(",")), 100);
        assert_eq!(plain.len(), rows.len());
        for (plain, row) in plain.iter().zip(&rows) {
            assert!(names.iter().all(|name| plain.get(name).is_none()));
            assert_eq!(row["customer"]["id"], row["customer_id"]);
            let mut stripped = row.clone();
            for name in names {
                stripped.as_object_mut().unwrap().remove(*name);
            }
            assert_eq!(&stripped, plain);
        }
    }
    let id = pages(&book.world, "/v1/invoices", 1)[0]["id"].as_str().unwrap().to_owned();
    let whole = book.world.get(&format!("/v1/invoices/{id}")).is(200);
    let listed = book.world.get("/v1/invoices?limit=1&expand=lines").is(200);
    assert_eq!(listed.data()[0]["lines"], whole.json["lines"]);
}
