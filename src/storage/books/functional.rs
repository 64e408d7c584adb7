//! Are the books right in the currency of their entities, too? Each transfer has its value or waits for it; what is settled in its own currency
//! is nothing in that of the books, whatever the rates were.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "transfers_are_valued_in_their_books_currency",
        sql: "
            SELECT t.source_id AS subject, format('%s of %s %s is worth %s %s, with a gain of %s; the books of its entity are in %s',
                t.leg, t.amount, t.currency, t.functional_amount, t.functional_currency, t.realised_gain, e.functional_currency) AS detail
            FROM ledger_transfers t LEFT JOIN entities e ON e.tenant_id = $1 AND e.id = coalesce(t.entity_id, $1)
            WHERE t.tenant_id = $1 AND t.functional_currency IS NOT NULL
            AND (e.id IS NULL OR t.functional_currency <> e.functional_currency
                 OR (t.functional_amount IS NULL) <> (t.currency = t.functional_currency)
                 OR t.functional_amount IS NULL AND t.realised_gain IS NOT NULL)",
    },
    Check {
        name: "transfers_without_value_are_waited_for",
        sql: "
            SELECT t.customer_id AS subject, format('%s of its transfers have no value, and nobody looks at them', count(*)) AS detail
            FROM ledger_transfers t
            WHERE t.tenant_id = $1 AND t.functional_currency IS NULL
            AND NOT EXISTS (SELECT 1 FROM functional_waits w WHERE w.tenant_id = $1 AND w.customer_id = t.customer_id)
            GROUP BY t.customer_id",
    },
    Check {
        name: "settled_invoices_are_nothing_in_both_currencies",
        sql: "
            SELECT format('%s, %s', s.invoice_id, s.account) AS subject, format('nothing is left of it in %s, and %s in the currency of the books',
                s.currency, sum(s.worth)) AS detail
            FROM (SELECT CASE WHEN debit = 'accounts_receivable' THEN coalesce(invoice_id, source_id)
                      ELSE coalesce(origin_id, invoice_id, source_id) END AS invoice_id, debit AS account, currency, amount, functional_amount AS worth
                  FROM ledger_transfers WHERE tenant_id = $1 AND functional_amount IS NOT NULL
                  AND debit IN ('accounts_receivable', 'deferred_revenue', 'tax_payable')
                  UNION ALL
                  SELECT CASE WHEN credit = 'accounts_receivable' THEN coalesce(invoice_id, source_id)
                      ELSE coalesce(origin_id, invoice_id, source_id) END, credit, currency, -amount, coalesce(realised_gain, 0) - functional_amount
                  FROM ledger_transfers WHERE tenant_id = $1 AND functional_amount IS NOT NULL
                  AND credit IN ('accounts_receivable', 'deferred_revenue', 'tax_payable')) s
            GROUP BY s.invoice_id, s.account, s.currency HAVING sum(s.amount) = 0 AND sum(s.worth) <> 0",
    },
    // Billing defers, and what billing gives back has an origin: by the customer that was charged, too. Tax that a person gives back by a line of its own has none.
    Check {
        name: "nothing_deferred_is_nothing_in_both_currencies",
        sql: "
            SELECT format('customer %s', s.customer_id) AS subject, format('nothing is deferred in %s, and %s in the currency of the books',
                s.currency, sum(s.worth)) AS detail
            FROM (SELECT coalesce(o.customer_id, t.customer_id) AS customer_id, coalesce(t.entity_id, $1) AS entity_id, t.currency, t.functional_currency,
                      CASE WHEN t.debit = 'deferred_revenue' THEN t.amount ELSE -t.amount END AS amount,
                      CASE WHEN t.debit = 'deferred_revenue' THEN t.functional_amount ELSE coalesce(t.realised_gain, 0) - t.functional_amount END AS worth
                  FROM ledger_transfers t LEFT JOIN invoices o ON o.tenant_id = $1 AND o.id = t.origin_id
                  WHERE t.tenant_id = $1 AND (t.debit = 'deferred_revenue' OR t.credit = 'deferred_revenue')
                  AND t.functional_currency IS DISTINCT FROM t.currency) s
            GROUP BY s.customer_id, s.entity_id, s.currency
            HAVING sum(s.amount) = 0 AND sum(s.worth) <> 0 AND count(*) = count(s.functional_currency)",
    },
    Check {
        name: "spent_balances_are_nothing_in_both_currencies",
        sql: "
            SELECT format('customer %s, %s', s.customer_id, s.account) AS subject, format('nothing is left of it in %s, and %s in the currency of the books',
                s.currency, sum(s.worth)) AS detail
            FROM (SELECT customer_id, coalesce(entity_id, $1) AS entity_id, debit AS account, currency, amount, functional_amount AS worth
                  FROM ledger_transfers WHERE tenant_id = $1 AND functional_amount IS NOT NULL
                  AND debit IN ('cash_clearing', 'customer_credit', 'refunds_payable', 'prepaid_credits', 'disputed_cash')
                  UNION ALL
                  SELECT customer_id, coalesce(entity_id, $1), credit, currency, -amount, coalesce(realised_gain, 0) - functional_amount
                  FROM ledger_transfers WHERE tenant_id = $1 AND functional_amount IS NOT NULL
                  AND credit IN ('cash_clearing', 'customer_credit', 'refunds_payable', 'prepaid_credits', 'disputed_cash')) s
            GROUP BY s.customer_id, s.entity_id, s.account, s.currency HAVING sum(s.amount) = 0 AND sum(s.worth) <> 0",
    },
    Check {
        name: "revaluations_are_taken_back",
        sql: "
            SELECT r.id AS subject, format('of what it posts from %s to %s on %s, %s is left after %s',
                min(p.effective_on), max(p.effective_on), p.account, sum(p.amount), r.as_of + 1) AS detail
            FROM ledger_revaluations r
            JOIN (SELECT revaluation_id, debit AS account, amount, effective_on FROM ledger_revaluation_postings WHERE tenant_id = $1
                  UNION ALL SELECT revaluation_id, credit, -amount, effective_on FROM ledger_revaluation_postings WHERE tenant_id = $1) p
                ON p.revaluation_id = r.id
            WHERE r.tenant_id = $1 GROUP BY r.id, r.as_of, p.account
            HAVING sum(p.amount) <> 0 OR min(p.effective_on) <> r.as_of OR max(p.effective_on) <> r.as_of + 1",
    },
    Check {
        name: "revaluations_post_their_differences",
        sql: "
            SELECT coalesce(l.revaluation_id, p.revaluation_id) AS subject, format('on %s it found a difference of %s and posted %s',
                coalesce(l.account, p.account), coalesce(l.difference, 0), coalesce(p.posted, 0)) AS detail
            FROM (SELECT revaluation_id, account, sum(worth - carried) AS difference FROM ledger_revaluation_lines
                  WHERE tenant_id = $1 GROUP BY revaluation_id, account) l
            FULL JOIN (SELECT s.revaluation_id, s.account, sum(s.amount) AS posted
                       FROM (SELECT revaluation_id, debit AS account, amount, effective_on FROM ledger_revaluation_postings WHERE tenant_id = $1
                             UNION ALL SELECT revaluation_id, credit, -amount, effective_on FROM ledger_revaluation_postings WHERE tenant_id = $1) s
                       LEFT JOIN ledger_revaluations r ON r.tenant_id = $1 AND r.id = s.revaluation_id
                       WHERE s.account <> 'fx_gain_loss_unrealised' AND (r.id IS NULL OR s.effective_on = r.as_of)
                       GROUP BY s.revaluation_id, s.account) p ON p.revaluation_id = l.revaluation_id AND p.account = l.account
            WHERE coalesce(l.difference, 0) <> coalesce(p.posted, 0)",
    },
    // The newest of each entity, unless something was recorded since for a day before.
    Check {
        name: "revaluations_carry_what_the_transfers_say",
        sql: "
            SELECT r.id AS subject, format('it found %s %s carried at %s, by the transfers it is %s at %s',
                l.amount, l.currency, l.carried, coalesce(t.amount, 0), coalesce(t.worth, 0)) AS detail
            FROM (SELECT DISTINCT ON (entity_id) * FROM ledger_revaluations WHERE tenant_id = $1 ORDER BY entity_id, as_of DESC) r
            JOIN ledger_revaluation_lines l ON l.tenant_id = $1 AND l.revaluation_id = r.id
            LEFT JOIN LATERAL (
                SELECT sum(CASE WHEN t.debit = l.account THEN t.amount ELSE -t.amount END) AS amount,
                    sum(CASE WHEN t.debit = l.account THEN t.functional_amount ELSE coalesce(t.realised_gain, 0) - t.functional_amount END) AS worth,
                    max(t.recorded_at) AS newest
                FROM ledger_transfers t
                WHERE t.tenant_id = $1 AND coalesce(t.entity_id, $1) = r.entity_id AND t.effective_on <= r.as_of
                AND t.functional_amount IS NOT NULL AND t.currency = l.currency AND (t.debit = l.account OR t.credit = l.account)) t ON true
            WHERE (t.newest IS NULL OR t.newest < r.created_at)
            AND (coalesce(t.amount, 0) <> l.amount OR coalesce(t.worth, 0) <> l.carried)",
    },
];
