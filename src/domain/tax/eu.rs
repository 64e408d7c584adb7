//! How does the European Union tax a sale? Directive 2006/112/EC: at home, by reverse charge to businesses, at the buyer's rate for consumers.
//!
//! A French seller to consumers in Germany: 20 % French VAT up to 10,000 EUR a year across borders, from then on, or with the one-stop shop,
//! 19 % German VAT.

use rust_decimal::Decimal;

use super::category::{Category, Reason};
use super::parties::{BuyerNumber, Standing, UnknownNumbers};
use super::territory::Area;
use super::treatment::{NoRate, Sale, Supply, Treatment, name, untaxed};

/// Net sales across borders to consumers in a year up to which a seller of one member state may charge its own rate (article 59c).
const THRESHOLD_EUR: i64 = 10_000;

/// French overseas departments with a VAT of their own, for sellers in France.
const FRENCH_DEPARTMENTS: [&str; 3] = ["GP", "MQ", "RE"];

/// A buyer in the European Union.
pub(super) fn treatment(sale: &Sale<'_>, supply: Supply) -> Result<Treatment, NoRate> {
    let (seller, place) = (sale.seller, &sale.buyer.territory);
    if seller.is_at_home(place) {
        return match seller.is_registered_at_home(supply.date) {
            true => sale.charge(place, supply, "because seller and buyer are both there"),
            false => Ok(sale.not_collecting()),
        };
    }
    let number =
        sale.buyer.best_number(|number| number.is_eu_vat && number.country != seller.territory.country);
    match number.map(|number| (number, number.standing)) {
        Some((number, Standing::Valid)) => return Ok(to_business(sale, supply, number)),
        Some((number, Standing::Unknown)) if seller.unknown_numbers == UnknownNumbers::ReverseCharge => {
            let mut treatment = to_business(sale, supply, number);
            treatment.why.push_str(" Its VAT number could not be verified yet.");
            return Ok(treatment);
        }
        _ => {}
    }
    let mut treatment = to_consumer(sale, supply)?;
    match number.map(|number| number.standing) {
        Some(Standing::Unknown) => {
            treatment.why.push_str(" Its VAT number could not be verified, so it is taxed as a consumer.");
        }
        Some(Standing::Invalid) => {
            treatment.why.push_str(" Its VAT number is not valid, so it is taxed as a consumer.");
        }
        Some(Standing::Valid) | None => {}
    }
    Ok(treatment)
}

/// Articles 44 and 196 for services, 138 for goods. The number is what the recapitulative statement of article 262 lists it under.
fn to_business(sale: &Sale<'_>, supply: Supply, number: &BuyerNumber) -> Treatment {
    let place = &sale.buyer.territory;
    let from_union = sale.seller.territory.area == Area::EuVat;
    let mut treatment = if supply.code.is_goods() && from_union {
        let why =
            format!("Supplied to a business in {}: no tax, the buyer accounts for it.", name(&place.country));
        untaxed(place, (Category::K, Reason::ZeroRated), why)
    } else {
        sale.reverse_charge()
    };
    for levy in &mut treatment.levies {
        levy.buyer_number = Some(number.value.clone());
    }
    treatment
}

/// Articles 58 and 59c.
fn to_consumer(sale: &Sale<'_>, supply: Supply) -> Result<Treatment, NoRate> {
    let (seller, place) = (sale.seller, &sale.buyer.territory);
    if seller.has_one_stop_shop(supply.date) {
        let whence = "because the buyer is a consumer there and the seller is in the one-stop shop";
        let mut treatment = sale.charge(place, supply, whence)?;
        for levy in &mut treatment.levies {
            // What is exempt there is not declared.
            levy.one_stop_shop = levy.category != Category::E;
        }
        return Ok(treatment);
    }
    if seller.is_registered(place, supply.date) {
        let whence = "because the buyer is a consumer there and the seller is registered there";
        return sale.charge(place, supply, whence);
    }
    if seller.territory.area != Area::EuVat {
        return Ok(sale.not_collecting());
    }
    if seller.sales_across_borders <= Decimal::from(THRESHOLD_EUR) {
        if !seller.is_registered_at_home(supply.date) {
            return Ok(sale.not_collecting());
        }
        let whence = "because the buyer is a consumer in another member state and the seller's sales there stay below 10,000 EUR a year";
        return sale.charge(&seller.territory, supply, whence);
    }
    let whence = "because the buyer is a consumer there and the seller's sales across borders are above 10,000 EUR a year: it must register \
                  for the one-stop shop";
    sale.charge(place, supply, whence)
}

/// Whether a place is an overseas department that France taxes itself.
pub(super) fn is_french_department(sale: &Sale<'_>) -> bool {
    sale.seller.territory.country == "FR"
        && FRENCH_DEPARTMENTS.contains(&sale.buyer.territory.country.as_str())
}
