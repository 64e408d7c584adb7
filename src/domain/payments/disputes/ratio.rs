//! How often is a month disputed at an account? Disputes and fraud warnings by the payments of that month: 30 of 2,000 are 1.5 %, which Visa calls
//! excessive since 1 April 2026 where there are 1,500 of them or more.
//!
//! Visa's monitoring program counts both, by number and not by amount. Each account shows its own, whatever its networks.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use strum::IntoStaticStr;

/// Disputes and warnings of a month from which on a ratio is called excessive.
const MOST_BY_COUNT: u64 = 1_500;
/// A quarter of it: time to look.
const WATCHED: u64 = MOST_BY_COUNT / 4;
/// The edition of the program that lowered the ratio.
const LOWERED: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 4, 1);

/// What was counted in a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Payments that came.
    pub payments: u64,
    pub disputes: u64,
    pub fraud_warnings: u64,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Band {
    /// Below half of what is excessive.
    Fine,
    /// Half of it, or above it with fewer than 1,500.
    Watch,
    /// Above it, with 1,500 or more.
    Excessive,
}

/// The ratio from which on a month is excessive.
#[must_use]
pub fn threshold(month: NaiveDate) -> Decimal {
    if LOWERED.is_some_and(|lowered| month >= lowered) { Decimal::new(15, 3) } else { Decimal::new(22, 3) }
}

impl Counted {
    /// Disputes and warnings.
    #[must_use]
    pub fn bad(&self) -> u64 {
        self.disputes.saturating_add(self.fraud_warnings)
    }

    /// By the payments of the month, with four decimals; `None`: there are none.
    #[must_use]
    pub fn ratio(&self) -> Option<Decimal> {
        let ratio = Decimal::from(self.bad()).checked_div(Decimal::from(self.payments))?;
        Some(ratio.round_dp(4))
    }

    /// How bad it is in that month.
    #[must_use]
    pub fn band(&self, month: NaiveDate) -> Band {
        let most = threshold(month);
        let Some(ratio) = self.ratio() else { return if self.bad() == 0 { Band::Fine } else { Band::Watch } };
        if ratio >= most && self.bad() >= MOST_BY_COUNT {
            Band::Excessive
        } else if ratio >= most || ratio * Decimal::TWO >= most && self.bad() >= WATCHED {
            Band::Watch
        } else {
            Band::Fine
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_april_2026_on_one_and_a_half_percent_are_excessive_and_before_it_two_and_two_tenths() {
        let counted = Counted { payments: 100_000, disputes: 1_000, fraud_warnings: 500 };
        let month = |text: &str| text.parse().unwrap();
        assert_eq!(counted.ratio(), Some(Decimal::new(15, 3)));
        assert_eq!(counted.band(month("2026-04-01")), Band::Excessive);
        assert_eq!(counted.band(month("2026-03-01")), Band::Watch);
        let fewer = Counted { payments: 99_900, disputes: 999, ..counted };
        assert_eq!(fewer.band(month("2026-04-01")), Band::Watch, "not so many");
        let few = Counted { payments: 1_000, disputes: 1, fraud_warnings: 0 };
        assert_eq!(
            (few.band(month("2026-04-01")), Counted::default().band(month("2026-04-01"))),
            (Band::Fine, Band::Fine)
        );
    }
}
