-- What a command of several transactions has begun: after a crash the same key finds it again.
ALTER TABLE idempotency_keys ADD COLUMN begun_id uuid;
