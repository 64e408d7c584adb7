//! How are Avalara and Stripe spoken with? By the shapes of their documentation, each verb once, against stand-ins.

use std::time::Duration;

use billwright::adapters::reach::Reach;
use billwright::adapters::tax::{Endpoint, Found, Provider, Trouble, provider};
use billwright::domain::ids::{CustomerId, TaxProviderId};
use billwright::domain::tax::provided::documents::{Document, DocumentKind, DocumentLine};
use billwright::domain::tax::provided::question::{AskedExemption, AskedLine, AskedPlace, AskedTaxId};
use billwright::domain::tax::provided::{AnsweredTax, ProviderKind, Question};
use billwright::platform::secrets::Secret;
use serde_json::json;
use uuid::Uuid;

use super::elsewhere::Elsewhere;

fn austin() -> AskedPlace {
    AskedPlace {
        country: "US".to_owned(),
        state: Some("TX".to_owned()),
        city: Some("Austin".to_owned()),
        postal_code: Some("78701".to_owned()),
        ..AskedPlace::default()
    }
}

fn question() -> Question {
    Question {
        provider_id: TaxProviderId::from_uuid(Uuid::nil()),
        customer_id: CustomerId::from_uuid(Uuid::nil()),
        date: "2026-01-01".parse().unwrap(),
        currency: "USD".to_owned(),
        from: austin(),
        to: austin(),
        tax_ids: Vec::new(),
        exemptions: Vec::new(),
        lines: vec![AskedLine { no: 1, amount: 10_000, tax_code: "saas".to_owned(), inclusive: false }],
    }
}

fn texas(taxable: i64, amount: i64) -> AnsweredTax {
    AnsweredTax {
        country: "US".to_owned(),
        state: Some("TX".to_owned()),
        name: "Texas".to_owned(),
        rate: "6.25".parse().unwrap(),
        taxable,
        amount,
        reason: None,
    }
}

fn document(kind: DocumentKind) -> Document {
    let is_note = kind == DocumentKind::CreditNote;
    let (id, net, tax) = if is_note { ("cn_1", -4_000, -250) } else { ("inv_1", 10_000, 625) };
    Document {
        id: id.to_owned(),
        kind,
        original_id: is_note.then(|| "inv_1".to_owned()),
        customer_id: "cus_1".to_owned(),
        currency: "USD".to_owned(),
        date: if is_note { "2026-02-01" } else { "2026-01-01" }.parse().unwrap(),
        tax_date: "2026-01-01".parse().unwrap(),
        from: austin(),
        to: austin(),
        tax_ids: Vec::new(),
        exemptions: Vec::new(),
        lines: vec![DocumentLine {
            no: 1,
            net,
            tax_code: "saas".to_owned(),
            inclusive: false,
            takes_back: is_note,
            taxes: vec![texas(net, tax)],
        }],
    }
}

fn reach(kind: ProviderKind, url: &str, credentials: &str) -> Box<dyn Provider> {
    let client = Reach::default().client(url, true).unwrap();
    let endpoint =
        Endpoint::new((client, url), Some(Secret::new(credentials)), Duration::from_secs(5)).unwrap();
    provider(kind, endpoint.of_company(Some("ACME".to_owned())))
}

/// `US TX Texas 6.25 10000 625` of each tax of the only line.
fn taxes(provider: &dyn Provider) -> Vec<String> {
    let answer = provider.preview(&[question()]).remove(0).unwrap();
    answer.check(&question()).unwrap();
    let shown = |tax: &AnsweredTax| {
        format!(
            "{} {} {} {} {}",
            tax.state.as_deref().unwrap_or("-"),
            tax.name,
            tax.rate.normalize(),
            tax.taxable,
            tax.amount
        )
    };
    answer.lines[0].taxes.iter().map(shown).collect()
}

