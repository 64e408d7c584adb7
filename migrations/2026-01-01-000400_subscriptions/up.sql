CREATE TABLE subscriptions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    external_id text,
    customer_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    plan_version integer NOT NULL,
    currency text NOT NULL,
    collection text NOT NULL CONSTRAINT collection_is_known CHECK (collection IN ('automatic', 'send_invoice')),
    invoice_separately boolean NOT NULL DEFAULT false,
    start_at timestamptz NOT NULL,
    -- Set when the subscription is ended; no charge segment reaches past it.
    end_at timestamptz CONSTRAINT subscription_ends_after_it_starts CHECK (end_at >= start_at),
    time_zone text NOT NULL,
    cycle_base date NOT NULL,
    cycle_anchor_day smallint NOT NULL CONSTRAINT anchor_day_is_a_day_of_the_month CHECK (cycle_anchor_day BETWEEN 1 AND 31),
    interval_unit text NOT NULL,
    interval_count integer NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT subscription_external_id_is_unique UNIQUE (tenant_id, external_id),
    CONSTRAINT subscription_customer_exists FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT subscription_plan_version_exists FOREIGN KEY (tenant_id, plan_id, plan_version) REFERENCES plan_versions (tenant_id, plan_id, version)
);
CREATE INDEX subscriptions_by_customer ON subscriptions (tenant_id, customer_id, id);

-- The timeline: what an item cost and how many of it, from when to when. A change ends one version and adds the next.
CREATE TABLE item_versions (
    tenant_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    id uuid NOT NULL,
    item_id uuid NOT NULL,
    price_id uuid NOT NULL,
    quantity numeric NOT NULL CONSTRAINT quantity_is_not_negative CHECK (quantity >= 0),
    -- This subscription's own price, in place of the plan's.
    price_override jsonb,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz CONSTRAINT version_ends_after_it_starts CHECK (valid_to >= valid_from),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, subscription_id, id),
    CONSTRAINT item_version_subscription_exists FOREIGN KEY (tenant_id, subscription_id) REFERENCES subscriptions (tenant_id, id),
    CONSTRAINT item_version_price_exists FOREIGN KEY (tenant_id, price_id) REFERENCES prices (tenant_id, id)
);

-- The billing engine's place in each subscription: narrow, because every run rewrites it.
-- Nothing before settled_to can differ from what is recorded; nothing is due before next_bill_at.
CREATE TABLE billing_cursors (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    settled_to timestamptz NOT NULL,
    next_bill_at timestamptz,
    PRIMARY KEY (tenant_id, customer_id, subscription_id)
) WITH (fillfactor = 80);
CREATE INDEX billing_cursors_due ON billing_cursors (tenant_id, next_bill_at, customer_id) WHERE next_bill_at IS NOT NULL;
