//! What may be changed of an invoice before it is issued? Lines by hand: added, changed, removed; what billing wrote stays, and
//! is countered.
//!
//! A seat at 31.00, changed to 20.00: the line of 31.00 and a line "Changed: Seat" of −11.00, so that what was billed can
//! always be told, is never billed again and is not lost.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::super::billing::{ByHand, Line};
use super::discounted::LineShare;
use super::late::{counter_of, next_no};
use super::{Invoice, Status, Totals};
use crate::domain::calendar::Period;
use crate::domain::catalog::{TaxBehavior, TaxCode, TaxTerms};
use crate::domain::discounts::Share;
use crate::domain::discounts::give_back::give_back;
use crate::domain::ids::InvoiceId;
use crate::domain::money::{Currency, Money, MoneyError, round_to_minor};
use crate::domain::refusal::{Refusal, RefusalKind};

/// An invoice with its lines, and what discounts took off them.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    pub invoice: Invoice,
    pub lines: Vec<Line>,
    pub shares: Vec<LineShare>,
}

/// A line to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLine {
    pub description: Arc<str>,
    pub price: Price,
    /// The time it is for; `None`: no time, it is earned at once.
    pub period: Option<Period>,
    pub tax_terms: TaxTerms,
}

/// What a line costs. Below zero it is a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Price {
    Amount(Money),
    /// Multiplied and rounded once.
    Each {
        quantity: Decimal,
        unit_amount: Decimal,
    },
}

/// What to change of a line; `None` stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LineChange {
    pub description: Option<Arc<str>>,
    pub price: Option<Price>,
    pub period: Option<Option<Period>>,
    pub tax_code: Option<TaxCode>,
    pub tax_behavior: Option<TaxBehavior>,
}

/// Why a draft is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Issued already.
    #[error("this invoice is {}; only a draft can be changed: correct it by a line on a later invoice", .status.into_str())]
    NotADraft {
        /// Where it stands.
        status: Status,
    },
    /// Billing's own line.
    #[error(
        "billing wrote this line: only its amount can be changed (a line that counters it says by how much); \
         add a line of your own for the rest"
    )]
    WrittenByBilling,
    /// Countered whole already.
    #[error("this line is taken back already by line {counter}; remove that line to charge it again")]
    RemovedAlready {
        /// The line that counters it.
        counter: i32,
    },
    /// It has lines of billing.
    #[error(
        "this draft charges what billing found due, which must not get lost: remove its lines, or finalize and void it"
    )]
    HasBilledLines,
    /// It gives back of what another draft charges.
    #[error(
        "this draft gives back of what draft {0} charges, with the tax that one is issued with: finalize that one first"
    )]
    GivesBackOfDraft(InvoiceId),
    /// It would say nothing.
    #[error("this draft has no lines: add one, or delete the draft")]
    NoLines,
    /// The sums do not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::NotADraft { .. } => "invoice_status",
            Refused::WrittenByBilling => "line_written_by_billing",
            Refused::RemovedAlready { .. } => "line_removed_already",
            Refused::HasBilledLines => "draft_has_billed_lines",
            Refused::NoLines => "invoice_without_lines",
            Refused::GivesBackOfDraft(_) => "earlier_draft",
            Refused::Money(_) => "amount_out_of_range",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::Money(_) => RefusalKind::Rule,
            _ => RefusalKind::State,
        }
    }
}

/// Refuses anything but a draft.
pub fn check_draft(invoice: &Invoice) -> Result<(), Refused> {
    match invoice.status {
        Status::Draft => Ok(()),
        status => Err(Refused::NotADraft { status }),
    }
}

/// Refuses to throw away what billing wrote.
pub fn check_deletable(draft: &Whole) -> Result<(), Refused> {
    check_draft(&draft.invoice)?;
    let by_billing = draft.lines.iter().any(|line| line.by_hand.is_none());
    if by_billing { Err(Refused::HasBilledLines) } else { Ok(()) }
}

/// A line more.
pub fn add(mut draft: Whole, new: NewLine, now: DateTime<Utc>) -> Result<Whole, Refused> {
    check_draft(&draft.invoice)?;
    let zero = Money::zero(draft.invoice.currency);
    let point = Period { start: now, end: now };
    let period = new.period.unwrap_or(point);
    let mut line = Line {
        line_no: next_no(&draft.lines)?,
        subscription_id: None,
        item_version_id: None,
        period,
        concerns: None,
        revision: 0,
        deferred: is_deferred(period, now),
        quantity: Decimal::ONE,
        unit_amount: Decimal::ZERO,
        amount: zero,
        discount: zero,
        tax: zero,
        tax_included: zero,
        tax_terms: new.tax_terms,
        description: new.description,
        measured: None,
        grounds: None,
        by_hand: Some(ByHand::Added),
    };
    set_price(&mut line, new.price)?;
    draft.lines.push(line);
    added_up(draft)
}

/// Whether what is charged for a period is earned over it: it is not over.
fn is_deferred(period: Period, now: DateTime<Utc>) -> bool {
    !period.is_empty() && period.end > now
}

