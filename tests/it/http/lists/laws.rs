//! Is a filtered list the whole list, filtered? For random filters the pages, the lines of JSON and the CSV are compared with what a plain reading of every
//! row says, which shares no code with the server.

use std::cmp::Ordering;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::Value;

use super::book::{Book, ids, pages};
use super::files::{csv_rows, file};
use crate::harness::Chance;

/// A parameter, and whether a row is meant by it.
struct Filter {
    text: String,
    holds: Box<dyn Fn(&Value) -> bool>,
}

/// A comparison, and whether it holds of how two values are ordered.
type Operator = (&'static str, fn(Ordering) -> bool);

const OPERATORS: [Operator; 5] = [
    ("", |order| order.is_eq()),
    ("[gt]", |order| order.is_gt()),
    ("[gte]", |order| order.is_ge()),
    ("[lt]", |order| order.is_lt()),
    ("[lte]", |order| order.is_le()),
];

/// What a list can be asked, by the kind of its fields.
struct Fields {
    url: &'static str,
    words: &'static [&'static str],
    amounts: &'static [&'static str],
    instants: &'static [&'static str],
    days: &'static [&'static str],
}

const LISTS: [Fields; 6] = [
    Fields {
        url: "/v1/invoices",
        words: &["status", "customer_id", "currency", "number", "collection", "entity_id"],
        amounts: &[
            "subtotal",
            "total",
            "tax_total",
            "amount_paid",
            "amount_due",
            "amount_credited",
            "balance_applied",
        ],
        instants: &["created_at", "issued_at", "due_at", "closed_at"],
        days: &["billing_date"],
    },
    Fields {
        url: "/v1/payments",
        words: &["status", "customer_id", "currency", "invoice_id", "gateway", "decline_code"],
        amounts: &["amount", "amount_applied", "amount_credited", "amount_surplus"],
        instants: &["created_at", "resolved_at"],
        days: &[],
    },
    Fields {
        url: "/v1/credit_notes",
        words: &["customer_id", "invoice_id", "currency", "number"],
        amounts: &["total", "to_invoice", "to_balance", "to_refund", "to_credits", "subtotal"],
        instants: &["issued_at"],
        days: &[],
    },
    Fields {
        url: "/v1/refunds",
        words: &["status", "customer_id", "payment_id", "credit_note_id", "currency"],
        amounts: &["amount"],
        instants: &["created_at", "resolved_at"],
        days: &[],
    },
    Fields {
        url: "/v1/customers",
        words: &["external_id", "currency", "payer_id", "entity_id"],
        amounts: &[],
        instants: &["created_at"],
        days: &[],
    },
    Fields {
        url: "/v1/subscriptions",
        words: &["status", "customer_id", "plan_id", "external_id", "collection"],
        amounts: &[],
        instants: &["created_at", "start_at", "end_at", "canceled_at", "trial_end", "next_bill_at"],
        days: &[],
    },
];

