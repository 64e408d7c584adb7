DELETE FROM ledger_transfers WHERE source_kind IN ('payout_settled', 'payout_failed');
DROP TABLE payout_items;
DROP TABLE payouts;
