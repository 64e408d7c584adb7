//! What is the tax of a history's documents? Sold from France to consumers there, at 20 % until day 30 and at 10 % from then on: 31.00 on day 28 is
//! taxed with 6.20 on top, or contains 5.17; on day 32 with 3.10, or 2.82. What is given back in between goes back with the tax it had.
//!
//! Each document by itself: what is new on it is taxed as a whole, rate by rate, rounded once, and each line has its share, rounded up or down. All
//! of them together, rate by rate: the tax of what is left of each charge, by the rate of the day it was billed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::history::{Charge, History};
use super::parts::{Cents, Piece, share};
use super::places::{Moment, Place, read, written};
use super::shop::cents;
use crate::harness::{Client, World};

/// Seeds from here on, below the next, are of prices that contain their tax.
pub const WITHIN: u64 = 70_000_000;
/// Seeds from here on have their tax on top.
pub const ON_TOP: u64 = 80_000_000;

/// The day on which the rate changes.
const CHANGE: i64 = 30;
/// In percent, before and after.
const BEFORE: i64 = 20;
const AFTER: i64 = 10;

/// Percentages, and what there is of each.
type ByRate = BTreeMap<i64, Cents>;

/// How what a history buys is taxed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Taxed {
    #[default]
    Never,
    Within,
    OnTop,
}

impl Taxed {
    pub fn of(seed: u64) -> Taxed {
        match seed {
            ON_TOP.. => Taxed::OnTop,
            WITHIN.. => Taxed::Within,
            _ => Taxed::Never,
        }
    }

    /// As prices are told.
    pub fn behavior(self) -> &'static str {
        if self == Taxed::Within { "inclusive" } else { "exclusive" }
    }

    /// What the histories draw with it.
    pub fn kinds(self) -> &'static [&'static str] {
        match self {
            Taxed::Never => &[],
            Taxed::Within => &["tax", "tax_rate", "inclusive"],
            Taxed::OnTop => &["tax", "tax_rate"],
        }
    }

    /// The percentage of an amount as a fraction: what is within 120.00 at 20 % is 20/120 of it.
    fn fraction(self, rate: i64) -> (i64, i64) {
        if self == Taxed::Within { (rate, 100 + rate) } else { (rate, 100) }
    }
}

/// Sells from France, where the rate changes.
pub fn register(world: &World, place: &Place) {
    world.patch("/v1/tax/settings", json!({ "country": "FR" })).is(200);
    let from = written(place.stop(CHANGE));
    let rate = json!({ "country": "FR", "kind": "standard", "rate": AFTER.to_string(), "valid_from": &from[..10], "source": "a law" });
    world.post("/v1/tax/rates", rate).is(201);
}

/// The rate of what is supplied until a moment and billed at another: that of the earlier day.
fn rate_of(place: &Place, billed: Moment, (start, end): (Moment, Moment)) -> i64 {
    let day = if start < end { billed.min(end - 1) } else { billed };
    if place.day(day) < place.day(place.stop(CHANGE)) { BEFORE } else { AFTER }
}

impl Charge {
    /// Notes that a piece is worth so much, billed at a moment: what is more than ever before is taxed by the rate of that day.
    pub fn note_rate(&mut self, place: &Place, piece: &Piece, billed: Moment) {
        let high: Cents = self.rates.iter().map(|(amount, _)| amount).sum();
        if piece.amount > high || (self.rates.is_empty() && piece.amount < 0) {
            let rate = rate_of(place, billed, (piece.key.start, piece.end));
            self.rates.push((piece.amount - high, rate));
        }
    }

    /// How much of what is left of it was billed at each rate: what was billed last goes back first.
    fn left_by_rate(&self) -> ByRate {
        let mut left = self.target.left_of(self.worth);
        let mut by_rate = ByRate::new();
        for (n, (amount, rate)) in self.rates.iter().enumerate() {
            // What a correction adds has the rate of what was there.
            let most = if n + 1 == self.rates.len() { left } else { left.min(*amount) };
            *by_rate.entry(*rate).or_default() += most;
            left -= most;
        }
        by_rate
    }
}

