//! How is an exact value written to a `numeric` column? In digits of base 10,000, of which three stand after the point: no text, no loss.

use diesel::data_types::PgNumeric;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Numeric;

use crate::domain::usage::Exact;

/// Decimal digits of one digit of the database.
const GROUP: u32 = 4;
const BASE: i128 = 10_000;
/// Groups after the point: 12 decimals.
const FRACTION: i16 = 3;

/// A value on its way to or from the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Numeric)]
pub(in crate::storage) struct Number(pub Exact);

impl ToSql<Numeric, Pg> for Number {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let numeric = to_numeric(self.0)?;
        <PgNumeric as ToSql<Numeric, Pg>>::to_sql(&numeric, &mut out.reborrow())
    }
}

impl FromSql<Numeric, Pg> for Number {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Number> {
        let numeric = <PgNumeric as FromSql<Numeric, Pg>>::from_sql(bytes)?;
        from_numeric(&numeric)
            .map(Number)
            .ok_or_else(|| format!("{numeric:?} is beyond 128 bits of trillionths").into())
    }
}

fn to_numeric(value: Exact) -> Result<PgNumeric, std::num::TryFromIntError> {
    let mut rest = value.trillionths().unsigned_abs();
    let base = BASE.unsigned_abs();
    let mut digits: Vec<i16> = Vec::with_capacity(12);
    while rest > 0 {
        digits.push(i16::try_from(rest % base)?);
        rest /= base;
    }
    let weight = i16::try_from(digits.len())? - FRACTION - 1;
    let trailing = digits.iter().take_while(|digit| **digit == 0).count();
    digits.drain(..trailing);
    digits.reverse();
    let after = u16::try_from(FRACTION)?.saturating_sub(u16::try_from(trailing)?);
    let scale = after * u16::try_from(GROUP)?;
    if digits.is_empty() {
        return Ok(PgNumeric::Positive { weight: 0, scale: 0, digits });
    }
    Ok(match value.trillionths() < 0 {
        true => PgNumeric::Negative { weight, scale, digits },
        false => PgNumeric::Positive { weight, scale, digits },
    })
}

fn from_numeric(numeric: &PgNumeric) -> Option<Exact> {
    let (sign, weight, digits) = match numeric {
        PgNumeric::Positive { weight, digits, .. } => (1, *weight, digits),
        PgNumeric::Negative { weight, digits, .. } => (-1, *weight, digits),
        PgNumeric::NaN => return None,
    };
    let mut sum: i128 = 0;
    for (place, digit) in (0_i16..).zip(digits) {
        let power = weight.checked_sub(place)?.checked_add(FRACTION)?;
        let Ok(power) = u32::try_from(power) else { return None };
        sum = sum.checked_add(i128::from(*digit).checked_mul(BASE.checked_pow(power)?)?)?;
    }
    Some(Exact::from_trillionths(sign * sum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(trillionths in any::<i128>().prop_map(|n| n >> 8), shift in 0_u32..100) {
            let value = Exact::from_trillionths(trillionths >> shift);
            prop_assert_eq!(from_numeric(&to_numeric(value).unwrap()), Some(value));
        }
    }

    #[test]
    fn whole_numbers_have_no_digits_after_the_point() {
        let numeric = to_numeric(Exact::parse("10000").unwrap()).unwrap();
        assert_eq!(numeric, PgNumeric::Positive { weight: 1, scale: 0, digits: vec![1] });
        let numeric = to_numeric(Exact::parse("-0.25").unwrap()).unwrap();
        assert_eq!(numeric, PgNumeric::Negative { weight: -1, scale: 4, digits: vec![2500] });
    }
}
