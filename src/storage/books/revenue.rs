//! Is each line scheduled, and is deferred what is not earned? The schedules are held against the documents, and the ledger against the schedules.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "issued_lines_are_scheduled",
        sql: "
            SELECT format('%s line %s', coalesce(l.invoice_id, s.invoice_id), coalesce(l.line_no, s.line_no)) AS subject,
                format('%s of it is net, and %s is scheduled', l.net, s.amount) AS detail
            FROM (SELECT l.invoice_id, l.line_no, l.amount - l.discount - l.tax_included AS net, l.deferred
                  FROM invoice_lines l JOIN invoices i ON i.tenant_id = l.tenant_id AND i.id = l.invoice_id AND i.status <> 'draft'
                  WHERE l.tenant_id = $1) l
            FULL JOIN (SELECT invoice_id, line_no, amount, deferred, rule IN ('on_fulfilment', 'milestone') AS waits
                       FROM revenue_schedules WHERE tenant_id = $1 AND entry = 0) s
                ON s.invoice_id = l.invoice_id AND s.line_no = l.line_no
            WHERE (l.net, l.deferred OR s.waits) IS DISTINCT FROM (s.amount, s.deferred)",
    },
    Check {
        name: "credited_lines_are_scheduled",
        sql: "
            SELECT format('%s line %s of %s', coalesce(l.credit_note_id, s.credit_note_id), coalesce(l.line_no, s.line_no),
                    coalesce(l.invoice_id, s.invoice_id)) AS subject,
                format('%s of it is net, and %s is scheduled', -l.net, s.amount) AS detail
            FROM (SELECT n.invoice_id, l.credit_note_id, l.invoice_line_no AS line_no, l.amount - l.discount - l.tax_included AS net, l.deferred
                  FROM credit_note_lines l JOIN credit_notes n ON n.tenant_id = l.tenant_id AND n.id = l.credit_note_id
                  WHERE l.tenant_id = $1) l
            FULL JOIN (SELECT invoice_id, credit_note_id, line_no, amount, deferred, rule IN ('on_fulfilment', 'milestone') AS waits
                       FROM revenue_schedules WHERE tenant_id = $1 AND entry > 0) s
                ON s.invoice_id = l.invoice_id AND s.credit_note_id = l.credit_note_id AND s.line_no = l.line_no
            WHERE (-l.net, l.deferred OR s.waits) IS DISTINCT FROM (s.amount, s.deferred)",
    },
    Check {
        name: "void_invoices_are_scheduled_back",
        sql: "
            SELECT i.id AS subject, format('the invoice is %s; its lines are %s, %s is scheduled back', i.status, s.amount, s.back) AS detail
            FROM invoices i
            JOIN (SELECT invoice_id, sum(amount) FILTER (WHERE entry = 0) AS amount, -coalesce(sum(amount) FILTER (WHERE entry = -1), 0) AS back,
                      count(*) FILTER (WHERE entry = 0) AS lines, count(*) FILTER (WHERE entry = -1) AS voids
                  FROM revenue_schedules WHERE tenant_id = $1 GROUP BY invoice_id) s ON s.invoice_id = i.id
            WHERE i.tenant_id = $1
            AND (s.voids <> CASE WHEN i.status = 'void' THEN s.lines ELSE 0 END OR s.back <> CASE WHEN i.status = 'void' THEN s.amount ELSE 0 END)",
    },
    // As a whole, where nothing of it is paid; else no more than there is.
    Check {
        name: "write_offs_are_of_what_is_given_up",
        sql: "
            SELECT format('%s line %s', g.invoice_id, g.line_no) AS subject,
                format('the invoice is %s; of %s, %s is given up', i.status, coalesce(s.whole, s.amount), -g.whole) AS detail
            FROM (SELECT invoice_id, line_no, given_up_entry, since, sum(whole) AS whole
                  FROM revenue_schedules WHERE tenant_id = $1 AND given_up_entry IS NOT NULL GROUP BY 1, 2, 3, 4) g
            JOIN invoices i ON i.tenant_id = $1 AND i.id = g.invoice_id
            LEFT JOIN revenue_schedules s ON s.tenant_id = $1 AND s.invoice_id = g.invoice_id AND s.line_no = g.line_no AND s.entry = g.given_up_entry
            WHERE CASE WHEN i.status <> 'uncollectible' THEN g.whole <> 0
                WHEN g.whole = 0 THEN false
                WHEN i.amount_paid = 0 AND i.credits_applied = 0 AND i.balance_applied = 0 THEN g.whole IS DISTINCT FROM -coalesce(s.whole, s.amount)
                ELSE s.amount IS NULL OR -g.whole NOT BETWEEN least(coalesce(s.whole, s.amount), 0) AND greatest(coalesce(s.whole, s.amount), 0) END",
    },
    // What is taken out of later days comes back on others, or waits.
    Check {
        name: "what_is_moved_comes_back",
        sql: "
            SELECT format('%s line %s', invoice_id, line_no) AS subject, format('%s more is put on other days than is taken out', sum(brings)) AS detail
            FROM (SELECT s.invoice_id, s.line_no, s.whole - CASE s.rule
                      WHEN 'ratable_daily' THEN round(s.whole::numeric
                          * greatest(least(s.since + 1 - s.starts_on, s.ends_on - s.starts_on), 0) / (s.ends_on - s.starts_on))
                      WHEN 'ratable_monthly' THEN round(s.whole::numeric * m.over / m.all_of_them)
                      ELSE 0 END AS brings
                  FROM revenue_schedules s
                  LEFT JOIN LATERAL (SELECT sum(u.shares) AS all_of_them, coalesce(sum(u.shares) FILTER (WHERE u.day <= s.since), 0) AS over
                      FROM (SELECT g::date AS day, 755160 / extract(day FROM date_trunc('month', g) + interval '1 month - 1 day') AS shares
                            FROM generate_series(s.starts_on, s.ends_on - 1, interval '1 day') g) u
                      WHERE s.rule = 'ratable_monthly') m ON true
                  WHERE s.tenant_id = $1 AND s.is_moved) s
            GROUP BY invoice_id, line_no HAVING sum(brings) <> 0",
    },
    // Of each contract, what moves between its lines is nothing in all; and of each invoice, what the ledger moved.
    Check {
        name: "contracts_move_what_is_allocated",
        sql: "
            SELECT coalesce(s.contract_id, t.contract_id) AS subject,
                format('%s is moved in all, by invoices as scheduled %s and as posted %s', s.amount, s.by_invoice, t.by_invoice) AS detail
            FROM (SELECT contract_id, sum(amount) AS amount, array_agg(amount ORDER BY invoice_id) FILTER (WHERE amount <> 0) AS by_invoice
                  FROM (SELECT l.contract_id, s.invoice_id, sum(s.amount) AS amount FROM revenue_schedules s
                        JOIN revenue_contract_lines l ON l.tenant_id = s.tenant_id AND l.invoice_id = s.invoice_id AND l.line_no = s.line_no
                        WHERE s.tenant_id = $1 AND s.is_allocated GROUP BY 1, 2) i GROUP BY 1) s
            FULL JOIN (SELECT contract_id, array_agg(amount ORDER BY invoice_id) FILTER (WHERE amount <> 0) AS by_invoice
                       FROM (SELECT source_id AS contract_id, invoice_id, sum(CASE WHEN credit = 'deferred_revenue' THEN amount ELSE -amount END) AS amount
                             FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'revenue_allocated' GROUP BY 1, 2) i GROUP BY 1) t
                ON t.contract_id = s.contract_id
            WHERE coalesce(s.amount, 0) <> 0 OR s.by_invoice IS DISTINCT FROM t.by_invoice",
    },
    // Of each line and of what was taken back of it, by what is said and stands of it, or of the line of which it gives back.
    Check {
        name: "fulfilments_are_scheduled",
        sql: "
            SELECT format('%s line %s', s.invoice_id, s.line_no) AS subject,
                format('%s of %s is fulfilled; of %s, %s is scheduled as that', f.done, f.whole, s.amount, s.fulfilled) AS detail
            FROM (SELECT b.invoice_id, b.line_no, b.entry, b.amount, coalesce(sum(f.fulfilled), 0) AS fulfilled
                  FROM revenue_schedules b
                  LEFT JOIN revenue_schedules f ON f.tenant_id = b.tenant_id AND f.invoice_id = b.invoice_id AND f.line_no = b.line_no
                      AND f.fulfilled_entry = b.entry
                  WHERE b.tenant_id = $1 AND b.rule IN ('on_fulfilment', 'milestone') AND (b.entry >= -1 OR b.is_allocated) GROUP BY 1, 2, 3, 4) s
            LEFT JOIN fulfilled_as_charged c ON c.tenant_id = $1 AND c.invoice_id = s.invoice_id AND c.line_no = s.line_no
            JOIN invoice_lines l ON l.tenant_id = $1 AND l.invoice_id = coalesce(c.charge_invoice_id, s.invoice_id)
                AND l.line_no = coalesce(c.charge_line_no, s.line_no)
            CROSS JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS done, CASE WHEN bool_or(unit = 'quantity') THEN l.quantity ELSE 100 END AS whole
                FROM fulfilments WHERE tenant_id = $1 AND invoice_id = l.invoice_id AND line_no = l.line_no AND reversed_at IS NULL) f
            WHERE s.fulfilled <> CASE WHEN f.done = f.whole THEN s.amount ELSE round(s.amount * f.done / f.whole) END",
    },
    // Else it would be earned back at once, and what it is of stay deferred for ever.
    Check {
        name: "what_is_given_back_is_fulfilled_as_charged",
        sql: "
            SELECT format('%s line %s', n.invoice_id, n.line_no) AS subject,
                format('it gives back of %s line %s, which is earned as it is fulfilled, and is earned back as %s', c.invoice_id, c.line_no, s.rule) AS detail
            FROM invoice_lines n
            JOIN revenue_schedules s ON s.tenant_id = n.tenant_id AND s.invoice_id = n.invoice_id AND s.line_no = n.line_no AND s.entry = 0
            CROSS JOIN LATERAL (SELECT l.invoice_id, l.line_no FROM invoice_lines l
                WHERE l.tenant_id = n.tenant_id AND l.item_version_id = n.item_version_id AND l.period_start = n.period_start AND l.amount > 0
                    AND l.revision < n.revision ORDER BY l.revision DESC LIMIT 1) c
            JOIN revenue_schedules o ON o.tenant_id = n.tenant_id AND o.invoice_id = c.invoice_id AND o.line_no = c.line_no AND o.entry = 0
                AND o.rule IN ('on_fulfilment', 'milestone')
            LEFT JOIN fulfilled_as_charged f ON f.tenant_id = n.tenant_id AND f.invoice_id = n.invoice_id AND f.line_no = n.line_no
            WHERE n.tenant_id = $1 AND n.amount < 0 AND n.revision > 0 AND (f.line_no IS NULL OR s.rule <> o.rule)",
    },
    // By what is recognised up to: of equal months, a day is so many shares of its month.
    Check {
        name: "recognised_is_what_is_earned",
        sql: "
            SELECT i.id AS subject, format('by %s it earned %s, and %s is recognised', e.recognized_to - 1, coalesce(s.earned, 0), coalesce(sum(r.amount), 0)) AS detail
            FROM entities e
            JOIN invoices i ON i.tenant_id = e.tenant_id AND coalesce(i.entity_id, i.tenant_id) = e.id
            LEFT JOIN LATERAL (SELECT sum(CASE WHEN s.rule LIKE 'ratable%' THEN p.earned WHEN s.rule = 'as_drawn' THEN 0
                    WHEN s.rule IN ('on_fulfilment', 'milestone') THEN CASE WHEN s.starts_on < e.recognized_to THEN coalesce(s.fulfilled, 0) ELSE 0 END
                    ELSE s.amount END) AS earned
                FROM revenue_schedules s
                CROSS JOIN LATERAL (SELECT sum(d.sign * CASE s.rule
                        WHEN 'ratable_daily' THEN round(coalesce(s.whole, s.amount)::numeric
                            * greatest(least(d.day - s.starts_on, s.ends_on - s.starts_on), 0) / (s.ends_on - s.starts_on))
                        WHEN 'ratable_monthly' THEN round(coalesce(s.whole, s.amount)::numeric * m.over / m.all_of_them) END) AS earned
                    FROM (VALUES (1, greatest(e.recognized_to, s.since + 1)), (-1, s.since + 1)) d (sign, day)
                    LEFT JOIN LATERAL (SELECT sum(u.shares) AS all_of_them, coalesce(sum(u.shares) FILTER (WHERE u.day < d.day), 0) AS over
                        FROM (SELECT g::date AS day, 755160 / extract(day FROM date_trunc('month', g) + interval '1 month - 1 day') AS shares
                              FROM generate_series(s.starts_on, s.ends_on - 1, interval '1 day') g) u
                        WHERE s.rule = 'ratable_monthly') m ON true
                    WHERE d.day IS NOT NULL) p
                WHERE s.tenant_id = $1 AND s.invoice_id = i.id AND s.deferred AND s.booked_on < e.recognized_to) s ON true
            LEFT JOIN (SELECT source_id, effective_on, CASE WHEN credit = 'revenue' THEN amount ELSE -amount END AS amount
                       FROM ledger_transfers WHERE tenant_id = $1 AND source_kind = 'revenue_recognized') r
                ON r.source_id = i.id AND r.effective_on < e.recognized_to
            WHERE e.tenant_id = $1 AND i.status <> 'draft' AND e.recognized_to IS NOT NULL
            GROUP BY i.id, e.recognized_to, s.earned HAVING coalesce(s.earned, 0) <> coalesce(sum(r.amount), 0)",
    },
    Check {
        name: "deferred_revenue_is_what_is_not_recognised",
        sql: "
            SELECT coalesce(s.invoice_id, t.invoice_id) AS subject,
                format('%s of it is scheduled and %s recognised; %s is deferred', coalesce(s.amount, 0), coalesce(t.recognised, 0), coalesce(t.deferred, 0)) AS detail
            FROM (SELECT invoice_id, sum(amount) AS amount FROM revenue_schedules WHERE tenant_id = $1 AND deferred GROUP BY invoice_id) s
            FULL JOIN (SELECT coalesce(invoice_id, source_id) AS invoice_id,
                           sum(CASE WHEN credit = 'deferred_revenue' THEN amount ELSE -amount END) AS deferred,
                           sum(CASE WHEN credit = 'deferred_revenue' THEN -amount ELSE amount END) FILTER (WHERE source_kind = 'revenue_recognized') AS recognised
                       FROM ledger_transfers WHERE tenant_id = $1 AND (credit = 'deferred_revenue' OR debit = 'deferred_revenue')
                       GROUP BY 1) t ON t.invoice_id = s.invoice_id
            WHERE coalesce(s.amount, 0) - coalesce(t.recognised, 0) <> coalesce(t.deferred, 0)",
    },
];
