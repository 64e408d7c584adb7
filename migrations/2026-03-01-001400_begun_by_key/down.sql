ALTER TABLE idempotency_keys DROP COLUMN begun_id;
