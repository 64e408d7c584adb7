//! What does a decline mean? A row of a table says it: `do_not_honor` is to be tried again later, unless the network advises `03`, never.
//!
//! The row that says the most of a decline wins: one that names code and advice before one that names the code. Of two that say as much the
//! stricter wins. Only fields are read, never texts. What no row knows is tried again later, and somebody is to look at it.

use std::sync::LazyLock;

use chrono::TimeDelta;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// What is to be done about a decline, from the mildest to the strictest.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Class {
    /// Gateway or issuer was not there: tried again within minutes.
    Outage,
    /// It may pass another day.
    Later,
    /// There was not enough money.
    Insufficient,
    /// What is known of the card or account is wrong or old.
    FixData,
    /// The payer has to agree in person.
    Authenticate,
    /// The issuer suspects fraud.
    Fraud,
    /// The method must not be tried again.
    Never,
}

impl Class {
    /// Whether the method is not tried again for what it was declined for; another one may be.
    #[must_use]
    pub const fn ends_method(self) -> bool {
        matches!(self, Class::FixData | Class::Authenticate | Class::Fraud | Class::Never)
    }

    /// Whether it is the card itself that is not tried again, at whatever account.
    #[must_use]
    pub const fn ends_card(self) -> bool {
        matches!(self, Class::Fraud | Class::Never)
    }

    /// What the customer is told.
    #[must_use]
    pub const fn customer_message(self) -> &'static str {
        match self {
            Class::Outage => {
                "Your bank could not be reached. We try again shortly; there is nothing you need to do."
            }
            Class::Later => {
                "Your bank declined the payment. We try again; you can pay with another method meanwhile."
            }
            Class::Insufficient => {
                "There was not enough money on your account. We try again; you can pay with another method meanwhile."
            }
            Class::FixData => "Your card or account has expired or changed. Please give us a new one.",
            Class::Authenticate => "Your bank wants you to confirm the payment. Please confirm it.",
            // Not told apart from any other no: a thief learns nothing.
            Class::Fraud | Class::Never => {
                "Your bank declined the payment for good. Please use another card or account."
            }
        }
    }

    /// What is to be done next: `wait`, `update_payment_method`, `authenticate` or `use_another_payment_method`.
    #[must_use]
    pub const fn next_action(self) -> &'static str {
        match self {
            Class::Outage | Class::Later | Class::Insufficient => "wait",
            Class::FixData => "update_payment_method",
            Class::Authenticate => "authenticate",
            Class::Fraud | Class::Never => "use_another_payment_method",
        }
    }
}

/// What a gateway says of a decline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decline<'a> {
    pub gateway: &'a str,
    pub code: &'a str,
    /// The network's or issuer's own code.
    pub network_code: Option<&'a str>,
    /// What the network or the gateway advises.
    pub advice_code: Option<&'a str>,
}

/// What it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    pub class: Class,
    /// The network asks to wait so long.
    pub wait: Option<TimeDelta>,
    /// Whether a row knows it.
    pub known: bool,
}

/// One row; an empty field says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub gateway: Option<&'static str>,
    pub code: Option<&'static str>,
    pub network_code: Option<&'static str>,
    pub advice_code: Option<&'static str>,
    pub class: Class,
    pub wait_hours: Option<i64>,
    pub source: &'static str,
}

impl Row {
    fn fits(&self, decline: &Decline<'_>) -> bool {
        let says = |row: Option<&str>, said: Option<&str>| row.is_none() || row == said;
        says(self.gateway, Some(decline.gateway))
            && says(self.code, Some(decline.code))
            && says(self.network_code, decline.network_code)
            && says(self.advice_code, decline.advice_code)
    }

    /// How much it says.
    fn says(&self) -> usize {
        [self.gateway, self.code, self.network_code, self.advice_code].iter().flatten().count()
    }
}

static ROWS: LazyLock<Vec<Row>> =
    LazyLock::new(|| include_str!("codes.csv").lines().skip(1).filter_map(read).collect());

/// Every row there is, in the order of the file.
#[must_use]
pub fn rows() -> &'static [Row] {
    &ROWS
}

