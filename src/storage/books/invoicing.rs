//! Are the documents whole? Invoices are the sum of their lines, numbers and events have no gaps, nothing hangs in the air.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "invoice_totals_are_their_lines",
        sql: "
            SELECT i.id AS subject, format('its lines add up to %s − %s + %s, with %s within; it says %s − %s + %s = %s, with %s',
                coalesce(l.amount, 0), coalesce(l.discount, 0), coalesce(l.tax, 0), coalesce(l.within, 0),
                i.subtotal, i.discount_total, i.tax_total, i.total, i.tax_included_total) AS detail
            FROM invoices i
            LEFT JOIN (SELECT invoice_id, sum(amount) AS amount, sum(discount) AS discount, sum(tax) AS tax, sum(tax_included) AS within
                       FROM invoice_lines WHERE tenant_id = $1 GROUP BY invoice_id) l ON l.invoice_id = i.id
            WHERE i.tenant_id = $1
            AND (i.subtotal <> coalesce(l.amount, 0) OR i.discount_total <> coalesce(l.discount, 0)
                 OR i.tax_total <> coalesce(l.tax, 0) OR i.tax_included_total <> coalesce(l.within, 0) OR i.total <> i.subtotal - i.discount_total + i.tax_total)",
    },
    Check {
        name: "invoice_numbers_have_no_gaps",
        sql: "
            SELECT coalesce(n.series, c.series) AS subject,
                format('%s numbers from %s to %s; the counter stands at %s',
                    coalesce(n.count, 0), coalesce(n.first, 0), coalesce(n.last, 0), coalesce(c.last_number, 0)) AS detail
            FROM (SELECT series, count(DISTINCT number) AS count, min(number) AS first, max(number) AS last
                  FROM (SELECT series, number FROM invoices WHERE tenant_id = $1 AND number IS NOT NULL
                        UNION ALL SELECT series, number FROM credit_notes WHERE tenant_id = $1) numbered GROUP BY series) n
            FULL JOIN (SELECT series, last_number FROM number_counters WHERE tenant_id = $1) c ON c.series = n.series
            WHERE coalesce(n.count, 0) <> coalesce(c.last_number, 0) OR coalesce(n.last, 0) <> coalesce(c.last_number, 0)
            OR coalesce(n.first, 1) <> 1",
    },
    Check {
        name: "events_have_no_gaps",
        sql: "
            SELECT 'events' AS subject, format('%s events from %s to %s; the counter stands at %s', count, first, last, counter) AS detail
            FROM (SELECT count(*) AS count, coalesce(min(sequence), 1) AS first, coalesce(max(sequence), 0) AS last,
                      coalesce((SELECT last_sequence FROM event_counters WHERE tenant_id = $1), 0) AS counter
                  FROM events WHERE tenant_id = $1) e
            WHERE count <> counter OR last <> counter OR first <> 1",
    },
    Check {
        name: "lines_have_their_invoice",
        sql: "
            SELECT l.invoice_id AS subject, format('line %s has no invoice', l.line_no) AS detail
            FROM invoice_lines l LEFT JOIN invoices i ON i.tenant_id = l.tenant_id AND i.id = l.invoice_id
            WHERE l.tenant_id = $1 AND i.id IS NULL",
    },
    Check {
        name: "counter_lines_have_their_line",
        sql: "
            SELECT l.invoice_id AS subject, format('line %s takes back line %s, which billing did not write there',
                l.line_no, l.counters_line) AS detail
            FROM invoice_lines l
            LEFT JOIN invoice_lines c ON c.tenant_id = l.tenant_id AND c.invoice_id = l.invoice_id
                AND c.line_no = l.counters_line AND NOT c.by_hand
            WHERE l.tenant_id = $1 AND l.counters_line IS NOT NULL AND c.line_no IS NULL",
    },
    Check {
        name: "invoices_have_their_customer",
        sql: "
            SELECT i.id AS subject, format('there is no customer %s', i.customer_id) AS detail
            FROM invoices i LEFT JOIN customers c ON c.tenant_id = i.tenant_id AND c.id = i.customer_id
            WHERE i.tenant_id = $1 AND c.id IS NULL",
    },
    Check {
        name: "issued_invoices_have_their_parties",
        sql: "
            SELECT i.id AS subject, format('version %s of its buyer or %s of its seller is not there',
                coalesce(i.buyer_version::text, '–'), coalesce(i.seller_version::text, '–')) AS detail
            FROM invoices i
            LEFT JOIN buyer_versions b ON b.tenant_id = i.tenant_id AND b.customer_id = i.customer_id AND b.version = i.buyer_version
            LEFT JOIN seller_versions s ON s.tenant_id = i.tenant_id AND s.version = i.seller_version
            WHERE i.tenant_id = $1 AND i.status <> 'draft' AND (b.version IS NULL OR s.version IS NULL)",
    },
    Check {
        name: "lines_have_their_item_version",
        sql: "
            SELECT l.invoice_id AS subject, format('line %s charges item version %s of subscription %s, which is not there',
                l.line_no, l.item_version_id, l.subscription_id) AS detail
            FROM invoice_lines l
            LEFT JOIN item_versions v ON v.tenant_id = l.tenant_id AND v.subscription_id = l.subscription_id AND v.id = l.item_version_id
            WHERE l.tenant_id = $1 AND l.item_version_id IS NOT NULL AND v.id IS NULL",
    },
    Check {
        name: "lines_are_of_their_invoices_customer",
        sql: "
            SELECT l.invoice_id AS subject, format('line %s is of a subscription of customer %s, the invoice is of %s',
                l.line_no, s.customer_id, i.customer_id) AS detail
            FROM invoice_lines l
            JOIN invoices i ON i.tenant_id = l.tenant_id AND i.id = l.invoice_id
            JOIN subscriptions s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id
            WHERE l.tenant_id = $1 AND (s.currency <> i.currency OR s.customer_id <> i.customer_id AND NOT EXISTS (
                SELECT 1 FROM customer_payers p WHERE p.tenant_id = $1 AND p.customer_id = s.customer_id AND p.payer_id = i.customer_id))",
    },
    Check {
        name: "payers_are_the_nearest_that_pay",
        sql: "
            SELECT c.id AS subject, format('%s pays for it, by its parent it is %s', c.payer_id, coalesce(p.payer_id, p.id)) AS detail
            FROM customers c LEFT JOIN customers p ON p.tenant_id = c.tenant_id AND p.id = c.parent_id
            WHERE c.tenant_id = $1 AND c.payer_id IS DISTINCT FROM CASE c.pays WHEN 'parent' THEN coalesce(p.payer_id, p.id) END",
    },
    Check {
        name: "cursors_have_their_subscription",
        sql: "
            SELECT b.subscription_id AS subject, format('billing keeps a place for it under customer %s', b.customer_id) AS detail
            FROM billing_cursors b
            LEFT JOIN subscriptions s ON s.tenant_id = b.tenant_id AND s.id = b.subscription_id
            LEFT JOIN customers c ON c.tenant_id = s.tenant_id AND c.id = s.customer_id AND coalesce(c.payer_id, c.id) = b.customer_id
            WHERE b.tenant_id = $1 AND c.id IS NULL",
    },
    Check {
        name: "subscriptions_have_their_cursor",
        sql: "
            SELECT s.id AS subject, 'billing keeps no place for it: it would never be billed' AS detail
            FROM subscriptions s
            LEFT JOIN customers c ON c.tenant_id = s.tenant_id AND c.id = s.customer_id
            LEFT JOIN billing_cursors b ON b.tenant_id = s.tenant_id AND b.customer_id = coalesce(c.payer_id, c.id) AND b.subscription_id = s.id
            WHERE s.tenant_id = $1 AND b.subscription_id IS NULL",
    },
];
