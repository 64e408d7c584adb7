//! Do gains and losses come out to the cent? Stories of transfers in dollars, in books in euros, reckoned by hand; and a law over random ones.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::domain::fx::book::{NoRate, Pair};
use crate::domain::ids::CustomerId;
use crate::domain::laws::tried;
use crate::domain::ledger::Account::{
    AccountsReceivable as Receivable, CashClearing as Cash, CustomerCredit, DeferredRevenue as Deferred,
    RefundsPayable, Revenue, TaxPayable, WriteOffs,
};
use crate::domain::money::{Currency, Ratio};

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, day).unwrap()
}

/// Books in euros, and what a dollar is on some days.
struct Story {
    books: Books,
    rates: BTreeMap<NaiveDate, Decimal>,
    sums: BTreeMap<(Account, bool), i64>,
    leg: i16,
}

impl Story {
    fn at(rates: &[(u32, &str)]) -> Story {
        let rates = rates.iter().map(|(on, rate)| (day(*on), rate.parse().unwrap())).collect();
        Story { books: Books::default(), rates, sums: BTreeMap::new(), leg: 0 }
    }

    /// Posts a transfer about the first invoice; gives `debited realised`, or why it waits.
    fn post(&mut self, kind: SourceKind, on: u32, accounts: (Account, Account), minor: i64) -> String {
        self.post_of((1, None), (kind, on), accounts, minor)
    }

    /// The same about an invoice, perhaps of what another one charged.
    fn post_of(
        &mut self,
        (invoice, origin): (u128, Option<u128>),
        (kind, on): (SourceKind, u32),
        (debit, credit): (Account, Account),
        minor: i64,
    ) -> String {
        self.leg += 1;
        let id = |n: u128| InvoiceId::from_uuid(Uuid::from_u128(n));
        let transfer = Transfer {
            source_kind: kind,
            source_id: Uuid::from_u128(invoice),
            leg: self.leg,
            debit,
            credit,
            amount: Money::from_minor(minor, currency("USD")),
            customer_id: CustomerId::from_uuid(Uuid::from_u128(2)),
            entity_id: None,
            invoice_id: Some(id(invoice)),
            origin_id: origin.map(id),
            rated_on: None,
            effective_on: day(on),
            original_on: None,
            recorded_at: DateTime::UNIX_EPOCH,
            functional: None,
        };
        let rates = self.rates.clone();
        let mut rate = |pair: Pair, on: NaiveDate| match rates.get(&on) {
            Some(rate) => Ok(Ratio::ONE.times(*rate).unwrap()),
            None => Err(NoRate::Unknown { pair, date: on, is_later: false }),
        };
        match self.books.value(&transfer, currency("EUR"), &mut rate) {
            Ok(worth) => {
                let credited = worth.credited().unwrap();
                for (account, sign, worth) in [(debit, 1, worth.amount), (credit, -1, credited)] {
                    *self.sums.entry((account, false)).or_default() += sign * minor;
                    *self.sums.entry((account, true)).or_default() += sign * worth.minor();
                }
                format!("{} {}", worth.amount.to_major_string(), worth.realised.to_major_string())
            }
            Err(why) => why.to_string(),
        }
    }

    fn issue(&mut self, on: u32, legs: &[(Account, i64)]) {
        for (account, minor) in legs {
            self.post(SourceKind::InvoiceFinalized, on, (Receivable, *account), *minor);
        }
    }

    fn pay(&mut self, on: u32, minor: i64) -> String {
        self.post(SourceKind::PaymentReceived, on, (Cash, Receivable), minor)
    }

    /// What an account holds, in dollars and in euros.
    fn holds(&self, account: Account) -> (i64, i64) {
        let sum = |home| self.sums.get(&(account, home)).copied().unwrap_or_default();
        (sum(false), sum(true))
    }
}

#[test]
fn a_payment_at_a_better_rate_realises_a_gain_and_at_a_worse_one_a_loss() {
    let mut story = Story::at(&[(1, "0.90"), (9, "0.92")]);
    story.issue(1, &[(Revenue, 10_000)]);
    assert_eq!(story.pay(9, 10_000), "92.00 2.00");
    assert_eq!(story.holds(Receivable), (0, 0));
    let mut story = Story::at(&[(1, "0.90"), (9, "0.87")]);
    story.issue(1, &[(Revenue, 10_000)]);
    assert_eq!(story.pay(9, 10_000), "87.00 -3.00");
}

