//! How much of a line is fulfilled? What was delivered of it, in percent or in its quantity; so much of it is earned, and of what was taken back of
//! it as much is not.
//!
//! A set-up of 500.00, 40 % done in March and the rest in May: 200.00 are earned in March, 300.00 in May. 100.00 credited in April: 40.00 of what
//! was earned are taken back, and May earns 240.00.

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::numbers::Numbers;
use super::schedule::{Days, Entry, Rule, Schedule};
use crate::domain::ids::{FulfilmentId, LineId};
use crate::domain::invoicing::Status;
use crate::domain::money::{Money, MoneyError, round_to_minor};
use crate::domain::refusal::{Refusal, RefusalKind};

/// In what is it measured?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Of a hundred.
    Percent(Decimal),
    /// Of the line's quantity.
    Quantity(Decimal),
}

/// That a part of a line is fulfilled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fulfilment {
    pub id: FulfilmentId,
    pub line: LineId,
    pub part: Part,
    pub milestone: Option<String>,
    /// When it was.
    pub at: DateTime<Utc>,
    /// The day on which it is earned: that one, or the first that is open.
    pub fulfilled_on: NaiveDate,
    /// What proves it, such as the number of a delivery note.
    pub evidence: Option<String>,
    pub created_at: DateTime<Utc>,
    pub reversed: Option<Reversed>,
}

/// That it was not so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversed {
    pub at: DateTime<Utc>,
    /// The day on which it is taken back.
    pub on: NaiveDate,
    pub because: String,
}

/// That a line gives back of one that is earned as it is fulfilled: of it as much is earned as of that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsCharged {
    pub line: LineId,
    /// The line that is fulfilled.
    pub charge: LineId,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is earned otherwise.
    #[error(
        "this line is earned by the rule {}: only what has the rule point_in_time on fulfilment, or milestone, is fulfilled; a rule holds for \
         what is invoiced after it is set", .rule.into_str()
    )]
    OtherRule { rule: Rule },
    /// It gives back of another.
    #[error("this line gives back of line {charge}: fulfil that one, and of this one as much is earned back")]
    GivesBack { charge: LineId },
    /// Void, or given up.
    #[error("this invoice is {}; only lines of an open or paid invoice are fulfilled", .status.into_str())]
    WrongStatus { status: Status },
    /// Neither or both.
    #[error("say how much is fulfilled: percent, or quantity")]
    PercentOrQuantity,
    /// Nothing, or less.
    #[error("what is fulfilled is above zero")]
    NotPositive { pointer: &'static str },
    /// In the other measure before.
    #[error("what was fulfilled of this line before was given as {before}: go on with that")]
    OtherUnit { before: &'static str },
    /// More than there is.
    #[error("{left} of this line are left to be fulfilled, in {unit}")]
    MoreThanLeft { left: Decimal, unit: &'static str },
    /// It is to come.
    #[error("`at` is in the future: say that it is fulfilled when it is")]
    InTheFuture,
    /// Which milestone?
    #[error("this line is earned by milestones: name the one that is reached")]
    NoMilestone,
    /// It was reached before.
    #[error(
        "the milestone {milestone:?} of this line is reached already: reverse that fulfilment first if it was not so"
    )]
    MilestoneReached { milestone: String },
    /// It was taken back before.
    #[error("this fulfilment is reversed already")]
    AlreadyReversed,
    /// It would be replaced.
    #[error(
        "a line of this invoice is earned as it is fulfilled, and what is fulfilled of it would not be of the line in its place: credit what is \
         wrong with a credit note, and invoice anew what is missing"
    )]
    Replaced,
    /// Without a word.
    #[error("say why it is reversed")]
    NoReason,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::OtherRule { .. } | Refused::GivesBack { .. } => "not_on_fulfilment",
            Refused::WrongStatus { .. } => "invoice_status",
            Refused::PercentOrQuantity => "percent_or_quantity",
            Refused::NotPositive { .. } => "not_positive",
            Refused::OtherUnit { .. } => "fulfilled_otherwise",
            Refused::MoreThanLeft { .. } => "more_than_unfulfilled",
            Refused::InTheFuture => "fulfilled_in_the_future",
            Refused::NoMilestone => "milestone_missing",
            Refused::MilestoneReached { .. } => "milestone_reached",
            Refused::AlreadyReversed => "fulfilment_reversed",
            Refused::Replaced => "earned_on_fulfilment",
            Refused::NoReason => "reason_required",
        }
    }

    fn pointer(&self) -> Option<String> {
        let pointer = match self {
            Refused::OtherRule { .. } | Refused::GivesBack { .. } => "/invoice_line_id",
            Refused::NotPositive { pointer } => pointer,
            Refused::OtherUnit { before: "percent" } => "/quantity",
            Refused::MoreThanLeft { unit: "percent", .. } | Refused::PercentOrQuantity => "/percent",
            Refused::OtherUnit { .. } => "/percent",
            Refused::MoreThanLeft { .. } => "/quantity",
            Refused::InTheFuture => "/at",
            Refused::NoMilestone | Refused::MilestoneReached { .. } => "/milestone",
            Refused::NoReason => "/reason",
            Refused::WrongStatus { .. } | Refused::AlreadyReversed | Refused::Replaced => return None,
        };
        Some(pointer.to_owned())
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::WrongStatus { .. }
            | Refused::AlreadyReversed
            | Refused::MilestoneReached { .. }
            | Refused::Replaced => RefusalKind::State,
            _ => RefusalKind::Rule,
        }
    }
}

