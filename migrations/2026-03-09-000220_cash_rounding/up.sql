-- By currency, what an entity rounds to what is paid in cash; and what that made of a payment: above zero when more was taken than was due.
ALTER TABLE entities ADD COLUMN cash_rounding jsonb NOT NULL DEFAULT '{}';
ALTER TABLE payments
    ADD COLUMN cash_rounding bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT only_received_cash_is_rounded CHECK (cash_rounding = 0 OR status = 'succeeded' AND payment_method_id IS NULL);
