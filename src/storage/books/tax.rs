//! Is the tax right that is written down? The taxes of a line are its tax, nothing of them goes back twice, and what is declared of each
//! document is what the ledger owes for it, from the same instant on.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        // A number that is watched, that is; of others the caller has the last word.
        name: "answers_of_registers_are_known",
        sql: "
            SELECT n.id AS subject, format('the register answered %s of %s, the details of its customer say %s', n.answer, n.value, e.status) AS detail
            FROM tax_numbers n
            JOIN customers c ON c.tenant_id = $1 AND c.id = n.customer_id
            JOIN buyer_versions b ON b.tenant_id = $1 AND b.customer_id = c.id AND b.version = c.version
            CROSS JOIN LATERAL (SELECT coalesce(t ->> 'status', 'unknown') AS status FROM jsonb_array_elements(b.details -> 'tax_ids') t
                WHERE t ->> 'type' = 'eu_vat' AND upper(regexp_replace(t ->> 'value', '[^A-Za-z0-9]', '', 'g')) = n.value) e
            WHERE n.tenant_id = $1 AND n.next_check_at IS NOT NULL AND n.answer IS NOT NULL AND e.status <> n.answer",
    },
    Check {
        name: "answers_of_registers_rest_on_checks",
        sql: "
            SELECT n.id AS subject, format('%s is %s since %s, the last check that was answered says %s at %s',
                n.value, n.answer, n.answered_at, k.answer, k.checked_at) AS detail
            FROM tax_numbers n
            LEFT JOIN LATERAL (SELECT answer, checked_at FROM tax_number_checks k
                WHERE k.tenant_id = $1 AND k.tax_number_id = n.id AND k.answer <> 'unknown' ORDER BY k.id DESC LIMIT 1) k ON true
            WHERE n.tenant_id = $1 AND n.answer IS NOT NULL
              AND (k.answer IS DISTINCT FROM n.answer OR k.checked_at IS DISTINCT FROM n.answered_at)",
    },
    Check {
        name: "taxes_of_a_line_are_its_tax",
        sql: "
            SELECT t.invoice_id AS subject, format('the taxes of line %s come to %s on top and %s within, the line says %s and %s',
                t.line_no, t.tax, t.within, l.tax, l.tax_included) AS detail
            FROM (SELECT invoice_id, line_no, coalesce(sum(amount) FILTER (WHERE NOT inclusive), 0) AS tax,
                      coalesce(sum(amount) FILTER (WHERE inclusive), 0) AS within
                  FROM invoice_line_taxes WHERE tenant_id = $1 GROUP BY 1, 2) t
            LEFT JOIN invoice_lines l ON l.tenant_id = $1 AND l.invoice_id = t.invoice_id AND l.line_no = t.line_no
            WHERE l.tax IS DISTINCT FROM t.tax OR l.tax_included IS DISTINCT FROM t.within",
    },
    Check {
        name: "taxes_taken_back_by_a_note_are_its_tax",
        sql: "
            SELECT t.credit_note_id AS subject,
                format('the taxes it takes back of line %s come to %s on top and %s within, it says %s and %s',
                    t.line_no, t.tax, t.within, l.tax, l.tax_included) AS detail
            FROM (SELECT b.credit_note_id, b.line_no, coalesce(sum(b.amount) FILTER (WHERE NOT x.inclusive), 0) AS tax,
                      coalesce(sum(b.amount) FILTER (WHERE x.inclusive), 0) AS within
                  FROM credit_note_line_taxes b
                  JOIN invoice_line_taxes x ON x.tenant_id = $1 AND x.invoice_id = b.invoice_id AND x.line_no = b.line_no AND x.tax_no = b.tax_no
                  WHERE b.tenant_id = $1 GROUP BY 1, 2) t
            LEFT JOIN credit_note_lines l ON l.tenant_id = $1 AND l.credit_note_id = t.credit_note_id AND l.invoice_line_no = t.line_no
            WHERE l.tax IS DISTINCT FROM t.tax OR l.tax_included IS DISTINCT FROM t.within",
    },
    Check {
        // A charge whose lines and notes come to nothing has no tax left.
        name: "what_is_taken_back_whole_leaves_no_tax",
        sql: "
            SELECT k.item_version_id AS subject,
                format('nothing of what is charged from %s is left, and %s of its tax', k.period_start, k.tax) AS detail
            FROM (SELECT l.item_version_id, l.period_start,
                      sum(CASE WHEN t.tax_no = 1 OR t.taxable <> f.taxable THEN t.taxable - coalesce(n.taxable, 0) ELSE 0 END
                          + CASE WHEN t.inclusive THEN t.amount - coalesce(n.amount, 0) ELSE 0 END) AS charged,
                      sum(t.amount - coalesce(n.amount, 0)) AS tax
                  FROM invoice_line_taxes t
                  JOIN invoice_lines l ON l.tenant_id = $1 AND l.invoice_id = t.invoice_id AND l.line_no = t.line_no
                  JOIN invoices i ON i.tenant_id = $1 AND i.id = t.invoice_id AND i.status <> 'void'
                  JOIN invoice_line_taxes f ON f.tenant_id = $1 AND f.invoice_id = t.invoice_id AND f.line_no = t.line_no AND f.tax_no = 1
                  LEFT JOIN (SELECT invoice_id, line_no, tax_no, sum(taxable) AS taxable, sum(amount) AS amount
                             FROM credit_note_line_taxes WHERE tenant_id = $1 GROUP BY 1, 2, 3) n
                      ON n.invoice_id = t.invoice_id AND n.line_no = t.line_no AND n.tax_no = t.tax_no
                  WHERE t.tenant_id = $1 AND l.item_version_id IS NOT NULL GROUP BY 1, 2) k
            WHERE k.charged = 0 AND k.tax <> 0",
    },
    Check {
        name: "no_tax_goes_back_twice",
        sql: "
            SELECT t.invoice_id AS subject, format('of tax %s of line %s, %s, notes took back %s', t.tax_no, t.line_no, t.amount, n.amount) AS detail
            FROM (SELECT invoice_id, line_no, tax_no, sum(amount) AS amount FROM credit_note_line_taxes WHERE tenant_id = $1 GROUP BY 1, 2, 3) n
            JOIN invoice_line_taxes t ON t.tenant_id = $1 AND t.invoice_id = n.invoice_id AND t.line_no = n.line_no AND t.tax_no = n.tax_no
            WHERE abs(n.amount) > abs(t.amount)",
    },
    Check {
        // What proves the report of any period: it counts the same documents at the same instants as the account moves.
        name: "taxes_are_the_tax_payable",
        sql: "
            SELECT coalesce(t.id, l.source_id) AS subject, format('its taxes come to %s %s at %s as %s; the ledger has %s %s at %s as %s',
                coalesce(t.tax, 0), t.currency, t.at, t.kind, coalesce(l.tax, 0), l.currency, l.recorded_at, l.source_kind) AS detail
            FROM (SELECT i.id, 'invoice_finalized' AS kind, i.currency, i.issued_at AS at, sum(x.amount) AS tax
                  FROM invoices i JOIN invoice_line_taxes x ON x.tenant_id = $1 AND x.invoice_id = i.id
                  WHERE i.tenant_id = $1 AND i.issued_at IS NOT NULL GROUP BY 1, 2, 3, 4
                  UNION ALL
                  SELECT i.id, 'invoice_voided', i.currency, i.closed_at, -sum(x.amount)
                  FROM invoices i JOIN invoice_line_taxes x ON x.tenant_id = $1 AND x.invoice_id = i.id
                  WHERE i.tenant_id = $1 AND i.status = 'void' GROUP BY 1, 2, 3, 4
                  UNION ALL
                  SELECT n.id, 'credit_note_issued', n.currency, n.issued_at, -sum(x.amount)
                  FROM credit_notes n JOIN credit_note_line_taxes x ON x.tenant_id = $1 AND x.credit_note_id = n.id
                  WHERE n.tenant_id = $1 GROUP BY 1, 2, 3, 4) t
            FULL JOIN (SELECT source_id, source_kind, currency, recorded_at,
                           sum(CASE WHEN credit = 'tax_payable' THEN amount ELSE -amount END) AS tax
                       FROM ledger_transfers WHERE tenant_id = $1 AND (debit = 'tax_payable' OR credit = 'tax_payable')
                       GROUP BY 1, 2, 3, 4) l
                ON l.source_id = t.id AND l.source_kind = t.kind AND l.currency = t.currency AND l.recorded_at = t.at
            WHERE coalesce(t.tax, 0) <> coalesce(l.tax, 0)",
    },
];
