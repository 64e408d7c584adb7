-- What whoever closed a period accepted of what its checklist had found.
ALTER TABLE accounting_periods ADD COLUMN accepted text[] NOT NULL DEFAULT '{}';
