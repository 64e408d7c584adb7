DROP SEQUENCE ledger_transfers_wait_as;
DROP INDEX ledger_transfers_of_origin;
ALTER TABLE ledger_transfers DROP COLUMN waits_as, DROP COLUMN rated_on, DROP COLUMN origin_id;
