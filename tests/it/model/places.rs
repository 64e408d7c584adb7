//! Where does a customer live, and what does the clock on its wall show? Days are its days: 8 March 2026 has 23 hours in Los Angeles, and
//! 1 November in Havana has two midnights, of which the first begins it.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;

use crate::harness::Chance;

/// Seconds since 1970.
pub type Moment = i64;

/// An hour of them.
pub const HOUR: Moment = 3600;

/// Later than every moment looked at.
pub const NEVER: Moment = 9_000_000_000;

/// Zones, and the day histories begin on: most pass a day on which the clock is changed.
const ELSEWHERE: &[(Tz, (i32, u32, u32))] = &[
    (Tz::America__Los_Angeles, (2026, 2, 20)),
    (Tz::Europe__Paris, (2026, 3, 18)),
    (Tz::Australia__Lord_Howe, (2026, 3, 24)),
    (Tz::Asia__Kolkata, (2026, 1, 22)),
    (Tz::America__Havana, (2026, 10, 19)),
    (Tz::America__Santiago, (2026, 8, 22)),
    (Tz::America__Los_Angeles, (2026, 10, 20)),
    (Tz::Europe__Paris, (2026, 10, 12)),
    (Tz::Australia__Lord_Howe, (2026, 9, 20)),
    (Tz::America__Los_Angeles, (2017, 2, 24)),
];

/// Times, in seconds of a day, at which clocks are changed, or near which days begin.
const EDGES: &[i64] = &[1, 900, 5_400, 8_100, 9_000, 84_600, 86_399];

/// A zone, and when histories begin in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub zone: Tz,
    first: NaiveDate,
    /// Whether things happen within days, and not at their beginnings alone.
    pub any_hour: bool,
    /// Which of all places it is.
    pub number: u64,
}

impl Default for Place {
    fn default() -> Place {
        Place {
            zone: Tz::UTC,
            first: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
            any_hour: false,
            number: 0,
        }
    }
}

impl Place {
    /// One of those elsewhere. One in four is for midnights alone.
    pub fn elsewhere(number: u64) -> Place {
        let (zone, (year, month, day)) = ELSEWHERE[usize::try_from(number).unwrap() % ELSEWHERE.len()];
        let first = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        Place { zone, first, any_hour: !Chance::of(number).one_in(4), number }
    }

    /// Whether it is not where all was reckoned first.
    pub fn is_elsewhere(&self) -> bool {
        self.number > 0
    }

    /// When the clock stops on the day of a number: at midnight, or at any moment where things happen within days.
    pub fn stop(&self, day: i64) -> Moment {
        let midnight = self.midnight(self.days_on(self.first, day));
        self.within(midnight, &mut Chance::of(self.number * 1000 + u64::try_from(day).unwrap()))
    }

    /// The date on the wall.
    pub fn date(&self, at: Moment) -> NaiveDate {
        self.shown(at).date()
    }

    /// The number of that date: tomorrow's is one more.
    pub fn day(&self, at: Moment) -> i64 {
        i64::from(self.date(at).num_days_from_ce())
    }

    /// The first moment of a date.
    pub fn midnight(&self, date: NaiveDate) -> Moment {
        self.meant(date.and_time(NaiveTime::MIN))
    }

    /// When the day of a moment began.
    pub fn begun(&self, at: Moment) -> Moment {
        self.midnight(self.date(at))
    }

    /// So many days later by the wall, when it shows the same time; the beginning of a day leads to the beginning of another.
    pub fn later(&self, at: Moment, days: i64) -> Moment {
        if days == 0 {
            return at;
        }
        let date = self.days_on(self.date(at), days);
        if at == self.begun(at) {
            self.midnight(date)
        } else {
            self.meant(date.and_time(self.shown(at).time()))
        }
    }

    /// Some moment of the day of another, where things happen within days; else that one.
    pub fn within(&self, at: Moment, chance: &mut Chance) -> Moment {
        if !self.any_hour || chance.one_in(4) {
            return at;
        }
        let seconds = match chance.one_in(3) {
            true => *chance.pick(EDGES),
            false => chance.below(24 * HOUR),
        };
        self.meant(self.date(at).and_time(NaiveTime::MIN) + TimeDelta::seconds(seconds))
    }

    /// What the wall shows.
    fn shown(&self, at: Moment) -> NaiveDateTime {
        DateTime::from_timestamp(at, 0).unwrap().with_timezone(&self.zone).naive_local()
    }

    /// The first moment at which the wall shows this; where it never does, the next that it shows.
    fn meant(&self, wall: NaiveDateTime) -> Moment {
        let at = |wall| self.zone.from_local_datetime(&wall).earliest();
        let minute = wall - TimeDelta::seconds(i64::from(wall.second()));
        let next = || (1..).find_map(|n| at(minute + TimeDelta::minutes(n)));
        at(wall).or_else(next).unwrap().timestamp()
    }

    fn days_on(&self, date: NaiveDate, days: i64) -> NaiveDate {
        let by = Days::new(days.unsigned_abs());
        if days < 0 { date - by } else { date + by }
    }
}

/// As commands and answers have it.
pub fn written(at: Moment) -> String {
    DateTime::from_timestamp(at, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What [`written`] writes.
pub fn read(text: &str) -> Moment {
    text.parse::<DateTime<chrono::Utc>>().unwrap().timestamp()
}
