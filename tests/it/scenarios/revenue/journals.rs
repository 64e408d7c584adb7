//! Do the books reach a general ledger once, whole, and the same at every download? Periods exported, reversed and exported again, in the columns of
//! several programs, and as the French law wants them.

use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use super::House;
use crate::harness::{Reply, World};

/// What accounts are called: numbers of six digits.
const CODES: &[(&str, &str)] = &[
    ("accounts_receivable", "411000"),
    ("cash_clearing", "512000"),
    ("deferred_revenue", "487000"),
    ("revenue", "706000"),
    ("customer_credit", "419100"),
    ("write_offs", "654000"),
    ("fx_gain_loss_realised", "766000"),
    ("fx_gain_loss_unrealised", "476000"),
];

impl House {
    fn name_accounts(&self) {
        let named = CODES.iter().map(|(account, code)| json!({ "account": account, "code": code }));
        let body = json!({ "accounts": named.collect::<Vec<_>>() });
        self.client().post("/v1/account_mappings", body).is(200);
    }

    fn export(&self, start: &str, level: &str) -> Reply {
        let body = json!({ "accounting_period_id": self.period(start), "level": level });
        self.client().post("/v1/exports/journals", body)
    }

    fn file(&self, export: &str, query: &str) -> String {
        self.client().get(&format!("/v1/exports/journals/{export}/file{query}")).is(200).text
    }
}

/// A month's plan of 31.00 from 15 January, paid in full by transfer; then to 5 March.
fn paid_in_january() -> House {
    let house = House::at("2026-01-15T00:00:00Z");
    house.subscribe(&house.plan("monthly", "31.00", 1));
    let invoice = house.newest_invoice();
    house.world.advance_to("2026-01-20T12:00:00Z");
    let customer = house.client().get(&format!("/v1/invoices/{invoice}")).is(200).text_at("/customer_id");
    let paid = json!({ "customer_id": customer, "invoice_id": invoice, "amount": "31.00", "currency": "USD", "reference": "T-1" });
    house.client().post("/v1/payments", paid).is(201);
    house.world.advance_to("2026-03-05T00:00:00Z");
    house
}

/// `411000 31.00 31.00`: an account with what it is debited and credited with.
fn accounts(export: &Reply) -> Vec<String> {
    let text = |row: &Value| {
        let cell = |name: &str| row[name].as_str().unwrap().to_owned();
        format!("{} {} {}", cell("code"), cell("debits"), cell("credits"))
    };
    export.json["accounts"].as_array().unwrap().iter().map(text).collect()
}

/// By account of a CSV file: debits less credits, in cents.
fn moved(csv: &str) -> BTreeMap<String, i64> {
    let mut moved = BTreeMap::new();
    let cents = |cell: &str| cell.replace('.', "").parse::<i64>().unwrap_or(0);
    for line in csv.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        *moved.entry(cells[3].to_owned()).or_default() += cents(cells[5]) - cents(cells[6]);
    }
    moved.retain(|_, cents| *cents != 0);
    moved
}

#[test]
fn a_month_is_exported_once_and_what_comes_later_by_itself() {
    let house = paid_in_january();
    house.export("2026-01-01", "summary").is_problem(409, "account_unmapped");
    house.name_accounts();
    let export = house.export("2026-01-01", "summary").is(201);
    // Billed 31.00 on the 15th, 17 of its 31 days are earned in January, and it is paid on the 20th.
    assert_eq!(
        accounts(&export),
        ["411000 31.00 31.00", "512000 31.00 0.00", "487000 17.00 31.00", "706000 0.00 17.00"]
    );
    assert_eq!(
        [export.text_at("/debits"), export.text_at("/credits"), export.text_at("/status")],
        ["79.00", "79.00", "standing"]
    );
    assert_eq!(export.json["entries"], 3);
    house.export("2026-01-01", "summary").is_problem(409, "nothing_to_export");
    let text = house.file(&export.id(), "");
    // A set-up billed on a day of January, by hand: it is the only thing in the next export.
    let customer = house.customer();
    let lines = json!([{ "description": "Set-up", "amount": "20.00" }]);
    let body = json!({ "customer_id": customer, "collection": "send_invoice", "lines": lines });
    let draft = house.client().post("/v1/invoices", body).is(201).id();
    house.client().post(&format!("/v1/invoices/{draft}/finalize"), json!({})).is(200);
    house.export("2026-01-01", "summary").is_problem(409, "nothing_to_export");
    let march = house.export("2026-03-01", "detail").is(201);
    assert_eq!(march.text_at("/debits"), "20.00");
    assert_eq!(house.file(&export.id(), ""), text, "a download differs from the one before");
    house.world.settle();
}

