//! How is a billing run measured? Against its own rows, written once more by plain `COPY` into identical empty tables.
//!
//! 100,000 subscriptions with three prices are made by three statements; nothing of it is timed.

pub mod close;
pub mod rating;
pub mod reads;
pub mod usage;

use std::path::Path;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::schema::{customers, invoices};
use super::{Session, StorageError, fit};
use crate::domain::ids::{CustomerId, TenantId};
use crate::domain::invoicing::Status;

/// The tables a billing run writes, in the order it writes them.
pub const WRITTEN: [&str; 6] =
    ["invoice_lines", "ledger_transfers", "billing_cursors", "invoices", "outbox", "invoice_line_taxes"];

/// Subscriptions to make.
#[derive(Debug, Clone, Copy)]
pub struct Seed {
    pub tenant_id: TenantId,
    pub subscriptions: i64,
    pub start_at: DateTime<Utc>,
}

/// Ids in rising order, as the server mints them: customer `n` is `…-8000-00000000000n`.
const SEED: &str = "
CREATE FUNCTION pg_temp.id(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT ('01900000-000' || kind || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
INSERT INTO products (tenant_id, id, name, created_at) VALUES ('{t}', pg_temp.id(1, 1), 'Platform', '{at}');
INSERT INTO plans (tenant_id, id, code, name, product_id, created_at) VALUES ('{t}', pg_temp.id(2, 1), 'team', 'Team', pg_temp.id(1, 1), '{at}');
INSERT INTO plan_versions VALUES ('{t}', pg_temp.id(2, 1), 1, 'USD', 'month', 1, '{at}');
INSERT INTO prices SELECT '{t}', pg_temp.id(3, n), pg_temp.id(2, 1), 1, n, code, description, 'recurring', 'in_advance'
  FROM (VALUES (1, 'base', 'Platform fee'), (2, 'seats', 'Seats'), (3, 'support', 'Premium support')) AS p (n, code, description);
INSERT INTO price_amounts VALUES
  ('{t}', pg_temp.id(3, 1), 'USD', '{\"type\":\"flat\",\"amount\":\"29.00\"}'),
  ('{t}', pg_temp.id(3, 2), 'USD', '{\"type\":\"per_unit\",\"unit_amount\":\"12.50\"}'),
  ('{t}', pg_temp.id(3, 3), 'USD', '{\"type\":\"flat\",\"amount\":\"9.99\"}');
INSERT INTO customers (tenant_id, id, external_id, name, currency, created_at)
  SELECT '{t}', pg_temp.id(4, n), 'c' || n, 'Customer ' || n, 'USD', '{at}' FROM generate_series(1, {n}) n;
INSERT INTO buyer_versions SELECT '{t}', pg_temp.id(4, n), 1, jsonb_build_object('name', 'Customer ' || n), '{at}' FROM generate_series(1, {n}) n;
INSERT INTO subscriptions (tenant_id, id, customer_id, plan_id, plan_version, currency, collection, start_at, time_zone,
    cycle_base, cycle_anchor_day, interval_unit, interval_count, created_at)
  SELECT '{t}', pg_temp.id(5, n), pg_temp.id(4, n), pg_temp.id(2, 1), 1, 'USD', 'automatic', '{at}', 'UTC', '{date}', {day}, 'month', 1, '{at}'
  FROM generate_series(1, {n}) n;
INSERT INTO item_versions (tenant_id, subscription_id, id, item_id, price_id, quantity, valid_from, recorded_at)
  SELECT '{t}', pg_temp.id(5, n), pg_temp.id(6, n * 4 + p), pg_temp.id(7, n * 4 + p), pg_temp.id(3, p), CASE p WHEN 2 THEN 1 + n % 50 ELSE 1 END, '{at}', '{at}'
  FROM generate_series(1, {n}) n, generate_series(1, 3) p;
INSERT INTO billing_cursors SELECT '{t}', pg_temp.id(4, n), pg_temp.id(5, n), '{at}', '{at}' FROM generate_series(1, {n}) n;
DROP FUNCTION pg_temp.id;
";

/// Makes customers, each with one subscription to a plan of three prices, all due at the same instant.
pub fn seed(session: &mut Session, seed: Seed) -> Result<(), StorageError> {
    let script = SEED
        .replace("{t}", &seed.tenant_id.uuid().to_string())
        .replace("{at}", &seed.start_at.to_rfc3339())
        .replace("{date}", &seed.start_at.date_naive().to_string())
        .replace("{day}", &seed.start_at.format("%-d").to_string())
        .replace("{n}", &seed.subscriptions.to_string());
    session.connection()?.batch_execute(&script)?;
    settle(session)
}

/// Gives each customer of a tenant a card that the simulated gateway charges.
pub fn give_cards(session: &mut Session, tenant_id: TenantId) -> Result<(), StorageError> {
    let script = "
        INSERT INTO payment_methods (tenant_id, id, customer_id, kind, gateway, token, metadata, created_at)
          SELECT tenant_id, id, id, 'card', 'simulator', 'tok_success', '{}', created_at FROM customers WHERE tenant_id = '{t}';
        UPDATE customers SET default_payment_method_id = id WHERE tenant_id = '{t}';"
        .replace("{t}", &tenant_id.uuid().to_string());
    session.connection()?.batch_execute(&script)?;
    settle(session)
}

/// Has a tenant sell from France, where and under the one-stop shop of which it is registered, to consumers in France and Germany, to German
/// businesses and to buyers in the United States: a domestic rate, one of another country, a reverse charge, and no tax. Its books are in euros,
/// and it sells in dollars: so each transfer has an amount in both.
pub fn tax_sales(session: &mut Session, tenant_id: TenantId) -> Result<(), StorageError> {
    let script = "
        UPDATE entities SET country = 'FR', functional_currency = 'EUR' WHERE tenant_id = '{t}';
        INSERT INTO exchange_rates (tenant_id, id, source, base, quote, date, value, recorded_at)
          SELECT '{t}', gen_random_uuid(), 'bench', 'USD', 'EUR', day::date, 0.9173 + extract(day FROM day) / 10000, now()
          FROM (SELECT min(start_at)::date AS first FROM subscriptions WHERE tenant_id = '{t}') s,
               generate_series(s.first, s.first + 1200, interval '1 day') day;
        INSERT INTO tax_settings (tenant_id, rounding, unknown_numbers) VALUES ('{t}', 'document', 'charge');
        INSERT INTO tax_registrations (tenant_id, id, country, scheme, created_at)
          VALUES ('{t}', gen_random_uuid(), 'FR', 'standard', now()), ('{t}', gen_random_uuid(), 'FR', 'oss', now());
        UPDATE buyer_versions SET details = details || '{\"tax_ids\":[]}' || CASE right(details->>'name', 1)::int % 4
            WHEN 0 THEN '{\"address\":{\"country\":\"FR\"}}'
            WHEN 1 THEN '{\"address\":{\"country\":\"DE\"}}'
            WHEN 2 THEN '{\"address\":{\"country\":\"DE\"},\"tax_ids\":[{\"type\":\"eu_vat\",\"value\":\"DE136695976\",\"status\":\"valid\"}]}'
            ELSE '{\"address\":{\"country\":\"US\",\"state\":\"NY\"}}' END::jsonb
          WHERE tenant_id = '{t}';"
        .replace("{t}", &tenant_id.uuid().to_string());
    session.connection()?.batch_execute(&script)?;
    settle(session)
}

/// Has a tenant sell from Texas to buyers there: one tax on each line, whoever says it.
pub fn sell_in_texas(session: &mut Session, tenant_id: TenantId) -> Result<(), StorageError> {
    let script = "
        UPDATE entities SET country = 'US', state = 'TX' WHERE tenant_id = '{t}';
        INSERT INTO tax_settings (tenant_id, rounding, unknown_numbers) VALUES ('{t}', 'document', 'charge');
        UPDATE buyer_versions SET details = details || '{\"tax_ids\":[],\"address\":{\"country\":\"US\",\"state\":\"TX\",\"city\":\"Waco\",\"postal_code\":\"76701\"}}'::jsonb
          WHERE tenant_id = '{t}';"
        .replace("{t}", &tenant_id.uuid().to_string());
    session.connection()?.batch_execute(&script)?;
    settle(session)
}

/// How many invoices of a tenant are issued.
pub fn issued(session: &mut Session, tenant_id: TenantId) -> Result<i64, StorageError> {
    let issued =
        invoices::table.filter(invoices::tenant_id.eq(tenant_id).and(invoices::number.is_not_null()));
    Ok(issued.count().get_result(session.connection()?)?)
}

/// How many invoices a tenant has, and how many of them are paid.
pub fn invoices_and_paid(session: &mut Session, tenant_id: TenantId) -> Result<(i64, i64), StorageError> {
    let all = invoices::table.filter(invoices::tenant_id.eq(tenant_id));
    let paid = all.filter(invoices::status.eq(Status::Paid));
    Ok((all.count().get_result(session.connection()?)?, paid.count().get_result(session.connection()?)?))
}

/// The first customer of a tenant.
pub fn a_customer(session: &mut Session, tenant_id: TenantId) -> Result<CustomerId, StorageError> {
    let theirs = customers::table.filter(customers::tenant_id.eq(tenant_id)).order(customers::id);
    Ok(theirs.select(customers::id).first(session.connection()?)?)
}

/// Makes live tenants, each with a customer and nothing due.
pub fn seed_tenants(session: &mut Session, tenants: i64) -> Result<(), StorageError> {
    let script = "
        INSERT INTO tenants (id, name, time_zone, currency, mode, created_at)
          SELECT gen_random_uuid(), 'Tenant ' || n, 'UTC', 'USD', 'live', now() FROM generate_series(1, {n}) n;
        INSERT INTO entities (tenant_id, id, name, functional_currency, is_default, invoice_pattern, credit_note_pattern, seller_version, created_at)
          SELECT id, id, name, 'USD', true, 'INV-{seq:6}', 'CN-{seq:6}', 1, now() FROM tenants ON CONFLICT DO NOTHING;
        INSERT INTO customers (tenant_id, id, name, currency, created_at)
          SELECT id, gen_random_uuid(), 'Customer', 'USD', now() FROM tenants;"
        .replace("{n}", &tenants.to_string());
    session.connection()?.batch_execute(&script)?;
    settle(session)
}

/// Brings statistics and disk to rest, so that one measurement does not pay for the one before.
pub fn settle(session: &mut Session) -> Result<(), StorageError> {
    session.connection()?.batch_execute("VACUUM (ANALYZE)")?;
    session.connection()?.batch_execute("CHECKPOINT")?;
    Ok(())
}

/// How many rows the run wrote, and makes identical empty tables and files of those rows for [`copy`].
pub fn prepare_copy(session: &mut Session, dir: &Path, since: DateTime<Utc>) -> Result<i64, StorageError> {
    // The rows to find were written after the last statistics were taken.
    session.connection()?.batch_execute("ANALYZE")?;
    let mut rows = 0;
    session.connection()?.batch_execute("DROP SCHEMA IF EXISTS plain CASCADE; CREATE SCHEMA plain")?;
    for table in WRITTEN {
        let chosen = match table {
            "invoices" => "created_at >= $1",
            "invoice_lines" | "invoice_line_taxes" => {
                "invoice_id IN (SELECT id FROM invoices WHERE created_at >= $1)"
            }
            "ledger_transfers" => "recorded_at >= $1",
            "outbox" => "occurred_at >= $1",
            _ => "$1 IS NOT NULL",
        };
        let file = dir.join(table).display().to_string().replace('\'', "''");
        let chosen = chosen.replace("$1", &format!("'{}'::timestamptz", since.to_rfc3339()));
        let conn = session.connection()?;
        conn.batch_execute(&format!("CREATE TABLE plain.{table} (LIKE public.{table} INCLUDING ALL)"))?;
        let copy = format!("COPY (SELECT * FROM public.{table} WHERE {chosen}) TO '{file}'");
        rows += fit::<_, i64>("rows", diesel::sql_query(copy).execute(conn)?)?;
    }
    settle(session)?;
    Ok(rows)
}

/// Writes the rows again with plain `COPY`, in one transaction: the thing to time.
pub fn copy(session: &mut Session, dir: &Path) -> Result<(), StorageError> {
    let mut script = String::from("BEGIN;");
    for table in WRITTEN {
        let file = dir.join(table).display().to_string().replace('\'', "''");
        script.push_str(&format!("COPY plain.{table} FROM '{file}';"));
    }
    script.push_str("COMMIT");
    session.connection()?.batch_execute(&script)?;
    Ok(())
}
