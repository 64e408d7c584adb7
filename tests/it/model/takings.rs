//! What is taken back of an invoice, and of which charges? The lines of the invoice are found again among the charges of the reckoning;
//! where a line could be two of them, the invoice is left alone.

use serde_json::{Value, json};

use super::history::{History, Sent, Stage};
use super::parts::{Cents, Key, Price};
use super::places::read;
use super::shop::{cents, major};
use super::taxes::Taxed;
use crate::harness::Reply;

/// Kinds that happen to a balance between the commands.
pub const BETWEEN: &[&str] = &["apply_balance", "pay_out"];

/// A line that charges.
struct Line {
    no: i64,
    key: Key,
    /// What is left of it.
    left: Cents,
    amount: Cents,
}

/// An invoice, read.
struct Bill {
    id: String,
    lines: Vec<Line>,
    /// Its credits.
    credits: Cents,
    due: Cents,
    applied: Cents,
}

impl History {
    /// Voids, credits, corrects, writes off, or pays an invoice.
    pub fn take_back(&mut self, stage: &Stage<'_>, kind: &'static str) {
        // What is taken back of usage or of what it falls short of moves between the two: that is told by stories.
        if kind != "pay" && self.kinds.contains("commitment") {
            return;
        }
        // What is given up keeps its tax.
        if kind == "write_off" && self.taxed == Taxed::OnTop {
            return;
        }
        let Some(bill) = self.some_bill(stage, kind) else { return };
        self.look(stage.now);
        // Usage told late is billed with the next invoice: what it is waived at before that is told by stories.
        let waives = ["void", "write_off"].contains(&kind);
        if waives && bill.lines.iter().any(|line| self.is_recorded_late(line)) {
            return;
        }
        match kind {
            "void" => self.void(stage, &bill),
            "write_off" => self.write_off(stage, &bill),
            "correct" => self.correct(stage, &bill),
            "pay" => self.pay(stage, &bill),
            "draft_edit" => self.edit(stage, &bill),
            _ => self.note(stage, kind, &bill),
        }
        self.look(stage.now);
    }

    fn is_recorded_late(&self, line: &Line) -> bool {
        let is_usage = matches!(self.reckoning.versions[line.key.version].price, Price::Usage(_));
        is_usage && self.charges[&line.key].worth != line.amount
    }

    fn some_bill(&mut self, stage: &Stage<'_>, kind: &str) -> Option<Bill> {
        let path = format!("/v1/invoices?customer_id={}&limit=100", self.payer);
        let listed = stage.client.get(&path).is(200);
        let wanted: &[&str] = match kind {
            "void" | "write_off" | "pay" => &["open"],
            "draft_edit" => &["draft"],
            _ => &["open", "paid"],
        };
        let fits = |i: &&Value| {
            wanted.contains(&i["status"].as_str().unwrap())
                && !self.closed.contains(i["id"].as_str().unwrap())
        };
        let ids: Vec<String> =
            listed.data().iter().filter(fits).map(|i| i["id"].as_str().unwrap().to_owned()).collect();
        if ids.is_empty() {
            return None;
        }
        let id = self.chance.pick(&ids).clone();
        let invoice = stage.client.get(&format!("/v1/invoices/{id}")).is(200).json;
        self.read(id, &invoice)
    }

    fn read(&self, id: String, invoice: &Value) -> Option<Bill> {
        let (mut lines, mut credits) = (Vec::new(), 0);
        for (n, line) in invoice["lines"].as_array().unwrap().iter().enumerate() {
            let (no, amount) =
                (i64::try_from(n).unwrap() + 1, cents(&line["amount"]) - cents(&line["discount"]));
            if amount <= 0 {
                credits -= amount;
                continue;
            }
            let key = self.charge_of(line, amount)?;
            let noted = self.noted.get(&(id.clone(), no)).copied().unwrap_or(0);
            lines.push(Line { no, key, left: amount - noted, amount });
        }
        let due = cents(&invoice["amount_due"]);
        let applied = cents(&invoice["balance_applied"]) + cents(&invoice["credits_applied"]);
        (!lines.is_empty()).then_some(Bill { id, lines, credits, due, applied })
    }

    fn charge_of(&self, line: &Value, amount: Cents) -> Option<Key> {
        let said = line["description"].as_str().unwrap();
        let code = said.split(" (").next().unwrap();
        let start = read(line["period"]["start"].as_str().unwrap());
        let is_it = |key: &Key, first: Cents| {
            key.start == start && first == amount && self.reckoning.versions[key.version].code == code
        };
        let found: Vec<Key> = self
            .charges
            .iter()
            .filter(|(key, charge)| is_it(key, charge.first))
            .map(|(key, _)| *key)
            .collect();
        (found.len() == 1 && line["revision"] == 0).then(|| found[0])
    }

    /// Takes so much back of what was billed. What waits for an invoice is not billed: where it is less, that much of it is back already.
    fn take(&mut self, line: &Line, amount: Cents) {
        let charge = self.charges.get_mut(&line.key).unwrap();
        charge.target.void(amount, charge.worth);
    }

    fn void(&mut self, stage: &Stage<'_>, bill: &Bill) {
        if bill.credits > 0 && bill.lines.len() > 1 {
            return;
        }
        if self.send(stage, "void", (&format!("/v1/invoices/{}/void", bill.id), json!({}))).is_some() {
            self.voided_with_credits |= bill.credits > 0;
            for line in &bill.lines {
                self.take(line, line.left - bill.credits);
            }
        }
    }

