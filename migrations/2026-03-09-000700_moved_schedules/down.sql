DROP INDEX subscriptions_that_were_interrupted;
DELETE FROM revenue_schedules WHERE is_moved;
ALTER TABLE revenue_schedules RENAME COLUMN whole TO given_up_whole;
ALTER TABLE revenue_schedules RENAME COLUMN since TO given_up_since;
ALTER TABLE revenue_schedules
    DROP CONSTRAINT schedules_are_of_one_kind,
    DROP CONSTRAINT schedules_of_a_part_name_the_whole,
    DROP CONSTRAINT what_is_moved_brings_nothing,
    DROP COLUMN is_moved,
    ADD CONSTRAINT schedules_of_write_offs_name_theirs CHECK (
        (given_up_entry IS NULL) = (given_up_whole IS NULL) AND (given_up_entry IS NULL) = (given_up_since IS NULL)
    ),
    ADD CONSTRAINT schedules_are_of_one_kind
        CHECK ((entry < -1) = (num_nonnulls(given_up_entry, fulfilled_entry) + is_allocated::integer = 1));
