-- Who may call a gateway now: one row for the attempts or refunds of a batch, recorded with them and gone when their calls are back. A call
-- is made only under the number it was claimed with; whoever concludes without an answer raises the number first.
CREATE TABLE gateway_claims (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    fence bigint NOT NULL DEFAULT 1,
    -- By the wall clock, for test tenants too: until then a call made under it may be alive. NULL: no call has been made.
    calls_until timestamptz,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX gateway_claims_by_age ON gateway_claims (recorded_at);

ALTER TABLE payments ADD COLUMN claim_id uuid;
-- The part that came too late, for an invoice that did not need it any more: a refund gives it back.
ALTER TABLE payments ADD COLUMN amount_surplus bigint NOT NULL DEFAULT 0;
ALTER TABLE payments ADD CONSTRAINT surplus_within_paid CHECK (amount_surplus BETWEEN 0 AND amount - amount_applied);
-- A failed attempt may be asked about again: its money can still come.
ALTER TABLE payments DROP CONSTRAINT processing_is_checked;
ALTER TABLE payments ADD CONSTRAINT processing_is_checked CHECK (CASE status
    WHEN 'processing' THEN next_check_at IS NOT NULL WHEN 'succeeded' THEN next_check_at IS NULL ELSE true END);

ALTER TABLE refunds ADD COLUMN claim_id uuid;
-- NULL: what is given back is no part of an invoice but a surplus.
ALTER TABLE refunds ALTER COLUMN credit_note_id DROP NOT NULL;
