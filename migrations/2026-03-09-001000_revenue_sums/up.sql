-- What schedules come to that differ in their amounts alone: so many times what each has over, and so much evenly. Rows are added with the schedules,
-- and put together now and then.
CREATE TABLE revenue_sums (
    tenant_id uuid NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    entity_id uuid NOT NULL,
    currency text NOT NULL,
    -- 0 lines, 1 their notes, -1 voids, -2 what is given up, allocated or fulfilled.
    entry smallint NOT NULL,
    deferred boolean NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    booked_on date NOT NULL,
    rule text NOT NULL,
    -- What each has over.
    amount bigint NOT NULL,
    whole bigint,
    since date,
    fulfilled bigint,
    is_allocated boolean NOT NULL,
    is_moved boolean NOT NULL,
    times bigint NOT NULL,
    -- Of all of them: each day the same, or all at once.
    evenly numeric NOT NULL,
    merged boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE revenue_sums ALTER COLUMN tenant_id SET STATISTICS 0;

INSERT INTO revenue_sums (tenant_id, entity_id, currency, entry, deferred, starts_on, ends_on, booked_on, rule, amount, whole,
    since, fulfilled, is_allocated, is_moved, times, evenly, merged)
SELECT tenant_id, entity_id, currency, entry, deferred, starts_on, ends_on, booked_on, rule, amount - evenly, whole, since, fulfilled,
    is_allocated, is_moved, count(*), sum(evenly), true
FROM (
    SELECT s.tenant_id, coalesce(i.entity_id, i.tenant_id) AS entity_id, i.currency, greatest(least(s.entry, 1), -2) AS entry, s.deferred,
        CASE WHEN s.deferred OR s.fulfilled IS NOT NULL THEN s.starts_on ELSE s.booked_on END AS starts_on,
        CASE WHEN s.deferred OR s.fulfilled IS NOT NULL THEN s.ends_on ELSE s.booked_on + 1 END AS ends_on,
        s.booked_on, s.rule, s.amount, s.whole, s.since, s.fulfilled, s.is_allocated, s.is_moved,
        CASE WHEN s.fulfilled IS NOT NULL OR s.whole IS NOT NULL THEN 0
            WHEN NOT s.deferred OR s.rule NOT LIKE 'ratable%' THEN s.amount
            WHEN s.rule = 'ratable_daily' THEN s.amount - s.amount % (s.ends_on - s.starts_on)
            ELSE 0 END AS evenly
    FROM revenue_schedules s JOIN invoices i ON i.tenant_id = s.tenant_id AND i.id = s.invoice_id
) s GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15;

-- What transfers moved of an account in a day, by what they are of: of those accounts that reports add up from their beginning.
CREATE TABLE ledger_sums (
    tenant_id uuid NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    entity_id uuid NOT NULL,
    currency text NOT NULL,
    account text NOT NULL,
    source_kind text NOT NULL,
    effective_on date NOT NULL,
    -- What was credited, less what was debited.
    amount numeric NOT NULL,
    merged boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE ledger_sums ALTER COLUMN tenant_id SET STATISTICS 0;

INSERT INTO ledger_sums (tenant_id, entity_id, currency, account, source_kind, effective_on, amount, merged)
SELECT tenant_id, coalesce(entity_id, tenant_id), currency, 'deferred_revenue', source_kind, effective_on,
    sum(CASE WHEN credit = 'deferred_revenue' THEN amount ELSE -amount END), true
FROM ledger_transfers WHERE (debit = 'deferred_revenue') <> (credit = 'deferred_revenue') GROUP BY 1, 2, 3, 4, 5, 6;

-- What still earns something, or was booked lately, without what was earned long ago.
CREATE INDEX revenue_schedules_by_time ON revenue_schedules USING brin (ends_on, booked_on);
