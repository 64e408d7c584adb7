//! Which schedules does a document bring? One a line: of an invoice over the line's own days, of a credit note or a void over the days of the line
//! that it takes from, the other way.
//!
//! An invoice of 90.00 for January to March, and a note of 45.00 on 1 February: 90.00 and −45.00, both over the same 90 days; of the second, the
//! share of January is caught up in February.

use chrono::NaiveDate;

use super::schedule::{Because, Days, Entry, Rule, Schedule};
use crate::domain::billing::Line;
use crate::domain::calendar::Zone;
use crate::domain::credits::note::NoteLine;
use crate::domain::ids::{CreditNoteId, InvoiceId, LineId};
use crate::domain::money::MoneyError;

/// An invoice as its schedules see it.
#[derive(Debug, Clone, Copy)]
pub struct Booked {
    pub invoice_id: InvoiceId,
    /// The day of the document in the books.
    pub booked_on: NaiveDate,
    /// By whose days its periods run.
    pub zone: Zone,
    /// Whether it sells prepaid credits.
    pub sells_credits: bool,
}

/// By which rule a line is earned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// By one that is said for what is sold by it.
    ByRule(Rule),
    /// As the charge is of which it gives back.
    AsCharged(Rule),
}

/// The schedule of a line of an invoice, by the rule that is said for it, if any is. What was not deferred is earned at once whatever is said.
///
/// # Errors
/// The sum does not fit.
pub fn of_line(line: &Line, booked: &Booked, said: Option<Said>) -> Result<Schedule, MoneyError> {
    let period = line.printed_period();
    let day = |instant| booked.zone.local_date(instant);
    let days = Days::new(day(period.start), day(period.end));
    let is_over = days.to <= booked.booked_on;
    let is_as_charged = matches!(said, Some(Said::AsCharged(_)));
    let said = said.map(|(Said::ByRule(rule) | Said::AsCharged(rule))| rule);
    let is_on_fulfilment = said.is_some_and(Rule::is_on_fulfilment);
    // What is given back of it waits as it does; what gives back of nothing that waits is earned back at once.
    let may_wait = line.amount.is_positive() || is_as_charged;
    let waits = is_on_fulfilment && may_wait && !line.deferred && line.measured.is_none();
    let (rule, because) = match (booked.sells_credits, period.is_empty()) {
        (true, _) => (Rule::AsDrawn, None),
        (false, _) if waits => (said.unwrap_or(Rule::OnFulfilment), None),
        (false, false) if line.deferred => {
            (said.filter(|_| !is_on_fulfilment).unwrap_or(Rule::RatableDaily), None)
        }
        (false, _) if said == Some(Rule::PointInTime) || is_on_fulfilment => (Rule::PointInTime, None),
        (false, true) => (Rule::PointInTime, Some(Because::NoPeriod)),
        (false, false) if is_over || line.measured.is_some() => (Rule::AsUsed, None),
        (false, false) => (Rule::PointInTime, Some(Because::NotDeferred)),
    };
    Ok(Schedule {
        line: LineId { invoice_id: booked.invoice_id, line_no: line.line_no },
        entry: Entry::Line,
        amount: line.earned()?,
        after: None,
        deferred: line.deferred || waits && !booked.sells_credits,
        rule,
        because,
        days,
        booked_on: booked.booked_on,
    })
}

/// The schedules of a credit note, from those of its invoice's lines: the invoice's first, second, third …
///
/// # Errors
/// The sum does not fit.
pub fn of_note(
    (id, number): (CreditNoteId, i16),
    taken: &[NoteLine],
    of_lines: &[Schedule],
    booked_on: NaiveDate,
) -> Result<Vec<Schedule>, MoneyError> {
    let mut schedules = Vec::with_capacity(taken.len());
    for line in taken {
        let Some(of_line) = of_lines.iter().find(|of_line| of_line.line.line_no == line.invoice_line_no)
        else {
            continue;
        };
        let amount = line.taken.earned()?.negated()?;
        schedules.push(Schedule { entry: Entry::Note(number, id), amount, booked_on, ..*of_line });
    }
    Ok(schedules)
}

/// The schedules of a void, from those of the invoice's lines.
///
/// # Errors
/// The sum does not fit.
pub fn of_void(of_lines: &[Schedule], booked_on: NaiveDate) -> Result<Vec<Schedule>, MoneyError> {
    let back = |line: &Schedule| {
        Ok(Schedule { entry: Entry::Void, amount: line.amount.negated()?, booked_on, ..*line })
    };
    of_lines.iter().map(back).collect()
}
