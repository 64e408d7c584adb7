DROP INDEX payments_by_account_reference;
DROP TABLE inbound_events;
