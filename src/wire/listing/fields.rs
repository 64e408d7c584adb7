//! What can a row be chosen by? A field of a kind: a day, an instant or an amount has ranges, words and ids may be several, `true` and `false` are flags.

use crate::domain::ids;

/// A field that a list can be filtered by.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    /// A sentence for the description.
    pub about: &'static str,
}

/// What its values are.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A date, with ranges.
    Day,
    /// An instant, or a date as a day of the tenant's zone; with ranges.
    Instant,
    /// A decimal in major units, with ranges.
    Amount,
    /// One or several texts, each in a parameter of its own.
    Text,
    /// The same, whatever the capitals.
    Caseless,
    /// One or several printed numbers.
    Number,
    /// One or several ISO 4217 codes.
    Currency,
    /// One or several ids of this prefix.
    Id(&'static str),
    /// One or several of these words.
    Word(&'static [&'static str]),
    Flag,
    /// `metadata[key]=value`, each to hold.
    Metadata,
}

impl Field {
    pub const fn new(name: &'static str, kind: Kind, about: &'static str) -> Field {
        Field { name, kind, about }
    }

    /// An amount of money in each row's own currency.
    pub const fn amount(name: &'static str) -> Field {
        Field::new(name, Kind::Amount, "In major units of the row's own currency.")
    }

    /// The rows of one customer, or of several.
    pub const CUSTOMER: Field =
        Field::new("customer_id", Kind::Id(ids::CustomerId::PREFIX), "Those of this customer.");
    /// Of one legal entity, or of several.
    pub const ENTITY: Field =
        Field::new("entity_id", Kind::Id(ids::EntityId::PREFIX), "Those that this legal entity issues.");
    pub const CURRENCY: Field = Field::new("currency", Kind::Currency, "Those in this currency.");
    pub const CREATED_AT: Field = Field::new("created_at", Kind::Instant, "When it came to be.");
    pub const METADATA: Field = Field::new(
        "metadata",
        Kind::Metadata,
        "Those with this value under this key of their metadata: `metadata[tier]=gold`.",
    );
    pub const EXTERNAL_ID: Field = Field::new("external_id", Kind::Text, "The one with this id of yours.");
    pub const NUMBER: Field =
        Field::new("number", Kind::Number, "The one with this number, as it is printed.");
}

impl Kind {
    /// Whether it has `[gt]`, `[gte]`, `[lt]` and `[lte]`.
    pub const fn has_ranges(self) -> bool {
        matches!(self, Kind::Day | Kind::Instant | Kind::Amount)
    }

    /// Whether a comma stands between several values.
    pub(super) const fn has_commas(self) -> bool {
        matches!(self, Kind::Number | Kind::Currency | Kind::Id(_) | Kind::Word(_))
    }

    /// Whether there may be several values.
    pub(super) const fn is_plural(self) -> bool {
        self.has_commas() || matches!(self, Kind::Text | Kind::Caseless)
    }
}
