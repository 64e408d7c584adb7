DROP TABLE plan_migration_subscriptions;
DROP TABLE plan_migrations;
