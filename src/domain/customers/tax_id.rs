//! By which number does a tax authority know a customer, and what is known of it? `{"type": "eu_vat", "value": "DE136695976", "status": "valid"}`.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use super::tax_numbers::{self, NumberKind};
use crate::domain::fields::{Faults, below};
use crate::domain::refusal::Invalid;

/// A number a tax authority knows the buyer by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxId {
    /// Such as `eu_vat`, `gb_vat`, `us_ein`.
    #[serde(rename = "type")]
    pub type_: String,
    /// As written by the authority: `DE136695976`.
    pub value: String,
    /// What is known of it.
    #[serde(default, skip_serializing_if = "Standing::is_unknown")]
    pub status: Standing,
}

/// What is known of a buyer's number.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, IntoStaticStr, EnumString, Serialize, Deserialize,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The authority knows it.
    Valid,
    /// The authority does not know it.
    Invalid,
    /// Nobody has asked, or the authority did not answer.
    #[default]
    Unknown,
}

impl Standing {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Standing::Unknown
    }
}

/// A number as VIES writes it, where VIES can be asked about it.
#[must_use]
pub fn in_vies(tax_id: &TaxId) -> Option<String> {
    let number = tax_numbers::parse(&tax_id.type_, &tax_id.value).ok()??;
    (number.kind == NumberKind::EuVat).then_some(number.value)
}

/// A number as its authority writes it, and its type: however it was written.
fn identity(tax_id: &TaxId) -> (String, String) {
    let number = tax_numbers::parse(&tax_id.type_, &tax_id.value).ok().flatten();
    (tax_id.type_.clone(), number.map_or_else(|| tax_id.value.clone(), |number| number.value))
}

/// Refuses a number that is given twice: what is known of it could be two things.
pub(super) fn check_unrepeated(tax_ids: &[TaxId]) -> Result<(), Invalid> {
    let mut faults = Faults::none();
    for (n, tax_id) in tax_ids.iter().enumerate() {
        let first = tax_ids.iter().take(n).position(|other| identity(other) == identity(tax_id));
        if let Some(first) = first {
            let detail = format_args!("this number is there already, as /tax_ids/{first}: give each once");
            faults.add(below("/tax_ids", &n.to_string()), "duplicate_tax_id", detail);
        }
    }
    faults.into_result()
}

/// Numbers given without a word on what is known of them keep what is known of the same numbers.
pub(super) fn keep_known(tax_ids: &mut [TaxId], before: &[TaxId]) {
    for tax_id in tax_ids.iter_mut().filter(|tax_id| tax_id.status.is_unknown()) {
        let same = before.iter().find(|other| identity(other) == identity(tax_id));
        tax_id.status = same.map_or(tax_id.status, |same| same.status);
    }
}
