//! What was sold into each state of the United States? Taxed, exempt, and not collected where the seller is not registered.
//!
//! 100.00 to Texas, of which 80 % are taxed at 6.25 %: sales 100.00, taxable 80.00, exempt 20.00, tax 5.00.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Figure;
use crate::domain::money::{Currency, Money, MoneyError, Total, round_to_minor};
use crate::domain::tax::category::Category;

/// The sales into one state, in one currency. `sales` is the sum of the three parts after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateSales {
    /// `US-NY`; `US` where the state is not known.
    pub state: String,
    pub sales: Total,
    pub taxable: Total,
    /// For what is sold, or by a certificate of the buyer; and the part of a price that is not taxed.
    pub exempt: Total,
    /// No tax was charged, because the seller is not registered there or its law does not reach there.
    pub not_collected: Total,
    pub tax: Total,
    pub lines: i64,
}

/// By currency and state.
///
/// # Errors
/// Sums that do not fit.
pub fn by_state(figures: &[Figure]) -> Result<Vec<StateSales>, MoneyError> {
    let mut states: BTreeMap<(Currency, &str), StateSales> = BTreeMap::new();
    for figure in figures {
        let (currency, state) = (figure.heading.currency, figure.heading.jurisdiction.as_str());
        let zero = Total::zero(currency);
        let sales = states.entry((currency, state)).or_insert_with(|| StateSales {
            state: state.to_owned(),
            sales: zero,
            taxable: zero,
            exempt: zero,
            not_collected: zero,
            tax: zero,
            lines: 0,
        });
        sales.add(figure)?;
    }
    Ok(states.into_values().collect())
}

impl StateSales {
    fn add(&mut self, figure: &Figure) -> Result<(), MoneyError> {
        let heading = &figure.heading;
        match heading.category {
            Category::E => self.exempt = self.exempt.and(figure.taxable),
            Category::S | Category::Z => {
                let taxed = portion(figure.taxable, heading.portion)?;
                self.taxable = self.taxable.and(taxed);
                self.exempt = self.exempt.and(figure.taxable.less(taxed));
            }
            _ => self.not_collected = self.not_collected.and(figure.taxable),
        }
        self.sales = self.sales.and(figure.taxable);
        self.tax = self.tax.and(figure.tax);
        self.lines += figure.lines;
        Ok(())
    }
}

/// The taxed part of a sum.
fn portion(sum: Total, percentage: Decimal) -> Result<Total, MoneyError> {
    if percentage == Decimal::ONE_HUNDRED {
        return Ok(sum);
    }
    let sum = Money::from_wide_minor(sum.minor(), sum.currency())?;
    let exact = sum.to_decimal().checked_mul(percentage).ok_or(MoneyError::Overflow)? / Decimal::ONE_HUNDRED;
    Ok(Total::zero(sum.currency()).plus(round_to_minor(exact, sum.currency())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tax::category::Reason;
    use crate::domain::tax::returns::Heading;

    fn figure(category: Category, reason: Reason, portion: i64, taxable: i128) -> Figure {
        let currency = Currency::parse("USD").unwrap();
        let heading = Heading {
            currency,
            jurisdiction: "US-TX".to_owned(),
            name: "Sales tax".to_owned(),
            category,
            rate: Decimal::new(625, 2),
            portion: Decimal::from(portion),
            reason,
            buyer_number: None,
            corrects: None,
        };
        Figure {
            heading,
            taxable: Total::from_minor(taxable, currency),
            tax: Total::zero(currency),
            lines: 1,
        }
    }

    #[test]
    fn the_parts_of_the_sales_add_up_to_them_whatever_the_portion_is_rounded_to() {
        let figures = [
            figure(Category::S, Reason::PortionProductExempt, 80, 99),
            figure(Category::E, Reason::ProductExempt, 100, 50),
            figure(Category::O, Reason::NotCollecting, 100, 7),
            figure(Category::S, Reason::StandardRated, 100, -9),
        ];
        let states = by_state(&figures).unwrap();
        let shown = |total: Total| total.to_major_string();
        let [texas] = states.as_slice() else { panic!("{states:?}") };
        // 80 % of 0.99 is 0.792: 0.79, and 0.20 of it untaxed.
        assert_eq!([shown(texas.taxable), shown(texas.exempt)], ["0.70", "0.70"]);
        assert_eq!([shown(texas.not_collected), shown(texas.sales)], ["0.07", "1.47"]);
        assert_eq!(texas.lines, 4);
    }
}
