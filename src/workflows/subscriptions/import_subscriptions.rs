//! How do subscriptions billed elsewhere come over? All rows of a file in one transaction by COPY, or none of them.
//!
//! A file of 7,043 rows for 7,043 customers on 3 new plans writes 7,043 customers, subscriptions and cursors, 3 products and
//! plans, and a payment method for each customer that is charged automatically. Nothing is billed here: the next run does.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::billing::segments;
use crate::domain::calendar::{Interval, Unit, Zone};
use crate::domain::catalog::{
    Billing, Metadata, Plan, PlanDraft, PlanVersion, Price, PriceDraft, PriceKind, PriceModel, ProductDraft,
    VersionDraft,
};
use crate::domain::customers::{Buyer, Customer, Grouping, NewCustomer, Registration};
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{CustomerId, PaymentMethodId, PlanId, PriceId, ProductId, TenantId};
use crate::domain::payments::{Kind, PaymentMethod};
use crate::domain::subscriptions::import::{LineError, Payment, Row, check_together};
use crate::domain::subscriptions::items::{ItemRequest, Selection};
use crate::domain::subscriptions::start::{Basis, StartRequest};
use crate::domain::subscriptions::trial::TrialRequest;
use crate::storage::payments::payment_methods;
use crate::storage::subscriptions::Started;
use crate::storage::tx::AsStorageError;
use crate::storage::{Session, StorageError, Tx, catalog, customers, events, subscriptions, tenants};
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

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Lines of the file, each with its reason.
    #[error("{} of the file's lines cannot be imported", .0.len())]
    Lines(Vec<LineError>),
    /// Anything else.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Failure {
        Failure::Failed(error.into())
    }
}

impl AsStorageError for Failure {
    fn as_storage_error(&self) -> Option<&StorageError> {
        match self {
            Failure::Failed(error) => error.as_storage_error(),
            Failure::Lines(_) => None,
        }
    }
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
    let mut books = Books::default();
    let offers = offers(tx, &scope, rows, &mut books)?;
    prepare(&scope, rows, &offers, (&mut books, progress))?;
    let imported = Imported {
        customers: books.customers.len(),
        subscriptions: books.started.len(),
        plans: books.new_plans,
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
    new_plans: usize,
}

/// A plan that rows name, with the price their amount takes the place of.
struct Offer {
    version: PlanVersion,
    price_id: PriceId,
}

/// The offers of all plan codes: of the catalogue, and made for those that are new.
fn offers<'a>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    rows: &'a [Row],
    books: &mut Books,
) -> Result<HashMap<&'a str, Offer>, Failure> {
    let mut by_code: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_code.entry(&row.plan_code).or_default().push(row);
    }
    let codes: Vec<String> = by_code.keys().map(|code| (*code).to_owned()).collect();
    let known = catalog::plans_by_code(tx, scope.tenant_id, &codes)?;
    let mut versions = catalog::latest_versions(tx, scope.tenant_id, &known)?;
    let mut known: HashMap<String, Plan> = known.into_iter().map(|plan| (plan.code.clone(), plan)).collect();
    let mut offers = HashMap::new();
    let mut errors = Vec::new();
    for (code, rows) in by_code {
        let version = known.remove(code).and_then(|plan| versions.remove(&plan.id));
        let version = match version {
            Some(version) => version,
            None => make_plan(tx, scope, &rows, books)?,
        };
        match monthly_price(&version) {
            Ok(price_id) => drop(offers.insert(code, Offer { version, price_id })),
            Err(why) => errors.extend(
                rows.iter()
                    .map(|row| LineError::of_cell(row.line, "plan_code", format_args!("plan {code} {why}"))),
            ),
        }
    }
    if errors.is_empty() { Ok(offers) } else { Err(Failure::Lines(errors)) }
}

