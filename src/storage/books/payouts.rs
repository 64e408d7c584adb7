//! Is what gateways have paid out at the bank, and nothing of it left with them? Each payout is the sum of its parts, each part is posted as it is
//! recorded, and what is on cash clearing is what payments brought, less what refunds, disputes and payouts took.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "payouts_are_their_items",
        sql: "
            SELECT p.id AS subject, format('it is %s, its parts are %s', p.amount, coalesce(i.net, 0)) AS detail
            FROM payouts p
            LEFT JOIN (SELECT payout_id, sum(amount - fee) AS net FROM payout_items WHERE tenant_id = $1 GROUP BY payout_id) i ON i.payout_id = p.id
            WHERE p.tenant_id = $1 AND p.status <> 'recording' AND p.amount <> coalesce(i.net, 0)",
    },
    Check {
        name: "payout_items_are_posted",
        sql: "
            SELECT i.id AS subject, format('%s of it is at the bank and %s on differences; posted are %s and %s',
                i.amount - i.fee, i.difference, coalesce(t.bank, 0), coalesce(t.difference, 0)) AS detail
            FROM payout_items i
            LEFT JOIN (SELECT source_id,
                           sum(CASE 'bank' WHEN debit THEN amount WHEN credit THEN -amount ELSE 0 END) AS bank,
                           sum(CASE 'payout_differences' WHEN debit THEN amount WHEN credit THEN -amount ELSE 0 END) AS difference
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'payout_settled' GROUP BY source_id) t ON t.source_id = i.id
            WHERE i.tenant_id = $1 AND (coalesce(t.bank, 0) <> i.amount - i.fee OR coalesce(t.difference, 0) <> i.difference)",
    },
    Check {
        name: "payouts_that_failed_are_taken_back",
        sql: "
            SELECT p.id AS subject, format('it is %s with %s, %s of it came back', p.status, p.amount, coalesce(t.back, 0)) AS detail
            FROM payouts p
            LEFT JOIN (SELECT source_id, sum(CASE 'bank' WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END) AS back
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'payout_failed' GROUP BY source_id) t ON t.source_id = p.id
            WHERE p.tenant_id = $1 AND coalesce(t.back, 0) <> CASE p.status WHEN 'failed' THEN p.amount ELSE 0 END",
    },
    // What a part clears is what it is of: the same once, in whichever payout, unless it came back in between.
    Check {
        name: "nothing_is_paid_out_twice",
        sql: "
            SELECT i.payment_id AS subject, format('its charge is in %s payouts', count(*)) AS detail
            FROM payout_items i WHERE i.tenant_id = $1 AND i.kind = 'charge' AND i.payment_id IS NOT NULL
            GROUP BY i.payment_id HAVING count(*) > 1",
    },
    Check {
        name: "cash_clearing_is_what_gateways_have",
        sql: "
            SELECT coalesce(l.currency, f.currency) AS subject, format('payments, refunds, disputes and payouts leave %s, the ledger has %s',
                coalesce(f.amount, 0), coalesce(l.amount, 0)) AS detail
            FROM (SELECT currency, sum(CASE 'cash_clearing' WHEN debit THEN amount ELSE -amount END) AS amount FROM ledger_transfers
                  WHERE tenant_id = $1 AND 'cash_clearing' IN (debit, credit) GROUP BY currency) l
            FULL JOIN (SELECT currency, sum(amount) AS amount FROM (
                    SELECT currency, amount + cash_rounding AS amount FROM payments WHERE tenant_id = $1 AND status = 'succeeded'
                    UNION ALL SELECT currency, -amount FROM refunds WHERE tenant_id = $1 AND status = 'succeeded'
                    UNION ALL SELECT currency, -amount FROM balance_pay_outs WHERE tenant_id = $1 AND paid_to = 'outside'
                    UNION ALL SELECT currency, -fee - CASE place WHEN 'ours' THEN 0 ELSE amount END FROM disputes WHERE tenant_id = $1
                    UNION ALL SELECT currency, CASE status WHEN 'failed' THEN amount ELSE 0 END FROM payouts WHERE tenant_id = $1
                    UNION ALL SELECT t.currency, CASE 'cash_clearing' WHEN t.debit THEN t.amount ELSE -t.amount END
                        FROM payout_items i JOIN ledger_transfers t ON t.tenant_id = $1 AND t.source_id = i.id
                        WHERE i.tenant_id = $1 AND 'cash_clearing' IN (t.debit, t.credit)) all_facts GROUP BY currency) f
                ON f.currency = l.currency
            WHERE coalesce(l.amount, 0) <> coalesce(f.amount, 0)",
    },
];
