-- How what is sold is earned, where it is not day by day: the newest that holds on the day of a document, the closest first.
CREATE TABLE revenue_rules (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    -- NULL: of every product.
    product_id uuid,
    -- NULL: of every price.
    price_code text,
    rule text NOT NULL CONSTRAINT revenue_rule_can_be_chosen CHECK (rule IN ('ratable_daily', 'ratable_monthly', 'point_in_time', 'as_used')),
    valid_from date NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT revenue_rule_product_exists FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id),
    CONSTRAINT revenue_rules_begin_once UNIQUE NULLS NOT DISTINCT (tenant_id, product_id, price_code, valid_from),
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE revenue_rules ALTER COLUMN tenant_id SET STATISTICS 0;
