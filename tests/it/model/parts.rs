//! What is a history made of? Items in their states, holes in the time, what was used, and what each charge of it is worth.

use super::places::Moment;

/// Minor units.
pub type Cents = i64;

/// How time is counted where a part is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    #[default]
    Day,
    Second,
}

/// What tells one charge from every other: whose, and the first moment it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub version: usize,
    pub start: Moment,
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
    /// What usage falls short of so much for a whole period, when it ends.
    Commitment(Cents),
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
    pub fn amount(self, units: i64) -> Cents {
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
    pub from: Moment,
    /// The first moment it is no longer so; `from` of what never was.
    pub to: Moment,
    /// How time is counted where it begins, and where it ends.
    pub starts_by: By,
    pub ends_by: By,
}

/// A hole in the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    pub from: Moment,
    pub until: Moment,
    pub extends: bool,
}

/// Something used.
#[derive(Debug, Clone)]
pub struct Used {
    pub id: String,
    pub at: Moment,
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

/// One charge a history is worth.
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    pub key: Key,
    pub due: Moment,
    /// Up to when it is for; of what is charged once, when that is.
    pub end: Moment,
    pub amount: Cents,
}

/// Half away from zero; what has no parts is used up at its end.
pub fn share(amount: Cents, part: i64, whole: i64) -> Cents {
    let twice = 2 * amount * part;
    let whole = whole.max(1);
    let rounded = (twice.abs() + whole) / (2 * whole);
    if twice < 0 { -rounded } else { rounded }
}
