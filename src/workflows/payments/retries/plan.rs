//! Attempts have failed: what follows for their invoices? Decided by [`retries`](crate::domain::payments::retries) from what is recorded,
//! whoever told of the failures, and written with them.
//!
//! 500 failures at once: policies, failed attempts, payment methods and cards of all of them in a statement each.

use std::collections::{BTreeMap, HashMap};

use chrono::SecondsFormat;

use crate::domain::events::{Event, EventType};
use crate::domain::ids::{CustomerId, GatewayAccountId, InvoiceId, PaymentMethodId};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::payments::accounts::GatewayAccount;
use crate::domain::payments::at_account::{self, Venue};
use crate::domain::payments::declines::Class;
use crate::domain::payments::networks::Card;
use crate::domain::payments::retries::ended::Ended;
use crate::domain::payments::retries::forecast::Outcomes;
use crate::domain::payments::retries::policy::{FinalAction, Terms, Version};
use crate::domain::payments::retries::{Decision, Learned, Situation, Stopped, Tried};
use crate::domain::payments::settle::Settled;
use crate::domain::payments::{Payment, PaymentMethod, Refused, State};
use crate::domain::subscriptions::Collection;
use crate::storage::payments::retries::{self, Planned, outcomes, policies};
use crate::storage::payments::{accounts, cards, collection, payment_methods};
use crate::storage::tenants::Mode;
use crate::storage::{Tx, events, invoicing, payments};
use crate::workflows::payments::choosing::candidates::Choices;
use crate::workflows::payments::retries::failures;
use crate::workflows::{Error, Holding, Scope};

/// Decides and records what follows for each failure among these, and puts the next attempt into its invoice. The payments are written
/// already, the invoices not yet; their customers are locked.
///
/// # Errors
/// Storage; sums that do not fit.
pub fn run(tx: &mut Tx<'_>, scope: &Holding<'_>, settled: &mut [Settled]) -> Result<(), Error> {
    let failures = settled.iter().filter(|one| matches!(one.payment.state, State::Failed { .. }));
    failures.clone().for_each(|one| tell_unknown(&one.payment));
    let invoices: Vec<&Invoice> = failures.filter_map(|one| one.invoice.as_ref()).collect();
    if invoices.is_empty() {
        return Ok(());
    }
    let known = Known::load(tx, scope, &invoices)?;
    let mut planned = Vec::with_capacity(invoices.len());
    for one in settled.iter_mut() {
        let (State::Failed { .. }, Some(invoice)) = (&one.payment.state, one.invoice.as_mut()) else {
            continue;
        };
        let decision = known.decide(scope, invoice)?;
        planned.push(known.planned(invoice.id, decision));
        invoice.next_attempt_at = match decision {
            Decision::Try(next) => Some(next.at),
            Decision::Stop { .. } => None,
        };
        one.follows = Some(decision);
    }
    Ok(retries::save(tx, &scope.held, &planned)?)
}

/// The same for what is due and has nothing left that may be charged: what was to be charged is gone, or was declined for good. What was never
/// tried waits for a payment method, and nothing follows for it.
///
/// # Errors
/// Storage; sums that do not fit.
pub fn stop(tx: &mut Tx<'_>, scope: &Holding<'_>, stranded: &[Invoice]) -> Result<(), Error> {
    if stranded.is_empty() {
        return Ok(());
    }
    let invoices: Vec<&Invoice> = stranded.iter().collect();
    let known = Known::load(tx, scope, &invoices)?;
    let (mut planned, mut emitted) = (Vec::with_capacity(invoices.len()), Vec::with_capacity(invoices.len()));
    for invoice in invoices {
        let Some(last) = known.tried.get(&invoice.id).and_then(|tried| tried.last()) else { continue };
        let decision = known.situation(scope, invoice, Charged::default())?.without_method();
        planned.push(known.planned(invoice.id, decision));
        emitted.extend(stopped(scope, invoice, (decision, Some(last.class))));
    }
    retries::save(tx, &scope.held, &planned)?;
    Ok(events::record(tx, scope.tenant_id, &emitted)?)
}

