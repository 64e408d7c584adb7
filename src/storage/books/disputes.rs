//! Does the money of what is disputed lie where it says: with the gateway, gone, or with us? And is what is open asked about again?

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "disputes_are_posted",
        sql: "
            SELECT d.id AS subject, format('%s of it is %s with a fee of %s; %s is held by the books, %s went from cash and %s for fees',
                d.amount, d.place, d.fee, coalesce(t.held, 0), coalesce(t.cash, 0), coalesce(t.fees, 0)) AS detail
            FROM disputes d
            LEFT JOIN (SELECT source_id,
                           sum(CASE 'disputed_cash' WHEN debit THEN amount WHEN credit THEN -amount ELSE 0 END) AS held,
                           sum(CASE 'cash_clearing' WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END) AS cash,
                           sum(CASE 'gateway_fees' WHEN debit THEN amount WHEN credit THEN -amount ELSE 0 END) AS fees
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'dispute_moved' GROUP BY source_id) t
                ON t.source_id = d.id
            WHERE d.tenant_id = $1
            AND (coalesce(t.held, 0) <> CASE d.place WHEN 'held' THEN d.amount ELSE 0 END
                 OR coalesce(t.cash, 0) <> d.fee + CASE d.place WHEN 'ours' THEN 0 ELSE d.amount END
                 OR coalesce(t.fees, 0) <> d.fee)",
    },
    Check {
        name: "what_is_lost_is_an_expense_or_owed_again",
        sql: "
            SELECT d.id AS subject, format('%s of it is gone, %s of that owed again; posted are %s as lost and %s as owed',
                d.amount, d.reopened, coalesce(t.lost, 0), coalesce(t.owed, 0)) AS detail
            FROM disputes d
            LEFT JOIN (SELECT source_id,
                           sum(CASE 'dispute_losses' WHEN debit THEN amount WHEN credit THEN -amount ELSE 0 END) AS lost,
                           sum(CASE 'accounts_receivable' WHEN debit THEN amount WHEN credit THEN -amount ELSE 0 END) AS owed
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'dispute_moved' GROUP BY source_id) t
                ON t.source_id = d.id
            WHERE d.tenant_id = $1
            AND (coalesce(t.lost, 0) <> CASE d.place WHEN 'gone' THEN d.amount - d.reopened - d.from_balance ELSE 0 END OR coalesce(t.owed, 0) <> d.reopened)",
    },
    Check {
        name: "disputes_have_their_payment",
        sql: "
            SELECT d.id AS subject, format('payment %s has not come, or is of another customer, account or currency, or of less than %s', d.payment_id, d.amount) AS detail
            FROM disputes d
            LEFT JOIN payments p ON p.tenant_id = d.tenant_id AND p.id = d.payment_id AND p.status = 'succeeded' AND p.customer_id = d.customer_id
                AND p.currency = d.currency AND p.gateway_account_id IS NOT DISTINCT FROM d.gateway_account_id AND p.amount >= d.amount
            WHERE d.tenant_id = $1 AND p.id IS NULL",
    },
    Check {
        name: "what_is_disputed_is_not_charged",
        sql: "
            SELECT m.id AS subject, format('it says that a payment by it is%s disputed', CASE WHEN m.disputed THEN '' ELSE ' not' END) AS detail
            FROM payment_methods m
            WHERE m.tenant_id = $1 AND m.disputed <> EXISTS (
                SELECT 1 FROM disputes d JOIN payments p ON p.tenant_id = d.tenant_id AND p.id = d.payment_id
                WHERE d.tenant_id = $1 AND p.payment_method_id = m.id AND d.status IN ('needs_response', 'under_review'))",
    },
    Check {
        name: "open_disputes_are_asked_about",
        sql: "
            SELECT d.id AS subject, format('it is %s, and nobody asks about payment %s again', d.status, d.payment_id) AS detail
            FROM disputes d LEFT JOIN dispute_watches w ON w.tenant_id = d.tenant_id AND w.payment_id = d.payment_id
            WHERE d.tenant_id = $1 AND d.closed_at IS NULL AND w.payment_id IS NULL",
    },
    Check {
        name: "no_more_is_disputed_than_came",
        sql: "
            SELECT p.id AS subject, format('%s came, and %s is gone or held', p.amount, d.amount) AS detail
            FROM payments p
            JOIN (SELECT payment_id, sum(amount) AS amount FROM disputes WHERE tenant_id = $1 AND place <> 'ours' GROUP BY payment_id) d ON d.payment_id = p.id
            WHERE p.tenant_id = $1 AND d.amount > p.amount",
    },
];
