//! How are the books written? Accounts, transfers between two of them, and balances: `{"account": "revenue", "balance": "31.00"}`.
//!
//! What is on this shelf, what is not, and its laws: [`domain::ledger`](crate::domain::ledger).

pub mod balances;
pub mod revaluations;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::VariantArray;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::domain::ids::{
    CreditGrantId, CreditNoteId, CustomerId, DisputeId, EntityId, InvoiceId, PayOutId, PaymentId, PayoutId,
    PayoutItemId, RefundId, RevenueContractId,
};
use crate::domain::ledger::{Account, NOBODY, SourceKind, Transfer};
use crate::domain::refusal::Invalid;
use crate::wire::page::{cursor_of, place_after};
use crate::wire::times::YEARS;

/// An account of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"account": "accounts_receivable", "type": "asset", "grows_by": "debit"}))]
pub struct LedgerAccount {
    pub account: &'static str,
    /// `asset`, `liability`, `income` or `expense`.
    pub r#type: &'static str,
    /// `debit` or `credit`: the side that makes its balance larger.
    pub grows_by: &'static str,
}

impl From<Account> for LedgerAccount {
    fn from(account: Account) -> LedgerAccount {
        let kind = account.account_type();
        LedgerAccount {
            account: account.into_str(),
            r#type: kind.into_str(),
            grows_by: if kind.grows_by_debits() { "debit" } else { "credit" },
        }
    }
}

/// The chart of accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerAccounts {
    pub data: Vec<LedgerAccount>,
}

/// An amount moved from one account to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "source": {"kind": "invoice_finalized", "id": "inv_01jgejp8g0e3q9k0v6z4t1x2y3"}, "leg": 0,
    "debit": "accounts_receivable", "credit": "deferred_revenue", "amount": "93.00", "currency": "USD",
    "customer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "entity_id": "ent_01jgejp8g0e3q9k0v6z4t1x2y3",
    "functional_currency": "EUR", "functional_amount": "85.51", "realised_gain": null, "origin_invoice_id": null,
    "effective_on": "2026-01-01", "rated_on": null, "original_on": null, "recorded_at": "2026-01-01T00:00:00Z"
}))]
pub struct LedgerEntry {
    pub source: Source,
    /// 0, 1, 2 … within its source.
    pub leg: i16,
    /// The account debited.
    pub debit: &'static str,
    /// The account credited.
    pub credit: &'static str,
    /// Above zero.
    pub amount: String,
    pub currency: &'static str,
    /// Null for what belongs to no customer, such as a gateway's monthly fee.
    #[schema(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
    /// In whose books.
    #[schema(value_type = String)]
    pub entity_id: Option<EntityId>,
    /// The currency of that entity's books; null while it waits for an exchange rate.
    pub functional_currency: Option<&'static str>,
    /// What was debited, in that currency.
    pub functional_amount: Option<String>,
    /// By how much less was credited: what `fx_gain_loss_realised` is credited with, a loss below zero. Null where it is nothing.
    pub realised_gain: Option<String>,
    /// The invoice whose deferred revenue, revenue or tax it moves, where that is another than it is about: what is given back of a charge is worth
    /// what that invoice booked. Null in books of the same currency.
    #[schema(value_type = Option<String>)]
    pub origin_invoice_id: Option<InvoiceId>,
    /// The day on which it counts, in the tenant's zone.
    pub effective_on: NaiveDate,
    /// The day whose exchange rate it has, where that is another: what takes the place of an invoice has its day.
    pub rated_on: Option<NaiveDate>,
    /// The day on which it would count, had its accounting period not been closed; null where it was open.
    pub original_on: Option<NaiveDate>,
    pub recorded_at: DateTime<Utc>,
}

/// What a transfer was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EntrySource)]
pub struct Source {
    /// `invoice_finalized`, `invoice_voided`, `invoice_written_off`, `write_off_recovered`, `payment_received`, `cash_rounded`, `credits_sold`,
    /// `credits_applied`, `credits_expired`, `credits_voided`, `credits_returned`, `credit_note_issued`,
    /// `refund_paid`, `refund_failed`, `balance_paid_out`, `dispute_moved`, `revenue_recognized`, `revenue_allocated`, `payout_settled`
    /// or `payout_failed`.
    pub kind: &'static str,
    /// The id of the invoice, payment, grant, credit note, refund, pay-out, dispute, contract, payout or part of a payout.
    pub id: String,
}

