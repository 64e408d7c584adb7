DROP TABLE plan_features;
