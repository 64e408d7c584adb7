//! What did an end take away, so that it can be given back? Each version it ended or withdrew, with how that had been.
//!
//! An add-on that ends on 1 February, and a cancellation for that day: taken back, the plan goes on and the add-on ends all the same.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Bounds, ItemVersion, Subscription, Timeline};
use crate::domain::catalog::PriceKind;
use crate::domain::ids::{ChangeId, ItemVersionId};
use crate::domain::proration::Basis;
use uuid::Uuid;

/// How things stood before an end was set: kept with the change that set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// The end that was set.
    pub end: DateTime<Utc>,
    /// How time is counted there. Not known of what was recorded before it was kept.
    #[serde(default)]
    ends_by: Basis,
    /// The end there was.
    pub agreed: Option<DateTime<Utc>>,
    /// Every version that ends with it, or was withdrawn by it.
    versions: Vec<Was>,
    /// What it charges itself: a fee.
    began: Vec<Uuid>,
    /// The phases it took back.
    pub phases: Vec<i16>,
    /// When a break would have been over.
    resumes_at: Option<DateTime<Utc>>,
    /// Whether what was planned for after the end still counts; not once a later change says to take it back.
    pub plans: bool,
}

/// How a version ended before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Was {
    id: Uuid,
    valid_to: Option<DateTime<Utc>>,
    ends_by: Basis,
    end_due_from: Option<DateTime<Utc>>,
    /// Not known of what was recorded before it was kept.
    #[serde(default)]
    held: Option<Basis>,
}

/// Which earlier commands a command makes void.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakesBack {
    /// Those that take effect later than this.
    pub after: Option<DateTime<Utc>>,
    /// Of these only breaks and their ends.
    pub breaks_only: bool,
    /// This one, and with it what that one had taken back.
    pub change: Option<ChangeId>,
    /// Phases that are in force again.
    pub phases: Vec<i16>,
    /// Whether that is planned again, too.
    pub plans: bool,
}

/// An end that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetEnd {
    pub end: DateTime<Utc>,
    /// How time is counted there.
    pub ends_by: Basis,
    /// The end there was.
    pub agreed: Option<DateTime<Utc>>,
    /// When a break would have been over.
    pub resumes_at: Option<DateTime<Utc>>,
    /// The phases it takes back.
    pub phases: Vec<i16>,
}

/// Until when what is given back goes on, and when it falls due.
#[derive(Debug, Clone, Copy)]
pub struct GoesOn {
    /// The end that is taken back, as it is now.
    pub end: DateTime<Utc>,
    /// The end there is without it.
    pub until: Option<DateTime<Utc>>,
    /// When what was in force at the end falls due again, unless it ends sooner anyway.
    pub due_from: DateTime<Utc>,
    /// Whether the end has come: then all of it falls due no sooner.
    pub has_ended: bool,
    /// When a break ends: one that was planned since to last longer than the end lets nothing go on unless that is taken back.
    pub resumes: Option<DateTime<Utc>>,
}

impl Undo {
    /// What setting an end took away from a timeline.
    #[must_use]
    pub fn of(set: SetEnd, before: &Timeline, after: &Timeline) -> Undo {
        let SetEnd { end, ends_by, agreed, resumes_at, phases } = set;
        let (versions, began) = (Vec::new(), Vec::new());
        let mut undo = Undo { end, ends_by, agreed, versions, began, phases, resumes_at, plans: true };
        for version in &after.versions {
            let known = before.versions.iter().find(|v| v.id == version.id);
            match known {
                None => undo.began.push(version.id.uuid()),
                Some(known) if known != version || version.valid_to == Some(end) => {
                    let Bounds { ends_by, end_due_from, held, .. } = known.bounds;
                    let (id, valid_to) = (known.id.uuid(), known.valid_to);
                    undo.versions.push(Was { id, valid_to, ends_by, end_due_from, held });
                }
                Some(_) => {}
            }
        }
        undo
    }

    /// How what begins later, and lasts to the end that was set, ends there: as that was told. Where it said that nothing is given back,
    /// what was not paid yet is paid up to it and no further.
    #[must_use]
    pub fn ends_later_by(&self) -> Basis {
        match self.ends_by {
            Basis::None | Basis::FullPeriod => Basis::ByDay,
            basis => basis,
        }
    }

