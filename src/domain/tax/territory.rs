//! Which parts of countries have a tax law apart? Islands, enclaves and free zones, known by their postal codes.
//!
//! Sources: Council Directive 2006/112/EC articles 5 to 7 (territorial scope), 104 and 105 (regional rates), Spanish Law 20/1991 (IGIC),
//! Law 8/1991 (IPSI), French CGI article 296 (overseas departments).

/// The tax law of a country, as far as rules differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Area {
    /// The European Union's VAT.
    EuVat,
    UnitedKingdom,
    /// Switzerland with Liechtenstein.
    Switzerland,
    Norway,
    Canada,
    UnitedStates,
    Australia,
    NewZealand,
    Singapore,
    Japan,
    India,
    Elsewhere,
}

/// The member states of the European Union.
pub(super) const MEMBER_STATES: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT",
    "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

impl Area {
    /// The law of a country as a whole.
    #[must_use]
    pub fn of(country: &str) -> Area {
        match country {
            "GB" => Area::UnitedKingdom,
            "CH" => Area::Switzerland,
            "NO" => Area::Norway,
            "CA" => Area::Canada,
            "US" => Area::UnitedStates,
            "AU" => Area::Australia,
            "NZ" => Area::NewZealand,
            "SG" => Area::Singapore,
            "JP" => Area::Japan,
            "IN" => Area::India,
            _ if MEMBER_STATES.contains(&country) => Area::EuVat,
            _ => Area::Elsewhere,
        }
    }

    /// Whether the tax there depends on the subdivision.
    #[must_use]
    pub fn taxes_by_subdivision(self) -> bool {
        matches!(self, Area::Canada | Area::UnitedStates | Area::India)
    }
}

/// The country whose law applies, and the part of it with a law or rates of its own.
pub(super) fn special(
    country: &str,
    postal_code: &str,
    state: Option<&str>,
) -> (String, Option<&'static str>) {
    let number = postal_code.parse::<u32>().ok();
    let starts = |prefix: &str| postal_code.starts_with(prefix);
    let region = match country {
        // Taxed as a neighbour: article 7, and the customs treaties of Liechtenstein and Büsingen with Switzerland.
        "MC" => return ("FR".to_owned(), None),
        "IM" => return ("GB".to_owned(), None),
        "LI" => return ("CH".to_owned(), None),
        "DE" if postal_code == "78266" => return ("CH".to_owned(), None),
        "DE" if postal_code == "27498" => Some("DE-HEL"),
        "ES" if starts("35") && number.is_some() || starts("38") && number.is_some() => Some("ES-CN"),
        "ES" if matches!(state, Some("CN" | "GC" | "TF")) => Some("ES-CN"),
        "ES" if starts("51") || state == Some("CE") => Some("ES-CE"),
        "ES" if starts("52") || state == Some("ML") => Some("ES-ML"),
        "IT" if matches!(postal_code, "23041" | "23030") => Some("IT-LIV"),
        "IT" if postal_code == "22061" => Some("IT-CAM"),
        "GR" if postal_code == "63086" || state == Some("69") => Some("GR-69"),
        "FI" if starts("22") || starts("AX22") || state == Some("01") => Some("FI-01"),
        "AT" if matches!(postal_code, "6691" | "6991" | "6992" | "6993") => Some("AT-JM"),
        "PT" if azores(number) || state == Some("20") => Some("PT-20"),
        "PT" if madeira(number) || state == Some("30") => Some("PT-30"),
        // Svalbard and Jan Mayen are outside Norway's tax (Merverdiavgiftsloven section 1-2).
        "NO" if matches!(state, Some("21" | "22")) || starts("917") || postal_code == "8099" => {
            return ("SJ".to_owned(), None);
        }
        "GB" if state == Some("NIR") || starts("BT") => Some(NORTHERN_IRELAND),
        "FR" => match overseas(postal_code, state) {
            Some(country) => return (country.to_owned(), None),
            None => None,
        },
        _ => None,
    };
    (country.to_owned(), region)
}

/// Of the United Kingdom, and in the Union for goods (Windsor Framework article 8 and annex 3).
pub(super) const NORTHERN_IRELAND: &str = "GB-NIR";

/// Parts of member states outside the European Union's VAT.
const APART: [&str; 8] = ["DE-HEL", "ES-CN", "ES-CE", "ES-ML", "IT-LIV", "IT-CAM", "GR-69", "FI-01"];

/// Whether a part of a member state lies outside the European Union's VAT.
pub(super) fn is_apart(region: Option<&str>) -> bool {
    region.is_some_and(|region| APART.contains(&region))
}

/// Whether a code names a part with a tax law or rates of its own, be it in ISO 3166-2 or not.
pub(super) fn is_part(code: &str) -> bool {
    APART.contains(&code) || matches!(code, "AT-JM" | "PT-20" | "PT-30")
}

/// The first four digits, of seven or four: 9500-321 Ponta Delgada.
fn portuguese(number: Option<u32>) -> Option<u32> {
    number.map(|number| if number > 9_999 { number / 1_000 } else { number })
}

fn azores(number: Option<u32>) -> bool {
    portuguese(number).is_some_and(|area| (9_500..=9_999).contains(&area))
}

fn madeira(number: Option<u32>) -> bool {
    portuguese(number).is_some_and(|area| (9_000..=9_499).contains(&area))
}

/// The country's code of a part of France overseas, whose tax law is its own (CGI articles 294 to 296): by postal code, else by subdivision.
fn overseas(postal_code: &str, state: Option<&str>) -> Option<&'static str> {
    let by_post = match (postal_code, postal_code.get(..3)) {
        ("97150", _) => Some("MF"),
        ("97133", _) => Some("BL"),
        (_, Some(number)) => overseas_number(number),
        _ => None,
    };
    by_post.or_else(|| match state? {
        "MF" => Some("MF"),
        "BL" => Some("BL"),
        "PM" => Some("PM"),
        "NC" => Some("NC"),
        "PF" => Some("PF"),
        "WF" => Some("WF"),
        "TF" => Some("TF"),
        state if state.len() == 3 => overseas_number(state),
        _ => None,
    })
}

fn overseas_number(number: &str) -> Option<&'static str> {
    match number {
        "971" => Some("GP"),
        "972" => Some("MQ"),
        "973" => Some("GF"),
        "974" => Some("RE"),
        "975" => Some("PM"),
        "976" => Some("YT"),
        "984" => Some("TF"),
        "986" => Some("WF"),
        "987" => Some("PF"),
        "988" => Some("NC"),
        _ => None,
    }
}

/// The province that a Canadian postal code begins in; the north shares its first letter.
pub(super) fn province_of_postal_code(code: &str) -> Option<&'static str> {
    match code.trim().chars().next()?.to_ascii_uppercase() {
        'A' => Some("NL"),
        'B' => Some("NS"),
        'C' => Some("PE"),
        'E' => Some("NB"),
        'G' | 'H' | 'J' => Some("QC"),
        'K' | 'L' | 'M' | 'N' | 'P' => Some("ON"),
        'R' => Some("MB"),
        'S' => Some("SK"),
        'T' => Some("AB"),
        'V' => Some("BC"),
        'Y' => Some("YT"),
        _ => None,
    }
}
