DROP TABLE subscription_phases;
DROP TABLE subscription_changes;
ALTER TABLE subscriptions DROP COLUMN canceled_at, DROP COLUMN agreed_end_at;
ALTER TABLE invoice_lines DROP COLUMN concerns_to, DROP COLUMN concerns_from;
ALTER TABLE item_versions
    DROP COLUMN ended_by, DROP COLUMN made_by, DROP COLUMN end_due_from, DROP COLUMN due_from,
    DROP COLUMN ends_by, DROP COLUMN starts_by, DROP COLUMN phase_no;
