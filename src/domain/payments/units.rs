//! How does a gateway write an amount? In its own smallest unit: 12.34 USD is 1234 to Stripe, 500 JPY is 500, 5 ISK is 500 all the same, and
//! 5.124 KWD cannot be charged.

use super::accounts::GatewayKind;
use crate::domain::money::{Currency, Money};

/// Currencies that Stripe takes without decimals.
const WHOLE: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
/// Currencies that Stripe takes with three decimals, the last of them 0.
const IN_THOUSANDTHS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];
/// The other currencies that Stripe takes: with two decimals, also where ISO 4217 has none (ISK, UGX).
const IN_HUNDREDTHS: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC CVE CZK \
    DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL \
    MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD STN \
    SZL THB TJS TOP TRY TTD TWD TZS UAH UGX USD UYU UZS WST XCD XCG YER ZAR ZMW";

/// What GoCardless debits, each with two decimals.
const DEBITED: [&str; 8] = ["AUD", "CAD", "DKK", "EUR", "GBP", "NZD", "SEK", "USD"];

/// Why an amount cannot be charged at a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchargeable {
    /// It does not take this currency.
    Currency,
    /// It does not take so fine an amount.
    TooFine,
}

/// Decimals with which Stripe takes a currency.
fn decimals(currency: &str) -> Option<u32> {
    if WHOLE.contains(&currency) {
        Some(0)
    } else if IN_THOUSANDTHS.contains(&currency) {
        Some(3)
    } else {
        IN_HUNDREDTHS.split_ascii_whitespace().any(|known| known == currency).then_some(2)
    }
}

/// An amount as the gateway takes it.
///
/// # Errors
/// [`Unchargeable`].
pub fn amount_at(gateway: GatewayKind, amount: Money) -> Result<i64, Unchargeable> {
    match gateway {
        GatewayKind::Stripe => at_stripe(amount),
        GatewayKind::Gocardless if DEBITED.contains(&amount.currency().code()) => Ok(amount.minor()),
        GatewayKind::Gocardless => Err(Unchargeable::Currency),
        GatewayKind::Simulator => Ok(amount.minor()),
    }
}

/// What an amount of the gateway is here; `None`: it does not fit.
#[must_use]
pub fn amount_from(gateway: GatewayKind, minor: i64, currency: Currency) -> Option<Money> {
    if gateway == GatewayKind::Gocardless {
        return DEBITED.contains(&currency.code()).then(|| Money::from_minor(minor, currency));
    }
    if gateway == GatewayKind::Simulator {
        return Some(Money::from_minor(minor, currency));
    }
    let (decimals, exponent) = (decimals(currency.code())?, currency.exponent());
    let minor = if decimals >= exponent {
        let factor = 10_i64.checked_pow(decimals - exponent)?;
        (minor % factor == 0).then_some(minor / factor)?
    } else {
        minor.checked_mul(10_i64.checked_pow(exponent - decimals)?)?
    };
    Some(Money::from_minor(minor, currency))
}

fn at_stripe(amount: Money) -> Result<i64, Unchargeable> {
    let currency = amount.currency();
    let decimals = decimals(currency.code()).ok_or(Unchargeable::Currency)?;
    let exponent = currency.exponent();
    let step = if decimals == 3 { 10 } else { 1 };
    let minor = if decimals >= exponent {
        let factor = 10_i64.checked_pow(decimals - exponent).ok_or(Unchargeable::TooFine)?;
        amount.minor().checked_mul(factor).ok_or(Unchargeable::TooFine)?
    } else {
        let factor = 10_i64.checked_pow(exponent - decimals).ok_or(Unchargeable::TooFine)?;
        if amount.minor() % factor != 0 {
            return Err(Unchargeable::TooFine);
        }
        amount.minor() / factor
    };
    // Both at once: five hundred ISK are fifty thousand, and no hundredth of one is taken.
    if minor % step != 0 { Err(Unchargeable::TooFine) } else { Ok(minor) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(major: &str, currency: &str) -> Result<i64, Unchargeable> {
        let currency = Currency::parse(currency).unwrap();
        amount_at(GatewayKind::Stripe, Money::parse_major(major, currency).unwrap())
    }

    #[test]
    fn amounts_are_written_with_the_decimals_that_stripe_takes() {
        assert_eq!(at("12.34", "USD"), Ok(1_234));
        assert_eq!(at("500", "JPY"), Ok(500));
        assert_eq!(at("5", "ISK"), Ok(500), "two decimals, though the krona has none");
        assert_eq!(at("5", "UGX"), Ok(500));
        assert_eq!(at("7.00", "MGA"), Ok(7), "none, though the ariary has two");
        assert_eq!(at("5.120", "KWD"), Ok(5_120));
        assert_eq!(at("10.45", "HUF"), Ok(1_045));
    }

    #[test]
    fn what_stripe_says_is_read_as_it_was_written() {
        for (major, currency) in [
            ("12.34", "USD"),
            ("500", "JPY"),
            ("5", "ISK"),
            ("7.00", "MGA"),
            ("5.120", "KWD"),
            ("10.45", "HUF"),
        ] {
            let currency = Currency::parse(currency).unwrap();
            let money = Money::parse_major(major, currency).unwrap();
            let there = amount_at(GatewayKind::Stripe, money).unwrap();
            assert_eq!(amount_from(GatewayKind::Stripe, there, currency), Some(money));
        }
    }

    #[test]
    fn what_stripe_does_not_take_is_refused_and_never_rounded() {
        assert_eq!(at("5.124", "KWD"), Err(Unchargeable::TooFine));
        assert_eq!(at("7.50", "MGA"), Err(Unchargeable::TooFine));
        assert_eq!(at("1.000", "LYD"), Err(Unchargeable::Currency));
        assert_eq!(at("1.00", "CUP"), Err(Unchargeable::Currency));
    }
}
