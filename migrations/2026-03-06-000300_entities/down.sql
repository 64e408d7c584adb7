ALTER TABLE tenants ADD COLUMN invoice_series text NOT NULL DEFAULT 'INV';
UPDATE tenants t SET invoice_series = regexp_replace(e.invoice_pattern, '-\{seq:6\}$', ''), seller_version = e.seller_version
    FROM entities e WHERE e.tenant_id = t.id AND e.id = t.id;
ALTER TABLE tax_settings ADD COLUMN country text, ADD COLUMN state text, ADD COLUMN postal_code text;
INSERT INTO tax_settings (tenant_id, country, state, postal_code, rounding, unknown_numbers)
    SELECT tenant_id, country, state, postal_code, 'document', 'charge' FROM entities WHERE is_default AND country IS NOT NULL
    ON CONFLICT (tenant_id) DO UPDATE SET country = excluded.country, state = excluded.state, postal_code = excluded.postal_code;
DROP TABLE number_series;
DROP TABLE entities;
