DROP TABLE billing_cursors;
DROP TABLE item_versions;
DROP TABLE subscriptions;
