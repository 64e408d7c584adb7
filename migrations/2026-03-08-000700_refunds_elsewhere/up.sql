-- A refund that somebody made at the gateway itself: it is found there, and booked once.
ALTER TABLE refunds ADD COLUMN elsewhere boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT a_refund_elsewhere_has_no_other_reason CHECK (NOT elsewhere OR credit_note_id IS NULL AND pay_out_id IS NULL),
    ADD CONSTRAINT a_refund_elsewhere_has_a_name CHECK (NOT elsewhere OR reference IS NOT NULL);
CREATE UNIQUE INDEX a_refund_elsewhere_is_booked_once ON refunds (tenant_id, payment_id, reference) WHERE elsewhere;
