//! How does a command end? Well, or with an error to be printed.

use std::error::Error;

/// What a command's `run` gives back: any error is printed with its causes and ends the process with 1.
pub type Outcome = Result<(), Box<dyn Error + Send + Sync>>;
