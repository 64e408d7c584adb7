//! What does the simulator know? The books of each account, how its tokens behave, and what was set.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::HttpRequest;
use actix_web::web::Data;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Client;

use super::kept::{KeptDispute, Line};
use super::settings::Settings;
use super::store::{Log, Store};
use super::webhooks::{self, About};
use crate::adapters::gateway::{Charged, Gateway, Simulator, Sought};
use crate::domain::payments::Outcome;
use crate::domain::payments::disputes::{Kind, Seen, Shown, Status};
use crate::domain::payments::simulated::{Charge, Memory};
use crate::platform::clock;

/// All that it knows.
pub(super) struct Simulated {
    accounts: Mutex<BTreeMap<String, Arc<Account>>>,
    log: Arc<Log>,
    settings: Mutex<Settings>,
    client: Client,
}

/// An account: its books, and how tokens behave.
pub(super) struct Account {
    pub(super) name: String,
    pub(super) store: Arc<Store>,
    pub(super) simulator: Simulator,
}

pub(super) type State = Data<Simulated>;

/// Nothing here is waited for: the simulator's books are in this process.
pub(super) fn soon() -> DateTime<Utc> {
    clock::now() + TimeDelta::seconds(30)
}

impl Simulated {
    /// With what its file holds.
    ///
    /// # Errors
    /// Nothing can be sent.
    pub(super) fn with(log: Log, lines: &[Line]) -> std::io::Result<Simulated> {
        let (accounts, settings) = (Mutex::default(), Mutex::default());
        let simulated = Simulated { accounts, log: Arc::new(log), settings, client: webhooks::client()? };
        for line in lines {
            simulated.named(&line.account).store.books().apply(&line.record);
        }
        Ok(simulated)
    }

    pub(super) fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn named(&self, name: &str) -> Arc<Account> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.get(name) {
            return Arc::clone(account);
        }
        let store = Arc::new(Store::new(name, &self.log));
        let memory: Arc<dyn Memory> = Arc::clone(&store) as Arc<dyn Memory>;
        let account = Arc::new(Account { name: name.to_owned(), store, simulator: Simulator::new(memory) });
        accounts.insert(name.to_owned(), Arc::clone(&account));
        account
    }

    /// The account that a call is for, by its key.
    pub(super) fn account(&self, req: &HttpRequest) -> Option<Arc<Account>> {
        let header = req.headers().get("authorization")?.to_str().ok()?;
        let key = header.strip_prefix("Bearer ").filter(|key| !key.is_empty() && key.len() <= 500)?;
        Some(self.named(key))
    }

    /// Tells the account's endpoint, if it has one.
    pub(super) fn tell(&self, account: &Account, type_: &str, about: &About) {
        let endpoint = self.settings().endpoints.get(&account.name).cloned();
        if let Some(endpoint) = endpoint {
            webhooks::send(&self.client, &endpoint, &webhooks::event(type_, about));
        }
    }
}

impl Account {
    /// What has become of a charge by then.
    pub(super) fn outcome(&self, key: &str, at: DateTime<Utc>) -> Outcome {
        let sought = Sought {
            idempotency_key: key.to_owned(),
            reference: None,
            token: None,
            since: None,
            given_up: None,
        };
        self.simulator.lookup_all(&[sought], at, soon()).pop().unwrap_or(Outcome::Unknown)
    }

    /// How a charge is disputed: by what its token says, and by hand.
    pub(super) fn shown(&self, charge: &Charge, at: DateTime<Utc>) -> Shown {
        let charged = Charged {
            idempotency_key: charge.idempotency_key.clone(),
            reference: Some(charge.reference.clone()),
            amount: charge.amount,
            at,
        };
        let mut shown = self.simulator.disputes_of(&charged, soon()).unwrap_or_default();
        let books = self.store.books();
        let of_it = books.disputes.iter().filter(|dispute| dispute.charge_key == charge.idempotency_key);
        shown.disputes.extend(of_it.filter_map(seen));
        shown
    }

    /// Every dispute with its charge.
    pub(super) fn disputed(&self, at: DateTime<Utc>) -> Vec<(Charge, Seen)> {
        let charges: Vec<Charge> = self.store.books().charges.values().cloned().collect();
        let of_charge = |charge: Charge| {
            let disputes = self.shown(&charge, at).disputes;
            disputes.into_iter().map(move |seen| (charge.clone(), seen))
        };
        charges.into_iter().filter(|charge| charge.amount.is_positive()).flat_map(of_charge).collect()
    }
}

fn seen(dispute: &KeptDispute) -> Option<Seen> {
    let status = dispute.status();
    Some(Seen {
        kind: Kind::Dispute,
        reference: dispute.id.clone(),
        reason: "fraudulent".to_owned(),
        amount: dispute.amount.money()?,
        fee: dispute.fee.money()?,
        status,
        is_withdrawn: status.is_open() || status == Status::Lost,
        evidence_due_by: Some(dispute.opened_at + TimeDelta::days(7)),
        opened_at: dispute.opened_at,
    })
}

/// What an event of a charge says.
pub(super) fn of_charge(charge: &Charge) -> About {
    let (reference, key) = (Some(charge.reference.clone()), Some(charge.idempotency_key.clone()));
    About { charge: reference, charge_key: key, ..About::default() }
}