/// A line by hand as changed; of billing's own, its amount alone, by a line that counters it.
pub fn change(
    mut draft: Whole,
    line_no: i32,
    change: LineChange,
    now: DateTime<Utc>,
) -> Result<Whole, Refused> {
    check_draft(&draft.invoice)?;
    let Some(line) = draft.lines.iter_mut().find(|line| line.line_no == line_no) else {
        return Ok(draft);
    };
    if line.by_hand.is_none() {
        let others = change.description.is_some() || change.period.is_some();
        let others = others || change.tax_code.is_some() || change.tax_behavior.is_some();
        let Some(price) = change.price.filter(|_| !others) else {
            return Err(Refused::WrittenByBilling);
        };
        let wanted = amount_of(price, draft.invoice.currency)?;
        let countered = line.clone();
        counter(&mut draft, countered, wanted, "Changed")?;
        return added_up(draft);
    }
    let taxed_otherwise = change.tax_code.is_some() || change.tax_behavior.is_some();
    if taxed_otherwise && matches!(line.by_hand, Some(ByHand::Counters(_))) {
        return Err(Refused::WrittenByBilling);
    }
    if let Some(description) = change.description {
        line.description = description;
    }
    if let Some(period) = change.period {
        line.period = period.unwrap_or(Period { start: now, end: now });
        line.deferred = is_deferred(line.period, now);
    }
    line.tax_terms.code = change.tax_code.unwrap_or(line.tax_terms.code);
    line.tax_terms.behavior = change.tax_behavior.unwrap_or(line.tax_terms.behavior);
    if let Some(price) = change.price {
        set_price(line, price)?;
    }
    added_up(draft)
}

/// A draft without a line; one of billing's own stays and is countered whole.
pub fn remove(mut draft: Whole, line_no: i32) -> Result<Whole, Refused> {
    check_draft(&draft.invoice)?;
    let Some(line) = draft.lines.iter().find(|line| line.line_no == line_no).cloned() else {
        return Ok(draft);
    };
    if line.by_hand.is_some() {
        draft.lines.retain(|line| line.line_no != line_no);
        draft.shares.retain(|(no, _)| *no != line_no);
        return added_up(draft);
    }
    let whole = line.amount.negated()?;
    if let Some(countering) = counter_of(&draft.lines, line_no).filter(|other| other.amount == whole) {
        return Err(Refused::RemovedAlready { counter: countering.line_no });
    }
    let nothing = Money::zero(draft.invoice.currency);
    counter(&mut draft, line, nothing, "Removed")?;
    added_up(draft)
}

/// Puts a line beside one of billing's own, in place of an earlier one, so that both come to what is wanted, and gives back what
/// discounts took off in proportion. No difference needs no line.
fn counter(draft: &mut Whole, countered: Line, wanted: Money, label: &str) -> Result<(), Refused> {
    let less = wanted.checked_sub(countered.amount)?;
    let before = counter_of(&draft.lines, countered.line_no);
    let line_no = before.map_or_else(|| next_no(&draft.lines), |line| Ok(line.line_no))?;
    draft.lines.retain(|line| line.line_no != line_no);
    draft.shares.retain(|(no, _)| *no != line_no);
    if less.is_zero() {
        return Ok(());
    }
    let own: Vec<Share> =
        draft.shares.iter().filter(|(no, _)| *no == countered.line_no).map(|(_, share)| *share).collect();
    let given_back = shares_back(&own, countered.amount, wanted)?;
    let line = Line {
        line_no,
        item_version_id: None,
        revision: 0,
        quantity: Decimal::ONE,
        unit_amount: less.to_decimal(),
        amount: less,
        discount: Money::sum(less.currency(), given_back.iter().map(|share| share.amount))?,
        description: format!("{label}: {}", countered.description).into(),
        measured: None,
        grounds: None,
        by_hand: Some(ByHand::Counters(countered.line_no)),
        ..countered
    };
    draft.shares.extend(given_back.into_iter().map(|share| (line_no, share)));
    let place = draft.lines.iter().position(|other| other.line_no > line_no).unwrap_or(draft.lines.len());
    draft.lines.insert(place, line);
    Ok(())
}

/// What goes back of the shares of a line that is to come to less; of a credit, the same the other way. A line that comes to more
/// keeps its discount as it is.
fn shares_back(own: &[Share], amount: Money, wanted: Money) -> Result<Vec<Share>, MoneyError> {
    let negated = |share: &Share| Ok(Share { amount: share.amount.negated()?, ..*share });
    let less = wanted.checked_sub(amount)?;
    if amount.is_zero() || amount.is_negative() == less.is_negative() {
        return Ok(Vec::new());
    }
    if amount.is_positive() {
        return give_back(own, amount, wanted);
    }
    let mirrored = own.iter().map(negated).collect::<Result<Vec<_>, MoneyError>>()?;
    give_back(&mirrored, amount.negated()?, wanted.negated()?)?.iter().map(negated).collect()
}

fn set_price(line: &mut Line, price: Price) -> Result<(), MoneyError> {
    line.amount = amount_of(price, line.amount.currency())?;
    (line.quantity, line.unit_amount) = match price {
        Price::Amount(amount) => (Decimal::ONE, amount.to_decimal()),
        Price::Each { quantity, unit_amount } => (quantity, unit_amount),
    };
    Ok(())
}

fn amount_of(price: Price, currency: Currency) -> Result<Money, MoneyError> {
    match price {
        Price::Amount(amount) => Ok(amount),
        Price::Each { quantity, unit_amount } => {
            let product = quantity.checked_mul(unit_amount).ok_or(MoneyError::Overflow)?;
            round_to_minor(product, currency)
        }
    }
}

fn added_up(mut draft: Whole) -> Result<Whole, Refused> {
    draft.invoice.totals = Totals::of(draft.invoice.currency, &draft.lines)?;
    Ok(draft)
}
