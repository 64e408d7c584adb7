//! What is paid in cash where there are no coins for the rest? The nearest amount that there are coins for: 10.03 francs are 10.05, 10.02 are 10.00;
//! the half is rounded up. What an invoice says is due stays: the difference is a gain or a loss of whoever takes the cash.

use std::collections::BTreeMap;

use crate::domain::fields::{Faults, below};
use crate::domain::money::{Currency, Money};

/// By currency: the smallest amount that cash is rounded to, as it is written, `0.05`; `0` where it is not rounded.
pub type CashRounding = BTreeMap<String, String>;

/// Most currencies for which an entity says so, and the largest amount.
const MOST: usize = 50;
const LARGEST: i64 = 100_000;

/// Where cash is rounded by law or usage: a currency, the countries (none: wherever it is paid with), the step in minor units, and by what.
const CUSTOMARY: &[(&str, &[&str], i64, &str)] = &[
    ("AUD", &[], 5, "coins of 1 and 2 cents withdrawn in 1992"),
    ("CAD", &[], 5, "coins of 1 cent withdrawn on 4 February 2013"),
    ("CHF", &[], 5, "SR 941.101, Münzverordnung: the smallest coin is of 5 centimes"),
    ("CZK", &[], 100, "Act 634/1992, section 3 (1) c"),
    ("DKK", &[], 50, "coins of 25 øre withdrawn on 1 October 2008"),
    ("EUR", &["BE"], 5, "Code de droit économique, VI.7/1"),
    ("EUR", &["EE"], 5, "since 1 January 2025"),
    ("EUR", &["FI"], 5, "Act 890/2000"),
    ("EUR", &["IE"], 5, "rounding of the Central Bank of Ireland, since 28 October 2015"),
    ("EUR", &["IT"], 5, "D.L. 50/2017, article 13-quater"),
    ("EUR", &["LT"], 5, "since 1 May 2025"),
    ("EUR", &["NL"], 5, "since 1 September 2004"),
    ("EUR", &["SK"], 5, "Act 18/1996, section 3, since 1 July 2022"),
    ("HUF", &[], 500, "Act III of 2008"),
    ("ILS", &[], 10, "coins of 5 agorot withdrawn on 1 January 2008"),
    ("MYR", &[], 5, "Rounding Mechanism, since 1 April 2008"),
    ("NOK", &[], 100, "coins of 50 øre withdrawn on 1 May 2012"),
    ("NZD", &[], 10, "coins of 5 cents withdrawn on 31 October 2006"),
    ("SEK", &[], 100, "Act 1970:1029"),
];

/// What cash in a currency is rounded to by an entity that is established in a country, and says this of it; `None`: to nothing.
#[must_use]
pub fn step(currency: Currency, country: Option<&str>, own: &CashRounding) -> Option<Money> {
    let said = own.get(currency.code()).and_then(|text| Money::parse_major(text, currency).ok());
    let customary = || {
        let holds = |(code, countries, _, _): &&(&str, &[&str], i64, &str)| {
            *code == currency.code()
                && (countries.is_empty() || country.is_some_and(|country| countries.contains(&country)))
        };
        CUSTOMARY.iter().find(holds).map(|(_, _, step, _)| Money::from_minor(*step, currency))
    };
    said.or_else(customary).filter(|step| step.is_positive())
}

/// Notes what is wrong with what an entity says.
pub(super) fn check(said: &CashRounding, faults: &mut Faults) {
    if said.len() > MOST {
        let detail = format_args!("an entity says of at most {MOST} currencies how cash is rounded");
        faults.add("/cash_rounding", "too_many", detail);
    }
    for (code, text) in said.iter().take(MOST) {
        let at = below("/cash_rounding", code);
        let Some(currency) = faults.keep(&at, "unknown_currency", Currency::parse(code)) else { continue };
        let step = Money::parse_major(text, currency).ok().map(Money::minor);
        if !step.is_some_and(|step| (0..=LARGEST).contains(&step)) {
            let detail =
                "this is the smallest amount that cash is rounded to, such as 0.05, or 0 where it is not";
            faults.add(at, "out_of_range", detail);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::round_to_step;

    fn rounded(due: &str, code: &str, country: Option<&str>, own: &[(&str, &str)]) -> String {
        let currency = Currency::parse(code).unwrap();
        let own = own.iter().map(|(code, text)| ((*code).to_owned(), (*text).to_owned())).collect();
        let due = Money::parse_major(due, currency).unwrap();
        step(currency, country, &own).map_or(due, |step| round_to_step(due, step).unwrap()).to_major_string()
    }

    #[test]
    fn cash_is_rounded_to_the_nearest_coin_and_the_half_up() {
        for (due, francs) in [
            ("10.00", "10.00"),
            ("10.02", "10.00"),
            ("10.03", "10.05"),
            ("10.07", "10.05"),
            ("10.08", "10.10"),
            ("0.02", "0.00"),
        ] {
            assert_eq!(rounded(due, "CHF", Some("CH"), &[]), francs);
        }
        for (due, kroner) in [("10.24", "10.00"), ("10.25", "10.50"), ("10.74", "10.50"), ("10.75", "11.00")]
        {
            assert_eq!(rounded(due, "DKK", Some("DK"), &[]), kroner);
        }
        assert_eq!(rounded("10.50", "SEK", None, &[]), "11.00");
        assert_eq!(rounded("1234.00", "HUF", None, &[]), "1235.00");
        assert_eq!(rounded("10.05", "NZD", Some("NZ"), &[]), "10.10");
    }

    #[test]
    fn euros_are_rounded_where_the_country_does_so_and_an_entity_may_say_otherwise() {
        assert_eq!(rounded("10.03", "EUR", Some("FI"), &[]), "10.05");
        assert_eq!(rounded("10.03", "EUR", Some("FR"), &[]), "10.03");
        assert_eq!(rounded("10.03", "EUR", Some("FI"), &[("EUR", "0")]), "10.03");
        assert_eq!(rounded("10.03", "EUR", Some("FR"), &[("EUR", "0.10")]), "10.00");
        assert_eq!(rounded("10.03", "USD", Some("US"), &[]), "10.03");
    }

    #[test]
    fn what_cannot_be_a_coin_is_refused() {
        let mut faults = Faults::none();
        let said =
            [("EUR", "0.05"), ("CHF", "0"), ("XYZ", "1"), ("SEK", "-1"), ("NOK", "0.001"), ("HUF", "many")];
        let said = said.into_iter().map(|(code, text)| (code.to_owned(), text.to_owned())).collect();
        check(&said, &mut faults);
        let wrong: Vec<String> =
            faults.into_result().unwrap_err().errors.into_iter().map(|fault| fault.pointer).collect();
        let expected = ["HUF", "NOK", "SEK", "XYZ"].map(|code| format!("/cash_rounding/{code}"));
        assert_eq!(wrong, expected);
    }
}
