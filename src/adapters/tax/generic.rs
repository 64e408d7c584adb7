//! How is a provider asked that speaks Billwright's own contract? `POST /calculate` for up to a hundred documents at once, `POST /documents`,
//! `…/{id}/void`, `…/{id}/credit`, and `GET /documents/{id}`: docs/tax-providers.md.

use reqwest::Method;
use serde_json::{Value, json};

use super::calls::{Endpoint, Reply, send, unreadable};
use super::wording::{decimal, major, minor, text};
use super::{Found, Provider, Receipt, Trouble};
use crate::domain::tax::provided::documents::{Document, DocumentLine};
use crate::domain::tax::provided::question::AskedLine;
use crate::domain::tax::provided::{Answer, AnsweredLine, AnsweredTax, Question};

/// Documents of one call.
const BATCH: usize = 100;

/// A provider that speaks the contract.
#[derive(Clone)]
pub struct Generic {
    pub endpoint: Endpoint,
}

fn document_of(question: &Question) -> Value {
    let line = |line: &AskedLine| {
        json!({ "no": line.no, "amount": major(line.amount, &question.currency), "tax_code": line.tax_code,
            "inclusive": line.inclusive })
    };
    json!({
        "customer_id": question.customer_id,
        "date": question.date,
        "currency": question.currency,
        "from": question.from,
        "to": question.to,
        "tax_ids": question.tax_ids,
        "exemptions": question.exemptions,
        "lines": question.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn sent(document: &Document) -> Value {
    let currency = &document.currency;
    let tax = |tax: &AnsweredTax| {
        json!({ "country": tax.country, "state": tax.state, "name": tax.name, "rate": tax.rate.to_string(),
            "taxable": major(tax.taxable, currency), "amount": major(tax.amount, currency), "reason": tax.reason })
    };
    let line = |line: &DocumentLine| {
        json!({ "no": line.no, "net": major(line.net, currency), "tax": major(line.tax(), currency),
            "tax_code": line.tax_code, "inclusive": line.inclusive, "takes_back": line.takes_back,
            "taxes": line.taxes.iter().map(tax).collect::<Vec<_>>() })
    };
    json!({
        "id": document.id,
        "kind": document.kind,
        "original_id": document.original_id,
        "customer_id": document.customer_id,
        "currency": currency,
        "date": document.date,
        "tax_date": document.tax_date,
        "from": document.from,
        "to": document.to,
        "tax_ids": document.tax_ids,
        "exemptions": document.exemptions,
        "tax": major(document.tax(), currency),
        "lines": document.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn read_tax(value: &Value, currency: &str) -> Option<AnsweredTax> {
    Some(AnsweredTax {
        country: text(value, "/country")?.to_owned(),
        state: text(value, "/state").map(str::to_owned),
        name: text(value, "/name")?.to_owned(),
        rate: decimal(value.get("rate")?)?,
        taxable: minor(value.get("taxable")?, currency)?,
        amount: minor(value.get("amount")?, currency)?,
        reason: text(value, "/reason").map(str::to_owned),
    })
}

fn read(value: &Value, question: &Question) -> Result<Answer, Trouble> {
    if let Some(error) = text(value, "/error") {
        return Err(Trouble::Refused(error.to_owned()));
    }
    let line = |line: &Value| {
        let no = usize::try_from(line.get("no")?.as_u64()?).ok()?;
        let taxes = line.get("taxes")?.as_array()?.iter();
        let taxes = taxes.map(|tax| read_tax(tax, &question.currency)).collect::<Option<Vec<_>>>()?;
        Some(AnsweredLine { no, taxes })
    };
    let lines = value.get("lines").and_then(Value::as_array);
    let lines = lines.and_then(|lines| lines.iter().map(line).collect::<Option<Vec<_>>>());
    lines.map(|lines| Answer { lines }).ok_or_else(|| unreadable("a line or a tax lacks something"))
}

impl Generic {
    fn post(&self, path: &str, body: &Value) -> Result<Reply, Trouble> {
        send(self.endpoint.bearing(Method::POST, path, Some(body)))
    }

    fn ask(&self, questions: &[Question]) -> Result<Vec<Value>, Trouble> {
        let documents: Vec<Value> = questions.iter().map(document_of).collect();
        let body = self.post("/calculate", &json!({ "documents": documents }))?.accepted()?;
        let answers = body.get("documents").and_then(Value::as_array).cloned();
        let answers = answers.filter(|answers| answers.len() == questions.len());
        answers.ok_or_else(|| unreadable("each document is to be answered, in their order"))
    }
}

fn receipt(body: &Value, currency: &str) -> Receipt {
    Receipt { reference: None, tax: body.get("tax").and_then(|tax| minor(tax, currency)) }
}

impl Provider for Generic {
    fn batch(&self) -> usize {
        BATCH
    }

    fn preview(&self, questions: &[Question]) -> Vec<Result<Answer, Trouble>> {
        match self.ask(questions) {
            Ok(answers) => {
                answers.iter().zip(questions).map(|(value, question)| read(value, question)).collect()
            }
            Err(trouble) => questions.iter().map(|_| Err(trouble.clone())).collect(),
        }
    }

    fn commit(&self, document: &Document) -> Result<Receipt, Trouble> {
        let body = self.post("/documents", &sent(document))?.accepted()?;
        Ok(receipt(&body, &document.currency))
    }

    fn void(&self, document: &Document, _: Option<&str>) -> Result<(), Trouble> {
        let reply = self.post(&format!("/documents/{}/void", document.id), &json!({}))?;
        if reply.status == 423 {
            return Err(Trouble::Locked);
        }
        reply.accepted().map(drop)
    }

    fn credit(&self, document: &Document, _: Option<&str>) -> Result<Receipt, Trouble> {
        let original = document.original_id.as_deref().unwrap_or_default();
        let body = self.post(&format!("/documents/{original}/credit"), &sent(document))?.accepted()?;
        Ok(receipt(&body, &document.currency))
    }

    fn look_up(&self, id: &str, currency: &str) -> Result<Found, Trouble> {
        let reply = send(self.endpoint.bearing(Method::GET, &format!("/documents/{id}"), None))?;
        if reply.status == 404 {
            return Ok(Found::Nothing);
        }
        let body = reply.accepted()?;
        match text(&body, "/status") {
            Some("committed") => Ok(Found::Committed(receipt(&body, currency))),
            Some("voided") => Ok(Found::Voided),
            _ => Err(unreadable("a document is committed or voided")),
        }
    }
}
