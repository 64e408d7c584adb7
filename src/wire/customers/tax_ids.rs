//! What did a register say of a customer's numbers? Each time it was asked: `{"value": "DE136695976", "answer": "valid",
//! "consultation_number": "WAPIAAAAZ…"}`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Customer, TaxId, TaxIdStatus};
use crate::domain::customers as domain;
use crate::domain::customers::tax_id::in_vies;
use crate::domain::customers::verification::{Answer, Evidence, WatchedNumber};
use crate::domain::ids::TaxIdCheckId;

/// One time that a register was asked about a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "taxchk_01jgejp8g0e3q9k0v6z4t1x2y3", "type": "eu_vat", "value": "DE136695976", "checked_at": "2026-01-05T12:00:00Z",
    "register": "vies", "answer": "valid", "consultation_number": "WAPIAAAAZ0example", "name": "Difference GmbH",
    "address": "Unter den Linden 1, 10117 Berlin", "reason": null
}))]
pub struct TaxIdCheck {
    #[schema(value_type = String)]
    pub id: TaxIdCheckId,
    /// `eu_vat`.
    #[serde(rename = "type")]
    pub type_: &'static str,
    pub value: String,
    pub checked_at: DateTime<Utc>,
    /// `vies`; `simulator` for test tenants.
    pub register: String,
    #[schema(inline)]
    pub answer: TaxIdStatus,
    /// What the register gives as evidence, when you have a VAT number of your own among your registrations.
    pub consultation_number: Option<String>,
    /// Whose the number is, where the member state says so.
    pub name: Option<String>,
    pub address: Option<String>,
    /// Why nothing is known: `MS_UNAVAILABLE`, `TIMEOUT`, and the like.
    pub reason: Option<String>,
}

impl TaxIdCheck {
    /// What came of one.
    #[must_use]
    pub fn of(
        id: TaxIdCheckId,
        (value, checked_at): (String, DateTime<Utc>),
        (register, answer): (String, Answer),
    ) -> TaxIdCheck {
        let status = answer.standing().into();
        let (evidence, reason) = match answer {
            Answer::Valid(evidence) | Answer::Invalid(evidence) => (evidence, None),
            Answer::Unknown { reason } => (Evidence::default(), Some(reason)),
        };
        let type_ = domain::tax_numbers::NumberKind::EuVat.into_str();
        let Evidence { consultation, name, address } = evidence;
        let consultation_number = consultation;
        TaxIdCheck {
            id,
            type_,
            value,
            checked_at,
            register,
            answer: status,
            consultation_number,
            name,
            address,
            reason,
        }
    }
}

/// What came of asking about all numbers of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct VerifiedTaxIds {
    /// As they stand now.
    pub tax_ids: Vec<TaxId>,
    /// What was answered just now.
    pub checks: Vec<TaxIdCheck>,
}

impl Customer {
    /// The customer with when its numbers were checked; `watched` may be those of others, too.
    #[must_use]
    pub fn with_checks(customer: domain::Customer, watched: &[WatchedNumber]) -> Customer {
        let numbers: Vec<Option<&WatchedNumber>> = customer
            .tax_ids
            .iter()
            .map(|tax_id| {
                let value = in_vies(tax_id)?;
                let is_its = |one: &&WatchedNumber| one.customer_id == customer.id && one.value == value;
                watched.iter().find(is_its)
            })
            .collect();
        let mut shown = Customer::from(customer.clone());
        for (tax_id, watched) in shown.tax_ids.iter_mut().zip(numbers) {
            tax_id.checked_at = watched.and_then(|watched| watched.checked_at);
            let answered = watched.and_then(|watched| watched.answered.clone());
            // What the caller says itself no consultation has shown.
            let is_shown = |standing: domain::Standing| tax_id.status == Some(standing.into());
            let answered = answered.filter(|answered| is_shown(answered.standing));
            tax_id.consultation_number = answered.and_then(|answered| answered.consultation);
        }
        shown
    }
}
