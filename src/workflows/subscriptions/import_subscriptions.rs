//! How do subscriptions billed elsewhere come over? All rows of a file in one transaction by COPY, or none of them.
//!
//! A file of 7,043 rows for 7,043 customers on 3 new plans writes 7,043 customers, subscriptions and cursors, 3 products and
//! plans, and a payment method for each customer that is charged automatically. Nothing is billed here: the next run does.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::import_failure::Failure;
use super::import_plans::{self, Offer, Offers};
use crate::domain::billing::segments;
use crate::domain::calendar::Zone;
use crate::domain::catalog::{Metadata, PriceModel};
use crate::domain::customers::{Buyer, Customer, Grouping, NewCustomer, Registration};
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{CustomerId, PaymentMethodId, TenantId};
use crate::domain::payments::method::NewPaymentMethod;
use crate::domain::payments::{Kind, PaymentMethod};
use crate::domain::subscriptions::import::{LineError, Payment, Row, check_together};
use crate::domain::subscriptions::items::{ItemRequest, Selection};
use crate::domain::subscriptions::start::{Basis, StartRequest};
use crate::domain::subscriptions::trial::TrialRequest;
use crate::storage::payments::payment_methods;
use crate::storage::subscriptions::Started;
use crate::storage::tenants::Mode;
use crate::storage::{Session, Tx, customers, events, subscriptions, tenants};
use crate::workflows::{Error, Scope};

/// What an import wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    pub customers: usize,
    pub subscriptions: usize,
    pub plans: usize,
    pub payment_methods: usize,
    /// Where a test tenant's clock was set, when it was ahead of the file.
    pub clock_set_back_to: Option<DateTime<Utc>>,
}

/// How far an import is, reported as it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many rows are understood and ready.
    Prepared(usize),
    /// These are being written.
    Writing(&'static str),
}

/// Imports the rows: all, or none.
///
/// # Errors
/// [`Failure::Lines`] with every line at fault.
pub fn run(
    session: &mut Session,
    tenant_id: TenantId,
    rows: &[Row],
    progress: &mut dyn FnMut(Step),
) -> Result<Imported, Failure> {
    let errors = check_together(rows);
    if !errors.is_empty() {
        return Err(Failure::Lines(errors));
    }
    session.transaction("import_subscriptions", |tx| in_transaction(tx, tenant_id, rows, progress))
}

fn in_transaction(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    rows: &[Row],
    progress: &mut dyn FnMut(Step),
) -> Result<Imported, Failure> {
    refuse_known_customers(tx, tenant_id, rows)?;
    // First of all, because everything written is dated by this clock.
    let earliest = rows.iter().map(Row::start_at).min();
    let clock_set_back_to = match earliest {
        Some(to) if tenants::set_clock_back(tx, tenant_id, to)? => Some(to),
        _ => None,
    };
    let scope = Scope::load(tx, tenant_id)?;
    let Offers { by_code, new_plans, events } = import_plans::find_or_make(tx, &scope, rows)?;
    let mut books = Books { events, ..Books::default() };
    prepare(&scope, rows, &by_code, (&mut books, progress))?;
    let imported = Imported {
        customers: books.customers.len(),
        subscriptions: books.started.len(),
        plans: new_plans,
        payment_methods: books.methods.len(),
        clock_set_back_to,
    };
    save(tx, tenant_id, &books, progress)?;
    Ok(imported)
}

/// A customer that is there already may well be billed already: such a file is refused, above all a second import of the same.
fn refuse_known_customers(tx: &mut Tx<'_>, tenant_id: TenantId, rows: &[Row]) -> Result<(), Failure> {
    let ids: Vec<String> = rows.iter().map(|row| row.customer_external_id.clone()).collect();
    let taken = customers::taken(tx, tenant_id, &ids)?;
    let known: Vec<&Row> = rows.iter().filter(|row| taken.contains(&row.customer_external_id)).collect();
    if known.len() == rows.len() && rows.len() > 1 {
        let detail = format_args!(
            "there are customers with all {} external ids of this file already: it was imported before",
            taken.len()
        );
        return Err(Failure::Lines(vec![LineError::of_line(1, detail)]));
    }
    let errors: Vec<LineError> = known
        .iter()
        .map(|row| {
            let detail = format_args!(
                "there is a customer {} already: was this file imported before?",
                row.customer_external_id
            );
            LineError::of_cell(row.line, "customer_external_id", detail)
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Failure::Lines(errors)) }
}

/// Everything that an import writes, besides plans.
#[derive(Default)]
struct Books {
    customers: Vec<Customer>,
    methods: Vec<PaymentMethod>,
    started: Vec<Started>,
    events: Vec<Event>,
}

