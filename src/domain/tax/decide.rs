//! Which tax law reaches a sale? First that of the buyer's place, where the seller is at home or registered; then what its own country says of
//! sales abroad.
//!
//! A seller in Canada to a consumer in Oslo: 25 % when it is registered in Norway, else zero-rated as an export.

use chrono::NaiveDate;

use super::category::{Category, Reason};
use super::codes::TaxCode;
use super::parties::{Buyer, Standing};
use super::place::{Territory, state_required};
use super::territory::Area;
use super::treatment::{NoRate, Sale, Supply, Treatment, name, untaxed};
use super::{eu, federal, states};
use crate::domain::refusal::Invalid;

impl Sale<'_> {
    /// What is levied on a supply, and why.
    ///
    /// # Errors
    /// No rate is known where one is needed.
    pub fn treatment(&self, supply: Supply) -> Result<Treatment, NoRate> {
        match supply.code {
            TaxCode::Nontaxable => Ok(self.no_supply("It is no supply: nothing is taxed.")),
            TaxCode::VoucherMultiPurpose => {
                Ok(self.no_supply("Its tax is due when the credits are used: nothing is taxed now."))
            }
            _ if self.needs_subdivision(supply.date) => self.nowhere(supply),
            code if self.buyer.territory.is_northern_irish() => {
                match code.is_goods() && self.seller.territory.area == Area::EuVat {
                    true => eu::treatment(self, supply),
                    false => self.in_united_kingdom(supply),
                }
            }
            _ => match self.buyer.territory.area {
                Area::EuVat => eu::treatment(self, supply),
                Area::UnitedStates => states::treatment(self, supply),
                Area::Canada => federal::canada(self, supply),
                Area::India => federal::india(self, supply),
                _ => self.national(supply),
            },
        }
    }

    /// Whether the tax depends on the buyer's state, and that is not known. To a seller that charges none in its country it does not matter;
    /// nor does it in India to one from abroad, whose tax is the same for every state.
    fn needs_subdivision(&self, date: NaiveDate) -> bool {
        let (seller, place) = (self.seller, &self.buyer.territory);
        let sells_at_home =
            seller.is_at_home(place) && seller.registrations.as_ref().is_none_or(|r| !r.is_empty());
        let is_registered =
            || place.area != Area::India && seller.is_registered_in_country(&place.country, date);
        place.lacks_subdivision() && (sells_at_home || is_registered())
    }

    /// Refuses a sale whose tax depends on a state that is not known.
    ///
    /// # Errors
    /// [`Invalid`]: `state_required`.
    pub fn check_subdivision(&self, date: NaiveDate) -> Result<(), Invalid> {
        if !self.needs_subdivision(date) {
            return Ok(());
        }
        let detail = state_required(&self.buyer.territory.country);
        Err(Invalid::one("/customer/address/state", "state_required", detail))
    }

    /// A buyer in Northern Ireland, as everybody in the United Kingdom: of services, and of goods that do not come from the Union.
    fn in_united_kingdom(&self, supply: Supply) -> Result<Treatment, NoRate> {
        let territory = Territory { region: None, ..self.buyer.territory.clone() };
        let buyer = Buyer { territory, ..self.buyer.clone() };
        Sale { buyer: &buyer, ..*self }.national(supply)
    }

    /// A buyer of whom too little is known: a consumer where the seller is.
    fn nowhere(&self, supply: Supply) -> Result<Treatment, NoRate> {
        let buyer = Buyer::consumer(self.seller.territory.clone());
        let mut treatment = Sale { buyer: &buyer, ..*self }.treatment(supply)?;
        treatment
            .why
            .push_str(" The buyer's state is not known, so it is taxed as a consumer where the seller is.");
        Ok(treatment)
    }

    /// Whether the seller charges the tax of its own country. Who is established in a country of value added tax does, whatever else it is
    /// registered for, now or later (Directive 2006/112/EC articles 45 and 213); only an empty list says that it is registered nowhere.
    pub(super) fn taxes_at_home(&self, date: NaiveDate) -> bool {
        let home = &self.seller.territory;
        let has_tax = || match home.area {
            Area::Elsewhere => self.rates.find(&home.jurisdictions(), "standard", date).is_some(),
            area => area != Area::UnitedStates,
        };
        match self.seller.registrations.as_deref() {
            None => true,
            Some([]) => false,
            Some(_) => has_tax() || self.seller.registration(home, date).is_some(),
        }
    }

    fn no_supply(&self, why: &str) -> Treatment {
        let kind = (Category::O, Reason::NotSubjectToTax);
        untaxed(&self.seller.territory, kind, why.to_owned())
    }

    /// A country with one tax for the whole of it.
    fn national(&self, supply: Supply) -> Result<Treatment, NoRate> {
        let place = &self.buyer.territory;
        if self.seller.is_at_home(place) || !supply.code.is_goods() && eu::is_french_department(self) {
            return match self.taxes_at_home(supply.date) {
                true => self.charge(place, supply, "because seller and buyer are both there"),
                false => Ok(self.not_collecting()),
            };
        }
        if self.seller.registration(place, supply.date).is_none() {
            return Ok(self.unregistered(supply));
        }
        if self.buys_as_business() && self.leaves_tax_to_businesses() {
            return Ok(self.reverse_charge());
        }
        self.charge(place, supply, "because the seller is registered there")
    }

    /// A seller that is not registered where the buyer is.
    pub(super) fn unregistered(&self, supply: Supply) -> Treatment {
        let taxes_abroad = !matches!(self.seller.territory.area, Area::UnitedStates | Area::Elsewhere);
        match self.seller.is_at_home(&self.buyer.territory) {
            true => self.not_collecting(),
            false if taxes_abroad => self.abroad(supply),
            false if self.buys_as_business() => self.reverse_charge(),
            false => self.not_collecting(),
        }
    }

    /// Whether the buyer has a valid number of its own country, as it has who is registered there.
    pub(super) fn buys_as_business(&self) -> bool {
        let country = &self.buyer.territory.country;
        self.buyer.standing(|number| &number.country == country) == Some(Standing::Valid)
    }

    /// Whether a registered seller from abroad leaves the tax of a business to the business. In Switzerland it charges everybody.
    fn leaves_tax_to_businesses(&self) -> bool {
        !matches!(self.buyer.territory.area, Area::Elsewhere | Area::Switzerland)
    }

    /// The buyer accounts for the tax of its place.
    pub(super) fn reverse_charge(&self) -> Treatment {
        let place = &self.buyer.territory;
        let why = format!(
            "Reverse charge: the buyer is a business in {}, the seller is not established there, so the buyer accounts for the tax.",
            name(&place.country)
        );
        untaxed(place, (Category::AE, Reason::ReverseCharge), why)
    }

    /// Tax may be due, but not by this seller.
    pub(super) fn not_collecting(&self) -> Treatment {
        let place = &self.buyer.territory;
        let there = name(place.jurisdiction());
        let why = format!("No tax is charged: the seller is not registered in {there}.");
        untaxed(place, (Category::O, Reason::NotCollecting), why)
    }

    /// What the seller's own country says of a sale abroad.
    fn abroad(&self, supply: Supply) -> Treatment {
        let home = &self.seller.territory;
        let (from, to) = (name(&home.country), name(self.buyer.territory.jurisdiction()));
        let goods = supply.code.is_goods();
        match home.area {
            Area::EuVat | Area::UnitedKingdom if goods => {
                let why = format!("Exported from {from} to {to}: no tax.");
                untaxed(home, (Category::G, Reason::ZeroRated), why)
            }
            Area::EuVat | Area::UnitedKingdom | Area::Switzerland => {
                let why = format!("Supplied to a buyer in {to}: outside the scope of the tax of {from}.");
                untaxed(&self.outside(home), (Category::O, Reason::NotSubjectToTax), why)
            }
            Area::UnitedStates | Area::Elsewhere => self.not_collecting(),
            _ => {
                let why = format!("Exported from {from} to {to}: zero-rated.");
                untaxed(home, (Category::Z, Reason::ZeroRated), why)
            }
        }
    }

    /// The buyer's place as the law of `home` names it.
    fn outside(&self, home: &Territory) -> Territory {
        let place = &self.buyer.territory;
        Territory { country: place.country.clone(), region: place.region.clone(), area: home.area }
    }
}
