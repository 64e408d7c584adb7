//! The command line of Billwright: `billwright serve` and its siblings. See [`billwright::cli`].

use std::process::ExitCode;

/// Many short-lived pieces made by many threads: this allocator serves them faster than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    billwright::cli::main()
}
