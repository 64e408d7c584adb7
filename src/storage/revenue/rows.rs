//! How is a schedule kept? A narrow row: what its invoice says is not said again.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::domain::ids::{CreditNoteId, InvoiceId, LineId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::domain::revenue::{Because, Days, Entry, Rule, Schedule};
use crate::storage::StorageError;
use crate::storage::schema::revenue_schedules;

/// A schedule as its row holds it; views read it too.
#[derive(Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = revenue_schedules, treat_none_as_default_value = false)]
pub(in crate::storage) struct ScheduleRow {
    tenant_id: TenantId,
    invoice_id: InvoiceId,
    line_no: i32,
    entry: i16,
    deferred: bool,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    booked_on: NaiveDate,
    amount: i64,
    rule: Rule,
    because: Option<Because>,
    credit_note_id: Option<CreditNoteId>,
}

impl ScheduleRow {
    pub(super) fn of(tenant_id: TenantId, schedule: &Schedule) -> ScheduleRow {
        ScheduleRow {
            tenant_id,
            invoice_id: schedule.line.invoice_id,
            line_no: schedule.line.line_no,
            entry: schedule.entry.number(),
            deferred: schedule.deferred,
            starts_on: schedule.days.from,
            ends_on: schedule.days.to,
            booked_on: schedule.booked_on,
            amount: schedule.amount.minor(),
            rule: schedule.rule,
            because: schedule.because,
            credit_note_id: match schedule.entry {
                Entry::Note(_, id) => Some(id),
                Entry::Line | Entry::Void => None,
            },
        }
    }

    /// The schedule, in the currency of its invoice.
    pub(in crate::storage) fn into_schedule(self, currency: Currency) -> Result<Schedule, StorageError> {
        let entry = match (self.entry, self.credit_note_id) {
            (0, _) => Entry::Line,
            (-1, _) => Entry::Void,
            (number, Some(note)) => Entry::Note(number, note),
            (number, None) => {
                return Err(StorageError::unreadable("schedule", format_args!("entry {number} has no note")));
            }
        };
        Ok(Schedule {
            line: LineId { invoice_id: self.invoice_id, line_no: self.line_no },
            entry,
            amount: Money::from_minor(self.amount, currency),
            deferred: self.deferred,
            rule: self.rule,
            because: self.because,
            days: Days { from: self.starts_on, to: self.ends_on },
            booked_on: self.booked_on,
        })
    }
}
