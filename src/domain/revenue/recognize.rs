//! What is to be posted as earned? What an invoice's schedules earn by the end of each open period, less what was posted by then.
//!
//! 31.00 over January and February, 17.00 posted for January: 14.00 for February. Void in February: −17.00.
//!
//! What an invoice gives back of another's deferred revenue is on that one's account, and so is what its negative lines earn: of 40.00 charged and
//! 16.00 given back of an earlier invoice, half over, 20.00 of its own are earned and −8.00 of the other's.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::schedule::{Entry, Schedule};
use crate::domain::ids::{CustomerId, EntityId, InvoiceId, LineId};
use crate::domain::ledger::posting::{self, Move, Source};
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
    /// What it gives back of the deferred revenue of others, in all.
    pub given_back: Vec<(InvoiceId, Money)>,
    pub recognized: Vec<Recognized>,
}

/// What was recognised for a day; taken back, below zero.
#[derive(Debug, Clone, Copy)]
pub struct Recognized {
    pub on: NaiveDate,
    /// On whose account; `None`: its own.
    pub origin_id: Option<InvoiceId>,
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

    /// The same by whose account it is on: its own first, then those of the others.
    fn earned_on(&self, date: NaiveDate) -> Result<Vec<(Option<InvoiceId>, Money)>, MoneyError> {
        let mut own = self.earned_by(date)?;
        let mut others = Vec::with_capacity(self.given_back.len());
        if !self.given_back.is_empty() {
            let (part, whole) = self.giving(date)?;
            for (origin_id, given) in &self.given_back {
                let earned = if whole.is_positive() { given.share((part, whole))? } else { *given };
                own = own.checked_add(earned)?;
                others.push((Some(*origin_id), earned.negated()?));
            }
        }
        Ok(std::iter::once((None, own)).chain(others).collect())
    }

    /// What its lines below zero give back by a day, of what they do in all; what was taken back of them is none of it.
    fn giving(&self, date: NaiveDate) -> Result<(Money, Money), MoneyError> {
        let gives = |line: LineId| {
            let own = |schedule: &&Schedule| schedule.line == line && schedule.entry == Entry::Line;
            self.schedules.iter().find(own).is_some_and(|schedule| schedule.amount.is_negative())
        };
        let zero = Money::zero(self.currency);
        let (mut part, mut whole) = (zero, zero);
        for schedule in self.schedules.iter().filter(|schedule| gives(schedule.line)) {
            part = part.checked_sub(schedule.earned_by(date)?)?;
            whole = whole.checked_sub(schedule.amount)?;
        }
        let part = if part.is_negative() { zero } else { part.smaller(whole)? };
        Ok((part, whole))
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
        let mut posted: Vec<Transfer> = Vec::new();
        let mut added: HashMap<Option<InvoiceId>, Money> = HashMap::new();
        for &day in last_days {
            let mut expected = self.earned_on(day)?;
            // What was earned on an account that nothing is given back of any more is taken off it.
            for known in &self.recognized {
                if !expected.iter().any(|(origin_id, _)| *origin_id == known.origin_id) {
                    expected.push((known.origin_id, Money::zero(self.currency)));
                }
            }
            let source = Source {
                kind: SourceKind::RevenueRecognized,
                id: self.invoice_id.uuid(),
                customer_id: self.customer_id,
                entity_id: Some(self.entity_id),
                invoice_id: None,
                effective_on: day,
                recorded_at: now,
            };
            let mut moves = Vec::with_capacity(expected.len());
            for (origin_id, expected) in expected {
                let is_it = |known: &&Recognized| known.on <= day && known.origin_id == origin_id;
                let known = self.recognized.iter().filter(is_it).map(|known| known.amount);
                let added = added.entry(origin_id).or_insert_with(|| Money::zero(self.currency));
                let amount = expected.checked_sub(Money::sum(self.currency, known)?.checked_add(*added)?)?;
                *added = added.checked_add(amount)?;
                let (debit, credit) = (Account::DeferredRevenue, Account::Revenue);
                moves.push(Move { debit, credit, amount, origin_id });
            }
            for mut transfer in posting::post_moves(source, moves)? {
                let number = leg.ok_or(MoneyError::Overflow)?;
                (transfer.leg, leg) = (number, number.checked_add(1));
                posted.push(transfer);
            }
        }
        Ok(posted)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::revenue::schedule::{Days, Rule};

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, Currency::parse("USD").unwrap())
    }

    fn invoice(n: u128) -> InvoiceId {
        InvoiceId::from_uuid(Uuid::from_u128(n))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// 40.00 charged and 16.00 given back of another, over 20 days of June.
    fn earning() -> Earning {
        let days = Days::new(day("2026-06-01"), day("2026-06-21"));
        let line = |line_no, amount| Schedule {
            line: LineId { invoice_id: invoice(2), line_no },
            entry: Entry::Line,
            amount: usd(amount),
            after: None,
            deferred: true,
            rule: Rule::RatableDaily,
            because: None,
            days,
            booked_on: day("2026-06-01"),
        };
        Earning {
            invoice_id: invoice(2),
            customer_id: CustomerId::from_uuid(Uuid::from_u128(7)),
            entity_id: EntityId::from_uuid(Uuid::from_u128(8)),
            currency: usd(0).currency(),
            schedules: vec![line(1, 4_000), line(2, -1_600)],
            given_back: vec![(invoice(1), usd(1_600))],
            recognized: Vec::new(),
        }
    }

    fn posted(earning: &Earning, days: &[&str]) -> Vec<(i16, String, Option<u128>)> {
        let days: Vec<NaiveDate> = days.iter().map(|text| day(text)).collect();
        let transfers = earning.difference(&days, chrono::DateTime::UNIX_EPOCH).unwrap();
        let shown = |transfer: &Transfer| {
            let sign = if transfer.debit == Account::DeferredRevenue { "" } else { "-" };
            let amount = format!("{sign}{}", transfer.amount.to_major_string());
            (transfer.leg, amount, transfer.origin_id.map(|id| id.uuid().as_u128()))
        };
        transfers.iter().map(shown).collect()
    }

    #[test]
    fn what_is_given_back_of_another_is_earned_back_on_its_account() {
        let both = [
            (0, "20.00".to_owned(), None),
            (1, "-8.00".to_owned(), Some(1)),
            (2, "20.00".to_owned(), None),
            (3, "-8.00".to_owned(), Some(1)),
        ];
        assert_eq!(posted(&earning(), &["2026-06-10", "2026-06-30"]), both);
    }

    #[test]
    fn what_nobody_gives_back_any_more_is_put_right() {
        let recognized = |leg, origin_id, amount| Recognized {
            on: day("2026-06-10"),
            origin_id,
            amount: usd(amount),
            leg,
        };
        let again = Earning {
            given_back: Vec::new(),
            recognized: vec![recognized(0, None, 2_000), recognized(1, Some(invoice(1)), -800)],
            ..earning()
        };
        assert_eq!(
            posted(&again, &["2026-06-30"]),
            [(2, "4.00".to_owned(), None), (3, "8.00".to_owned(), Some(1))]
        );
    }
}
