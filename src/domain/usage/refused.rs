//! Why is an event not taken? A code, a place in the event, and a sentence.

use std::fmt;

use crate::domain::refusal::{Refusal, RefusalKind};

/// Why an event, or a value of it, is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Stable snake_case code.
    pub code: &'static str,
    /// RFC 6901 pointer into the event.
    pub pointer: String,
    /// A sentence that says what to do.
    pub detail: String,
}

impl Refused {
    /// At this value of the event.
    #[must_use]
    pub fn at(pointer: impl Into<String>, code: &'static str, detail: impl fmt::Display) -> Refused {
        Refused { code, pointer: pointer.into(), detail: detail.to_string() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Refused {}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        self.code
    }

    fn pointer(&self) -> Option<String> {
        Some(self.pointer.clone())
    }

    fn kind(&self) -> RefusalKind {
        if self.code == "conflict" { RefusalKind::State } else { RefusalKind::Rule }
    }
}
