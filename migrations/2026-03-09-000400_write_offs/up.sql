-- What is given up of a line, by its schedule and those of its notes: of a whole, what is earned after a day. What comes of it again has the same
-- day. What was given up before is left as it is: all of it was lost then.
ALTER TABLE revenue_schedules
    -- Of which of the line's schedules: 0 the line itself, 1, 2, 3 … its notes.
    ADD COLUMN given_up_entry smallint,
    ADD COLUMN given_up_whole bigint,
    ADD COLUMN given_up_since date,
    ADD CONSTRAINT schedules_of_write_offs_name_theirs CHECK (
        (entry < -1) = (given_up_entry IS NOT NULL) AND (entry < -1) = (given_up_whole IS NOT NULL) AND (entry < -1) = (given_up_since IS NOT NULL)
    );
