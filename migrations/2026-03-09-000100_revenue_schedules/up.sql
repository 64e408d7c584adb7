-- When each line of a document is earned: written once with it. The currency, the customer and the entity are the invoice's. Like the lines, they
-- have no foreign key: they are written beside their document, and verify-books looks.
CREATE TABLE revenue_schedules (
    tenant_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    line_no integer NOT NULL,
    -- 0: the line itself; 1, 2, 3 …: what the invoice's first, second, third credit note took back of it; -1: its void.
    entry smallint NOT NULL,
    deferred boolean NOT NULL,
    starts_on date NOT NULL,
    -- The day after the last.
    ends_on date NOT NULL,
    -- The day of its document: nothing is earned before.
    booked_on date NOT NULL,
    amount bigint NOT NULL,
    rule text NOT NULL CONSTRAINT revenue_rule_is_known
        CHECK (rule IN ('ratable_daily', 'ratable_monthly', 'point_in_time', 'as_used', 'as_drawn')),
    -- Why it is earned at once though no rule says so.
    because text,
    credit_note_id uuid,
    CONSTRAINT schedules_have_days CHECK (ends_on > starts_on),
    CONSTRAINT schedules_of_notes_name_them CHECK ((entry > 0) = (credit_note_id IS NOT NULL)),
    PRIMARY KEY (tenant_id, invoice_id, line_no, entry)
);
ALTER TABLE revenue_schedules ALTER COLUMN tenant_id SET STATISTICS 0;

-- What was issued before: by the rules that hold where a tenant has said nothing.
INSERT INTO revenue_schedules (tenant_id, invoice_id, line_no, entry, deferred, starts_on, ends_on, booked_on, amount, rule, because)
SELECT d.tenant_id, d.invoice_id, d.line_no, 0, d.deferred, d.starts_on, d.ends_on, d.booked_on, d.amount,
    CASE WHEN d.sells THEN 'as_drawn' WHEN d.is_empty THEN 'point_in_time' WHEN d.deferred THEN 'ratable_daily'
        WHEN d.ends_on <= d.booked_on OR d.is_measured THEN 'as_used' ELSE 'point_in_time' END,
    CASE WHEN d.sells THEN NULL WHEN d.is_empty THEN 'no_period' WHEN d.deferred OR d.ends_on <= d.booked_on OR d.is_measured THEN NULL
        ELSE 'not_deferred' END
FROM (
    SELECT l.tenant_id, l.invoice_id, l.line_no, l.deferred, l.amount - l.discount - l.tax_included AS amount,
        l.measured_quantity IS NOT NULL AS is_measured, p.starts_at >= p.ends_at AS is_empty,
        (p.starts_at AT TIME ZONE z.zone)::date AS starts_on,
        greatest((p.ends_at AT TIME ZONE z.zone)::date, (p.starts_at AT TIME ZONE z.zone)::date + 1) AS ends_on,
        (i.issued_at AT TIME ZONE t.time_zone)::date AS booked_on,
        EXISTS (SELECT 1 FROM credit_grants g WHERE g.tenant_id = i.tenant_id AND g.invoice_id = i.id) AS sells
    FROM invoice_lines l
    JOIN invoices i ON i.tenant_id = l.tenant_id AND i.id = l.invoice_id AND i.status <> 'draft'
    JOIN tenants t ON t.id = i.tenant_id
    JOIN customers c ON c.tenant_id = i.tenant_id AND c.id = i.customer_id
    CROSS JOIN LATERAL (SELECT coalesce(l.concerns_from, l.period_start) AS starts_at, coalesce(l.concerns_to, l.period_end) AS ends_at) p
    CROSS JOIN LATERAL (SELECT coalesce(c.time_zone, t.time_zone) AS zone) z
) d;

INSERT INTO revenue_schedules (tenant_id, invoice_id, line_no, entry, deferred, starts_on, ends_on, booked_on, amount, rule, because, credit_note_id)
SELECT n.tenant_id, n.invoice_id, l.invoice_line_no, n.number, s.deferred, s.starts_on, s.ends_on, (n.issued_at AT TIME ZONE t.time_zone)::date,
    -(l.amount - l.discount - l.tax_included), s.rule, s.because, n.id
FROM (SELECT *, row_number() OVER (PARTITION BY tenant_id, invoice_id ORDER BY issued_at, id) AS number
      FROM (SELECT tenant_id, invoice_id, id, issued_at FROM credit_notes) notes) n
JOIN credit_note_lines l ON l.tenant_id = n.tenant_id AND l.credit_note_id = n.id
JOIN tenants t ON t.id = n.tenant_id
JOIN revenue_schedules s ON s.tenant_id = n.tenant_id AND s.invoice_id = n.invoice_id AND s.line_no = l.invoice_line_no AND s.entry = 0;

INSERT INTO revenue_schedules (tenant_id, invoice_id, line_no, entry, deferred, starts_on, ends_on, booked_on, amount, rule, because)
SELECT s.tenant_id, s.invoice_id, s.line_no, -1, s.deferred, s.starts_on, s.ends_on, (i.closed_at AT TIME ZONE t.time_zone)::date,
    -s.amount, s.rule, s.because
FROM revenue_schedules s
JOIN invoices i ON i.tenant_id = s.tenant_id AND i.id = s.invoice_id AND i.status = 'void'
JOIN tenants t ON t.id = i.tenant_id
WHERE s.entry = 0;
