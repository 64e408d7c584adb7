//! Are published numbers taken, and is a slip in one of them refused? `DE113866163` is; with any one of its digits changed it is not.

use proptest::prelude::*;

use super::{Malformed, NumberKind, parse};

/// Numbers that authorities or their holders have published, as they are kept.
const PUBLISHED: [(&str, &str, &str); 71] = [
    ("eu_vat", "AT", "ATU14243102"),
    ("eu_vat", "BE", "BE0202239951"),
    ("eu_vat", "BG", "BG103873594"),
    ("eu_vat", "BG", "BG7111042925"),
    ("eu_vat", "CY", "CY10246672X"),
    ("eu_vat", "CZ", "CZ25123891"),
    ("eu_vat", "CZ", "CZ682127228"),
    ("eu_vat", "CZ", "CZ7103192745"),
    ("eu_vat", "DE", "DE113866163"),
    ("eu_vat", "DE", "DE136695976"),
    ("eu_vat", "DK", "DK10503280"),
    ("eu_vat", "EE", "EE100931558"),
    ("eu_vat", "ES", "ESA28184661"),
    ("eu_vat", "ES", "ESQ0818001J"),
    ("eu_vat", "ES", "ES54362315K"),
    ("eu_vat", "ES", "ESX2482300W"),
    ("eu_vat", "FI", "FI02459042"),
    ("eu_vat", "FR", "FR04409414364"),
    ("eu_vat", "FR", "FRK7399859412"),
    ("eu_vat", "FR", "FR53000004605"),
    ("eu_vat", "GR", "EL094259216"),
    ("eu_vat", "HR", "HR33392005961"),
    ("eu_vat", "HU", "HU12892312"),
    ("eu_vat", "IE", "IE6433435F"),
    ("eu_vat", "IE", "IE6433435OA"),
    ("eu_vat", "IE", "IE8D79739I"),
    ("eu_vat", "IT", "IT00743110157"),
    ("eu_vat", "LT", "LT119511515"),
    ("eu_vat", "LT", "LT100001919017"),
    ("eu_vat", "LT", "LT100004801610"),
    ("eu_vat", "LU", "LU15027442"),
    ("eu_vat", "LV", "LV40003521600"),
    ("eu_vat", "LV", "LV16117519997"),
    ("eu_vat", "LV", "LV32867300679"),
    ("eu_vat", "MT", "MT11679112"),
    ("eu_vat", "NL", "NL004495445B01"),
    ("eu_vat", "NL", "NL002455799B11"),
    ("eu_vat", "PL", "PL5211355116"),
    ("eu_vat", "PT", "PT501964843"),
    ("eu_vat", "RO", "RO11358544"),
    ("eu_vat", "RO", "RO1630615123457"),
    ("eu_vat", "SE", "SE556200077701"),
    ("eu_vat", "SI", "SI50223054"),
    ("eu_vat", "SK", "SK2022749619"),
    ("eu_vat", "GB", "XI432525179"),
    ("eu_oss_vat", "IE", "EU372022452"),
    ("gb_vat", "GB", "GB980780684"),
    ("gb_vat", "GB", "GB340804329"),
    ("gb_vat", "GB", "GB242338087388"),
    ("gb_vat", "GB", "GBGD001"),
    ("gb_vat", "GB", "GBHA599"),
    ("ch_vat", "CH", "CHE107787577IVA"),
    ("ch_vat", "CH", "CHE100155212MWST"),
    ("ch_uid", "CH", "CHE100155212"),
    ("no_vat", "NO", "965920358MVA"),
    ("au_abn", "AU", "51824753556"),
    ("nz_gst", "NZ", "49091850"),
    ("nz_gst", "NZ", "136410132"),
    ("sg_uen", "SG", "00192200M"),
    ("sg_uen", "SG", "197401143C"),
    ("sg_gst", "SG", "T01FC6132D"),
    ("sg_gst", "SG", "M90312345X"),
    ("jp_cn", "JP", "7010705000725"),
    ("jp_trn", "JP", "T7010705000725"),
    ("jp_trn", "JP", "T2810703528253"),
    ("in_gst", "IN", "27AAPFU0939F1ZV"),
    ("in_gst", "IN", "9917SGP29001OST"),
    ("ca_bn", "CA", "123026635"),
    ("ca_gst_hst", "CA", "123026635RT0001"),
    ("ca_qst", "CA", "1224002901TQ0001"),
    ("us_ein", "US", "911144442"),
];