/// What a decline means.
#[must_use]
pub fn meaning(decline: &Decline<'_>) -> Meaning {
    let fitting = || ROWS.iter().filter(|row| row.fits(decline));
    let wait = fitting().filter_map(|row| row.wait_hours).max().map(TimeDelta::hours);
    match fitting().max_by_key(|row| (row.says(), row.class)) {
        Some(row) => Meaning { class: row.class, wait, known: true },
        None => Meaning { class: Class::Later, wait, known: false },
    }
}

fn read(line: &'static str) -> Option<Row> {
    let mut columns = line.splitn(7, ',').map(|text| if text.is_empty() { None } else { Some(text) });
    let mut column = || columns.next().flatten();
    let (gateway, code) = (column(), column());
    let (network_code, advice_code) = (column(), column());
    let class = column()?.parse().ok()?;
    let wait_hours = match column() {
        Some(hours) => Some(hours.parse().ok()?),
        None => None,
    };
    Some(Row { gateway, code, network_code, advice_code, class, wait_hours, source: column()? })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn meant(code: &str, network_code: Option<&str>, advice_code: Option<&str>) -> Meaning {
        meaning(&Decline { gateway: "stripe", code, network_code, advice_code })
    }

    #[test]
    fn every_row_of_the_file_is_read_and_no_two_say_of_the_same() {
        assert_eq!(rows().len(), include_str!("codes.csv").lines().count() - 1);
        let keys: HashSet<_> =
            rows().iter().map(|row| (row.gateway, row.code, row.network_code, row.advice_code)).collect();
        assert_eq!(keys.len(), rows().len());
        assert!(rows().iter().all(|row| row.says() > 0));
    }

    #[test]
    fn each_class_has_codes_and_those_that_end_a_method_ask_the_customer() {
        for class in Class::VARIANTS {
            assert!(rows().iter().any(|row| row.class == *class), "{class:?}");
            assert_eq!(class.ends_method(), class.next_action() != "wait", "{class:?}");
        }
    }

    #[test]
    fn a_decline_means_what_its_code_its_network_code_and_its_advice_say_the_strictest_of_what_says_as_much()
    {
        let table = [
            ("stolen_card", None, None, Class::Never),
            ("insufficient_funds", None, None, Class::Insufficient),
            ("authentication_required", None, None, Class::Authenticate),
            ("expired_card", None, None, Class::FixData),
            ("fraudulent", None, None, Class::Fraud),
            ("issuer_not_available", None, None, Class::Outage),
            ("do_not_honor", None, None, Class::Later),
            ("do_not_honor", Some("51"), None, Class::Insufficient),
            ("generic_decline", Some("41"), None, Class::Never),
            ("do_not_honor", Some("05"), Some("03"), Class::Never),
            ("do_not_honor", None, Some("01"), Class::FixData),
            ("stolen_card", None, Some("02"), Class::Never),
            ("insufficient_funds", None, Some("try_again_later"), Class::Insufficient),
        ];
        for (code, network_code, advice_code, class) in table {
            assert_eq!(
                meant(code, network_code, advice_code).class,
                class,
                "{code} {network_code:?} {advice_code:?}"
            );
        }
    }

    #[test]
    fn an_advice_code_says_how_long_to_wait() {
        let hours = |advice| meant("do_not_honor", None, Some(advice)).wait.map(|wait| wait.num_hours());
        let waits: Vec<Option<i64>> =
            ["24", "25", "26", "27", "28", "29", "30", "02"].map(hours).into_iter().collect();
        assert_eq!(waits, [Some(1), Some(24), Some(48), Some(96), Some(144), Some(192), Some(240), None]);
    }

    #[test]
    fn what_nobody_knows_is_tried_again_later_and_said_to_be_unknown() {
        let unknown = meant("a_code_of_tomorrow", Some("ZZ"), Some("99"));
        assert_eq!(unknown, Meaning { class: Class::Later, wait: None, known: false });
        assert!(meant("stolen_card", None, None).known);
    }
}
