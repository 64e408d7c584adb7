ALTER TABLE plan_versions DROP COLUMN derived;
