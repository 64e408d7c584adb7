//! Is nothing given back twice, and nothing charged that no history holds? For each charge, an item version's stretch of a period: all that
//! was billed of it, less all that was taken back of it by voids, credit notes, corrections, edits and write-offs.
//!
//! What billing has still to look at is left out: there, the next bill makes it right.

use super::Check;

/// Each charge with what was billed, and what stays of it, that billing is done with.
macro_rules! charges {
    ($rest:literal) => {
        concat!(
            "WITH charges AS (
                SELECT l.subscription_id, l.item_version_id, l.period_start, l.amount AS billed, coalesce(t.amount, 0) AS taken,
                    l.deferred, l.net - coalesce(t.net, 0) AS net, coalesce(t.acts, 0) AS acts
                FROM (SELECT subscription_id, item_version_id, period_start, sum(amount) AS amount, sum(amount - discount) AS net,
                          bool_and(deferred) AS deferred
                      FROM invoice_lines WHERE tenant_id = $1 AND item_version_id IS NOT NULL GROUP BY 1, 2, 3) l
                LEFT JOIN (SELECT item_version_id, period_start, sum(amount) AS amount, sum(amount - discount) AS net, count(*) AS acts
                           FROM charges_taken_back WHERE tenant_id = $1 GROUP BY 1, 2) t
                    ON t.item_version_id = l.item_version_id AND t.period_start = l.period_start
                JOIN billing_cursors b ON b.tenant_id = $1 AND b.subscription_id = l.subscription_id
                WHERE b.next_bill_at IS NULL OR b.settled_to > l.period_start)
            SELECT format('%s from %s', c.item_version_id, c.period_start) AS subject, ",
            $rest
        )
    };
}

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "no_more_is_taken_back_than_was_billed",
        sql: charges!(
            "format('%s was billed of it in all, and %s taken back otherwise', c.billed, c.taken) AS detail
            FROM charges c WHERE c.taken <> 0 AND c.billed - c.taken < 0
                AND NOT EXISTS (SELECT 1 FROM invoice_lines f WHERE f.tenant_id = $1 AND f.item_version_id = c.item_version_id
                    AND f.period_start = c.period_start AND f.revision = 0 AND f.amount < 0)"
        ),
    },
    Check {
        name: "deferred_revenue_of_charges_is_not_below_zero",
        sql: charges!(
            "format('%s of it is left to be earned after all that was taken back', c.net) AS detail
            FROM charges c WHERE c.deferred AND c.acts > 0 AND c.net < -c.acts"
        ),
    },
    Check {
        name: "charges_are_in_their_timeline",
        sql: charges!(
            "format('%s stays charged, and the item is valid from %s to %s', c.billed - c.taken, v.valid_from, v.valid_to) AS detail
            FROM charges c JOIN item_versions v ON v.tenant_id = $1 AND v.subscription_id = c.subscription_id AND v.id = c.item_version_id
            JOIN prices p ON p.tenant_id = $1 AND p.id = v.price_id AND p.kind <> 'one_time'
            WHERE c.billed <> c.taken AND c.acts = 0 AND (v.valid_to <= c.period_start OR v.valid_from > c.period_start)"
        ),
    },
];
