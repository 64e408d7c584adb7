//! How does the European Union tax a sale? Directive 2006/112/EC: at home, by reverse charge to businesses, at the buyer's rate for consumers.
//!
//! A French seller to consumers in Germany: 20 % French VAT up to 10,000 EUR a year across borders, from then on, or with the one-stop shop,
//! 19 % German VAT.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::category::{Category, Reason};
use super::parties::{Buyer, BuyerNumber, Seller, Standing, UnknownNumbers};
use super::territory::Area;
use super::treatment::{NoRate, Sale, Supply, Treatment, name, untaxed};

/// Net sales across borders to consumers in a year up to which a seller of one member state may charge its own rate (article 59c).
const THRESHOLD_EUR: i64 = 10_000;

/// In which currency these sales are counted: that of the threshold. Others would need rates of exchange.
pub(super) const COUNTED: &str = "EUR";

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
    let number = number(seller, sale.buyer);
    if let Some(number) = number.filter(|number| is_accepted(seller, number)) {
        let mut treatment = to_business(sale, supply, number);
        if number.standing == Standing::Unknown {
            treatment.why.push_str(" Its VAT number could not be verified yet.");
        }
        return Ok(treatment);
    }
    let mut treatment = to_consumer(sale, supply)?;
    for levy in &mut treatment.levies {
        // What is exempt is neither declared nor counted.
        let counts = levy.category != Category::E;
        levy.one_stop_shop = counts && seller.has_one_stop_shop(supply.date);
        levy.across_borders = counts && seller.territory.area == Area::EuVat;
    }
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

/// The VAT number of another member state that a buyer has.
fn number<'a>(seller: &Seller, buyer: &'a Buyer) -> Option<&'a BuyerNumber> {
    buyer.best_number(|number| number.is_eu_vat && number.country != seller.territory.country)
}

/// Whether the seller takes the buyer for a business by its number.
fn is_accepted(seller: &Seller, number: &BuyerNumber) -> bool {
    match number.standing {
        Standing::Valid => true,
        Standing::Unknown => seller.unknown_numbers == UnknownNumbers::ReverseCharge,
        Standing::Invalid => false,
    }
}

impl Seller {
    /// Whether the tax of a buyer depends on the threshold: from one member state to a consumer in another, where the seller is not registered and
    /// no one-stop shop declares it.
    #[must_use]
    pub fn depends_on_threshold(&self, buyer: &Buyer, date: NaiveDate) -> bool {
        let place = &buyer.territory;
        let abroad =
            self.territory.area == Area::EuVat && place.area == Area::EuVat && !self.is_at_home(place);
        let to_business = number(self, buyer).is_some_and(|number| is_accepted(self, number));
        abroad && !to_business && !self.has_one_stop_shop(date) && !self.is_registered(place, date)
    }
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
        return sale.charge(place, supply, whence);
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
