//! How is an export to a general ledger written? `{"level": "summary", "entries": 240, "debits": "4800.00", "credits": "4800.00", "accounts": […]}`.

pub mod datev;
pub mod fec;
pub mod files;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::{AccountingPeriodId, EntityId, JournalExportId};
use crate::domain::ledger::Account;
use crate::domain::money::Total;
use crate::domain::refusal::Invalid;
use crate::domain::revenue::journals as domain;

/// What accounts are called in your general ledger.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"accounts": [{"account": "accounts_receivable", "code": "411000", "name": "Clients"}]}))]
pub struct NewAccountMappings {
    /// For this legal entity alone; for all when left out.
    #[schema(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    /// Those that are named here are called so from now on; the others stay.
    pub accounts: Vec<AccountMapping>,
}

/// What an account is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountMapping {
    /// As `GET /v1/ledger/accounts` lists it.
    pub account: String,
    /// Its number or name there, up to 100 characters.
    pub code: String,
    /// What it is called beside its number, up to 100 characters.
    pub name: Option<String>,
}

/// What accounts are called, of one legal entity or of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountMappings {
    #[schema(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    pub data: Vec<AccountMapping>,
}

impl NewAccountMappings {
    /// The codes.
    ///
    /// # Errors
    /// `unknown_account`.
    pub fn codes(&self) -> Result<Vec<domain::AccountCode>, Invalid> {
        let code = |(place, named): (usize, &AccountMapping)| {
            let account: Account = named.account.parse().map_err(|_| {
                let detail = format_args!(
                    "there is no account {:?}: GET /v1/ledger/accounts lists them",
                    named.account
                );
                Invalid::one(format!("/accounts/{place}/account"), "unknown_account", detail)
            })?;
            Ok(domain::AccountCode { account, code: named.code.clone(), name: named.name.clone() })
        };
        self.accounts.iter().enumerate().map(code).collect()
    }
}

impl AccountMappings {
    /// Those of an entity, or of all.
    #[must_use]
    pub fn of(entity_id: Option<EntityId>, codes: Vec<domain::AccountCode>) -> AccountMappings {
        let mapping = |code: domain::AccountCode| AccountMapping {
            account: code.account.into_str().to_owned(),
            code: code.code,
            name: code.name,
        };
        AccountMappings { entity_id, data: codes.into_iter().map(mapping).collect() }
    }
}

/// Whose names of accounts.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountMappingsQuery {
    /// Those of this legal entity alone; those of all when left out.
    #[param(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
}

/// How much of a period is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JournalLevel {
    /// What moved between each two accounts in the period.
    Summary,
    /// Each posting.
    Detail,
}

impl From<JournalLevel> for domain::Level {
    fn from(level: JournalLevel) -> domain::Level {
        match level {
            JournalLevel::Summary => domain::Level::Summary,
            JournalLevel::Detail => domain::Level::Detail,
        }
    }
}

/// What is to be exported.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"accounting_period_id": "ap_01jgejp8g0e3q9k0v6z4t1x2y3", "level": "summary"}))]
pub struct NewJournalExport {
    /// What is posted in it, and in no export that stands.
    #[schema(value_type = String)]
    pub accounting_period_id: AccountingPeriodId,
    pub level: JournalLevel,
}

/// Why an export is taken back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Imported into the wrong company"}))]
pub struct ReverseJournalExport {
    pub reason: String,
}

/// Postings of a period, as they are handed to a general ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct JournalExport {
    #[schema(value_type = String, example = "jx_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: JournalExportId,
    #[schema(value_type = String)]
    pub entity_id: EntityId,
    #[schema(value_type = String)]
    pub accounting_period_id: AccountingPeriodId,
    /// The period's first day.
    pub start: NaiveDate,
    /// The day after its last.
    pub end: NaiveDate,
    /// `summary` or `detail`.
    pub level: &'static str,
    /// `standing`, or `reversed`: its postings can be exported again.
    pub status: &'static str,
    /// The export that it takes back, sides exchanged.
    #[schema(value_type = Option<String>)]
    pub reverses: Option<JournalExportId>,
    /// Of the entity's books, and of all amounts here.
    pub currency: &'static str,
    /// Journal entries: what was posted of one source on one day.
    pub entries: i64,
    /// Control totals: all that is debited, which is all that is credited.
    pub debits: String,
    pub credits: String,
    /// Of each account, as it was called when the export was made.
    pub accounts: Vec<ExportedAccount>,
    pub created_at: DateTime<Utc>,
    pub reversed_at: Option<DateTime<Utc>>,
    /// Why.
    pub reversed_because: Option<String>,
}

/// What an export moves on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExportedAccount {
    pub account: &'static str,
    pub code: String,
    pub name: String,
    pub debits: String,
    pub credits: String,
}

impl From<domain::JournalExport> for JournalExport {
    fn from(export: domain::JournalExport) -> JournalExport {
        let account = |total: &domain::AccountTotal| {
            let code = export.codes.find(total.account);
            ExportedAccount {
                account: total.account.into_str(),
                code: code.map_or_else(String::new, |code| code.code.clone()),
                name: code.map_or_else(String::new, domain::AccountCode::name),
                debits: Total::to_major_string(total.debits),
                credits: Total::to_major_string(total.credits),
            }
        };
        JournalExport {
            id: export.id,
            entity_id: export.entity_id,
            accounting_period_id: export.period_id,
            start: export.days.from,
            end: export.days.to,
            level: export.level.into_str(),
            status: if export.reversed.is_some() { "reversed" } else { "standing" },
            reverses: export.reverses,
            currency: export.currency.code(),
            entries: export.entries,
            debits: export.debits().to_major_string(),
            credits: export.credits().to_major_string(),
            accounts: export.totals.iter().map(account).collect(),
            created_at: export.created_at,
            reversed_at: export.reversed.as_ref().map(|reversed| reversed.at),
            reversed_because: export.reversed.map(|reversed| reversed.because),
        }
    }
}

/// Which exports.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct JournalExportsFilter {
    /// Of this period.
    #[param(value_type = Option<String>)]
    pub accounting_period_id: Option<AccountingPeriodId>,
}

/// For which program a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JournalFormat {
    /// Two lines for each amount moved, with everything that is known of it.
    Csv,
    Quickbooks,
    Xero,
    Netsuite,
    /// Sage Intacct.
    Sage,
    /// A posting batch (Buchungsstapel) in the DATEV format.
    Datev,
}

/// How a file is written.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct JournalFileQuery {
    #[param(value_type = Option<JournalFormat>, inline)]
    pub format: Option<JournalFormat>,
    /// Xero: the name of the tax rate of every line; `Tax Exempt` when left out.
    pub tax_rate: Option<String>,
    /// Sage Intacct: the journal; `GJ` when left out.
    pub journal: Option<String>,
    /// DATEV: the number of the consultant (Berater), from 1001 to 9999999.
    pub consultant: Option<u32>,
    /// DATEV: the number of the client (Mandant), from 1 to 99999.
    pub client: Option<u32>,
}
