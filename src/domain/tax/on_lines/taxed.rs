//! What was taxed together, and how much of it was undone? Its parts, wherever they are cut, have taxes that add up to its own.
//!
//! 31.00 with 5.89: of −15.00 go −2.85, and of the 16.00 that are left −3.04.

use rust_decimal::Decimal;

use crate::domain::billing::Line;
use crate::domain::ids::InvoiceId;
use crate::domain::money::{Money, MoneyError, allocate};
use crate::domain::tax::treatment::Levy;

/// One tax of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTax {
    pub line_no: i32,
    pub levy: Levy,
    /// What it is computed of, without any tax.
    pub taxable: Money,
    pub amount: Money,
}

/// What was taxed together: a charge, or what was taken back of one; and how much of it was undone since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxed {
    /// The line all of whose taxes these are; `None`: several parts of a line, or one of this transaction.
    pub line: Option<(InvoiceId, i32)>,
    /// What the line says of it, with the tax that is within: above zero, of what was taken back, too.
    pub charged: Money,
    pub undone: Money,
    pub levies: Vec<TaxedLevy>,
    /// Of what was taken back: whether it was of a charge, which may be taken back again when it comes again; else it was less than nothing.
    pub is_of_charge: bool,
}

/// One tax of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxedLevy {
    pub levy: Levy,
    pub amount: Money,
    pub undone: Money,
}

/// Tax that is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxLeft {
    pub on_top: Money,
    /// The charge contains it.
    pub within: Money,
}

impl Taxed {
    /// What is left of its taxes.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn tax_left(&self) -> Result<TaxLeft, MoneyError> {
        let zero = Money::zero(self.charged.currency());
        let mut left = TaxLeft { on_top: zero, within: zero };
        for levy in &self.levies {
            let place = if levy.levy.inclusive { &mut left.within } else { &mut left.on_top };
            *place = place.checked_add(levy.amount)?.checked_sub(levy.undone)?;
        }
        Ok(left)
    }

    /// The tax that goes with so much of what is left of it, net: with all of that, or more, all that is left of its taxes.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn tax_with(&self, net: Money) -> Result<TaxLeft, MoneyError> {
        if self.lacks(net) || net == self.left()? {
            return self.tax_left();
        }
        let nothing = Money::zero(net.currency());
        let mut wanted = net;
        let part = self.clone().undo(&mut wanted)?;
        part.map_or(Ok(TaxLeft { on_top: nothing, within: nothing }), |part| part.tax_left())
    }

    pub(super) fn left(&self) -> Result<Money, MoneyError> {
        self.charged.checked_sub(self.undone)
    }

    pub(super) fn lacks(&self, part: Money) -> bool {
        self.left().map_or(true, |left| left.minor() < part.minor())
    }

    pub(super) fn is_taxed_like(&self, other: &Taxed) -> bool {
        self.levies.iter().map(|levy| &levy.levy).eq(other.levies.iter().map(|levy| &levy.levy))
    }

    /// As much is undone of it as stands of another that is taxed like it.
    pub(super) fn undo_like(&mut self, other: &Taxed) -> Result<(), MoneyError> {
        self.undone = self.undone.checked_add(other.left()?)?;
        for (levy, other) in self.levies.iter_mut().zip(&other.levies) {
            levy.undone = levy.undone.checked_add(other.amount.checked_sub(other.undone)?)?;
        }
        Ok(())
    }

    /// Undoes as much of it as `wanted` and what is left allow, and lowers `wanted`; `None`: nothing. The parts of a tax add up to it, wherever
    /// they are cut.
    pub(super) fn undo(&mut self, wanted: &mut Money) -> Result<Option<Taxed>, MoneyError> {
        let part = wanted.smaller(self.left()?)?;
        if !part.is_positive() {
            return Ok(None);
        }
        *wanted = wanted.checked_sub(part)?;
        let after = self.undone.checked_add(part)?;
        let nothing = Money::zero(part.currency());
        let mut levies = Vec::with_capacity(self.levies.len());
        for levy in &mut self.levies {
            let gone = match after == self.charged {
                true => levy.amount,
                // A note may have taken the cent that rounds up already.
                false => larger(levy.amount.share((after, self.charged))?, levy.undone)?,
            };
            let amount = gone.checked_sub(levy.undone)?;
            levies.push(TaxedLevy { levy: levy.levy.clone(), amount, undone: nothing });
            levy.undone = gone;
        }
        self.undone = after;
        // What is taken of a charge is of it; of what was less than nothing, none of it is.
        Ok(Some(Taxed {
            line: None,
            charged: part,
            undone: nothing,
            levies,
            is_of_charge: self.is_of_charge,
        }))
    }

    /// As the taxes of a line, below zero where it takes back.
    pub(super) fn taxes(&self, line_no: i32, takes_back: bool) -> Result<Vec<LineTax>, MoneyError> {
        let signed = |amount: Money| if takes_back { amount.negated() } else { Ok(amount) };
        let within = self.levies.iter().filter(|levy| levy.levy.inclusive).map(|levy| levy.amount);
        let taxable = self.charged.checked_sub(Money::sum(self.charged.currency(), within)?)?;
        let tax = |levy: &TaxedLevy| {
            let (taxable, amount) = (signed(taxable)?, signed(levy.amount)?);
            Ok(LineTax { line_no, levy: levy.levy.clone(), taxable, amount })
        };
        self.levies.iter().map(tax).collect()
    }
}

