-- What a subscription's usage may come to in a period, who is told on the way there, and when it is invoiced early.
CREATE TABLE budgets (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    -- NULL: what usage costs, in the subscription's currency; else what this meter measures.
    meter_id uuid,
    -- NULL: nothing is a limit, only the alerts and the early invoice count.
    limit_value numeric CONSTRAINT budget_limit_is_positive CHECK (limit_value > 0),
    -- Values at which an alert is told, rising.
    alerts jsonb NOT NULL DEFAULT '[]',
    hard_cap boolean NOT NULL DEFAULT false,
    invoice_at numeric CONSTRAINT invoice_threshold_is_positive CHECK (invoice_at > 0),
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    -- As last looked at.
    period_start timestamptz,
    used numeric NOT NULL DEFAULT 0,
    exhausted boolean NOT NULL DEFAULT false,
    -- Set when usage came in: NULL when there is nothing to look at.
    next_check_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT budget_customer_exists FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT budget_subscription_exists FOREIGN KEY (tenant_id, subscription_id) REFERENCES subscriptions (tenant_id, id)
);
CREATE INDEX budgets_by_customer ON budgets (tenant_id, customer_id) WHERE ended_at IS NULL;
CREATE INDEX budgets_to_check ON budgets (tenant_id, next_check_at) WHERE next_check_at IS NOT NULL;

-- An alert is told once a period.
CREATE TABLE budget_alerts (
    tenant_id uuid NOT NULL,
    budget_id uuid NOT NULL,
    period_start timestamptz NOT NULL,
    threshold numeric NOT NULL,
    told_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, budget_id, period_start, threshold)
);
