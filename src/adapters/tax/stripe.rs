//! How is Stripe Tax asked? A preview is a calculation; an issued invoice a transaction made of a calculation of the same lines, under our id as its
//! reference and as the key of the call, so that made again it is the same one; what goes back is a reversal of it.
//!
//! Stripe knows its transactions by ids of its own only, so a call that nobody heard the end of is made again with the same key.

use chrono::NaiveTime;
use reqwest::Method;
use reqwest::blocking::RequestBuilder;
use serde_json::Value;
use uuid::Uuid;

use super::calls::{Endpoint, send, unreadable};
use super::wording::{decimal, text};
use super::{Found, Provider, Receipt, Trouble};
use crate::domain::ids::{CustomerId, TaxProviderId};
use crate::domain::tax::provided::documents::{Document, DocumentLine, return_id};
use crate::domain::tax::provided::question::{AskedLine, AskedPlace};
use crate::domain::tax::provided::{Answer, AnsweredLine, AnsweredTax, Question};

/// The version of the API whose shapes are read here.
const VERSION: &str = "2025-03-31.basil";

/// Our codes of products in theirs.
const CODES: [(&str, &str); 3] =
    [("saas", "txcd_10103001"), ("ebook", "txcd_10302000"), ("goods", "txcd_99999999")];
const SERVICE: &str = "txcd_20030000";

/// Types of tax numbers that Stripe knows by our names; it refuses a calculation with any other.
const NUMBERS: [&str; 17] = [
    "au_abn",
    "ca_gst_hst",
    "ca_pst_bc",
    "ca_pst_mb",
    "ca_pst_sk",
    "ca_qst",
    "ch_vat",
    "eu_vat",
    "gb_vat",
    "in_gst",
    "is_vat",
    "jp_trn",
    "no_vat",
    "nz_gst",
    "sg_gst",
    "us_ein",
    "za_vat",
];

/// Stripe Tax at an address such as `https://api.stripe.com`.
#[derive(Clone)]
pub struct Stripe {
    pub endpoint: Endpoint,
}

/// Fields of a form.
type Form = Vec<(String, String)>;

fn code(ours: &str) -> &str {
    let known = CODES.iter().find(|(code, _)| *code == ours).map(|(_, theirs)| *theirs);
    known.unwrap_or(if ours.starts_with("txcd_") { ours } else { SERVICE })
}

fn place(form: &mut Form, at: &str, place: &AskedPlace) {
    let parts = [
        ("line1", &place.line1),
        ("line2", &place.line2),
        ("city", &place.city),
        ("state", &place.state),
        ("postal_code", &place.postal_code),
    ];
    for (name, value) in parts {
        form.extend(value.clone().map(|value| (format!("{at}[{name}]"), value)));
    }
    form.push((format!("{at}[country]"), place.country.clone()));
}

/// The fields of a calculation.
fn calculation(question: &Question) -> Form {
    let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
    let mut form: Form = vec![
        ("currency".to_owned(), question.currency.to_ascii_lowercase()),
        ("tax_date".to_owned(), question.date.and_time(noon).and_utc().timestamp().to_string()),
        ("customer_details[address_source]".to_owned(), "billing".to_owned()),
        ("expand[]".to_owned(), "line_items.data.tax_breakdown".to_owned()),
    ];
    place(&mut form, "customer_details[address]", &question.to);
    place(&mut form, "ship_from_details[address]", &question.from);
    let known = question.tax_ids.iter().filter(|number| NUMBERS.contains(&number.type_.as_str()));
    for (n, number) in known.enumerate() {
        form.push((format!("customer_details[tax_ids][{n}][type]"), number.type_.clone()));
        form.push((format!("customer_details[tax_ids][{n}][value]"), number.value.clone()));
    }
    if !question.exemptions.is_empty() {
        form.push(("customer_details[taxability_override]".to_owned(), "customer_exempt".to_owned()));
    }
    for (n, line) in question.lines.iter().enumerate() {
        let mut field = |name: &str, value: String| form.push((format!("line_items[{n}][{name}]"), value));
        field("amount", line.amount.to_string());
        field("reference", line.no.to_string());
        field("tax_code", code(&line.tax_code).to_owned());
        field("tax_behavior", if line.inclusive { "inclusive" } else { "exclusive" }.to_owned());
    }
    form
}

fn read(body: &Value) -> Option<Answer> {
    let mut lines = Vec::new();
    for line in body.pointer("/line_items/data")?.as_array()? {
        let no = text(line, "/reference")?.parse().ok()?;
        let mut taxes: Vec<AnsweredTax> = Vec::new();
        for part in line.get("tax_breakdown")?.as_array()? {
            let name = text(part, "/jurisdiction/display_name")?.to_owned();
            let kind = text(part, "/tax_rate_details/display_name").unwrap_or("Tax");
            let rate = part.pointer("/tax_rate_details/percentage_decimal").and_then(decimal);
            let reason = match text(part, "/taxability_reason") {
                Some("reverse_charge") => Some("reverse_charge"),
                Some("customer_exempt" | "product_exempt") => Some("exempt"),
                Some("not_collecting") => Some("not_collecting"),
                _ => None,
            };
            taxes.push(AnsweredTax {
                country: text(part, "/jurisdiction/country")?.to_owned(),
                state: text(part, "/jurisdiction/state").map(str::to_owned),
                name: format!("{name} {kind}"),
                rate: rate.unwrap_or_default(),
                taxable: part.get("taxable_amount")?.as_i64()?,
                amount: part.get("amount")?.as_i64()?,
                reason: reason.map(str::to_owned),
            });
        }
        lines.push(AnsweredLine { no, taxes });
    }
    Some(Answer { lines })
}