impl History {
    /// The tax that stands on its documents, on top of what they bill.
    pub fn tax_on_top(&self, client: &Client) -> Cents {
        if self.taxed != Taxed::OnTop {
            return 0;
        }
        let (invoices, notes) = self.documents(client);
        let tax_of = |documents: &[Value]| documents.iter().map(|it| cents(&it["tax_total"])).sum::<Cents>();
        tax_of(&invoices) - tax_of(&notes)
    }

    /// Its invoices that are not void, and the credit notes of these.
    fn documents(&self, client: &Client) -> (Vec<Value>, Vec<Value>) {
        let list = |resource: &str| {
            client.get(&format!("/v1/{resource}?customer_id={}&limit=100", self.payer)).is(200)
        };
        let (invoices, notes) = (list("invoices"), list("credit_notes"));
        let invoices: Vec<Value> =
            invoices.data().iter().filter(|invoice| invoice["status"] != "void").cloned().collect();
        let stands = |note: &&Value| invoices.iter().any(|invoice| invoice["id"] == note["invoice_id"]);
        let notes = notes.data().iter().filter(stands).cloned().collect();
        (invoices, notes)
    }

    /// Judges each document by itself, and all of them together.
    pub fn judge_taxes(&mut self, client: &Client) {
        if self.taxed == Taxed::Never {
            return;
        }
        let (invoices, notes) = self.documents(client);
        let (mut found, mut lines) = (ByRate::new(), 0);
        let mut is_mixed = self.kinds.contains("write_off") || self.voided_with_credits;
        for listed in invoices {
            let id = listed["id"].as_str().unwrap();
            let invoice = client.get(&format!("/v1/invoices/{id}")).is(200).json;
            let invoice_lines = invoice["lines"].as_array().unwrap();
            self.judge_invoice(&invoice, invoice_lines);
            for tax in invoice_lines.iter().flat_map(|line| line["taxes"].as_array().unwrap()) {
                *found.entry(percent(tax)).or_default() += cents(&tax["amount"]);
                lines += 1;
            }
            for note in notes.iter().filter(|note| note["invoice_id"] == listed["id"]) {
                let note =
                    client.get(&format!("/v1/credit_notes/{}", note["id"].as_str().unwrap())).is(200).json;
                for credited in note["lines"].as_array().unwrap() {
                    let no = usize::try_from(credited["invoice_line_no"].as_i64().unwrap()).unwrap();
                    let taxes = invoice_lines[no - 1]["taxes"].as_array().unwrap();
                    is_mixed |= taxes.len() > 1;
                    let Some(tax) = taxes.first() else { continue };
                    let gone = cents(&credited["tax"]) + cents(&credited["tax_included"]);
                    *found.entry(percent(tax)).or_default() -= gone;
                    lines += 1;
                }
            }
        }
        // Where it is not known on which day each charge was billed, nor is its rate.
        if !is_mixed && self.is_exact {
            self.judge_rates(&found, lines);
        }
    }

    /// The tax of all that is left, rate by rate. Each of so many lines may be a cent off its exact share; where nothing is left, nothing is.
    fn judge_rates(&mut self, found: &ByRate, lines: i64) {
        let mut left = ByRate::new();
        for charge in self.charges.values() {
            for (rate, amount) in charge.left_by_rate() {
                *left.entry(rate).or_default() += amount;
            }
        }
        let is_nothing = self.charges.values().all(|charge| charge.target.left_of(charge.worth) == 0);
        for rate in [BEFORE, AFTER] {
            let (part, whole) = self.taxed.fraction(rate);
            let should = share(left.get(&rate).copied().unwrap_or(0), part, whole);
            let is = found.get(&rate).copied().unwrap_or(0);
            let off = if is_nothing { 0 } else { lines };
            if (is - should).abs() > off {
                self.wrong.push(format!("its tax at {rate} % is {is}, should be {should} ({left:?})"));
            }
        }
    }

