//! How does each member state of the European Union write its VAT numbers? A table, and the one-stop shop's.
//!
//! `DE136695976`: DE and nine digits, by ISO 7064 MOD 11,10.
//!
//! The shapes are those of the page of VIES ("VAT identification number structure"), the check digits those of the Commission's "VAT number
//! construction rules" (VIES functional description, version 15), where nothing else is said.

use super::checks::{is_mod_11_10, is_weighed_twice, last, luhn, part, value, weigh, weighs_zero};
use super::elsewhere;
use super::member_states::{
    is_belgian, is_cypriot, is_czech_company, is_czech_special, is_dutch, is_french_by_digits,
    is_french_by_letters, is_greek, is_irish, is_italian, is_lithuanian, is_old_irish, is_romanian_company,
    is_slovak, is_slovenian, is_spanish_company,
};
use super::persons::{
    is_bulgarian_person, is_czech_person, is_latvian_person, is_romanian_person, spanish_letter,
};
use super::rule::{Form, Rule, form};

/// Of the member state, or Northern Ireland, whose letters a number begins with.
pub(super) fn rule(text: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|rule| text.starts_with(rule.prefix) || rule.also.iter().any(|prefix| text.starts_with(prefix)))
}

const fn state(
    country: &'static str,
    name: &'static str,
    looks: &'static str,
    forms: &'static [Form],
) -> Rule {
    Rule { prefix: country, ..Rule::new(country, name, looks, forms) }
}

