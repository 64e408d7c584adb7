//! Are the sums that reports read what schedules and transfers come to? Each is made again from first facts.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "revenue_sums_are_schedules",
        sql: "
            SELECT format('%s booked on %s, %s from %s to %s', currency, booked_on, rule, starts_on, ends_on) AS subject,
                format('%s schedules with %s over and %s evenly are more than the sums say', sum(times), amount, sum(evenly)) AS detail
            FROM (
                SELECT entity_id, currency, entry, deferred, starts_on, ends_on, booked_on, rule, amount - evenly AS amount, whole, since,
                    fulfilled, is_allocated, is_moved, 1 AS times, evenly
                FROM (SELECT coalesce(i.entity_id, i.tenant_id) AS entity_id, i.currency, greatest(least(s.entry, 1), -2) AS entry, s.deferred,
                          CASE WHEN s.deferred OR s.fulfilled IS NOT NULL THEN s.starts_on ELSE s.booked_on END AS starts_on,
                          CASE WHEN s.deferred OR s.fulfilled IS NOT NULL THEN s.ends_on ELSE s.booked_on + 1 END AS ends_on,
                          s.booked_on, s.rule, s.amount, s.whole, s.since, s.fulfilled, s.is_allocated, s.is_moved,
                          CASE WHEN s.fulfilled IS NOT NULL OR s.whole IS NOT NULL THEN 0
                              WHEN NOT s.deferred OR s.rule NOT LIKE 'ratable%' THEN s.amount
                              WHEN s.rule = 'ratable_daily' THEN s.amount - s.amount % (s.ends_on - s.starts_on)
                              ELSE 0 END AS evenly
                      FROM revenue_schedules s JOIN invoices i ON i.tenant_id = s.tenant_id AND i.id = s.invoice_id WHERE s.tenant_id = $1) s
                UNION ALL
                SELECT entity_id, currency, entry, deferred, starts_on, ends_on, booked_on, rule, amount, whole, since,
                    fulfilled, is_allocated, is_moved, -times, -evenly FROM revenue_sums WHERE tenant_id = $1
            ) u
            GROUP BY entity_id, currency, entry, deferred, starts_on, ends_on, booked_on, rule, amount, whole, since, fulfilled, is_allocated, is_moved
            HAVING sum(times) <> 0 OR sum(evenly) <> 0",
    },
    Check {
        name: "ledger_sums_are_transfers",
        sql: "
            SELECT format('%s %s on %s, %s', account, currency, effective_on, source_kind) AS subject,
                format('%s more is posted than the sums say', sum(amount)) AS detail
            FROM (SELECT coalesce(entity_id, tenant_id) AS entity_id, currency, 'deferred_revenue' AS account, source_kind, effective_on,
                      CASE WHEN credit = 'deferred_revenue' THEN amount ELSE -amount END AS amount
                  FROM ledger_transfers WHERE tenant_id = $1 AND (debit = 'deferred_revenue') <> (credit = 'deferred_revenue')
                  UNION ALL
                  SELECT entity_id, currency, account, source_kind, effective_on, -amount FROM ledger_sums WHERE tenant_id = $1) u
            GROUP BY entity_id, currency, account, source_kind, effective_on HAVING sum(amount) <> 0",
    },
];
