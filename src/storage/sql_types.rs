//! How is a value of the domain written in a column, and read again? An id as its UUID, a name as its text, what has parts as JSON: so
//! rows hold the domain's own types.
//!
//! `"opne"` in `invoices.status` is no name of a status: whoever reads that row gets an error, and nothing panics.

use std::any::type_name;
use std::fmt::Debug;
use std::io::Write;
use std::str::FromStr;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Jsonb, Uuid as SqlUuid};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::domain::{
    billing, calendar, catalog, credits, customers, discounts, entities, events, ids, invoicing, ledger,
    money, payments, proration, revenue, subscriptions, tax, usage, webhooks, work,
};

/// Ids, each in a column of UUIDs.
macro_rules! ids {
    ($($id:ident)+) => {$(
        const _: () = {
            #[derive(AsExpression, FromSqlRow)]
            #[diesel(foreign_derive, sql_type = SqlUuid)]
            #[expect(dead_code, reason = "it is there for what is derived of it")]
            struct Derived(ids::$id);

            impl ToSql<SqlUuid, Pg> for ids::$id {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                    ToSql::<SqlUuid, Pg>::to_sql(&self.uuid(), &mut out.reborrow())
                }
            }

            impl FromSql<SqlUuid, Pg> for ids::$id {
                fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<ids::$id> {
                    <Uuid as FromSql<SqlUuid, Pg>>::from_sql(bytes).map(ids::$id::from_uuid)
                }
            }
        };
    )+};
}

ids! {
    AccountingPeriodId ApiKeyId BackfillId BillRunId BudgetId ChangeId CouponId CreditGrantId CreditNoteId CustomerId DiscountId DisputeId EntityId EventId ExchangeRateId
    FraudWarningId FulfilmentId GatewayAccountId InboundEventId InvoiceId
    ItemId ItemVersionId JournalExportId MeterId MigrationId ParkedWorkId PaymentId PaymentMethodId PayOutId PayoutId PayoutItemId PlanId PriceId ProductId RefundId RetryPolicyId RevaluationId
    RevenueContractId RevenueRuleId StandalonePriceId SubscriptionId TaxDocumentId TaxIdCheckId TaxNumberId TaxProviderId TaxQuestionId TaxRateId TaxRegistrationId TenantId
    WebhookEndpointId
}

/// What is kept as its name: the type, and what gives the name.
macro_rules! names {
    ($($type:ty: $name:ident,)+) => {$(
        const _: () = {
            #[derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
            #[diesel(foreign_derive, sql_type = diesel::sql_types::Text)]
            #[expect(dead_code, reason = "it is there for what is derived of it")]
            struct Derived($type);

            impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $type {
                fn to_sql<'b>(
                    &'b self,
                    out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
                ) -> diesel::serialize::Result {
                    std::io::Write::write_all(out, self.$name().as_bytes())?;
                    Ok(diesel::serialize::IsNull::No)
                }
            }

            impl diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $type {
                fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<$type> {
                    $crate::storage::sql_types::named(bytes)
                }
            }
        };
    )+};
}
pub(in crate::storage) use names;

names! {
    billing::taken_back::How: into_str,
    calendar::Unit: into_str,
    calendar::Zone: name,
    catalog::Billing: into_str,
    catalog::PriceKind: into_str,
    catalog::Rounding: into_str,
    catalog::TaxBehavior: into_str,
    catalog::TaxCode: into_str,
    catalog::features::GrantKind: into_str,
    credits::ApplyBalance: into_str,
    credits::Source: into_str,
    credits::Status: into_str,
    credits::notes::RefundStatus: into_str,
    credits::pay_out::Way: into_str,
    customers::Grouping: into_str,
    customers::Pays: into_str,
    customers::Standing: into_str,
    discounts::DurationKind: into_str,
    entities::Kind: into_str,
    entities::Pattern: text,
    events::EventType: into_str,
    invoicing::Status: into_str,
    invoicing::WaitsFor: into_str,
    ledger::Account: into_str,
    ledger::SourceKind: into_str,
    money::Currency: code,
    payments::Kind: into_str,
    payments::accounts::GatewayKind: into_str,
    payments::Status: into_str,
    payments::declines::Class: into_str,
    payments::disputes::Action: into_str,
    payments::disputes::Kind: into_str,
    payments::disputes::Place: into_str,
    payments::disputes::Status: into_str,
    payments::disputes::policy::Invoice: into_str,
    payments::disputes::policy::OnWarning: into_str,
    payments::disputes::policy::Subscription: into_str,
    payments::mandates::State: into_str,
    payments::preferences::Owner: into_str,
    payments::payouts::Kind: into_str,
    payments::payouts::Reason: into_str,
    payments::payouts::Status: into_str,
    payments::simulated::Outcome: into_str,
    proration::Basis: into_str,
    revenue::Because: into_str,
    revenue::Rule: into_str,
    revenue::journals::Level: into_str,
    revenue::periods::Status: into_str,
    subscriptions::Collection: into_str,
    subscriptions::breaks::pause::PauseMode: into_str,
    subscriptions::trial::WithoutMethod: into_str,
    tax::assess::Rounding: into_str,
    tax::category::Category: into_str,
    tax::category::Reason: into_str,
    tax::parties::Scheme: into_str,
    tax::parties::UnknownNumbers: into_str,
    tax::provided::OnOutage: into_str,
    tax::provided::ProviderKind: into_str,
    tax::provided::documents::DocumentKind: into_str,
    tax::provided::documents::Recorded: into_str,
    tax::provided::documents::Wanted: into_str,
    usage::Aggregation: into_str,
    usage::UnknownUsage: into_str,
    usage::backfill::Status: into_str,
    webhooks::DeliveryStatus: into_str,
    webhooks::PayloadForm: into_str,
    webhooks::Signature: into_str,
    webhooks::Why: into_str,
    work::RunStatus: into_str,
    work::Trigger: into_str,
    work::Work: into_str,
}

/// What a stored text names.
pub(in crate::storage) fn named<T: FromStr>(bytes: PgValue<'_>) -> deserialize::Result<T> {
    let text = str::from_utf8(bytes.as_bytes())?;
    text.parse().map_err(|_| format!("{text:?} names no {}", type_name::<T>()).into())
}

/// What is kept as JSON.
#[derive(Debug, Clone, Default, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Jsonb)]
pub(in crate::storage) struct Json<T>(pub T);

/// The version of the format, before the text.
const JSONB: u8 = 1;

impl<T: Serialize + Debug> ToSql<Jsonb, Pg> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[JSONB])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

impl<T: DeserializeOwned> FromSql<Jsonb, Pg> for Json<T> {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Json<T>> {
        match bytes.as_bytes() {
            [JSONB, text @ ..] => Ok(Json(serde_json::from_slice(text)?)),
            _ => Err("this is no JSON that is known".into()),
        }
    }
}

/// An id that a statement finds.
#[derive(diesel::QueryableByName)]
pub(in crate::storage) struct IdRow<T> {
    #[diesel(sql_type = SqlUuid)]
    pub id: T,
}