static RULES: [Rule; 28] = [
    state(
        "AT",
        "an Austrian VAT number",
        "ATU and eight digits, the last a check digit",
        &[form("U########", |n| (luhn(part(n, 1..8), 10) + last(n)) % 10 == 6)],
    ),
    Rule {
        // Until 2005 a Belgian number had nine digits.
        filled_to: 10,
        ..state(
            "BE",
            "a Belgian VAT number",
            "BE and ten digits, the first a 0 or 1, the last two check digits",
            &[form("0#########", is_belgian), form("1#########", is_belgian)],
        )
    },
    state(
        "BG",
        "a Bulgarian VAT number",
        "BG and nine digits, or ten for a person, the last a check digit",
        &[
            form("#########", |n| is_weighed_twice(n, &[1, 2, 3, 4, 5, 6, 7, 8], &[3, 4, 5, 6, 7, 8, 9, 10])),
            form("##########", is_bulgarian_person),
        ],
    ),
    state(
        "CY",
        "a Cypriot VAT number",
        "CY, eight digits and a check letter",
        &[form("########@", is_cypriot)],
    ),
    state(
        "CZ",
        "a Czech VAT number",
        "CZ and eight digits, the last a check digit, or the nine or ten of a person's birth number",
        &[
            form("########", is_czech_company),
            form("6########", is_czech_special),
            form("#########", |n| !n.starts_with('6') && is_czech_person(n)),
            form("##########", is_czech_person),
        ],
    ),
    state(
        "DE",
        "a German VAT number",
        "DE and nine digits, the last a check digit",
        &[form("%########", is_mod_11_10)],
    ),
    state(
        "DK",
        "a Danish VAT number",
        "DK and eight digits, the last a check digit",
        &[form("%#######", |n| weighs_zero(n, &[2, 7, 6, 5, 4, 3, 2, 1], 11))],
    ),
    state(
        "EE",
        "an Estonian VAT number",
        "EE and nine digits, the last a check digit",
        &[form("#########", |n| weighs_zero(n, &[3, 7, 1, 3, 7, 1, 3, 7, 1], 10))],
    ),
    Rule {
        prefix: "EL",
        also: &["GR"],
        // Old Greek numbers had eight digits.
        filled_to: 9,
        ..state(
            "GR",
            "a Greek VAT number",
            "EL and nine digits, the last a check digit",
            &[form("#########", is_greek)],
        )
    },
    state(
        "ES",
        "a Spanish VAT number",
        "ES and nine characters, the first or the last a letter, the last a check digit or letter",
        &[
            form("########@", spanish_letter),
            form("X#######@", spanish_letter),
            form("Y#######@", spanish_letter),
            form("Z#######@", spanish_letter),
            form("K#######@", spanish_letter),
            form("L#######@", spanish_letter),
            form("M#######@", spanish_letter),
            form("@#######?", is_spanish_company),
        ],
    ),
    state(
        "FI",
        "a Finnish VAT number",
        "FI and eight digits, the last a check digit",
        &[form("########", |n| weighs_zero(n, &[7, 9, 10, 5, 8, 4, 2, 1], 11))],
    ),
    state(
        "FR",
        "a French VAT number",
        "FR, two check digits or letters and the nine digits of the SIREN, the last a check digit too",
        &[form("###########", is_french_by_digits), form("??#########", is_french_by_letters)],
    ),
    state(
        "HR",
        "a Croatian VAT number",
        "HR and eleven digits, the last a check digit",
        &[form("###########", is_mod_11_10)],
    ),
    state(
        "HU",
        "a Hungarian VAT number",
        "HU and eight digits, the last a check digit",
        &[form("########", |n| weighs_zero(n, &[9, 7, 3, 1, 9, 7, 3, 1], 10))],
    ),
    state(
        "IE",
        "an Irish VAT number",
        "IE, seven digits, a check letter and perhaps one more letter, or the older form with a letter, + or * after the first digit",
        &[
            form("#######@", |n| is_irish(n, part(n, 7..8), "")),
            form("#######@@", |n| is_irish(n, part(n, 7..8), part(n, 8..9))),
            form("#@#####@", is_old_irish),
            form("#+#####@", is_old_irish),
            form("#*#####@", is_old_irish),
        ],
    ),
    state(
        "IT",
        "an Italian VAT number",
        "IT and eleven digits, the last a check digit",
        &[form("###########", is_italian)],
    ),
    state(
        "LT",
        "a Lithuanian VAT number",
        "LT and nine digits, or twelve, the last but one a 1 and the last a check digit",
        &[form("#######1#", is_lithuanian), form("##########1#", is_lithuanian)],
    ),
    state(
        "LU",
        "a Luxembourgish VAT number",
        "LU and eight digits, the last two check digits",
        &[form("########", |n| value(n) / 100 % 89 == value(n) % 100)],
    ),
    state(
        "LV",
        "a Latvian VAT number",
        "LV and eleven digits, the last a check digit",
        &[form("###########", |n| match n.starts_with(['0', '1', '2', '3']) {
            true => is_latvian_person(n),
            false => weigh(n, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3,
        })],
    ),
    state(
        "MT",
        "a Maltese VAT number",
        "MT and eight digits, the last two check digits",
        &[form("%#######", |n| weighs_zero(n, &[3, 4, 6, 7, 8, 9, 10, 1], 37))],
    ),
    state(
        "NL",
        "a Dutch VAT number",
        "NL, nine digits, B and two digits, with check digits",
        &[form("#########B##", is_dutch)],
    ),
    state(
        "PL",
        "a Polish VAT number",
        "PL and ten digits, the last a check digit",
        // 10 is -1 by 11: the last digit is what the others come to.
        &[form("##########", |n| weighs_zero(n, &[6, 5, 7, 2, 3, 4, 5, 6, 7, 10], 11))],
    ),
    state(
        "PT",
        "a Portuguese VAT number",
        "PT and nine digits, the last a check digit",
        &[form("%########", |n| (11 - weigh(n, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10 == last(n))],
    ),
    state(
        "RO",
        "a Romanian VAT number",
        "RO and two to ten digits, or the thirteen of a person, the last a check digit",
        &[
            form("%#~", |n| n.len() <= 10 && is_romanian_company(n)),
            form("%############", is_romanian_person),
        ],
    ),
    state(
        "SE",
        "a Swedish VAT number",
        "SE, ten digits, the last of them a check digit, and 01",
        &[form("##########01", |n| luhn(part(n, 0..10), 10) == 0)],
    ),
    state(
        "SI",
        "a Slovenian VAT number",
        "SI and eight digits, the last a check digit",
        &[form("%#######", is_slovenian)],
    ),
    state(
        "SK",
        "a Slovak VAT number",
        "SK and ten digits, a multiple of 11",
        &[form("##########", is_slovak)],
    ),
    Rule {
        country: "GB",
        ..state(
            "XI",
            "a VAT number of Northern Ireland",
            "XI and nine or twelve digits, the eighth and ninth check digits, or GD or HA and three digits",
            &elsewhere::BRITISH,
        )
    },
];

/// Articles 358 to 369zc of Directive 2006/112/EC; the check digit's rule is not public.
pub(super) static ONE_STOP_SHOP: Rule = Rule::new(
    "",
    "a number of the one-stop shop",
    "EU and nine digits, or IM and ten, the first three the numeric code of the member state that gave it",
    &[form("EU#########", is_of_a_state), form("IM##########", is_of_a_state)],
);

/// The numeric codes of ISO 3166-1; 900 is Northern Ireland.
const STATES: [(u64, &str); 28] = [
    (40, "AT"),
    (56, "BE"),
    (100, "BG"),
    (191, "HR"),
    (196, "CY"),
    (203, "CZ"),
    (208, "DK"),
    (233, "EE"),
    (246, "FI"),
    (250, "FR"),
    (276, "DE"),
    (300, "GR"),
    (348, "HU"),
    (372, "IE"),
    (380, "IT"),
    (428, "LV"),
    (440, "LT"),
    (442, "LU"),
    (470, "MT"),
    (528, "NL"),
    (616, "PL"),
    (620, "PT"),
    (642, "RO"),
    (703, "SK"),
    (705, "SI"),
    (724, "ES"),
    (752, "SE"),
    (900, "GB"),
];

/// The member state that gave a number of the one-stop shop: `EU372022452` is of Ireland.
pub(super) fn state_of_identification(number: &str) -> &'static str {
    let code = value(part(number, 2..5));
    STATES.iter().find(|state| state.0 == code).map(|state| state.1).unwrap_or_default()
}

fn is_of_a_state(number: &str) -> bool {
    !state_of_identification(number).is_empty()
}
