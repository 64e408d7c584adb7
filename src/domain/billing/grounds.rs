//! What does a line rest on that nothing else remembers? Where its charge ended when it was written, though the item was cut again
//! since; the cells of a matrix that were used, though more was recorded since.
//!
//! A plain month, and usage of which quantity and events tell all, rest on nothing more: most lines have no grounds.
//!
//! 31.00 for January, changed on the 16th by the second: the credit's grounds are `{"until": "…-16T…", "ends_by": "by_second"}`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::piece::{Key, Segment};
use super::worth::AsPaid;
use crate::domain::calendar::{CalendarError, Period};
use crate::domain::ids::{ApiKeyId, ItemVersionId};
use crate::domain::proration::{Basis, Share};
use crate::domain::rating::summary::{Detail, Summary};

/// What was known when the line was written, as far as it may be lost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Grounds {
    /// Where the charge ended; of a first line, where its period does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// How time was counted where it ended, when not by the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_by: Option<Basis>,
    /// Of a part of a period that goes on after a break: the days it was measured by. Where the break began is not known any more once
    /// what it interrupted has ended earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Moved>,
    /// Nothing was to be charged any more: the item had been taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// Of a commitment: what the prices that count had come to, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<i64>,
    /// Of usage for which quantity and events do not tell all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
    /// Of usage whose price had begun earlier in the period: what was measured in the pieces before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Summary>,
    /// Of usage worth less than nothing, for more flowed back than was used, or of a commitment that more counts towards than the rest of it:
    /// the pieces of its price before it, of which it gives back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<About>,
    /// Of usage: what of a whole period the price's terms were for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// Of a commitment that had begun earlier in the period: what was committed for the pieces before, and what counted, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_before: Option<CountedBefore>,
    /// What had been taken back of the charge before, and what stays of its worth then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_back: Option<Staying>,
    /// Of a line in place of an item's: whose charge it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// Of a line that no price makes: whose work it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
}

/// What stays of a charge's worth after all that was taken back of it, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staying {
    pub worth: i64,
    pub taken_back: i64,
    /// Of usage that takes the place of the shortfall of a commitment: what had been taken back of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_shortfall: Option<i64>,
    pub stays: i64,
}

/// A part of a period, and all of that, in the days before the break that moved it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub whole_start: DateTime<Utc>,
    pub whole_end: DateTime<Utc>,
    /// It was paid before the break.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_kept: bool,
}

impl Moved {
    /// As it is billed.
    ///
    /// # Errors
    /// What ends before it starts.
    pub fn as_paid(&self) -> Result<AsPaid, CalendarError> {
        let part = Period::new(self.start, self.end)?;
        Ok(AsPaid { part, whole: Period::new(self.whole_start, self.whole_end)?, is_kept: self.is_kept })
    }
}

impl From<AsPaid> for Moved {
    fn from(AsPaid { part, whole, is_kept }: AsPaid) -> Moved {
        let (whole_start, whole_end) = (whole.start, whole.end);
        Moved { start: part.start, end: part.end, whole_start, whole_end, is_kept }
    }
}

/// The charge that a line stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub version: ItemVersionId,
    pub start: DateTime<Utc>,
}

impl About {
    /// As a key.
    #[must_use]
    pub fn key(&self) -> Key {
        Key { version: self.version, start: self.start }
    }
}

impl From<Key> for About {
    fn from(Key { version, start }: Key) -> About {
        About { version, start }
    }
}

/// What was committed for the pieces of a commitment before one, and what counted towards them: in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedBefore {
    pub committed: i64,
    pub counted: i64,
}

/// A call, or a job, that wrote a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Such as `line.added` or `invoice.corrected`.
    pub kind: String,
    pub at: DateTime<Utc>,
    /// Whose call it was; `None`: the system's own.
    pub by: Option<ApiKeyId>,
}

impl Grounds {
    /// Of the first line of a segment, if there is anything to note.
    #[must_use]
    pub fn of_first(segment: &Segment<'_>) -> Option<Box<Grounds>> {
        let grounds = Grounds::of(segment);
        (grounds != Grounds::default()).then(|| Box::new(grounds))
    }

    /// Of a line that brings what was billed to what the segment is worth now.
    #[must_use]
    pub fn of_difference(segment: &Segment<'_>) -> Grounds {
        Grounds { until: Some(segment.period.end), ..Grounds::of(segment) }
    }

    /// Of a line that gives back what is no longer worth anything.
    #[must_use]
    pub fn of_withdrawal() -> Grounds {
        Grounds { withdrawn: true, ..Grounds::default() }
    }

    /// Of a line that a call wrote.
    #[must_use]
    pub fn of_call(kind: &str, by: Option<ApiKeyId>, at: DateTime<Utc>) -> Box<Grounds> {
        let call = Call { kind: kind.to_owned(), at, by };
        Box::new(Grounds { call: Some(call), ..Grounds::default() })
    }

    fn of(segment: &Segment<'_>) -> Grounds {
        let ends_by = segment.ends_by.filter(|basis| *basis != Basis::ByDay);
        let counted = segment.counted.map(|counted| counted.minor());
        let chained = segment.chained.as_deref();
        let counted_before = chained.and_then(|chained| chained.counted).map(|before| CountedBefore {
            committed: before.committed.minor(),
            counted: before.counted.minor(),
        });
        let has_pieces = segment.metered.is_some() || segment.counted.is_some();
        let gives_back = has_pieces && segment.amount.is_negative();
        let earlier = chained.filter(|_| gives_back).map(|chained| &chained.earlier);
        Grounds {
            until: None,
            ends_by,
            moved: segment.paid.as_deref().copied().map(Moved::from),
            earlier: earlier.into_iter().flatten().copied().map(About::from).collect(),
            withdrawn: false,
            counted,
            detail: segment.detail.clone(),
            before: chained.and_then(|chained| chained.summary.clone()),
            share: chained.and_then(|chained| chained.share),
            counted_before,
            ..Grounds::default()
        }
    }
}
