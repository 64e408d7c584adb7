//! How do Canada and India tax a sale? The federation and its parts, side by side and never on each other.
//!
//! 100.00 in Quebec: GST 5.00 and QST 9.975 of the same 100.00; in Ontario HST 13.00. 100.00 within Karnataka: CGST 9.00 and SGST 9.00, from
//! another state IGST 18.00.

use rust_decimal::Decimal;

use super::category::Reason;
use super::codes::{self, Taxability};
use super::treatment::{Levy, NoRate, Sale, Supply, Treatment, levied};

/// A buyer in Canada (Excise Tax Act, part IX; the provinces' own acts).
pub(super) fn canada(sale: &Sale<'_>, supply: Supply) -> Result<Treatment, NoRate> {
    let (seller, place) = (sale.seller, &sale.buyer.territory);
    // One federal registration carries GST and HST (Excise Tax Act s. 165 and 240): whichever is listed in Canada says that there is one.
    let federal = seller.is_at_home(place) && sale.taxes_at_home(supply.date)
        || seller.is_registered_in_country("CA", supply.date);
    let provincial = is_registered_in_province(sale, supply);
    if !federal && !provincial {
        return Ok(sale.unregistered(supply));
    }
    if sale.buys_as_business() && seller.has_simplified("CA", supply.date) {
        return Ok(sale.reverse_charge());
    }
    if let Some(exempt) = sale.exemption(place, supply) {
        return Ok(exempt);
    }
    let in_province = |kind| sale.rates.find(&[place.jurisdiction()], kind, supply.date);
    let mut levies = Vec::with_capacity(2);
    if federal {
        levies.push(match in_province("hst") {
            Some(rate) => Levy { name: "HST".into(), ..levied(place, rate) },
            None => levied(place, sale.rate(&["CA"], "gst", supply.date)?),
        });
    }
    // A province that does not tax it leaves the federation's tax.
    let federal_only = codes::taxability(sale.sold(supply), &[place.jurisdiction()], supply.date);
    let federal_only = matches!(federal_only, Some(Taxability::At { kind: "gst", .. }));
    if provincial && !federal_only {
        for (kind, name) in [("qst", "QST"), ("pst", "PST")] {
            levies.extend(in_province(kind).map(|rate| Levy { name: name.into(), ..levied(place, rate) }));
        }
    }
    if levies.is_empty() {
        return Ok(sale.not_collecting());
    }
    let why = sentence(&levies, "because the seller is registered there");
    Ok(Treatment { levies, why })
}

/// Whether the seller collects what the province of the buyer levies beside the federation: by a registration of its own, and at home
/// as long as it lists none in Canada.
fn is_registered_in_province(sale: &Sale<'_>, supply: Supply) -> bool {
    let (seller, place) = (sale.seller, &sale.buyer.territory);
    let lists_none = sale.taxes_at_home(supply.date) && !seller.lists_country("CA");
    lists_none && seller.territory == *place
        || seller.registration(place, supply.date).is_some_and(|r| r.region.is_some())
}

/// Union territories without a legislature, whose half is the Union's (UTGST Act 2017 s. 2(8) and 7): Andaman and Nicobar, Chandigarh, Dadra and
/// Nagar Haveli and Daman and Diu, Ladakh, Lakshadweep.
const TERRITORIES: [&str; 5] = ["IN-AN", "IN-CH", "IN-DH", "IN-LA", "IN-LD"];

/// A buyer in India (CGST and IGST Acts 2017).
pub(super) fn india(sale: &Sale<'_>, supply: Supply) -> Result<Treatment, NoRate> {
    let (seller, place) = (sale.seller, &sale.buyer.territory);
    let at_home = seller.is_at_home(place);
    // Each state gives its own registration, and each is for all of India (CGST Act s. 22; IGST Act s. 5).
    let taxes_at_home = at_home && sale.taxes_at_home(supply.date);
    if !taxes_at_home && !seller.is_registered_in_country("IN", supply.date) {
        return Ok(sale.unregistered(supply));
    }
    if !at_home && sale.buys_as_business() {
        return Ok(sale.reverse_charge());
    }
    if let Some(exempt) = sale.exemption(place, supply) {
        return Ok(exempt);
    }
    let kind = match codes::taxability(sale.sold(supply), &["IN"], supply.date) {
        Some(Taxability::At { kind, .. }) => kind,
        _ => "standard",
    };
    let rate = sale.rate(&["IN"], kind, supply.date)?;
    let reason = if kind == "standard" { Reason::StandardRated } else { Reason::ReducedRated };
    if !at_home || seller.territory.region != place.region {
        let levies = vec![Levy { name: "IGST".into(), reason, ..levied(place, rate) }];
        let why = sentence(&levies, "because it is supplied from outside the buyer's state");
        return Ok(Treatment { levies, why });
    }
    let half = |name: &'static str, jurisdiction: &str| Levy {
        name: name.into(),
        jurisdiction: jurisdiction.to_owned(),
        rate: rate.rate / Decimal::TWO,
        reason,
        ..levied(place, rate)
    };
    let of_state = if TERRITORIES.contains(&place.jurisdiction()) { "UTGST" } else { "SGST" };
    let levies = vec![half("CGST", "IN"), half(of_state, place.jurisdiction())];
    let why = sentence(&levies, "because seller and buyer are in the same state");
    Ok(Treatment { levies, why })
}

fn sentence(levies: &[Levy], whence: &str) -> String {
    let each: Vec<String> = levies.iter().map(Levy::described).collect();
    format!("{}, {whence}.", each.join(" and "))
}
