//! How does the European Union tax a sale? Directive 2006/112/EC: at home, by reverse charge to businesses, at the buyer's rate for consumers.
//!
//! A French seller to consumers in Germany: 20 % French VAT up to 10,000 EUR a year across borders, from then on, or with the one-stop shop,
//! 19 % German VAT.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::category::{Category, Reason};
use super::codes::TaxCode;
use super::parties::{Buyer, BuyerNumber, Seller, Standing, UnknownNumbers};
use super::territory::Area;
use super::treatment::{NoRate, Sale, Supply, Treatment, name, untaxed};

/// Net sales across borders to consumers in a year up to which a seller of one member state may charge its own rate (article 59c).
const THRESHOLD_EUR: i64 = 10_000;

/// French overseas departments with a VAT of their own, for sellers in France.
const FRENCH_DEPARTMENTS: [&str; 3] = ["GP", "MQ", "RE"];

/// A buyer in the European Union; of goods, in Northern Ireland too.
pub(super) fn treatment(sale: &Sale<'_>, supply: Supply) -> Result<Treatment, NoRate> {
    let (seller, place) = (sale.seller, &sale.buyer.territory);
    if seller.is_at_home(place) {
        return match sale.taxes_at_home(supply.date) {
            true => sale.charge(place, supply, "because seller and buyer are both there"),
            false => Ok(sale.not_collecting()),
        };
    }
    let number = number(seller, sale.buyer, supply.code.is_goods());
    if let Some(number) = number.filter(|number| is_accepted(seller, number)) {
        let mut treatment = to_business(sale, supply, number);
        if number.standing == Standing::Unknown {
            treatment.why.push_str(" Its VAT number could not be verified yet.");
            treatment.levies.iter_mut().for_each(|levy| levy.unverified = true);
        }
        return Ok(treatment);
    }
    let mut treatment = to_consumer(sale, supply)?;
    for levy in &mut treatment.levies {
        // What is exempt is neither declared nor counted.
        let counts = levy.category != Category::E;
        levy.one_stop_shop = counts && is_declared_in_shop(seller, &place.country, supply);
        levy.across_borders = counts && sale.counts_to_threshold(supply.code);
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
fn number<'a>(seller: &Seller, buyer: &'a Buyer, goods: bool) -> Option<&'a BuyerNumber> {
    buyer.best_number(|number| {
        (number.is_eu_vat || goods && number.is_northern_irish) && number.country != seller.territory.country
    })
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
    /// Whether what is sold to a buyer is not to be invoiced before somebody knows whether its number is valid.
    #[must_use]
    pub fn waits_for_number(&self, buyer: &Buyer) -> bool {
        let place = &buyer.territory;
        let in_union = place.area == Area::EuVat || place.is_northern_irish();
        let is_unknown =
            || number(self, buyer, true).is_some_and(|number| number.standing == Standing::Unknown);
        self.unknown_numbers == UnknownNumbers::Wait && in_union && !self.is_at_home(place) && is_unknown()
    }

    /// Whether the tax of a buyer depends on the threshold: from one member state to a consumer in another, where the seller is not registered and
    /// no one-stop shop declares it.
    #[must_use]
    pub fn depends_on_threshold(&self, buyer: &Buyer, date: NaiveDate) -> bool {
        let place = &buyer.territory;
        let in_union = place.area == Area::EuVat || place.is_northern_irish();
        let abroad = self.territory.area == Area::EuVat && in_union && !self.is_at_home(place);
        let to_business = number(self, buyer, false).is_some_and(|number| is_accepted(self, number));
        abroad && !to_business && !self.has_one_stop_shop(date) && !self.is_registered(place, date)
    }
}

/// Articles 44 and 196 for services, 138 for goods. The number is what the recapitulative statement of article 262 lists it under.
fn to_business(sale: &Sale<'_>, supply: Supply, number: &BuyerNumber) -> Treatment {
    let place = &sale.buyer.territory;
    let from_union = sale.seller.territory.area == Area::EuVat;
    let mut treatment = if supply.code.is_goods() && from_union {
        let whose = if place.is_northern_irish() { place.jurisdiction() } else { &place.country };
        let why = format!("Supplied to a business in {}: no tax, the buyer accounts for it.", name(whose));
        untaxed(place, (Category::K, Reason::ZeroRated), why)
    } else {
        sale.reverse_charge()
    };
    for levy in &mut treatment.levies {
        levy.buyer_number = Some(number.value.clone());
    }
    treatment
}

