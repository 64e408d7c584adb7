//! Who sells and who buys, as far as tax looks at them? Registrations, numbers, certificates.
//!
//! A seller in France with the one-stop shop; a buyer in Berlin without a VAT number, so a consumer.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use strum::{EnumString, IntoStaticStr};

use super::place::{Place, Territory};
use super::territory::{self, Area};
use crate::domain::customers;
use crate::domain::customers::tax_numbers::{self, NumberKind};
pub use crate::domain::customers::{Standing, TaxExemption};
use crate::domain::fields::Faults;

/// How a seller is registered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Scheme {
    /// In the country itself, as those who are established there.
    #[default]
    Standard,
    /// One registration for consumers in every member state of the European Union: the Union scheme of who is established there, or the other one
    /// of who is not.
    Oss,
    /// The simplified registration of a country for sellers from abroad, who sell to consumers only.
    Simplified,
}

/// That a seller is registered for tax somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The jurisdiction within it, `US-NY`; `None`: the country as a whole.
    pub region: Option<String>,
    pub number: Option<String>,
    pub scheme: Scheme,
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
}

impl Registration {
    /// Whether it is one in a country itself.
    fn is_in(&self, country: &str) -> bool {
        self.scheme != Scheme::Oss && self.country == country
    }

    /// Whether a one-stop shop is the Union scheme, though its seller is from outside the Union: it has an establishment there and declares under
    /// the VAT number of that member state (article 369d). The number of the other scheme begins with EU (article 362).
    fn is_union_scheme(&self) -> bool {
        let number: String =
            self.number.iter().flat_map(|it| it.chars()).filter(|c| !c.is_whitespace()).collect();
        BuyerNumber::read("eu_vat", &number, Standing::Unknown)
            .is_some_and(|number| number.is_eu_vat && number.country == self.country)
    }

    fn holds_on(&self, date: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from <= date) && self.valid_to.is_none_or(|to| date < to)
    }
}

/// What a seller does about a number of which nobody knows whether it is valid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum UnknownNumbers {
    /// Charges tax as to a consumer.
    #[default]
    Charge,
    /// Takes it for valid, and says so.
    ReverseCharge,
    /// Invoices nothing by itself before it is known; what is invoiced by hand is charged as to a consumer.
    Wait,
}

/// Who sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    pub territory: Territory,
    /// `None`: where it is established, and nowhere else. Empty: nowhere, not even there.
    pub registrations: Option<Vec<Registration>>,
    /// Net sales to consumers in other member states so far, in euros: the larger of this calendar year's and last year's.
    pub sales_across_borders: Decimal,
    pub unknown_numbers: UnknownNumbers,
}

/// Net sales of a seller in the European Union to consumers in other member states, in euros.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SalesAcrossBorders {
    pub last_year: Decimal,
    /// So far.
    pub this_year: Decimal,
}

impl SalesAcrossBorders {
    /// What decides about a sale: the larger of last year's and this year's, with the sale itself. So the sale that goes above the threshold is
    /// the first that is taxed where its buyer is (article 59c).
    #[must_use]
    pub fn with(self, sale: Decimal) -> Decimal {
        self.last_year.max(self.this_year.saturating_add(sale))
    }
}

impl Seller {
    /// Whether it is registered in a country, or there in a region, by one of these schemes.
    #[must_use]
    pub fn is_registered(&self, place: &Territory, date: NaiveDate) -> bool {
        self.registration(place, date).is_some() || self.registrations.is_none() && self.is_at_home(place)
    }

    /// Its registration in the country of a place; in its region, where regions tax by themselves. A part of a country with one tax stands
    /// for the whole: `DE-BY` for Germany.
    #[must_use]
    pub fn registration(&self, place: &Territory, date: NaiveDate) -> Option<&Registration> {
        let by_region = place.region.is_some() && !matches!(place.area, Area::EuVat | Area::UnitedKingdom);
        self.all(date).find(|registration| {
            let is_of_whole = registration.region.as_deref().is_none_or(|region| {
                !territory::is_part(region) && !Area::of(&registration.country).taxes_by_subdivision()
            });
            let reaches = registration.region == place.region || is_of_whole && !by_region;
            registration.is_in(&place.country) && reaches
        })
    }

    /// Whether it is registered in a country, as a whole or in a part of it.
    #[must_use]
    pub fn is_registered_in_country(&self, country: &str, date: NaiveDate) -> bool {
        self.all(date).any(|registration| registration.is_in(country))
    }

    /// Whether it lists a registration in a country, be it over or to come.
    #[must_use]
    pub fn lists_country(&self, country: &str) -> bool {
        self.registrations.iter().flatten().any(|registration| registration.is_in(country))
    }

