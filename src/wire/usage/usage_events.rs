//! How is an event of usage written? As a CloudEvent 1.0 in JSON:
//! `{"specversion": "1.0", "id": "…", "source": "api", "type": "llm.request", "subject": "cus_…", "data": {"tokens": 4808}}`.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, SubsecRound, Utc};
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::domain::usage::refused::Refused;
use crate::domain::usage::{Data, Event};

/// Something that was used, as a CloudEvent 1.0. Extension attributes are taken, as the standard asks, and not kept.
#[derive(Debug, Clone, ToSchema)]
#[schema(example = json!({
    "specversion": "1.0", "id": "req-4711", "source": "api.example.com", "type": "llm.request",
    "subject": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "time": "2026-01-01T00:00:00Z", "data": {"tokens": 4808, "model": "large"}
}))]
pub struct UsageEvent {
    /// `1.0`, or left out.
    pub specversion: Option<String>,
    /// Unique together with `source`: it counts once, for ever. Best a UUIDv7, which is fastest.
    pub id: String,
    /// Where it happened, such as the name of your service.
    pub source: String,
    /// What kind of usage: meters look at events of one type.
    #[schema(rename = "type")]
    pub type_: String,
    /// The customer's id, or your own id of the customer.
    pub subject: String,
    /// When; now, when left out.
    pub time: Option<DateTime<Utc>>,
    /// What was used: members with numbers, decimal strings and texts.
    #[schema(value_type = Object)]
    pub data: Option<Box<RawValue>>,
}

const FIELDS: &[&str] =
    &["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data"];
/// What is said of an attribute that no event has.
const TIMESTAMP: &str =
    "an event says when it happened as `time`, as CloudEvents do: there is no `timestamp`";
/// Longest name of an extension attribute: the standard asks for no more than 20.
const EXTENSION_LENGTH: usize = 20;

impl<'de> Deserialize<'de> for UsageEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<UsageEvent, D::Error> {
        deserializer.deserialize_map(Attributes)
    }
}

/// An attribute's name, borrowed from the body unless it is escaped.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Name<'de>, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an attribute")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

struct Attributes;

impl<'de> Visitor<'de> for Attributes {
    type Value = UsageEvent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a CloudEvent, or an array of them")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UsageEvent, A::Error> {
        let (mut specversion, mut id, mut source, mut type_) = (None, None, None, None);
        let (mut subject, mut time, mut data) = (None, None, None);
        let mut seen_data = false;
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            let twice =
                |is_read: bool, name| if is_read { Err(A::Error::duplicate_field(name)) } else { Ok(()) };
            match name.as_ref() {
                "specversion" => {
                    twice(specversion.is_some(), "specversion")?;
                    specversion = Some(map.next_value::<Version>()?.0);
                }
                "id" => {
                    twice(id.is_some(), "id")?;
                    id = Some(map.next_value::<String>()?);
                }
                "source" => {
                    twice(source.is_some(), "source")?;
                    source = Some(map.next_value::<String>()?);
                }
                "type" => {
                    twice(type_.is_some(), "type")?;
                    type_ = Some(map.next_value::<String>()?);
                }
                "subject" => {
                    twice(subject.is_some(), "subject")?;
                    subject = Some(map.next_value::<String>()?);
                }
                "time" => {
                    twice(time.is_some(), "time")?;
                    time = Some(map.next_value::<Option<DateTime<Utc>>>()?);
                }
                "data" => {
                    twice(seen_data, "data")?;
                    seen_data = true;
                    data = map.next_value::<Option<Box<RawValue>>>()?;
                }
                "datacontenttype" => map.next_value::<JsonContent>().map(|_| ())?,
                "dataschema" => map.next_value::<Option<String>>().map(|_| ())?,
                // Taken for an extension it would be ignored, and the event counted now.
                "timestamp" => return Err(A::Error::custom(TIMESTAMP)),
                other if is_extension(other) => map.next_value::<IgnoredAny>().map(|_| ())?,
                other => return Err(A::Error::unknown_field(other, FIELDS)),
            }
        }
        Ok(UsageEvent {
            specversion,
            id: id.ok_or_else(|| A::Error::missing_field("id"))?,
            source: source.ok_or_else(|| A::Error::missing_field("source"))?,
            type_: type_.ok_or_else(|| A::Error::missing_field("type"))?,
            subject: subject.ok_or_else(|| A::Error::missing_field("subject"))?,
            time: time.flatten(),
            data,
        })
    }
}

/// Lower-case letters and digits, as the standard names attributes. `data_base64` is none: events here say JSON.
fn is_extension(name: &str) -> bool {
    (1..=EXTENSION_LENGTH).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

struct Version(String);

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Version, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        if text == "1.0" {
            Ok(Version(text.into_owned()))
        } else {
            Err(D::Error::custom("specversion is \"1.0\""))
        }
    }
}

struct JsonContent;

impl<'de> Deserialize<'de> for JsonContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<JsonContent, D::Error> {
        let text = <Option<String>>::deserialize(deserializer)?.unwrap_or_default();
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let json = essence.is_empty() || essence == "application/json" || essence.ends_with("+json");
        if json {
            Ok(JsonContent)
        } else {
            Err(D::Error::custom("the data of an event is JSON: datacontenttype is application/json"))
        }
    }
}

impl UsageEvent {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Refused`] when its data is no object, or holds what cannot be stored.
    pub fn parse(self) -> Result<Event, Refused> {
        let data = match &self.data {
            Some(raw) => Data::parse(raw.get())?,
            None => Data::empty(),
        };
        Ok(Event {
            id: self.id,
            source: self.source,
            type_: self.type_,
            subject: self.subject,
            // As precise as it is stored.
            time: self.time.map(|time| time.trunc_subsecs(6)),
            data,
        })
    }
}

/// What became of the events that were sent. Given when all of it is safely stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ingested {
    /// Events that count now.
    #[schema(example = 998)]
    pub accepted: u64,
    /// Events that were counted before, and said the same.
    #[schema(example = 1)]
    pub duplicates: u64,
    /// Events of an unknown customer or type, kept for a replay (where `unknown_usage` is `keep`).
    #[schema(example = 0)]
    pub kept: u64,
    /// Events that were not taken.
    #[schema(example = 1)]
    pub rejected_count: u64,
    /// The first 1,000 of them.
    pub rejected: Vec<RejectedEvent>,
}

/// An event that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedEvent {
    /// Its place in the batch, or its line, from 0.
    #[schema(example = 17)]
    pub index: u64,
    /// Its id, when it could be read.
    #[schema(example = "req-4728")]
    pub id: Option<String>,
    /// `conflict`: an event with this source and id said something else before.
    #[schema(example = "not_a_number")]
    pub code: String,
    /// The value at fault.
    #[schema(example = "/data/tokens")]
    pub pointer: Option<String>,
    pub detail: String,
}

/// Rejected events that are reported one by one.
const TOLD: usize = 1_000;

impl Ingested {
    /// Notes an event that was not taken.
    pub fn reject(&mut self, rejected: RejectedEvent) {
        self.rejected_count += 1;
        if self.rejected.len() < TOLD {
            self.rejected.push(rejected);
        }
    }

    /// Together with what became of further events.
    pub fn add(&mut self, other: Ingested) {
        self.accepted += other.accepted;
        self.duplicates += other.duplicates;
        self.kept += other.kept;
        self.rejected_count += other.rejected_count;
        self.rejected.extend(other.rejected);
        self.rejected.truncate(TOLD);
    }
}
