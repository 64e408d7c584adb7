-- Numbers of customers that a register is asked about, or was. What is known of a number stands in the buyer's details, where a caller may
-- have written it; here stands what the register answered.
CREATE TABLE tax_numbers (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    -- As VIES writes it, with the letters of its member state.
    value text NOT NULL,
    -- When it is looked at next; NULL: by nobody, for it is the customer's no longer, or what is known of it is the caller's own word.
    next_check_at timestamptz,
    -- How often it was asked about, and how often in a row nobody answered since the last answer.
    checks integer NOT NULL,
    unanswered integer NOT NULL,
    checked_at timestamptz,
    -- The last answer that was one.
    answer text CONSTRAINT tax_number_answer_is_known CHECK (answer IN ('valid', 'invalid')),
    answered_at timestamptz,
    consultation text,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT tax_number_is_watched_once UNIQUE (tenant_id, customer_id, value),
    CONSTRAINT tax_number_customer_exists FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT tax_number_answer_has_a_date CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE INDEX tax_numbers_to_check ON tax_numbers (tenant_id, next_check_at, id) WHERE next_check_at IS NOT NULL;

-- Each time a register was asked, and what came of it: evidence, never changed.
CREATE TABLE tax_number_checks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    tax_number_id uuid NOT NULL,
    value text NOT NULL,
    checked_at timestamptz NOT NULL,
    register text NOT NULL,
    answer text NOT NULL CONSTRAINT tax_check_answer_is_known CHECK (answer IN ('valid', 'invalid', 'unknown')),
    consultation text,
    name text,
    address text,
    -- Why nothing is known.
    reason text,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT tax_check_number_exists FOREIGN KEY (tenant_id, tax_number_id) REFERENCES tax_numbers (tenant_id, id),
    CONSTRAINT tax_check_says_why_nothing_is_known CHECK ((answer = 'unknown') = (reason IS NOT NULL))
);
CREATE INDEX tax_number_checks_of_customer ON tax_number_checks (tenant_id, customer_id, id);
CREATE INDEX tax_number_checks_of_number ON tax_number_checks (tenant_id, tax_number_id, id);

-- What live tenants have already and nobody knows anything of is asked about.
INSERT INTO tax_numbers (tenant_id, id, customer_id, value, next_check_at, checks, unanswered)
SELECT c.tenant_id, gen_random_uuid(), c.id, n.value, now(), 0, 0
FROM tenants t
JOIN customers c ON c.tenant_id = t.id
JOIN buyer_versions b ON b.tenant_id = c.tenant_id AND b.customer_id = c.id AND b.version = c.version
CROSS JOIN LATERAL (
    SELECT DISTINCT upper(regexp_replace(e ->> 'value', '[^A-Za-z0-9]', '', 'g')) AS value
    FROM jsonb_array_elements(b.details -> 'tax_ids') e
    WHERE e ->> 'type' = 'eu_vat' AND coalesce(e ->> 'status', 'unknown') = 'unknown'
) n
WHERE t.mode = 'live';
