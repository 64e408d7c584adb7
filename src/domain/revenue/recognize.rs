//! What is to be posted as earned? What an invoice's schedules earn by the end of each open period, less what was posted by then.
//!
//! 31.00 over January and February, 17.00 posted for January: 14.00 for February. Void in February: −17.00.

use chrono::NaiveDate;

use super::schedule::Schedule;
use crate::domain::ids::{CustomerId, EntityId, InvoiceId};
use crate::domain::ledger::posting::{self, Source};
use crate::domain::ledger::{Account, SourceKind, Transfer};
use crate::domain::money::{Currency, Money, MoneyError};

/// An invoice with all that is scheduled of it and deferred, and what was recognised of it so far.
#[derive(Debug, Clone)]
pub struct Earning {
    pub invoice_id: InvoiceId,
    pub customer_id: CustomerId,
    pub entity_id: EntityId,
    pub currency: Currency,
    pub schedules: Vec<Schedule>,
    pub recognized: Vec<Recognized>,
}

/// What was recognised for a day; taken back, below zero.
#[derive(Debug, Clone, Copy)]
pub struct Recognized {
    pub on: NaiveDate,
    pub amount: Money,
    pub leg: i16,
}

impl Earning {
    /// What its schedules earn by a day.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn earned_by(&self, date: NaiveDate) -> Result<Money, MoneyError> {
        let zero = Money::zero(self.currency);
        self.schedules.iter().try_fold(zero, |sum, schedule| sum.checked_add(schedule.earned_by(date)?))
    }

    /// The transfers of the differences on these last days of periods, in their order.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn difference(
        &self,
        last_days: &[NaiveDate],
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<Vec<Transfer>, MoneyError> {
        let mut leg =
            self.recognized.iter().map(|known| known.leg).max().map_or(Some(0), |leg| leg.checked_add(1));
        let mut posted = Vec::new();
        let mut added = Money::zero(self.currency);
        for &day in last_days {
            let known = self.recognized.iter().filter(|known| known.on <= day).map(|known| known.amount);
            let known = Money::sum(self.currency, known)?.checked_add(added)?;
            let difference = self.earned_by(day)?.checked_sub(known)?;
            let source = Source {
                kind: SourceKind::RevenueRecognized,
                id: self.invoice_id.uuid(),
                customer_id: self.customer_id,
                entity_id: Some(self.entity_id),
                invoice_id: None,
                effective_on: day,
                recorded_at: now,
            };
            let moves = [(Account::DeferredRevenue, Account::Revenue, difference)];
            for mut transfer in posting::post(source, &moves)? {
                let number = leg.ok_or(MoneyError::Overflow)?;
                (transfer.leg, leg) = (number, number.checked_add(1));
                posted.push(transfer);
            }
            added = added.checked_add(difference)?;
        }
        Ok(posted)
    }
}
