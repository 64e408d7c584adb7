-- The months of an entity's books.
CREATE TABLE accounting_periods (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    entity_id uuid NOT NULL,
    starts_on date NOT NULL,
    -- The day after the last.
    ends_on date NOT NULL,
    status text NOT NULL CONSTRAINT period_status_is_known CHECK (status IN ('open', 'closing', 'closed', 'reopened')),
    created_at timestamptz NOT NULL,
    closed_at timestamptz,
    reopened_at timestamptz,
    reopened_because text,
    CONSTRAINT periods_have_days CHECK (ends_on > starts_on),
    CONSTRAINT period_entity_exists FOREIGN KEY (tenant_id, entity_id) REFERENCES entities (tenant_id, id),
    CONSTRAINT periods_do_not_overlap UNIQUE (tenant_id, entity_id, starts_on),
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE accounting_periods ALTER COLUMN tenant_id SET STATISTICS 0;

-- From which day on the books of an entity are open; up to which day its revenue is recognised; when it is looked at next.
ALTER TABLE entities ADD COLUMN books_open_from date;
ALTER TABLE entities ADD COLUMN recognized_to date;
ALTER TABLE entities ADD COLUMN next_recognition_at timestamptz;
UPDATE entities SET next_recognition_at = 'epoch' WHERE keeps_books;

-- The day on which a transfer would count, had its period not been closed.
ALTER TABLE ledger_transfers ADD COLUMN original_on date;

-- Nothing is posted into a closed period. Who closes one holds the lock alone, so whoever posts sees it closed, or is through before.
CREATE FUNCTION refuse_closed_periods() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('books of ' || x.entity_id::text, 0))
    FROM (SELECT DISTINCT coalesce(entity_id, tenant_id) AS entity_id FROM posted ORDER BY 1) x;
    IF EXISTS (SELECT 1 FROM posted p
               JOIN entities e ON e.tenant_id = p.tenant_id AND e.id = coalesce(p.entity_id, p.tenant_id)
               WHERE p.effective_on < e.books_open_from) THEN
        RAISE EXCEPTION 'a transfer counts in a closed period' USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_periods_stay_closed';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER closed_periods_stay_closed AFTER INSERT ON ledger_transfers
    REFERENCING NEW TABLE AS posted FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_periods();
