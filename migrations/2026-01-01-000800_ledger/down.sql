DROP TABLE ledger_transfers;
