//! What is a history worth? A subscription as plain days, seconds and cents, without a line of the engine: 31.00 for January, canceled
//! on the 17th, is `round(31.00 × 16/31) − 0 = 16.00`; by the second, at noon of that day, `round(31.00 × 1,425,600/2,678,400) = 16.50`.
//!
//! A part of a period is what is used up of it to the part's end less what is used up to its start, each rounded by itself: days of the
//! place, of which the one that runs is still to come, or seconds. Nothing is ever undone here: a cancellation is an end that lies over the days decided, a break a hole in them. So what is
//! taken back leaves what was decided before.

use std::collections::BTreeSet;

use chrono::Months;

use super::parts::{Break, By, Cents, Free, Key, Piece, Price, Used, Version, share};
use super::places::{HOUR, Moment, NEVER, Place};

/// Periods are told for so many days.
const HORIZON: i64 = 400;

/// A subscription.
#[derive(Debug, Clone, Default)]
pub struct Reckoning {
    pub place: Place,
    /// Of its first period: its start, or its trial's end.
    pub begin: Moment,
    pub versions: Vec<Version>,
    pub breaks: Vec<Break>,
    /// The first moment it is no longer had, and whether what is paid beyond is given back.
    pub end: Option<(Moment, bool)>,
    /// How that is counted.
    pub ends_by: By,
    /// How many versions there were when that was decided: what begins later is charged to its end and no further.
    pub before_end: usize,
    /// Whether the end was told as the end of a period: it moves with it.
    pub ends_a_period: bool,
    pub used: Vec<Used>,
    pub free: Option<Free>,
}

/// The part of a period that is used up.
type Part = (i64, i64);

impl Reckoning {
    /// Where periods begin, in order; between two that a break keeps apart there may be days nobody has. The first begins with what is
    /// first had in it, and all others at midnight.
    pub fn boundaries(&self) -> Vec<Moment> {
        let mut all = self.monthly(self.begin);
        for hole in self.breaks.iter().filter(|hole| hole.extends && hole.from < hole.until) {
            if hole.from < self.begin {
                continue;
            }
            let next = *all.iter().find(|start| **start > hole.from).unwrap_or(&NEVER);
            // What begins with its day has not begun when the break does.
            let begins = all.contains(&hole.from) && self.place.begun(hole.from) == hole.from;
            let until = self.until(hole);
            all.retain(|start| *start <= hole.from);
            if begins {
                all.extend(self.monthly(until));
            } else {
                let rest = self.place.day(next) - self.place.day(hole.from);
                all.extend(self.monthly(self.place.later(self.place.begun(until), rest)));
            }
        }
        all
    }

    /// The months of an anchor, from it on.
    fn monthly(&self, begin: Moment) -> Vec<Moment> {
        if begin >= self.horizon() {
            return vec![begin];
        }
        let anchor = self.place.date(begin);
        let later = |n| self.place.midnight(anchor.checked_add_months(Months::new(n)).unwrap());
        let mut all = vec![begin];
        all.extend((1..24).map(later));
        all.retain(|start| *start < self.horizon());
        all
    }

    /// Up to here all is told.
    fn horizon(&self) -> Moment {
        self.place.stop(0) + HORIZON * 24 * HOUR
    }

    /// When a break is over. What ends in it, or never goes on, has a rest as if it did then, or after all that is judged.
    fn until(&self, hole: &Break) -> Moment {
        let until = hole.until.min(self.horizon() - 100 * 24 * HOUR);
        self.end.map_or(until, |(end, _)| until.min(end.max(hole.from)))
    }

    /// The first period that begins after a moment.
    pub fn next_boundary(&self, after: Moment) -> Moment {
        self.boundaries().into_iter().find(|start| *start > after).unwrap_or(NEVER)
    }

    /// The days from one to another that no break holds back.
    fn days(&self, from: Moment, to: Moment) -> i64 {
        let day = |at| self.place.day(at);
        let holes = self.breaks.iter().filter(|b| b.extends);
        let holes: Vec<(i64, i64)> = holes.map(|b| (day(b.from), day(self.until(b)))).collect();
        let held = |day: &i64| holes.iter().any(|(from, until)| from <= day && day < until);
        i64::try_from((day(from)..day(to)).filter(|day| !held(day)).count()).unwrap()
    }

    /// What of a period is used up at a moment. A period begins with its first day, whenever on that it is first had.
    fn used_up(&self, (start, end): (Moment, Moment), at: Moment, by: By) -> Part {
        match by {
            _ if at >= end => (1, 1),
            By::Day => (self.days(start, at), self.days(start, end)),
            By::Second => {
                let begun = self.place.begun(start);
                (self.without_breaks(start, at) - begun, self.without_breaks(start, end) - begun)
            }
        }
    }

