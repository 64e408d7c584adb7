-- Who elsewhere is asked what a sale is taxed with, and hears which invoices were issued.
CREATE TABLE tax_providers (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL CONSTRAINT tax_provider_has_a_name CHECK (name <> ''),
    kind text NOT NULL CONSTRAINT tax_provider_kind_is_known CHECK (kind IN ('generic', 'avalara', 'stripe')),
    base_url text NOT NULL,
    -- Sealed with a key of the server's configuration.
    credentials text,
    -- As the provider calls the seller.
    company text,
    -- Whose sales it answers for; NULL: those of every entity that has no provider of its own.
    entity_id uuid,
    -- Where buyers are, ISO 3166-1 alpha-2.
    countries jsonb NOT NULL,
    on_outage text NOT NULL CONSTRAINT tax_outage_policy_is_known CHECK (on_outage IN ('wait', 'engine')),
    timeout_ms integer NOT NULL,
    -- It answers for nothing new any more, and still hears of what it answered for.
    deleted_at timestamptz,
    -- When its figures are next held against ours.
    next_compare_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT tax_provider_entity_exists FOREIGN KEY (tenant_id, entity_id) REFERENCES entities (tenant_id, id)
);
CREATE INDEX tax_providers_to_compare ON tax_providers (tenant_id, next_compare_at, id) WHERE next_compare_at IS NOT NULL;

-- What providers were asked, and what they answered: kept while it may be asked again. The id is a digest of the question.
CREATE TABLE tax_questions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    provider_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    -- The draft that needs the answer.
    invoice_id uuid,
    question jsonb NOT NULL,
    answer jsonb,
    answered_at timestamptz,
    -- From when on it is asked anew.
    expires_at timestamptz,
    -- Nobody answered for so long that the built-in rules did.
    by_engine boolean NOT NULL DEFAULT false,
    attempts integer NOT NULL DEFAULT 0,
    next_ask_at timestamptz,
    trouble text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT tax_answer_has_its_dates CHECK ((answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (expires_at IS NULL))
);
CREATE INDEX tax_questions_to_ask ON tax_questions (tenant_id, next_ask_at, id) WHERE next_ask_at IS NOT NULL;
CREATE INDEX tax_questions_of_customer ON tax_questions (tenant_id, customer_id);
CREATE INDEX tax_questions_expired ON tax_questions (tenant_id, expires_at);

-- What providers are to hear of issued documents, and what they have heard. The id is that of the invoice or credit note.
CREATE TABLE tax_documents (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT tax_document_kind_is_known CHECK (kind IN ('invoice', 'credit_note')),
    invoice_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    wanted text NOT NULL CONSTRAINT tax_document_wanted_is_known CHECK (wanted IN ('committed', 'voided')),
    recorded text NOT NULL CONSTRAINT tax_document_recorded_is_known
        CHECK (recorded IN ('nothing', 'committed', 'voided', 'returned')),
    -- A call was begun whose outcome is not known.
    is_begun boolean NOT NULL DEFAULT false,
    attempts integer NOT NULL DEFAULT 0,
    next_tell_at timestamptz,
    trouble text,
    -- As the provider calls it.
    reference text,
    -- What the provider has, as it was last seen: minor units.
    their_tax bigint,
    compared_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX tax_documents_to_tell ON tax_documents (tenant_id, next_tell_at, id) WHERE next_tell_at IS NOT NULL;
CREATE INDEX tax_documents_of_provider ON tax_documents (tenant_id, provider_id, id);

-- Whose figure a tax is; NULL: it was computed by the built-in rules.
ALTER TABLE invoice_line_taxes ADD COLUMN provider_id uuid;
CREATE INDEX invoice_line_taxes_by_provider ON invoice_line_taxes (tenant_id, invoice_id) WHERE provider_id IS NOT NULL;

ALTER TABLE invoices
    DROP CONSTRAINT invoice_waits_for_is_known,
    ADD CONSTRAINT invoice_waits_for_is_known CHECK (waits_for IN ('tax_id', 'earlier_draft', 'tax_provider'));
