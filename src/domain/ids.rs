//! How is a thing named? By a TypeID: what it is, then a sortable unique number: `cus_01h2xcejqtf2nbrexx3vqjhp41`.
//!
//! The number is a UUID in 26 characters of lower-case Crockford base32: `0188bac7-4afa-78aa-bc3b-bd1eef28d881` is
//! `01h2xcejqtf2nbrexx3vqjhp41`. Each kind of id is its own type, so an invoice's id cannot be passed for a customer's.

use std::fmt;
use thiserror::Error;
use uuid::Uuid;

/// Crockford's alphabet: no `i`, `l`, `o` or `u`.
const ALPHABET: [u8; 32] = *b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LENGTH: usize = 26;
/// The longest prefix the TypeID spec allows.
const MAX_PREFIX_LENGTH: usize = 63;

/// Why a text is not the id that was expected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// An id of another kind, such as a product's where a customer's belongs.
    #[error("an id starting with \"{expected}_\" belongs here, not one starting with \"{found}_\"")]
    WrongPrefix {
        /// The prefix of the kind that was expected.
        expected: &'static str,
        /// The prefix of what was given.
        found: String,
    },
    /// Not an id at all.
    #[error(
        "this is not an id: an id is a prefix, an underscore and 26 characters of 0-9 and a-z without i, l, o and u, \
         in lower case, such as cus_01h2xcejqtf2nbrexx3vqjhp41"
    )]
    Malformed,
    /// Not the id of an invoice's line.
    #[error(
        "a line's id is its invoice's id, a hyphen and the line's number, such as inv_01h2xcejqtf2nbrexx3vqjhp41-2"
    )]
    NotALine,
}

/// Reads `prefix_suffix`. The last underscore separates, because a prefix may contain some.
fn parse(text: &str, expected: &'static str) -> Result<Uuid, IdError> {
    let (prefix, suffix) = text.rsplit_once('_').ok_or(IdError::Malformed)?;
    let uuid = decode(suffix).ok_or(IdError::Malformed)?;
    if prefix == expected {
        return Ok(uuid);
    }
    if !is_prefix(prefix) {
        return Err(IdError::Malformed);
    }
    Err(IdError::WrongPrefix { expected, found: prefix.to_owned() })
}

/// The number of an id of the kind that this prefix names.
///
/// # Errors
/// [`IdError`], as of any id.
pub fn parse_as(text: &str, prefix: &'static str) -> Result<Uuid, IdError> {
    parse(text, prefix)
}

/// Lower-case letters, and underscores between them.
fn is_prefix(text: &str) -> bool {
    let letters = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    letters
        && !text.is_empty()
        && text.len() <= MAX_PREFIX_LENGTH
        && !text.starts_with('_')
        && !text.ends_with('_')
}

/// The 26 characters of a UUID, without a prefix.
fn encode(uuid: Uuid) -> impl Iterator<Item = char> {
    let bits = uuid.as_u128();
    (0..SUFFIX_LENGTH).rev().map(move |place| char::from(ALPHABET[(bits >> (5 * place)) as usize & 31]))
}

/// The UUID that 26 characters stand for. They hold 130 bits, so the first is at most `7`.
fn decode(suffix: &str) -> Option<Uuid> {
    if suffix.len() != SUFFIX_LENGTH || !matches!(suffix.as_bytes().first(), Some(b'0'..=b'7')) {
        return None;
    }
    let bits = suffix.bytes().try_fold(0_u128, |bits, byte| Some(bits << 5 | digit(byte)?));
    bits.map(Uuid::from_u128)
}

fn digit(byte: u8) -> Option<u128> {
    let place = ALPHABET.iter().position(|letter| *letter == byte)?;
    u128::try_from(place).ok()
}

/// A version 7 UUID from its parts: 48 bits of milliseconds since 1970, the low 42 bits of a counter, 32 random bits.
///
/// The counter follows the time, most significant bits first: ids of one millisecond sort by their counter. Pure:
/// whoever calls it brings the clock, the counter and the randomness.
#[must_use]
pub fn uuid_v7(millis: u64, counter: u64, random: u32) -> Uuid {
    const VERSION: u128 = 7;
    const VARIANT: u128 = 0b10;
    let millis = u128::from(millis) & 0xffff_ffff_ffff;
    let (upper, lower) = (u128::from(counter >> 30) & 0xfff, u128::from(counter) & 0x3fff_ffff);
    Uuid::from_u128(
        millis << 80 | VERSION << 76 | upper << 64 | VARIANT << 62 | lower << 32 | u128::from(random),
    )
}

