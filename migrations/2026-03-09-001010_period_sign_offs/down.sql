DROP TABLE period_sign_offs;