    fn write_off(&mut self, stage: &Stage<'_>, bill: &Bill) {
        if bill.lines.len() > 1 && (bill.credits > 0 || bill.applied > 0) {
            return;
        }
        let path = format!("/v1/invoices/{}/mark_uncollectible", bill.id);
        if self.send(stage, "write_off", (&path, json!({}))).is_some() {
            for line in &bill.lines {
                self.take(line, if bill.lines.len() == 1 { bill.due } else { line.left });
            }
        }
    }

    fn note(&mut self, stage: &Stage<'_>, kind: &'static str, bill: &Bill) {
        if bill.credits > 0 {
            return;
        }
        let to = if kind == "note_refund" { "refund" } else { "credit_balance" };
        let mut body = json!({ "invoice_id": bill.id, "reason": "outage", "to": to });
        if self.chance.one_in(2) {
            let line = self.chance.pick(&bill.lines);
            let amount = self.chance.below(line.left.max(1)) + 1;
            body["lines"] = json!([{ "line_no": line.no, "amount": major(amount) }]);
        }
        let Some(reply) = self.send(stage, kind, ("/v1/credit_notes", body)) else { return };
        self.refunded += cents(&reply.json["to_refund"]);
        // All that is left of a line may be less than all that was billed of it: what was taken is what the note says.
        for credited in reply.json["lines"].as_array().unwrap() {
            let Some(line) = bill.lines.iter().find(|line| credited["invoice_line_no"] == line.no) else {
                continue;
            };
            let amount = cents(&credited["amount"]);
            *self.noted.entry((bill.id.clone(), line.no)).or_default() += amount;
            self.charges.get_mut(&line.key).unwrap().target.note(amount);
        }
    }

    /// Whether a line is all there is of its charge.
    fn is_whole(&self, line: &Line) -> bool {
        let charge = &self.charges[&line.key];
        charge.target.is_untouched() && charge.worth == line.amount
    }

    /// Removes a line of a draft, or says what it comes to.
    fn edit(&mut self, stage: &Stage<'_>, bill: &Bill) {
        if bill.credits > 0 || !bill.lines.iter().all(|line| self.is_whole(line)) {
            return;
        }
        let line = self.chance.pick(&bill.lines);
        let path = format!("/v1/invoices/{}/lines/{}", bill.id, line.no);
        let to = if self.chance.one_in(2) { 0 } else { self.chance.below(line.amount * 3 / 2) };
        let (method, body) =
            if to == 0 { ("DELETE", json!({})) } else { ("PATCH", json!({ "amount": major(to) })) };
        let sent = Sent { kind: "draft_edit", path: &path, body };
        if to != line.amount && self.send_by(method, stage, sent).is_some() {
            let charge = self.charges.get_mut(&line.key).unwrap();
            charge.target.correct(to, charge.worth);
        }
    }

    fn correct(&mut self, stage: &Stage<'_>, bill: &Bill) {
        if bill.credits > 0 || !bill.lines.iter().all(|line| self.is_whole(line)) {
            return;
        }
        let line = self.chance.pick(&bill.lines);
        let to = self.chance.below(line.amount * 3 / 2);
        let body = json!({ "reason": "wrong", "lines": [{ "line_no": line.no, "amount": major(to) }] });
        let path = format!("/v1/invoices/{}/correct", bill.id);
        let Some(Reply { json, .. }) = self.send(stage, "correct", (&path, body)) else { return };
        self.closed.insert(bill.id.clone());
        self.closed.extend(json["invoice"]["id"].as_str().map(str::to_owned));
        let charge = self.charges.get_mut(&line.key).unwrap();
        charge.target.correct(to, charge.worth);
    }

    /// Money that is for no invoice.
    pub fn pay_ahead(&mut self, stage: &Stage<'_>) {
        let amount = self.chance.below(5_000) + 1;
        let body = json!({ "customer_id": self.payer, "amount": major(amount), "currency": "USD" });
        self.send(stage, "pay_ahead", ("/v1/payments", body));
    }

    /// What is on the balance pays what is open, or is paid out: all of it or a part, outside or by the card.
    pub fn use_balance(&mut self, stage: &Stage<'_>) {
        let path = format!("/v1/customers/{}/credit_balance", self.payer);
        let held = stage.client.get(&path).is(200);
        let held: Cents = held.data().iter().map(|b| cents(&b["balance"])).sum();
        if held == 0 {
            return;
        }
        if self.spare.one_in(2) {
            self.send(stage, "apply_balance", (&format!("{path}/apply"), json!({})));
            return;
        }
        let mut body = match self.kinds.contains("by_card") && self.spare.one_in(2) {
            true => json!({ "to": "payment_methods" }),
            false => json!({ "to": "outside", "reference": "SEPA" }),
        };
        if self.spare.one_in(2) {
            body["amount"] = json!(major(self.spare.below(held) + 1));
        }
        if let Some(reply) = self.send(stage, "pay_out", (&format!("{path}/pay_out"), body)) {
            self.refunded += cents(&reply.json["amount"]);
        }
    }

    fn pay(&mut self, stage: &Stage<'_>, bill: &Bill) {
        if bill.due == 0 {
            return;
        }
        // Given up first, and paid after all in two parts: it is as if it had never been.
        let is_given_up = self.spare.one_in(3) && !bill.lines.iter().any(|line| self.is_recorded_late(line));
        let half = if is_given_up { bill.due / 2 } else { 0 };
        if is_given_up {
            let path = format!("/v1/invoices/{}/mark_uncollectible", bill.id);
            self.send(stage, "write_off", (&path, json!({})));
        }
        for amount in [half, bill.due - half].into_iter().filter(|amount| *amount > 0) {
            let body = json!({ "customer_id": self.payer, "amount": major(amount), "currency": "USD", "invoice_id": bill.id });
            self.send(stage, "pay", ("/v1/payments", body));
        }
    }
}
