//! What does a caller learn when a rule says no? For example `quantity_negative` at `/items/0/quantity`, as a 422.
//!
//! Each subject has its own `Refused` enum; this trait is what they have in common, so that one place can answer them all.

use std::fmt;

/// How a refusal is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The values given break a rule: 422.
    Rule,
    /// The thing is in a state that does not allow it: 409.
    State,
    /// Payment was needed and did not succeed: 402.
    Payment,
}

/// A rule's no: a stable code, a sentence that helps (the `Display`), and the JSON pointer of the value at fault.
pub trait Refusal: std::error::Error + Send + Sync + 'static {
    /// Stable snake_case name of the rule.
    fn code(&self) -> &'static str;
    /// RFC 6901 pointer into the request body.
    fn pointer(&self) -> Option<String> {
        None
    }
    /// How it is answered.
    fn kind(&self) -> RefusalKind {
        RefusalKind::Rule
    }
    /// In how many seconds the same request may be answered otherwise.
    fn retry_after(&self) -> Option<u16> {
        None
    }
    /// The gateway's reason, when a payment was declined.
    fn decline_code(&self) -> Option<&str> {
        None
    }
}

/// One value at fault in a request, as the `errors` member of a problem lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// RFC 6901 pointer, such as `/prices/0/model/amount`.
    pub pointer: String,
    /// Stable snake_case code.
    pub code: String,
    /// A sentence that says what to do.
    pub detail: String,
}

/// A request whose values are at fault, each of them named: answered as one 422.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// At least one.
    pub errors: Vec<FieldError>,
}

impl Invalid {
    /// One value at fault.
    pub fn one(pointer: impl Into<String>, code: &str, detail: impl fmt::Display) -> Invalid {
        Invalid {
            errors: vec![FieldError {
                pointer: pointer.into(),
                code: code.to_owned(),
                detail: detail.to_string(),
            }],
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut details = self.errors.iter().map(|e| e.detail.as_str());
        f.write_str(details.next().unwrap_or("the request is not valid"))?;
        details.try_for_each(|d| write!(f, "; {d}"))
    }
}

impl std::error::Error for Invalid {}