#[test]
fn a_reversed_export_is_taken_back_whole_and_can_be_made_again() {
    let house = paid_in_january();
    house.name_accounts();
    let first = house.export("2026-01-01", "detail").is(201).id();
    let reverse = |id: &str, reason: &str| {
        house.client().post(&format!("/v1/exports/journals/{id}/reverse"), json!({ "reason": reason }))
    };
    reverse(&first, " ").is_problem(422, "reason_required");
    let reversal = reverse(&first, "wrong company").is(201);
    assert_eq!(reversal.text_at("/reverses"), first);
    reverse(&first, "again").is_problem(409, "export_reversed");
    reverse(&reversal.id(), "back").is_problem(409, "export_is_reversal");
    let again = house.export("2026-01-01", "detail").is(201).id();
    let (before, back) = (moved(&house.file(&first, "")), moved(&house.file(&reversal.id(), "")));
    let exchanged: BTreeMap<String, i64> =
        before.iter().map(|(code, cents)| (code.clone(), -cents)).collect();
    assert_eq!(back, exchanged);
    assert_eq!(moved(&house.file(&again, "")), before);
    let listed = house.client().get("/v1/exports/journals").is(200);
    let states: Vec<&str> = listed.data().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["standing", "standing", "reversed"]);
    house.world.settle();
}

#[test]
fn of_two_exports_at_once_one_has_it_all() {
    let house = paid_in_january();
    house.name_accounts();
    let start = Barrier::new(4);
    let mut answers: Vec<u16> = thread::scope(|scope| {
        let run = || {
            start.wait();
            house.export("2026-01-01", "detail").status
        };
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409, 409]);
    house.world.settle();
}

#[test]
fn what_an_account_was_called_stays_in_what_was_exported() {
    let house = paid_in_january();
    house.name_accounts();
    let export = house.export("2026-01-01", "summary").is(201).id();
    let before = house.file(&export, "");
    let renamed = json!({ "accounts": [{ "account": "revenue", "code": "4000", "name": "Sales" }] });
    house.client().post("/v1/account_mappings", renamed).is(200);
    assert_eq!(house.file(&export, ""), before);
    let unknown = json!({ "accounts": [{ "account": "petty_cash", "code": "1" }] });
    house.client().post("/v1/account_mappings", unknown).is_problem(422, "unknown_account");
    let twice =
        json!({ "accounts": [{ "account": "revenue", "code": "1" }, { "account": "revenue", "code": "2" }] });
    house.client().post("/v1/account_mappings", twice).is_problem(422, "duplicate");
    house.world.settle();
}

#[test]
fn each_program_has_its_columns() {
    let house = paid_in_january();
    house.name_accounts();
    let export = house.export("2026-01-01", "detail").is(201).id();
    let lines = |query: &str| house.file(&export, query).lines().map(str::to_owned).collect::<Vec<_>>();
    let entry = |n: u8| format!("{export}-{n}");
    assert_eq!(
        lines("?format=quickbooks")[1],
        format!("{},01/15/2026,411000,31.00,,invoice finalized INV-000001,Ada,USD", entry(1))
    );
    assert_eq!(
        lines("?format=xero")[2],
        format!("{},15/01/2026,invoice finalized INV-000001,487000,Tax Exempt,-31.00", entry(1))
    );
    assert_eq!(
        lines("?format=netsuite")[1],
        format!("{},01/15/2026,USD,411000,31.00,,invoice finalized INV-000001", entry(1))
    );
    assert_eq!(
        lines("?format=sage")[1..3],
        [
            "GJ,01/15/2026,invoice finalized INV-000001,1,411000,invoice finalized INV-000001,31.00,",
            ",,,2,487000,invoice finalized INV-000001,,31.00",
        ]
    );
    let path = format!("/v1/exports/journals/{export}/file?format=datev");
    house.client().get(&path).is_problem(422, "missing_field");
    let datev = lines("?format=datev&consultant=29098&client=55003");
    assert!(datev[0].starts_with("\"EXTF\";700;21;\"Buchungsstapel\";13;"), "{}", datev[0]);
    assert!(
        datev[0].ends_with(";29098;55003;20260101;6;20260101;20260131;\"Billwright\";\"\";1;0;0;\"USD\"")
    );
    assert_eq!(
        datev[2],
        "31,00;\"S\";\"USD\";;;\"\";411000;487000;\"\";1501;\"INV-000001\";\"\";;\"invoice finalized INV-000001\""
    );
    house.world.settle();
}

#[test]
fn a_name_that_looks_like_a_formula_is_written_as_a_text() {
    let house = House::at("2026-01-15T00:00:00Z");
    let customer = house.client().post("/v1/customers", json!({ "name": "=1+1" })).is(201).id();
    let lines = json!([{ "description": "Set-up", "amount": "20.00" }]);
    let body = json!({ "customer_id": customer, "collection": "send_invoice", "lines": lines });
    let draft = house.client().post("/v1/invoices", body).is(201).id();
    house.client().post(&format!("/v1/invoices/{draft}/finalize"), json!({})).is(200);
    house.client().post("/v1/accounting_periods", json!({ "month": "2026-01" })).is(201);
    house.name_accounts();
    let code = json!({ "accounts": [{ "account": "revenue", "code": "=706" }] });
    house.client().post("/v1/account_mappings", code).is(200);
    let export = house.export("2026-01-01", "detail").is(201).id();
    for format in ["csv", "quickbooks"] {
        let file = house.file(&export, &format!("?format={format}"));
        assert!(file.contains(",'=1+1,") && !file.contains(",=1+1,"), "{file}");
        assert!(file.contains(",'=706,") && !file.contains(",=706,"), "{file}");
    }
    house.world.settle();
}

