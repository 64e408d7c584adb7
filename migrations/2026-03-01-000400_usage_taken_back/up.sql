-- What an invoice's usage lines below zero gave back elsewhere than to the credit balance: to the grants that had paid the usage,
-- and to invoices of it that were still due. It raises what is due of the invoice, or lowers what it puts on the balance.
ALTER TABLE invoices
    ADD COLUMN given_back bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT invoice_is_not_overpaid,
    DROP CONSTRAINT paid_means_paid;
ALTER TABLE invoices
    ADD CONSTRAINT invoice_is_not_overpaid CHECK (least(amount_paid, credits_applied, balance_applied, amount_credited, given_back) >= 0
        AND amount_paid + credits_applied + balance_applied + amount_credited <= greatest(total + given_back, 0));
ALTER TABLE invoices
    ADD CONSTRAINT paid_means_paid CHECK (status <> 'paid'
        OR amount_paid + credits_applied + balance_applied + amount_credited = greatest(total + given_back, 0));

-- Of which earlier line a usage line below zero took something back. Written beside the invoice, never changed.
CREATE TABLE usage_taken_back (
    tenant_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    line_no integer NOT NULL,
    of_invoice_id uuid NOT NULL,
    of_line_no integer NOT NULL,
    amount bigint NOT NULL CONSTRAINT taken_back_is_positive CHECK (amount > 0),
    -- The parts of it that went back to grants, and off what was due of the earlier invoice; the rest is money.
    to_credits bigint NOT NULL,
    to_due bigint NOT NULL,
    PRIMARY KEY (tenant_id, invoice_id, line_no, of_invoice_id, of_line_no),
    CONSTRAINT taken_back_goes_somewhere CHECK (least(to_credits, to_due) >= 0 AND to_credits + to_due <= amount)
);
CREATE INDEX usage_taken_back_of ON usage_taken_back (tenant_id, of_invoice_id);
