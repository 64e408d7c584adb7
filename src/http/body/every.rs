//! What else is wrong with a body's shape? Serde stops at the first fault. So it is noted and mended (an unknown field left out, another value put in the
//! place of one that does not fit), and the rest is read again: `{"nmae": "Ada", "email": 7}` is told three faults at once, not one in each of three calls.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::shape::read_shape;
use crate::domain::refusal::{FieldError, Invalid};

/// So many faults are told at most.
const MOST: usize = 20;
/// So often is a body read at most.
const READS: usize = 200;
/// What any id ends with.
const ID: &str = "01h2xcejqtf2nbrexx3vqjhp41";

/// All faults of the shape of a body, of which the first is known.
pub(super) fn fault<T: DeserializeOwned>(bytes: &[u8], first: Invalid) -> Invalid {
    let Ok(mut body) = serde_json::from_slice::<Value>(bytes) else { return first };
    let mut found: Vec<FieldError> = Vec::new();
    let mut reads = 0;
    let mut next = Some(first);
    while let Some(error) = next.take().and_then(|invalid| invalid.errors.into_iter().next()) {
        let known =
            found.iter().filter(|known| known.pointer == error.pointer).map(|known| known.code.as_str());
        let known: Vec<&str> = known.collect();
        // What was taken away because it did not fit is missing then: that is no fault of the caller's.
        let taken_away = error.code == "missing_field" && !known.is_empty();
        if known.contains(&error.code.as_str()) || found.len() >= MOST {
            break;
        }
        if !taken_away {
            found.push(error.clone());
        }
        let Some(mended) = mend::<T>(&body, &error, &mut reads) else { break };
        (body, next) = mended;
    }
    Invalid { errors: found }
}

/// The body without this fault, and the next one of it.
fn mend<T: DeserializeOwned>(
    body: &Value,
    error: &FieldError,
    reads: &mut usize,
) -> Option<(Value, Option<Invalid>)> {
    // A field that came twice is there once by now.
    if error.code == "duplicate_field" {
        return Some((body.clone(), read::<T>(body, reads)?));
    }
    let mut without = body.clone();
    if error.code == "missing_field" || remove(&mut without, &error.pointer) {
        let fault = (error.code != "missing_field").then(|| read::<T>(&without, reads)).flatten();
        if let Some(fault) = fault.filter(|fault| !is_within(fault.as_ref(), &error.pointer)) {
            return Some((without, fault));
        }
    }
    if error.code == "unknown_field" {
        return None;
    }
    let mut candidates = candidates(&error.detail);
    while let Some(candidate) = candidates.pop() {
        let mut other = body.clone();
        put(&mut other, &error.pointer, candidate)?;
        let fault = read::<T>(&other, reads)?;
        if !is_within(fault.as_ref(), &error.pointer) {
            return Some((other, fault));
        }
        // An id of another kind is answered with the beginning of the right one.
        let detail =
            fault.as_ref().and_then(|invalid| invalid.errors.first()).map(|error| error.detail.as_str());
        let begin =
            detail.and_then(|detail| detail.strip_prefix("an id starting with \"")?.split('"').next());
        if let Some(begin) = begin {
            candidates.push(format!("{begin}{ID}").into());
        }
    }
    None
}

/// The first fault of a body, none when it is whole; nothing when it was read too often.
fn read<T: DeserializeOwned>(body: &Value, reads: &mut usize) -> Option<Option<Invalid>> {
    *reads += 1;
    if *reads > READS {
        return None;
    }
    let bytes = serde_json::to_vec(body).ok()?;
    read_shape::<T>(&bytes).ok().map(Result::err)
}

fn is_within(fault: Option<&Invalid>, pointer: &str) -> bool {
    let at = fault.and_then(|invalid| invalid.errors.first()).map(|error| error.pointer.as_str());
    at.and_then(|at| at.strip_prefix(pointer)).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Values of every kind, the likeliest last.
fn candidates(detail: &str) -> Vec<Value> {
    let mut values = vec![
        json!({}),
        json!([]),
        json!(true),
        json!(1),
        json!("2026-01-01"),
        json!("2026-01-01T00:00:00Z"),
        json!(format!("x_{ID}")),
        json!("1"),
    ];
    let words = detail.split_once("expected ").map(|(_, words)| words).unwrap_or_default();
    values.extend(words.split('`').nth(1).map(Value::from));
    values
}

/// Takes away what is at a pointer; whether something was.
fn remove(body: &mut Value, pointer: &str) -> bool {
    let Some((parent, name)) = place(pointer) else { return false };
    match body.pointer_mut(parent) {
        Some(Value::Object(members)) => members.remove(&name).is_some(),
        Some(Value::Array(elements)) => {
            // Only the last one: the others would be at another place then.
            name.parse::<usize>().is_ok_and(|index| index + 1 == elements.len()) && elements.pop().is_some()
        }
        _ => false,
    }
}

fn put(body: &mut Value, pointer: &str, value: Value) -> Option<()> {
    let (parent, name) = place(pointer)?;
    match body.pointer_mut(parent)? {
        Value::Object(members) => {
            members.insert(name, value);
            Some(())
        }
        Value::Array(elements) => {
            elements.get_mut(name.parse::<usize>().ok()?).map(|element| *element = value)
        }
        _ => None,
    }
}

/// The pointer of what holds it, and its name there.
fn place(pointer: &str) -> Option<(&str, String)> {
    let (parent, name) = pointer.rsplit_once('/')?;
    Some((parent, name.replace("~1", "/").replace("~0", "~")))
}
