//! What still enters a draft? Usage that is reported late: 10 more calls of January at 0.01, reported while January's invoice is a draft,
//! are a line of 0.10 on that draft when it is finalized, and on no other invoice.
//!
//! The same holds for what usage changes: a commitment's shortfall. Any other difference, such as that of a change of plan,
//! is billed when the change says.

use std::collections::{HashMap, HashSet};

use super::super::billing::difference::Missing;
use super::super::billing::expected::Expected;
use super::super::billing::piece::Key;
use super::super::billing::recorded::Recorded;
use super::super::billing::{ByHand, Line};
use crate::domain::catalog::{PriceKind, PriceModel};
use crate::domain::ids::{InvoiceId, ItemVersionId, SubscriptionId};
use crate::domain::money::MoneyError;
use crate::domain::subscriptions::{ItemVersion, Timeline};

/// Whether late usage changes the charges of a version.
fn follows_usage(version: &ItemVersion) -> bool {
    version.terms.kind == PriceKind::Usage || matches!(version.model(), PriceModel::Commitment { .. })
}

/// Leaves what is on a draft and follows usage to that draft: for a run it is neither more nor less for now.
pub fn leave_to_drafts(expected: &mut Expected<'_>, recorded: &[Recorded]) {
    let drafted: HashSet<Key> = recorded.iter().filter(|r| r.drafted).map(|r| r.key).collect();
    if drafted.is_empty() {
        return;
    }
    let held = &mut expected.held;
    expected.segments.retain(|segment| {
        let left = drafted.contains(&segment.key()) && follows_usage(segment.version);
        if left {
            held.push(segment.key());
        }
        !left
    });
}

/// Which draft takes the late lines of which key: the first that has a line of it.
#[derive(Debug, Clone, Default)]
pub struct Takers(HashMap<Key, InvoiceId>);

impl Takers {
    /// Adds the lines of a draft that rest on what was measured or may be changed by it.
    pub fn add(&mut self, draft: InvoiceId, lines: &[Line]) {
        for line in lines {
            if let Some(version) = line.item_version_id {
                self.0.entry(Key { version, start: line.period.start }).or_insert(draft);
            }
        }
    }

    /// The lines among the missing that a draft takes, and which.
    #[must_use]
    pub fn taken(&self, timeline: &Timeline, missing: Vec<Missing>) -> Vec<(InvoiceId, Line)> {
        let following: HashSet<ItemVersionId> =
            timeline.versions.iter().filter(|version| follows_usage(version)).map(|v| v.id).collect();
        let taken = missing.into_iter().filter_map(|Missing { line, .. }| {
            let version = line.item_version_id.filter(|version| following.contains(version))?;
            let draft = self.0.get(&Key { version, start: line.period.start })?;
            Some((*draft, line))
        });
        taken.collect()
    }
}

/// The subscriptions of a draft whose charges late usage may change: those for what was measured, and those at a period's end, which
/// commitments are.
pub fn subscriptions(lines: &[Line]) -> HashSet<SubscriptionId> {
    let may_follow = |line: &&Line| {
        let in_arrears = !line.deferred && !line.period.is_empty();
        line.by_hand.is_none() && (line.measured.is_some() || in_arrears)
    };
    lines.iter().filter(may_follow).filter_map(|line| line.subscription_id).collect()
}

/// The number after the last.
pub fn next_no(lines: &[Line]) -> Result<i32, MoneyError> {
    let last = lines.iter().map(|line| line.line_no).max().unwrap_or(0);
    last.checked_add(1).ok_or(MoneyError::Overflow)
}

/// The line that counters a line, when there is one.
pub(super) fn counter_of(lines: &[Line], line_no: i32) -> Option<&Line> {
    lines.iter().find(|line| line.by_hand == Some(ByHand::Counters(line_no)))
}