    fn judge_invoice(&mut self, invoice: &Value, lines: &[Value]) {
        let id = invoice["id"].as_str().unwrap().to_owned();
        let mut wrong = Vec::new();
        let sum = |name: &str| lines.iter().map(|line| cents(&line[name])).sum::<Cents>();
        let totals = [("tax", "tax_total"), ("tax_included", "tax_included_total")];
        for (of_line, total) in totals {
            if sum(of_line) != cents(&invoice[total]) {
                wrong.push(format!("its {total} is not that of its lines"));
            }
        }
        let net = sum("amount") - sum("discount");
        if net + cents(&invoice["tax_total"]) != cents(&invoice["total"]) {
            wrong.push("its total is not what its lines and their tax come to".to_owned());
        }
        // What takes another's place has the rates that one had.
        let corrects = self.closed.contains(&id);
        let issued = read(invoice["issued_at"].as_str().unwrap());
        let (mut new, mut taxes) = (ByRate::new(), ByRate::new());
        for line in lines {
            let (amount, tax) = (amount_of(line), cents(&line["tax"]) + cents(&line["tax_included"]));
            let parts = line["taxes"].as_array().unwrap();
            let in_parts: Cents = parts.iter().map(|part| cents(&part["amount"])).sum();
            if in_parts != tax {
                wrong.push(format!("a line's tax is {tax}, its parts are {in_parts}"));
            }
            let rates: Vec<i64> = parts.iter().map(percent).collect();
            let (said, no) = (line["description"].as_str().unwrap(), &line["revision"]);
            self.log.push(format!(
                "{} {said}, revision {no}: {amount} with {tax} at {rates:?} %",
                written(issued)
            ));
            // Credits are vouchers: what they pay for is taxed, and they are not.
            if line["subscription_id"].is_null() {
                if tax != 0 {
                    wrong.push(format!("credits of {amount} are taxed with {tax}"));
                }
                continue;
            }
            if line["revision"] != 0 || amount <= 0 {
                continue;
            }
            let period = ["start", "end"].map(|name| read(line["period"][name].as_str().unwrap()));
            let rate = match corrects {
                true => parts.first().map_or(0, percent),
                false => rate_of(&self.reckoning.place, issued, (period[0], period[1])),
            };
            let (part, whole) = self.taxed.fraction(rate);
            if (tax * whole - amount * part).abs() >= whole {
                wrong.push(format!("{amount} has {tax} of tax, should have {rate} %"));
            }
            *new.entry(rate).or_default() += amount;
            *taxes.entry(rate).or_default() += tax;
        }
        // Where nothing on it says anything of what was billed before, all of it was taxed together.
        let all_new = lines.iter().all(|line| line["revision"] == 0 && amount_of(line) >= 0);
        for (rate, amount) in new.iter().filter(|_| all_new) {
            let (part, whole) = self.taxed.fraction(*rate);
            if share(*amount, part, whole) != taxes[rate] {
                wrong.push(format!("{amount} have {} of tax in all, at {rate} %", taxes[rate]));
            }
        }
        self.wrong.extend(wrong.into_iter().map(|fault| format!("of {id} {fault}")));
    }

    /// When a piece was billed that billing finds for the first time, or finds to be more: on the day it fell due, on the day it waited for, or now.
    pub fn billed_at(&self, piece: &Piece, (before, today): (Moment, Moment)) -> Moment {
        match self.held_until(piece.key) {
            Some(day) if before < day => day.max(piece.due),
            _ if piece.due > before => piece.due,
            _ => today,
        }
    }
}

fn amount_of(line: &Value) -> Cents {
    cents(&line["amount"]) - cents(&line["discount"])
}

fn percent(tax: &Value) -> i64 {
    tax["rate"].as_str().unwrap().parse().unwrap()
}