/// What Stripe is asked about the lines of a document that it can have: charges. What takes back of earlier invoices is a reversal there.
fn question(document: &Document) -> Question {
    let line = |line: &DocumentLine| AskedLine {
        no: line.no,
        amount: if line.inclusive { line.net.saturating_add(line.tax()) } else { line.net },
        tax_code: line.tax_code.clone(),
        inclusive: line.inclusive,
    };
    let charges = document.lines.iter().filter(|line| !line.takes_back);
    Question {
        provider_id: TaxProviderId::from_uuid(Uuid::nil()),
        customer_id: CustomerId::from_uuid(Uuid::nil()),
        date: document.tax_date,
        currency: document.currency.clone(),
        from: document.from.clone(),
        to: document.to.clone(),
        tax_ids: document.tax_ids.clone(),
        exemptions: document.exemptions.clone(),
        lines: charges.map(line).collect(),
    }
}

impl Stripe {
    fn post(&self, path: &str, form: &Form, key: Option<&str>) -> RequestBuilder {
        let request = self.endpoint.bearing(Method::POST, &format!("/v1/tax{path}"), None);
        let fields = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("stripe-version", VERSION)
            .body(fields);
        match key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        }
    }

    fn calculate(&self, question: &Question) -> Result<Value, Trouble> {
        send(self.post("/calculations", &calculation(question), None))?.accepted()
    }

    fn ask(&self, question: &Question) -> Result<Answer, Trouble> {
        read(&self.calculate(question)?).ok_or_else(|| unreadable("a line or a tax lacks something"))
    }

    fn keep(&self, path: &str, form: &Form, key: &str) -> Result<Receipt, Trouble> {
        let body = send(self.post(path, form, Some(key)))?.accepted()?;
        let reference = text(&body, "/id").map(str::to_owned);
        let tax = |line: &Value| line.get("amount_tax").and_then(Value::as_i64);
        let lines = body.pointer("/line_items/data").and_then(Value::as_array);
        let tax = lines.and_then(|lines| lines.iter().map(tax).sum());
        reference.map(|id| Receipt { reference: Some(id), tax }).ok_or_else(|| unreadable("it has no id"))
    }
}

fn fields<const N: usize>(pairs: [(&str, &str); N]) -> Form {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Provider for Stripe {
    fn batch(&self) -> usize {
        1
    }

    fn preview(&self, questions: &[Question]) -> Vec<Result<Answer, Trouble>> {
        questions.iter().map(|question| self.ask(question)).collect()
    }

    fn commit(&self, document: &Document) -> Result<Receipt, Trouble> {
        let question = question(document);
        if question.lines.is_empty() {
            return Err(Trouble::Refused(
                "all of it takes back: Stripe keeps charges and their reversals".to_owned(),
            ));
        }
        let calculated = self.calculate(&question)?;
        let id = text(&calculated, "/id").ok_or_else(|| unreadable("a calculation has no id"))?;
        let form = fields([("calculation", id), ("reference", &document.id), ("expand[]", "line_items")]);
        self.keep("/transactions/create_from_calculation", &form, &document.id)
    }

    fn void(&self, document: &Document, reference: Option<&str>) -> Result<(), Trouble> {
        let original =
            reference.ok_or_else(|| Trouble::Refused("Stripe's id of it is not known".to_owned()))?;
        let own = return_id(&document.id);
        let form = fields([("mode", "full"), ("original_transaction", original), ("reference", &own)]);
        self.keep("/transactions/create_reversal", &form, &own).map(drop)
    }

    fn credit(&self, document: &Document, reference: Option<&str>) -> Result<Receipt, Trouble> {
        let original =
            reference.ok_or_else(|| Trouble::Refused("Stripe's id of it is not known".to_owned()))?;
        let gross = document.lines.iter().map(|line| line.net.saturating_add(line.tax()));
        let gross = gross.fold(0_i64, i64::saturating_add).to_string();
        let form = fields([
            ("mode", "partial"),
            ("original_transaction", original),
            ("reference", &document.id),
            ("flat_amount", &gross),
            ("expand[]", "line_items"),
        ]);
        self.keep("/transactions/create_reversal", &form, &document.id)
    }

    fn look_up(&self, _: &str, _: &str) -> Result<Found, Trouble> {
        Ok(Found::Unknowable)
    }
}