/// The price of a plan that a monthly amount can take the place of: `monthly`, or the only one there is.
fn monthly_price(version: &PlanVersion) -> Result<PriceId, &'static str> {
    let interval = version.interval;
    if (interval.unit, interval.count) != (Unit::Month, 1) {
        return Err("is not billed every month, and this file has amounts for a month");
    }
    let fits = |price: &&Price| price.kind == PriceKind::Recurring && price.billing == Billing::InAdvance;
    let mut candidates = version.prices.iter().filter(fits);
    let first =
        candidates.next().ok_or("has no recurring price in advance for the amount to take the place of")?;
    match version.prices.iter().filter(fits).find(|price| price.code == MONTHLY) {
        Some(price) => Ok(price.id),
        None if candidates.next().is_none() => Ok(first.id),
        None => Err(
            "has several recurring prices and none with the code monthly for the amount to take the place of",
        ),
    }
}

const MONTHLY: &str = "monthly";

/// A product and a plan for a code that is new, priced in each currency with the first amount seen in it.
fn make_plan(
    tx: &mut Tx<'_>,
    scope: &Scope,
    rows: &[&Row],
    books: &mut Books,
) -> Result<PlanVersion, Failure> {
    let (code, currency) = (rows[0].plan_code.clone(), rows[0].monthly.currency());
    let mut amounts = BTreeMap::new();
    for row in rows {
        amounts
            .entry(row.monthly.currency())
            .or_insert(PriceModel::Flat { amount: row.monthly.to_decimal() });
    }
    let model = amounts.remove(&currency).unwrap_or(PriceModel::Flat { amount: rust_decimal::Decimal::ZERO });
    let monthly = PriceDraft {
        code: MONTHLY.to_owned(),
        description: Some(code.clone()),
        kind: PriceKind::Recurring,
        metering: None,
        add_on: false,
        minimum: BTreeMap::new(),
        billing: Billing::InAdvance,
        model,
        currencies: amounts,
    };
    let interval = Interval::new(Unit::Month, 1).map_err(|e| StorageError::unreadable("interval", e))?;
    let draft =
        ProductDraft { external_id: None, name: code.clone(), description: None, metadata: Metadata::new() };
    let product = draft.create(ProductId::from_uuid(scope.mint()), scope.now).map_err(Error::from)?;
    let draft = PlanDraft {
        external_id: None,
        name: code.clone(),
        code,
        product_id: product.id,
        metadata: Metadata::new(),
        first: VersionDraft { currency, interval, prices: vec![monthly], features: Vec::new() },
    };
    let plan_id = PlanId::from_uuid(scope.mint());
    let made = draft.create((plan_id, scope.now), || PriceId::from_uuid(scope.mint()));
    let (plan, version) = made.map_err(Error::from)?;
    catalog::insert_product(tx, scope.tenant_id, &product)?;
    catalog::insert_plan(tx, scope.tenant_id, &plan)?;
    catalog::publish(tx, scope.tenant_id, &version)?;
    books.events.push(scope.event(EventType::ProductCreated, product.id.uuid(), product.event_data()));
    books.events.push(scope.event(EventType::PlanCreated, plan.id.uuid(), plan.event_data(&version)));
    books.new_plans += 1;
    Ok(version)
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
        if let Some(kind) = kind(row.payment).filter(|_| charged.insert(id)) {
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
    let buyer =
        Buyer { name: row.customer_external_id.clone(), email: None, address: None, tax_ids: Vec::new() };
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
    };
    let id = CustomerId::from_uuid(scope.mint());
    Ok(new.register(Registration { id, currency: scope.currency, at: scope.now, parents_payer: None })?)
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
    PaymentMethod {
        id: PaymentMethodId::from_uuid(scope.mint()),
        external_id: None,
        customer_id: customer.id,
        kind,
        gateway: Arc::from("simulator"),
        token: "tok_success".to_owned(),
        brand: None,
        last4: None,
        metadata: Metadata::new(),
        created_at: scope.now,
        detached_at: None,
    }
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
