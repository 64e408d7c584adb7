//! What does usage fall short of what was committed? 100.00 a month committed, 62.00 charged → a line of 38.00.
//!
//! Charges count in the commitment's period in which they end. Late usage of a billed period lowers the shortfall, and the
//! difference is credited like every other.

use rust_decimal::Decimal;

use super::segments::{Segment, Unbillable};
use crate::domain::catalog::{PriceKind, PriceModel};
use crate::domain::money::Money;

/// Lowers each commitment by what its prices came to.
pub(super) fn settle(segments: &mut [Segment<'_>]) -> Result<(), Unbillable> {
    let committed = |segment: &Segment<'_>| matches!(segment.version.model(), PriceModel::Commitment { .. });
    for n in (0..segments.len()).filter(|n| committed(&segments[*n])).collect::<Vec<_>>() {
        let commitment = &segments[n];
        let counted = segments.iter().filter(|other| counts(other, commitment)).map(|other| other.amount);
        let came_to = Money::sum(commitment.amount.currency(), counted)?;
        let short = commitment.amount.checked_sub(came_to)?;
        let amount = if short.is_negative() { Money::zero(short.currency()) } else { short };
        let segment = &mut segments[n];
        segment.amount = amount;
        (segment.quantity, segment.unit_amount) = (Decimal::ONE, amount.to_decimal());
    }
    Ok(())
}

/// Whether a charge counts towards a commitment.
fn counts(charge: &Segment<'_>, commitment: &Segment<'_>) -> bool {
    let PriceModel::Commitment { prices, .. } = commitment.version.model() else { return false };
    let terms = &charge.version.terms;
    let named = match prices.is_empty() {
        true => terms.kind == PriceKind::Usage,
        false => prices.iter().any(|code| **code == *terms.code),
    };
    let ends_within =
        charge.period.end > commitment.period.start && charge.period.end <= commitment.period.end;
    named && ends_within && !matches!(charge.version.model(), PriceModel::Commitment { .. })
}
