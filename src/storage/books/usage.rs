//! Do the roll-ups say what the events say? Each hour is added up again from its events, by a reading of its own in SQL, and each day from
//! its hours; and every event has claimed its key, once.

use super::Check;

/// What each meter reads off each event: `read (meter_id, aggregation, customer_id, hour, occurred_at, key, dimensions, value, word, priced)`.
/// What a meter cannot read does not count for it: the event was there before the meter.
macro_rules! with_readings {
    ($($rest:tt)*) => {
        concat!(
            "
            WITH since AS (
                SELECT coalesce((SELECT dropped_before FROM usage_settings WHERE tenant_id = $1), '-infinity') AS since
            ), looked AS (
                SELECT m.*, m.id AS meter_id, e.customer_id, e.occurred_at, e.key, e.data, e.data -> m.value_property AS v, e.data -> m.price_property AS p,
                    date_trunc('hour', e.occurred_at, 'UTC') AS hour
                FROM meters m JOIN usage_events e ON e.tenant_id = m.tenant_id AND e.type = m.event_type
                WHERE m.tenant_id = $1 AND e.occurred_at >= (SELECT since FROM since)
                AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(m.filters) f
                    WHERE NOT coalesce(f -> 'values' ? (e.data ->> (f ->> 'property')), false)
                    OR jsonb_typeof(e.data -> (f ->> 'property')) IN ('object', 'array'))
                AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text(m.dimensions) d
                    WHERE jsonb_typeof(e.data -> d) IN ('object', 'array'))
            ), numbers AS (
                SELECT l.*,
                    CASE WHEN aggregation IN ('count', 'unique_count') THEN 0
                         WHEN jsonb_typeof(v) IN ('number', 'string') AND v #>> '{}' ~ '^-?[0-9]+([.][0-9]+)?$' THEN (v #>> '{}')::numeric END AS value,
                    CASE WHEN price_property IS NULL THEN 0
                         WHEN jsonb_typeof(p) IN ('number', 'string') AND p #>> '{}' ~ '^-?[0-9]+([.][0-9]+)?$' THEN (p #>> '{}')::numeric END AS priced,
                    CASE WHEN jsonb_typeof(v) IN ('number', 'string', 'boolean') THEN v #>> '{}' END AS word,
                    coalesce((SELECT jsonb_agg(coalesce(data ->> d, '') ORDER BY n)
                        FROM jsonb_array_elements_text(l.dimensions) WITH ORDINALITY AS a (d, n)), '[]') AS said
                FROM looked l
            ), read AS (
                SELECT meter_id, aggregation, customer_id, hour, occurred_at, key, said AS dimensions, value, word, priced FROM numbers
                WHERE abs(value) <= CASE aggregation WHEN 'weighted_sum' THEN 1000000000000 ELSE 1000000000000000 END
                AND abs(priced) <= 1000000000000000 AND scale(trim_scale(value)) <= 12 AND scale(trim_scale(priced)) <= 12
                AND (aggregation <> 'unique_count' OR octet_length(word) <= 500)
                AND octet_length(said::text) <= 1000 + greatest(jsonb_array_length(said) - 1, 0)
            )",
            $($rest)*
        )
    };
}

