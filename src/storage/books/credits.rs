//! Are credits what they say? A grant is what it was less what was drawn, expired and voided; the ledger owes what is unused, in
//! money and in usage.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "grants_are_what_was_not_drawn",
        sql: "
            SELECT g.id AS subject, format('of %s, %s remain and %s are closed; %s were drawn',
                g.amount, g.remaining, g.closed_amount, coalesce(d.drawn, 0)) AS detail
            FROM credit_grants g
            LEFT JOIN (SELECT grant_id, sum(amount - returned) AS drawn FROM credit_drawdowns WHERE tenant_id = $1 GROUP BY grant_id) d
                ON d.grant_id = g.id
            WHERE g.tenant_id = $1 AND g.amount <> g.remaining + g.closed_amount + coalesce(d.drawn, 0)",
    },
    Check {
        name: "invoices_drew_what_they_say",
        sql: "
            SELECT i.id AS subject, format('it says that credits paid %s of it, %s were drawn', i.credits_applied, coalesce(d.drawn, 0)) AS detail
            FROM invoices i
            LEFT JOIN (SELECT invoice_id, sum(amount) AS drawn FROM credit_drawdowns WHERE tenant_id = $1 GROUP BY invoice_id) d
                ON d.invoice_id = i.id
            WHERE i.tenant_id = $1 AND i.credits_applied <> coalesce(d.drawn, 0)",
    },
    Check {
        name: "drawdowns_have_their_invoice",
        sql: "
            SELECT d.grant_id AS subject, format('%s were drawn by invoice %s, which is not there, or is of another customer or currency', d.amount, d.invoice_id) AS detail
            FROM credit_drawdowns d
            LEFT JOIN credit_grants g ON g.tenant_id = d.tenant_id AND g.id = d.grant_id
            LEFT JOIN invoices i ON i.tenant_id = d.tenant_id AND i.id = d.invoice_id AND i.customer_id = g.customer_id AND i.currency = g.currency
            WHERE d.tenant_id = $1 AND (g.id IS NULL OR i.id IS NULL)",
    },
    Check {
        name: "applied_credits_are_posted",
        sql: "
            SELECT i.id AS subject, format('credits paid %s and the balance %s of it; %s and %s were posted',
                i.credits_applied, i.balance_applied, coalesce(t.credits, 0), coalesce(t.balance, 0)) AS detail
            FROM invoices i
            LEFT JOIN (SELECT source_id, sum(amount) FILTER (WHERE debit IN ('prepaid_credits', 'promotional_credits')) AS credits,
                           sum(amount) FILTER (WHERE debit = 'customer_credit') AS balance
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'credits_applied' AND credit = 'accounts_receivable'
                       GROUP BY source_id) t ON t.source_id = i.id
            WHERE i.tenant_id = $1 AND (i.credits_applied <> coalesce(t.credits, 0) OR i.balance_applied <> coalesce(t.balance, 0))",
    },
    // As the domain counts: the price less what is earned in proportion to what is used, rounded on the whole, less what was closed.
    Check {
        name: "prepaid_credits_are_unused_grants",
        sql: "
            SELECT format('customer %s, %s', coalesce(l.customer_id, g.customer_id), coalesce(l.currency, g.currency)) AS subject,
                format('its grants owe usage worth %s, the ledger has %s', coalesce(g.owed, 0), coalesce(l.owed, 0)) AS detail
            FROM (SELECT customer_id, currency, sum(CASE WHEN credit = 'prepaid_credits' THEN amount ELSE -amount END) AS owed
                  FROM ledger_transfers WHERE tenant_id = $1 AND (debit = 'prepaid_credits' OR credit = 'prepaid_credits')
                  GROUP BY customer_id, currency) l
            FULL JOIN (SELECT customer_id, currency,
                           sum(price - round(price::numeric * (amount - remaining - closed_amount) / amount) - closed_price) AS owed
                       FROM credit_grants WHERE tenant_id = $1 GROUP BY customer_id, currency) g
                ON g.customer_id = l.customer_id AND g.currency = l.currency
            WHERE coalesce(l.owed, 0) <> coalesce(g.owed, 0)",
    },
    Check {
        name: "bought_credits_are_invoiced",
        sql: "
            SELECT g.id AS subject, format('it was sold for %s by invoice %s of %s, which is %s; the grant is %s',
                g.price, g.invoice_id, i.total, i.status, g.status) AS detail
            FROM credit_grants g LEFT JOIN invoices i ON i.tenant_id = g.tenant_id AND i.id = g.invoice_id AND i.customer_id = g.customer_id
            WHERE g.tenant_id = $1 AND g.source = 'purchased'
            AND (i.id IS NULL OR i.subtotal <> g.price OR (g.status = 'pending' AND i.status IN ('paid', 'void'))
                 OR (i.status = 'void' AND g.status <> 'void'))",
    },
    // What credits paid of an invoice is usage that it charges still; a line by hand is with the line it counters, and with what it
    // stands for.
    Check {
        name: "credits_pay_usage_and_no_more",
        sql: "
            SELECT i.id AS subject, format('credits pay %s of it, its usage comes to %s', d.drawn, coalesce(u.usage, 0) + i.given_back - coalesce(t.taken, 0)) AS detail
            FROM invoices i
            JOIN (SELECT invoice_id, sum(amount - returned) AS drawn FROM credit_drawdowns WHERE tenant_id = $1 GROUP BY invoice_id) d
                ON d.invoice_id = i.id
            LEFT JOIN (SELECT l.invoice_id, sum(l.amount - l.discount + l.tax) AS usage FROM invoice_lines l
                       LEFT JOIN invoice_lines o ON o.tenant_id = $1 AND o.invoice_id = l.invoice_id AND o.line_no = l.counters_line
                       LEFT JOIN invoice_line_grounds g ON g.tenant_id = $1 AND g.invoice_id = l.invoice_id AND g.line_no = l.line_no
                           AND l.by_hand
                       LEFT JOIN item_versions v ON v.tenant_id = $1 AND v.subscription_id = l.subscription_id
                           AND v.id = coalesce(l.item_version_id, o.item_version_id)
                       LEFT JOIN prices p ON p.tenant_id = $1 AND p.id = v.price_id
                       WHERE l.tenant_id = $1 AND (p.kind = 'usage' OR g.grounds->'about' IS NOT NULL) GROUP BY l.invoice_id) u ON u.invoice_id = i.id
            LEFT JOIN (SELECT of_invoice_id, sum(amount) AS taken FROM usage_taken_back WHERE tenant_id = $1 GROUP BY of_invoice_id) t
                ON t.of_invoice_id = i.id
            WHERE i.tenant_id = $1 AND d.drawn > greatest(coalesce(u.usage, 0) + i.given_back - coalesce(t.taken, 0), 0)",
    },
    // What flowed back of a period that was cut gives back what its earlier pieces drew, on other invoices. Not where a price pays out.
    Check {
        name: "credits_pay_no_more_than_all_usage",
        sql: "
            WITH payers AS MATERIALIZED (
                SELECT DISTINCT i.customer_id FROM credit_drawdowns d JOIN invoices i ON i.tenant_id = $1 AND i.id = d.invoice_id
                WHERE d.tenant_id = $1),
            issued AS MATERIALIZED (
                SELECT i.id, i.customer_id, i.currency FROM payers p JOIN invoices i ON i.tenant_id = $1 AND i.customer_id = p.customer_id
                WHERE i.status IN ('open', 'paid', 'uncollectible')),
            usage AS MATERIALIZED (
                SELECT i.customer_id, i.currency, sum(l.amount - l.discount + l.tax) AS amount, bool_or(p.allow_negative) AS pays_out
                FROM issued i JOIN invoice_lines l ON l.tenant_id = $1 AND l.invoice_id = i.id
                LEFT JOIN invoice_lines o ON o.tenant_id = $1 AND o.invoice_id = l.invoice_id AND o.line_no = l.counters_line
                LEFT JOIN invoice_line_grounds g ON g.tenant_id = $1 AND g.invoice_id = l.invoice_id AND g.line_no = l.line_no AND l.by_hand
                LEFT JOIN item_versions v ON v.tenant_id = $1 AND v.subscription_id = l.subscription_id
                    AND v.id = coalesce(l.item_version_id, o.item_version_id)
                LEFT JOIN prices p ON p.tenant_id = $1 AND p.id = v.price_id
                WHERE p.kind = 'usage' OR g.grounds->'about' IS NOT NULL
                GROUP BY i.customer_id, i.currency),
            drawn AS MATERIALIZED (
                SELECT i.customer_id, i.currency, sum(d.amount - d.returned) AS amount
                FROM issued i JOIN credit_drawdowns d ON d.tenant_id = $1 AND d.invoice_id = i.id GROUP BY i.customer_id, i.currency)
            SELECT format('customer %s, %s', d.customer_id, d.currency) AS subject,
                format('credits pay %s of its invoices, all of its usage comes to %s', d.amount, coalesce(u.amount, 0)) AS detail
            FROM drawn d LEFT JOIN usage u ON u.customer_id = d.customer_id AND u.currency = d.currency
            WHERE NOT coalesce(u.pays_out, false) AND d.amount > greatest(coalesce(u.amount, 0), 0)",
    },
    Check {
        name: "invoices_gave_back_what_they_say",
        sql: "
            SELECT i.id AS subject, format('it says that it gave back %s; it took back usage for %s, and %s was posted',
                i.given_back, coalesce(t.back, 0), coalesce(l.back, 0)) AS detail
            FROM invoices i
            LEFT JOIN (SELECT invoice_id, sum(to_credits + to_due) AS back FROM usage_taken_back WHERE tenant_id = $1 GROUP BY invoice_id) t
                ON t.invoice_id = i.id
            LEFT JOIN (SELECT source_id, sum(CASE 'accounts_receivable' WHEN debit THEN amount WHEN credit THEN -amount ELSE 0 END) AS back
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'credits_returned' GROUP BY source_id) l
                ON l.source_id = i.id
            WHERE i.tenant_id = $1 AND (i.given_back <> coalesce(t.back, 0) OR i.given_back <> coalesce(l.back, 0))",
    },
    Check {
        name: "no_more_usage_is_taken_back_than_was_billed",
        sql: "
            SELECT format('%s line %s', t.of_invoice_id, t.of_line_no) AS subject,
                format('%s was billed and %s is taken back', coalesce(l.amount - l.discount + l.tax, 0), t.taken) AS detail
            FROM (SELECT of_invoice_id, of_line_no, sum(amount) AS taken FROM usage_taken_back WHERE tenant_id = $1
                  GROUP BY of_invoice_id, of_line_no) t
            LEFT JOIN invoice_lines l ON l.tenant_id = $1 AND l.invoice_id = t.of_invoice_id AND l.line_no = t.of_line_no
            WHERE t.taken > coalesce(l.amount - l.discount + l.tax, 0)",
    },
    Check {
        name: "credit_balances_are_the_ledgers",
        sql: "
            SELECT format('customer %s, %s', coalesce(l.customer_id, b.customer_id), coalesce(l.currency, b.currency)) AS subject,
                format('its credit balance is %s, the ledger has %s', coalesce(b.balance, 0), coalesce(l.balance, 0)) AS detail
            FROM (SELECT customer_id, currency, sum(CASE WHEN credit = 'customer_credit' THEN amount ELSE -amount END) AS balance
                  FROM ledger_transfers WHERE tenant_id = $1 AND (debit = 'customer_credit' OR credit = 'customer_credit')
                  GROUP BY customer_id, currency) l
            FULL JOIN (SELECT customer_id, currency, balance FROM credit_balances WHERE tenant_id = $1) b
                ON b.customer_id = l.customer_id AND b.currency = l.currency
            WHERE coalesce(l.balance, 0) <> coalesce(b.balance, 0)",
    },
    Check {
        name: "pay_outs_left_the_balance",
        sql: "
            SELECT p.id AS subject, format('%s is paid out to %s; %s left the balance for refunds and %s for outside, and its refunds come to %s',
                p.amount, p.paid_to, coalesce(t.refunds, 0), coalesce(t.outside, 0), coalesce(r.amount, 0)) AS detail
            FROM balance_pay_outs p
            LEFT JOIN (SELECT source_id, sum(amount) FILTER (WHERE credit = 'refunds_payable') AS refunds,
                           sum(amount) FILTER (WHERE credit = 'cash_clearing') AS outside
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'balance_paid_out' AND debit = 'customer_credit'
                       GROUP BY source_id) t ON t.source_id = p.id
            LEFT JOIN (SELECT pay_out_id, sum(amount) AS amount FROM refunds WHERE tenant_id = $1 GROUP BY pay_out_id) r ON r.pay_out_id = p.id
            WHERE p.tenant_id = $1
            AND (coalesce(t.outside, 0) <> CASE p.paid_to WHEN 'outside' THEN p.amount ELSE 0 END
                 OR coalesce(t.refunds, 0) <> CASE p.paid_to WHEN 'outside' THEN 0 ELSE p.amount END
                 OR coalesce(r.amount, 0) <> coalesce(t.refunds, 0))",
    },
    Check {
        name: "refunds_of_balances_have_their_pay_out",
        sql: "
            SELECT r.id AS subject, format('%s go back for pay-out %s, which is not there, or is of another customer or currency', r.amount, r.pay_out_id) AS detail
            FROM refunds r
            LEFT JOIN balance_pay_outs p ON p.tenant_id = r.tenant_id AND p.id = r.pay_out_id AND p.customer_id = r.customer_id AND p.currency = r.currency
            WHERE r.tenant_id = $1 AND r.pay_out_id IS NOT NULL AND p.id IS NULL",
    },
];