impl From<&Transfer> for LedgerEntry {
    fn from(transfer: &Transfer) -> LedgerEntry {
        let id = match transfer.source_kind {
            // Of an invoice that is voided.
            SourceKind::WriteOffRecovered
                if transfer.invoice_id.is_some_and(|id| id.uuid() == transfer.source_id) =>
            {
                InvoiceId::from_uuid(transfer.source_id).to_string()
            }
            SourceKind::InvoiceFinalized
            | SourceKind::InvoiceVoided
            | SourceKind::InvoiceWrittenOff
            | SourceKind::CreditsSold
            | SourceKind::CreditsApplied
            | SourceKind::RevenueRecognized => InvoiceId::from_uuid(transfer.source_id).to_string(),
            SourceKind::RevenueAllocated => RevenueContractId::from_uuid(transfer.source_id).to_string(),
            SourceKind::CreditNoteIssued => CreditNoteId::from_uuid(transfer.source_id).to_string(),
            SourceKind::RefundPaid | SourceKind::RefundFailed => {
                RefundId::from_uuid(transfer.source_id).to_string()
            }
            SourceKind::CreditsExpired | SourceKind::CreditsVoided | SourceKind::CreditsReturned => {
                CreditGrantId::from_uuid(transfer.source_id).to_string()
            }
            SourceKind::DisputeMoved => DisputeId::from_uuid(transfer.source_id).to_string(),
            SourceKind::PayoutSettled => PayoutItemId::from_uuid(transfer.source_id).to_string(),
            SourceKind::PayoutFailed => PayoutId::from_uuid(transfer.source_id).to_string(),
            SourceKind::BalancePaidOut => PayOutId::from_uuid(transfer.source_id).to_string(),
            SourceKind::WriteOffRecovered | SourceKind::PaymentReceived | SourceKind::CashRounded => {
                PaymentId::from_uuid(transfer.source_id).to_string()
            }
        };
        LedgerEntry {
            source: Source { kind: transfer.source_kind.into_str(), id },
            leg: transfer.leg,
            debit: transfer.debit.into_str(),
            credit: transfer.credit.into_str(),
            amount: transfer.amount.to_major_string(),
            currency: transfer.amount.currency().code(),
            customer_id: Some(transfer.customer_id).filter(|customer| *customer != NOBODY),
            entity_id: transfer.entity_id,
            functional_currency: transfer.functional.map(|functional| functional.amount.currency().code()),
            functional_amount: transfer.functional.map(|functional| functional.amount.to_major_string()),
            realised_gain: transfer
                .functional
                .filter(|functional| !functional.realised.is_zero())
                .map(|functional| functional.realised.to_major_string()),
            origin_invoice_id: transfer.origin_id,
            effective_on: transfer.effective_on,
            rated_on: transfer.rated_on,
            original_on: transfer.original_on,
            recorded_at: transfer.recorded_at,
        }
    }
}

/// Which transfers.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntriesQuery {
    /// Rows of the page: 1 to 1000, 50 when left out.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<u32>,
    /// A `next_cursor`: the page of older rows after it.
    pub after: Option<String>,
    /// Debited or credited.
    pub account: Option<String>,
    /// Made for this invoice (`inv_…`), payment (`pay_…`), credit grant (`cg_…`), credit note (`cn_…`), refund (`re_…`), part of
    /// a payout (`payout_item_…`) or payout that failed (`payout_…`).
    pub source_id: Option<String>,
    /// Of this customer.
    #[param(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
    /// In the books of this legal entity.
    #[param(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
}

/// A transfer's place in the order of the list: when it was recorded, its source, its kind and its leg.
pub type Place = (DateTime<Utc>, Uuid, SourceKind, i16);