/// The difference of two instants in microseconds: `micros!("a", "b")` is `b − a`.
macro_rules! micros {
    ($from:literal, $to:literal) => {
        concat!("(extract(epoch FROM ", $to, ") - extract(epoch FROM ", $from, ")) * 1000000")
    };
}

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "usage_hours_are_their_events",
        sql: with_readings!(
            ", held AS (
                SELECT *, CASE aggregation WHEN 'weighted_sum' THEN value * ", micros!("occurred_at",
                    "lead(occurred_at, 1, hour + interval '1 hour') OVER (PARTITION BY meter_id, customer_id, hour, dimensions ORDER BY occurred_at, key)"),
                " ELSE 0 END AS held
                FROM read
            ), expected AS (
                SELECT meter_id, customer_id, hour AS bucket, dimensions, count(*) AS events, sum(value) AS total, max(value) AS largest,
                    (array_agg(value ORDER BY occurred_at DESC, key DESC))[1] AS latest, max(occurred_at) AS latest_at,
                    (array_agg(key ORDER BY occurred_at DESC, key DESC))[1] AS latest_key, sum(priced) AS priced,
                    min(occurred_at) AS first_at, sum(held) AS held
                FROM held GROUP BY meter_id, customer_id, hour, dimensions
            ), recorded AS (
                SELECT *, dimensions::jsonb AS said FROM usage_rollups
                WHERE tenant_id = $1 AND grain = 1 AND bucket >= (SELECT since FROM since)
            )
            SELECT format('customer %s, meter %s, %s', coalesce(e.customer_id, r.customer_id), coalesce(e.meter_id, r.meter_id), coalesce(e.bucket, r.bucket)) AS subject,
                format('the events of %s are %s with %s in all, it says %s with %s', coalesce(e.dimensions, r.said),
                    coalesce(e.events, 0), coalesce(e.total, 0), coalesce(r.events, 0), coalesce(r.total, 0)) AS detail
            FROM expected e FULL JOIN recorded r ON r.customer_id = e.customer_id AND r.meter_id = e.meter_id AND r.bucket = e.bucket AND r.said = e.dimensions
            WHERE (e.events, e.total, e.largest, e.latest, e.latest_at, e.latest_key, e.priced, e.first_at, e.held)
                IS DISTINCT FROM (r.events, r.total, r.largest, r.latest, r.latest_at, r.latest_key, r.priced, r.first_at, r.held)"
        ),
    },
    Check {
        name: "usage_days_are_their_hours",
        sql: concat!("
            WITH hours AS (
                SELECT r.*, date_trunc('day', bucket, 'UTC') AS day,
                    CASE m.aggregation WHEN 'weighted_sum' THEN r.held + r.latest * ", micros!("(r.bucket + interval '1 hour')",
                        "lead(r.first_at, 1, date_trunc('day', bucket, 'UTC') + interval '24 hours')
                         OVER (PARTITION BY r.customer_id, r.meter_id, date_trunc('day', bucket, 'UTC'), r.dimensions ORDER BY r.bucket)"),
                    " ELSE 0 END AS held_on
                FROM usage_rollups r JOIN meters m ON m.tenant_id = r.tenant_id AND m.id = r.meter_id
                WHERE r.tenant_id = $1 AND r.grain = 1
            ), expected AS (
                SELECT meter_id, customer_id, day AS bucket, dimensions, sum(events) AS events, sum(total) AS total, max(largest) AS largest,
                    (array_agg(latest ORDER BY latest_at DESC, latest_key DESC))[1] AS latest, max(latest_at) AS latest_at,
                    sum(priced) AS priced, min(first_at) AS first_at, sum(held_on) AS held
                FROM hours GROUP BY meter_id, customer_id, day, dimensions
            )
            SELECT format('customer %s, meter %s, %s', coalesce(e.customer_id, r.customer_id), coalesce(e.meter_id, r.meter_id), coalesce(e.bucket, r.bucket)) AS subject,
                format('the hours of %s are %s with %s in all, the day says %s with %s', coalesce(e.dimensions, r.dimensions),
                    coalesce(e.events, 0), coalesce(e.total, 0), coalesce(r.events, 0), coalesce(r.total, 0)) AS detail
            FROM expected e FULL JOIN (SELECT * FROM usage_rollups WHERE tenant_id = $1 AND grain = 24) r
                ON r.customer_id = e.customer_id AND r.meter_id = e.meter_id AND r.bucket = e.bucket AND r.dimensions = e.dimensions
            WHERE (e.events, e.total, e.largest, e.latest, e.latest_at, e.priced, e.first_at, e.held)
                IS DISTINCT FROM (r.events::numeric, r.total, r.largest, r.latest, r.latest_at, r.priced, r.first_at, r.held)"),
    },
    Check {
        name: "different_values_are_those_of_the_events",
        sql: with_readings!(", expected AS (
                SELECT DISTINCT customer_id, meter_id, b.grain, CASE b.grain WHEN 1 THEN hour ELSE date_trunc('day', hour, 'UTC') END AS bucket, dimensions, word
                FROM read, (VALUES (1::smallint), (24::smallint)) AS b (grain) WHERE aggregation = 'unique_count'
            )
            SELECT format('customer %s, meter %s, %s', coalesce(e.customer_id, u.customer_id), coalesce(e.meter_id, u.meter_id), coalesce(e.bucket, u.bucket)) AS subject,
                CASE WHEN u.value IS NULL THEN format('%s of an event is not listed', e.word) ELSE format('%s is of no event', u.value) END AS detail
            FROM expected e
            FULL JOIN (SELECT *, dimensions::jsonb AS said FROM usage_uniques WHERE tenant_id = $1
                       AND bucket >= (SELECT since FROM since)) u
                ON u.customer_id = e.customer_id AND u.meter_id = e.meter_id AND u.grain = e.grain AND u.bucket = e.bucket
                AND u.said = e.dimensions AND u.value = e.word
            WHERE u.value IS NULL OR e.word IS NULL"),
    },
    Check {
        name: "every_event_has_its_key_once",
        sql: "
            WITH events AS (
                SELECT key, customer_id, occurred_at FROM usage_events WHERE tenant_id = $1
                UNION ALL SELECT key, customer_id, occurred_at FROM usage_voided WHERE tenant_id = $1
                UNION ALL SELECT e.key, e.customer_id, e.occurred_at FROM usage_backfill_events e
                    JOIN usage_backfills b ON b.tenant_id = e.tenant_id AND b.id = e.backfill_id
                    WHERE e.tenant_id = $1 AND b.status <> 'closed'
                UNION ALL SELECT key, NULL, occurred_at FROM usage_kept WHERE tenant_id = $1
            ), counted AS (
                SELECT key, count(*) AS count, (array_agg(customer_id))[1] AS customer_id, min(occurred_at) AS occurred_at FROM events GROUP BY key
            )
            SELECT coalesce(e.key, k.key) AS subject,
                CASE WHEN k.key IS NULL THEN 'the event has not claimed its key' WHEN e.key IS NULL THEN 'a key was claimed for an event that is not there'
                     WHEN e.count > 1 THEN format('the event is there %s times', e.count) ELSE 'the key says that the event is elsewhere' END AS detail
            FROM counted e
            FULL JOIN (SELECT * FROM usage_event_keys WHERE tenant_id = $1) k ON k.key = e.key
            WHERE k.key IS NULL OR e.count > 1 OR e.customer_id IS DISTINCT FROM k.customer_id AND e.key IS NOT NULL
            OR e.occurred_at <> k.occurred_at
            OR e.key IS NULL AND k.occurred_at >= coalesce((SELECT dropped_before FROM usage_settings WHERE tenant_id = $1), '-infinity')",
    },
];
