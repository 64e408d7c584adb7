-- What of a line is fulfilled, in percent or in its quantity, when and by what evidence.
CREATE TABLE fulfilments (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    line_no integer NOT NULL,
    unit text NOT NULL CONSTRAINT fulfilment_unit_is_known CHECK (unit IN ('percent', 'quantity')),
    amount numeric NOT NULL CONSTRAINT fulfilments_are_above_zero CHECK (amount > 0),
    milestone text,
    at timestamptz NOT NULL,
    -- The day on which it is earned: that one, or the first that was open.
    fulfilled_on date NOT NULL,
    evidence text,
    created_at timestamptz NOT NULL,
    reversed_at timestamptz,
    reversed_on date,
    reversed_because text,
    CONSTRAINT reversals_say_why CHECK ((reversed_at IS NULL) = (reversed_on IS NULL) AND (reversed_at IS NULL) = (reversed_because IS NULL)),
    CONSTRAINT fulfilment_invoice_exists FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoices (tenant_id, id),
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE fulfilments ALTER COLUMN tenant_id SET STATISTICS 0;
CREATE INDEX fulfilments_by_line ON fulfilments (tenant_id, invoice_id, line_no);

-- What is earned as it is fulfilled: nothing by itself, but what these entries of it say, each on its first day.
ALTER TABLE revenue_schedules
    -- Of which of the line's schedules, as with what is given up.
    ADD COLUMN fulfilled_entry smallint,
    ADD COLUMN fulfilled bigint,
    DROP CONSTRAINT schedules_of_write_offs_name_theirs,
    ADD CONSTRAINT schedules_of_write_offs_name_theirs CHECK (
        (given_up_entry IS NULL) = (given_up_whole IS NULL) AND (given_up_entry IS NULL) = (given_up_since IS NULL)
    ),
    ADD CONSTRAINT schedules_of_fulfilments_name_theirs CHECK ((fulfilled_entry IS NULL) = (fulfilled IS NULL)),
    ADD CONSTRAINT schedules_are_of_one_kind CHECK ((entry < -1) = (num_nonnulls(given_up_entry, fulfilled_entry) = 1)),
    DROP CONSTRAINT revenue_rule_is_known,
    ADD CONSTRAINT revenue_rule_is_known
        CHECK (rule IN ('ratable_daily', 'ratable_monthly', 'point_in_time', 'on_fulfilment', 'milestone', 'as_used', 'as_drawn'));
ALTER TABLE revenue_rules
    DROP CONSTRAINT revenue_rule_can_be_chosen,
    ADD CONSTRAINT revenue_rule_can_be_chosen
        CHECK (rule IN ('ratable_daily', 'ratable_monthly', 'point_in_time', 'on_fulfilment', 'milestone', 'as_used'));
