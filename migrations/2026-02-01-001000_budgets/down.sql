DROP TABLE budget_alerts;
DROP TABLE budgets;
