//! `/v1/usage`: what was used, event by event on its way in, and added up on its way out.
//!
//! What is on this shelf, what is not, and its laws: [`domain::usage`](crate::domain::usage).

pub mod ingest;
pub mod meters;
pub mod usage_corrections;

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use rust_decimal::Decimal;

use crate::domain::calendar::Period;
use crate::domain::refusal::Invalid;
use crate::domain::usage as domain;
use crate::http::v1::usage::ingest::Target;
use crate::http::{Answer, Get, Patch, Problem, Query, auth, body, idempotency};
use crate::storage::StorageError;
use crate::wire::usage::usage_events::{Ingested, UsageEvent};
use crate::wire::usage::{
    By, UsageAnswer, UsageGroup, UsageQuery, UsageSettings, UsageSettingsPatch, UsageWindow,
};
use crate::workflows::Error;
use crate::workflows::usage::update_usage_settings::{self, Change};
use crate::workflows::usage::{read_usage, read_usage_settings};

/// Take events of usage: one, a batch, or a stream
///
/// CloudEvents 1.0 in JSON: one (`application/json` or `application/cloudevents+json`), an array of them (or
/// `application/cloudevents-batch+json`), or one a line (`application/x-ndjson`), of which there may be any number.
///
/// **An event counts once, for ever**: it is known by its `source` and `id`. Sent again it is a duplicate; sent again with other
/// content it is rejected as `conflict`, and the first one counts. So anything may be sent again when it is unclear whether it arrived.
/// Ids that are UUIDv7 are fastest.
///
/// `200` is answered when all that is counted is safely stored. In a batch or stream each event is taken or rejected by itself, with its
/// index and reason; a single event that is not taken is answered `422` (`409` for a conflict). A stream is stored in parts of about a
/// megabyte: what was stored before it broke off stays stored.
///
/// An event for a period that was billed already becomes a difference on the next invoice.
#[utoipa::path(post, path = "/v1/usage/events", tag = "usage", request_body = UsageEvent,
    responses((status = 200, description = "What became of the events", body = Ingested)))]
pub async fn ingest_events(req: HttpRequest, payload: web::Payload) -> Result<Answer, Problem> {
    take_events(req, payload, Target::Count).await
}

/// Takes a body of events, whatever they are for.
pub(in crate::http) async fn take_events(
    req: HttpRequest,
    payload: web::Payload,
    target: Target,
) -> Result<Answer, Problem> {
    let app = crate::http::get::app(&req)?;
    let caller = auth::caller(&req, &app).await?;
    let payload = payload.into_inner();
    let destination = (caller.tenant_id, target);
    if ingest::is_lines(&req) {
        if req.headers().contains_key(idempotency::HEADER) {
            let detail =
                "an event of a stream counts once by its id: send the stream without an Idempotency-Key";
            return Err(Problem::malformed("idempotency_key_not_taken", detail));
        }
        return Ok(Answer::ok(&ingest::stream(&app, destination, payload).await?)?);
    }
    let bytes = body::read(&req, payload, &app, caller).await?;
    ingest::take(&app, destination, (req, bytes)).await
}

/// Read what a customer has used
///
/// Measured as the bill measures it. `by=day` gives days of the customer's time zone, `by=hour` hours of UTC, at most 1,000 of them.
#[utoipa::path(get, path = "/v1/usage", tag = "usage", params(UsageQuery),
    responses((status = 200, description = "What was used", body = UsageAnswer)))]
pub async fn read(get: Get, Query(query): Query<UsageQuery>) -> Result<Answer, Problem> {
    let question = read_usage::Question {
        customer_id: query.customer_id,
        meter: query.meter,
        from: query.from,
        to: query.to,
        by: match query.by {
            By::Hour => read_usage::By::Hour,
            By::Day => read_usage::By::Day,
            By::Period => read_usage::By::Period,
        },
    };
    let group = query.group;
    get.run(move |tx, tenant_id| {
        let (meter, measured) = read_usage::run(tx, tenant_id, &question)?;
        let places = places(&meter, group.as_deref())?;
        let data = measured.into_iter().map(|window| shape(window, (&meter, &places)));
        let data = data.collect::<Result<_, Error>>()?;
        Ok(UsageAnswer {
            customer_id: question.customer_id,
            meter_id: meter.id,
            meter_code: meter.code,
            data,
        })
    })
    .await
}

/// Read how events are taken
#[utoipa::path(get, path = "/v1/usage/settings", tag = "usage",
    responses((status = 200, description = "The settings", body = UsageSettings)))]
pub async fn settings(get: Get) -> Result<Answer, Problem> {
    get.run(|tx, tenant_id| Ok(UsageSettings::from(read_usage_settings::run(tx, tenant_id)?))).await
}

/// Set how events are taken
///
/// What is left out stays as it is.
#[utoipa::path(patch, path = "/v1/usage/settings", tag = "usage", request_body = UsageSettingsPatch,
    responses((status = 200, description = "The settings as changed", body = UsageSettings)))]
pub async fn update_settings(patch: Patch<UsageSettingsPatch>) -> Result<Answer, Problem> {
    patch
        .run("update_usage_settings", StatusCode::OK, |tx, scope, body| {
            let change = Change {
                maximum_lateness_days: body.maximum_lateness_days,
                unknown_usage: body.unknown_usage.map(Into::into),
                retention_days: body.retention_days,
            };
            Ok(UsageSettings::from(update_usage_settings::run(tx, scope, change)?))
        })
        .await
}

/// The places of the requested dimensions among the meter's.
fn places(meter: &domain::Meter, group: Option<&str>) -> Result<Vec<usize>, Error> {
    let names = group.map(|group| group.split(',').map(str::trim).collect::<Vec<_>>()).unwrap_or_default();
    names
        .into_iter()
        .map(|name| {
            meter.dimensions.iter().position(|known| known == name).ok_or_else(|| {
                let known =
                    if meter.dimensions.is_empty() { "none".to_owned() } else { meter.dimensions.join(", ") };
                let detail = format!("the meter has no dimension {name:?}; it has {known}");
                Invalid::one("/query/group", "unknown_dimension", detail).into()
            })
        })
        .collect()
}

fn shape(
    (period, usage): (Period, domain::Usage),
    (meter, places): (&domain::Meter, &[usize]),
) -> Result<UsageWindow, Error> {
    let overflow = |e| StorageError::unreadable("usage", e);
    let groups =
        if places.is_empty() { BTreeMap::new() } else { usage.alike_in(places).map_err(overflow)? };
    let names = || places.iter().map(|place| meter.dimensions[*place].clone());
    let group = |(values, (quantity, events)): (Vec<String>, (Decimal, i64))| UsageGroup {
        dimensions: names().zip(values).collect(),
        quantity: quantity.normalize().to_string(),
        events,
    };
    let mut groups: Vec<UsageGroup> = groups.into_iter().map(group).collect();
    // By the names of the dimensions, in whatever order they were requested.
    groups.sort_by(|one, other| one.dimensions.cmp(&other.dimensions));
    Ok(UsageWindow {
        start: period.start,
        end: period.end,
        quantity: usage.quantity().map_err(overflow)?.normalize().to_string(),
        events: usage.events(),
        groups,
    })
}
