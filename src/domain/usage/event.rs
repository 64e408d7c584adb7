//! Is an event fit to be counted? It names itself, its customer and its type, and lies neither in the future nor too far back.
//!
//! At 12:00 an event of 12:04 is taken (clocks differ), one of 12:06 is `time_in_future`.

use chrono::{DateTime, TimeDelta, TimeZone, Timelike, Utc};

use super::data::Data;
use super::refused::Refused;
use super::settings::Settings;

/// Longest source, id, type and subject, in bytes.
pub const WORD_LENGTH: usize = 300;
/// How far clocks may differ, in minutes.
const AHEAD_MINUTES: i64 = 5;
/// Nothing was metered before this year.
const FIRST_YEAR: i32 = 2000;

/// Something that was used, as a CloudEvent tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Unique together with `source`, for ever.
    pub id: String,
    pub source: String,
    pub type_: String,
    /// The customer's id, or your own id of the customer.
    pub subject: String,
    /// When it was used; `None`: now.
    pub time: Option<DateTime<Utc>>,
    pub data: Data,
}

impl Event {
    /// Whether its words and its time can be kept.
    ///
    /// # Errors
    /// [`Refused`] naming the first that cannot.
    pub fn check(&self) -> Result<(), Refused> {
        let words = [
            ("/id", &self.id),
            ("/source", &self.source),
            ("/type", &self.type_),
            ("/subject", &self.subject),
        ];
        for (pointer, word) in words {
            if word.trim().is_empty() {
                return Err(Refused::at(pointer, "blank", "this text is blank: write something"));
            }
            if word.len() > WORD_LENGTH {
                let detail = format!("this text is too long: at most {WORD_LENGTH} bytes");
                return Err(Refused::at(pointer, "too_long", detail));
            }
            if word.chars().any(char::is_control) {
                let detail = "this text has a control character, such as a line break: leave it out";
                return Err(Refused::at(pointer, "control_character", detail));
            }
        }
        // As it is read, a leap second has more than a second of nanoseconds.
        if self.time.is_some_and(|time| time.nanosecond() >= 1_000_000_000) {
            let detail =
                "a leap second is no instant here: give the second before it, or the next day's first";
            return Err(Refused::at("/time", "leap_second", detail));
        }
        Ok(())
    }

    /// When it was used, if that is a time events are taken for.
    ///
    /// # Errors
    /// `time_in_future`, `too_late`.
    pub fn instant(&self, now: DateTime<Utc>, settings: &Settings) -> Result<DateTime<Utc>, Refused> {
        let Some(time) = self.time else { return Ok(now) };
        if time > now + TimeDelta::minutes(AHEAD_MINUTES) {
            let detail = format!("{} is in the future: now is {}", time.to_rfc3339(), now.to_rfc3339());
            return Err(Refused::at("/time", "time_in_future", detail));
        }
        let too_late = |detail: String| Err(Refused::at("/time", "too_late", detail));
        if let Some(days) = settings.maximum_lateness_days
            && time < now - TimeDelta::days(i64::from(days))
        {
            return too_late(format!(
                "{} is more than {days} days ago, the maximum lateness",
                time.to_rfc3339()
            ));
        }
        if settings.dropped_before.is_some_and(|before| time < before) {
            return too_late(format!("events of {} are no longer kept", time.to_rfc3339()));
        }
        let first = Utc.with_ymd_and_hms(FIRST_YEAR, 1, 1, 0, 0, 0).single();
        if first.is_some_and(|first| time < first) {
            return too_late(format!("{} is before the year {FIRST_YEAR}", time.to_rfc3339()));
        }
        Ok(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Event {
        let [id, source, type_, subject] = ["1", "app", "call", "cus"].map(str::to_owned);
        Event { id, source, type_, subject, time: Some(time.parse().unwrap()), data: Data::empty() }
    }

    #[test]
    fn an_event_lies_neither_in_the_future_nor_too_far_back() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let checked =
            |time: &str, settings: &Settings| at(time).instant(now, settings).map_err(|refused| refused.code);
        let any = Settings::default();
        assert!(checked("2026-11-22T12:05:00Z", &any).is_ok());
        assert_eq!(checked("2026-11-22T12:05:00.000001Z", &any), Err("time_in_future"));
        assert!(checked("2000-01-01T00:00:00Z", &any).is_ok());
        assert_eq!(checked("1999-12-31T23:59:59Z", &any), Err("too_late"));
        let strict = Settings { maximum_lateness_days: Some(30), ..any.clone() };
        assert!(checked("2026-10-23T12:00:00Z", &strict).is_ok());
        assert_eq!(checked("2026-10-23T11:59:59Z", &strict), Err("too_late"));
        let dropped = Settings { dropped_before: Some("2026-01-01T00:00:00Z".parse().unwrap()), ..any };
        assert_eq!(checked("2025-12-31T23:59:59Z", &dropped), Err("too_late"));
    }

    #[test]
    fn every_word_says_something_that_can_be_stored() {
        let good = at("2026-01-01T00:00:00Z");
        assert_eq!(good.check(), Ok(()));
        let code = |event: Event| event.check().unwrap_err();
        assert_eq!(code(Event { id: " ".to_owned(), ..good.clone() }).pointer, "/id");
        assert_eq!(code(Event { source: "a\u{0}".to_owned(), ..good.clone() }).code, "control_character");
        assert_eq!(code(Event { subject: "x".repeat(301), ..good }).code, "too_long");
        assert_eq!(code(at("2016-12-31T23:59:60Z")).code, "leap_second");
    }
}
