//! Do the books follow the documents, whatever happens to an invoice and in whatever order?

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::posting::Source;
use super::receipts::{self, Booking};
use super::{Account, SourceKind, Transfer, corrections};
use crate::domain::catalog::Metadata;
use crate::domain::ids::{CustomerId, EntityId, InvoiceId, PaymentId, PaymentMethodId};
use crate::domain::invoicing::{Applied, Invoice, Number, Status, Totals};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::late::{self, Late};
use crate::domain::payments::offline::{self, Receipt};
use crate::domain::payments::retries::reason::{Cause, Reason};
use crate::domain::payments::settle::{Facts, Settled, settle};
use crate::domain::payments::{Kind, Outcome, Payment, PaymentMethod, State, attempt};
use crate::domain::subscriptions::Collection;

/// What may happen to an invoice.
#[derive(Debug, Clone)]
enum Event {
    /// The card is charged; the answer comes later.
    Begin,
    /// An attempt, chosen among all there have been, is answered: perhaps for the second time.
    Answer(usize, Outcome),
    /// Money comes by itself.
    Offline(i64),
    Void,
    GiveUp,
}

fn events() -> impl Strategy<Value = Event> {
    let reference = || "ref".to_owned();
    let outcome = prop_oneof![
        3 => Just(Outcome::Succeeded { reference: reference() }),
        1 => any::<bool>().prop_map(|hard| Outcome::declined("no", hard)),
        1 => Just(Outcome::Pending { check_after: at(1), reference: reference(), action_url: None }),
        1 => Just(Outcome::Unknown),
        1 => Just(Outcome::NeverReached),
    ];
    prop_oneof![
        4 => Just(Event::Begin),
        6 => (0_usize..8, outcome).prop_map(|(which, outcome)| Event::Answer(which, outcome)),
        3 => (1_i64..20_000).prop_map(Event::Offline),
        1 => Just(Event::Void),
        1 => Just(Event::GiveUp),
    ]
}

fn at(hours: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
}

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("USD").unwrap())
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// An invoice in the world, with all that has happened to it.
struct Story {
    invoice: Invoice,
    attempts: Vec<Payment>,
    received: Vec<Payment>,
    transfers: Vec<Transfer>,
    now: DateTime<Utc>,
}

impl Story {
    fn of(total: i64) -> Story {
        let totals = Totals::untaxed(usd(total));
        let invoice = Invoice {
            id: InvoiceId::from_uuid(id(1)),
            customer_id: CustomerId::from_uuid(id(2)),
            entity_id: EntityId::from_uuid(id(3)),
            subscription_id: None,
            bill_run_id: None,
            number: Some(Number { series: Arc::from("INV"), number: 1 }),
            status: Status::Open,
            collection: Collection::Automatic,
            currency: Currency::parse("USD").unwrap(),
            billing_date: at(0).date_naive(),
            buyer_version: Some(1),
            seller_version: Some(1),
            totals,
            amount_paid: usd(0),
            applied: Applied::nothing(Currency::parse("USD").unwrap()),
            created_at: at(0),
            issued_at: Some(at(0)),
            due_at: Some(at(0)),
            closed_at: None,
            next_attempt_at: Some(at(0)),
            attempt_count: 0,
            finalizes_at: None,
            waits_for: None,
        };
        let mut story = Story { invoice, attempts: vec![], received: vec![], transfers: vec![], now: at(0) };
        let move_ = (Account::AccountsReceivable, Account::Revenue, usd(total));
        story.transfers = super::posting::post(story.source(SourceKind::InvoiceFinalized), &[move_]).unwrap();
        story
    }

    fn source(&self, kind: SourceKind) -> Source {
        Source {
            kind,
            id: self.invoice.id.uuid(),
            customer_id: self.invoice.customer_id,
            entity_id: None,
            invoice_id: None,
            effective_on: self.now.date_naive(),
            recorded_at: self.now,
        }
    }

    fn method(&self) -> PaymentMethod {
        PaymentMethod {
            id: PaymentMethodId::from_uuid(id(3)),
            external_id: None,
            customer_id: self.invoice.customer_id,
            kind: Kind::Card,
            gateway: Arc::from("simulator"),
            gateway_account_id: None,
            token: "tok".to_owned(),
            brand: None,
            last4: None,
            metadata: Metadata::new(),
            created_at: at(0),
            detached_at: None,
            fingerprint: None,
            is_disputed: false,
            mandate: None,
        }
    }

    fn next_id(&self) -> PaymentId {
        PaymentId::from_uuid(id(100 + (self.attempts.len() + self.received.len()) as u128))
    }

