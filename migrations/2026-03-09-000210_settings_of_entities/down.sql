ALTER TABLE entities DROP COLUMN payment_terms_days, DROP COLUMN logo;
