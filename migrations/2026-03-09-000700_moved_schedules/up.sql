-- What is had on other days than a line's own: of a whole, what is earned after a day, as with what is given up.
ALTER TABLE revenue_schedules RENAME COLUMN given_up_whole TO whole;
ALTER TABLE revenue_schedules RENAME COLUMN given_up_since TO since;
ALTER TABLE revenue_schedules
    ADD COLUMN is_moved boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT schedules_of_write_offs_name_theirs,
    ADD CONSTRAINT schedules_of_a_part_name_the_whole
        CHECK ((given_up_entry IS NOT NULL OR is_moved) = (whole IS NOT NULL) AND (whole IS NULL) = (since IS NULL)),
    ADD CONSTRAINT what_is_moved_brings_nothing CHECK (NOT is_moved OR amount = 0),
    DROP CONSTRAINT schedules_are_of_one_kind,
    ADD CONSTRAINT schedules_are_of_one_kind
        CHECK ((entry < -1) = (num_nonnulls(given_up_entry, fulfilled_entry) + is_allocated::integer + is_moved::integer = 1));
-- Who has, or had, a break that extends: of all that is billed, few.
CREATE INDEX subscriptions_that_were_interrupted ON subscriptions (tenant_id, id) WHERE pause_mode = 'extend';
