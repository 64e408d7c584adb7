//! Who has not paid, and when would they? Payers with paydays, an outage, an expired card: what becomes of an attempt depends on the payer and the
//! instant alone, so that each policy meets the same ones.
//!
//! Payer 17 is paid on the 15th and has money for four days: declined on the 3rd, the 9th and the 21st, and charged on the 16th.
//!
//! | of 1,000 | are | and pay |
//! |---|---|---|
//! | 280, 140, 100 | short of money until the 1st, the 15th, the next Friday | from 6:00 of that day on for 2 to 5 days, 9 times of 10 |
//! | 130 | short of money for good | never; 3 of 100 bring another card |
//! | 150 | declined without a reason | on a quarter of the days |
//! | 40 | behind an outage | when it is over, after 4 minutes to 8 hours |
//! | 90 | of an expired card | with another card, which half of them bring within two weeks |
//! | 50 | of a lost card | with another card, which a third bring |
//! | 20 | to be authenticated | when they have, which six of ten do within two days |

use std::sync::Arc;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};

use super::{Answer, Case, Payer};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::declines::Class;

/// A payer that is made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    seed: u64,
    kind: Kind,
    begun: DateTime<Utc>,
    other_card_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    FirstOfMonth,
    Fifteenth,
    Friday,
    Broke,
    NowAndThen,
    Outage,
    Expired,
    Lost,
    Unauthenticated,
}

/// One number of many for each seed and use: splitmix64.
fn draw(seed: u64, of_use: u64, below: u64) -> u64 {
    let mut z =
        seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(of_use.wrapping_mul(0xD1B5_4A32_D192_ED03));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) % below.max(1)
}

const KIND: u64 = 1;
const NETWORK: u64 = 2;
const GATEWAY: u64 = 3;
const BEGUN: u64 = 4;
const OTHER_CARD: u64 = 5;
const OTHER_CARD_AT: u64 = 6;
const INVOICES: u64 = 7;
const AMOUNT: u64 = 8;
const OUTAGE: u64 = 9;
/// Of a day, and of a payday.
const DAY: u64 = 1_000;
const PAYDAY: u64 = 1_000_000;

/// A payer by its number, whose first invoice falls due within 180 days; ten of a hundred have two, five three.
#[must_use]
pub fn payer(seed: u64, first: DateTime<Utc>, currency: Currency) -> Case<Made> {
    let kind = match draw(seed, KIND, 1_000) {
        0..280 => Kind::FirstOfMonth,
        280..420 => Kind::Fifteenth,
        420..520 => Kind::Friday,
        520..650 => Kind::Broke,
        650..800 => Kind::NowAndThen,
        800..840 => Kind::Outage,
        840..930 => Kind::Expired,
        930..980 => Kind::Lost,
        _ => Kind::Unauthenticated,
    };
    let minutes = i64::try_from(draw(seed, BEGUN, 180 * 24 * 60)).unwrap_or(0);
    let begun = first + TimeDelta::minutes(minutes);
    let (brings, within_hours) = match kind {
        Kind::Broke => (3, 720),
        Kind::Expired => (50, 336),
        Kind::Lost => (33, 336),
        Kind::Unauthenticated => (60, 48),
        _ => (0, 1),
    };
    let hours = i64::try_from(draw(seed, OTHER_CARD_AT, within_hours)).unwrap_or(0);
    let other_card_at = (draw(seed, OTHER_CARD, 100) < brings).then(|| begun + TimeDelta::hours(1 + hours));
    let network = match draw(seed, NETWORK, 100) {
        0..60 => Some("visa".to_owned()),
        60..93 => Some("mastercard".to_owned()),
        _ => None,
    };
    let gateway = if draw(seed, GATEWAY, 2) == 0 { "stripe" } else { "another" };
    let count = match draw(seed, INVOICES, 100) {
        0..5 => 3,
        5..15 => 2,
        _ => 1,
    };
    let invoices = (0..count).map(|n| {
        let minor = 500 + i64::try_from(draw(seed, AMOUNT + n * 100, 20_000)).unwrap_or(0);
        let days = i64::try_from(n * 7).unwrap_or(0);
        (begun + TimeDelta::days(days), Money::from_minor(minor, currency))
    });
    Case {
        invoices: invoices.collect(),
        payer: Made { seed, kind, begun, other_card_at },
        network,
        gateway: gateway.to_owned(),
        country: None,
        seed: u128::from(seed),
    }
}

