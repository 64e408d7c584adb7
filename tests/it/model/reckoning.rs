//! What is a history worth? A subscription as plain days and cents, without a line of the engine: 31.00 for January, canceled on
//! day 16 (the 17th), is `round(31.00 × 16/31) − 0 = 16.00`.
//!
//! Nothing is ever undone here: a cancellation is an end that lies over the days decided, a break a hole in them. So what is
//! taken back leaves what was decided before.

use chrono::{Datelike, Days, Months, NaiveDate};

/// Days since 1 January 2026.
pub type Day = i32;
/// Minor units.
pub type Cents = i64;

/// Later than every day looked at.
pub const NEVER: Day = 100_000;
/// Periods are told up to here.
const HORIZON: Day = 400;

/// What tells one charge from every other: whose, and the first day it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub version: usize,
    pub start: Day,
}

/// What is charged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Price {
    /// So much for a whole period, when it begins.
    Advance(Cents),
    /// So much for a whole period, when it ends.
    Arrears(Cents),
    /// What is used in a period.
    Usage(Rate),
    /// Once.
    Once(Cents),
}

/// What units cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// Each so much, after so many that cost nothing.
    AfterIncluded(i64, Cents),
    /// So much each up to a number, so much each above it.
    Graduated(i64, Cents, Cents),
}

impl Rate {
    /// What flowed back beyond what was used is worth nothing.
    pub fn of(self, units: i64) -> Cents {
        let units = units.max(0);
        match self {
            Rate::AfterIncluded(included, each) => (units - included).max(0) * each,
            Rate::Graduated(up_to, below, above) => units.min(up_to) * below + (units - up_to).max(0) * above,
        }
    }
}

/// An item in one state.
#[derive(Debug, Clone)]
pub struct Version {
    pub code: String,
    pub plan: usize,
    pub price: Price,
    pub quantity: i64,
    pub from: Day,
    /// The first day it is no longer so; `from` of what never was.
    pub to: Day,
}

/// A hole in the days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    pub from: Day,
    pub until: Day,
    pub extends: bool,
}

/// Something used.
#[derive(Debug, Clone)]
pub struct Used {
    pub id: String,
    pub day: Day,
    pub units: i64,
    pub voided: bool,
}

/// What a coupon makes free.
#[derive(Debug, Clone)]
pub struct Free {
    pub code: &'static str,
    /// In these plans.
    pub plans: Vec<usize>,
    /// In so many periods, from the first on; `None`: in all.
    pub periods: Option<usize>,
}

/// A subscription.
#[derive(Debug, Clone, Default)]
pub struct Reckoning {
    /// Of its first period: its start, or its trial's end.
    pub begin: Day,
    pub versions: Vec<Version>,
    pub breaks: Vec<Break>,
    /// The first day it is no longer had, and whether what is paid beyond is given back.
    pub end: Option<(Day, bool)>,
    /// How many versions there were when that was decided: what begins later is charged to its end and no further.
    pub before_end: usize,
    /// Whether the end was told as the end of a period: it moves with it.
    pub ends_a_period: bool,
    pub used: Vec<Used>,
    pub free: Option<Free>,
}

/// One charge a history is worth.
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    pub key: Key,
    pub due: Day,
    pub amount: Cents,
}

pub fn date(day: Day) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(u64::try_from(day).unwrap())
}

pub fn day(date: NaiveDate) -> Day {
    i32::try_from((date - NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()).num_days()).unwrap()
}

/// Half away from zero.
pub fn share(of: Cents, part: i64, whole: i64) -> Cents {
    let twice = 2 * of * part;
    let rounded = (twice.abs() + whole) / (2 * whole);
    if twice < 0 { -rounded } else { rounded }
}

impl Reckoning {
    /// Where periods begin, in order; between two that a break keeps apart there may be days nobody has.
    pub fn boundaries(&self) -> Vec<Day> {
        let mut all = monthly(self.begin);
        for hole in self.breaks.iter().filter(|hole| hole.extends && hole.from < hole.until) {
            if hole.from < self.begin {
                continue;
            }
            let next = *all.iter().find(|start| **start > hole.from).unwrap_or(&NEVER);
            let rest = if all.contains(&hole.from) { 0 } else { next - hole.from };
            all.retain(|start| *start <= hole.from);
            all.extend(monthly(self.until(hole) + rest));
        }
        all
    }

    /// When a break is over. What ends in it, or never goes on, has a rest as if it did then, or after all that is judged.
    fn until(&self, hole: &Break) -> Day {
        let until = hole.until.min(HORIZON - 100);
        self.end.map_or(until, |(end, _)| until.min(end.max(hole.from)))
    }

    /// The first period that begins after a day.
    pub fn next_boundary(&self, after: Day) -> Day {
        self.boundaries().into_iter().find(|start| *start > after).unwrap_or(NEVER)
    }

