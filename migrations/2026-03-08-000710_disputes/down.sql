DROP INDEX ledger_transfers_in_pools;
CREATE INDEX ledger_transfers_in_pools ON ledger_transfers (tenant_id, customer_id, currency)
    WHERE functional_amount IS NOT NULL
    AND (debit IN ('cash_clearing', 'customer_credit', 'refunds_payable', 'prepaid_credits')
         OR credit IN ('cash_clearing', 'customer_credit', 'refunds_payable', 'prepaid_credits'));
ALTER TABLE payment_methods DROP COLUMN disputed;
DROP TABLE dispute_settings;
DROP TABLE dispute_watches;
DROP TABLE fraud_warnings;
DROP TABLE disputes;
