//! What has one customer done, and what should that have come to? Each history holds its customer's commands as they were taken by the
//! server, the reckoning of them, and what was taken back of each charge.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::parts::{By, Cents, Key, Price, Version};
use super::places::{Moment, NEVER, Place, written};
use super::reckoning::Reckoning;
use super::shop::{Published, cents};
use super::taken_back::Target;
use super::taxes::Taxed;
use crate::harness::{Chance, Client, Reply};

/// A charge that fell due.
#[derive(Debug, Clone, Default)]
pub struct Charge {
    /// What it was when it first fell due.
    pub first: Cents,
    /// What it was when billing looked last.
    pub worth: Cents,
    pub target: Target,
    /// In parts, the first first: how much was billed at which rate of tax.
    pub rates: Vec<(Cents, i64)>,
}

/// One customer's.
pub struct History {
    pub seed: u64,
    pub chance: Chance,
    /// What happens to its balance between the commands: a stream of its own, so that the commands stay as they were drawn.
    pub spare: Chance,
    pub customer: String,
    /// Whether changes and ends are counted by seconds, two in three.
    pub by_second: bool,
    /// Who is invoiced for it.
    pub payer: String,
    pub subscription: String,
    /// What it costs to leave before the term ends.
    pub fee: Option<Cents>,
    /// Prepaid credits it was given.
    pub granted: Cents,
    /// What they were sold for.
    pub sold: Cents,
    pub reckoning: Reckoning,
    pub charges: BTreeMap<Key, Charge>,
    /// Charges whose difference waits for a moment.
    held: BTreeMap<Key, Moment>,
    /// What every piece comes to as it was decided last.
    decided: BTreeMap<Key, (Cents, Moment)>,
    /// Whether it is known on which day each charge is billed: not where one decision is made while another waits, nor of usage that is
    /// billed early or told late.
    pub is_exact: bool,
    /// What was taken back of each line of each invoice.
    pub noted: BTreeMap<(String, i64), Cents>,
    /// Invoices that are not to be touched again.
    pub closed: BTreeSet<String>,
    /// What went back to who paid, by credit notes and out of the balance.
    pub refunded: Cents,
    pub log: Vec<String>,
    pub kinds: BTreeSet<&'static str>,
    /// Whether a budget is to have what was used at the very moment the clock shows.
    pub uses_now: bool,
    /// How what it buys is taxed.
    pub taxed: Taxed,
    /// Whether an invoice was voided that gave something back: what stays given back counts against another charge.
    pub voided_with_credits: bool,
    /// When billing looked last.
    looked: Moment,
    /// What was answered otherwise than the law says.
    pub wrong: Vec<String>,
}

/// A command.
pub struct Sent<'a> {
    pub kind: &'static str,
    pub path: &'a str,
    pub body: Value,
}

/// Where a history is played.
pub struct Stage<'a> {
    pub client: &'a Client,
    pub plans: &'a [Published],
    pub meter: &'a str,
    /// What the clock shows.
    pub now: Moment,
    /// How many days histories have been played for.
    pub day: i64,
}

impl History {
    pub fn of(seed: u64, place: Place) -> History {
        History {
            seed,
            chance: Chance::of(seed),
            spare: Chance::of(!seed),
            customer: String::new(),
            subscription: String::new(),
            payer: String::new(),
            by_second: false,
            fee: None,
            granted: 0,
            sold: 0,
            reckoning: Reckoning { place, ..Reckoning::default() },
            charges: BTreeMap::new(),
            held: BTreeMap::new(),
            decided: BTreeMap::new(),
            is_exact: true,
            noted: BTreeMap::new(),
            closed: BTreeSet::new(),
            refunded: 0,
            log: Vec::new(),
            kinds: BTreeSet::new(),
            uses_now: false,
            taxed: Taxed::of(seed),
            voided_with_credits: false,
            looked: 0,
            wrong: Vec::new(),
        }
    }

    /// A new version.
    pub fn begin(&mut self, code: &str, (plan, price): (usize, Price), (quantity, from): (i64, Moment)) {
        self.reckoning.versions.push(Version {
            code: code.to_owned(),
            plan,
            price,
            quantity,
            from,
            to: NEVER,
            starts_by: By::Day,
            ends_by: By::Day,
        });
    }

