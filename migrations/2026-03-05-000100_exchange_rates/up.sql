-- What authorities publish is the same for every tenant, so it has none; rows are added, never changed: what is published otherwise later
-- is a row beside the first, and the one recorded last counts.
CREATE TABLE published_rates (
    id uuid PRIMARY KEY,
    -- 'ecb': the European Central Bank.
    source text NOT NULL,
    base text NOT NULL,
    quote text NOT NULL,
    date date NOT NULL,
    -- How much of the quote currency one unit of the base currency is.
    value numeric NOT NULL CONSTRAINT published_rate_is_above_zero CHECK (value > 0),
    recorded_at timestamptz NOT NULL,
    CONSTRAINT published_rate_is_of_two_currencies CHECK (base <> quote)
);
CREATE INDEX published_rates_by_day ON published_rates (date, base, quote, recorded_at);

-- The rates that a tenant recorded itself; likewise never changed.
CREATE TABLE exchange_rates (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    source text NOT NULL,
    base text NOT NULL,
    quote text NOT NULL,
    date date NOT NULL,
    value numeric NOT NULL CONSTRAINT exchange_rate_is_above_zero CHECK (value > 0),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT exchange_rate_is_of_two_currencies CHECK (base <> quote)
);
CREATE INDEX exchange_rates_by_day ON exchange_rates (tenant_id, date, base, quote, recorded_at);