    /// What moment it would be, had no break been since a period began: so many days earlier, at the same time of the day.
    fn without_breaks(&self, start: Moment, mut at: Moment) -> Moment {
        let mut holes: Vec<&Break> = self.breaks.iter().filter(|b| b.extends && b.from < b.until).collect();
        holes.retain(|hole| start <= hole.from);
        holes.sort_by_key(|hole| -hole.from);
        for hole in holes {
            let until = self.until(hole);
            if hole.from < at && (at < until || (at == until && until < hole.until)) {
                at = hole.from;
            } else if hole.from < at {
                let days = self.place.day(until) - self.place.day(hole.from);
                at = self.place.later(at, -days).max(hole.from);
            }
        }
        at
    }

    /// How what began so is counted where it ends: not so that it would end before it began.
    fn goes_by(&self, period: (Moment, Moment), (from, came): (Moment, By), (to, goes): (Moment, By)) -> By {
        let (from, to) = (self.used_up(period, from.max(period.0), came), self.used_up(period, to, goes));
        if from.0 * to.1 > to.0 * from.1 { came } else { goes }
    }

    /// The same for a version that ends at a moment. What ends where it began, or goes on after a break, never was.
    pub fn ends_by(&self, v: &Version, at: Moment, by: By) -> By {
        let begun = self.boundaries().into_iter().rfind(|start| *start <= at);
        match begun {
            _ if at <= v.from => v.starts_by,
            Some(start) if self.breaks.iter().any(|b| b.until == at && (start == at || !b.extends)) => {
                self.came_by(v, at, start)
            }
            Some(start) if v.from > start => {
                self.goes_by((start, self.next_boundary(at)), (v.from, v.starts_by), (at, by))
            }
            _ => by,
        }
    }

    /// When something comes, goes or goes on later than a moment.
    pub fn moments_after(&self, at: Moment) -> Vec<Moment> {
        let of_versions = self.versions.iter().filter(|v| v.from < v.to).flat_map(|v| [v.from, v.to]);
        let of_breaks = self.breaks.iter().flat_map(|b| [b.from, b.until]);
        let all = of_versions.chain(of_breaks).chain([self.begin]).filter(|m| at < *m && *m < NEVER);
        all.collect::<BTreeSet<Moment>>().into_iter().collect()
    }

    /// Whether something is had at a moment.
    pub fn is_had(&self, at: Moment) -> bool {
        at >= self.begin
            && self.end.is_none_or(|(end, _)| at < end)
            && !self.breaks.iter().any(|b| b.from <= at && at < b.until)
    }

    /// The versions in force at a moment.
    pub fn in_force(&self, at: Moment) -> Vec<usize> {
        let holds = |v: &Version| v.from <= at && at < v.to && !matches!(v.price, Price::Once(_));
        (0..self.versions.len()).filter(|n| holds(&self.versions[*n])).collect()
    }

