//! What does Billwright need from the machine? The clock, chance, secrets, memory, configuration, telemetry
//! and a database server. No billing word in here: this ring could carry any server.

pub mod breakers;
pub mod clock;
pub mod config;
pub mod config_error;
pub mod limits;
pub mod log_lines;
pub mod memory;
pub mod places;
pub mod postgres;
pub mod random;
pub mod seals;
pub mod secrets;
pub mod telemetry;
pub mod threads;
pub mod turns;
pub mod vitals;
