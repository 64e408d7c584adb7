//! What would a sale be taxed with? `{"currency": "EUR", "customer": {"address": {"country": "DE"}}, "lines": [{"amount": "100.00"}]}`.

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::registrations::NewTaxRegistration;
use super::{TaxIdStatus, TaxRounding, UnknownTaxIds};
use crate::domain::catalog::{TaxBehavior, TaxTerms};
use crate::domain::customers::tax_numbers;
use crate::domain::fields::{Faults, below};
use crate::domain::ids::EntityId;
use crate::domain::money::{Currency, Money};
use crate::domain::refusal::Invalid;
use crate::domain::tax::calculate::{Calculation, Charge, Taxed, Wanted};
use crate::domain::tax::parties::{Buyer, BuyerNumber, Seller, Standing, UnknownNumbers};
use crate::domain::tax::place::Place;
use crate::domain::tax::registered::{NewRegistration, check_day};
use crate::domain::tax::treatment::Levy;
use crate::wire::amounts::DecimalText;
use crate::wire::catalog::products::read_tax_code;
use crate::wire::customers::{TaxExemption, check_exemptions};

/// A sale to be taxed. Nothing is created.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "currency": "EUR", "date": "2026-06-01", "seller": {"country": "FR", "registrations": [{"country": "FR", "scheme": "oss"}]},
    "customer": {"address": {"country": "DE", "postal_code": "10115"}}, "lines": [{"amount": "100.00", "tax_code": "saas"}]
}))]
pub struct NewTaxCalculation {
    /// ISO 4217.
    pub currency: String,
    /// The day of taxation; today when left out.
    pub date: Option<NaiveDate>,
    /// You, as your entity and its registrations say, when left out.
    pub seller: Option<TaxSeller>,
    /// Which of your legal entities sells; your default when left out. Without a `seller`.
    #[schema(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    pub customer: TaxCustomer,
    pub lines: Vec<TaxableLine>,
    /// As your tax settings say, when left out.
    pub rounding: Option<TaxRounding>,
}

/// Who sells.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxSeller {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The subdivision, by its code of ISO 3166-2 without the country.
    pub state: Option<String>,
    pub postal_code: Option<String>,
    /// Left out: where it is established, and nowhere else. Empty: nowhere, not even there.
    pub registrations: Option<Vec<NewTaxRegistration>>,
    /// Net sales to consumers in other member states of the European Union so far this calendar year or in the last, whichever is more, in
    /// euros: up to 10,000 the rate is that of the seller.
    #[schema(value_type = Option<String>, example = "9999.00")]
    pub sales_across_borders: Option<DecimalText>,
    /// `charge` when left out.
    pub unknown_tax_ids: Option<UnknownTaxIds>,
}

/// Who buys.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxCustomer {
    pub address: TaxAddress,
    #[serde(default)]
    pub tax_ids: Vec<TaxCustomerId>,
    /// Whether it says that it is a business.
    pub business: Option<bool>,
    #[serde(default)]
    pub exemptions: Vec<TaxExemption>,
}

/// Where tax is looked up.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxAddress {
    pub line1: Option<String>,
    pub line2: Option<String>,
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The subdivision, by its code of ISO 3166-2 without the country: needed where you charge tax by subdivision.
    pub state: Option<String>,
    pub postal_code: Option<String>,
}

/// A number of the buyer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxCustomerId {
    /// `eu_vat`, `gb_vat`, `ch_vat`, `au_abn`, ….
    #[serde(rename = "type")]
    pub type_: String,
    pub value: String,
    /// Taken as it is: a what-if. `unknown` when left out.
    pub status: Option<TaxIdStatus>,
}

/// A line to be taxed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxableLine {
    #[schema(example = "100.00")]
    pub amount: String,
    /// One of `/v1/tax/codes`; `saas` when left out.
    pub tax_code: Option<String>,
    /// Whether the amount contains the tax.
    #[serde(default)]
    pub inclusive: bool,
}

/// Most lines of one calculation.
const LINES: usize = 1_000;
/// Most registrations of a seller, numbers or exemptions of a buyer.
const PARTICULARS: usize = 500;

