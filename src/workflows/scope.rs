//! For whom, and when? The tenant a workflow works for and the instant it calls now.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::billing::{Grounds, Line};
use crate::domain::calendar::Zone;
use crate::domain::entities::Kind;
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{ApiKeyId, CustomerId, EntityId, EventId, InvoiceId, TenantId};
use crate::domain::invoicing::Invoice;
use crate::domain::invoicing::finalize::Issue;
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::when::Today;
use crate::domain::tax::provided::Question;
use crate::platform::{clock, random};
use crate::storage::customers::locks::{self, Held, LockedCustomer};
use crate::storage::entities::{self, Issuer};
use crate::storage::tenants::{BillingSettings, Mode};
use crate::storage::{StorageError, Thing, Tx, invoicing};
use crate::workflows::Error;

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
    /// How long what is billed waits as a draft, and how far back changes may reach.
    pub billing: BillingSettings,
    /// The key of the call; `None`: a job works.
    pub by: Option<ApiKeyId>,
    /// The entities through which the tenant sells, the oldest first.
    pub issuers: Arc<[Issuer]>,
    /// What providers of tax would have to be asked, noted for who shows what is not written.
    pub unanswered: Unanswered,
}

/// Questions to providers of tax that have no answer yet.
#[derive(Debug, Clone, Default)]
pub struct Unanswered(Arc<Mutex<Vec<Question>>>);

impl Unanswered {
    fn questions(&self) -> MutexGuard<'_, Vec<Question>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes one.
    pub fn note(&self, question: &Question) {
        self.questions().push(question.clone());
    }

    /// Takes them all.
    #[must_use]
    pub fn take(&self) -> Vec<Question> {
        std::mem::take(&mut *self.questions())
    }
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
    /// Whether the customer of an invoice buys from another entity since.
    #[must_use]
    pub fn bought_elsewhere(&self, invoice: &Invoice) -> bool {
        self.held.get(invoice.customer_id).is_some_and(|customer| customer.entity_id != invoice.entity_id)
    }

    /// What an invoice is issued with, by an entity to a customer that is held.
    ///
    /// # Errors
    /// There is no such customer; to be tried again when the entity is newer than what was read.
    pub fn terms(&self, (id, entity_id): (CustomerId, EntityId)) -> Result<Issue, StorageError> {
        self.scope.issue(self.buyer(id)?, entity_id)
    }

    /// A customer that is held.
    ///
    /// # Errors
    /// There is no such customer.
    pub fn buyer(&self, id: CustomerId) -> Result<&LockedCustomer, StorageError> {
        self.held.get(id).ok_or_else(|| StorageError::not_found(Thing::Customer, id))
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
        let (tenant, issuers) = entities::tenant(tx, tenant_id)?;
        Ok(Scope {
            tenant_id,
            mode: tenant.mode,
            now: tenant.test_clock.unwrap_or_else(clock::now),
            zone: tenant.zone,
            currency: tenant.currency,
            payment_terms_days: tenant.payment_terms_days,
            billing: tenant.settings,
            by: None,
            issuers: issuers.into(),
            unanswered: Unanswered::default(),
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

    /// What an invoice is issued with, by an entity to this buyer.
    ///
    /// # Errors
    /// To be tried again when the entity is newer than what was read of them.
    pub fn issue(&self, buyer: &LockedCustomer, entity_id: EntityId) -> Result<Issue, StorageError> {
        let issuer = self.issuer(entity_id)?;
        let terms = buyer.payment_terms_days.or(issuer.payment_terms_days);
        Ok(Issue {
            now: self.now,
            zone: self.zone,
            entity_id,
            seller_version: issuer.seller_version,
            buyer_version: buyer.version,
            payment_terms_days: terms.unwrap_or(self.payment_terms_days),
        })
    }

    /// What issuing needs of an entity.
    ///
    /// # Errors
    /// To be tried again when it is newer than what was read of them.
    pub fn issuer(&self, id: EntityId) -> Result<&Issuer, StorageError> {
        let found = self.issuers.iter().find(|issuer| issuer.id == id);
        found.ok_or_else(|| StorageError::Retry(format!("{id} is newer than what was read")))
    }

    /// The series in which an entity numbers what it issues now.
    ///
    /// # Errors
    /// As [`Scope::issuer`].
    pub fn series(&self, id: EntityId, kind: Kind) -> Result<Arc<str>, StorageError> {
        Ok(self.issuer(id)?.pattern(kind).series(self.zone.local_date(self.now)).into())
    }

    /// The entity that a URL's query is about.
    ///
    /// # Errors
    /// Not found; `entity_required`.
    pub fn queried_entity(&self, named: Option<EntityId>) -> Result<EntityId, Error> {
        match named.filter(|id| !self.issuers.iter().any(|issuer| issuer.id == *id)) {
            Some(unknown) => Err(StorageError::not_found(Thing::Entity, unknown).into()),
            None => Ok(self.entity(named, "/query/entity_id")?),
        }
    }

    /// The entity that serves customers that no other does.
    #[must_use]
    pub fn default_entity(&self) -> EntityId {
        let default = self.issuers.iter().find(|issuer| issuer.is_default);
        default.map_or(EntityId::first_of(self.tenant_id), |issuer| issuer.id)
    }

    /// The entity that a request is about: the one it names, or the only one there is.
    ///
    /// # Errors
    /// `unknown_entity`; `entity_required`, when it names none of several.
    pub fn entity(&self, named: Option<EntityId>, pointer: &str) -> Result<EntityId, Invalid> {
        match (named, &*self.issuers) {
            (Some(id), issuers) if issuers.iter().any(|issuer| issuer.id == id) => Ok(id),
            (Some(id), _) => {
                Err(Invalid::one(pointer, "unknown_entity", format_args!("there is no entity {id}")))
            }
            (None, [only]) => Ok(only.id),
            (None, issuers) => {
                let example = issuers.first().map(|issuer| issuer.id.to_string()).unwrap_or_default();
                let detail = format_args!(
                    "you sell through {} entities, each with registrations of its own: say which, such as {example}",
                    issuers.len()
                );
                Err(Invalid::one(pointer, "entity_required", detail))
            }
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
