//! Customers made and changed: what is kept, what is refused, when a version is added.

use super::*;
use crate::domain::money::Currency;
use chrono::TimeZone;
use uuid::Uuid;

fn eur() -> Currency {
    Currency::parse("EUR").unwrap()
}

fn new_customer() -> NewCustomer {
    NewCustomer {
        entity_id: None,
        external_id: Some("crm-17".into()),
        buyer: Buyer {
            tax_exemptions: Vec::new(),
            name: "Analytical Engines Ltd".into(),
            email: Some("billing@example.com".into()),
            address: Some(Address {
                line1: Some("12 St James's Square".into()),
                line2: None,
                city: Some("London".into()),
                postal_code: Some("SW1Y 4JH".into()),
                state: None,
                country: "GB".into(),
            }),
            tax_ids: vec![TaxId {
                type_: "gb_vat".into(),
                value: "GB980780684".into(),
                status: Standing::Unknown,
            }],
        },
        currency: None,
        time_zone: None,
        payment_terms_days: None,
        parent_id: None,
        pays: None,
        invoice_grouping: Grouping::Consolidated,
        metadata: Metadata::new(),
    }
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
}

fn register(new: NewCustomer) -> Result<Customer, Invalid> {
    let at = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
    new.register(Registration {
        today: today(),
        entity_id: EntityId::from_uuid(Uuid::nil()),
        id: CustomerId::from_uuid(Uuid::nil()),
        currency: eur(),
        at,
        parents_payer: None,
    })
}

fn pointers(refused: Result<Customer, Invalid>) -> Vec<String> {
    refused.unwrap_err().errors.into_iter().map(|e| e.pointer).collect()
}

#[test]
fn a_customer_without_a_currency_takes_its_tenants() {
    let customer = register(new_customer()).unwrap();
    assert_eq!((customer.currency, customer.version), (eur(), 1));
}

#[test]
fn every_value_at_fault_is_named() {
    let mut new = new_customer();
    new.external_id = Some(String::new());
    new.buyer.name = " ".into();
    new.buyer.email = Some("nobody".into());
    new.buyer.address.as_mut().unwrap().country = "UK".into();
    new.buyer.tax_ids[0].type_ = "GB VAT".into();
    new.payment_terms_days = Some(366);
    new.metadata.insert("a/b".into(), "\0".into());
    let named = [
        "/external_id",
        "/name",
        "/email",
        "/address/country",
        "/tax_ids/0/type",
        "/payment_terms_days",
        "/metadata/a~1b",
    ];
    assert_eq!(pointers(register(new)), named);
}

#[test]
fn email_addresses_have_one_at_sign_and_no_blanks() {
    for good in ["a@b", "first.last+tag@mail.example.com", "ä@exämple.de"] {
        assert!(is_mailable(good), "{good}");
    }
    for bad in ["", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\n"] {
        assert!(!is_mailable(bad), "{bad:?}");
    }
}

#[test]
fn a_new_address_adds_a_version_and_a_new_zone_does_not() {
    let customer = register(new_customer()).unwrap();
    let moved = customer
        .changed(CustomerChange { address: Some(None), ..CustomerChange::default() }, today())
        .unwrap();
    assert_eq!((moved.version, moved.address), (2, None));
    let terms = CustomerChange { payment_terms_days: Some(Some(14)), ..CustomerChange::default() };
    assert_eq!(customer.changed(terms, today()).unwrap().version, 1);
}

#[test]
fn saying_the_same_again_adds_no_version() {
    let customer = register(new_customer()).unwrap();
    let same = CustomerChange { name: Some(customer.name.clone()), ..CustomerChange::default() };
    assert_eq!(customer.changed(same, today()).unwrap(), customer);
}

#[test]
fn a_change_of_metadata_sets_removes_and_leaves_the_rest() {
    let mut new = new_customer();
    new.metadata = Metadata::from([("keep".into(), "1".into()), ("drop".into(), "2".into())]);
    let customer = register(new).unwrap();
    let change = vec![("drop".into(), None), ("add".into(), Some("3".into())), ("absent".into(), None)];
    let changed =
        customer.changed(CustomerChange { metadata: change, ..CustomerChange::default() }, today()).unwrap();
    assert_eq!(changed.metadata, Metadata::from([("keep".into(), "1".into()), ("add".into(), "3".into())]));
}

#[test]
fn a_change_is_checked_like_a_new_customer() {
    let customer = register(new_customer()).unwrap();
    let change = CustomerChange {
        name: Some(String::new()),
        payment_terms_days: Some(Some(-1)),
        ..CustomerChange::default()
    };
    assert_eq!(pointers(customer.changed(change, today())), ["/name", "/payment_terms_days"]);
}