    /// Whether it has a simplified registration in a country.
    #[must_use]
    pub fn has_simplified(&self, country: &str, date: NaiveDate) -> bool {
        self.all(date)
            .any(|registration| registration.scheme == Scheme::Simplified && registration.country == country)
    }

    /// Whether it is in the one-stop shop, of whichever member state.
    #[must_use]
    pub fn has_one_stop_shop(&self, date: NaiveDate) -> bool {
        self.one_stop_shop(date).is_some()
    }

    fn one_stop_shop(&self, date: NaiveDate) -> Option<&Registration> {
        self.all(date).find(|registration| registration.scheme == Scheme::Oss)
    }

    /// The member state of its one-stop shop, where that is the Union scheme.
    #[must_use]
    pub fn identified_in(&self, date: NaiveDate) -> Option<&str> {
        let is_union = |shop: &&Registration| self.territory.area == Area::EuVat || shop.is_union_scheme();
        self.one_stop_shop(date).filter(is_union).map(|shop| shop.country.as_str())
    }

    /// Whether it is established under the same tax law.
    #[must_use]
    pub fn is_at_home(&self, place: &Territory) -> bool {
        self.territory.same_country(place)
    }

    fn all(&self, date: NaiveDate) -> impl Iterator<Item = &Registration> {
        self.registrations.iter().flatten().filter(move |registration| registration.holds_on(date))
    }
}

/// A number of a buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuyerNumber {
    /// Of the authority that gave it: ISO 3166-1 alpha-2.
    pub country: String,
    /// As its authority writes it: `DE136695976`.
    pub value: String,
    /// Whether it is a VAT number of the European Union.
    pub is_eu_vat: bool,
    /// Whether it is one of Northern Ireland, which is one of the Union for goods.
    pub is_northern_irish: bool,
    pub standing: Standing,
}

impl BuyerNumber {
    /// A number of a kind, `eu_vat`, and what is known of it; `None`: it is malformed, or of a kind that decides nothing.
    #[must_use]
    pub fn read(kind: &str, value: &str, standing: Standing) -> Option<BuyerNumber> {
        let number = tax_numbers::parse(kind, value).ok()??;
        let is_northern_irish = number.is_northern_irish();
        let is_eu_vat = number.kind == NumberKind::EuVat && !is_northern_irish;
        let (country, value) = (number.country.to_owned(), number.value);
        Some(BuyerNumber { country, value, is_eu_vat, is_northern_irish, standing })
    }
}

/// Who buys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    pub territory: Territory,
    pub numbers: Vec<BuyerNumber>,
    /// Whether it says that it is a business.
    pub is_business: bool,
    pub certificates: Vec<TaxExemption>,
}

impl Buyer {
    /// A buyer as its invoices print it; `None`: it does not say in which country it is.
    #[must_use]
    pub fn of(details: &customers::Buyer) -> Option<Buyer> {
        let address = details.address.as_ref()?;
        let (country, state) = (address.country.clone(), address.state.clone());
        let place = Place { country, state, postal_code: address.postal_code.clone() };
        let numbers = details.tax_ids.iter();
        let number = |id: &customers::TaxId| BuyerNumber::read(&id.type_, &id.value, id.status);
        Some(Buyer {
            territory: place.territory_of_buyer("", &mut Faults::none())?,
            numbers: numbers.filter_map(number).collect(),
            is_business: !details.tax_ids.is_empty(),
            certificates: details.tax_exemptions.clone(),
        })
    }

    /// A buyer of whom nothing is known but where it is.
    #[must_use]
    pub fn consumer(territory: Territory) -> Buyer {
        Buyer { territory, numbers: Vec::new(), is_business: false, certificates: Vec::new() }
    }

    /// The certificate that holds in one of these jurisdictions.
    #[must_use]
    pub fn certificate(&self, jurisdictions: &[&str], date: NaiveDate) -> Option<&TaxExemption> {
        self.certificates.iter().find(|certificate| {
            jurisdictions.contains(&certificate.jurisdiction.as_str())
                && certificate.valid_from.is_none_or(|from| from <= date)
                && certificate.valid_to.is_none_or(|to| date < to)
        })
    }

    /// What is known of its best number among these.
    #[must_use]
    pub fn standing(&self, among: impl Fn(&BuyerNumber) -> bool) -> Option<Standing> {
        self.best_number(among).map(|number| number.standing)
    }

    /// Its best number among these: a valid one before one of which nothing is known, one of the country where it is before others.
    #[must_use]
    pub fn best_number(&self, among: impl Fn(&BuyerNumber) -> bool) -> Option<&BuyerNumber> {
        let rank = |number: &&BuyerNumber| {
            let standing = match number.standing {
                Standing::Valid => 0,
                Standing::Unknown => 1,
                Standing::Invalid => 2,
            };
            (standing, number.country != self.territory.country)
        };
        self.numbers.iter().filter(|number| among(number)).min_by_key(rank)
    }
}
