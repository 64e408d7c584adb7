DROP TABLE revenue_rules;
