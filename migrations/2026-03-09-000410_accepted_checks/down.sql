ALTER TABLE accounting_periods DROP COLUMN accepted;
