//! Which sales do businesses in other member states account for? The recapitulative statement of article 262 of Directive 2006/112/EC, by the
//! buyer's VAT number.
//!
//! 50.00 and 30.00 of software to DE136695976: services 80.00. Sales to buyers whose number is not known are listed apart, by country.

use std::collections::BTreeMap;

use super::Figure;
use crate::domain::money::{Currency, Total};
use crate::domain::tax::category::Category;
use crate::domain::tax::territory::Area;

/// Who bought.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SoldTo {
    /// The number is missing: buyers in a jurisdiction.
    Unnumbered { jurisdiction: String },
    /// Its VAT number.
    Numbered(String),
}

/// What was supplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Supplied {
    /// Category K.
    Goods,
    /// Category AE.
    Services,
}

impl Supplied {
    /// The category it stands under.
    #[must_use]
    pub fn category(self) -> Category {
        match self {
            Supplied::Goods => Category::K,
            Supplied::Services => Category::AE,
        }
    }
}

/// What one buyer accounts for, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessSales {
    pub buyer: SoldTo,
    pub supplied: Supplied,
    pub value: Total,
    pub lines: i64,
}

/// By currency, buyer, and what was supplied; of buyers in the European Union only.
#[must_use]
pub fn recapitulative(figures: &[Figure]) -> Vec<BusinessSales> {
    let mut sold: BTreeMap<(Currency, SoldTo, Supplied), BusinessSales> = BTreeMap::new();
    for figure in figures {
        let heading = &figure.heading;
        let supplied = match heading.category {
            Category::AE => Supplied::Services,
            Category::K => Supplied::Goods,
            _ => continue,
        };
        let country = heading.jurisdiction.split('-').next().unwrap_or_default();
        let buyer = match &heading.buyer_number {
            Some(number) => SoldTo::Numbered(number.clone()),
            None if Area::of(country) == Area::EuVat => {
                SoldTo::Unnumbered { jurisdiction: heading.jurisdiction.clone() }
            }
            None => continue,
        };
        let key = (heading.currency, buyer.clone(), supplied);
        let value = Total::zero(heading.currency);
        let sales = sold.entry(key).or_insert(BusinessSales { buyer, supplied, value, lines: 0 });
        sales.value = sales.value.and(figure.taxable);
        sales.lines += figure.lines;
    }
    sold.into_values().collect()
}