impl NewTaxCalculation {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn parse(&self) -> Result<Wanted, Invalid> {
        let mut faults = Faults::none();
        let currency = faults.keep("/currency", "unknown_currency", Currency::parse(&self.currency));
        let seller = self.seller.as_ref().map(|seller| seller.read("/seller", &mut faults));
        let buyer = self.customer.read("/customer", &mut faults);
        if self.lines.is_empty() || self.lines.len() > LINES {
            faults.add("/lines", "out_of_range", format_args!("give 1 to {LINES} lines"));
        }
        let mut charges = Vec::with_capacity(self.lines.len().min(LINES));
        for (n, line) in self.lines.iter().take(LINES).enumerate() {
            let at = below("/lines", &n.to_string());
            charges.extend(currency.and_then(|currency| line.read(currency, &at, &mut faults)));
        }
        check_day(self.date, "/date", &mut faults);
        if self.entity_id.is_some() && self.seller.is_some() {
            let detail = "say who sells by entity_id or by seller: leave the other one out";
            faults.add("/entity_id", "seller_given", detail);
        }
        faults.into_result()?;
        let (Some(currency), Some(buyer)) = (currency, buyer) else {
            return Err(Invalid { errors: Vec::new() });
        };
        let rounding = self.rounding.map(Into::into);
        let (date, entity_id) = (self.date, self.entity_id);
        Ok(Wanted { currency, date, seller: seller.flatten(), entity_id, buyer, charges, rounding })
    }
}

impl TaxSeller {
    fn read(&self, at: &str, faults: &mut Faults) -> Option<Seller> {
        let (country, state) = (self.country.clone(), self.state.clone());
        let place = Place { country, state, postal_code: self.postal_code.clone() };
        let territory = place.check_seller(at, faults);
        check_count(self.registrations.as_deref().unwrap_or_default(), &below(at, "registrations"), faults);
        let registrations = self.registrations.as_ref().map(|registrations| {
            let mut read = Vec::with_capacity(registrations.len());
            for (n, registration) in registrations.iter().take(PARTICULARS).enumerate() {
                let at = below(&below(at, "registrations"), &n.to_string());
                if registration.entity_id.is_some() {
                    let detail = "these are registrations of the seller that is described here: leave it out";
                    faults.add(below(&at, "entity_id"), "seller_given", detail);
                }
                let registration = NewRegistration::from(registration).registration(&at);
                match registration.and_then(|new| new.check_beside(&read, &at).map(|()| new)) {
                    Ok(registration) => read.push(registration),
                    Err(invalid) => faults.extend(invalid),
                }
            }
            read
        });
        let sales = self.sales_across_borders.as_ref();
        let sales = sales.and_then(|sales| sales.read(&below(at, "sales_across_borders"), faults));
        if sales.is_some_and(|sales| sales.is_sign_negative()) {
            let detail = "sales so far are 0 or more, in euros, such as 9950.00";
            faults.add(below(at, "sales_across_borders"), "out_of_range", detail);
        }
        Some(Seller {
            territory: territory?,
            registrations,
            sales_across_borders: sales.unwrap_or_default(),
            unknown_numbers: self.unknown_tax_ids.map(UnknownNumbers::from).unwrap_or_default(),
        })
    }
}

impl TaxCustomer {
    fn read(&self, at: &str, faults: &mut Faults) -> Option<Buyer> {
        let address = &self.address;
        let (country, state) = (address.country.clone(), address.state.clone());
        let place = Place { country, state, postal_code: address.postal_code.clone() };
        let territory = place.territory_of_buyer(&below(at, "address"), faults);
        let number = |id: &TaxCustomerId| {
            BuyerNumber::read(&id.type_, &id.value, id.status.map(Standing::from).unwrap_or_default())
        };
        check_count(&self.tax_ids, &below(at, "tax_ids"), faults);
        check_count(&self.exemptions, &below(at, "exemptions"), faults);
        check_numbers(&self.tax_ids, &below(at, "tax_ids"), faults);
        let few = self.exemptions.get(..PARTICULARS).unwrap_or(&self.exemptions);
        check_exemptions(few, &below(at, "exemptions"), faults);
        Some(Buyer {
            territory: territory?,
            numbers: self.tax_ids.iter().filter_map(number).collect(),
            is_business: self.business.unwrap_or(!self.tax_ids.is_empty()),
            certificates: self.exemptions.iter().cloned().map(Into::into).collect(),
        })
    }
}

impl TaxableLine {
    fn read(&self, currency: Currency, at: &str, faults: &mut Faults) -> Option<Charge> {
        let amount =
            faults.keep(&below(at, "amount"), "bad_amount", Money::parse_major(&self.amount, currency));
        let code = read_tax_code(self.tax_code.as_deref(), &below(at, "tax_code"), faults);
        let behavior = if self.inclusive { TaxBehavior::Inclusive } else { TaxBehavior::Exclusive };
        Some(Charge { amount: amount?, terms: TaxTerms { code: code?, behavior } })
    }
}

/// What a sale is taxed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxCalculation {
    pub currency: String,
    pub lines: Vec<TaxedLine>,
    /// All tax, on top of amounts and within them.
    #[schema(example = "19.00")]
    pub tax_total: String,
    /// With tax.
    #[schema(example = "119.00")]
    pub total: String,
    /// Why the tax is what it is.
    pub explanation: String,
}