/// Kinds of which any one changed digit must show: the kind, what stands before its digits, how many are made up, how many check them.
const SURE: [(&str, &str, usize, u32); 13] = [
    ("eu_vat", "ATU", 7, 1),
    ("eu_vat", "BE0", 7, 2),
    ("eu_vat", "DE", 8, 1),
    ("eu_vat", "DK", 7, 1),
    ("eu_vat", "EE", 8, 1),
    ("eu_vat", "FI", 7, 1),
    ("eu_vat", "HR", 10, 1),
    ("eu_vat", "HU", 7, 1),
    ("eu_vat", "IT0", 9, 1),
    ("eu_vat", "LU", 6, 2),
    ("eu_vat", "MT", 6, 2),
    ("eu_vat", "PL", 9, 1),
    ("ch_uid", "CHE", 8, 1),
];

fn kept(kind: &str, value: &str) -> Option<String> {
    parse(kind, value).ok().flatten().map(|number| number.value)
}

fn with_digit(value: &str, at: usize, digit: char) -> String {
    value.chars().enumerate().map(|(place, c)| if place == at { digit } else { c }).collect()
}

/// Every number that differs in one digit behind the first letters.
fn slips(value: &str) -> impl Iterator<Item = String> {
    let places = value.char_indices().filter(|(_, c)| c.is_ascii_digit());
    places.flat_map(move |(at, c)| {
        ('0'..='9').filter(move |&digit| digit != c).map(move |digit| with_digit(value, at, digit))
    })
}

#[test]
fn published_numbers_are_taken_as_they_are() {
    for (kind, country, value) in PUBLISHED {
        let number = parse(kind, value).unwrap_or_else(|malformed| panic!("{value}: {malformed}")).unwrap();
        assert_eq!((number.country, number.value.as_str()), (country, value));
        assert_eq!(kind, <&str>::from(number.kind));
    }
}

#[test]
fn every_member_state_has_a_published_number_here() {
    let mut states: Vec<&str> =
        PUBLISHED.iter().filter(|row| row.0 == "eu_vat").map(|row| &row.2[..2]).collect();
    states.dedup();
    assert_eq!(states.len(), 28, "27 and Northern Ireland: {states:?}");
}

#[test]
fn one_changed_digit_of_a_published_number_is_refused() {
    let sure = ["AT", "BE", "DE", "DK", "EE", "FI", "HR", "HU", "IT", "LU", "MT", "PL", "CY", "SE"];
    for (kind, country, value) in PUBLISHED {
        let is_sure = kind == "eu_vat" && sure.contains(&country)
            || ["ch_uid", "ch_vat", "no_vat", "au_abn", "in_gst"].contains(&kind);
        for slip in slips(value).filter(|_| is_sure) {
            assert!(
                matches!(parse(kind, &slip), Err(Malformed::Shape { .. } | Malformed::CheckDigit { .. })),
                "{slip}"
            );
        }
    }
}

#[test]
fn numbers_are_read_as_people_write_them() {
    let written = [
        ("eu_vat", "de 136 695 976", "DE136695976"),
        ("eu_vat", "DE\u{a0}136.695-976", "DE136695976"),
        ("eu_vat", "GR 094259216", "EL094259216"),
        ("eu_vat", "EL 94259216", "EL094259216"),
        ("eu_vat", "BE 202.239.951", "BE0202239951"),
        ("eu_vat", "nl 0044.95.445.b01", "NL004495445B01"),
        ("gb_vat", "980 7806 84", "GB980780684"),
        ("ch_vat", "CHE-107.787.577 IVA", "CHE107787577IVA"),
        ("no_vat", "NO 965 920 358 mva", "965920358MVA"),
        ("au_abn", "ABN 51 824 753 556", "51824753556"),
        ("nz_gst", "NZ 49-098-576", "49098576"),
        ("jp_trn", "7010705000725", "T7010705000725"),
        ("us_ein", "91-1144442", "911144442"),
        ("ca_gst_hst", "12302 6635 RT0001", "123026635RT0001"),
    ];
    for (kind, value, expected) in written {
        assert_eq!(kept(kind, value).as_deref(), Some(expected), "{value}");
    }
}