impl EntriesQuery {
    /// The account requested.
    pub fn account(&self) -> Result<Option<Account>, Invalid> {
        let Some(name) = &self.account else { return Ok(None) };
        name.parse().map(Some).map_err(|_| {
            let known = Account::VARIANTS.iter().map(Account::into_str).collect::<Vec<_>>().join(", ");
            let detail = format!("there is no such account; there are {known}");
            Invalid::one("/query/account", "unknown_account", detail)
        })
    }

    /// The kind of account requested.
    pub fn source_id(&self) -> Result<Option<Uuid>, Invalid> {
        let Some(text) = &self.source_id else { return Ok(None) };
        let invoice = text.parse::<InvoiceId>().map(InvoiceId::uuid);
        let source = invoice
            .or_else(|_| text.parse::<PaymentId>().map(PaymentId::uuid))
            .or_else(|_| text.parse::<CreditGrantId>().map(CreditGrantId::uuid))
            .or_else(|_| text.parse::<CreditNoteId>().map(CreditNoteId::uuid))
            .or_else(|_| text.parse::<RefundId>().map(RefundId::uuid))
            .or_else(|_| text.parse::<PayoutItemId>().map(PayoutItemId::uuid))
            .or_else(|_| text.parse::<PayoutId>().map(PayoutId::uuid));
        source.map(Some).map_err(|_| {
            let detail = "a source is an invoice (inv_…), payment (pay_…), credit grant (cg_…), credit note (cn_…), refund (re_…) or part of a payout (payout_item_…)";
            Invalid::one("/query/source_id", "bad_value", detail)
        })
    }

    /// The place the cursor names: when recorded (in microseconds), source, kind and leg.
    pub fn place(&self) -> Result<Option<Place>, Invalid> {
        place_after(self.after.as_deref(), read_place)
    }
}

fn read_place(text: &str) -> Option<Place> {
    let mut parts = text.split('|');
    let recorded_at = DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)?;
    let recorded_at = Some(recorded_at).filter(|at| YEARS.contains(&at.year()))?;
    let source_id = parts.next()?.parse().ok()?;
    let kind: SourceKind = parts.next()?.parse().ok()?;
    let leg = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some((recorded_at, source_id, kind, leg))
}

/// The cursor that stands for a transfer.
pub fn cursor(transfer: &Transfer) -> String {
    let micros = transfer.recorded_at.timestamp_micros();
    let kind = transfer.source_kind.into_str();
    cursor_of(&format!("{micros}|{}|{kind}|{}", transfer.source_id, transfer.leg))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::{Currency, Money};

    #[test]
    fn a_cursor_is_read_back_as_the_place_it_stands_for() {
        let transfer = Transfer {
            source_kind: SourceKind::PaymentReceived,
            source_id: Uuid::from_u128(7),
            leg: 1,
            debit: Account::CashClearing,
            credit: Account::AccountsReceivable,
            amount: Money::from_minor(3100, Currency::parse("USD").unwrap()),
            customer_id: CustomerId::from_uuid(Uuid::from_u128(8)),
            entity_id: None,
            invoice_id: None,
            origin_id: None,
            rated_on: None,
            functional: None,
            effective_on: NaiveDate::MIN,
            original_on: None,
            recorded_at: DateTime::from_timestamp_micros(1_750_000_000_123_456).unwrap(),
        };
        let query = EntriesQuery { after: Some(cursor(&transfer)), ..EntriesQuery::default() };
        let place = (transfer.recorded_at, transfer.source_id, SourceKind::PaymentReceived, 1);
        assert_eq!(query.place(), Ok(Some(place)));
    }

    #[test]
    fn a_cursor_that_is_none_of_ours_is_refused() {
        for bad in [
            "",
            "x",
            "AAAA",
            &cursor_of("-9000000000000000000|00000000-0000-0000-0000-000000000007|payment_received|1"),
            &cursor_of("1|2|3|4"),
            &cursor_of("||||"),
        ] {
            let query = EntriesQuery { after: Some(bad.to_owned()), ..EntriesQuery::default() };
            assert_eq!(query.place().unwrap_err().errors[0].code, "bad_cursor");
        }
    }
}
