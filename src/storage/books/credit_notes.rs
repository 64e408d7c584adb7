//! Do credit notes take back what they say, and no more than there was? And is the money on its way back what was promised?

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "credit_notes_are_their_lines",
        sql: "
            SELECT n.id AS subject, format('its lines add up to %s − %s + %s, with %s within; it says %s − %s + %s, with %s',
                coalesce(l.amount, 0), coalesce(l.discount, 0), coalesce(l.tax, 0), coalesce(l.within, 0),
                n.subtotal, n.discount_total, n.tax_total, n.tax_included_total) AS detail
            FROM credit_notes n
            LEFT JOIN (SELECT credit_note_id, sum(amount) AS amount, sum(discount) AS discount, sum(tax) AS tax, sum(tax_included) AS within
                       FROM credit_note_lines WHERE tenant_id = $1 GROUP BY credit_note_id) l ON l.credit_note_id = n.id
            WHERE n.tenant_id = $1 AND (n.subtotal <> coalesce(l.amount, 0) OR n.discount_total <> coalesce(l.discount, 0)
                OR n.tax_total <> coalesce(l.tax, 0) OR n.tax_included_total <> coalesce(l.within, 0))",
    },
    Check {
        name: "no_more_is_credited_than_was_billed",
        sql: "
            SELECT format('%s line %s', n.invoice_id, l.invoice_line_no) AS subject,
                format('%s was billed and %s is credited', coalesce(b.amount, 0), sum(l.amount)) AS detail
            FROM credit_notes n
            JOIN credit_note_lines l ON l.tenant_id = n.tenant_id AND l.credit_note_id = n.id
            LEFT JOIN invoice_lines b ON b.tenant_id = n.tenant_id AND b.invoice_id = n.invoice_id AND b.line_no = l.invoice_line_no
            WHERE n.tenant_id = $1 GROUP BY n.invoice_id, l.invoice_line_no, b.amount, b.discount, b.tax, b.tax_included
            HAVING abs(sum(l.amount)) > abs(coalesce(b.amount, 0)) OR abs(sum(l.discount)) > abs(coalesce(b.discount, 0))
                OR abs(sum(l.tax)) > abs(coalesce(b.tax, 0)) OR abs(sum(l.tax_included)) > abs(coalesce(b.tax_included, 0))",
    },
    Check {
        name: "credited_amounts_are_their_notes",
        sql: "
            SELECT i.id AS subject, format('it says that %s of it is credited, its notes took %s off what was due', i.amount_credited, coalesce(n.credited, 0)) AS detail
            FROM invoices i
            LEFT JOIN (SELECT invoice_id, sum(to_invoice) AS credited FROM credit_notes WHERE tenant_id = $1 GROUP BY invoice_id) n
                ON n.invoice_id = i.id
            WHERE i.tenant_id = $1 AND i.amount_credited <> coalesce(n.credited, 0)",
    },
    Check {
        name: "credit_notes_are_posted",
        sql: "
            SELECT n.id AS subject, format('it takes %s off what was due; %s was posted', n.to_invoice, coalesce(t.receivable, 0)) AS detail
            FROM credit_notes n
            LEFT JOIN (SELECT source_id,
                           sum(CASE 'accounts_receivable' WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END) AS receivable
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'credit_note_issued' GROUP BY source_id) t
                ON t.source_id = n.id
            WHERE n.tenant_id = $1 AND (t.source_id IS NULL OR t.receivable <> n.to_invoice)",
    },
    Check {
        name: "refunds_payable_are_pending_refunds",
        sql: "
            SELECT format('customer %s, %s', coalesce(l.customer_id, r.customer_id), coalesce(l.currency, r.currency)) AS subject,
                format('%s is on its way back, the ledger has %s', coalesce(r.pending, 0), coalesce(l.payable, 0)) AS detail
            FROM (SELECT customer_id, currency, sum(CASE WHEN credit = 'refunds_payable' THEN amount ELSE -amount END) AS payable
                  FROM ledger_transfers WHERE tenant_id = $1 AND (debit = 'refunds_payable' OR credit = 'refunds_payable')
                  GROUP BY customer_id, currency) l
            FULL JOIN (SELECT customer_id, currency, sum(amount) FILTER (WHERE status = 'pending') AS pending
                       FROM refunds WHERE tenant_id = $1 GROUP BY customer_id, currency) r
                ON r.customer_id = l.customer_id AND r.currency = l.currency
            WHERE coalesce(l.payable, 0) <> coalesce(r.pending, 0)",
    },
    Check {
        name: "refunds_are_within_their_payments",
        sql: "
            SELECT r.payment_id AS subject, format('%s of it came in time and %s was applied; %s is refunded by notes and %s by pay-outs',
                coalesce(p.came, 0), coalesce(p.amount_applied, 0), r.noted, r.paid_out) AS detail
            FROM (SELECT payment_id, coalesce(sum(amount) FILTER (WHERE credit_note_id IS NOT NULL), 0) AS noted,
                      coalesce(sum(amount) FILTER (WHERE pay_out_id IS NOT NULL), 0) AS paid_out
                  FROM refunds WHERE tenant_id = $1 GROUP BY payment_id) r
            LEFT JOIN (SELECT id, amount_applied, CASE status WHEN 'succeeded' THEN amount - amount_surplus ELSE 0 END AS came
                       FROM payments WHERE tenant_id = $1) p ON p.id = r.payment_id
            WHERE r.noted > coalesce(p.amount_applied, 0) OR r.noted + r.paid_out > coalesce(p.came, 0)",
    },
];
