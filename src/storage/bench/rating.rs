//! How is the billing of usage measured? Beside the billing of the same customers without usage: same lines, same month.
//!
//! 10,000 customers with 1,000 events each and one of ten usage prices, made by SQL; nothing of it is timed. The roll-ups are
//! summed up from the events themselves.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;

use crate::domain::ids::TenantId;
use crate::storage::{Session, StorageError, usage};

/// Usage to make, for the subscriptions that [`bench::seed`](super::seed) made.
#[derive(Debug, Clone, Copy)]
pub struct UsageSeed {
    pub tenant_id: TenantId,
    pub customers: i64,
    /// Of each customer, spread over four weeks.
    pub events: i64,
    pub start_at: DateTime<Utc>,
}

/// The second price of every subscription becomes one of ten usage prices, by customer: one of each model.
const PRICES: &str = r#"
CREATE FUNCTION pg_temp.id(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT ('01900000-000' || kind || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
INSERT INTO meters (tenant_id, id, code, name, event_type, aggregation, value_property, price_property, dimensions, created_at) VALUES
  ('{t}', pg_temp.id(8, 1), 'calls', 'Calls', 'call', 'sum', 'units', 'price', '[]', '{at}'),
  ('{t}', pg_temp.id(8, 2), 'calls_by_model', 'Calls by model', 'call.model', 'sum', 'units', 'price', '["model"]', '{at}');
INSERT INTO prices (tenant_id, id, plan_id, plan_version, position, code, description, kind, billing, meter_id, included_units)
  SELECT '{t}', pg_temp.id(3, 10 + n), pg_temp.id(2, 1), 1, 10 + n, 'usage_' || n, 'Calls', 'usage', 'in_arrears',
         pg_temp.id(8, CASE n WHEN 7 THEN 2 ELSE 1 END), CASE n WHEN 9 THEN 1000 ELSE 0 END
  FROM generate_series(0, 9) n;
INSERT INTO price_amounts (tenant_id, price_id, currency, model) SELECT '{t}', pg_temp.id(3, 10 + n), 'USD', model::jsonb FROM (VALUES
  (0, '{"type":"flat","amount":"10.00"}'),
  (1, '{"type":"per_unit","unit_amount":"0.0025"}'),
  (2, '{"type":"package","amount":"5.00","size":"1000"}'),
  (3, '{"type":"graduated","tiers":[{"up_to":"1000","unit_amount":"0.01","flat_amount":"0"},{"up_to":null,"unit_amount":"0.005","flat_amount":"0"}]}'),
  (4, '{"type":"volume","tiers":[{"up_to":"1000","unit_amount":"0.01","flat_amount":"0"},{"up_to":null,"unit_amount":"0.005","flat_amount":"0"}]}'),
  (5, '{"type":"stairstep","tiers":[{"up_to":"1000","unit_amount":"0","flat_amount":"10"},{"up_to":null,"unit_amount":"0","flat_amount":"90"}]}'),
  (6, '{"type":"percentage","percent":"2.9","fixed_amount":"0.01","per_event_minimum":null,"per_event_maximum":null}'),
  (7, '{"type":"matrix","dimensions":["model"],"cells":[{"values":["large"],"unit_amount":"0.002"}],"default_unit_amount":"0.001"}'),
  (8, '{"type":"dynamic","markup_percent":"20"}'),
  (9, '{"type":"per_unit","unit_amount":"0.0025"}')) AS m (n, model);
UPDATE item_versions v SET price_id = pg_temp.id(3, 10 + n % 10), quantity = 1
  FROM generate_series(1, {n}) n WHERE v.tenant_id = '{t}' AND v.subscription_id = pg_temp.id(5, n) AND v.id = pg_temp.id(6, n * 4 + 2);
"#;

/// Every event of customer `c` lies `28 days / events` after the one before.
const EVENTS: &str = r#"
INSERT INTO usage_events (tenant_id, customer_id, occurred_at, key, type, source, id, data, recorded_at)
  SELECT '{t}', pg_temp.id(4, c), '{at}'::timestamptz + e * (interval '28 days' / {e}) + c * interval '1 millisecond',
         ('01900000-0009-7000-' || lpad(to_hex(c), 4, '8') || '-' || lpad(to_hex(e), 12, '0'))::uuid,
         CASE c % 10 WHEN 7 THEN 'call.model' ELSE 'call' END, 'bench', c || '-' || e,
         jsonb_build_object('units', 1 + (c + e) % 100, 'price', '0.01', 'model', CASE e % 2 WHEN 0 THEN 'large' ELSE 'small' END), '{at}'
  FROM generate_series({from}, {to}) c, generate_series(0, {e} - 1) e;
"#;

const ROLLUPS: &str = r#"
INSERT INTO usage_rollups (tenant_id, customer_id, meter_id, grain, bucket, dimensions, events, total, largest, latest, latest_at, latest_key, priced, first_at)
  SELECT tenant_id, customer_id, CASE type WHEN 'call' THEN pg_temp.id(8, 1) ELSE pg_temp.id(8, 2) END, {grain}, date_trunc('{unit}', occurred_at, 'UTC'),
         CASE type WHEN 'call' THEN '[]' ELSE '["' || (data->>'model') || '"]' END,
         count(*), sum((data->>'units')::numeric), max((data->>'units')::numeric),
         (array_agg((data->>'units')::numeric ORDER BY occurred_at DESC))[1], max(occurred_at),
         (array_agg(key ORDER BY occurred_at DESC))[1], sum((data->>'price')::numeric), min(occurred_at)
  FROM usage_events WHERE tenant_id = '{t}' AND customer_id BETWEEN pg_temp.id(4, {from}) AND pg_temp.id(4, {to})
  GROUP BY 1, 2, 3, 5, 6;
"#;

/// Customers whose events are made by one statement.
const SLICE: i64 = 500;

/// Makes usage prices, events and their roll-ups; `tell` hears how many customers have theirs.
pub fn seed(session: &mut Session, seed: UsageSeed, mut tell: impl FnMut(i64)) -> Result<(), StorageError> {
    let fill = |script: &str| {
        script
            .replace("{t}", &seed.tenant_id.uuid().to_string())
            .replace("{at}", &seed.start_at.to_rfc3339())
            .replace("{n}", &seed.customers.to_string())
            .replace("{e}", &seed.events.to_string())
    };
    session.transaction("make_partitions", |tx| {
        let days = (0..31).map(|day| seed.start_at + TimeDelta::days(day));
        usage::make_for(tx, days)
    })?;
    session.connection()?.batch_execute(&fill(PRICES))?;
    let mut from = 1;
    while from <= seed.customers {
        let to = (from + SLICE - 1).min(seed.customers);
        let slice =
            |script: &str| fill(script).replace("{from}", &from.to_string()).replace("{to}", &to.to_string());
        let mut script = slice(EVENTS);
        for (grain, unit) in [("1", "hour"), ("24", "day")] {
            script.push_str(&slice(ROLLUPS).replace("{grain}", grain).replace("{unit}", unit));
        }
        session.connection()?.batch_execute(&script)?;
        tell(to);
        from = to + 1;
    }
    session.connection()?.batch_execute("DROP FUNCTION pg_temp.id")?;
    super::settle(session)
}
