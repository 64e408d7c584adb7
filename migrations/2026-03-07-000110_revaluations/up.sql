-- What an entity holds and owes in foreign currencies at the end of a day, at the rate of that day: posted on it, and taken back the day after.
CREATE TABLE ledger_revaluations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    entity_id uuid NOT NULL,
    as_of date NOT NULL,
    functional_currency text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT a_day_is_revalued_once UNIQUE (tenant_id, entity_id, as_of),
    CONSTRAINT revaluation_entity_exists FOREIGN KEY (tenant_id, entity_id) REFERENCES entities (tenant_id, id)
);

CREATE TABLE ledger_revaluation_lines (
    tenant_id uuid NOT NULL,
    revaluation_id uuid NOT NULL,
    line_no smallint NOT NULL,
    account text NOT NULL,
    currency text NOT NULL,
    -- What is there, what it is carried at, and what it is worth by the rate; debits are above zero.
    amount bigint NOT NULL,
    carried bigint NOT NULL,
    worth bigint NOT NULL,
    rate numeric NOT NULL,
    rate_date date NOT NULL,
    PRIMARY KEY (tenant_id, revaluation_id, line_no)
);

CREATE TABLE ledger_revaluation_postings (
    tenant_id uuid NOT NULL,
    revaluation_id uuid NOT NULL,
    leg smallint NOT NULL,
    entity_id uuid NOT NULL,
    debit text NOT NULL,
    credit text NOT NULL,
    amount bigint NOT NULL CONSTRAINT revaluation_posting_is_positive CHECK (amount > 0),
    functional_currency text NOT NULL,
    effective_on date NOT NULL,
    PRIMARY KEY (tenant_id, revaluation_id, leg)
);
CREATE INDEX ledger_revaluation_postings_by_day ON ledger_revaluation_postings (tenant_id, entity_id, effective_on);
