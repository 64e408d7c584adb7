DROP TABLE routing_rules;
DROP TABLE payment_preferences;