impl Fields {
    fn filter(&self, chance: &mut Chance, rows: &[Value]) -> Option<Filter> {
        let kinds = [self.words, self.amounts, self.instants, self.days];
        let choice = usize::try_from(chance.below(4)).unwrap();
        let names = kinds[choice];
        if names.is_empty() || rows.is_empty() {
            return None;
        }
        let name = *chance.pick(names);
        let value = chance.pick(rows)[name].as_str()?.to_owned();
        let (operator, accepts) = *chance.pick(&OPERATORS);
        Some(match choice {
            0 => {
                let other = chance.pick(rows)[name].as_str().unwrap_or(&value).to_owned();
                let given = if chance.one_in(2) { vec![value, other] } else { vec![value] };
                let each: Vec<String> =
                    given.iter().map(|value| format!("{name}={}", encoded(value))).collect();
                let holds =
                    move |row: &Value| row[name].as_str().is_some_and(|is| given.iter().any(|g| g == is));
                Filter { text: each.join("&"), holds: Box::new(holds) }
            }
            1 => {
                let nudge = *chance.pick(&["0", "0.005", "-0.01"]);
                let bound = decimal(&value) + decimal(nudge);
                let holds = move |row: &Value| accepts(decimal(row[name].as_str().unwrap()).cmp(&bound));
                Filter { text: format!("{name}{operator}={bound}"), holds: Box::new(holds) }
            }
            2 if chance.one_in(2) => {
                let day = in_berlin(&value);
                let holds =
                    move |row: &Value| row[name].as_str().is_some_and(|at| accepts(in_berlin(at).cmp(&day)));
                Filter { text: format!("{name}{operator}={day}"), holds: Box::new(holds) }
            }
            2 => {
                let bound = instant(&value);
                let text = format!("{name}{operator}={value}");
                let holds =
                    move |row: &Value| row[name].as_str().is_some_and(|at| accepts(instant(at).cmp(&bound)));
                Filter { text, holds: Box::new(holds) }
            }
            _ => {
                let bound = NaiveDate::from_str(&value).unwrap();
                let is = move |row: &Value| NaiveDate::from_str(row[name].as_str().unwrap()).unwrap();
                let holds = move |row: &Value| accepts(is(row).cmp(&bound));
                Filter { text: format!("{name}{operator}={value}"), holds: Box::new(holds) }
            }
        })
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The day in Berlin in January.
fn in_berlin(text: &str) -> NaiveDate {
    let hour = FixedOffset::east_opt(3600).unwrap();
    (instant(text).with_timezone(&hour) + TimeDelta::zero()).date_naive()
}

fn judge(seed: u64) {
    let book = Book::open(seed);
    let mut chance = Chance::of(seed + 1000);
    let mut found = 0;
    for list in &LISTS {
        let all = pages(&book.world, list.url, 1000);
        assert!(!all.is_empty(), "{}", list.url);
        for _ in 0..25 {
            let count = chance.between(1, 3);
            let filters: Vec<Filter> = (0..count).filter_map(|_| list.filter(&mut chance, &all)).collect();
            let texts: Vec<&str> = filters.iter().map(|filter| filter.text.as_str()).collect();
            let names: Vec<&str> = texts.iter().map(|text| text.split('=').next().unwrap()).collect();
            // Two of one name would be a mistake, or a choice of both.
            if names
                .iter()
                .enumerate()
                .any(|(n, name)| names[..n].iter().any(|other| base(other) == base(name)))
            {
                continue;
            }
            let meant: Vec<Value> =
                all.iter().filter(|row| filters.iter().all(|f| (f.holds)(row))).cloned().collect();
            let path = format!("{}?{}", list.url, texts.join("&"));
            assert_eq!(ids(&pages(&book.world, &path, 3)), ids(&meant), "seed {seed}: {path}");
            found += meant.len();
            let lines = file(&book.world, &path, "application/x-ndjson");
            let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(lines, meant, "seed {seed}: {path}");
            let rows = csv_rows(&file(&book.world, &path, "text/csv"));
            assert_eq!(rows.len(), meant.len(), "seed {seed}: {path}");
            for (cells, row) in rows.iter().zip(&meant) {
                assert_eq!(cells["id"], row["id"].as_str().unwrap());
                for name in list.words.iter().chain(list.amounts).chain(list.instants).chain(list.days) {
                    assert_eq!(
                        cells[*name],
                        row[*name].as_str().unwrap_or_default(),
                        "seed {seed}: {path}, {name}"
                    );
                }
            }
            totals_are_sums(&book, (list, &path), &meant);
        }
    }
    assert!(found > 100, "the filters of seed {seed} found only {found} rows");
}

fn base(name: &str) -> &str {
    name.split('[').next().unwrap()
}

fn totals_are_sums(book: &Book, (list, path): (&Fields, &str), meant: &[Value]) {
    let answer = book.world.get(&format!("{path}&totals=true&limit=1")).is(200);
    let totals = answer.json["totals"].as_array().unwrap();
    let count: i64 = totals.iter().map(|row| row["count"].as_i64().unwrap()).sum();
    assert_eq!(count, i64::try_from(meant.len()).unwrap(), "{path}");
    for total in totals {
        let rows: Vec<&Value> = meant.iter().filter(|row| row["currency"] == total["currency"]).collect();
        for name in list.amounts.iter().filter(|name| total["sums"].get(**name).is_some()) {
            let sum: Decimal = rows.iter().map(|row| decimal(row[*name].as_str().unwrap())).sum();
            assert_eq!(decimal(total["sums"][*name].as_str().unwrap()), sum, "{path}: {name}");
        }
    }
}

#[test]
fn a_filtered_list_is_the_whole_list_filtered_1() {
    judge(1);
}

#[test]
fn a_filtered_list_is_the_whole_list_filtered_2() {
    judge(2);
}

#[test]
fn a_sorted_list_is_the_same_rows_in_order_and_rows_that_come_meanwhile_shift_no_page() {
    let book = Book::open(3);
    for (url, sort) in [
        ("/v1/invoices", "due_at"),
        ("/v1/invoices", "issued_at"),
        ("/v1/invoices", "number"),
        ("/v1/credit_notes", "number"),
        ("/v1/credit_notes", "issued_at"),
    ] {
        let mut meant: Vec<Value> =
            pages(&book.world, url, 1000).into_iter().filter(|row| row[sort].is_string()).collect();
        meant.sort_by_key(|row| {
            (row[sort].as_str().unwrap().to_owned(), row["id"].as_str().unwrap().to_owned())
        });
        assert_eq!(ids(&pages(&book.world, &format!("{url}?sort={sort}"), 3)), ids(&meant), "{url} {sort}");
        meant.reverse();
        assert_eq!(ids(&pages(&book.world, &format!("{url}?sort=-{sort}"), 2)), ids(&meant), "{url} -{sort}");
    }
    let first = book.world.get("/v1/customers?sort=name&limit=3").is(200);
    assert_eq!(first.data().len(), 3);
    let rest = format!("/v1/customers?sort=name&limit=100&after={}", first.text_at("/next_cursor"));
    let before = ids(book.world.get(&rest).is(200).data());
    book.world.post("/v1/customers", serde_json::json!({ "name": "!first of all" })).is(201);
    assert_eq!(ids(book.world.get(&rest).is(200).data()), before);
    let back = first.text_at("/next_cursor");
    let upwards = book.world.get(&format!("/v1/customers?sort=name&limit=2&before={back}")).is(200);
    assert_eq!(ids(upwards.data()), ids(&first.data()[..2]));
    let oldest = pages(&book.world, "/v1/customers?sort=created", 2);
    assert_eq!(ids(&oldest)[..8], book.customers[..]);
}
