//! What is sold, in the eyes of tax law? A code on the product, and how each jurisdiction taxes it where it is not the usual rate.
//!
//! Software as a service: taxed in New York, not in California, and of a price in Texas 80 % is taxed. An e-book in France: 5.5 %.

use std::sync::LazyLock;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::territory::{Area, MEMBER_STATES};
pub use crate::domain::catalog::tax_code::TaxCode;

/// How a jurisdiction taxes a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taxability<'a> {
    /// At the rate of this kind, on this percentage of the price.
    At { kind: &'a str, portion: Decimal },
    /// Exempt by law.
    Exempt,
    /// No tax of the jurisdiction reaches it.
    NotTaxable,
}

/// One row: `saas,US-TX,taxable,80,,,…`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    code: TaxCode,
    jurisdiction: String,
    kind: String,
    portion: Decimal,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
}

static ROWS: LazyLock<Vec<Row>> =
    LazyLock::new(|| include_str!("codes.csv").lines().skip(1).filter_map(read).collect());

/// How the nearest of these jurisdictions taxes a code; `EU` stands for every member state. `None`: as everything there.
#[must_use]
pub fn taxability(sold: Sold, jurisdictions: &[&str], date: NaiveDate) -> Option<Taxability<'static>> {
    let of_union = jurisdictions.iter().any(|j| MEMBER_STATES.contains(j)).then_some("EU");
    jurisdictions.iter().copied().chain(of_union).find_map(|jurisdiction| {
        let mut rows = of_code(sold.code)
            .iter()
            .filter(|row| {
                row.jurisdiction == jurisdiction
                    && row.valid_from.is_none_or(|from| from <= date)
                    && row.valid_to.is_none_or(|to| date < to)
            })
            .peekable();
        rows.peek()?;
        // Where only some buyers are taxed, the others are not.
        Some(rows.find_map(|row| row.taxability(sold.to_business)).unwrap_or(Taxability::NotTaxable))
    })
}

/// What is sold, and whether to a business: some states tax one and not the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sold {
    pub code: TaxCode,
    pub to_business: bool,
}

impl Row {
    /// What it says of a buyer; `None`: nothing.
    fn taxability(&'static self, to_business: bool) -> Option<Taxability<'static>> {
        let usual = Taxability::At { kind: usual_kind(Area::UnitedStates), portion: self.portion };
        match self.kind.as_str() {
            "exempt" => Some(Taxability::Exempt),
            "not_taxable" => Some(Taxability::NotTaxable),
            "taxable" => Some(usual),
            "taxable_consumer_only" => (!to_business).then_some(usual),
            "taxable_business_only" => to_business.then_some(usual),
            "saas_business" if !to_business => None,
            kind => Some(Taxability::At { kind, portion: self.portion }),
        }
    }
}

/// The rows of one code: the file is sorted by it.
fn of_code(code: TaxCode) -> &'static [Row] {
    let name = code.into_str();
    let first = ROWS.partition_point(|row| row.code.into_str() < name);
    let rows = ROWS.get(first..).unwrap_or_default();
    rows.get(..rows.partition_point(|row| row.code == code)).unwrap_or_default()
}

/// The kind of the usual rate of a tax law.
#[must_use]
pub fn usual_kind(area: Area) -> &'static str {
    match area {
        Area::UnitedStates => "sales",
        _ => "standard",
    }
}

fn read(row: &str) -> Option<Row> {
    let mut columns = row.splitn(7, ',');
    let code = columns.next()?.parse().ok()?;
    let jurisdiction = columns.next()?.to_owned();
    let kind = columns.next()?.to_owned();
    let portion = match columns.next()? {
        "" => Decimal::ONE_HUNDRED,
        portion => portion.parse().ok()?,
    };
    let mut date = || match columns.next() {
        None => None,
        Some("") => Some(None),
        Some(date) => date.parse().ok().map(Some),
    };
    let (valid_from, valid_to) = (date()?, date()?);
    Some(Row { code, jurisdiction, kind, portion, valid_from, valid_to })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_file_is_read() {
        assert_eq!(ROWS.len(), include_str!("codes.csv").lines().count() - 1);
    }

    #[test]
    fn software_as_a_service_is_taxed_by_state() {
        let date = "2026-01-01".parse().unwrap();
        let sold = |to_business| Sold { code: TaxCode::Saas, to_business };
        let in_state = |state: &str| taxability(sold(false), &[state, "US"], date);
        assert_eq!(in_state("US-CA"), Some(Taxability::NotTaxable));
        assert_eq!(in_state("US-NY"), Some(Taxability::At { kind: "sales", portion: 100.into() }));
        assert_eq!(in_state("US-TX"), Some(Taxability::At { kind: "sales", portion: 80.into() }));
        assert_eq!(in_state("US-CT"), Some(Taxability::At { kind: "sales", portion: 100.into() }));
        let to_business = |state: &str| taxability(sold(true), &[state, "US"], date);
        assert_eq!(to_business("US-CT"), Some(Taxability::At { kind: "saas_business", portion: 100.into() }));
        assert_eq!(to_business("US-IA"), Some(Taxability::NotTaxable));
        assert_eq!(
            (in_state("US-OH"), to_business("US-OH")),
            (Some(Taxability::NotTaxable), in_state("US-NY"))
        );
    }
}