fn larger(a: Money, b: Money) -> Result<Money, MoneyError> {
    Ok(if a.smaller(b)? == a { b } else { a })
}

/// What a line charges: with the tax that is within it.
pub(super) fn charged(line: &Line) -> Result<Money, MoneyError> {
    line.amount.checked_sub(line.discount)
}

/// How much it is, above or below zero.
///
/// # Errors
/// It does not fit.
pub fn size(amount: Money) -> Result<Money, MoneyError> {
    if amount.is_negative() { amount.negated() } else { Ok(amount) }
}

/// What the taxes of one line were computed of: a line that takes several charges back has those of each.
///
/// # Errors
/// Sums that do not fit.
pub fn parts(taxes: &[LineTax]) -> Result<Vec<Taxed>, MoneyError> {
    let mut parts = Vec::new();
    for part in taxes.chunk_by(belong_together) {
        let Some(first) = part.first() else { continue };
        let within = part.iter().filter(|tax| tax.levy.inclusive).map(|tax| tax.amount);
        let whole = first.taxable.checked_add(Money::sum(first.taxable.currency(), within)?)?;
        let nothing = Money::zero(whole.currency());
        let mut levies = Vec::with_capacity(part.len());
        for tax in part {
            let amount = if whole.is_negative() { tax.amount.negated()? } else { tax.amount };
            levies.push(TaxedLevy { levy: tax.levy.clone(), amount, undone: nothing });
        }
        let is_of_charge = !whole.is_negative();
        parts.push(Taxed { line: None, charged: size(whole)?, undone: nothing, levies, is_of_charge });
    }
    Ok(parts)
}

/// Whether two taxes of a line that stand side by side are of the same part of it: other taxes of the same country on the same amount.
fn belong_together(one: &LineTax, other: &LineTax) -> bool {
    let country = |tax: &LineTax| tax.levy.jurisdiction.get(..2).map(str::to_owned);
    one.line_no == other.line_no
        && one.taxable == other.taxable
        && one.levy.inclusive == other.levy.inclusive
        && country(one) == country(other)
        && (&one.levy.jurisdiction, &one.levy.name) != (&other.levy.jurisdiction, &other.levy.name)
}

/// How much of each tax of a line goes with a part of its tax: by largest remainder, of what is left of each.
///
/// # Errors
/// Sums that do not fit.
pub fn split(part: Money, left: &[Money]) -> Result<Vec<Money>, MoneyError> {
    let weights: Vec<Decimal> = left.iter().map(|amount| amount.to_decimal().abs()).collect();
    if part.is_zero() || weights.iter().all(Decimal::is_zero) {
        return Ok(vec![Money::zero(part.currency()); left.len()]);
    }
    allocate(part, &weights)
}