/// The same for one that a debit had paid which its bank was late to refuse: it is owed again, and tried again as after any no.
///
/// # Errors
/// Storage; sums that do not fit.
pub(in crate::workflows::payments) fn after_late_failure(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    id: InvoiceId,
) -> Result<(), Error> {
    let mut invoice = invoicing::find_locked(tx, scope.tenant_id, id)?;
    let is_collected = invoice.status == Status::Open && invoice.collection == Collection::Automatic;
    if !is_collected || payments::is_under_way(tx, scope.tenant_id, id)? {
        return Ok(());
    }
    let known = Known::load(tx, scope, &[&invoice])?;
    let decision = known.decide(scope, &invoice)?;
    retries::save(tx, &scope.held, &[known.planned(id, decision)])?;
    invoice.next_attempt_at = match decision {
        Decision::Try(next) => Some(next.at),
        Decision::Stop { .. } => None,
    };
    collection::save_invoices(tx, &scope.held, std::slice::from_ref(&invoice))?;
    let class = known.tried.get(&id).and_then(|tried| tried.last()).map(|last| last.class);
    let emitted: Vec<Event> = stopped(scope, &invoice, (decision, class)).into_iter().collect();
    Ok(events::record(tx, scope.tenant_id, &emitted)?)
}

/// What is told of an invoice for which nothing follows by itself.
pub(in crate::workflows::payments) fn stopped(
    scope: &Scope,
    invoice: &Invoice,
    (decision, class): (Decision, Option<Class>),
) -> Option<Event> {
    let Decision::Stop { why, final_at } = decision else { return None };
    if why == Stopped::NotAsked {
        return None;
    }
    let mut data = invoice.event_data();
    data["retries_stopped"] = why.into_str().into();
    data["next_action"] = class.map(Class::next_action).into();
    data["final_action_at"] = final_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true)).into();
    Some(scope.event(EventType::InvoiceRetriesStopped, invoice.id.uuid(), data))
}

/// A code that no row knows is to be looked at by somebody.
fn tell_unknown(payment: &Payment) {
    if payment.is_unknown_decline() {
        tracing::warn!(
            payment = %payment.id,
            gateway = &*payment.gateway,
            declined = ?payment.declined,
            state = ?payment.state,
            "declined with a code that the table of declines does not know; it is tried again later"
        );
    }
}

/// What decisions rest on.
struct Known {
    planned: HashMap<InvoiceId, Planned>,
    /// The one that invoices begin with now.
    default: Option<Version>,
    terms: HashMap<Version, Terms>,
    built_in: Terms,
    tried: HashMap<InvoiceId, Vec<Tried>>,
    ended: HashMap<InvoiceId, Ended>,
    /// Codes of their last declines.
    codes: HashMap<InvoiceId, String>,
    /// What has become of retries, where a policy learns of them.
    outcomes: Option<Outcomes>,
    countries: HashMap<CustomerId, String>,
    methods: HashMap<CustomerId, Vec<PaymentMethod>>,
    accounts: HashMap<GatewayAccountId, GatewayAccount>,
    cards: BTreeMap<PaymentMethodId, Card>,
    /// What was said of what is charged; `None`: nothing.
    choices: Option<Choices>,
}

/// What may be charged for an invoice.
#[derive(Default)]
struct Charged<'a> {
    /// The first to be charged first.
    methods: &'a [PaymentMethodId],
    /// The same as has just failed, at other accounts.
    elsewhere: &'a [PaymentMethodId],
}

impl Known {
    fn load(tx: &mut Tx<'_>, scope: &Holding<'_>, invoices: &[&Invoice]) -> Result<Known, Error> {
        let tenant_id = scope.tenant_id;
        let ids: Vec<InvoiceId> = invoices.iter().map(|invoice| invoice.id).collect();
        let customers: Vec<CustomerId> = invoices.iter().map(|invoice| invoice.customer_id).collect();
        let planned = retries::planned(tx, tenant_id, &ids)?;
        let versions: Vec<Version> = planned.values().filter_map(|planned| planned.version).collect();
        let mut terms = policies::terms_of(tx, tenant_id, &versions)?;
        let mut default = None;
        if planned.len() < ids.len()
            && let Some(policy) = policies::default_of(tx, tenant_id)?
        {
            let version = Version { policy_id: policy.id, version: policy.version };
            default = Some(version);
            terms.insert(version, policy.terms);
        }
        let mut tried: HashMap<InvoiceId, Vec<Tried>> = HashMap::new();
        let mut codes: HashMap<InvoiceId, String> = HashMap::new();
        for (id, failures) in failures::load(tx, tenant_id, &ids)? {
            for failure in failures {
                tried.entry(id).or_default().push(failure.tried);
                codes.insert(id, failure.code);
            }
        }
        let (mut learned, mut countries) = (None, HashMap::new());
        if terms.values().any(|terms| terms.adaptive) {
            learned = Some(Outcomes::of(&outcomes::retries_made(tx, tenant_id)?, scope.zone));
            countries = outcomes::countries_of(tx, tenant_id, &customers)?;
        }
        let methods = payment_methods::chargeable(tx, &scope.held, &customers)?;
        let cards = cards::find(tx, tenant_id, (methods.values().flatten(), scope.now))?;
        let named = methods.values().flatten().filter_map(|method| method.gateway_account_id);
        let accounts = accounts::of_ids(tx, tenant_id, &named.collect::<Vec<_>>())?;
        Ok(Known {
            planned,
            default,
            terms,
            built_in: Terms::default(),
            ended: failures::ended(tx, tenant_id, &tried)?,
            tried,
            codes,
            outcomes: learned,
            countries,
            methods,
            accounts,
            cards,
            choices: Choices::load(tx, scope, invoices)?,
        })
    }