    /// All it is worth.
    pub fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let starts = self.boundaries();
        for n in 0..self.versions.len() {
            let Version { price, from, to, .. } = self.versions[n];
            if let (Price::Once(amount), true) = (price, from < to) {
                pieces.push(Piece { key: Key { version: n, start: from }, due: from, end: from, amount });
                continue;
            }
            for (at, start) in starts.iter().enumerate() {
                let end = starts.get(at + 1).copied().unwrap_or(NEVER);
                for (a, b) in self.stretches(from.max(*start), to.min(end)) {
                    pieces.push(self.piece(n, (a, b), (*start, end.min(self.horizon()))));
                }
            }
        }
        self.fall_short(&mut pieces, &starts);
        pieces
    }

    /// Of commitments, what usage falls short of: of all up to a piece's end, less what it fell short of before it. 20.00 for a month, of
    /// which 16 days were had with 8.00 of usage: `20.00 × 16/31 = 10.32`, and 2.32 short.
    fn fall_short(&self, pieces: &mut [Piece], starts: &[Moment]) {
        let all = pieces.to_vec();
        let price = |key: Key| self.versions[key.version].price;
        for piece in pieces.iter_mut().filter(|piece| matches!(price(piece.key), Price::Commitment(_))) {
            let begun = starts.iter().rfind(|start| **start <= piece.key.start).unwrap();
            let is_committed =
                |at: Moment| self.in_force(at).iter().any(|n| self.versions[*n].price == price(piece.key));
            let short = |to: Moment| {
                let until = |p: &&Piece| *begun <= p.key.start && p.due <= to && is_committed(p.key.start);
                let falls = all.iter().filter(until).map(|p| match price(p.key) {
                    Price::Usage(_) => -p.amount,
                    other if other == price(piece.key) => p.amount,
                    _ => 0,
                });
                falls.sum::<Cents>().max(0)
            };
            piece.amount = short(piece.due) - short(piece.key.start);
        }
    }

    /// What is had from one moment to another; a break that extends is no gap of what it interrupts.
    fn stretches(&self, from: Moment, to: Moment) -> Vec<(Moment, Moment)> {
        let to = self.end.map_or(to, |(end, _)| to.min(end)).min(self.horizon());
        let mut holes: Vec<&Break> = self.breaks.iter().filter(|b| b.from < b.until).collect();
        holes.sort_by_key(|b| b.from);
        let (mut stretches, mut open) = (Vec::new(), from);
        for hole in holes.into_iter().filter(|b| b.until > from && b.from < to) {
            if hole.from > open && hole.extends {
                continue;
            }
            stretches.push((open, hole.from));
            open = open.max(hole.until);
        }
        stretches.push((open, to));
        stretches.retain(|(a, b)| a < b);
        stretches
    }

    fn piece(&self, version: usize, (a, b): (Moment, Moment), period: (Moment, Moment)) -> Piece {
        let v = &self.versions[version];
        let (key, start) = (Key { version, start: a }, period.0);
        let prorated = |whole: Cents| {
            if self.is_free(v, start) {
                return 0;
            }
            let (came, goes) = (self.came_by(v, a, start), self.left_by(v, (a, b), period));
            let kept = self.end == Some((b, false)) && version < self.before_end;
            let to = if kept { (1, 1) } else { self.used_up(period, b, goes) };
            // What is to come of what began with a break is as much as there was to come when it began.
            let begun = self.began_with(v, a).map_or(a, |hole| hole.from);
            let from = self.used_up(period, begun, came);
            share(whole, to.0, to.1) - share(whole, from.0, from.1)
        };
        match v.price {
            Price::Advance(whole) => Piece { key, due: a, end: b, amount: prorated(whole * v.quantity) },
            Price::Arrears(whole) => Piece { key, due: b, end: b, amount: prorated(whole * v.quantity) },
            Price::Commitment(whole) => Piece { key, due: b, end: b, amount: prorated(whole) },
            Price::Usage(rate) => {
                let before = self.units(version, start, a);
                let amount = rate.amount(before + self.units(version, a, b)) - rate.amount(before);
                Piece { key, due: b, end: b, amount }
            }
            Price::Once(amount) => Piece { key, due: a, end: a, amount },
        }
    }

    /// How a stretch of a version is counted where it begins: what goes on after a break in the period it left, as it left it.
    fn came_by(&self, v: &Version, a: Moment, start: Moment) -> By {
        let after = self.breaks.iter().find(|b| b.until == a && b.from >= start && b.from < a);
        match after {
            _ if a == v.from || self.began_with(v, a).is_some() => v.starts_by,
            Some(hole) if hole.from > v.from => self.ends_by(v, hole.from, By::Day),
            _ => By::Day,
        }
    }

    /// How it is counted where it ends.
    fn left_by(&self, v: &Version, (a, b): (Moment, Moment), period: (Moment, Moment)) -> By {
        let wanted = match self.end {
            Some((end, _)) if end == b => self.ends_by,
            _ if b == v.to => v.ends_by,
            _ => By::Day,
        };
        match self.began_with(v, a) {
            Some(hole) => self.goes_by(period, (hole.from, v.starts_by), (b, wanted)),
            None if a == v.from => self.goes_by(period, (a, v.starts_by), (b, wanted)),
            None => wanted,
        }
    }

    /// The break that extends from the first moment of a version on, where that is had from a moment on: the end of the break.
    fn began_with(&self, v: &Version, a: Moment) -> Option<&Break> {
        self.breaks.iter().find(|b| b.extends && b.from == v.from && b.until == a && b.from < a)
    }

    /// Whether a coupon makes it free in the period that begins so. A period that a break interrupts is one with what is had of it later.
    fn is_free(&self, version: &Version, start: Moment) -> bool {
        let Some(free) = self.free.as_ref().filter(|free| free.code == version.code) else { return false };
        let is_before = |period: &&[Moment]| period[0] < start && self.days(period[0], period[1]) > 0;
        let begun = || self.boundaries().windows(2).filter(is_before).count();
        free.plans.contains(&version.plan) && free.periods.is_none_or(|periods| begun() < periods)
    }

    /// What was used by the same price, while it was had.
    fn units(&self, version: usize, from: Moment, to: Moment) -> i64 {
        let chosen = &self.versions[version];
        let same = |at: Moment| {
            self.versions
                .iter()
                .any(|v| (&v.code, v.price) == (&chosen.code, chosen.price) && v.from <= at && at < v.to)
        };
        let counts = |u: &&Used| !u.voided && from <= u.at && u.at < to && self.is_had(u.at) && same(u.at);
        self.used.iter().filter(counts).map(|u| u.units).sum()
    }
}
