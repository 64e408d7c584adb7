ALTER TABLE entities DROP COLUMN keeps_books;
DROP TABLE functional_waits;
ALTER TABLE ledger_transfers
    DROP COLUMN realised_gain,
    DROP COLUMN functional_amount,
    DROP COLUMN functional_currency,
    DROP COLUMN invoice_id,
    DROP COLUMN entity_id;