    fn version(&self, id: InvoiceId) -> Option<Version> {
        self.planned.get(&id).map_or(self.default, |planned| planned.version)
    }

    fn terms(&self, id: InvoiceId) -> &Terms {
        self.version(id).and_then(|version| self.terms.get(&version)).unwrap_or(&self.built_in)
    }

    fn decide(&self, scope: &Holding<'_>, invoice: &Invoice) -> Result<Decision, Error> {
        let amount = invoice.amount_due().map_err(Refused::from)?;
        let is_taken = |method: &&PaymentMethod| {
            let account = method.gateway_account_id.and_then(|id| self.accounts.get(&id));
            let venue = Venue { account, is_live: scope.mode == Mode::Live };
            // What was declined itself stays: what is charged instead of it is told by it.
            let is_ended = self.ended.get(&invoice.id).is_some_and(|ended| ended.has_card_of(method));
            !is_ended && !method.is_disputed && at_account::check(method, venue, invoice, amount).is_ok()
        };
        let of_customer = self.methods.get(&invoice.customer_id).map_or(&[][..], Vec::as_slice);
        let Some(choices) = &self.choices else {
            let methods: Vec<PaymentMethodId> =
                of_customer.iter().filter(is_taken).map(|method| method.id).collect();
            let charged = Charged { methods: &methods, elsewhere: &[] };
            return Ok(self.situation(scope, invoice, charged)?.decide());
        };
        let mut ordered = choices.order(scope, invoice, of_customer);
        ordered.candidates.retain(|candidate| is_taken(&&candidate.method));
        let methods: Vec<PaymentMethodId> =
            ordered.candidates.iter().map(|candidate| candidate.method.id).collect();
        let failed = self.tried.get(&invoice.id).and_then(|tried| tried.last()).and_then(|last| last.method);
        let charged = Charged { methods: &methods, elsewhere: &ordered.elsewhere(failed) };
        Ok(self.situation(scope, invoice, charged)?.decide())
    }

    /// What is known of an invoice that may be charged to these.
    fn situation<'k>(
        &'k self,
        scope: &Holding<'_>,
        invoice: &Invoice,
        charged: Charged<'k>,
    ) -> Result<Situation<'k>, Error> {
        Ok(Situation {
            terms: self.terms(invoice.id),
            tried: self.tried.get(&invoice.id).map_or(&[], Vec::as_slice),
            methods: charged.methods,
            elsewhere: charged.elsewhere,
            cards: &self.cards,
            amount: invoice.amount_due().map_err(Refused::from)?,
            learned: self.learned(invoice),
            zone: scope.zone,
            seed: invoice.id.uuid().as_u128(),
            now: scope.now,
        })
    }

    fn learned(&self, invoice: &Invoice) -> Option<Learned<'_>> {
        let (outcomes, code) = (self.outcomes.as_ref()?, self.codes.get(&invoice.id)?);
        let country = self.countries.get(&invoice.customer_id).map(String::as_str);
        Some(Learned { outcomes, code, country })
    }

    fn planned(&self, id: InvoiceId, decision: Decision) -> Planned {
        let before = self.planned.get(&id);
        let nothing = Planned {
            invoice_id: id,
            version: self.version(id),
            reason: None,
            method: None,
            stopped: None,
            final_action_at: None,
            final_action_taken_at: None,
        };
        match decision {
            Decision::Try(next) => Planned { reason: Some(next.reason), method: next.method, ..nothing },
            // What was to become of it before somebody tried by hand still is.
            Decision::Stop { why: Stopped::NotAsked, .. } => Planned {
                stopped: Some(Stopped::NotAsked),
                final_action_at: before.and_then(|before| before.final_action_at),
                ..nothing
            },
            Decision::Stop { why, final_at } => {
                let acts = self.terms(id).final_action != FinalAction::LeaveOpen;
                Planned { stopped: Some(why), final_action_at: final_at.filter(|_| acts), ..nothing }
            }
        }
    }
}
