//! Have providers of tax what they should have, or is it visibly under way? Every document with a figure of theirs is one that they hear of, and
//! nothing is left that is neither recorded nor due.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "provided_taxes_are_known_to_their_provider",
        sql: "
            SELECT t.invoice_id AS subject, format('it has taxes by provider %s, who is to hear of it as %s', t.provider_id, coalesce(d.wanted, 'nothing')) AS detail
            FROM (SELECT DISTINCT invoice_id, provider_id FROM invoice_line_taxes WHERE tenant_id = $1 AND provider_id IS NOT NULL) t
            JOIN invoices i ON i.tenant_id = $1 AND i.id = t.invoice_id AND i.issued_at IS NOT NULL
            LEFT JOIN tax_documents d ON d.tenant_id = $1 AND d.id = t.invoice_id
            WHERE d.id IS NULL OR (d.wanted = 'voided') <> (i.status = 'void')",
    },
    Check {
        name: "credited_taxes_are_known_to_their_provider",
        sql: "
            SELECT n.id AS subject, 'it takes back taxes by a provider, who is not to hear of it' AS detail
            FROM tax_documents o
            JOIN credit_notes n ON n.tenant_id = $1 AND n.invoice_id = o.id
            LEFT JOIN tax_documents d ON d.tenant_id = $1 AND d.id = n.id
            WHERE o.tenant_id = $1 AND o.kind = 'invoice' AND d.id IS NULL
              AND EXISTS (SELECT 1 FROM credit_note_line_taxes b WHERE b.tenant_id = $1 AND b.credit_note_id = n.id)",
    },
    Check {
        name: "what_a_provider_lacks_is_due",
        sql: "
            SELECT d.id AS subject, format('its provider is to have it %s, has it as %s, and nobody will say so', d.wanted, d.recorded) AS detail
            FROM tax_documents d
            WHERE d.tenant_id = $1 AND d.next_tell_at IS NULL
              AND d.recorded <> ALL (CASE d.wanted WHEN 'committed' THEN ARRAY['committed'] ELSE ARRAY['voided', 'returned'] END)",
    },
    Check {
        name: "what_waits_for_a_provider_is_asked",
        sql: "
            SELECT i.id AS subject, 'it waits for a provider of tax, and nothing is asked about its customer' AS detail
            FROM invoices i
            WHERE i.tenant_id = $1 AND i.waits_for = 'tax_provider'
              AND NOT EXISTS (SELECT 1 FROM tax_questions q WHERE q.tenant_id = $1 AND q.customer_id = i.customer_id)",
    },
];
