DROP TRIGGER closed_periods_stay_closed ON ledger_transfers;
DROP FUNCTION refuse_closed_periods();
DELETE FROM ledger_transfers WHERE source_kind = 'revenue_recognized';
ALTER TABLE ledger_transfers DROP COLUMN original_on;
ALTER TABLE entities DROP COLUMN next_recognition_at;
ALTER TABLE entities DROP COLUMN recognized_to;
ALTER TABLE entities DROP COLUMN books_open_from;
DROP TABLE accounting_periods;
