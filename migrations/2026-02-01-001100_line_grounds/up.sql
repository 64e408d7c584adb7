-- What a line rests on that may be another when somebody asks: written beside it by COPY, for the few lines that have such grounds,
-- and read only to explain them. Beside the lines, so that theirs stay narrow.
CREATE TABLE invoice_line_grounds (
    tenant_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    line_no smallint NOT NULL,
    grounds jsonb NOT NULL,
    PRIMARY KEY (tenant_id, invoice_id, line_no)
);

-- The key of the call that started it; NULL: a file that was imported.
ALTER TABLE subscriptions ADD COLUMN started_by uuid;
