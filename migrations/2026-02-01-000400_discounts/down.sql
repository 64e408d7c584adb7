DROP TABLE invoice_line_discounts;
DROP TABLE discounts;
DROP TABLE coupons;
