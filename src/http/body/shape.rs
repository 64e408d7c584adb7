//! Is a body JSON of the right shape? Its value, or the first fault: `{"name": 7}` is `wrong_type` at `/name`.

use serde::de::{DeserializeOwned, IgnoredAny};

use super::objects::Objects;
use super::wording::{shape_problem, without_place};
use crate::domain::refusal::Invalid;
use crate::http::Problem;

/// Reads a body's shape, and names the first fault of it. No body at all counts as `{}`.
pub(in crate::http) fn shape<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    Ok(read_shape(bytes)??)
}

/// The value, or the first fault of its shape; the problem is that it is not JSON.
pub(super) fn read_shape<T: DeserializeOwned>(bytes: &[u8]) -> Result<Result<T, Invalid>, Problem> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = match serde_path_to_error::deserialize(Objects(&mut json)) {
        Ok(value) => value,
        // A fault of shape may come before a fault of syntax, and an enum calls a wrong type a fault of syntax: whether
        // the body is JSON at all is therefore asked of the whole of it.
        Err(error) => {
            return match serde_json::from_slice::<IgnoredAny>(bytes) {
                Err(syntax) => Err(not_json(&syntax)),
                Ok(_) => Ok(Err(shape_problem("", error.path(), &error.inner().to_string()))),
            };
        }
    };
    json.end().map_err(|e| not_json(&e))?;
    Ok(Ok(value))
}

pub(in crate::http) fn not_json(error: &serde_json::Error) -> Problem {
    let fault = without_place(&error.to_string()).to_owned();
    let (line, column) = (error.line(), error.column());
    Problem::malformed(
        "malformed_json",
        format!("the body is not JSON: {fault} at line {line}, column {column}"),
    )
}
