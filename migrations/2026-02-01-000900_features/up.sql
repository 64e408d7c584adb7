-- What those who have a plan version may use.
CREATE TABLE plan_features (
    tenant_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    plan_version integer NOT NULL,
    code text NOT NULL,
    position smallint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CONSTRAINT feature_kind_is_known CHECK (kind IN ('boolean', 'limit', 'metered')),
    -- NULL: without limit.
    allowance numeric CONSTRAINT allowance_is_not_negative CHECK (allowance >= 0),
    -- Code of the price whose quantity multiplies the allowance.
    per text,
    meter_id uuid,
    hard_cap boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, plan_id, plan_version, code),
    CONSTRAINT only_metered_features_have_a_meter CHECK ((kind = 'metered') = (meter_id IS NOT NULL)),
    FOREIGN KEY (tenant_id, plan_id, plan_version) REFERENCES plan_versions (tenant_id, plan_id, version)
);
