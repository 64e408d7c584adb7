DROP INDEX refunds_by_pay_out;
ALTER TABLE refunds DROP CONSTRAINT a_refund_has_one_reason, DROP COLUMN pay_out_id;
DROP TABLE balance_pay_outs;
DROP INDEX credit_balances_with_money;
ALTER TABLE tenants DROP COLUMN apply_balance;
