//! How is a schedule kept? A narrow row: what its invoice says is not said again.

use chrono::NaiveDate;
use diesel::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::ids::{CreditNoteId, EntityId, InvoiceId, LineId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::domain::revenue::{After, Alike, Because, Days, Entry, Rule, Schedule};
use crate::storage::StorageError;
use crate::storage::schema::{revenue_schedules, revenue_sums};

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
    given_up_entry: Option<i16>,
    whole: Option<i64>,
    since: Option<NaiveDate>,
    fulfilled_entry: Option<i16>,
    fulfilled: Option<i64>,
    is_allocated: bool,
    is_moved: bool,
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
                _ => None,
            },
            given_up_entry: match schedule.entry {
                Entry::GivenUp { entry, .. } => Some(entry),
                _ => None,
            },
            whole: schedule.after.map(|after| after.whole.minor()),
            since: schedule.after.map(|after| after.since),
            fulfilled_entry: match schedule.entry {
                Entry::Fulfilled { entry, .. } => Some(entry),
                _ => None,
            },
            fulfilled: match schedule.entry {
                Entry::Fulfilled { earned, .. } => Some(earned.minor()),
                _ => None,
            },
            is_allocated: matches!(schedule.entry, Entry::Allocated { .. }),
            is_moved: matches!(schedule.entry, Entry::Moved { .. }),
        }
    }

    /// Whether it is of a line.
    pub(super) fn is_of(&self, id: LineId) -> bool {
        self.invoice_id == id.invoice_id && self.line_no == id.line_no
    }

    pub(super) fn invoice_id(&self) -> InvoiceId {
        self.invoice_id
    }

    /// The schedule, in the currency of its invoice.
    pub(in crate::storage) fn into_schedule(self, currency: Currency) -> Result<Schedule, StorageError> {
        let fulfilled = self.fulfilled_entry.zip(self.fulfilled);
        let entry = match (self.entry, self.credit_note_id) {
            (0, _) => Entry::Line,
            (-1, _) => Entry::Void,
            (number, Some(note)) => Entry::Note(number, note),
            (number, None) if self.is_allocated => Entry::Allocated { number },
            (number, None) if self.is_moved => Entry::Moved { number },
            (number, None) => match (self.given_up_entry, fulfilled) {
                (Some(entry), _) => Entry::GivenUp { number, entry },
                (None, Some((entry, earned))) => {
                    Entry::Fulfilled { number, entry, earned: Money::from_minor(earned, currency) }
                }
                (None, None) => {
                    return Err(StorageError::unreadable(
                        "schedule",
                        format_args!("entry {number} is of no kind"),
                    ));
                }
            },
        };
        let after = self.whole.zip(self.since);
        Ok(Schedule {
            line: LineId { invoice_id: self.invoice_id, line_no: self.line_no },
            entry,
            amount: Money::from_minor(self.amount, currency),
            after: after.map(|(whole, since)| After { whole: Money::from_minor(whole, currency), since }),
            deferred: self.deferred,
            rule: self.rule,
            because: self.because,
            days: Days { from: self.starts_on, to: self.ends_on },
            booked_on: self.booked_on,
        })
    }
}

/// What is kept of many schedules that are alike.
#[derive(Queryable, QueryableByName, Insertable)]
#[diesel(table_name = revenue_sums, treat_none_as_default_value = false)]
pub(super) struct SumRow {
    tenant_id: TenantId,
    pub(super) entity_id: EntityId,
    currency: Currency,
    entry: i16,
    deferred: bool,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    booked_on: NaiveDate,
    rule: Rule,
    amount: i64,
    whole: Option<i64>,
    since: Option<NaiveDate>,
    fulfilled: Option<i64>,
    is_allocated: bool,
    is_moved: bool,
    times: i64,
    evenly: Decimal,
}

impl SumRow {
    pub(super) fn of(
        (tenant_id, entity_id): (TenantId, EntityId),
        alike: &Alike,
    ) -> Result<SumRow, StorageError> {
        let one = ScheduleRow::of(tenant_id, &alike.one);
        Ok(SumRow {
            tenant_id,
            entity_id,
            currency: alike.one.amount.currency(),
            entry: one.entry,
            deferred: one.deferred,
            starts_on: one.starts_on,
            ends_on: one.ends_on,
            booked_on: one.booked_on,
            rule: one.rule,
            amount: one.amount,
            whole: one.whole,
            since: one.since,
            fulfilled: one.fulfilled,
            is_allocated: one.is_allocated,
            is_moved: one.is_moved,
            times: alike.times,
            evenly: Decimal::try_from_i128_with_scale(alike.evenly, 0)
                .map_err(|_| StorageError::too_large())?,
        })
    }

    pub(super) fn into_alike(self) -> Result<Alike, StorageError> {
        let one = ScheduleRow {
            tenant_id: self.tenant_id,
            invoice_id: InvoiceId::from_uuid(Uuid::nil()),
            line_no: 0,
            entry: self.entry,
            deferred: self.deferred,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            booked_on: self.booked_on,
            amount: self.amount,
            rule: self.rule,
            because: None,
            credit_note_id: (self.entry > 0).then(|| CreditNoteId::from_uuid(Uuid::nil())),
            given_up_entry: self.whole.filter(|_| !self.is_moved).map(|_| 0),
            whole: self.whole,
            since: self.since,
            fulfilled_entry: self.fulfilled.map(|_| 0),
            fulfilled: self.fulfilled,
            is_allocated: self.is_allocated,
            is_moved: self.is_moved,
        };
        let evenly = self.evenly.trunc_with_scale(0).mantissa();
        Ok(Alike { one: one.into_schedule(self.currency)?, times: self.times, evenly })
    }
}
