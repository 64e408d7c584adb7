ALTER TABLE invoices
    DROP CONSTRAINT invoice_is_not_overpaid,
    DROP CONSTRAINT paid_means_paid,
    DROP COLUMN credits_applied,
    DROP COLUMN balance_applied,
    DROP COLUMN amount_credited,
    ADD CONSTRAINT invoice_is_not_overpaid CHECK (amount_paid BETWEEN 0 AND greatest(total, 0)),
    ADD CONSTRAINT paid_means_paid CHECK (status <> 'paid' OR amount_paid = greatest(total, 0));
DROP TABLE credit_balances;
DROP TABLE credit_top_ups;
DROP TABLE credit_drawdowns;
DROP TABLE credit_grants;
