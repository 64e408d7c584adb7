//! What do the new events of a batch add up to? One addition for each customer, meter and hour or day they touch.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::ids::{CustomerId, TenantId};
use crate::domain::money::MoneyError;
use crate::domain::usage::buckets::{Bucket, Sample};
use crate::domain::usage::reading::Reading;
use crate::domain::usage::slices::Grain;
use crate::domain::usage::{Aggregation, Meter};
use crate::storage::usage::{self, Added, Place, Touched};
use crate::storage::{StorageError, Tx};
use crate::workflows::Error;

/// What is to be added.
#[derive(Default)]
pub(super) struct Tally {
    /// By hour; the days are made of them.
    hours: HashMap<Place, Bucket>,
    uniques: HashSet<(Place, String)>,
    /// Hours that are computed anew, by the place of their meter.
    held: HashMap<Uuid, BTreeSet<Touched>>,
    earliest: HashMap<CustomerId, DateTime<Utc>>,
}

impl Tally {
    /// Takes what the meter read off a new event.
    pub(super) fn take(
        &mut self,
        meter: &Meter,
        customer_id: CustomerId,
        at: DateTime<Utc>,
        key: Uuid,
        reading: Reading,
    ) -> Result<(), Error> {
        self.earliest.entry(customer_id).and_modify(|earliest| *earliest = at.min(*earliest)).or_insert(at);
        let hour = Grain::Hour.bucket(at);
        if meter.aggregation == Aggregation::WeightedSum {
            self.held.entry(meter.id.uuid()).or_default().insert(Touched { customer_id, hour });
            return Ok(());
        }
        let place = Place {
            customer_id,
            meter_id: meter.id,
            grain: Grain::Hour,
            bucket: hour,
            dimensions: reading.dimensions,
        };
        if let Some(value) = reading.unique {
            self.uniques.insert((place.clone(), value));
        }
        let of_event = Bucket::of(&Sample { at, key, value: reading.value, priced: reading.priced });
        add(&mut self.hours, place, &of_event)
    }

    /// Adds it to the roll-ups, last of all, and reopens what was billed too early.
    pub(super) fn save(self, tx: &mut Tx<'_>, tenant_id: TenantId, meters: &[Meter]) -> Result<(), Error> {
        let mut all: HashMap<Place, Bucket> = HashMap::with_capacity(2 * self.hours.len());
        for (place, bucket) in &self.hours {
            add(&mut all, day_of(place), bucket)?;
        }
        all.extend(self.hours);
        let mut added: Vec<Added> = all.into_iter().map(|(place, bucket)| Added { place, bucket }).collect();
        usage::add(tx, tenant_id, &mut added)?;
        let days: HashSet<(Place, String)> =
            self.uniques.iter().map(|(place, value)| (day_of(place), value.clone())).collect();
        let mut uniques: Vec<(Place, String)> = self.uniques.into_iter().chain(days).collect();
        usage::add_uniques(tx, tenant_id, &mut uniques)?;
        for meter in meters {
            if let Some(touched) = self.held.get(&meter.id.uuid()) {
                usage::rebuild(tx, tenant_id, (meter, touched))?;
            }
        }
        let mut earliest: Vec<(CustomerId, DateTime<Utc>)> = self.earliest.into_iter().collect();
        earliest.sort_unstable();
        Ok(usage::changed_from(tx, tenant_id, &earliest)?)
    }
}

fn day_of(hour: &Place) -> Place {
    Place { grain: Grain::Day, bucket: Grain::Day.bucket(hour.bucket), ..hour.clone() }
}

fn add(buckets: &mut HashMap<Place, Bucket>, place: Place, other: &Bucket) -> Result<(), Error> {
    let overflow = |e: MoneyError| StorageError::unreadable("usage", e);
    match buckets.entry(place) {
        std::collections::hash_map::Entry::Occupied(mut bucket) => {
            Ok(bucket.get_mut().merge(other).map_err(overflow)?)
        }
        std::collections::hash_map::Entry::Vacant(empty) => {
            empty.insert(*other);
            Ok(())
        }
    }
}
