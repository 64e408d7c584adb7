-- Each transfer in the currency of the entity's books, too. Where that is the transfer's own currency nothing is stored but its name; a transfer
-- without it waits for a rate. What is here already waits as well: a job fills it in, customer by customer.
ALTER TABLE ledger_transfers
    -- NULL: the entity with the tenant's id.
    ADD COLUMN entity_id uuid,
    -- The invoice that a payment or credit note is about; NULL where it is the source itself, or there is none.
    ADD COLUMN invoice_id uuid,
    ADD COLUMN functional_currency text,
    -- What was debited; NULL where it is the amount.
    ADD COLUMN functional_amount bigint,
    -- By how much less was credited; a loss is below zero; NULL where there is none.
    ADD COLUMN realised_gain bigint;
CREATE INDEX ledger_transfers_of_invoice ON ledger_transfers (tenant_id, invoice_id) WHERE invoice_id IS NOT NULL;
CREATE INDEX ledger_transfers_that_wait ON ledger_transfers (tenant_id, customer_id, recorded_at) WHERE functional_currency IS NULL;
-- What a customer's cash and balances in foreign currencies are carried at is the sum of these.
CREATE INDEX ledger_transfers_in_pools ON ledger_transfers (tenant_id, customer_id, currency)
    WHERE functional_amount IS NOT NULL
    AND (debit IN ('cash_clearing', 'customer_credit', 'refunds_payable', 'prepaid_credits')
         OR credit IN ('cash_clearing', 'customer_credit', 'refunds_payable', 'prepaid_credits'));

-- Customers of whom a transfer waits, when it is looked at again, and what is missing.
CREATE TABLE functional_waits (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    since timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (tenant_id, customer_id)
);
CREATE INDEX functional_waits_due ON functional_waits (tenant_id, next_attempt_at);
INSERT INTO functional_waits (tenant_id, customer_id, since, next_attempt_at, reason)
    SELECT tenant_id, id, created_at, 'epoch', 'posted before the books were kept in two currencies' FROM customers;

-- Whether anything was posted for it: then the currency of its books stays.
ALTER TABLE entities ADD COLUMN keeps_books boolean NOT NULL DEFAULT false;
UPDATE entities e SET keeps_books = true
    WHERE e.id = e.tenant_id AND EXISTS (SELECT 1 FROM ledger_transfers t WHERE t.tenant_id = e.tenant_id)
    OR EXISTS (SELECT 1 FROM invoices i WHERE i.tenant_id = e.tenant_id AND i.entity_id = e.id AND i.status <> 'draft');
