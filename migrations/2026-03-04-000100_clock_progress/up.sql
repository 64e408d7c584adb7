-- How far a clock on its way is, and what was done so far: counted in the transactions that do it, so that what was done before a process died
-- is told in the end, too. And whether somebody wants it to stop.
ALTER TABLE clock_advances
    ADD COLUMN from_at timestamptz,
    ADD COLUMN stopping boolean NOT NULL DEFAULT false,
    ADD COLUMN tick_at timestamptz,
    ADD COLUMN ticks bigint NOT NULL DEFAULT 0,
    ADD COLUMN bill_runs bigint NOT NULL DEFAULT 0,
    ADD COLUMN invoices bigint NOT NULL DEFAULT 0,
    ADD COLUMN parked bigint NOT NULL DEFAULT 0,
    ADD COLUMN drafts_finalized bigint NOT NULL DEFAULT 0,
    ADD COLUMN payments_attempted bigint NOT NULL DEFAULT 0,
    ADD COLUMN payments_succeeded bigint NOT NULL DEFAULT 0,
    ADD COLUMN payments_failed bigint NOT NULL DEFAULT 0;
UPDATE clock_advances a SET from_at = coalesce(t.test_clock, a.to_at) FROM tenants t WHERE t.id = a.tenant_id;
ALTER TABLE clock_advances ALTER COLUMN from_at SET NOT NULL;
