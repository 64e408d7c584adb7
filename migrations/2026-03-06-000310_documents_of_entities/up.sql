-- From which entity a customer buys, and which one issued a document or is registered for tax; NULL: the one with the tenant's id.
ALTER TABLE customers
    ADD COLUMN entity_id uuid,
    ADD CONSTRAINT customer_entity_exists FOREIGN KEY (tenant_id, entity_id) REFERENCES entities (tenant_id, id);
ALTER TABLE tax_registrations
    ADD COLUMN entity_id uuid,
    ADD CONSTRAINT tax_registration_entity_exists FOREIGN KEY (tenant_id, entity_id) REFERENCES entities (tenant_id, id);
ALTER TABLE invoices ADD COLUMN entity_id uuid;
ALTER TABLE credit_notes ADD COLUMN entity_id uuid;