impl Made {
    fn pays_at(&self, at: DateTime<Utc>) -> bool {
        match self.kind {
            Kind::FirstOfMonth => self.has_money(at, |day| day.day() == 1),
            Kind::Fifteenth => self.has_money(at, |day| day.day() == 15),
            Kind::Friday => self.has_money(at, |day| day.weekday() == chrono::Weekday::Fri),
            Kind::NowAndThen => draw(self.seed, DAY + day_number(at), 4) == 0,
            Kind::Outage => {
                let minutes = 4 + i64::try_from(draw(self.seed, OUTAGE, 476)).unwrap_or(0);
                at - self.begun >= TimeDelta::minutes(minutes)
            }
            Kind::Broke | Kind::Expired | Kind::Lost | Kind::Unauthenticated => false,
        }
    }

    /// Within 2 to 5 days after a payday's 6:00, 9 times of 10.
    fn has_money(&self, at: DateTime<Utc>, is_payday: impl Fn(DateTime<Utc>) -> bool) -> bool {
        let lasts = |payday: u64| 2 + i64::try_from(draw(self.seed, PAYDAY + payday, 4)).unwrap_or(0);
        let paid = (0..6).any(|days| {
            let day = at - TimeDelta::days(days);
            is_payday(day) && days < lasts(day_number(day)) && (days > 0 || at.hour() >= 6)
        });
        paid && draw(self.seed, DAY + day_number(at), 10) > 0
    }
}

fn day_number(at: DateTime<Utc>) -> u64 {
    u64::try_from(at.date_naive().num_days_from_ce()).unwrap_or(0)
}

impl Payer for Made {
    fn answer(&self, at: DateTime<Utc>, has_other_card: bool) -> Answer {
        if has_other_card || (at != self.begun && self.pays_at(at)) {
            return Answer::Paid;
        }
        let (code, class) = match self.kind {
            Kind::FirstOfMonth | Kind::Fifteenth | Kind::Friday | Kind::Broke => {
                ("insufficient_funds", Class::Insufficient)
            }
            Kind::NowAndThen => ("do_not_honor", Class::Later),
            Kind::Outage => ("issuer_not_available", Class::Outage),
            Kind::Expired => ("expired_card", Class::FixData),
            Kind::Lost => ("lost_card", Class::Never),
            Kind::Unauthenticated => ("authentication_required", Class::Authenticate),
        };
        Answer::Declined { code: Arc::from(code), class }
    }

    fn other_card_at(&self) -> Option<DateTime<Utc>> {
        self.other_card_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd() -> Currency {
        Currency::parse("USD").unwrap()
    }

    #[test]
    fn the_population_is_what_its_table_says() {
        let first = "2026-01-01T00:00:00Z".parse().unwrap();
        let payers: Vec<Case<Made>> = (0..20_000).map(|seed| payer(seed, first, usd())).collect();
        let share = |is: fn(&Case<Made>) -> bool| payers.iter().filter(|one| is(one)).count() / 20;
        assert!((265..295).contains(&share(|one| one.payer.kind == Kind::FirstOfMonth)));
        assert!((40..60).contains(&share(|one| one.payer.kind == Kind::Lost)));
        assert!((560..640).contains(&share(|one| one.network.as_deref() == Some("visa"))));
        assert!((40..60).contains(&share(|one| one.invoices.len() == 3)));
        assert!(
            payers
                .iter()
                .all(|one| matches!(one.payer.answer(one.payer.begun, false), Answer::Declined { .. }))
        );
        assert_eq!(payer(7, first, usd()), payer(7, first, usd()));
    }

    #[test]
    fn money_is_there_for_some_days_after_payday() {
        let first: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let made = Made { seed: 3, kind: Kind::Fifteenth, begun: first, other_card_at: None };
        let pays = |text: &str| made.pays_at(text.parse().unwrap());
        assert!(
            !pays("2026-02-14T23:00:00Z") && !pays("2026-02-15T05:59:00Z") && !pays("2026-02-21T12:00:00Z")
        );
        let paid = (0..200u64).filter(|seed| {
            Made { seed: *seed, ..made.clone() }.pays_at("2026-02-16T12:00:00Z".parse().unwrap())
        });
        assert!((165..195).contains(&paid.count()), "nine of ten");
    }
}
