//! What is levied on a supply, and why? One tax or several, each with jurisdiction, category, rate and reason; a supply without tax has
//! one at 0 % that says why.
//!
//! To a business in Italy: category AE, 0 %, `reverse_charge`, `VATEX-EU-AE`, "Reverse charge".

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::category::{Category, Reason};
use super::codes::{self, Sold, TaxCode, Taxability};
use super::parties::{Buyer, Seller, TaxExemption};
use super::place::Territory;
use super::rates::{Rate, Rates};
use super::territory::Area;
use crate::domain::catalog::TaxBehavior;
use crate::domain::ids::TaxProviderId;

/// A tax on a supply.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Levy {
    /// ISO 3166-1 or 3166-2.
    pub jurisdiction: String,
    /// As it is called there: `VAT`, `GST`, `Sales tax`.
    pub name: Cow<'static, str>,
    pub category: Category,
    /// In percent, of the taxed portion.
    pub rate: Decimal,
    /// The percentage of the price that is taxed.
    pub portion: Decimal,
    pub reason: Reason,
    /// A code of the VATEX list.
    pub exemption_code: Option<Cow<'static, str>>,
    /// What the invoice must say.
    pub mention: Option<Cow<'static, str>>,
    /// Whether the seller declares it in the one-stop shop of the European Union.
    pub one_stop_shop: bool,
    /// Whether it counts towards the threshold of sales to consumers in other member states.
    pub across_borders: bool,
    /// The VAT number of the buyer that accounts for the tax, where its member state is told of the sale.
    pub buyer_number: Option<String>,
    /// Whether that number was taken for valid though nobody could verify it.
    pub unverified: bool,
    /// Whether the price contains it.
    pub inclusive: bool,
    /// Whose figure it is; `None`: it was computed by these rules.
    pub provider_id: Option<TaxProviderId>,
}

impl Levy {
    /// "19 % VAT of Germany", with what is unusual of its rate and of the taxed portion; "no VAT of Italy (reverse charge)".
    #[must_use]
    pub fn described(&self) -> String {
        let place = name(&self.jurisdiction);
        let reason = match self.reason {
            Reason::ReducedRated => " at a reduced rate",
            Reason::ZeroRated => " at a rate of zero",
            Reason::StandardRated | Reason::PortionProductExempt => "",
            untaxed => {
                return format!("no {} of {place} ({})", self.name, untaxed.into_str().replace('_', " "));
            }
        };
        let portion = match self.portion < Decimal::ONE_HUNDRED {
            true => format!(" on {} % of the price", self.portion.normalize()),
            false => String::new(),
        };
        format!("{} % {} of {place}{reason}{portion}", self.rate.normalize(), self.name)
    }

    /// The percentage of the whole price.
    #[must_use]
    pub fn effective_rate(&self) -> Decimal {
        self.rate * self.portion / Decimal::ONE_HUNDRED
    }
}

/// What is levied on a supply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Treatment {
    /// At least one.
    pub levies: Vec<Levy>,
    /// One sentence.
    pub why: String,
}

impl Treatment {
    /// The same of a price that contains it, or to which it is added.
    #[must_use]
    pub fn within(mut self, behavior: TaxBehavior) -> Treatment {
        self.levies.iter_mut().for_each(|levy| levy.inclusive = behavior == TaxBehavior::Inclusive);
        self
    }
}

/// What is supplied, and when it is taxed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Supply {
    pub code: TaxCode,
    pub date: NaiveDate,
    /// The day whose rate it has, where one is known by then.
    pub rated: NaiveDate,
}

impl Supply {
    /// At the rate of its day.
    #[must_use]
    pub fn on(code: TaxCode, date: NaiveDate) -> Supply {
        Supply { code, date, rated: date }
    }
}

/// No rate is known where one is needed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {kind} rate of {jurisdiction} is known on {date}: add it at /v1/tax/rates")]
pub struct NoRate {
    pub jurisdiction: String,
    pub kind: String,
    pub date: NaiveDate,
}

/// What was decided of each code at the rate of a day: once, however many lines there are.
pub type Decided = HashMap<(TaxCode, NaiveDate), Treatment>;

/// A seller and a buyer, and the rates between them.
#[derive(Debug, Clone, Copy)]
pub struct Sale<'a> {
    pub seller: &'a Seller,
    pub buyer: &'a Buyer,
    pub rates: &'a Rates,
}

