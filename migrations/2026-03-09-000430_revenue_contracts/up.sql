-- What something costs alone, from a day on.
CREATE TABLE standalone_prices (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    product_id uuid NOT NULL,
    -- NULL: of every price of the product.
    price_code text,
    currency text NOT NULL,
    amount bigint NOT NULL CONSTRAINT standalone_prices_are_above_zero CHECK (amount > 0),
    valid_from date NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT standalone_price_product_exists FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id),
    CONSTRAINT standalone_prices_begin_once UNIQUE NULLS NOT DISTINCT (tenant_id, product_id, price_code, currency, valid_from),
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE standalone_prices ALTER COLUMN tenant_id SET STATISTICS 0;

-- Invoices that were promised together.
CREATE TABLE revenue_contracts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    entity_id uuid NOT NULL,
    currency text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT revenue_contract_customer_exists FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE revenue_contracts ALTER COLUMN tenant_id SET STATISTICS 0;

-- Their lines, each in one contract, and what it would cost alone on the day of the contract.
CREATE TABLE revenue_contract_lines (
    tenant_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    line_no integer NOT NULL,
    contract_id uuid NOT NULL,
    standalone numeric NOT NULL CONSTRAINT standalone_is_above_zero CHECK (standalone > 0),
    CONSTRAINT revenue_contract_exists FOREIGN KEY (tenant_id, contract_id) REFERENCES revenue_contracts (tenant_id, id),
    CONSTRAINT invoices_are_in_one_contract PRIMARY KEY (tenant_id, invoice_id, line_no)
);
ALTER TABLE revenue_contract_lines ALTER COLUMN tenant_id SET STATISTICS 0;
CREATE INDEX revenue_contract_lines_by_contract ON revenue_contract_lines (tenant_id, contract_id);

-- What a contract moves between its lines.
ALTER TABLE revenue_schedules
    ADD COLUMN is_allocated boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT schedules_are_of_one_kind,
    ADD CONSTRAINT schedules_are_of_one_kind CHECK ((entry < -1) = (num_nonnulls(given_up_entry, fulfilled_entry) + is_allocated::integer = 1));
