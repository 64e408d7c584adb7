-- What an entity has of its own: the logo that its invoices print, and how long its customers have to pay who say nothing of it.
ALTER TABLE entities
    ADD COLUMN logo text,
    ADD COLUMN payment_terms_days integer CONSTRAINT entity_payment_terms_in_range CHECK (payment_terms_days BETWEEN 0 AND 365);