/// 119.00 USD at 0.9137 are 108.7303: 108.73 receivable, of which 19.00 of tax are 17.36 by itself and the rest of the cent is its.
#[test]
fn the_parts_of_an_invoice_are_its_total_at_the_days_rate() {
    let mut story = Story::at(&[(1, "0.9137")]);
    story.issue(1, &[(Deferred, 3_333), (Revenue, 6_667), (TaxPayable, 1_900)]);
    assert_eq!(story.holds(Receivable), (11_900, 10_873));
    assert_eq!(story.holds(Deferred), (-3_333, -3_045));
    assert_eq!(story.holds(Revenue), (-6_667, -6_092));
    assert_eq!(story.holds(TaxPayable), (-1_900, -1_736));
}

#[test]
fn the_last_of_three_payments_clears_the_last_cent() {
    let mut story = Story::at(&[(1, "0.9"), (2, "0.91"), (3, "0.93"), (4, "0.88")]);
    story.issue(1, &[(Revenue, 10_001)]);
    assert_eq!(story.holds(Receivable).1, 9_001);
    // 33.33 of 100.01 are 29.997 of 90.01: 30.00, paid with 30.33.
    assert_eq!(story.pay(2, 3_333), "30.33 0.33");
    assert_eq!(story.pay(3, 3_333), "31.00 1.00");
    // What is left of the receivable, 30.01; 33.35 at 0.88 are 29.348.
    assert_eq!(story.pay(4, 3_335), "29.35 -0.66");
    assert_eq!(story.holds(Receivable), (0, 0));
}

#[test]
fn a_credit_note_takes_back_at_the_rate_of_its_invoice() {
    let mut story = Story::at(&[(1, "0.90"), (9, "0.97")]);
    story.issue(1, &[(Deferred, 6_000), (Revenue, 4_000)]);
    let note = SourceKind::CreditNoteIssued;
    assert_eq!(story.post(note, 9, (Deferred, Receivable), 3_000), "27.00 0.00");
    assert_eq!(story.post(note, 9, (Revenue, Receivable), 4_000), "36.00 0.00");
    assert_eq!(story.holds(Receivable), (3_000, 2_700));
    assert_eq!(story.pay(9, 3_000), "29.10 2.10");
    assert_eq!(story.holds(Receivable), (0, 0));
}

/// Received at 92.00, owed back at the 90.00 of the invoice, given back out of the same 92.00: the gain of 2.00 is lost again.
#[test]
fn what_is_refunded_gives_back_the_cash_that_came() {
    let mut story = Story::at(&[(1, "0.90"), (5, "0.92"), (9, "0.97")]);
    story.issue(1, &[(Revenue, 10_000)]);
    assert_eq!(story.pay(5, 10_000), "92.00 2.00");
    let note = SourceKind::CreditNoteIssued;
    assert_eq!(story.post(note, 9, (Revenue, Receivable), 10_000), "90.00 0.00");
    assert_eq!(story.post(note, 9, (Receivable, RefundsPayable), 10_000), "90.00 0.00");
    assert_eq!(story.post(SourceKind::RefundPaid, 9, (RefundsPayable, Cash), 10_000), "90.00 -2.00");
    for account in [Receivable, Revenue, RefundsPayable, Cash] {
        assert_eq!(story.holds(account), (0, 0), "{account:?}");
    }
}

const ISSUED: SourceKind = SourceKind::InvoiceFinalized;

/// 31.00 and 6.20 tax at 0.80, given back by a second invoice at 0.60 to the balance: 22.32 for 24.80 and 4.96.
#[test]
fn what_a_later_invoice_gives_back_relieves_the_earlier_one() {
    let mut story = Story::at(&[(1, "0.80"), (9, "0.60")]);
    story.issue(1, &[(Deferred, 3_100), (TaxPayable, 620)]);
    story.post_of((2, None), (ISSUED, 9), (Receivable, CustomerCredit), 3_720);
    assert_eq!(story.post_of((2, Some(1)), (ISSUED, 9), (Deferred, Receivable), 3_100), "24.80 6.20");
    assert_eq!(story.post_of((2, Some(1)), (ISSUED, 9), (TaxPayable, Receivable), 620), "4.96 1.24");
    assert_eq!(story.holds(Deferred), (0, 0));
    assert_eq!(story.holds(TaxPayable), (0, 0));
    assert_eq!(story.holds(CustomerCredit), (-3_720, -2_232));
    assert_eq!(story.holds(Receivable), (3_720, 2_976));
}

