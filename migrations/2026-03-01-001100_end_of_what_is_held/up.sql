-- How what a break holds ends when it goes on after the break: as a cancellation said. What is paused now ends by the day, as it would have.
ALTER TABLE item_versions ALTER COLUMN held DROP DEFAULT, ALTER COLUMN held DROP NOT NULL;
ALTER TABLE item_versions ALTER COLUMN held TYPE text USING CASE WHEN held THEN 'by_day' END;
