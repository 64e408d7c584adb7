//! Where is what heard? `{"url": "https://shop.example/hooks", "event_types": ["invoice.*", "payment.failed"]}`: every event of an invoice, and failed
//! payments.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::domain::events::EventType;
use crate::domain::fields::{Faults, below};
use crate::domain::ids::WebhookEndpointId;
use crate::domain::refusal::Invalid;

/// Most endpoints of a tenant: all of them are looked at whenever something happened.
const MOST: usize = 50;
const URL_LENGTH: usize = 500;
const DESCRIPTION_LENGTH: usize = 200;
const TYPES: usize = 200;

/// How much of an event is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum PayloadForm {
    /// The object as it was then.
    #[default]
    Full,
    /// Its id alone: the receiver reads it.
    Thin,
}

/// How what is sent is signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Signature {
    /// HMAC-SHA256 by a secret that both sides know: `v1`.
    #[default]
    Hmac,
    /// Ed25519: the receiver knows a public key only: `v1a`.
    Ed25519,
}

/// Why nothing is sent to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Why {
    /// Somebody requested it.
    Request,
    /// It answered 410.
    Gone,
    /// It has taken nothing for days.
    Failing,
}

/// That nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disabled {
    pub since: DateTime<Utc>,
    pub why: Why,
}

/// An endpoint as it is kept, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub id: WebhookEndpointId,
    pub url: String,
    pub description: Option<String>,
    /// Names, or beginnings such as `invoice.*`; `None`: every type.
    pub event_types: Option<BTreeSet<String>>,
    pub payload: PayloadForm,
    pub signature: Signature,
    /// What Ed25519 signatures are verified with: `whpk_…`.
    pub public_key: Option<String>,
    /// Until when the secret before signs, too.
    pub old_secret_until: Option<DateTime<Utc>>,
    pub disabled: Option<Disabled>,
    /// Since when nothing was taken; `None`: the last was.
    pub failing_since: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// Whether a name, or a beginning such as `invoice.*`, stands for a type.
#[must_use]
pub fn is_type(wanted: &str, name: &str) -> bool {
    match wanted.strip_suffix(".*") {
        Some(subject) => name.strip_prefix(subject).is_some_and(|rest| rest.starts_with('.')),
        None => wanted == name,
    }
}

/// The types that names and beginnings stand for.
#[must_use]
pub fn types(wanted: &BTreeSet<String>) -> Vec<&'static str> {
    let names = EventType::VARIANTS.iter().map(EventType::into_str);
    names.filter(|name| wanted.iter().any(|wanted| is_type(wanted, name))).collect()
}

/// Refuses names that stand for no type.
pub fn has_known_types(faults: &mut Faults, wanted: &BTreeSet<String>) {
    if wanted.is_empty() {
        let detail = "name at least one type, such as invoice.paid or invoice.*; leave it out, or give null, for every type";
        faults.add("/event_types", "event_types_required", detail);
    }
    if wanted.len() > TYPES {
        faults.add("/event_types", "too_many", format_args!("name at most {TYPES} types"));
    }
    for (n, name) in wanted.iter().enumerate() {
        if !EventType::VARIANTS.iter().any(|known| is_type(name, known.into_str())) {
            let known: Vec<&str> = EventType::VARIANTS.iter().map(EventType::into_str).collect();
            let known = known.join(", ");
            let detail = format_args!(
                "there is no event type {name:?}; there are {known}, and beginnings such as invoice.*"
            );
            faults.add(below("/event_types", &n.to_string()), "unknown_event_type", detail);
        }
    }
}

impl Endpoint {
    /// Checks it beside so many others, but for where it leads.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn check(&self, others: usize) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        faults.check_text("/url", &self.url, URL_LENGTH);
        faults.check_optional("/description", self.description.as_deref(), DESCRIPTION_LENGTH);
        if let Some(wanted) = &self.event_types {
            has_known_types(&mut faults, wanted);
        }
        if others >= MOST {
            faults.add("", "too_many", format_args!("there are {MOST} already: delete one first"));
        }
        faults.into_result()
    }

    /// What an event carries of it: nothing secret.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "webhook_endpoint",
            "id": self.id,
            "url": self.url,
            "description": self.description,
            "event_types": self.event_types,
            "payload": self.payload.into_str(),
            "signature": self.signature.into_str(),
            "enabled": self.disabled.is_none(),
            "disabled_at": self.disabled.map(|disabled| disabled.since),
            "disabled_reason": self.disabled.map(|disabled| disabled.why.into_str()),
            "failing_since": self.failing_since,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_stands_for_every_type_of_its_subject_and_no_other() {
        let wanted = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(types(&wanted(&["refund.*"])), ["refund.created", "refund.succeeded", "refund.failed"]);
        assert_eq!(types(&wanted(&["invoice.paid"])), ["invoice.paid"]);
        assert!(!types(&wanted(&["payment.*"])).contains(&"payment_method.attached"));
        let mut faults = Faults::none();
        has_known_types(&mut faults, &wanted(&["invoice.*", "invoice.", "*", "invoices.*", "invoice.burnt"]));
        assert_eq!(faults.into_result().unwrap_err().errors.len(), 4);
    }
}
