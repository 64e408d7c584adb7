//! How do countries outside the European Union write their tax numbers? A rule for each kind.
//!
//! `CHE-107.787.577 IVA` as a `ch_vat` is `CHE107787577IVA`: 5·1 + 4·0 + 3·7 + 2·7 + 7·8 + 6·7 + 5·5 + 4·7 + 7 = 198, a multiple of 11.

use super::checks::{digits, is_letter, last, luhn, part, value, weigh, weighs_zero};
use super::rule::{Form, Rule, form};

/// Australian Business Register: 1 is taken from the first digit; the first two digits are 11 to 99.
pub(super) static AUSTRALIA: Rule = Rule {
    also: &["ABN", "AU"],
    ..Rule::new(
        "AU",
        "an Australian business number",
        "eleven digits, the first two check digits",
        &[form("%%#########", is_australian), form("%0#########", is_australian)],
    )
};

/// Canada Revenue Agency, guide RC2: Luhn; behind it may stand a program account.
pub(super) static CANADA: Rule = Rule::new(
    "CA",
    "a Canadian business number",
    "nine digits, the last a check digit, and perhaps RC, RM, RP or RT and four digits",
    &[
        form("#########", is_canadian),
        form("#########RC####", is_canadian),
        form("#########RM####", is_canadian),
        form("#########RP####", is_canadian),
        form("#########RT####", is_canadian),
    ],
);

pub(super) static CANADA_GST: Rule = Rule::new(
    "CA",
    "a Canadian GST/HST number",
    "nine digits, the last a check digit, RT and four digits",
    &[form("#########RT####", is_canadian)],
);

/// Revenu Québec publishes a page that checks a number, not the rule; the weights fit 1224002901, 1214326422 and 1227494057.
pub(super) static QUEBEC: Rule = Rule::new(
    "CA",
    "a QST number of Québec",
    "ten digits, the last a check digit, TQ and four digits",
    &[form("##########TQ####", is_of_quebec)],
);

/// Ordinance on the UID, article 2, and eCH-0097.
pub(super) static SWITZERLAND: Rule = Rule {
    prefix: "CHE",
    ..Rule::new(
        "CH",
        "a Swiss business number (UID)",
        "CHE and nine digits, the last a check digit",
        &[form("#########", is_swiss)],
    )
};

pub(super) static SWITZERLAND_VAT: Rule = Rule {
    prefix: "CHE",
    ..Rule::new(
        "CH",
        "a Swiss VAT number",
        "CHE, nine digits, the last a check digit, and MWST, TVA, IVA or TPV (without them it is a ch_uid)",
        &[
            form("#########MWST", is_swiss),
            form("#########TVA", is_swiss),
            form("#########IVA", is_swiss),
            form("#########TPV", is_swiss),
        ],
    )
};

pub(super) static UNITED_KINGDOM: Rule = Rule {
    prefix: "GB",
    ..Rule::new(
        "GB",
        "a British VAT number",
        "GB and nine or twelve digits, the eighth and ninth check digits, or GD or HA and three digits (with XI it is an eu_vat)",
        &BRITISH,
    )
};

/// With GB in front, or with XI for goods in Northern Ireland: traders, their branches, departments of the government, health authorities.
pub(super) const BRITISH: [Form; 6] = [
    form("#########", is_british),
    form("############", is_british),
    form("GD###", is_british_office),
    form("HA###", is_british_office),
    form("GD8888#####", is_british_office),
    form("HA8888#####", is_british_office),
];

/// GSTN: state, permanent account number of the business, its registrations there, Z; or 99, year, country, number and OS for who supplies
/// online services from abroad. The last character is Luhn in base 36.
pub(super) static INDIA: Rule = Rule::new(
    "IN",
    "an Indian GSTIN",
    "fifteen characters: the state's two digits, the ten of the PAN, a digit or letter, Z and a check character",
    &[form("##@@@@@####@?Z?", is_indian), form("99##@@@#####OS?", |n| luhn(n, 36) == 0)],
);

pub(super) static JAPAN: Rule = Rule::new(
    "JP",
    "a Japanese corporate number",
    "thirteen digits, the first a check digit",
    &[form("%############", is_japanese)],
);

/// National Tax Agency: T and the corporate number; who has none gets a number of its own, the rule of whose first digit is not published.
pub(super) static JAPAN_TAX: Rule = Rule {
    prefix: "T",
    ..Rule::new(
        "JP",
        "a Japanese registration number",
        "T and thirteen digits, the first of a corporation's a check digit",
        &[form("%############", |n| !is_corporate(n) || is_japanese(n))],
    )
};

/// Brønnøysund registers: the number of the organisation, with MVA where it is registered for the tax.
pub(super) static NORWAY: Rule = Rule {
    also: &["NO"],
    ..Rule::new(
        "NO",
        "a Norwegian VAT number",
        "nine digits, the last a check digit, and MVA",
        &[form("#########MVA", |n| weighs_zero(n, &[3, 2, 7, 6, 5, 4, 3, 2, 1], 11))],
    )
};

/// Inland Revenue: the GST number is the IRD number.
pub(super) static NEW_ZEALAND: Rule = Rule {
    also: &["NZ"],
    ..Rule::new(
        "NZ",
        "a New Zealand GST number",
        "eight or nine digits, the last a check digit",
        &[form("########", is_of_new_zealand), form("#########", is_of_new_zealand)],
    )
};

/// ACRA: of businesses, of companies, of other entities.
pub(super) static SINGAPORE: Rule =
    Rule::new("SG", "a Singaporean UEN", "nine or ten characters, the last a check letter", &SINGAPOREAN);

