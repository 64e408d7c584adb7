//! Where is a buyer? A postal address whose country is ISO 3166-1 alpha-2: `DE`, never `Germany` or `de`.

use serde::{Deserialize, Serialize};

use crate::domain::fields::{Faults, below};

const LINE_LENGTH: usize = 200;

/// A postal address. Which lines a country uses is its own affair, so only the country is required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub line1: Option<String>,
    pub line2: Option<String>,
    pub city: Option<String>,
    pub postal_code: Option<String>,
    /// State, province or region.
    pub state: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

impl Address {
    /// Notes each part at fault, with pointers below `at`.
    pub fn check(&self, at: &str, faults: &mut Faults) {
        let parts = [
            ("line1", &self.line1),
            ("line2", &self.line2),
            ("city", &self.city),
            ("postal_code", &self.postal_code),
            ("state", &self.state),
        ];
        for (name, text) in parts {
            faults.check_optional(&below(at, name), text.as_deref(), LINE_LENGTH);
        }
        if !is_country(&self.country) {
            let detail = "a country is its ISO 3166-1 code of two upper-case letters, such as DE";
            faults.add(below(at, "country"), "unknown_country", detail);
        }
    }
}

/// Whether ISO 3166-1 assigns this alpha-2 code to a country.
#[must_use]
pub fn is_country(code: &str) -> bool {
    code.len() == 2 && COUNTRIES.split_ascii_whitespace().any(|country| country == code)
}

/// The 249 officially assigned codes of ISO 3166-1 alpha-2.
const COUNTRIES: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP \
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT \
MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ \
UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_249_countries_each_once_in_order() {
        let codes: Vec<&str> = COUNTRIES.split_ascii_whitespace().collect();
        assert_eq!(codes.len(), 249);
        assert!(codes.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_country_is_two_upper_case_letters_on_the_list() {
        assert!(is_country("DE") && is_country("XX") == is_country("EU"));
        for code in ["", "de", "DEU", "Germany", "UK", "XX", "EU", "A ", " "] {
            assert!(!is_country(code), "{code:?}");
        }
    }
}
