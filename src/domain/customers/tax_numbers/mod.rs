//! Is a tax number written as its authority writes them? Its shape and its check digits; whether it was ever given to anyone, only the
//! authority knows.
//!
//! `de 136 695 976` as an `eu_vat` is `DE136695976`, of Germany. `DE136695975` is malformed: its last digit must be a 6.
//!
//! A rule refuses what its authority cannot have given. Where the authority publishes no rule for a part, that part is not looked at: to refuse
//! a customer's real number is worse than to let a slip through to the register.

mod checks;
mod elsewhere;
mod member_states;
mod persons;
mod rule;
mod shape;
#[cfg(test)]
mod tests;
mod union;

pub use rule::Malformed;
use rule::Rule;
use shape::normalised;
use strum::{EnumString, IntoStaticStr};

/// The kinds of number that have a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum NumberKind {
    AuAbn,
    /// The business number alone, or with the program account behind it.
    CaBn,
    CaGstHst,
    CaQst,
    /// The number of the register of businesses; [`NumberKind::ChVat`] has the letters of the tax behind it.
    ChUid,
    ChVat,
    /// The one-stop shop of sellers from outside the Union, `EU`, and of imports, `IM`.
    EuOssVat,
    /// Of a member state, or of Northern Ireland.
    EuVat,
    GbVat,
    InGst,
    JpCn,
    JpTrn,
    NoVat,
    NzGst,
    SgGst,
    SgUen,
    UsEin,
}

/// A number that its authority can have given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TaxNumber {
    pub kind: NumberKind,
    /// Of the authority that gave it: ISO 3166-1 alpha-2, so `GR` for `EL` and `GB` for `XI`.
    pub country: &'static str,
    /// Upper case, without blanks, dots and dashes, with the prefix that VIES writes: `EL094259216`.
    pub value: String,
}

impl TaxNumber {
    /// Whether it is of Northern Ireland, which is in the Union for goods and outside it for services.
    #[must_use]
    pub fn is_northern_irish(&self) -> bool {
        self.kind == NumberKind::EuVat && self.value.starts_with("XI")
    }
}

/// Reads a number of a kind, `eu_vat`, as it was typed; `None`: there is no rule for the kind, and the number is kept as it is.
pub fn parse(kind: &str, value: &str) -> Result<Option<TaxNumber>, Malformed> {
    let Ok(kind) = kind.parse::<NumberKind>() else { return Ok(None) };
    let text = normalised(value);
    let rule = rule_for(kind, &text).ok_or(Malformed::Prefix)?;
    let value = rule.read(&text)?;
    let country = match kind {
        NumberKind::EuOssVat => union::state_of_identification(&value),
        _ => rule.country,
    };
    Ok(Some(TaxNumber { kind, country, value }))
}

/// `None`: a number of the Union that begins with the letters of no member state.
fn rule_for(kind: NumberKind, text: &str) -> Option<&'static Rule> {
    let rule = match kind {
        NumberKind::AuAbn => &elsewhere::AUSTRALIA,
        NumberKind::CaBn => &elsewhere::CANADA,
        NumberKind::CaGstHst => &elsewhere::CANADA_GST,
        NumberKind::CaQst => &elsewhere::QUEBEC,
        NumberKind::ChUid => &elsewhere::SWITZERLAND,
        NumberKind::ChVat => &elsewhere::SWITZERLAND_VAT,
        NumberKind::EuOssVat => &union::ONE_STOP_SHOP,
        NumberKind::EuVat => return union::rule(text),
        NumberKind::GbVat => &elsewhere::UNITED_KINGDOM,
        NumberKind::InGst => &elsewhere::INDIA,
        NumberKind::JpCn => &elsewhere::JAPAN,
        NumberKind::JpTrn => &elsewhere::JAPAN_TAX,
        NumberKind::NoVat => &elsewhere::NORWAY,
        NumberKind::NzGst => &elsewhere::NEW_ZEALAND,
        NumberKind::SgGst => &elsewhere::SINGAPORE_GST,
        NumberKind::SgUen => &elsewhere::SINGAPORE,
        NumberKind::UsEin => &elsewhere::UNITED_STATES,
    };
    Some(rule)
}