/// A line with its tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxedLine {
    #[schema(example = "100.00")]
    pub net: String,
    #[schema(example = "19.00")]
    pub tax: String,
    #[schema(example = "119.00")]
    pub gross: String,
    /// At least one: a line without tax has one of 0 % that says why.
    pub taxes: Vec<TaxOfLine>,
}

/// One tax of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxOfLine {
    /// ISO 3166-1 or 3166-2.
    #[schema(example = "DE")]
    pub jurisdiction: String,
    /// As it is called there.
    #[schema(example = "VAT")]
    pub name: String,
    /// The category of EN 16931: `S`, `Z`, `E`, `AE`, `K`, `G`, `O`, `L`, `M`.
    #[schema(example = "S")]
    pub category: &'static str,
    /// In percent, of the taxed portion.
    #[schema(example = "19")]
    pub rate: String,
    /// The percentage of the price that is taxed.
    #[schema(example = "100")]
    pub portion: String,
    #[schema(example = "19.00")]
    pub amount: String,
    /// `standard_rated`, `reduced_rated`, `zero_rated`, `reverse_charge`, `not_collecting`, `product_exempt`, `portion_product_exempt`,
    /// `customer_exempt` or `not_subject_to_tax`.
    #[schema(example = "standard_rated")]
    pub reason: &'static str,
    /// A code of the VATEX list, where there is one.
    pub exemption_code: Option<String>,
    /// What the invoice must say.
    pub mention: Option<String>,
    /// What is doubtful about it: `unverified_tax_id`, the buyer's number was taken for valid though nobody could verify it.
    pub warning: Option<&'static str>,
    /// Whether the line's amount contains it.
    pub inclusive: bool,
    /// The provider that answered with it; null of what the built-in rules say.
    pub provider_id: Option<String>,
}

impl TaxOfLine {
    /// A tax, and what it comes to on the line.
    pub(in crate::wire) fn of(levy: &Levy, amount: Money) -> TaxOfLine {
        TaxOfLine {
            jurisdiction: levy.jurisdiction.clone(),
            name: levy.name.to_string(),
            category: levy.category.into_str(),
            rate: plain(levy.rate),
            portion: plain(levy.portion),
            amount: amount.to_major_string(),
            reason: levy.reason.into_str(),
            exemption_code: levy.exemption_code.as_ref().map(ToString::to_string),
            mention: levy.mention.as_ref().map(ToString::to_string),
            warning: levy.unverified.then_some("unverified_tax_id"),
            inclusive: levy.inclusive,
            provider_id: levy.provider_id.map(|id| id.to_string()),
        }
    }
}

impl From<&Taxed> for TaxedLine {
    fn from(line: &Taxed) -> TaxedLine {
        let assessed = &line.assessed;
        let taxes = line.treatment.levies.iter().zip(&assessed.amounts);
        TaxedLine {
            net: assessed.net.to_major_string(),
            tax: assessed.tax.to_major_string(),
            gross: assessed.gross.to_major_string(),
            taxes: taxes.map(|(levy, amount)| TaxOfLine::of(levy, *amount)).collect(),
        }
    }
}

impl From<&Calculation> for TaxCalculation {
    fn from(calculation: &Calculation) -> TaxCalculation {
        TaxCalculation {
            currency: calculation.total.currency().code().to_owned(),
            lines: calculation.lines.iter().map(TaxedLine::from).collect(),
            tax_total: calculation.tax_total.to_major_string(),
            total: calculation.total.to_major_string(),
            explanation: calculation.explanation(),
        }
    }
}

/// Notes numbers that cannot be right, and one that is said to be both valid and not.
fn check_numbers(ids: &[TaxCustomerId], at: &str, faults: &mut Faults) {
    let mut standings: HashMap<(&str, String), Standing> = HashMap::new();
    for (n, id) in ids.iter().take(PARTICULARS).enumerate() {
        let at = below(at, &n.to_string());
        let number =
            faults.keep(&below(&at, "value"), "malformed_tax_id", tax_numbers::parse(&id.type_, &id.value));
        let value = number.flatten().map_or_else(|| id.value.trim().to_owned(), |number| number.value);
        let standing = id.status.map(Standing::from).unwrap_or_default();
        if standing.is_unknown() {
            continue;
        }
        if standings.insert((&id.type_, value), standing).is_some_and(|other| other != standing) {
            let detail = "this number is said to be both valid and invalid: give it once";
            faults.add(below(&at, "status"), "contradicting_status", detail);
        }
    }
}

fn check_count<T>(things: &[T], at: &str, faults: &mut Faults) {
    if things.len() > PARTICULARS {
        faults.add(at, "too_many", format_args!("give at most {PARTICULARS}"));
    }
}

fn plain(number: Decimal) -> String {
    number.normalize().to_string()
}
