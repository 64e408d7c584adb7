-- What was agreed beyond the prices: fixed terms and their renewal, a minimum, the fee for leaving early. Read with the
-- subscription, never searched for.
ALTER TABLE subscriptions ADD COLUMN terms jsonb;

-- A trial's steps and those of terms come one after the other: one column says when the next is due.
ALTER TABLE subscriptions RENAME COLUMN trial_step_at TO step_at;
ALTER INDEX subscriptions_trial_steps RENAME TO subscriptions_steps;

-- How far back a change may reach.
ALTER TABLE tenants ADD COLUMN backdate_days integer NOT NULL DEFAULT 366
    CONSTRAINT backdate_days_are_days CHECK (backdate_days BETWEEN 0 AND 36600);
