//! How is Avalara AvaTax asked, REST v2? A preview is a transaction of type `SalesOrder`, which is not kept; an issued invoice a `SalesInvoice` under
//! our id by `createoradjust`, which made again changes nothing; a credit note a `ReturnInvoice` by the law of the invoice's day.
//!
//! Credentials are `account:license key`. Rates come as fractions: 0.0625 is 6.25 %.

use std::collections::BTreeMap;

use reqwest::Method;
use reqwest::blocking::RequestBuilder;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::calls::{Endpoint, Reply, send, unreadable};
use super::wording::{decimal, minor, number, text};
use super::{Found, Provider, Receipt, Trouble};
use crate::domain::tax::provided::documents::{Document, DocumentKind, DocumentLine};
use crate::domain::tax::provided::question::{AskedExemption, AskedPlace};
use crate::domain::tax::provided::{Answer, AnsweredLine, AnsweredTax, Question};

/// AvaTax at an address such as `https://rest.avatax.com`.
#[derive(Clone)]
pub struct Avalara {
    pub endpoint: Endpoint,
}

/// Our codes of products in theirs; what is not in here goes as it is.
const CODES: [(&str, &str); 4] =
    [("saas", "SW054000"), ("ebook", "DC020500"), ("service", "P0000000"), ("goods", "P0000000")];

fn code(ours: &str) -> &str {
    CODES.iter().find(|(code, _)| *code == ours).map_or(ours, |(_, theirs)| theirs)
}

fn place(place: &AskedPlace) -> Value {
    json!({ "line1": place.line1, "line2": place.line2, "city": place.city, "region": place.state,
        "postalCode": place.postal_code, "country": place.country })
}

fn addresses(from: &AskedPlace, to: &AskedPlace) -> Value {
    json!({ "shipFrom": place(from), "shipTo": place(to) })
}

/// The number of a certificate, whose presence exempts; one without a number is named by where it holds.
fn exemption(all: &[AskedExemption]) -> Option<&str> {
    all.first().map(|it| it.certificate.as_deref().unwrap_or(&it.jurisdiction))
}

impl Avalara {
    fn company(&self) -> &str {
        self.endpoint.company.as_deref().unwrap_or("DEFAULT")
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.endpoint.request(method, &format!("/api/v2{path}"));
        let secret = self.endpoint.credentials.as_ref().map(|secret| secret.expose());
        match secret.and_then(|secret| secret.split_once(':')) {
            Some((account, key)) => request.basic_auth(account, Some(key)),
            None => request,
        }
    }

    fn order(&self, question: &Question) -> Value {
        let lines = question.lines.iter().map(|line| {
            json!({ "number": line.no.to_string(), "amount": number(line.amount, &question.currency),
                "taxCode": code(&line.tax_code), "taxIncluded": line.inclusive })
        });
        json!({
            "type": "SalesOrder",
            "companyCode": self.company(),
            "date": question.date,
            "customerCode": question.customer_id,
            "currencyCode": question.currency,
            "businessIdentificationNo": question.tax_ids.first().map(|number| &number.value),
            "exemptionNo": exemption(&question.exemptions),
            "addresses": addresses(&question.from, &question.to),
            "lines": lines.collect::<Vec<_>>(),
        })
    }

    fn ask(&self, question: &Question) -> Result<Answer, Trouble> {
        let request = self.request(Method::POST, "/transactions/create").json(&self.order(question));
        let body = send(request)?.accepted()?;
        read(&body, question).ok_or_else(|| unreadable("a line or a tax lacks something"))
    }

    fn keep(&self, document: &Document) -> Result<Receipt, Trouble> {
        let is_invoice = document.kind == DocumentKind::Invoice;
        let currency = &document.currency;
        let line = |line: &DocumentLine| {
            let within = if line.inclusive { line.tax() } else { 0 };
            let mut sent = json!({ "number": line.no.to_string(), "taxCode": code(&line.tax_code),
                "amount": number(line.net.saturating_add(within), currency), "taxIncluded": line.inclusive });
            if line.takes_back {
                // What goes back has the tax it had, whatever the rate is by now.
                sent["taxOverride"] = json!({ "type": "taxAmount", "taxAmount": number(line.tax(), currency),
                    "taxDate": document.tax_date, "reason": "Taken back with the tax it had" });
            }
            sent
        };
        let mut model = json!({
            "type": if is_invoice { "SalesInvoice" } else { "ReturnInvoice" },
            "code": document.id,
            "companyCode": self.company(),
            "commit": true,
            "date": document.date,
            "customerCode": document.customer_id,
            "currencyCode": currency,
            "businessIdentificationNo": document.tax_ids.first().map(|number| &number.value),
            "exemptionNo": exemption(&document.exemptions),
            "addresses": addresses(&document.from, &document.to),
            "lines": document.lines.iter().map(line).collect::<Vec<_>>(),
        });
        if !is_invoice {
            model["referenceCode"] = json!(document.original_id);
        }
        if document.tax_date != document.date || !is_invoice {
            let reason = if is_invoice { "In place of another invoice" } else { "Credit note" };
            model["taxOverride"] =
                json!({ "type": "taxDate", "taxDate": document.tax_date, "reason": reason });
        }
        let body = json!({ "createTransactionModel": model });
        let reply = send(self.request(Method::POST, "/transactions/createoradjust").json(&body))?;
        if is_locked(&reply) {
            // Under this code it is kept already, and in a return.
            return Ok(Receipt::default());
        }
        Ok(receipt(&reply.accepted()?, currency))
    }