    /// The days from one to another that no break holds back.
    fn counted(&self, from: Day, to: Day) -> i64 {
        let held =
            |day: &Day| self.breaks.iter().any(|b| b.extends && b.from <= *day && *day < self.until(b));
        i64::try_from((from..to).filter(|day| !held(day)).count()).unwrap()
    }

    /// Whether a day is had.
    pub fn is_had(&self, day: Day) -> bool {
        day >= self.begin
            && self.end.is_none_or(|(end, _)| day < end)
            && !self.breaks.iter().any(|b| b.from <= day && day < b.until)
    }

    /// The versions in force on a day.
    pub fn in_force(&self, day: Day) -> Vec<usize> {
        let holds = |v: &Version| v.from <= day && day < v.to && !matches!(v.price, Price::Once(_));
        (0..self.versions.len()).filter(|n| holds(&self.versions[*n])).collect()
    }

    /// All it is worth.
    pub fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let starts = self.boundaries();
        for n in 0..self.versions.len() {
            let Version { price, from, to, .. } = self.versions[n];
            if let (Price::Once(amount), true) = (price, from < to) {
                pieces.push(Piece { key: Key { version: n, start: from }, due: from, amount });
                continue;
            }
            for (at, start) in starts.iter().enumerate() {
                let end = starts.get(at + 1).copied().unwrap_or(NEVER);
                for (a, b) in self.stretches(from.max(*start), to.min(end)) {
                    pieces.push(self.piece(n, (a, b), (*start, end.min(HORIZON))));
                }
            }
        }
        pieces
    }

    /// What is had from one day to another; a break that extends is no gap of what it interrupts.
    fn stretches(&self, from: Day, to: Day) -> Vec<(Day, Day)> {
        let to = self.end.map_or(to, |(end, _)| to.min(end)).min(HORIZON);
        let mut stretches: Vec<(Day, Day)> = Vec::new();
        let mut open = None;
        for day in from..to {
            let hole = self.breaks.iter().find(|b| b.from <= day && day < b.until);
            match (hole, open) {
                (None, None) => open = Some(day),
                (Some(hole), Some(start)) if !hole.extends => {
                    stretches.push((start, day));
                    open = None;
                }
                _ => {}
            }
        }
        stretches.extend(open.map(|start| (start, to)));
        stretches
    }

    fn piece(&self, version: usize, (a, b): (Day, Day), (start, end): (Day, Day)) -> Piece {
        let v = &self.versions[version];
        let key = Key { version, start: a };
        let of = |whole: Cents| {
            if self.is_free(v, start) {
                return 0;
            }
            let days = self.counted(start, end);
            let kept = self.end == Some((b, false)) && version < self.before_end;
            let to = if kept { days } else { self.counted(start, b) };
            share(whole, to, days) - share(whole, self.counted(start, a), days)
        };
        match v.price {
            Price::Advance(whole) => Piece { key, due: a, amount: of(whole * v.quantity) },
            Price::Arrears(whole) => Piece { key, due: b, amount: of(whole * v.quantity) },
            Price::Usage(rate) => {
                let before = self.units(version, start, a);
                let amount = rate.of(before + self.units(version, a, b)) - rate.of(before);
                Piece { key, due: b, amount }
            }
            Price::Once(amount) => Piece { key, due: a, amount },
        }
    }

    /// Whether a coupon makes it free in the period that begins so. A period that a break interrupts is one with what is had of it later.
    fn is_free(&self, version: &Version, start: Day) -> bool {
        let Some(free) = self.free.as_ref().filter(|free| free.code == version.code) else { return false };
        let is_before = |period: &&[Day]| period[0] < start && self.counted(period[0], period[1]) > 0;
        let begun = || self.boundaries().windows(2).filter(is_before).count();
        free.plans.contains(&version.plan) && free.periods.is_none_or(|periods| begun() < periods)
    }

    /// What was used by the same price, on days it was had.
    fn units(&self, version: usize, from: Day, to: Day) -> i64 {
        let of = &self.versions[version];
        let same = |day: Day| {
            self.versions
                .iter()
                .any(|v| (&v.code, v.price) == (&of.code, of.price) && v.from <= day && day < v.to)
        };
        let counts =
            |u: &&Used| !u.voided && from <= u.day && u.day < to && self.is_had(u.day) && same(u.day);
        self.used.iter().filter(counts).map(|u| u.units).sum()
    }
}

/// The months of an anchor, from it on.
fn monthly(begin: Day) -> Vec<Day> {
    if begin >= HORIZON {
        return vec![begin];
    }
    let anchor = date(begin);
    let mut all = Vec::new();
    for n in 0..24 {
        all.push(day(anchor.checked_add_months(Months::new(n)).unwrap()));
    }
    debug_assert_eq!(date(all[0]).day(), anchor.day());
    all.retain(|start| *start < HORIZON);
    all
}
