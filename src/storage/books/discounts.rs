//! Do discounts take off what they say? Every line's discount is the sum of its shares, and never more than the line.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "line_discounts_are_their_shares",
        sql: "
            SELECT format('%s line %s', coalesce(l.invoice_id, d.invoice_id), coalesce(l.line_no, d.line_no)) AS subject,
                format('its discount is %s, the shares of its discounts add up to %s', coalesce(l.discount, 0), coalesce(d.shares, 0)) AS detail
            FROM (SELECT invoice_id, line_no, discount FROM invoice_lines WHERE tenant_id = $1 AND discount <> 0) l
            FULL JOIN (SELECT invoice_id, line_no, sum(amount) AS shares FROM invoice_line_discounts
                       WHERE tenant_id = $1 GROUP BY invoice_id, line_no) d ON d.invoice_id = l.invoice_id AND d.line_no = l.line_no
            WHERE coalesce(l.discount, 0) <> coalesce(d.shares, 0)",
    },
    Check {
        name: "discounts_are_within_their_charges",
        sql: "
            SELECT format('%s from %s', item_version_id, period_start) AS subject,
                format('%s stays charged and %s taken off', sum(amount), sum(discount)) AS detail
            FROM (SELECT item_version_id, period_start, amount, discount FROM invoice_lines
                  WHERE tenant_id = $1 AND item_version_id IN
                      (SELECT item_version_id FROM invoice_lines WHERE tenant_id = $1 AND discount <> 0)
                  UNION ALL SELECT item_version_id, period_start, -amount, -discount FROM charges_taken_back
                  WHERE tenant_id = $1 AND item_version_id IN
                      (SELECT item_version_id FROM invoice_lines WHERE tenant_id = $1 AND discount <> 0)) c
            GROUP BY item_version_id, period_start
            HAVING NOT sum(discount) BETWEEN least(sum(amount), 0) AND greatest(sum(amount), 0)",
    },
    Check {
        name: "shares_have_their_discount",
        sql: "
            SELECT s.invoice_id AS subject, format('line %s has %s off by discount %s, which is not there or is of another customer', s.line_no, s.amount, s.discount_id) AS detail
            FROM invoice_line_discounts s
            LEFT JOIN invoices i ON i.tenant_id = s.tenant_id AND i.id = s.invoice_id
            LEFT JOIN subscriptions u ON u.tenant_id = s.tenant_id AND u.id = s.subscription_id
            LEFT JOIN discounts d ON d.tenant_id = s.tenant_id AND d.id = s.discount_id
                AND (d.customer_id IN (i.customer_id, u.customer_id) OR EXISTS (SELECT 1 FROM customer_payers p
                    WHERE p.tenant_id = $1 AND p.customer_id = u.customer_id AND p.payer_id = d.customer_id))
            WHERE s.tenant_id = $1 AND d.id IS NULL",
    },
    Check {
        name: "coupon_redemptions_are_their_discounts",
        sql: "
            SELECT c.id AS subject, format('it says it was redeemed %s times, there are %s discounts of it', c.redemptions, coalesce(d.count, 0)) AS detail
            FROM coupons c
            LEFT JOIN (SELECT coupon_id, count(*) AS count FROM discounts WHERE tenant_id = $1 GROUP BY coupon_id) d ON d.coupon_id = c.id
            WHERE c.tenant_id = $1 AND c.redemptions <> coalesce(d.count, 0)",
    },
];
