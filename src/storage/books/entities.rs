//! Is everything of the entity it should be of? Each document numbered in a series of the entity that issued it, notes by whoever issued their
//! invoice, customers with whoever pays for them. That a series has no gaps is looked at with all numbers: a series is of one entity.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "a_tenant_has_one_default_entity",
        sql: "
            SELECT $1 AS subject, format('%s of its entities are the default', count(*) FILTER (WHERE is_default)) AS detail
            FROM entities WHERE tenant_id = $1 HAVING count(*) FILTER (WHERE is_default) <> 1",
    },
    Check {
        name: "entities_have_their_series",
        sql: "
            SELECT e.id AS subject, format('%s of %s is not among its series', k.kind, k.pattern) AS detail
            FROM entities e
            CROSS JOIN LATERAL (VALUES ('invoice', e.invoice_pattern), ('credit_note', e.credit_note_pattern)) k (kind, pattern)
            LEFT JOIN number_series s ON s.tenant_id = $1 AND s.pattern = k.pattern AND s.entity_id = e.id AND s.kind = k.kind
            WHERE e.tenant_id = $1 AND s.pattern IS NULL",
    },
    // What a pattern is on a day, as the program writes it: without the end that a plain series has.
    Check {
        name: "documents_are_numbered_by_their_entity",
        sql: "
            SELECT coalesce(d.series, '') || ' of ' || d.entity_id AS subject,
                format('%s %ss of %s are numbered in %s, which is no series of that entity then', d.documents, d.kind, d.year, d.series) AS detail
            FROM (SELECT 'invoice' AS kind, coalesce(i.entity_id, $1) AS entity_id, i.series, count(*) AS documents,
                      to_char(i.issued_at AT TIME ZONE t.time_zone, 'YYYY') AS year
                  FROM invoices i JOIN tenants t ON t.id = $1 WHERE i.tenant_id = $1 AND i.number IS NOT NULL GROUP BY 1, 2, 3, 5
                  UNION ALL
                  SELECT 'credit_note', coalesce(n.entity_id, $1), n.series, count(*),
                      to_char(n.issued_at AT TIME ZONE t.time_zone, 'YYYY')
                  FROM credit_notes n JOIN tenants t ON t.id = $1 WHERE n.tenant_id = $1 GROUP BY 1, 2, 3, 5) d
            WHERE NOT EXISTS (
                SELECT 1 FROM number_series s WHERE s.tenant_id = $1 AND s.entity_id = d.entity_id AND s.kind = d.kind
                AND regexp_replace(replace(replace(replace(s.pattern, '{seq}', '{seq:1}'), '{year}', d.year), '{yy}', right(d.year, 2)),
                                   '-\\{seq:6\\}$', '') = d.series)",
    },
    Check {
        name: "notes_are_of_their_invoices_entity",
        sql: "
            SELECT n.id AS subject, format('%s issued it, and %s its invoice', n.entity_id, i.entity_id) AS detail
            FROM credit_notes n JOIN invoices i ON i.tenant_id = $1 AND i.id = n.invoice_id
            WHERE n.tenant_id = $1 AND coalesce(n.entity_id, $1) <> coalesce(i.entity_id, $1)",
    },
    Check {
        name: "drafts_are_of_their_customers_entity",
        sql: "
            SELECT i.id AS subject, format('%s will issue it, and its customer buys from %s', i.entity_id, c.entity_id) AS detail
            FROM invoices i JOIN customers c ON c.tenant_id = $1 AND c.id = i.customer_id
            WHERE i.tenant_id = $1 AND i.status = 'draft' AND coalesce(i.entity_id, $1) <> coalesce(c.entity_id, $1)",
    },
    Check {
        name: "customers_buy_from_their_payers_entity",
        sql: "
            SELECT c.id AS subject, format('it buys from %s, and %s that pays for it from %s', c.entity_id, c.payer_id, p.entity_id) AS detail
            FROM customers c JOIN customers p ON p.tenant_id = $1 AND p.id = c.payer_id
            WHERE c.tenant_id = $1 AND c.payer_id IS NOT NULL AND coalesce(c.entity_id, $1) <> coalesce(p.entity_id, $1)",
    },
    Check {
        name: "balances_are_in_the_books_of_who_owes_them",
        sql: "
            SELECT format('customer %s, %s', s.customer_id, s.currency) AS subject,
                format('the books of %s have paid out %s more of its credit than they took in', s.entity_id, -sum(s.amount)) AS detail
            FROM (SELECT customer_id, currency, coalesce(entity_id, $1) AS entity_id, amount FROM ledger_transfers
                  WHERE tenant_id = $1 AND credit = 'customer_credit'
                  UNION ALL SELECT customer_id, currency, coalesce(entity_id, $1), -amount FROM ledger_transfers
                  WHERE tenant_id = $1 AND debit = 'customer_credit') s
            GROUP BY s.customer_id, s.currency, s.entity_id HAVING sum(s.amount) < 0",
    },
];