const EARNED: SourceKind = SourceKind::RevenueRecognized;

/// 31.00 at 0.80, 16.00 of it given back at 0.60: 15.00 are earned, and they are 12.00 whichever of both is recognised first.
#[test]
fn what_is_earned_is_worth_what_it_was_charged_at() {
    for given_back_first in [true, false] {
        let mut story = Story::at(&[(1, "0.80"), (5, "0.60"), (9, "0.70")]);
        story.issue(1, &[(Deferred, 3_100)]);
        story.post_of((2, None), (ISSUED, 5), (Receivable, CustomerCredit), 1_600);
        assert_eq!(story.post_of((2, Some(1)), (ISSUED, 5), (Deferred, Receivable), 1_600), "12.80 3.20");
        let mut earn = |of_second: bool| match of_second {
            true => story.post_of((2, Some(1)), (EARNED, 9), (Revenue, Deferred), 1_600),
            false => story.post_of((1, None), (EARNED, 9), (Deferred, Revenue), 3_100),
        };
        assert_eq!(
            [earn(given_back_first), earn(!given_back_first)],
            if given_back_first { ["12.80 0.00", "24.80 0.00"] } else { ["24.80 0.00", "12.80 0.00"] }
        );
        assert_eq!(story.holds(Deferred), (0, 0));
        assert_eq!(story.holds(Revenue), (-1_500, -1_200));
    }
}

/// All of it is earned before some is given back: that is worth what it was earned at.
#[test]
fn what_is_given_back_after_it_was_earned_is_worth_what_it_was_earned_at() {
    let mut story = Story::at(&[(1, "0.80"), (5, "0.60"), (9, "0.70")]);
    story.issue(1, &[(Deferred, 3_100)]);
    story.post_of((1, None), (EARNED, 5), (Deferred, Revenue), 3_100);
    story.post_of((2, None), (ISSUED, 9), (Receivable, CustomerCredit), 1_600);
    assert_eq!(story.post_of((2, Some(1)), (ISSUED, 9), (Deferred, Receivable), 1_600), "12.80 1.60");
    assert_eq!(story.post_of((2, Some(1)), (EARNED, 9), (Revenue, Deferred), 1_600), "12.80 0.00");
    assert_eq!(story.holds(Deferred), (0, 0));
    assert_eq!(story.holds(Revenue), (-1_500, -1_200));
}

/// Half of what was given back comes again with a note on that invoice, the rest with a void: at what it went at.
#[test]
fn what_was_given_back_comes_again_at_what_it_went_at() {
    let mut story = Story::at(&[(1, "0.80"), (5, "0.60"), (9, "0.99")]);
    story.issue(1, &[(Deferred, 3_100)]);
    story.post_of((2, None), (ISSUED, 5), (Receivable, Revenue), 10_000);
    assert_eq!(story.post_of((2, Some(1)), (ISSUED, 5), (Deferred, Receivable), 3_100), "24.80 6.20");
    let note = SourceKind::CreditNoteIssued;
    assert_eq!(story.post_of((2, Some(1)), (note, 9), (Receivable, Deferred), 1_550), "9.30 -3.10");
    assert_eq!(story.holds(Deferred), (-1_550, -1_240));
    let void = SourceKind::InvoiceVoided;
    assert_eq!(story.post_of((2, Some(1)), (void, 9), (Receivable, Deferred), 1_550), "9.30 -3.10");
    assert_eq!(story.holds(Deferred), (-3_100, -2_480));
    assert_eq!(story.post_of((2, None), (void, 9), (Revenue, Receivable), 10_000), "60.00 0.00");
    assert_eq!(story.pay(9, 3_100), "30.69 5.89");
    assert_eq!(story.holds(Receivable), (0, 0));
}

