//! When must the embedded migrations be read again? Whenever a file comes or goes under `migrations/`.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