/// The pure part: customers, methods, subscriptions and events of all rows.
fn prepare(
    scope: &Scope,
    rows: &[Row],
    offers: &HashMap<&str, Offer>,
    (books, progress): (&mut Books, &mut dyn FnMut(Step)),
) -> Result<(), Failure> {
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(rows.len());
    let mut charged: HashSet<&str> = HashSet::new();
    let mut errors = Vec::new();
    for (done, row) in rows.iter().enumerate() {
        progress(Step::Prepared(done));
        let id = row.customer_external_id.as_str();
        let place = match places.get(id) {
            Some(place) => *place,
            None => {
                let customer = register(scope, row)?;
                books.events.push(scope.event(
                    EventType::CustomerCreated,
                    customer.id.uuid(),
                    customer.event_data(),
                ));
                books.customers.push(customer);
                places.insert(id, books.customers.len() - 1);
                books.customers.len() - 1
            }
        };
        // The simulator moves no money: who is charged for real gets a method at an account afterwards.
        let kind = kind(row.payment).filter(|_| scope.mode == Mode::Test);
        if let Some(kind) = kind.filter(|_| charged.insert(id)) {
            let method = charged_method(scope, kind, &books.customers[place]);
            let data = serde_json::json!({
                "object": "payment_method",
                "id": method.id,
                "customer_id": method.customer_id,
                "kind": method.kind.into_str(),
                "gateway": method.gateway,
            });
            books.events.push(scope.event(EventType::PaymentMethodAttached, method.id.uuid(), data));
            books.methods.push(method);
        }
        let Some(offer) = offers.get(row.plan_code.as_str()) else { continue };
        match start(scope, row, &books.customers[place], offer) {
            Ok(started) => {
                let subscription = &started.subscription;
                let event = scope.event(
                    EventType::SubscriptionCreated,
                    subscription.id.uuid(),
                    subscription.event_data(),
                );
                books.events.push(event);
                books.started.push(started);
            }
            Err(error) => errors.push(LineError::of_line(row.line, error)),
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Failure::Lines(errors)) }
}

fn register(scope: &Scope, row: &Row) -> Result<Customer, Error> {
    let buyer = Buyer {
        name: row.customer_external_id.clone(),
        email: None,
        address: None,
        tax_ids: Vec::new(),
        tax_exemptions: Vec::new(),
    };
    let new = NewCustomer {
        external_id: Some(row.customer_external_id.clone()),
        buyer,
        currency: Some(row.monthly.currency()),
        time_zone: None,
        payment_terms_days: None,
        metadata: Metadata::new(),
        parent_id: None,
        pays: None,
        invoice_grouping: Grouping::Consolidated,
        entity_id: None,
    };
    let id = CustomerId::from_uuid(scope.mint());
    let today = scope.zone.local_date(scope.now);
    // Where it is is not said.
    let entity_id = scope.default_entity();
    let registration =
        Registration { id, currency: scope.currency, at: scope.now, today, entity_id, parents_payer: None };
    Ok(new.register(registration)?)
}

/// What is charged; `None`: the customer pays by itself.
fn kind(payment: Payment) -> Option<Kind> {
    match payment {
        Payment::Card => Some(Kind::Card),
        Payment::BankTransfer => Some(Kind::BankTransfer),
        Payment::Offline => None,
    }
}

/// A method at the simulator that always succeeds, for a customer that is charged automatically.
fn charged_method(scope: &Scope, kind: Kind, customer: &Customer) -> PaymentMethod {
    let new = NewPaymentMethod {
        external_id: None,
        customer_id: customer.id,
        kind,
        gateway: None,
        gateway_account_id: None,
        token: "tok_success".to_owned(),
        brand: None,
        last4: None,
        metadata: Metadata::new(),
        fingerprint: None,
    };
    new.attach(PaymentMethodId::from_uuid(scope.mint()), scope.now)
}

/// The subscription a row asks for, at its own price. Its zone is UTC, because its dates are.
fn start(scope: &Scope, row: &Row, customer: &Customer, offer: &Offer) -> Result<Started, Error> {
    let own_price = PriceModel::Flat { amount: row.monthly.to_decimal() };
    let item = ItemRequest { price_id: offer.price_id, quantity: None, price_override: Some(own_price) };
    let request = StartRequest {
        external_id: None,
        selection: Selection { quantity: None, items: Some(vec![item]) },
        currency: Some(row.monthly.currency()),
        start_at: Some(row.start_at()),
        end_at: None,
        anchor_day: row.anchor_day,
        trial: TrialRequest::NONE,
        terms: None,
        collection: row.payment.collection(),
        invoice_separately: false,
        metadata: row.metadata(),
    };
    let chosen = request.choose(&offer.version)?;
    let basis = Basis { customer, plan: &offer.version, zone: Zone::UTC, now: scope.now };
    let (subscription, timeline) = request.clone().start(&chosen, basis, || scope.mint())?;
    let cursor = segments::first_look(&timeline)?;
    Ok(Started { payer_id: customer.payer(), subscription, timeline, cursor, by: None })
}

fn save(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    books: &Books,
    progress: &mut dyn FnMut(Step),
) -> Result<(), Failure> {
    progress(Step::Writing("customers"));
    let held = customers::insert_many(tx, tenant_id, &books.customers)?;
    progress(Step::Writing("payment methods"));
    payment_methods::insert_defaults(tx, tenant_id, &books.methods)?;
    progress(Step::Writing("subscriptions"));
    subscriptions::insert(tx, &held, &books.started)?;
    progress(Step::Writing("events"));
    events::record(tx, tenant_id, &books.events)?;
    Ok(())
}
