//! What is left of a charge after things were taken back of it? 31.00, a note of 20.00, then half the month: `max(0, 16.00 − 20.00) = 0.00`.
//!
//! A charge that the history says is worth `e` is to come to [`Target::of`] in the end, however often billing looks at it.

use super::parts::{Cents, share};

/// Something that was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// A credit note: money given back.
    Note(Cents),
    /// A void, or what was written off: what stays of it, what it was worth then, and what was taken beyond that, for what had been given back.
    Void { stays: Cents, worth: Cents, beyond: Cents },
    /// A correction or an edited draft: what it is now, and what it was worth then.
    Corrected { to: Cents, worth: Cents },
}

/// What a charge is to come to.
#[derive(Debug, Clone, Default)]
pub struct Target(Vec<Taken>);

impl Target {
    /// What it comes to when the history says it is worth so much.
    pub fn left_of(&self, worth: Cents) -> Cents {
        after(&self.0, worth)
    }

    pub fn note(&mut self, amount: Cents) {
        self.0.push(Taken::Note(amount));
    }

    /// What notes took of it.
    pub fn noted(&self) -> Cents {
        let noted = |taken: &Taken| if let Taken::Note(amount) = taken { *amount } else { 0 };
        self.0.iter().map(noted).sum()
    }

    pub fn void(&mut self, taken: Cents, worth: Cents) {
        let stayed = self.left_of(worth);
        let (stays, beyond) = ((stayed - taken).max(0), (taken - stayed).max(0));
        self.0.push(Taken::Void { stays, worth, beyond });
    }

    pub fn correct(&mut self, to: Cents, worth: Cents) {
        self.0.push(Taken::Corrected { to, worth });
    }

    pub fn is_untouched(&self) -> bool {
        self.0.is_empty()
    }
}

fn after(taken: &[Taken], e: Cents) -> Cents {
    let Some((last, before)) = taken.split_last() else { return e };
    match *last {
        Taken::Note(amount) => (after(before, e) - amount).max(0),
        Taken::Void { stays, worth, .. } if e <= worth => after(before, e).min(stays),
        Taken::Void { stays, worth, beyond } => stays + (e - worth - beyond).max(0),
        Taken::Corrected { to, worth } if e <= worth => {
            if worth == 0 {
                0
            } else {
                share(to, e, worth)
            }
        }
        Taken::Corrected { to, worth } => to + after(before, e) - after(before, worth),
    }
}
