ALTER TABLE tenants DROP COLUMN backdate_days;
ALTER INDEX subscriptions_steps RENAME TO subscriptions_trial_steps;
ALTER TABLE subscriptions RENAME COLUMN step_at TO trial_step_at;
ALTER TABLE subscriptions DROP COLUMN terms;
