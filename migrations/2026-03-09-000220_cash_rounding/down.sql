ALTER TABLE payments DROP COLUMN cash_rounding;
ALTER TABLE entities DROP COLUMN cash_rounding;