/// Paid out twice, at 0.90: 100.00 more than there was. The bill below zero that makes it good, at 0.60, clears it.
#[test]
fn a_balance_below_zero_is_made_good_at_what_it_is_carried_at() {
    let mut story = Story::at(&[(1, "0.90"), (9, "0.60")]);
    let out = (CustomerCredit, Cash);
    assert_eq!(story.post(SourceKind::BalancePaidOut, 1, out, 10_000), "90.00 0.00");
    let below = (Receivable, CustomerCredit);
    assert_eq!(story.post_of((2, None), (ISSUED, 9), below, 12_000), "72.00 -30.00");
    assert_eq!(story.holds(CustomerCredit), (-2_000, -1_200));
    // The cash that came is what went.
    assert_eq!(story.post(SourceKind::PaymentReceived, 9, (Cash, CustomerCredit), 10_000), "90.00 0.00");
    assert_eq!(story.holds(Cash), (0, 0));
}

/// The first part waits, for nobody knows what it gives back is worth; and so does the rest, whose cents depend on it.
#[test]
fn the_parts_of_an_invoice_wait_together() {
    let mut story = Story::at(&[(9, "0.92")]);
    story.issue(1, &[(Deferred, 3_100)]);
    let of_second = |(debit, credit, origin): (Account, Account, Option<u128>)| Transfer {
        source_kind: ISSUED,
        source_id: Uuid::from_u128(2),
        leg: 0,
        debit,
        credit,
        amount: Money::from_minor(3_100, currency("USD")),
        customer_id: CustomerId::from_uuid(Uuid::from_u128(2)),
        entity_id: None,
        invoice_id: None,
        origin_id: origin.map(|n| InvoiceId::from_uuid(Uuid::from_u128(n))),
        effective_on: day(9),
        rated_on: None,
        original_on: None,
        recorded_at: DateTime::UNIX_EPOCH,
        functional: None,
    };
    let parts = [(Receivable, CustomerCredit, None), (Deferred, Receivable, Some(1))].map(of_second).to_vec();
    story.books.wait_together(&parts);
    let below = (Receivable, CustomerCredit);
    let waits = "what it relieves has no value yet itself";
    assert_eq!(story.post_of((2, None), (ISSUED, 9), below, 3_100), waits);
}

#[test]
fn a_balance_pays_at_what_it_is_carried_at() {
    let mut story = Story::at(&[(1, "0.85"), (5, "0.90"), (9, "0.97")]);
    assert_eq!(story.post(SourceKind::PaymentReceived, 1, (Cash, CustomerCredit), 10_000), "85.00 0.00");
    story.issue(5, &[(Revenue, 4_000)]);
    // 34.00 of the balance for a receivable of 36.00.
    let applied = (CustomerCredit, Receivable);
    assert_eq!(story.post(SourceKind::CreditsApplied, 9, applied, 4_000), "34.00 -2.00");
    // Voided, both are as they were.
    let voided = SourceKind::InvoiceVoided;
    assert_eq!(story.post(voided, 9, (Receivable, CustomerCredit), 4_000), "36.00 2.00");
    assert_eq!(story.post(voided, 9, (Revenue, Receivable), 4_000), "36.00 0.00");
    assert_eq!(story.holds(Receivable), (0, 0));
    assert_eq!(story.holds(CustomerCredit), (-10_000, -8_500));
}

#[test]
fn what_is_written_off_and_recovered_stays_at_the_rate_of_its_invoice() {
    let mut story = Story::at(&[(1, "0.90"), (9, "0.97")]);
    story.issue(1, &[(Revenue, 10_000)]);
    let lost = (WriteOffs, Receivable);
    assert_eq!(story.post(SourceKind::InvoiceWrittenOff, 5, lost, 10_000), "90.00 0.00");
    let found = (Receivable, WriteOffs);
    assert_eq!(story.post(SourceKind::WriteOffRecovered, 9, found, 4_000), "36.00 0.00");
    assert_eq!(story.pay(9, 4_000), "38.80 2.80");
    assert_eq!(story.holds(WriteOffs), (6_000, 5_400));
    assert_eq!(story.holds(Receivable), (0, 0));
}

