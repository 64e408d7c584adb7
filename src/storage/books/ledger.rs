//! Does the ledger say what the documents say? Every finalized invoice and every payment is posted, with the amounts of its parts, and
//! what customers owe by the ledger is what their open invoices add up to.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "receivables_are_open_amounts",
        sql: "
            SELECT format('customer %s, %s', coalesce(l.customer_id, i.customer_id), coalesce(l.currency, i.currency)) AS subject,
                format('its open invoices add up to %s, the ledger has %s receivable', coalesce(i.due, 0), coalesce(l.receivable, 0)) AS detail
            FROM (SELECT customer_id, currency,
                      sum(CASE WHEN debit = 'accounts_receivable' THEN amount ELSE -amount END) AS receivable
                  FROM ledger_transfers
                  WHERE tenant_id = $1 AND (debit = 'accounts_receivable' OR credit = 'accounts_receivable')
                  GROUP BY customer_id, currency) l
            FULL JOIN (SELECT customer_id, currency, sum(total + given_back - amount_paid - credits_applied - balance_applied - amount_credited) AS due FROM invoices
                       WHERE tenant_id = $1 AND status = 'open' AND total + given_back > 0 GROUP BY customer_id, currency) i
                ON i.customer_id = l.customer_id AND i.currency = l.currency
            WHERE coalesce(l.receivable, 0) <> coalesce(i.due, 0)",
    },
    Check {
        name: "finalized_invoices_are_posted",
        sql: "
            SELECT i.id AS subject, format('its total is %s, %s was posted to the receivables', i.total, coalesce(t.receivable, 0)) AS detail
            FROM invoices i
            LEFT JOIN (SELECT source_id,
                           sum(CASE 'accounts_receivable' WHEN debit THEN amount WHEN credit THEN -amount ELSE 0 END) AS receivable
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'invoice_finalized' GROUP BY source_id) t
                ON t.source_id = i.id
            WHERE i.tenant_id = $1
            AND coalesce(t.receivable, 0) <> CASE WHEN i.status = 'draft' THEN 0 ELSE greatest(i.total, -i.given_back) END",
    },
    Check {
        name: "postings_are_their_lines",
        sql: "
            SELECT i.id AS subject, format('its lines are %s deferred, %s revenue and %s tax; posted are %s, %s and %s',
                coalesce(l.deferred, 0), coalesce(l.earned, 0), coalesce(l.tax, 0),
                coalesce(t.deferred, 0), coalesce(t.earned, 0), coalesce(t.tax, 0)) AS detail
            FROM invoices i
            LEFT JOIN (SELECT l.invoice_id, coalesce(sum(l.amount - l.discount - l.tax_included) FILTER (WHERE l.deferred OR s.rule IS NOT NULL), 0) AS deferred,
                           coalesce(sum(l.amount - l.discount - l.tax_included) FILTER (WHERE NOT l.deferred AND s.rule IS NULL), 0) AS earned,
                           sum(l.tax + l.tax_included) AS tax
                       FROM invoice_lines l
                       LEFT JOIN revenue_schedules s ON s.tenant_id = l.tenant_id AND s.invoice_id = l.invoice_id AND s.line_no = l.line_no AND s.entry = 0
                           AND s.rule IN ('on_fulfilment', 'milestone')
                       WHERE l.tenant_id = $1 GROUP BY l.invoice_id) l ON l.invoice_id = i.id
            LEFT JOIN (SELECT source_id,
                           sum(CASE 'deferred_revenue' WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END) AS deferred,
                           sum(CASE 'revenue' WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END) AS earned,
                           sum(CASE 'tax_payable' WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END) AS tax
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'invoice_finalized' GROUP BY source_id) t
                ON t.source_id = i.id
            WHERE i.tenant_id = $1 AND i.status <> 'draft'
            AND (coalesce(l.deferred, 0) <> coalesce(t.deferred, 0) OR coalesce(l.earned, 0) <> coalesce(t.earned, 0)
                 OR coalesce(l.tax, 0) <> coalesce(t.tax, 0))",
    },
    Check {
        name: "losses_are_of_what_is_given_up",
        sql: "
            SELECT i.id AS subject, format('the invoice is %s, and %s of it is lost', i.status, sum(s.amount)) AS detail
            FROM (SELECT coalesce(invoice_id, source_id) AS id, CASE WHEN debit = 'write_offs' THEN amount ELSE -amount END AS amount
                  FROM ledger_transfers WHERE tenant_id = $1 AND (debit = 'write_offs' OR credit = 'write_offs')) s
            JOIN invoices i ON i.tenant_id = $1 AND i.id = s.id
            WHERE i.status <> 'uncollectible' GROUP BY i.id, i.status HAVING sum(s.amount) <> 0",
    },
    Check {
        name: "void_invoices_are_reversed",
        sql: "
            SELECT i.id AS subject, format('the invoice is %s, %s of its postings is left on %s', i.status, sum(s.amount), s.account) AS detail
            FROM invoices i
            JOIN (SELECT source_id, debit AS account, amount FROM ledger_transfers
                  WHERE tenant_id = $1 AND source_kind NOT IN ('revenue_recognized', 'invoice_written_off', 'write_off_recovered')
                  UNION ALL SELECT source_id, credit, -amount FROM ledger_transfers
                  WHERE tenant_id = $1 AND source_kind NOT IN ('revenue_recognized', 'invoice_written_off', 'write_off_recovered')) s
                ON s.source_id = i.id
            WHERE i.tenant_id = $1 AND i.status = 'void' GROUP BY i.id, i.status, s.account HAVING sum(s.amount) <> 0",
    },
    Check {
        name: "only_void_invoices_are_reversed",
        sql: "
            SELECT DISTINCT i.id AS subject, format('the invoice is %s, its postings are reversed', i.status) AS detail
            FROM invoices i JOIN ledger_transfers t ON t.tenant_id = i.tenant_id AND t.source_id = i.id
            WHERE i.tenant_id = $1 AND i.status <> 'void' AND t.source_kind = 'invoice_voided'",
    },
    Check {
        name: "payments_are_posted",
        sql: "
            SELECT p.id AS subject, format('it is %s with %s, %s of it applied and %s surplus; posted are %s, %s and %s',
                p.status, p.amount, p.amount_applied, p.amount_surplus, coalesce(t.cash, 0), coalesce(t.applied, 0), coalesce(t.surplus, 0)) AS detail
            FROM payments p
            LEFT JOIN (SELECT source_id,
                           sum(CASE 'cash_clearing' WHEN debit THEN amount WHEN credit THEN -amount ELSE 0 END) AS cash,
                           sum(CASE 'accounts_receivable' WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END) AS applied,
                           sum(CASE 'refunds_payable' WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END) AS surplus
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'payment_received' GROUP BY source_id) t
                ON t.source_id = p.id
            WHERE p.tenant_id = $1
            AND (coalesce(t.cash, 0) <> CASE WHEN p.status = 'succeeded' THEN p.amount ELSE 0 END
                 OR coalesce(t.applied, 0) <> CASE WHEN p.status = 'succeeded' THEN p.amount_applied ELSE 0 END
                 OR coalesce(t.surplus, 0) <> p.amount_surplus)",
    },
    Check {
        name: "cash_rounding_is_posted",
        sql: "
            SELECT p.id AS subject, format('%s more than its amount was taken in cash; posted are %s', p.cash_rounding, coalesce(t.rounding, 0)) AS detail
            FROM payments p
            LEFT JOIN (SELECT source_id, sum(CASE 'cash_rounding' WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END) AS rounding
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'cash_rounded' GROUP BY source_id) t
                ON t.source_id = p.id
            WHERE p.tenant_id = $1 AND p.cash_rounding <> coalesce(t.rounding, 0)",
    },
    Check {
        name: "transfers_have_their_source",
        sql: "
            SELECT t.source_id AS subject, format('%s of %s %s was posted for it as %s, which is not there', t.leg, t.amount, t.currency, t.source_kind) AS detail
            FROM ledger_transfers t
            LEFT JOIN invoices i ON i.tenant_id = t.tenant_id AND i.id = t.source_id
                AND i.customer_id = t.customer_id AND i.currency = t.currency
            LEFT JOIN payments p ON p.tenant_id = t.tenant_id AND p.id = t.source_id
                AND p.customer_id = t.customer_id AND p.currency = t.currency
            LEFT JOIN credit_grants g ON g.tenant_id = t.tenant_id AND g.id = t.source_id
                AND g.customer_id = t.customer_id AND g.currency = t.currency
            LEFT JOIN credit_notes n ON n.tenant_id = t.tenant_id AND n.id = t.source_id
                AND n.customer_id = t.customer_id AND n.currency = t.currency
            LEFT JOIN refunds r ON r.tenant_id = t.tenant_id AND r.id = t.source_id
                AND r.customer_id = t.customer_id AND r.currency = t.currency
            LEFT JOIN balance_pay_outs o ON o.tenant_id = t.tenant_id AND o.id = t.source_id
                AND o.customer_id = t.customer_id AND o.currency = t.currency
            LEFT JOIN disputes d ON d.tenant_id = t.tenant_id AND d.id = t.source_id
                AND d.customer_id = t.customer_id AND d.currency = t.currency
            LEFT JOIN payout_items y ON y.tenant_id = t.tenant_id AND y.id = t.source_id AND t.source_kind = 'payout_settled'
                AND t.currency IN (y.currency, y.original_currency)
                AND coalesce(y.customer_id, '00000000-0000-0000-0000-000000000000') = t.customer_id
            LEFT JOIN payouts x ON x.tenant_id = t.tenant_id AND x.id = t.source_id AND t.source_kind = 'payout_failed'
                AND x.currency = t.currency
            LEFT JOIN revenue_contracts k ON k.tenant_id = t.tenant_id AND k.id = t.source_id
                AND k.customer_id = t.customer_id AND k.currency = t.currency
            WHERE t.tenant_id = $1 AND coalesce(i.id, p.id, g.id, n.id, r.id, o.id, d.id, y.id, x.id, k.id) IS NULL",
    },
];