impl Sale<'_> {
    /// What is levied on a supply, decided once for each code and day.
    ///
    /// # Errors
    /// No rate is known where one is needed.
    pub fn decided(&self, supply: Supply, decided: &mut Decided) -> Result<Treatment, NoRate> {
        let key = (supply.code, supply.rated);
        if let Some(known) = decided.get(&key) {
            return Ok(known.clone());
        }
        let treatment = self.treatment(supply)?;
        decided.insert(key, treatment.clone());
        Ok(treatment)
    }

    /// The tax of a place, charged by the seller. `whence` ends the sentence: "because the seller is registered there".
    pub(super) fn charge(
        &self,
        place: &Territory,
        supply: Supply,
        whence: &str,
    ) -> Result<Treatment, NoRate> {
        if let Some(exempt) = self.exemption(place, supply) {
            return Ok(exempt);
        }
        let jurisdictions = place.jurisdictions();
        let usual = codes::usual_kind(place.area);
        let (kind, portion) = match codes::taxability(self.sold(supply), &jurisdictions, supply.date) {
            Some(Taxability::At { kind, portion }) => (kind, portion),
            _ => (usual, Decimal::ONE_HUNDRED),
        };
        let rate = self.rates.find(&jurisdictions, kind, supply.rated);
        let rate = rate.map_or_else(|| self.rate(&jurisdictions, kind, supply.date), Ok)?;
        let reason = match kind {
            _ if portion < Decimal::ONE_HUNDRED => Reason::PortionProductExempt,
            _ if rate.rate.is_zero() => Reason::ZeroRated,
            kind if kind == usual => Reason::StandardRated,
            _ => Reason::ReducedRated,
        };
        let levy = Levy { portion, reason, ..levied(place, rate) };
        let why = format!("{}, {whence}.", levy.described());
        Ok(Treatment { levies: vec![levy], why })
    }

    pub(super) fn sold(&self, supply: Supply) -> Sold {
        Sold { code: supply.code, to_business: self.buyer.is_business }
    }

    /// No tax of a place, for the buyer's certificate or for what is sold.
    pub(super) fn exemption(&self, place: &Territory, supply: Supply) -> Option<Treatment> {
        let jurisdictions = place.jurisdictions();
        let there = name(place.jurisdiction());
        if let Some(TaxExemption { certificate, .. }) = self.buyer.certificate(&jurisdictions, supply.date) {
            let number = certificate.as_ref().map_or_else(String::new, |number| format!(" {number}"));
            let why = format!("No tax in {there}: the buyer has a certificate{number} of exemption.");
            let mut exempt = untaxed(place, (Category::E, Reason::CustomerExempt), why);
            if let Some(number) = certificate {
                let mention = format!("Exempt: certificate {number}");
                exempt.levies.iter_mut().for_each(|levy| levy.mention = Some(mention.clone().into()));
            }
            return Some(exempt);
        }
        match codes::taxability(self.sold(supply), &jurisdictions, supply.date) {
            Some(Taxability::Exempt | Taxability::NotTaxable) => {
                let why = format!("No tax in {there}: {} is not taxed there.", supply.code.description());
                Some(untaxed(place, (Category::E, Reason::ProductExempt), why))
            }
            Some(Taxability::At { .. }) | None => None,
        }
    }

    /// The rate of a kind there and then.
    pub(super) fn rate(&self, jurisdictions: &[&str], kind: &str, date: NaiveDate) -> Result<&Rate, NoRate> {
        self.rates.find(jurisdictions, kind, date).ok_or_else(|| NoRate {
            jurisdiction: jurisdictions.first().copied().unwrap_or_default().to_owned(),
            kind: kind.to_owned(),
            date,
        })
    }
}

/// A tax at a rate, on the whole price.
pub(super) fn levied(place: &Territory, rate: &Rate) -> Levy {
    let category = match place.region.as_deref() {
        _ if rate.rate.is_zero() => Category::Z,
        Some("ES-CN") => Category::L,
        Some("ES-CE" | "ES-ML") => Category::M,
        _ => Category::S,
    };
    Levy {
        jurisdiction: rate.jurisdiction.clone(),
        name: tax_name(place).into(),
        category,
        rate: rate.rate,
        portion: Decimal::ONE_HUNDRED,
        reason: Reason::StandardRated,
        exemption_code: None,
        mention: None,
        one_stop_shop: false,
        across_borders: false,
        buyer_number: None,
        unverified: false,
        inclusive: false,
        provider_id: None,
    }
}

/// No tax, in this category and for this reason.
pub(super) fn untaxed(place: &Territory, (category, reason): (Category, Reason), why: String) -> Treatment {
    let in_union = place.area == Area::EuVat;
    let (exemption_code, mention) = match category {
        Category::AE if in_union => (Some("VATEX-EU-AE"), Some("Reverse charge")),
        Category::AE => (None, Some("Reverse charge")),
        Category::K => (Some("VATEX-EU-IC"), Some("Intra-Community supply")),
        Category::G if in_union => (Some("VATEX-EU-G"), Some("Export")),
        Category::E if reason == Reason::CustomerExempt => {
            (None, Some("Exempt: the buyer has a certificate"))
        }
        Category::E => (None, Some("Exempt")), // BR-E-10: a reason, in a code or in words
        Category::O if in_union && reason == Reason::NotSubjectToTax => (Some("VATEX-EU-O"), None),
        _ => (None, None),
    };
    let levy = Levy {
        jurisdiction: place.jurisdiction().to_owned(),
        name: tax_name(place).into(),
        category,
        rate: Decimal::ZERO,
        portion: Decimal::ONE_HUNDRED,
        reason,
        exemption_code: exemption_code.map(Cow::Borrowed),
        mention: mention.map(Cow::Borrowed),
        one_stop_shop: false,
        across_borders: false,
        buyer_number: None,
        unverified: false,
        inclusive: false,
        provider_id: None,
    };
    Treatment { levies: vec![levy], why }
}

/// As the tax of a place is called there.
pub(super) fn tax_name(place: &Territory) -> &'static str {
    match (place.area, place.region.as_deref()) {
        (_, Some("ES-CN")) => "IGIC",
        (_, Some("ES-CE" | "ES-ML")) => "IPSI",
        (Area::Canada | Area::Australia | Area::NewZealand | Area::Singapore | Area::India, _) => "GST",
        (Area::Japan, _) => "Consumption tax",
        (Area::UnitedStates, _) => "Sales tax",
        _ => "VAT",
    }
}

/// The name of a jurisdiction, for a sentence.
#[must_use]
pub fn name(jurisdiction: &str) -> String {
    let name = match jurisdiction {
        "US" => "the United States",
        "GB" => "the United Kingdom",
        "NL" => "the Netherlands",
        "ES-CN" => "the Canary Islands",
        code if code.len() == 2 => rust_iso3166::from_alpha2(code).map_or(code, |country| country.name),
        code => rust_iso3166::iso3166_2::from_code(code).map_or(code, |subdivision| subdivision.name),
    };
    name.to_owned()
}
