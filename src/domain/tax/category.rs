//! How is it taxed, in a code that others know? The categories of EN 16931 (UNTDID 5305) and the reasons beside them.
//!
//! A line at 19 % is `S`; one whose buyer accounts for the tax is `AE`, with the exemption code `VATEX-EU-AE`.

use strum::{EnumString, IntoStaticStr};

/// The category of EN 16931 BT-151.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, EnumString)]
#[strum(const_into_str)]
pub enum Category {
    /// Taxed at a rate.
    S,
    /// Taxed at zero.
    Z,
    /// Exempt.
    E,
    /// Reverse charge: the buyer accounts for it.
    AE,
    /// Goods supplied within the European Union.
    K,
    /// Goods exported.
    G,
    /// Outside the scope of tax.
    O,
    /// The Canary Islands' IGIC.
    L,
    /// The IPSI of Ceuta and Melilla.
    M,
}

/// Why a line has the tax it has, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Reason {
    /// The usual rate.
    StandardRated,
    /// A lower rate for this product.
    ReducedRated,
    /// A rate of zero for this product or for what is exported.
    ZeroRated,
    /// The buyer accounts for the tax.
    ReverseCharge,
    /// The seller is not registered where tax might be due.
    NotCollecting,
    /// This product is exempt there.
    ProductExempt,
    /// Only a part of the price is taxed.
    PortionProductExempt,
    /// The buyer has a certificate.
    CustomerExempt,
    /// No tax law of the seller reaches the sale.
    NotSubjectToTax,
}
