//! For whom, and when? The tenant a workflow works for and the instant it calls now.

use std::ops::Deref;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::billing::{Grounds, Line};
use crate::domain::calendar::Zone;
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{ApiKeyId, CustomerId, EventId, InvoiceId, TenantId};
use crate::domain::invoicing::finalize::Issue;
use crate::domain::money::Currency;
use crate::domain::subscriptions::when::Today;
use crate::platform::{clock, random};
use crate::storage::customers::locks::{self, Held, LockedCustomer};
use crate::storage::tenants::{BillingSettings, Mode};
use crate::storage::{StorageError, Thing, Tx, invoicing, tenants};

/// Loaded once at the start of each transaction.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The tenant whose rows are touched.
    pub tenant_id: TenantId,
    /// Whether its time and money are real.
    pub mode: Mode,
    /// The tenant's now: its test clock, or the wall clock for a live tenant.
    pub now: DateTime<Utc>,
    /// The zone of customers that name none.
    pub zone: Zone,
    /// The currency of customers that name none.
    pub currency: Currency,
    /// Payment terms of customers that have none of their own.
    pub payment_terms_days: i32,
    /// The version of the seller's details printed on invoices issued now.
    pub seller_version: i32,
    /// How long what is billed waits as a draft, and how far back changes may reach.
    pub billing: BillingSettings,
    /// The key of the call; `None`: a job works.
    pub by: Option<ApiKeyId>,
    /// The series invoice numbers are taken from.
    pub invoice_series: Arc<str>,
}

/// A scope whose transaction holds the rows of the customers it writes for.
#[derive(Debug)]
pub struct Holding<'s> {
    scope: &'s Scope,
    /// What every function that writes something of theirs asks for.
    pub held: Held,
}

impl Deref for Holding<'_> {
    type Target = Scope;
    fn deref(&self) -> &Scope {
        self.scope
    }
}

impl Holding<'_> {
    /// What an invoice of a customer that is held is issued with.
    ///
    /// # Errors
    /// There is no such customer.
    pub fn terms(&self, id: CustomerId) -> Result<Issue, StorageError> {
        let buyer = self.held.get(id).ok_or_else(|| StorageError::not_found(Thing::Customer, id))?;
        Ok(self.scope.issue(buyer))
    }
}

impl Scope {
    /// The same, holding these customers.
    pub fn holding(&self, held: Held) -> Holding<'_> {
        Holding { scope: self, held }
    }

    /// Locks a customer, and the account that pays for it.
    ///
    /// # Errors
    /// Not found.
    pub fn lock(&self, tx: &mut Tx<'_>, id: CustomerId) -> Result<Holding<'_>, StorageError> {
        Ok(self.holding(locks::account(tx, self.tenant_id, id)?))
    }

    /// Reads the tenant and its clock.
    pub fn load(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Scope, StorageError> {
        let tenant = tenants::find(tx, tenant_id)?;
        Ok(Scope {
            tenant_id,
            mode: tenant.mode,
            now: tenant.test_clock.unwrap_or_else(clock::now),
            zone: tenant.zone,
            currency: tenant.currency,
            payment_terms_days: tenant.payment_terms_days,
            seller_version: tenant.seller_version,
            billing: tenant.settings,
            by: None,
            invoice_series: tenant.invoice_series.into(),
        })
    }

    /// Locks the customer an invoice is of.
    ///
    /// # Errors
    /// Not found.
    pub fn lock_owner(&self, tx: &mut Tx<'_>, id: InvoiceId) -> Result<Holding<'_>, StorageError> {
        let customer_id = invoicing::find(tx, self.tenant_id, id)?.customer_id;
        self.lock(tx, customer_id)
    }

    /// When a draft made now is finalized by itself; `None`: it is not held as one.
    pub fn finalizes_at(&self) -> Option<DateTime<Utc>> {
        let hours = self.billing.draft_hours;
        let held = (hours > 0).then(|| TimeDelta::hours(i64::from(hours)))?;
        self.now.checked_add_signed(held)
    }

    /// What an invoice is issued with, to this buyer.
    #[must_use]
    pub fn issue(&self, buyer: &LockedCustomer) -> Issue {
        Issue {
            now: self.now,
            zone: self.zone,
            series: Arc::clone(&self.invoice_series),
            seller_version: self.seller_version,
            buyer_version: buyer.version,
            payment_terms_days: buyer.payment_terms_days.unwrap_or(self.payment_terms_days),
        }
    }

    /// The present, and how far back a change may reach from it.
    #[must_use]
    pub fn today(&self) -> Today {
        Today { now: self.now, backdate_days: i64::from(self.billing.backdate_days) }
    }

    /// An event that happens now.
    pub fn event(&self, type_: EventType, object_id: uuid::Uuid, data: serde_json::Value) -> Event {
        Event { id: EventId::from_uuid(self.mint()), type_, object_id, data, occurred_at: self.now }
    }

    /// Notes on lines that no price makes whose work they are.
    pub fn sign<'l>(&self, call: &str, lines: impl IntoIterator<Item = &'l mut Line>) {
        for line in lines {
            line.grounds = Some(Grounds::of_call(call, self.by, self.now));
        }
    }

    /// A new time-ordered id, stamped with the tenant's now.
    pub fn mint(&self) -> uuid::Uuid {
        random::mint(self.now)
    }
}
