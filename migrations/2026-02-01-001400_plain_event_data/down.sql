ALTER TABLE events ALTER COLUMN data TYPE jsonb USING data::jsonb;
ALTER TABLE outbox ALTER COLUMN data TYPE jsonb USING data::jsonb;