#[test]
fn without_a_rate_a_transfer_waits_and_with_it_what_relieves_it() {
    let mut story = Story::at(&[(9, "0.92")]);
    assert!(
        story.post(SourceKind::InvoiceFinalized, 1, (Receivable, Revenue), 1).contains("no exchange rate")
    );
    assert_eq!(story.pay(9, 1), "what it relieves has no value yet itself");
    assert_eq!(
        story.post(SourceKind::PaymentReceived, 9, (Cash, CustomerCredit), 1),
        "what it relieves has no value yet itself"
    );
}

#[test]
fn what_is_too_large_waits_and_never_wraps() {
    let mut story = Story::at(&[(1, "999999999.999999999999")]);
    let much = crate::domain::money::LARGEST;
    assert!(
        story.post(SourceKind::InvoiceFinalized, 1, (Receivable, Revenue), much).contains("out of range")
    );
}

/// One step of a history.
#[derive(Debug, Clone, Copy)]
enum Step {
    Pay,
    Credit,
    Refund,
    /// Whatever there is.
    PayOut,
    /// An invoice below zero, with what it gives back of the first.
    GiveBack,
    Apply,
    Deposit,
}

fn steps() -> impl Strategy<Value = Vec<(Step, i64, u32)>> {
    let step = prop::sample::select(vec![
        Step::Pay,
        Step::Credit,
        Step::Refund,
        Step::PayOut,
        Step::GiveBack,
        Step::Apply,
        Step::Deposit,
    ]);
    prop::collection::vec((step, 1_i64..40_000, 1_u32..10), 0..12)
}

impl Story {
    fn take(&mut self, step: Step, most: i64, on: u32) {
        let due = self.holds(Receivable).0.min(most);
        let left = (-self.holds(Revenue).0).min(most);
        let (cash, balance) = (self.holds(Cash).0, -self.holds(CustomerCredit).0);
        match step {
            Step::Pay if due > 0 => drop(self.pay(on, due)),
            Step::Credit if left > 0 => {
                self.post(SourceKind::CreditNoteIssued, on, (Revenue, Receivable), left);
                let over = -self.holds(Receivable).0;
                if over > 0 {
                    self.post(SourceKind::CreditNoteIssued, on, (Receivable, CustomerCredit), over);
                }
            }
            Step::Refund if balance.min(cash) > 0 => {
                let back = balance.min(cash).min(most);
                self.post(SourceKind::BalancePaidOut, on, (CustomerCredit, RefundsPayable), back);
                self.post(SourceKind::RefundPaid, on, (RefundsPayable, Cash), back);
            }
            Step::PayOut => {
                self.post(SourceKind::BalancePaidOut, on, (CustomerCredit, Cash), most);
            }
            Step::GiveBack if left > 0 => {
                let invoice = 2 + u128::try_from(self.leg).unwrap();
                let balance = (Receivable, CustomerCredit);
                self.post_of((invoice, None), (ISSUED, on), balance, left);
                self.post_of((invoice, Some(1)), (ISSUED, on), (Revenue, Receivable), left);
            }
            Step::Apply if balance.min(due) > 0 => {
                self.post(SourceKind::CreditsApplied, on, (CustomerCredit, Receivable), balance.min(due));
            }
            Step::Deposit => drop(self.post(SourceKind::PaymentReceived, on, (Cash, CustomerCredit), most)),
            Step::Pay | Step::Credit | Step::Refund | Step::GiveBack | Step::Apply => {}
        }
    }
}

proptest! {
    #![proptest_config(tried())]

    /// Whatever happened, and at whichever rates: what is nothing in dollars is nothing in euros, and the euros of all accounts add up.
    #[test]
    fn what_is_closed_is_closed_in_both(
        total in 1_i64..100_000, rates in prop::collection::vec(1_i64..30_000, 9), steps in steps(),
    ) {
        let mut story = Story::at(&[]);
        story.rates = (1..).zip(&rates).map(|(on, rate)| (day(on), Decimal::new(*rate, 4))).collect();
        story.issue(1, &[(Revenue, total)]);
        for (step, most, on) in steps {
            story.take(step, most, on);
            for account in [Receivable, Revenue, Cash, CustomerCredit, RefundsPayable] {
                let (amount, worth) = story.holds(account);
                prop_assert!(amount != 0 || worth == 0, "{account:?} holds nothing at {worth}");
            }
        }
        story.take(Step::Pay, i64::MAX, 9);
        prop_assert_eq!(story.holds(Receivable), (0, 0));
    }
}
