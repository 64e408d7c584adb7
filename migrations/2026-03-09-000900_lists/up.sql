-- What lists are searched and sorted by. Customers and subscriptions are written one by one; invoices by the million, and each pays for every index of
-- them: this one, by when they are due, is a seventh of the log that an invoice's row writes. Amounts have none.
CREATE INDEX customers_by_words ON customers USING gin (
    to_tsvector('simple', translate(name || ' ' || coalesce(email, '') || ' ' || coalesce(external_id, ''),
        '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)))
);
CREATE INDEX customers_by_name ON customers (tenant_id, lower(name), id);
CREATE INDEX customers_by_email ON customers (tenant_id, lower(email)) WHERE email IS NOT NULL;
CREATE INDEX customers_by_metadata ON customers USING gin (metadata jsonb_path_ops);
CREATE INDEX subscriptions_by_metadata ON subscriptions USING gin (metadata jsonb_path_ops);
CREATE INDEX invoices_by_due ON invoices (tenant_id, due_at, id) WHERE due_at IS NOT NULL;