impl Part {
    fn amount(self) -> Decimal {
        match self {
            Part::Percent(amount) | Part::Quantity(amount) => amount,
        }
    }

    /// `percent` or `quantity`.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Part::Percent(_) => "percent",
            Part::Quantity(_) => "quantity",
        }
    }
}

/// How far a line is: so much, of so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub done: Decimal,
    pub whole: Decimal,
}

impl Progress {
    /// By what was said of a line of so many, and stands.
    #[must_use]
    pub fn of(said: &[Fulfilment], quantity: Decimal) -> Progress {
        let standing = || said.iter().filter(|one| one.reversed.is_none());
        let by_quantity = standing().any(|one| matches!(one.part, Part::Quantity(_)));
        let whole = if by_quantity { quantity } else { Decimal::ONE_HUNDRED };
        Progress { done: standing().map(|one| one.part.amount()).sum(), whole }
    }

    /// The part of an amount, rounded once; with all of it, all.
    fn part(self, amount: Money) -> Result<Money, MoneyError> {
        if self.done == self.whole {
            return Ok(amount);
        }
        let share = amount.to_decimal().checked_mul(self.done).and_then(|sum| sum.checked_div(self.whole));
        round_to_minor(share.ok_or(MoneyError::Overflow)?, amount.currency())
    }
}

/// Whether a part can be fulfilled, by what was said of the line before.
///
/// # Errors
/// [`Refused`].
pub fn check(part: Part, said: &[Fulfilment], quantity: Decimal) -> Result<(), Refused> {
    let pointer = if matches!(part, Part::Percent(_)) { "/percent" } else { "/quantity" };
    if part.amount() <= Decimal::ZERO {
        return Err(Refused::NotPositive { pointer });
    }
    let before = said.iter().find(|one| one.reversed.is_none() && one.part.unit() != part.unit());
    if let Some(before) = before {
        return Err(Refused::OtherUnit { before: before.part.unit() });
    }
    let whole = if matches!(part, Part::Percent(_)) { Decimal::ONE_HUNDRED } else { quantity };
    let left = whole - Progress::of(said, quantity).done;
    if part.amount() > left {
        return Err(Refused::MoreThanLeft { left: left.normalize(), unit: part.unit() });
    }
    Ok(())
}

/// Whether a milestone can be reached: each is once.
///
/// # Errors
/// [`Refused::MilestoneReached`].
pub fn check_milestone(named: Option<&str>, said: &[Fulfilment]) -> Result<(), Refused> {
    let Some(named) = named.map(str::trim) else { return Ok(()) };
    let standing = said.iter().filter(|one| one.reversed.is_none());
    match standing.filter_map(|one| one.milestone.as_deref()).any(|before| before.trim() == named) {
        true => Err(Refused::MilestoneReached { milestone: named.to_owned() }),
        false => Ok(()),
    }
}

impl Fulfilment {
    /// It was not so.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn reverse(mut self, reversed: Reversed) -> Result<Fulfilment, Refused> {
        if reversed.because.trim().is_empty() {
            return Err(Refused::NoReason);
        }
        if self.reversed.is_some() {
            return Err(Refused::AlreadyReversed);
        }
        self.reversed = Some(reversed);
        Ok(self)
    }

    /// What events carry of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "fulfilment",
            "id": self.id,
            "invoice_line_id": self.line.to_string(),
            "unit": self.part.unit(),
            "amount": self.part.amount().normalize().to_string(),
            "milestone": self.milestone,
            "at": self.at,
            "fulfilled_on": self.fulfilled_on,
            "evidence": self.evidence,
            "reversed_on": self.reversed.as_ref().map(|reversed| reversed.on),
            "reason": self.reversed.as_ref().map(|reversed| &reversed.because),
        })
    }
}

/// What is earned of a line, and of what was taken back of it, when it is so far: what that comes to, less what was earned of it before.
///
/// # Errors
/// Sums that do not fit.
pub fn earned(known: &[Schedule], progress: Progress, on: NaiveDate) -> Result<Vec<Schedule>, MoneyError> {
    let mut next = Numbers::after(known);
    let mut added = Vec::new();
    for schedule in known {
        let is_charged =
            matches!(schedule.entry, Entry::Line | Entry::Note(..) | Entry::Void | Entry::Allocated { .. });
        if !is_charged || !schedule.rule.is_on_fulfilment() {
            continue;
        }
        let of_it = known.iter().filter(|other| other.line == schedule.line);
        let before = of_it.filter_map(|other| match other.entry {
            Entry::Fulfilled { entry, earned, .. } if entry == schedule.entry.number() => Some(earned),
            _ => None,
        });
        let before = Money::sum(schedule.amount.currency(), before)?;
        let earned = progress.part(schedule.amount)?.checked_sub(before)?;
        if earned.is_zero() {
            continue;
        }
        let number = next.take(schedule.line.line_no)?;
        let entry = Entry::Fulfilled { number, entry: schedule.entry.number(), earned };
        let amount = Money::zero(schedule.amount.currency());
        added.push(Schedule { entry, amount, days: Days::new(on, on), ..*schedule });
    }
    Ok(added)
}