#[test]
fn the_french_file_numbers_entries_without_a_gap_and_balances_each() {
    let house = paid_in_january();
    house.name_accounts();
    let path = "/v1/exports/fec?from=2026-01-01&to=2026-02-28&siren=732829320";
    house.client().get(path).is_problem(422, "periods_open");
    house.close("2026-01-01").is(200);
    house.close("2026-02-01").is(200);
    house.client().get(&path.replace("320", "321")).is_problem(422, "bad_siren");
    let reply = house.client().get(path).is(200);
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"732829320FEC20260228.txt\"");
    let rows: Vec<Vec<String>> =
        reply.text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect();
    assert!(rows.iter().all(|row| row.len() == 18), "a line has not 18 fields");
    let cents = |cell: &str| cell.replace(',', "").parse::<i64>().unwrap();
    let mut entries: BTreeMap<u32, i64> = BTreeMap::new();
    for row in &rows[1..] {
        *entries.entry(row[2].parse().unwrap()).or_default() += cents(&row[11]) - cents(&row[12]);
    }
    assert!(entries.values().all(|difference| *difference == 0), "an entry does not balance");
    assert!(entries.keys().copied().eq(1..=u32::try_from(entries.len()).unwrap()), "numbers have a gap");
    assert_eq!(
        rows[1],
        [
            "VE",
            "Ventes",
            "1",
            "20260115",
            "411000",
            "accounts receivable",
            &rows[1][6],
            "Ada",
            "INV-000001",
            "20260115",
            "invoice finalized INV-000001",
            "31,00",
            "0,00",
            "",
            "",
            "20260305",
            "",
            "",
        ]
    );
    assert!(rows[1][6].starts_with("cus_"));
    assert_eq!(house.client().get(path).is(200).text, reply.text);
    house.world.settle();
}

#[test]
fn a_french_year_begins_with_what_earlier_ones_bring_forward() {
    let house = paid_in_january();
    house.name_accounts();
    for month in ["2026-01-01", "2026-02-01"] {
        house.close(month).is(200);
    }
    let balances = |day: &str| house.balances(day);
    let path = "/v1/exports/fec?from=2026-02-01&to=2026-02-28&siren=732829320";
    house.client().get(&format!("{path}&result_code=X1")).is_problem(422, "account_code_unfit");
    let reply = house.client().get(&format!("{path}&result_code=110000")).is(200);
    let without = house.client().get(path).is(200);
    let rows: Vec<Vec<&str>> = reply.text.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    let (forward, rest): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row[0] == "AN");
    assert!(forward.iter().all(|row| row.len() == 18 && row[2] == "1" && row[3] == "20260201"));
    let cents = |cell: &str| cell.replace([',', '.'], "").parse::<i64>().unwrap();
    assert_eq!(forward.iter().map(|row| cents(row[11]) - cents(row[12])).sum::<i64>(), 0, "it balances");
    let deferred = forward.iter().find(|row| row[4] == "487000").unwrap();
    assert_eq!(cents(deferred[12]), cents(&balances("2026-01-31")["deferred_revenue"]));
    let earned = forward.iter().find(|row| row[4] == "110000").unwrap();
    assert_eq!(cents(earned[12]) - cents(earned[11]), cents(&balances("2026-01-31")["revenue"]));
    // Those of the year follow it.
    let numbers: Vec<i64> =
        without.text.lines().skip(1).map(|line| line.split('\t').nth(2).unwrap().parse().unwrap()).collect();
    assert_eq!(rest.iter().map(|row| row[2].parse::<i64>().unwrap() - 1).collect::<Vec<_>>(), numbers);
    // Before the first year there is nothing.
    let first = "/v1/exports/fec?from=2026-01-01&to=2026-02-28&siren=732829320";
    let plain = house.client().get(first).is(200).text;
    assert_eq!(house.client().get(&format!("{first}&result_code=110000")).is(200).text, plain);
    house.world.settle();
}

#[test]
fn an_export_that_says_something_else_than_what_is_posted_is_named() {
    // Not settled at its end: its books are wrong.
    let house = ManuallyDrop::new(House::in_world(World::own_database("2026-01-15T00:00:00Z")));
    house.subscribe(&house.plan("monthly", "31.00", 1));
    house.world.advance_to("2026-02-05T00:00:00Z");
    house.name_accounts();
    house.export("2026-01-01", "detail").is(201);
    house.world.relay_events();
    let planted = "DELETE FROM journal_export_items WHERE tenant_id = $t AND place = 1";
    let named = house.world.named_by_checks(house.world.tenant.id, planted);
    assert_eq!(named, ["exports_say_what_is_posted"]);
}