    /// Ends a version and begins what follows it, which lasts as long as the one before would have. Of what begins at that moment nothing
    /// is left: what came before it is cut anew.
    pub fn follow(
        &mut self,
        version: usize,
        (at, by): (Moment, By),
        next: Option<(usize, Price, i64)>,
    ) -> By {
        let old = self.reckoning.versions[version].clone();
        let is_before = |v: &Version| v.code == old.code && v.from < at && v.to == at;
        let before = self.reckoning.versions.iter().position(is_before).filter(|_| old.from == at);
        let cut = before.map_or(&old, |n| &self.reckoning.versions[n]);
        let by = self.reckoning.ends_by(cut, at, by);
        if let Some(n) = before {
            self.reckoning.versions[n].ends_by = by;
        }
        let ended = &mut self.reckoning.versions[version];
        (ended.to, ended.ends_by) = (at, by);
        if let Some((plan, price, quantity)) = next {
            self.reckoning.versions.push(Version { plan, price, quantity, from: at, starts_by: by, ..old });
        }
        by
    }

    /// Takes back what was to happen later than a day.
    pub fn drop_later(&mut self, at: Moment) {
        for version in &mut self.reckoning.versions {
            if matches!(version.price, Price::Once(_)) {
                continue;
            }
            if version.from > at {
                version.to = version.from;
            } else if version.to > at {
                version.to = NEVER;
            }
        }
    }

    /// Sends a command; the log tells what was answered.
    pub fn send(
        &mut self,
        stage: &Stage<'_>,
        kind: &'static str,
        (path, body): (&str, Value),
    ) -> Option<Reply> {
        self.send_by("POST", stage, Sent { kind, path, body })
    }

    /// The same by any method.
    pub fn send_by(
        &mut self,
        method: &str,
        stage: &Stage<'_>,
        Sent { kind, path, body }: Sent<'_>,
    ) -> Option<Reply> {
        let reply = stage.client.call(method, path, Some(&body));
        let said = if reply.status < 300 {
            self.kinds.insert(kind);
            "taken".to_owned()
        } else {
            format!("{} {}", reply.status, reply.json["code"].as_str().unwrap_or_default())
        };
        let shown = path.rsplit('/').next().unwrap_or_default();
        self.log.push(format!("{} {kind} ({shown}) {body}: {said}", written(stage.now)));
        if reply.status >= 500 {
            self.wrong.push(format!("{kind} was answered {}", reply.text));
        }
        (reply.status < 300).then_some(reply)
    }

    /// Sends a command about the subscription.
    pub fn command(&mut self, stage: &Stage<'_>, kind: &'static str, (name, body): (&str, Value)) -> bool {
        let path = format!("/v1/subscriptions/{}/{name}", self.subscription);
        self.send(stage, kind, (&path, body)).is_some()
    }

    /// Notes that what was just decided of the days from one on is billed on another.
    pub fn due(&mut self, today: Moment, (at, day): (Moment, Moment)) {
        self.is_exact &= !self.waits(today);
        if day <= today {
            // One invoice takes it all.
            self.held.values_mut().for_each(|held| *held = (*held).min(day));
        }
        let pieces = self.reckoning.pieces();
        for piece in &pieces {
            let is_another = self.decided.get(&piece.key) != Some(&(piece.amount, piece.due));
            if is_another && (self.charges.contains_key(&piece.key) || piece.due >= at) {
                self.hold(piece.key, day);
            }
        }
        let decided = pieces.iter().map(|piece| (piece.key, (piece.amount, piece.due))).collect();
        let before = std::mem::replace(&mut self.decided, decided);
        for key in before.keys().filter(|key| !self.decided.contains_key(key)).copied().collect::<Vec<_>>() {
            self.hold(key, day);
        }
    }

    /// What is had again on a day that is to come is billed on that day.
    pub fn due_on_its_day(&mut self, from: Moment) {
        for piece in self.reckoning.pieces().iter().filter(|piece| piece.key.start >= from) {
            self.held.insert(piece.key, from);
        }
    }

    /// Whether anything waits for a later day.
    pub fn waits(&self, today: Moment) -> bool {
        self.held.values().any(|day| *day > today)
    }

    /// The moment that a charge waits for, or waited.
    pub fn held_until(&self, key: Key) -> Option<Moment> {
        self.held.get(&key).copied()
    }

    fn hold(&mut self, key: Key, day: Moment) {
        let held = self.held.entry(key).or_insert(day);
        *held = (*held).max(day);
    }

    /// Notes that the last version is billed on a day, and that nothing else is billed any sooner for that.
    pub fn due_alone(&mut self, (start, amount): (Moment, Cents), day: Moment) {
        let key = Key { version: self.reckoning.versions.len() - 1, start };
        self.decided.insert(key, (amount, start));
        self.held.insert(key, day);
    }

    /// Notes that usage is another; what waits for a day waits on.
    pub fn due_of_usage(&mut self, day: Moment) {
        for piece in self.reckoning.pieces() {
            let price = self.reckoning.versions[piece.key.version].price;
            if matches!(price, Price::Usage(_) | Price::Commitment(_)) {
                self.decided.insert(piece.key, (piece.amount, piece.due));
                self.is_exact &=
                    self.charges.get(&piece.key).is_none_or(|billed| billed.worth == piece.amount);
                self.held.entry(piece.key).or_insert(day);
            }
        }
    }