    fn happen(&mut self, event: Event) {
        self.now += TimeDelta::hours(1);
        match event {
            Event::Begin if self.attempts.iter().any(Payment::is_processing) => {}
            Event::Begin => {
                if let Ok((invoice, payment)) = attempt::begin(
                    self.invoice.clone(),
                    &self.method(),
                    (self.next_id(), Reason::of(Cause::Due)),
                    self.now,
                ) {
                    self.invoice = invoice;
                    self.attempts.push(payment);
                }
            }
            Event::Answer(which, outcome) => {
                let Some(payment) = self.attempts.get(which).cloned() else { return };
                let facts = Facts { invoice: Some(self.invoice.clone()), now: self.now };
                if matches!(payment.state, State::Failed { .. }) {
                    return self.hear_late(which, &outcome);
                }
                let was_processing = payment.is_processing();
                let settled = settle(payment, &outcome, facts).unwrap();
                assert_eq!(settled.is_some(), was_processing, "an answer counts once");
                if let Some(settled) = settled {
                    self.attempts[which] = settled.payment.clone();
                    self.follow(settled);
                }
            }
            Event::Offline(cents) => self.receive(cents),
            Event::Void => {
                if let Ok(invoice) = self.invoice.clone().void(self.now) {
                    let posted: Vec<Transfer> =
                        self.transfers.iter().filter(|t| t.source_id == invoice.id.uuid()).cloned().collect();
                    let source = self.source(SourceKind::InvoiceVoided);
                    self.transfers.extend(corrections::reverse(&posted, source).unwrap());
                    self.invoice = invoice;
                }
            }
            Event::GiveUp => {
                let due = self.invoice.amount_due().unwrap();
                if let Ok(invoice) = self.invoice.clone().write_off(self.now) {
                    let source = self.source(SourceKind::InvoiceWrittenOff);
                    let loss = corrections::Loss { due, deferred: usd(0) };
                    self.transfers.extend(corrections::write_off(loss, (source, 0)).unwrap());
                    self.invoice = invoice;
                }
            }
        }
    }

    /// An answer for an attempt that has failed.
    fn hear_late(&mut self, which: usize, outcome: &Outcome) {
        let under_way = self.attempts.iter().any(Payment::is_processing);
        let facts = Facts { invoice: (!under_way).then(|| self.invoice.clone()), now: self.now };
        match late::settle(self.attempts[which].clone(), outcome, facts).unwrap().unwrap() {
            Late::Came(settled) => {
                self.attempts[which] = settled.payment.clone();
                self.follow(*settled);
            }
            Late::StillFailed(payment) => self.attempts[which] = *payment,
        }
    }

    fn receive(&mut self, cents: i64) {
        let receipt = Receipt {
            customer_id: self.invoice.customer_id,
            amount: usd(cents),
            external_id: None,
            in_cash: None,
            reference: None,
            received_at: None,
            metadata: Metadata::new(),
        };
        if let Ok(settled) = offline::record(receipt, Some(self.invoice.clone()), self.next_id(), self.now) {
            self.received.push(settled.payment.clone());
            self.follow(settled);
        }
    }

    fn follow(&mut self, settled: Settled) {
        let booking = Booking { effective_on: self.now.date_naive(), recorded_at: self.now };
        self.transfers.extend(receipts::postings(&settled, booking, None).unwrap());
        if let Some(invoice) = settled.invoice {
            self.invoice = invoice;
        }
    }

    /// Debits less credits.
    fn balances(&self) -> BTreeMap<Account, i64> {
        let mut balances = BTreeMap::new();
        for transfer in &self.transfers {
            *balances.entry(transfer.debit).or_default() += transfer.amount.minor();
            *balances.entry(transfer.credit).or_default() -= transfer.amount.minor();
        }
        balances
    }
}

proptest! {
    #[test]
    fn the_books_follow_the_documents_in_any_order_of_events(
        total in 1_i64..10_000,
        events in prop::collection::vec(events(), 0..25),
    ) {
        let mut story = Story::of(total);
        for event in events {
            story.happen(event);
        }
        let balances = story.balances();
        let balance = |account| balances.get(&account).copied().unwrap_or(0);
        let due = story.invoice.amount_due().unwrap().minor();
        let all: Vec<&Payment> = story.attempts.iter().chain(&story.received).collect();
        let came = |p: &&&Payment| matches!(p.state, State::Succeeded { .. });
        let cash: i64 = all.iter().filter(came).map(|p| p.amount.minor()).sum();
        let applied: i64 = all.iter().map(|p| p.amount_applied.minor()).sum();

        prop_assert!(all.iter().all(|p| p.amount_applied.minor() <= p.amount.minor()));
        prop_assert_eq!(applied, story.invoice.amount_paid.minor());
        prop_assert!(applied <= total);
        prop_assert_eq!(balance(Account::AccountsReceivable), if story.invoice.status == Status::Open { due } else { 0 });
        prop_assert_eq!(balance(Account::CashClearing), cash);
        let surplus: i64 = all.iter().map(|p| p.amount_surplus.minor()).sum();
        prop_assert_eq!(balance(Account::CustomerCredit), applied + surplus - cash);
        prop_assert_eq!(balance(Account::RefundsPayable), -surplus);
        prop_assert_eq!(balance(Account::WriteOffs), if story.invoice.status == Status::Uncollectible { due } else { 0 });
        prop_assert_eq!(balances.values().sum::<i64>(), 0);

        let mut keys: Vec<_> = story.transfers.iter().map(|t| (t.source_id, t.source_kind.into_str(), t.leg)).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        prop_assert_eq!(keys.len(), count, "a transfer's key is its source");
    }
}

#[test]
fn money_beyond_what_is_due_is_the_customers_credit() {
    let mut story = Story::of(3_100);
    story.happen(Event::Offline(4_000));
    assert_eq!(story.balances()[&Account::CashClearing], 4_000);
    assert_eq!(story.balances()[&Account::CustomerCredit], -900);
    assert_eq!(story.balances()[&Account::AccountsReceivable], 0);
}