/// Whether a sale to a consumer in a country is declared in the one-stop shop: not what is taxed where it is sold, nor what is sold in the member state
/// of a Union scheme, which is declared there as any other sale (article 369b). The other scheme is of services to every member state (article 358a).
fn is_declared_in_shop(seller: &Seller, country: &str, supply: Supply) -> bool {
    let is_in_scheme = match seller.identified_in(supply.date) {
        Some(identified_in) => identified_in != country,
        None => !supply.code.is_goods() && seller.has_one_stop_shop(supply.date),
    };
    is_in_scheme && !is_taxed_where_sold(supply.code)
}

/// Whether a consumer within the Union is taxed where the seller is (article 45): of what people do, and of payments and insurance. What is supplied
/// electronically is taxed where the buyer is (article 58), and so are goods (article 33).
fn is_taxed_where_sold(code: TaxCode) -> bool {
    match code {
        TaxCode::ProfessionalService | TaxCode::FinancialService => true,
        TaxCode::Saas | TaxCode::DigitalService | TaxCode::SoftwareDownload | TaxCode::Ebook => false,
        TaxCode::DigitalNews | TaxCode::Streaming | TaxCode::OnlineCourse | TaxCode::Telecom => false,
        TaxCode::PhysicalGoods | TaxCode::Nontaxable | TaxCode::VoucherMultiPurpose => false,
    }
}

/// Article 45.
fn where_sold(sale: &Sale<'_>, supply: Supply) -> Result<Treatment, NoRate> {
    let (home, place) = (&sale.seller.territory, &sale.buyer.territory);
    match home.area {
        Area::EuVat if sale.taxes_at_home(supply.date) => {
            let whence =
                "because this service to a consumer in another member state is taxed where the seller is";
            sale.charge(home, supply, whence)
        }
        Area::EuVat => Ok(sale.not_collecting()),
        _ => {
            let why = format!(
                "No VAT of {}: this service to a consumer is taxed where the seller is, outside the European Union.",
                name(&place.country)
            );
            Ok(untaxed(place, (Category::O, Reason::NotSubjectToTax), why))
        }
    }
}

/// Articles 33, 45, 58 and 59c.
fn to_consumer(sale: &Sale<'_>, supply: Supply) -> Result<Treatment, NoRate> {
    let (seller, place) = (sale.seller, &sale.buyer.territory);
    if is_taxed_where_sold(supply.code) {
        return where_sold(sale, supply);
    }
    let identified_in = seller.identified_in(supply.date);
    if identified_in == Some(place.country.as_str()) {
        let whence =
            "because the buyer is a consumer there and the seller is registered there for the one-stop shop";
        return sale.charge(place, supply, whence);
    }
    // The scheme of sellers who are not established in the Union is of services only (article 358a).
    let is_in_scheme = identified_in.is_some() || !supply.code.is_goods();
    if is_in_scheme && seller.has_one_stop_shop(supply.date) {
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
        if !sale.taxes_at_home(supply.date) {
            return Ok(sale.not_collecting());
        }
        let whence = "because the buyer is a consumer in another member state and the seller's sales there stay below 10,000 EUR a year";
        return sale.charge(&seller.territory, supply, whence);
    }
    let whence = "because the buyer is a consumer there and the seller's sales across borders are above 10,000 EUR a year: it must register \
                  for the one-stop shop";
    sale.charge(place, supply, whence)
}

impl Sale<'_> {
    /// Whether what is sold counts to the threshold: goods and electronic services to consumers in another member state.
    pub(super) fn counts_to_threshold(&self, code: TaxCode) -> bool {
        let (home, place) = (&self.seller.territory, &self.buyer.territory);
        let in_union = place.area == Area::EuVat || place.is_northern_irish() && code.is_goods();
        let is_across = home.area == Area::EuVat && in_union && home.country != place.country;
        is_across
            && !is_taxed_where_sold(code)
            && !matches!(code, TaxCode::Nontaxable | TaxCode::VoucherMultiPurpose)
    }

    /// The seller as it is with a sale of so much more, in euros, when that lifts it above the threshold.
    pub(super) fn seller_above_threshold(&self, net: Decimal) -> Option<Seller> {
        let so_far = self.seller.sales_across_borders;
        let sales_across_borders = so_far.checked_add(net)?;
        let threshold = Decimal::from(THRESHOLD_EUR);
        let is_crossing = so_far <= threshold && sales_across_borders > threshold;
        is_crossing.then(|| Seller { sales_across_borders, ..self.seller.clone() })
    }
}

/// Whether a place is an overseas department that France taxes itself.
pub(super) fn is_french_department(sale: &Sale<'_>) -> bool {
    sale.seller.territory.country == "FR"
        && FRENCH_DEPARTMENTS.contains(&sale.buyer.territory.country.as_str())
}
