DROP TABLE usage_taken_back;
ALTER TABLE invoices DROP CONSTRAINT invoice_is_not_overpaid, DROP CONSTRAINT paid_means_paid, DROP COLUMN given_back;
ALTER TABLE invoices
    ADD CONSTRAINT invoice_is_not_overpaid CHECK (least(amount_paid, credits_applied, balance_applied, amount_credited) >= 0
        AND amount_paid + credits_applied + balance_applied + amount_credited <= greatest(total, 0));
ALTER TABLE invoices
    ADD CONSTRAINT paid_means_paid CHECK (status <> 'paid' OR amount_paid + credits_applied + balance_applied + amount_credited = greatest(total, 0));