    /// Gives back what the end took away. What was changed since stays as it is, up to when it would have changed anyway.
    pub fn restore(&self, timeline: &mut Timeline, goes_on: GoesOn) {
        let of_item = |version: &ItemVersion, timeline: &Timeline| {
            let counts = |v: &&ItemVersion| {
                v.item_id == version.item_id && (v.valid_from < self.end || self.resumes_as(v, version))
            };
            let last = timeline.versions.iter().filter(counts);
            let last = last.filter_map(|v| Some((v.valid_from, self.was(v.id)?)));
            last.max_by_key(|(from, _)| *from).map(|(_, was)| was)
        };
        let succeeded: Vec<Option<Was>> = timeline.versions.iter().map(|v| of_item(v, timeline)).collect();
        let resumed: Vec<ItemVersionId> = self.resumed_sooner(timeline, goes_on);
        for (version, of_item) in timeline.versions.iter_mut().zip(succeeded) {
            if self.began.contains(&version.id.uuid()) {
                version.withdraw(Some(goes_on.due_from));
                continue;
            }
            if resumed.contains(&version.id) {
                continue;
            }
            let ends_now = version.valid_to == Some(goes_on.end) && !version.is_empty();
            match self.was(version.id) {
                // What had ended before, for a break, was only cut otherwise.
                Some(was)
                    if version.valid_to == Some(self.end.max(version.valid_from))
                        || (version.valid_to == was.valid_to && version.bounds.ends_by != was.ends_by) =>
                {
                    self.give_back(version, was, goes_on);
                }
                None if ends_now => match of_item {
                    Some(was) if was.valid_to.is_none_or(|to| to > version.valid_from) => {
                        self.give_back(version, was, goes_on);
                    }
                    _ => goes_on.revive(version, goes_on.until),
                },
                None if goes_on.lets_resume(version) => goes_on.revive(version, goes_on.until),
                _ => {}
            }
        }
    }

    /// What was to begin when a break ended, and began sooner since.
    fn resumed_sooner(&self, timeline: &Timeline, goes_on: GoesOn) -> Vec<ItemVersionId> {
        let goes_on =
            |v: &&ItemVersion| !v.is_empty() && v.valid_to == Some(goes_on.end) && self.was(v.id).is_none();
        let sooner: Vec<&ItemVersion> = timeline.versions.iter().filter(goes_on).collect();
        let is_one = |v: &&ItemVersion| sooner.iter().any(|s| self.resumes_as(v, s));
        timeline.versions.iter().filter(is_one).map(|v| v.id).collect()
    }

    /// Whether a version was to be after the break what another is.
    fn resumes_as(&self, version: &ItemVersion, other: &ItemVersion) -> bool {
        Some(version.valid_from) == self.resumes_at
            && other.valid_from < version.valid_from
            && version.is_same_as(other)
    }

    fn was(&self, id: ItemVersionId) -> Option<Was> {
        self.versions.iter().find(|was| was.id == id.uuid()).copied()
    }

    fn give_back(&self, version: &mut ItemVersion, was: Was, goes_on: GoesOn) {
        let planned_later = version.valid_from >= self.end;
        if planned_later && !self.plans {
            return;
        }
        let over_the_end = was.valid_to.is_none_or(|to| to > self.end);
        let valid_to = match was.valid_to {
            to if to == self.agreed || (over_the_end && !self.plans) => goes_on.until,
            to => to,
        };
        if version.valid_to != valid_to {
            goes_on.revive(version, valid_to);
        } else if version.bounds.ends_by != was.ends_by {
            // It ended there before, cut otherwise.
            version.settle_again(goes_on.due_from, false);
        }
        version.bounds.ends_by = was.ends_by;
        version.bounds.held = was.held;
        version.bounds.end_due_from = version.bounds.end_due_from.max(was.end_due_from);
    }

    /// When the first of what was planned comes back after an instant, if the end is taken back.
    #[must_use]
    pub fn plans_after(&self, timeline: &Timeline, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let recurring = timeline.versions.iter().filter(|v| v.terms.kind != PriceKind::OneTime);
        let comes_back = |v: &ItemVersion| {
            let was = self.was(v.id).filter(|was| was.valid_to.is_none_or(|to| to > v.valid_from))?;
            let ends = was.valid_to.filter(|to| Some(*to) != self.agreed);
            [Some(v.valid_from), ends].into_iter().flatten().filter(|planned| *planned > at).min()
        };
        recurring.filter(|_| self.plans).filter_map(comes_back).min()
    }

    /// The break as it was, unless it has become another since.
    pub fn restore_pause(&self, subscription: &mut Subscription) {
        if let Some(pause) = subscription.pause.as_mut().filter(|pause| pause.until.is_none()) {
            pause.until = self.resumes_at.filter(|at| *at > pause.from);
        }
    }
}

impl GoesOn {
    /// Whether a version would have begun with the end of a break, which was later than the end of all.
    fn lets_resume(&self, version: &ItemVersion) -> bool {
        let began = Some(version.valid_from) == self.resumes && version.valid_from >= self.end;
        began && version.is_empty() && !version.is_withdrawn()
    }

    /// Lets a version go on up to another end. What was to begin later falls due when it begins.
    pub(super) fn revive(self, version: &mut ItemVersion, until: Option<DateTime<Utc>>) {
        let due_from = self.due_from;
        let is_cut = version.valid_from < self.end && until.is_none_or(|to| to >= due_from);
        version.end_anew(until);
        if self.has_ended || is_cut {
            version.settle_again(due_from, self.has_ended);
        }
    }
}