    /// Billing looks at what is due by a day.
    pub fn look(&mut self, today: Moment) {
        let mut there = BTreeSet::new();
        for piece in self.reckoning.pieces().iter().filter(|piece| piece.due <= today) {
            there.insert(piece.key);
            if self.held.get(&piece.key).is_some_and(|day| *day > today) {
                continue;
            }
            let billed = self.billed_at(piece, (self.looked, today));
            let first = Charge { first: piece.amount, ..Charge::default() };
            let charge = self.charges.entry(piece.key).or_insert(first);
            charge.worth = piece.amount;
            charge.note_rate(&self.reckoning.place, piece, billed);
        }
        self.looked = today;
        for (key, charge) in &mut self.charges {
            if !there.contains(key) && self.held.get(key).is_none_or(|day| *day <= today) {
                charge.worth = 0;
            }
        }
    }

    /// What it comes to in the end.
    pub fn worth(&mut self, today: Moment) -> Cents {
        self.held.clear();
        self.worth_by(today)
    }

    /// What it comes to so far.
    pub fn worth_by(&mut self, today: Moment) -> Cents {
        self.look(today);
        self.sold + self.charges.values().map(|charge| charge.target.left_of(charge.worth)).sum::<Cents>()
    }

    /// What the customer has paid, owes, and has left, put together: what the server says it comes to.
    pub fn found(&self, client: &Client) -> (Cents, String) {
        let list = |resource: &str| {
            client.get(&format!("/v1/{resource}?customer_id={}&limit=100", self.payer)).is(200)
        };
        let invoices = list("invoices");
        let open = |i: &&Value| ["open", "draft"].contains(&i["status"].as_str().unwrap());
        let due: Cents = invoices.data().iter().filter(open).map(|i| cents(&i["amount_due"])).sum();
        let payments = list("payments");
        let received = |p: &&Value| p["status"] == "succeeded";
        let paid: Cents = payments.data().iter().filter(received).map(|p| cents(&p["amount"])).sum();
        let balance = client.get(&format!("/v1/customers/{}/credit_balance", self.payer)).is(200);
        let balance: Cents = balance.data().iter().map(|b| cents(&b["balance"])).sum();
        let (refunded, drawn) = (self.refunded, self.drawn(client));
        let taxes = self.tax_on_top(client);
        let summary = format!(
            "paid {paid} credits {drawn} refunded {refunded} due {due} balance {balance} on top {taxes}"
        );
        (paid + drawn - refunded + due - balance - taxes, summary)
    }

    /// Where balances pay by themselves, none is left while something is due.
    pub fn judge_balance(&mut self, client: &Client) {
        let (_, summary) = self.found(client);
        let nothing = |label: &str| summary.split(' ').skip_while(|word| *word != label).nth(1) == Some("0");
        if !nothing("due") && !nothing("balance") {
            self.wrong.push(format!("the balance did not pay what is due ({summary})"));
        }
    }

    /// What was paid out of prepaid credits.
    fn drawn(&self, client: &Client) -> Cents {
        if self.granted == 0 {
            return 0;
        }
        let grants = client.get(&format!("/v1/credit_grants?customer_id={}", self.payer)).is(200);
        self.granted - grants.data().iter().map(|grant| cents(&grant["remaining"])).sum::<Cents>()
    }

    /// What should have been paid out of them: all its usage, of which there is never as much as was granted.
    pub fn judge_credits(&mut self, client: &Client) {
        let is_usage = |key: &Key| matches!(self.reckoning.versions[key.version].price, Price::Usage(_));
        let usage = self.charges.iter().filter(|(key, _)| is_usage(key));
        let used: Cents = usage.map(|(_, charge)| charge.target.left_of(charge.worth)).sum();
        let drawn = self.drawn(client);
        // An invoice whose credits are worth more than its usage draws nothing.
        let plain = [
            "start",
            "trial",
            "terms",
            "parent",
            "grant",
            "by_card",
            "usage",
            "late_usage",
            "void_usage",
            "backfill",
            "sold_credits",
            "apply_balance",
            "pay_out",
        ];
        let exact = self.kinds.iter().all(|kind| plain.contains(kind));
        // A note gives money back before it gives credits.
        let noted: Cents = self.charges.values().map(|charge| charge.target.noted()).sum();
        let too_much = drawn > used + noted;
        if self.granted > 0 && (too_much || (exact && drawn != used)) {
            self.wrong.push(format!("drew {drawn} of its credits, should have drawn {used}"));
        }
    }
}