#[test]
fn avatax_previews_commits_credits_voids_and_looks_up_by_our_id() {
    let elsewhere = Elsewhere::open();
    let avatax = reach(ProviderKind::Avalara, &elsewhere.url, "account:license");
    let detail = |name: &str, rate: f64, tax: f64| json!({ "country": "US", "region": "TX", "jurisName": name, "taxName": name, "rate": rate, "tax": tax, "taxableAmount": 100.0 });
    let details = [detail("TX STATE TAX", 0.0625, 6.25), detail("TX CITY TAX", 0.01, 1.0)];
    elsewhere.reply(
        201,
        json!({ "totalTax": 7.25, "lines": [{ "lineNumber": "1", "tax": 7.25, "details": details }] }),
    );
    assert_eq!(taxes(avatax.as_ref()), ["TX TX CITY TAX 1 10000 100", "TX TX STATE TAX 6.25 10000 625"]);
    let call = elsewhere.last();
    assert_eq!(call.line, "POST /api/v2/transactions/create");
    assert!(call.headers.contains("authorization: basic "), "{}", call.headers);
    let sent = call.json();
    assert_eq!(
        (&sent["type"], &sent["companyCode"], &sent["date"]),
        (&json!("SalesOrder"), &json!("ACME"), &json!("2026-01-01"))
    );
    assert_eq!(sent["addresses"]["shipTo"]["postalCode"], "78701");
    elsewhere.reply(201, json!({ "id": 77, "code": "inv_1", "status": "Committed", "totalTax": 6.25 }));
    let receipt = avatax.commit(&document(DocumentKind::Invoice)).unwrap();
    assert_eq!((receipt.reference.as_deref(), receipt.tax), (Some("77"), Some(625)));
    let sent = elsewhere.last().json()["createTransactionModel"].clone();
    assert_eq!(
        (&sent["type"], &sent["code"], &sent["commit"]),
        (&json!("SalesInvoice"), &json!("inv_1"), &json!(true))
    );
    elsewhere.reply(201, json!({ "id": 78, "totalTax": -2.5 }));
    avatax.credit(&document(DocumentKind::CreditNote), Some("77")).unwrap();
    let sent = elsewhere.last().json()["createTransactionModel"].clone();
    let line = &sent["lines"][0];
    assert_eq!(
        (&sent["type"], &sent["taxOverride"]["taxDate"]),
        (&json!("ReturnInvoice"), &json!("2026-01-01"))
    );
    assert_eq!((&line["amount"], &line["taxOverride"]["taxAmount"]), (&json!(-40.0), &json!(-2.5)));
    elsewhere.reply(200, json!({ "status": "Cancelled" }));
    avatax.void(&document(DocumentKind::Invoice), None).unwrap();
    assert_eq!(elsewhere.last().line, "POST /api/v2/companies/ACME/transactions/inv_1/void");
    elsewhere
        .reply(400, json!({ "error": { "code": "CannotModifyLockedTransaction", "message": "locked" } }));
    assert_eq!(avatax.void(&document(DocumentKind::Invoice), None), Err(Trouble::Locked));
    elsewhere.reply(404, json!({ "error": { "code": "EntityNotFoundError" } }));
    assert_eq!(avatax.look_up("inv_1", "USD"), Ok(Found::Nothing));
    elsewhere.reply(401, json!({ "error": { "code": "AuthenticationException", "message": "wrong key" } }));
    let refused = avatax.look_up("inv_1", "USD").unwrap_err().to_string();
    assert_eq!(refused, "the provider answered with status 401: wrong key");
}

