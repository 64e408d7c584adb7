//! Do exports say what is posted? The control totals of each are held against the postings in it.

use super::Check;

pub(super) const CHECKS: &[Check] = &[Check {
    name: "exports_say_what_is_posted",
    sql: "
        SELECT e.id AS subject, format('its control total is %s, and its postings come to %s', e.debits, coalesce(p.debits, 0)) AS detail
        FROM (SELECT x.id, coalesce(sum((t.total ->> 'debits')::numeric), 0) AS debits, coalesce(sum((t.total ->> 'credits')::numeric), 0) AS credits
              FROM journal_exports x LEFT JOIN LATERAL jsonb_array_elements(x.totals) AS t (total) ON true
              WHERE x.tenant_id = $1 AND x.reverses_id IS NULL GROUP BY x.id) e
        LEFT JOIN (SELECT i.export_id, sum(coalesce(t.functional_amount, t.amount, r.amount) + greatest(-coalesce(t.realised_gain, 0), 0)) AS debits
              FROM journal_export_items i
              LEFT JOIN ledger_transfers t ON t.tenant_id = $1 AND t.source_id = i.source_id AND t.source_kind = i.source_kind AND t.leg = i.leg
              LEFT JOIN ledger_revaluation_postings r ON r.tenant_id = $1 AND r.revaluation_id = i.source_id AND r.leg = i.leg
                  AND i.source_kind = 'revaluation'
              WHERE i.tenant_id = $1 GROUP BY i.export_id) p ON p.export_id = e.id
        WHERE e.debits <> e.credits OR e.debits <> coalesce(p.debits, 0)",
}];
