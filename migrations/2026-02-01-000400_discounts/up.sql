-- What a code takes off. Its terms never change: what was promised stays what it was.
CREATE TABLE coupons (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    -- Of a hundred; or amounts by currency.
    percent_off numeric CONSTRAINT percent_off_is_a_percent CHECK (percent_off > 0 AND percent_off <= 100),
    amounts_off jsonb,
    duration text NOT NULL CONSTRAINT coupon_duration_is_known CHECK (duration IN ('once', 'repeating', 'forever')),
    periods integer CONSTRAINT coupon_periods_are_positive CHECK (periods > 0),
    applies_to jsonb NOT NULL,
    max_redemptions integer,
    max_redemptions_per_customer integer,
    redeem_by timestamptz,
    active boolean NOT NULL,
    redemptions integer NOT NULL DEFAULT 0,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT coupon_code_is_unique UNIQUE (tenant_id, code),
    CONSTRAINT coupon_takes_off_one_way CHECK ((percent_off IS NULL) <> (amounts_off IS NULL)),
    CONSTRAINT only_a_repeating_coupon_counts_periods CHECK ((duration = 'repeating') = (periods IS NOT NULL)),
    CONSTRAINT coupon_is_redeemed_within_its_limit CHECK (redemptions <= coalesce(max_redemptions, redemptions))
);

-- A coupon redeemed by a customer. Never deleted: an ended one still explains what it took off.
CREATE TABLE discounts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    coupon_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    -- Of this subscription only, and of this price only, when named.
    subscription_id uuid,
    price_id uuid,
    -- Charges that fall due from starts_at up to, not including, ended_at are covered, as far as the duration goes.
    starts_at timestamptz NOT NULL,
    ended_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT discount_coupon_exists FOREIGN KEY (tenant_id, coupon_id) REFERENCES coupons (tenant_id, id),
    CONSTRAINT discount_customer_exists FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT discount_subscription_exists FOREIGN KEY (tenant_id, subscription_id) REFERENCES subscriptions (tenant_id, id),
    CONSTRAINT discount_price_exists FOREIGN KEY (tenant_id, price_id) REFERENCES prices (tenant_id, id)
);
CREATE INDEX discounts_by_customer ON discounts (tenant_id, customer_id, id);
CREATE INDEX discounts_by_coupon ON discounts (tenant_id, coupon_id, customer_id);

-- Which discount took how much off a line; together they are the line's discount. Written by COPY beside the line.
CREATE TABLE invoice_line_discounts (
    tenant_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    line_no smallint NOT NULL,
    discount_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    -- The discount's 0th, 1st, 2nd … period of this subscription.
    period_no integer NOT NULL,
    -- Negative on a line that gives back.
    amount bigint NOT NULL,
    PRIMARY KEY (tenant_id, invoice_id, line_no, discount_id)
);
CREATE INDEX invoice_line_discounts_by_discount ON invoice_line_discounts (tenant_id, discount_id);
