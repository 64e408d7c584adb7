//! Has every payment done what it says? Applied what its invoice shows as paid, moved the money it names, and no more.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "amounts_paid_are_applied_payments",
        sql: "
            SELECT i.id AS subject, format('payments applied to it add up to %s without what is owed again, it says %s is paid', coalesce(p.applied, 0), i.amount_paid) AS detail
            FROM invoices i
            LEFT JOIN (SELECT p.invoice_id, sum(p.amount_applied - coalesce(d.reopened, 0)) AS applied FROM payments p
                       LEFT JOIN (SELECT payment_id, sum(reopened) AS reopened FROM disputes WHERE tenant_id = $1 GROUP BY payment_id) d ON d.payment_id = p.id
                       WHERE p.tenant_id = $1 AND p.status = 'succeeded' GROUP BY p.invoice_id) p ON p.invoice_id = i.id
            WHERE i.tenant_id = $1 AND i.amount_paid <> coalesce(p.applied, 0)",
    },
    Check {
        name: "applied_is_within_paid",
        sql: "
            SELECT id AS subject, format('%s of %s is applied, the payment is %s', amount_applied, amount, status) AS detail
            FROM payments WHERE tenant_id = $1
            AND (amount_applied > amount OR amount_applied < 0
                 OR (amount_applied <> 0 AND (status <> 'succeeded' OR invoice_id IS NULL)))",
    },
    Check {
        name: "payments_have_their_invoice",
        sql: "
            SELECT p.id AS subject, format('invoice %s is not there, or is of another customer or currency', p.invoice_id) AS detail
            FROM payments p
            LEFT JOIN invoices i ON i.tenant_id = p.tenant_id AND i.id = p.invoice_id
                AND i.customer_id = p.customer_id AND i.currency = p.currency
            WHERE p.tenant_id = $1 AND p.invoice_id IS NOT NULL AND i.id IS NULL",
    },
    Check {
        name: "payments_have_their_customer",
        sql: "
            SELECT p.id AS subject, format('there is no customer %s', p.customer_id) AS detail
            FROM payments p LEFT JOIN customers c ON c.tenant_id = p.tenant_id AND c.id = p.customer_id
            WHERE p.tenant_id = $1 AND c.id IS NULL",
    },
    Check {
        name: "payments_have_their_method",
        sql: "
            SELECT p.id AS subject, format('payment method %s is not there, or is of another customer', p.payment_method_id) AS detail
            FROM payments p
            LEFT JOIN payment_methods m ON m.tenant_id = p.tenant_id AND m.id = p.payment_method_id AND m.customer_id = p.customer_id
            WHERE p.tenant_id = $1 AND p.payment_method_id IS NOT NULL AND m.id IS NULL",
    },
    // A charge with a code that is still pending will be declined; one without has been or will be taken.
    Check {
        name: "simulator_charges_are_payments",
        sql: "
            SELECT p.id AS subject, format('the simulator took %s %s for it, the payment is %s of %s %s',
                c.amount, c.currency, p.status, p.amount, p.currency) AS detail
            FROM payments p JOIN simulator.charges c ON c.idempotency_key = p.id::text
            WHERE p.tenant_id = $1
            AND ((c.outcome = 'succeeded' OR (c.outcome = 'pending' AND c.decline_code IS NULL))
                     AND (p.status = 'failed' OR p.amount <> c.amount OR p.currency <> c.currency)
                 OR p.status = 'succeeded' AND c.decline_code IS NOT NULL)",
    },
    Check {
        name: "simulator_payments_are_charges",
        sql: "
            SELECT p.id AS subject, format('it succeeded with %s %s, the simulator has not taken anything', p.amount, p.currency) AS detail
            FROM payments p LEFT JOIN simulator.charges c ON c.idempotency_key = p.id::text
            WHERE p.tenant_id = $1 AND p.gateway = 'simulator' AND p.gateway_account_id IS NULL AND p.status = 'succeeded' AND c.idempotency_key IS NULL",
    },
    Check {
        name: "no_invoice_is_charged_twice",
        sql: "
            SELECT i.id AS subject, format('%s of it were to be paid, the simulator took %s for it, without what goes back because it came too late',
                i.total + i.given_back, sum(c.amount - p.amount_surplus - coalesce(d.reopened, 0))) AS detail
            FROM simulator.charges c
            JOIN payments p ON p.id::text = c.idempotency_key
            JOIN invoices i ON i.tenant_id = p.tenant_id AND i.id = p.invoice_id
            LEFT JOIN (SELECT payment_id, sum(reopened) AS reopened FROM disputes WHERE tenant_id = $1 GROUP BY payment_id) d ON d.payment_id = p.id
            WHERE p.tenant_id = $1 AND (c.outcome = 'succeeded' OR (c.outcome = 'pending' AND c.decline_code IS NULL))
            GROUP BY i.id, i.total, i.given_back HAVING sum(c.amount - p.amount_surplus - coalesce(d.reopened, 0)) > i.total + i.given_back",
    },
    Check {
        name: "surpluses_are_given_back",
        sql: "
            SELECT coalesce(p.id, r.payment_id) AS subject,
                format('%s of it came too late, refunds of that come to %s', coalesce(p.amount_surplus, 0), coalesce(r.amount, 0)) AS detail
            FROM (SELECT id, amount_surplus FROM payments WHERE tenant_id = $1 AND amount_surplus > 0) p
            FULL JOIN (SELECT payment_id, sum(amount) AS amount FROM refunds
                       WHERE tenant_id = $1 AND credit_note_id IS NULL AND pay_out_id IS NULL AND NOT elsewhere GROUP BY payment_id) r ON r.payment_id = p.id
            WHERE coalesce(p.amount_surplus, 0) <> coalesce(r.amount, 0)",
    },
    Check {
        name: "simulator_refunds_are_refunds",
        sql: "
            SELECT r.id AS subject, format('it is %s with %s %s, the simulator gave back %s', r.status, r.amount, r.currency, coalesce(-c.amount, 0)) AS detail
            FROM refunds r JOIN payments p ON p.tenant_id = r.tenant_id AND p.id = r.payment_id AND p.gateway_account_id IS NULL
            LEFT JOIN simulator.charges c ON c.idempotency_key = r.id::text AND c.currency = r.currency
            WHERE r.tenant_id = $1 AND r.gateway = 'simulator' AND r.status <> 'pending'
            AND coalesce(-c.amount, 0) <> CASE r.status WHEN 'succeeded' THEN r.amount ELSE 0 END",
    },
    Check {
        name: "refunds_are_posted",
        sql: "
            SELECT r.id AS subject, format('it is %s with %s %s, %s of cash went back for it', r.status, r.amount, r.currency, coalesce(t.cash, 0)) AS detail
            FROM refunds r
            LEFT JOIN (SELECT source_id, sum(CASE 'cash_clearing' WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END) AS cash
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind IN ('refund_paid', 'refund_failed') GROUP BY source_id) t
                ON t.source_id = r.id
            WHERE r.tenant_id = $1 AND coalesce(t.cash, 0) <> CASE r.status WHEN 'succeeded' THEN r.amount ELSE 0 END",
    },
    Check {
        name: "no_more_went_back_than_came",
        sql: "
            SELECT r.payment_id AS subject, format('%s came, %s went back', coalesce(p.amount, 0), r.amount) AS detail
            FROM (SELECT payment_id, sum(amount) AS amount FROM refunds WHERE tenant_id = $1 AND status = 'succeeded' GROUP BY payment_id) r
            LEFT JOIN (SELECT id, amount FROM payments WHERE tenant_id = $1 AND status = 'succeeded') p ON p.id = r.payment_id
            WHERE r.amount > coalesce(p.amount, 0)",
    },
];