#[test]
fn northern_ireland_is_of_the_union_by_its_letters() {
    let number = parse("eu_vat", "XI432525179").unwrap().unwrap();
    assert!(number.is_northern_irish());
    assert_eq!((number.kind, number.country), (NumberKind::EuVat, "GB"));
    assert!(!parse("gb_vat", "GB432525179").unwrap().unwrap().is_northern_irish());
    assert!(parse("gb_vat", "XI432525179").is_err());
}

#[test]
fn a_type_without_a_rule_is_kept_as_text() {
    assert_eq!(parse("mx_rfc", "ABC010203AB9"), Ok(None));
    assert_eq!(parse("", ""), Ok(None));
}

#[test]
fn a_refusal_says_what_to_do() {
    let refusal = |kind, value| parse(kind, value).unwrap_err().to_string();
    let german = "a German VAT number is DE and nine digits, the last a check digit";
    assert_eq!(
        refusal("eu_vat", "DE13669597"),
        format!("{german}: read it again from the customer's document")
    );
    assert_eq!(
        refusal("eu_vat", "DE136695975"),
        format!(
            "{german}, and in this one they do not fit: a character is wrong or two are swapped, read it again from the customer's document"
        )
    );
    assert!(
        refusal("eu_vat", "136695976")
            .starts_with("a VAT number of the European Union begins with the two letters")
    );
    assert!(refusal("ch_vat", "CHE-107.787.577").contains("MWST, TVA, IVA or TPV"));
}

#[test]
fn what_the_official_rules_exclude_is_refused() {
    // Belgian check digits are 01 to 97: 0000000095 + 98 would be a multiple of 97 too.
    assert_eq!(kept("eu_vat", "BE0000009698"), None);
    // There is no month 41 of birth, no 30 February.
    assert_eq!(kept("eu_vat", "CZ7141192746"), None);
    assert_eq!(kept("eu_vat", "LV30027519997"), None);
    // A Dutch number is not filled up, an old Irish number has no ninth character.
    assert_eq!(kept("eu_vat", "NL4495445B01"), None);
    assert_eq!(kept("eu_vat", "IE8D79739IA"), None);
}

proptest! {
    #[test]
    fn any_changed_digit_shows(row in prop::sample::select(&SURE[..]), seed in any::<u64>(), at in any::<prop::sample::Index>(), step in 1..10_u32) {
        let (kind, before, made_up, checks) = row;
        let digits = format!("{:0width$}", seed % 10_u64.pow(made_up as u32), width = made_up);
        let ends = 0..10_u32.pow(checks);
        let all = ends.map(|end| format!("{before}{digits}{end:0width$}", width = checks as usize));
        let Some(value) = all.into_iter().find(|value| kept(kind, value).is_some()) else { return Ok(()) };
        let place = before.len() + at.index(made_up + checks as usize);
        let digit = value[place..=place].parse::<u32>().unwrap();
        let slip = with_digit(&value, place, char::from_digit((digit + step) % 10, 10).unwrap());
        prop_assert_eq!(kept(kind, &slip), None);
    }

    #[test]
    fn any_text_is_read_without_a_fault(row in prop::sample::select(&PUBLISHED[..]), text in "\\PC{0,20}", cut in any::<prop::sample::Index>()) {
        let _ = parse(row.0, &text);
        let _ = parse(row.0, &format!("{}{text}", &row.2[..cut.index(row.2.len())]));
    }

    #[test]
    fn what_is_kept_is_read_again_as_itself(row in prop::sample::select(&PUBLISHED[..]), at in any::<prop::sample::Index>(), digit in 0..10_u32) {
        let changed = with_digit(row.2, at.index(row.2.len()), char::from_digit(digit, 10).unwrap());
        if let Some(value) = kept(row.0, &changed) {
            prop_assert_eq!(kept(row.0, &value), Some(value));
        }
    }
}
