//! Why is a line what it is? Each story bills something and reads a line's explanation as its reader would: enough to compute the
//! amount by hand. That every line of every other story explains itself, too, is checked when each of them ends.

mod by_hand;
mod histories;
mod items;
mod metered;

use serde_json::Value;

use crate::harness::World;

/// The explanations of a customer's lines, the oldest invoice first.
fn explained(world: &World, customer: &str) -> Vec<Value> {
    let listed = world.get(&format!("/v1/invoices?customer_id={customer}&limit=100")).is(200);
    let mut ids: Vec<(String, String)> =
        listed.data().iter().map(|i| (field(i, "billing_date"), field(i, "id"))).collect();
    ids.sort();
    let mut explained = Vec::new();
    for (_, id) in ids {
        let invoice = world.get(&format!("/v1/invoices/{id}")).is(200).json;
        for line in invoice["lines"].as_array().unwrap() {
            explained
                .push(world.get(&format!("/v1/invoice_lines/{}/explain", field(line, "id"))).is(200).json);
        }
    }
    explained
}

/// The explanation of the last line of a customer whose description this is.
#[track_caller]
fn explanation(world: &World, customer: &str, description: &str) -> Value {
    let found =
        explained(world, customer).into_iter().rev().find(|e| e["line"]["description"] == description);
    found.unwrap_or_else(|| panic!("no line says {description}"))
}

/// What leads from the price to the amount, step by step.
fn steps(explanation: &Value) -> Vec<String> {
    let steps = &explanation["steps"];
    let mut rows: Vec<String> = list(steps, "parts").iter().map(part).collect();
    if let Some(cut) = steps["proration"].as_object() {
        let text = |name: &str| cut[name].as_str().unwrap().to_owned();
        rows.push(format!("{} {} to {} {}", text("from"), text("starts_by"), text("to"), text("ends_by")));
    }
    for step in list(steps, "roundings") {
        let share = step["share"].as_str().map(|share| format!(" x {share}")).unwrap_or_default();
        rows.push(format!(
            "{}{share} = {} -> {}",
            field(step, "amount"),
            field(step, "exact"),
            field(step, "rounded")
        ));
    }
    if let Some(commitment) = steps["commitment"].as_object() {
        rows.push(format!(
            "{} committed, {} counted",
            commitment["committed"].as_str().unwrap(),
            commitment["counted"].as_str().unwrap()
        ));
    }
    let (worth, before) = (field(steps, "worth"), field(steps, "billed_before"));
    rows.push(format!("{worth} - {before} = {}", field(&explanation["line"], "amount")));
    assert_eq!(steps["recomputed"], true, "{explanation}");
    rows
}

/// `tier above 100 up to 1000: 900 x 0.08 = 72`.
fn part(part: &Value) -> String {
    let mut row = field(part, "what");
    for (name, said) in [("above", "above"), ("up_to", "up to"), ("size", "of")] {
        if let Some(value) = part[name].as_str() {
            row.push_str(&format!(" {said} {value}"));
        }
    }
    if let Some(values) = part["values"].as_array() {
        let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        row.push_str(&format!(" {}", values.join(" ")));
    }
    let flat = match part["flat_amount"].as_str() {
        Some("0") => String::new(),
        flat => format!(" + {}", flat.unwrap()),
    };
    format!(
        "{row}: {} x {}{flat} = {}",
        field(part, "units"),
        field(part, "unit_amount"),
        field(part, "amount")
    )
}

/// `change by the caller on 2026-04-16`.
fn caused(world: &World, explanation: &Value) -> String {
    let cause = &explanation["cause"];
    let key = world.get("/v1/api_keys").is(200).text_at("/data/0/id");
    let by = match cause["api_key_id"].as_str() {
        Some(id) if id == key => " by the caller",
        Some(_) => " by somebody",
        None => "",
    };
    format!("{}{by} on {}", field(cause, "kind"), &field(cause, "requested_at")[..10])
}

fn list<'v>(value: &'v Value, name: &str) -> &'v Vec<Value> {
    value[name].as_array().unwrap()
}

#[track_caller]
fn field(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no text {name} in {value}")).to_owned()
}

/// The sentence of an explanation, its ids left out.
fn sentence(explanation: &Value) -> String {
    let words = field(explanation, "sentence");
    let plain = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let id = ["inv_", "key_", "cn_", "cg_"].into_iter().find(|prefix| bare.starts_with(prefix));
        id.map_or_else(|| word.to_owned(), |prefix| word.replace(bare, &format!("{prefix}…")))
    };
    words.split(' ').map(plain).collect::<Vec<_>>().join(" ")
}