#[test]
fn stripe_tax_calculates_commits_and_reverses_with_our_ids_as_keys() {
    let elsewhere = Elsewhere::open();
    let stripe = reach(ProviderKind::Stripe, &elsewhere.url, "sk_test");
    let part = json!({ "amount": 625, "taxable_amount": 10_000, "taxability_reason": "standard_rated",
        "jurisdiction": { "country": "US", "state": "TX", "display_name": "Texas", "level": "state" },
        "tax_rate_details": { "display_name": "Sales and Use Tax", "percentage_decimal": "6.25", "tax_type": "sales_tax" } });
    let calculation = json!({ "id": "taxcalc_1", "line_items": { "data": [{ "reference": "1", "amount_tax": 625, "tax_breakdown": [part] }] } });
    elsewhere.reply(200, calculation.clone());
    assert_eq!(taxes(stripe.as_ref()), ["TX Texas Sales and Use Tax 6.25 10000 625"]);
    let call = elsewhere.last();
    assert_eq!(call.line, "POST /v1/tax/calculations");
    assert!(call.headers.contains("authorization: bearer sk_test"), "{}", call.headers);
    assert!(call.body.contains("line_items%5B0%5D%5Bamount%5D=10000"), "{}", call.body);
    let transaction = json!({ "id": "tax_1", "line_items": { "data": [{ "amount_tax": 625 }] } });
    elsewhere.reply(200, calculation);
    elsewhere.reply(200, transaction);
    let receipt = stripe.commit(&document(DocumentKind::Invoice)).unwrap();
    assert_eq!((receipt.reference.as_deref(), receipt.tax), (Some("tax_1"), Some(625)));
    let call = elsewhere.last();
    assert_eq!(call.line, "POST /v1/tax/transactions/create_from_calculation");
    assert!(
        call.body.contains("reference=inv_1") && call.headers.contains("idempotency-key: inv_1"),
        "{call:?}"
    );
    elsewhere.reply(200, json!({ "id": "tax_2", "line_items": { "data": [{ "amount_tax": -250 }] } }));
    let receipt = stripe.credit(&document(DocumentKind::CreditNote), Some("tax_1")).unwrap();
    assert_eq!(receipt.tax, Some(-250));
    assert!(elsewhere.last().body.contains("flat_amount=-4250"), "{}", elsewhere.last().body);
    elsewhere.reply(200, json!({ "id": "tax_3" }));
    stripe.void(&document(DocumentKind::Invoice), Some("tax_1")).unwrap();
    assert!(elsewhere.last().body.contains("mode=full"), "{}", elsewhere.last().body);
    elsewhere.reply(429, json!({ "error": { "message": "too many" } }));
    let lost = stripe.commit(&document(DocumentKind::Invoice)).unwrap_err();
    assert_eq!(lost, Trouble::Unreachable("the provider answered with status 429: too many".to_owned()));
    assert_eq!(stripe.look_up("inv_1", "USD"), Ok(Found::Unknowable));
}

#[test]
fn what_exempts_a_buyer_is_said_with_the_question_and_with_the_document() {
    let elsewhere = Elsewhere::open();
    let certificate =
        AskedExemption { jurisdiction: "US-TX".to_owned(), certificate: Some("RX-1234".to_owned()) };
    let number = |type_: &str, value: &str| AskedTaxId { type_: type_.to_owned(), value: value.to_owned() };
    let tax_ids = vec![number("eu_vat", "DE136695976"), number("xx_local", "7")];
    let exempt = Question { exemptions: vec![certificate.clone()], tax_ids: tax_ids.clone(), ..question() };
    let issued = Document { exemptions: vec![certificate], tax_ids, ..document(DocumentKind::Invoice) };
    let avatax = reach(ProviderKind::Avalara, &elsewhere.url, "account:license");
    elsewhere.reply(201, json!({ "totalTax": 0, "lines": [{ "lineNumber": "1", "details": [] }] }));
    avatax.preview(std::slice::from_ref(&exempt)).remove(0).unwrap();
    let sent = elsewhere.last().json();
    assert_eq!(
        (&sent["exemptionNo"], &sent["businessIdentificationNo"]),
        (&json!("RX-1234"), &json!("DE136695976"))
    );
    elsewhere.reply(201, json!({ "id": 77, "totalTax": 0 }));
    avatax.commit(&issued).unwrap();
    assert_eq!(elsewhere.last().json()["createTransactionModel"]["exemptionNo"], "RX-1234");
    let stripe = reach(ProviderKind::Stripe, &elsewhere.url, "sk_test");
    elsewhere.reply(
        200,
        json!({ "id": "taxcalc_1", "line_items": { "data": [{ "reference": "1", "tax_breakdown": [] }] } }),
    );
    stripe.preview(std::slice::from_ref(&exempt)).remove(0).unwrap();
    let sent = elsewhere.last().body;
    for part in ["taxability_override%5D=customer_exempt", "tax_ids%5D%5B0%5D%5Bvalue%5D=DE136695976"] {
        assert!(sent.contains(part), "{part}: {sent}");
    }
    // Stripe would refuse a type that it does not know.
    assert!(!sent.contains("xx_local"), "{sent}");
}
