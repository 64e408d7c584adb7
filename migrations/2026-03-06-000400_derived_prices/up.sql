-- Further currencies whose prices were made of those in the version's own: at which rate, and how they were made neat.
ALTER TABLE plan_versions ADD COLUMN derived jsonb NOT NULL DEFAULT '[]';
