-- What was taken back of a charge after it was billed, other than by a later line: by a void, a credit note, a correction, an edited
-- draft line, a write-off. In order for each charge, which is an item version and the start of a period.
CREATE TABLE charges_taken_back (
    tenant_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    item_version_id uuid NOT NULL,
    period_start timestamptz NOT NULL,
    act_no integer NOT NULL,
    kind text NOT NULL CONSTRAINT taken_back_kind_is_known CHECK (kind IN ('credited', 'waived', 'corrected', 'edited')),
    -- The invoice on which it stood, and the document or call that took it back.
    invoice_id uuid NOT NULL,
    source_id uuid NOT NULL,
    -- So much less stays charged, before discounts, and so much less is taken off.
    amount bigint NOT NULL,
    discount bigint NOT NULL,
    -- What the charge was worth by its history when it was taken back.
    worth bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, subscription_id, item_version_id, period_start, act_no)
);
CREATE INDEX charges_taken_back_by_invoice ON charges_taken_back (tenant_id, invoice_id);

-- What was voided and credited so far. A corrected invoice's charges stay what they were taken for.
INSERT INTO charges_taken_back
SELECT a.tenant_id, a.subscription_id, a.item_version_id, a.period_start,
    row_number() OVER (PARTITION BY a.tenant_id, a.subscription_id, a.item_version_id, a.period_start ORDER BY a.at, a.source_id) - 1,
    a.kind, a.invoice_id, a.source_id, a.amount, a.discount, w.worth, a.at
FROM (
    SELECT l.tenant_id, l.subscription_id, l.item_version_id, l.period_start, 'waived' AS kind, i.id AS invoice_id, i.id AS source_id,
        sum(l.amount)::bigint AS amount, sum(l.discount)::bigint AS discount, coalesce(i.closed_at, i.created_at) AS at
    FROM invoices i
    JOIN invoice_lines l ON l.tenant_id = i.tenant_id AND l.invoice_id = i.id AND l.item_version_id IS NOT NULL
    WHERE i.status = 'void' GROUP BY 1, 2, 3, 4, 6, 10 HAVING sum(l.amount) > 0
    UNION ALL
    SELECT l.tenant_id, l.subscription_id, l.item_version_id, l.period_start, 'credited', n.invoice_id, n.id,
        sum(c.amount)::bigint, sum(c.discount)::bigint, n.issued_at
    FROM credit_notes n
    JOIN credit_note_lines c ON c.tenant_id = n.tenant_id AND c.credit_note_id = n.id
    JOIN invoice_lines l ON l.tenant_id = n.tenant_id AND l.invoice_id = n.invoice_id AND l.line_no = c.invoice_line_no
        AND l.item_version_id IS NOT NULL
    WHERE n.replacement_invoice_id IS NULL GROUP BY 1, 2, 3, 4, 6, 7, 10 HAVING sum(c.amount) > 0
) a
JOIN (SELECT tenant_id, item_version_id, period_start, sum(amount)::bigint AS worth FROM invoice_lines
      WHERE item_version_id IS NOT NULL GROUP BY 1, 2, 3) w
    ON w.tenant_id = a.tenant_id AND w.item_version_id = a.item_version_id AND w.period_start = a.period_start;
