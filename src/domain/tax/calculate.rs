//! What is the tax of a whole document? Each line's treatment, the tax of all together, and the sentences that say why.
//!
//! 100.00 and 50.00 in France: 20.00 and 10.00, 30.00 together.

use chrono::NaiveDate;

use super::assess::{self, Assessed, Item, Rounding};
use super::parties::{Buyer, Seller};
use super::threshold::Counting;
use super::treatment::{Decided, NoRate, Sale, Supply, Treatment};
use crate::domain::catalog::TaxTerms;
use crate::domain::ids::EntityId;
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::refusal::Refusal;

/// A line to be taxed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    pub amount: Money,
    pub terms: TaxTerms,
}

/// A sale to be taxed, as a caller describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub currency: Currency,
    /// `None`: today.
    pub date: Option<NaiveDate>,
    /// `None`: an entity of the tenant.
    pub seller: Option<Seller>,
    /// `None`: the default one.
    pub entity_id: Option<EntityId>,
    pub buyer: Buyer,
    pub charges: Vec<Charge>,
    /// `None`: as the tenant rounds.
    pub rounding: Option<Rounding>,
}

/// A line that is taxed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxed {
    pub treatment: Treatment,
    pub assessed: Assessed,
}

/// A document that is taxed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calculation {
    pub lines: Vec<Taxed>,
    pub tax_total: Money,
    pub total: Money,
}

/// Why there is no tax to tell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    NoRate(#[from] NoRate),
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::NoRate(_) => "no_tax_rate",
            Refused::Money(_) => "amount_out_of_range",
        }
    }
}

impl Calculation {
    /// Why the tax is what it is: each reason once.
    #[must_use]
    pub fn explanation(&self) -> String {
        let mut sentences: Vec<&str> = Vec::new();
        for line in &self.lines {
            if !sentences.contains(&line.treatment.why.as_str()) {
                sentences.push(&line.treatment.why);
            }
        }
        sentences.join(" ")
    }
}

/// The tax of a document, all of it taxed on one day. A document that carries the seller's sales across borders above the threshold is taxed
/// as those that follow: 9,950.00 so far and 100.00 more to a consumer in Germany are 19 % of that 100.00 (article 59c paragraph 1).
///
/// # Errors
/// No rate is known; sums that do not fit.
pub fn calculate(
    sale: &Sale<'_>,
    (charges, counting): (&[Charge], &Counting),
    (currency, date): (Currency, NaiveDate),
    rounding: Rounding,
) -> Result<Calculation, Refused> {
    let on = (currency, date);
    let calculation = calculated(sale, charges, on, rounding)?;
    let nets = calculation
        .lines
        .iter()
        .zip(charges)
        .filter(|(_, charge)| sale.counts_to_threshold(charge.terms.code));
    let net = Money::sum(currency, nets.map(|(line, _)| line.assessed.net))?;
    match counting.in_euros(net).and_then(|net| sale.seller_above_threshold(net)) {
        Some(seller) => calculated(&Sale { seller: &seller, ..*sale }, charges, on, rounding),
        None => Ok(calculation),
    }
}

fn calculated(
    sale: &Sale<'_>,
    charges: &[Charge],
    (currency, date): (Currency, NaiveDate),
    rounding: Rounding,
) -> Result<Calculation, Refused> {
    let mut items = Vec::with_capacity(charges.len());
    let mut treatments = Vec::with_capacity(charges.len());
    let mut decided = Decided::new();
    for charge in charges {
        let treatment = sale.decided(Supply::on(charge.terms.code, date), &mut decided)?;
        let treatment = treatment.within(charge.terms.behavior);
        items.push(Item { amount: charge.amount, levies: treatment.levies.clone() });
        treatments.push(treatment);
    }
    let assessed = assess::assess(currency, &items, rounding)?;
    let tax_total = Money::sum(currency, assessed.iter().map(|line| line.tax))?.within_bounds()?;
    let total = Money::sum(currency, assessed.iter().map(|line| line.gross))?.within_bounds()?;
    let taxed = |(treatment, assessed)| Taxed { treatment, assessed };
    Ok(Calculation { lines: treatments.into_iter().zip(assessed).map(taxed).collect(), tax_total, total })
}
