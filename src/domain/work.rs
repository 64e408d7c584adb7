//! What work falls due by itself, and what becomes of an item of it that cannot be done? It is parked: postponed with its reason and tried
//! again alone, after 1 hour, then 2, 4, 8 … up to a day; everything else goes on.
//!
//! A customer whose invoice would not fit fails at 12:00: tried again at 13:00, 15:00, 19:00, 3:00, 19:00, then daily.

use std::ops::AddAssign;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumString, IntoStaticStr};
use uuid::Uuid;

use super::ids::{
    BillRunId, BudgetId, CreditGrantId, CustomerId, EntityId, InboundEventId, InvoiceId, MigrationId,
    ParkedWorkId, PaymentId, RefundId, SubscriptionId, TaxDocumentId, TaxNumberId, TaxProviderId,
    TaxQuestionId, TenantId, WebhookEndpointId,
};

/// A kind of due work. Its name is what is stored and written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Work {
    /// A billing run that a dead process left.
    BillRuns,
    /// A step of a subscription that nobody requests: the end of a trial, a renewal.
    SubscriptionSteps,
    /// A move of subscriptions to another version of their plan.
    PlanMigrations,
    /// A customer with something to bill.
    Billing,
    /// A draft to be issued.
    Finalization,
    /// A balance that pays what is open.
    Balances,
    /// A payment without an outcome.
    PaymentResolution,
    /// Something that a gateway has told.
    InboundEvents,
    /// A payment that may be disputed.
    Disputes,
    /// An invoice to be charged.
    Collection,
    /// An invoice that is not tried again any more, of which something is to become.
    FinalActions,
    /// Prepaid credits whose time is over.
    CreditExpiry,
    /// Money to be given back.
    Refunds,
    /// A budget to be looked at.
    Budgets,
    /// A number of a customer that a register is to be asked about.
    TaxNumbers,
    /// A tenant whose sales are held against the thresholds of states.
    TaxNexus,
    /// Something that a provider of tax is to be asked.
    TaxQuestions,
    /// A document that a provider of tax is to hear of.
    TaxDocuments,
    /// A provider of tax whose figures are held against ours.
    TaxComparison,
    /// A customer whose transfers wait for a rate, to be valued in the currency of the books.
    FunctionalAmounts,
    /// An entity whose revenue is to be recognised.
    Recognition,
    /// An endpoint that is to hear of events.
    WebhookDeliveries,
}

impl Work {
    /// The id of one of its items, with the prefix of what it is.
    #[must_use]
    pub fn item(self, id: Uuid) -> String {
        match self {
            Work::BillRuns => BillRunId::from_uuid(id).to_string(),
            Work::SubscriptionSteps => SubscriptionId::from_uuid(id).to_string(),
            Work::PlanMigrations => MigrationId::from_uuid(id).to_string(),
            Work::Billing | Work::Balances | Work::FunctionalAmounts => CustomerId::from_uuid(id).to_string(),
            Work::Finalization | Work::Collection | Work::FinalActions => {
                InvoiceId::from_uuid(id).to_string()
            }
            Work::PaymentResolution | Work::Disputes => PaymentId::from_uuid(id).to_string(),
            Work::InboundEvents => InboundEventId::from_uuid(id).to_string(),
            Work::CreditExpiry => CreditGrantId::from_uuid(id).to_string(),
            Work::Refunds => RefundId::from_uuid(id).to_string(),
            Work::Budgets => BudgetId::from_uuid(id).to_string(),
            Work::TaxNumbers => TaxNumberId::from_uuid(id).to_string(),
            Work::TaxNexus => TenantId::from_uuid(id).to_string(),
            Work::TaxQuestions => TaxQuestionId::from_uuid(id).to_string(),
            Work::TaxDocuments => TaxDocumentId::from_uuid(id).to_string(),
            Work::TaxComparison => TaxProviderId::from_uuid(id).to_string(),
            Work::Recognition => EntityId::from_uuid(id).to_string(),
            Work::WebhookDeliveries => WebhookEndpointId::from_uuid(id).to_string(),
        }
    }

    /// After how long an item is tried again that has failed so many times, 1 or more.
    #[must_use]
    pub fn delay(self, attempts: u32) -> TimeDelta {
        // A budget caps what is used meanwhile: it never waits for long.
        let longest = if self == Work::Budgets { 1 } else { 24 };
        let doubled = 1_i64 << attempts.saturating_sub(1).min(5);
        TimeDelta::hours(doubled.min(longest))
    }
}

/// Why an item could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Such as `amount_out_of_range`; `internal` when it is the program's own.
    pub code: String,
    /// A sentence.
    pub reason: String,
}

/// An item that is postponed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedWork {
    pub id: ParkedWorkId,
    pub work: Work,
    /// What of it, see [`Work::item`].
    pub item_id: Uuid,
    pub trouble: Trouble,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was tried last.
    pub parked_at: DateTime<Utc>,
    pub retry_at: DateTime<Utc>,
    /// The billing run that found it.
    pub run_id: Option<BillRunId>,
}

impl ParkedWork {
    /// As its events show it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "parked_work",
            "id": self.id,
            "work": self.work.into_str(),
            "item_id": self.work.item(self.item_id),
            "code": self.trouble.code,
            "reason": self.trouble.reason,
            "attempts": self.attempts,
            "parked_at": self.parked_at,
            "retry_at": self.retry_at,
        })
    }
}

/// Who requested a run. Its name is what is stored and written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Trigger {
    Schedule,
    Api,
    Command,
    Clock,
}

/// How far a run is. Its name is what is stored and written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum RunStatus {
    Running,
    Completed,
    /// To its end, but for customers that it parked.
    CompletedWithErrors,
}

/// What jobs did, as an advance of a test clock tells it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub bill_runs: u64,
    pub invoices: u64,
    /// Items that could not be done and were postponed.
    pub parked: u64,
    pub drafts_finalized: u64,
    pub payments_attempted: u64,
    pub payments_succeeded: u64,
    pub payments_failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Tally) {
        self.bill_runs += more.bill_runs;
        self.invoices += more.invoices;
        self.parked += more.parked;
        self.drafts_finalized += more.drafts_finalized;
        self.payments_attempted += more.payments_attempted;
        self.payments_succeeded += more.payments_succeeded;
        self.payments_failed += more.payments_failed;
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn what_fails_again_waits_twice_as_long_up_to_a_day() {
        let hours: Vec<i64> = (1..=7).map(|attempts| Work::Billing.delay(attempts).num_hours()).collect();
        assert_eq!(hours, [1, 2, 4, 8, 16, 24, 24]);
        assert_eq!(Work::Collection.delay(u32::MAX).num_hours(), 24);
        assert_eq!(Work::Budgets.delay(9).num_hours(), 1);
    }

    #[test]
    fn each_name_is_read_as_it_is_written() {
        for work in Work::iter() {
            assert_eq!(work.into_str().parse(), Ok(work));
            assert!(work.item(Uuid::nil()).ends_with("_00000000000000000000000000"));
        }
    }
}