/// Defines one id type for each line: documentation, name, prefix.
macro_rules! define_ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What stands before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// The id with this number.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The number alone, as it is stored.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                use fmt::Write as _;
                f.write_str(concat!($prefix, "_"))?;
                encode(self.0).try_for_each(|letter| f.write_char(letter))
            }
        }

        /// As displayed: `cus_01h2xcejqtf2nbrexx3vqjhp41`.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text, Self::PREFIX).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

define_ids! {
    /// A tenant: one seller with its own customers and books.
    TenantId "ten";
    /// A key a program presents to the API.
    ApiKeyId "key";
    /// A legal entity through which a tenant sells.
    EntityId "ent";
    /// A customer: the billing account.
    CustomerId "cus";
    /// What is sold.
    ProductId "prod";
    /// A way of buying it.
    PlanId "plan";
    /// One price of a plan.
    PriceId "price";
    /// A customer's standing order.
    SubscriptionId "sub";
    /// One thing a subscription contains.
    ItemId "si";
    /// What an item was from one instant to another.
    ItemVersionId "siv";
    /// A command that changed a subscription.
    ChangeId "chg";
    /// A move of subscriptions to another version of their plan.
    MigrationId "pmig";
    /// A bill.
    InvoiceId "inv";
    /// Money on its way in.
    PaymentId "pay";
    /// A card, mandate or account to collect from.
    PaymentMethodId "pm";
    /// An account at a payment gateway.
    GatewayAccountId "ga";
    /// Something that a gateway told.
    InboundEventId "inbound";
    /// One run of billing over many customers.
    BillRunId "run";
    /// Something that happened.
    EventId "evt";
    /// One call of the API.
    RequestId "req";
    /// What usage is counted by.
    MeterId "meter";
    /// Events of usage that take the place of others.
    BackfillId "backfill";
    /// What usage may come to.
    BudgetId "bud";
    /// Due work that is postponed.
    ParkedWorkId "pw";
    /// What a code takes off.
    CouponId "coup";
    /// A coupon redeemed.
    DiscountId "disc";
    /// Prepaid credits.
    CreditGrantId "cg";
    /// What was taken back of an invoice.
    CreditNoteId "cn";
    /// How payments that failed are tried again.
    RetryPolicyId "rp";
    /// Money on its way back.
    RefundId "re";
    /// A payment that its payer's bank takes back.
    DisputeId "dp";
    /// That an issuer takes a payment for fraud.
    FraudWarningId "efw";
    /// Money of a credit balance given back.
    PayOutId "po";
    /// What a gateway has paid out to the bank.
    PayoutId "payout";
    /// Of what a payout is made.
    PayoutItemId "payout_item";
    /// That the seller is registered for tax somewhere.
    TaxRegistrationId "taxreg";
    /// A rate of tax that a tenant has set.
    TaxRateId "taxrate";
    /// Who elsewhere says what sales are taxed with.
    TaxProviderId "taxprov";
    /// What a provider of tax is asked.
    TaxQuestionId "taxq";
    /// A document that a provider of tax hears of.
    TaxDocumentId "taxdoc";
    /// A number of a customer that a register is asked about.
    TaxNumberId "taxnum";
    /// One time that a register was asked.
    TaxIdCheckId "taxchk";
    /// What one currency was in another.
    ExchangeRateId "fxrate";
    /// What is held in foreign currencies, at the rates of a day.
    RevaluationId "reval";
    /// How what is sold is earned.
    RevenueRuleId "rrule";
    /// What something costs alone.
    StandalonePriceId "ssp";
    /// Invoices that were promised together.
    RevenueContractId "rcon";
    /// That something of a line is fulfilled.
    FulfilmentId "ful";
    /// A month of an entity's books.
    AccountingPeriodId "ap";
    /// Postings of a period, as they are handed to a general ledger.
    JournalExportId "jx";
    /// Where a tenant hears of its events.
    WebhookEndpointId "we";
}

impl EntityId {
    /// The entity that a tenant begins with: it has the tenant's number.
    #[must_use]
    pub const fn first_of(tenant_id: TenantId) -> EntityId {
        EntityId(tenant_id.0)
    }
}

/// A line of an invoice: the invoice, and the line's number on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId {
    pub invoice_id: InvoiceId,
    pub line_no: i32,
}

/// `inv_01h2xcejqtf2nbrexx3vqjhp41-2`.
impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.invoice_id, self.line_no)
    }
}

impl std::str::FromStr for LineId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<LineId, IdError> {
        let (invoice, number) = text.rsplit_once('-').ok_or(IdError::NotALine)?;
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
        let line_no = number.parse().ok().filter(|_| is_number).ok_or(IdError::NotALine)?;
        Ok(LineId { invoice_id: invoice.parse()?, line_no })
    }
}

#[cfg(test)]
mod tests;