    fn path(&self, id: &str) -> String {
        format!("/companies/{}/transactions/{id}", self.company())
    }
}

fn is_locked(reply: &Reply) -> bool {
    reply.status >= 400
        && text(&reply.body, "/error/code").is_some_and(|code| code.to_ascii_lowercase().contains("locked"))
}

fn receipt(body: &Value, currency: &str) -> Receipt {
    Receipt {
        reference: body.get("id").and_then(Value::as_i64).map(|id| id.to_string()),
        tax: body.get("totalTax").and_then(|tax| minor(tax, currency)),
    }
}

/// The taxes of each line, those of one jurisdiction together.
fn read(body: &Value, question: &Question) -> Option<Answer> {
    let currency = &question.currency;
    let mut lines = Vec::new();
    for line in body.get("lines")?.as_array()? {
        let no = text(line, "/lineNumber")?.parse().ok()?;
        let mut taxes: BTreeMap<(String, Option<String>, String), AnsweredTax> = BTreeMap::new();
        for detail in line.get("details")?.as_array()? {
            let country = text(detail, "/country")?.to_owned();
            let state = text(detail, "/region").filter(|region| *region != country).map(str::to_owned);
            let name = text(detail, "/taxName").or_else(|| text(detail, "/jurisName"))?.to_owned();
            let (rate, amount) = (decimal(detail.get("rate")?)?, minor(detail.get("tax")?, currency)?);
            let taxable = minor(detail.get("taxableAmount")?, currency)?;
            let tax = taxes.entry((country.clone(), state.clone(), name.clone())).or_insert(AnsweredTax {
                country,
                state,
                name,
                rate: Decimal::ZERO,
                taxable: 0,
                amount: 0,
                reason: None,
            });
            tax.rate = tax.rate.checked_add(rate.checked_mul(Decimal::ONE_HUNDRED)?)?;
            (tax.taxable, tax.amount) = (tax.taxable.max(taxable), tax.amount.checked_add(amount)?);
        }
        lines.push(AnsweredLine { no, taxes: taxes.into_values().collect() });
    }
    Some(Answer { lines })
}

impl Provider for Avalara {
    fn batch(&self) -> usize {
        1
    }

    fn preview(&self, questions: &[Question]) -> Vec<Result<Answer, Trouble>> {
        questions.iter().map(|question| self.ask(question)).collect()
    }

    fn commit(&self, document: &Document) -> Result<Receipt, Trouble> {
        self.keep(document)
    }

    fn void(&self, document: &Document, _: Option<&str>) -> Result<(), Trouble> {
        let path = format!("{}/void", self.path(&document.id));
        let reply = send(self.request(Method::POST, &path).json(&json!({ "code": "DocVoided" })))?;
        if is_locked(&reply) {
            return Err(Trouble::Locked);
        }
        reply.accepted().map(drop)
    }

    fn credit(&self, document: &Document, _: Option<&str>) -> Result<Receipt, Trouble> {
        self.keep(document)
    }

    fn look_up(&self, id: &str, currency: &str) -> Result<Found, Trouble> {
        let reply = send(self.request(Method::GET, &self.path(id)))?;
        if reply.status == 404 {
            return Ok(Found::Nothing);
        }
        let body = reply.accepted()?;
        match text(&body, "/status") {
            Some("Committed" | "Saved" | "Posted" | "Adjusted") => {
                Ok(Found::Committed(receipt(&body, currency)))
            }
            Some("Cancelled") => Ok(Found::Voided),
            _ => Err(unreadable("its status is none that is known")),
        }
    }
}
