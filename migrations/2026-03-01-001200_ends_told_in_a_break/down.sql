ALTER TABLE subscriptions DROP COLUMN pause_moves_end;
