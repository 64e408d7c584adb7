-- Who says of what a period's checklist found that it is right as it is, and why. Rows are only ever added; the newest of a check counts.
CREATE TABLE period_sign_offs (
    tenant_id uuid NOT NULL,
    period_id uuid NOT NULL,
    name text NOT NULL,
    signed_at timestamptz NOT NULL,
    signed_by text NOT NULL,
    note text NOT NULL,
    -- How many things the check had found.
    count bigint NOT NULL CONSTRAINT something_is_signed_off CHECK (count > 0),
    CONSTRAINT sign_off_period_exists FOREIGN KEY (tenant_id, period_id) REFERENCES accounting_periods (tenant_id, id),
    PRIMARY KEY (tenant_id, period_id, name, signed_at)
);
ALTER TABLE period_sign_offs ALTER COLUMN tenant_id SET STATISTICS 0;
