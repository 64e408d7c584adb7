DROP INDEX subscriptions_trial_steps;
ALTER TABLE subscriptions
    DROP COLUMN pause_mode, DROP COLUMN pause_until, DROP COLUMN pause_from,
    DROP COLUMN trial_step_at, DROP COLUMN trial_without_method, DROP COLUMN trial_end;