/// IRAS: the UEN, or a number of its own with M, of which no rule is published.
pub(super) static SINGAPORE_GST: Rule = Rule::new(
    "SG",
    "a Singaporean GST number",
    "the UEN, of nine or ten characters, the last a check letter, or M and eight or nine characters",
    &[
        SINGAPOREAN[0],
        SINGAPOREAN[1],
        SINGAPOREAN[2],
        SINGAPOREAN[3],
        SINGAPOREAN[4],
        form("M########", |_| true),
        form("M?#######?", |_| true),
    ],
);

const SINGAPOREAN: [Form; 5] = [
    form("########@", |n| is_singaporean(n, "XMKECAWLJDB", &[10, 4, 9, 3, 8, 2, 7, 1])),
    form("#########@", |n| is_singaporean(n, "ZKCMDNERGWH", &[10, 8, 6, 4, 9, 7, 5, 3, 1])),
    form("R##@@####?", is_other_singaporean),
    form("S##@@####?", is_other_singaporean),
    form("T##@@####?", is_other_singaporean),
];

/// Internal Revenue Service, "How EINs are assigned and valid EIN prefixes"; it has no check digit.
pub(super) static UNITED_STATES: Rule = Rule::new(
    "US",
    "an American EIN",
    "nine digits, the first two a prefix that the Internal Revenue Service gives out",
    &[form(
        "#########",
        |n| !matches!(value(part(n, 0..2)), 0 | 7..=9 | 17..=19 | 28 | 29 | 49 | 69 | 70 | 78 | 79 | 89 | 96 | 97),
    )],
);

fn is_australian(number: &str) -> bool {
    // Instead of taking 1 from the first digit, its weight from the sum.
    value(part(number, 0..2)) > 10 && weigh(number, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) % 89 == 10
}

fn is_canadian(number: &str) -> bool {
    luhn(part(number, 0..9), 10) == 0
}

fn is_of_quebec(number: &str) -> bool {
    let check = (11 - weigh(number, &[4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 10;
    check == last(part(number, 0..10)) && !number.ends_with("0000")
}

fn is_swiss(number: &str) -> bool {
    weighs_zero(number, &[5, 4, 3, 2, 7, 6, 5, 4, 1], 11)
}

/// MOD 97, or from 2010 and from 100 on also "9755": 55 more.
fn is_british(number: &str) -> bool {
    let sum = weigh(number, &[8, 7, 6, 5, 4, 3, 2, 10, 1]);
    sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97) && !number.starts_with('0')
}

/// Departments are 000 to 499, health authorities 500 to 999; the longer form has the remainder by 97 behind it.
fn is_british_office(number: &str) -> bool {
    let is_long = number.len() > 5;
    let office = value(part(number, if is_long { 6..9 } else { 2..5 }));
    let fits = !is_long || office % 97 == value(part(number, 9..11));
    fits && number.starts_with("GD") == (office < 500)
}

fn is_indian(number: &str) -> bool {
    let is_state = matches!(value(part(number, 0..2)), 1..=38 | 97);
    let is_holder = part(number, 5..6).contains(['A', 'B', 'C', 'F', 'G', 'H', 'J', 'K', 'L', 'P', 'T']);
    let has_serial = part(number, 7..11) != "0000" && part(number, 12..13) != "0";
    is_state && is_holder && has_serial && luhn(number, 36) == 0
}

/// What the last twelve digits of a corporation begin with: its registry, or 7.
fn is_corporate(number: &str) -> bool {
    part(number, 1..2).contains(['0', '1', '2', '3', '4', '5', '7'])
}

fn is_japanese(number: &str) -> bool {
    let others = digits(number).rev().take(12).zip([1, 2].into_iter().cycle());
    u64::from(9 - others.map(|(digit, weight)| digit * weight).sum::<u32>() % 9) == value(part(number, 0..1))
}

/// Numbers begin at 10,000,000. The upper bound of 150,000,000 in the specification of 2016 was set for ten years: it is 299,999,999 here.
fn is_of_new_zealand(number: &str) -> bool {
    let full = format!("{number:0>9}");
    let check = match 11 - weigh(&full, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
        10 => 11 - weigh(&full, &[7, 4, 3, 2, 5, 2, 7, 6]) % 11,
        check => check,
    };
    // A remainder of 0 makes 11, which is 0; a second 10 is never given.
    (10_000_001..300_000_000).contains(&value(number)) && check % 11 == last(number)
}

fn is_singaporean(number: &str, letters: &str, weights: &[u32]) -> bool {
    is_letter(letters, (weigh(number, weights) % 11).into(), part(number, weights.len()..weights.len() + 1))
}

/// Since 2009: the year, the kind of entity and a number, all weighed by their place in an alphabet of their own.
fn is_other_singaporean(number: &str) -> bool {
    const ALPHABET: &str = "ABCDEFGHJKLMNPQRSTUVWX0123456789";
    const ENTITIES: &str = "CC CD CH CL CM CP CS CX DP FB FC FM FN GA GB GS HS LL LP MB MC MD MH MM MQ NB NR PA PB PF RF RP SM SS TC TU VH XL";
    let places = part(number, 0..9).chars().filter_map(|c| u64::try_from(ALPHABET.find(c)?).ok());
    let sum: u64 = places.zip([4, 3, 5, 3, 10, 2, 2, 5, 7]).map(|(place, weight)| place * weight).sum();
    let is_entity = ENTITIES.split(' ').any(|entity| entity == part(number, 3..5));
    // 6 is -5 by 11.
    is_entity && is_letter(ALPHABET, (sum + 6) % 11, part(number, 9..10))
}
