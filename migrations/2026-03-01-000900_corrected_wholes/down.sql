ALTER TABLE charges_taken_back DROP COLUMN kept;
