-- Of a correction that says what the whole of a charge is which had been cut since: what it is at the worth noted.
ALTER TABLE charges_taken_back ADD COLUMN kept bigint;
