//! What is a product in the eyes of tax law? A code: software as a service, an e-book, a service by people.
//!
//! How each jurisdiction taxes a code is told by [`tax::codes`](crate::domain::tax::codes).

use strum::{EnumIter, EnumString, IntoStaticStr};

/// What a product is for tax.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, IntoStaticStr, EnumString, EnumIter)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum TaxCode {
    /// Software as a service: of products that say nothing else.
    #[default]
    Saas,
    /// Another service supplied electronically.
    DigitalService,
    SoftwareDownload,
    Ebook,
    DigitalNews,
    Streaming,
    OnlineCourse,
    ProfessionalService,
    Telecom,
    PhysicalGoods,
    FinancialService,
    /// Not a supply: a deposit, a late fee, damages.
    Nontaxable,
    /// Prepaid credits whose tax is known only when they are used.
    VoucherMultiPurpose,
}

impl TaxCode {
    /// Every code.
    pub fn all() -> impl Iterator<Item = TaxCode> {
        <TaxCode as strum::IntoEnumIterator>::iter()
    }

    /// What it covers, in a few words.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            TaxCode::Saas => "Software used over the internet",
            TaxCode::DigitalService => "Another service supplied electronically",
            TaxCode::SoftwareDownload => "Software that is downloaded and kept",
            TaxCode::Ebook => "Electronic books",
            TaxCode::DigitalNews => "Electronic newspapers and magazines",
            TaxCode::Streaming => "Music, films and games streamed",
            TaxCode::OnlineCourse => "Recorded courses, without a live teacher",
            TaxCode::ProfessionalService => "Services by people: consulting, set-up, training",
            TaxCode::Telecom => "Telecommunication services",
            TaxCode::PhysicalGoods => "Goods that are shipped",
            TaxCode::FinancialService => "Payment, credit and insurance services",
            TaxCode::Nontaxable => "What is no supply: deposits, late fees, damages",
            TaxCode::VoucherMultiPurpose => "Prepaid credits that are taxed when they are used",
        }
    }

    /// Whether it is goods: exported and supplied within the European Union, not rendered.
    #[must_use]
    pub fn is_goods(self) -> bool {
        self == TaxCode::PhysicalGoods
    }
}
