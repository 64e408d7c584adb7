-- What is given back of an earlier invoice relieves what that one deferred, earned and owes as tax, at what it is carried at.
ALTER TABLE ledger_transfers
    -- The invoice whose deferred revenue, revenue or tax it moves; NULL where it is the one that it is about.
    ADD COLUMN origin_id uuid,
    -- The day whose rate it is valued at; NULL where it is the day on which it counts. What takes the place of an invoice has its day.
    ADD COLUMN rated_on date,
    -- Where it stands among what waits for a rate: in the order in which it was posted. NULL of what has waited for none.
    ADD COLUMN waits_as bigint;
CREATE INDEX ledger_transfers_of_origin ON ledger_transfers (tenant_id, origin_id) WHERE origin_id IS NOT NULL;
CREATE SEQUENCE ledger_transfers_wait_as;
