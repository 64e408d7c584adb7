//! What is an entity refused for, and which one serves whom?

use super::*;
use crate::domain::ids::TenantId;

fn founding(n: u128) -> Founding {
    Founding {
        id: EntityId::from_uuid(uuid::Uuid::from_u128(n)),
        currency: Currency::parse("EUR").unwrap(),
        seller_version: 1,
        at: DateTime::UNIX_EPOCH,
    }
}

fn new(name: &str, country: &str) -> NewEntity {
    NewEntity {
        external_id: None,
        name: name.to_owned(),
        legal_name: None,
        place: Place { country: country.to_owned(), state: None, postal_code: None },
        address: None,
        functional_currency: None,
        countries: vec![country.to_owned()],
        bank_accounts: Vec::new(),
        mentions: Vec::new(),
        logo: None,
        payment_terms_days: None,
        cash_rounding: CashRounding::new(),
        metadata: Metadata::new(),
        is_default: false,
        patterns: [None, None],
    }
}

fn first() -> Entity {
    let numbering =
        Numbering { invoice: "INV-{seq:6}".parse().unwrap(), credit_note: "CN-{seq:6}".parse().unwrap() };
    Entity::first(TenantId::from_uuid(uuid::Uuid::nil()), "Acme", numbering, founding(0))
}

fn kept(entity: &Entity) -> Vec<KeptSeries> {
    let series = |(kind, pattern): (Kind, &Pattern)| KeptSeries {
        pattern: pattern.clone(),
        entity_id: entity.id,
        kind,
        begun_at: entity.created_at,
    };
    entity.numbering.each().map(series).to_vec()
}

fn codes(result: Result<impl Sized, Invalid>) -> Vec<String> {
    let errors = result.err().map(|invalid| invalid.errors).unwrap_or_default();
    errors.into_iter().map(|error| format!("{} {}", error.pointer, error.code)).collect()
}

#[test]
fn the_one_that_serves_a_country_goes_before_the_default() {
    let all = [first(), new("Acme GmbH", "DE").found(founding(1)).unwrap()];
    let serving = |country| serving(&all, country).map(|entity| entity.name.as_str());
    assert_eq!(serving(Some("DE")), Some("Acme GmbH"));
    assert_eq!(serving(Some("FR")), Some("Acme"));
    assert_eq!(serving(None), Some("Acme"));
}

#[test]
fn a_new_entity_numbers_as_is_usual_in_its_country() {
    let entity = new("Acme GmbH", "DE").found(founding(1)).unwrap();
    assert_eq!(entity.numbering.invoice.text(), "INV-DE-{seq:6}");
    assert_eq!(entity.check_beside(&[first()], &kept(&first())), Ok(()));
}

#[test]
fn no_two_entities_share_a_country_or_a_series() {
    let german = new("Acme GmbH", "DE").found(founding(1)).unwrap();
    let second = new("Acme AG", "DE").found(founding(2)).unwrap();
    assert_eq!(
        codes(second.check_beside(std::slice::from_ref(&german), &kept(&german))),
        [
            "/countries/0 country_taken",
            "/numbering/invoice series_taken",
            "/numbering/credit_note series_taken"
        ]
    );
    let near =
        NewEntity { patterns: [Some("INV-{year}{seq:2}".parse().unwrap()), None], ..new("Acme SA", "FR") };
    let near = near.found(founding(3)).unwrap();
    assert_eq!(codes(near.check_beside(&[first()], &kept(&first()))), ["/numbering/invoice series_taken"]);
}

#[test]
fn an_entity_may_return_to_a_pattern_of_its_own() {
    let german = new("Acme GmbH", "DE").found(founding(1)).unwrap();
    let change = EntityChange {
        patterns: [Some("DE-{year}-{seq:5}".parse().unwrap()), None],
        ..EntityChange::default()
    };
    let changed = german.changed(change).unwrap();
    let all = [kept(&german), kept(&changed)].concat();
    assert_eq!(german.check_beside(&[], &all), Ok(()));
    let swapped =
        EntityChange { patterns: [None, Some("INV-DE-{seq:6}".parse().unwrap())], ..EntityChange::default() };
    assert_eq!(
        codes(changed.changed(swapped).unwrap().check_beside(&[], &all)),
        ["/numbering/credit_note series_taken"]
    );
}

#[test]
fn patterns_are_held_to_the_rules_of_the_country_when_either_changes() {
    let long = Some("INVOICES-OF-ACME-{seq:6}".parse().unwrap());
    let change = EntityChange { patterns: [long, None], ..EntityChange::default() };
    let american = EntityChange { country: Some("SG".to_owned()), ..change };
    let changed = first().changed(american).unwrap();
    let to_italy = EntityChange { country: Some("IT".to_owned()), ..EntityChange::default() };
    assert_eq!(codes(changed.changed(to_italy)), ["/numbering/invoice series_against_rule"]);
    let renamed = EntityChange { name: Some("Acme Inc.".to_owned()), ..EntityChange::default() };
    assert!(changed.changed(renamed).is_ok());
}

#[test]
fn every_value_at_fault_is_named() {
    let account = BankAccount {
        holder: None,
        bank: None,
        currency: Some("EURO".to_owned()),
        iban: None,
        bic: Some("x".to_owned()),
        account_number: None,
        routing_number: None,
    };
    let wrong = NewEntity {
        name: " ".to_owned(),
        countries: vec!["DE".to_owned(), "DE".to_owned(), "XX".to_owned()],
        bank_accounts: vec![account],
        mentions: vec![String::new()],
        ..new("", "DE")
    };
    assert_eq!(
        codes(wrong.found(founding(1))),
        [
            "/name blank",
            "/countries/1 country_taken",
            "/countries/2 unknown_country",
            "/bank_accounts/0/currency unknown_currency",
            "/bank_accounts/0/bic malformed_bic",
            "/bank_accounts/0 no_account_number",
            "/mentions/0 blank"
        ]
    );
    assert_eq!(codes(new("Acme", "Germany").found(founding(1))), ["/country unknown_country"]);
}

#[test]
fn an_invoice_prints_what_there_is() {
    assert_eq!(first().printed(), serde_json::json!({ "name": "Acme" }));
    let changed = EntityChange { mentions: Some(vec!["HRB 4711".to_owned()]), ..EntityChange::default() };
    assert_eq!(
        first().changed(changed).unwrap().printed(),
        serde_json::json!({ "name": "Acme", "mentions": ["HRB 4711"] })
    );
}

#[test]
fn the_default_stays_until_another_is() {
    let change = EntityChange { is_default: Some(false), ..EntityChange::default() };
    assert_eq!(codes(first().changed(change)), ["/is_default default_needed"]);
}
