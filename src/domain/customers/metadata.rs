//! What may a caller note on a resource? Up to 50 string pairs, such as `crm_id` → `A-1042`; kept and given back, never read by us.

use std::collections::BTreeMap;

use crate::domain::fields::{Faults, below};

/// String pairs a caller keeps with a resource.
pub type Metadata = BTreeMap<String, String>;

const PAIRS: usize = 50;
const KEY_LENGTH: usize = 64;
const VALUE_LENGTH: usize = 1_000;

/// Notes each pair that cannot be kept. A value may be empty; a key may not.
pub fn check(metadata: &Metadata, faults: &mut Faults) {
    if metadata.len() > PAIRS {
        faults.add("/metadata", "too_many", format_args!("metadata holds at most {PAIRS} pairs"));
        return;
    }
    for (key, value) in metadata {
        let pointer = below("/metadata", key);
        faults.check_text(&pointer, key, KEY_LENGTH);
        if value.chars().nth(VALUE_LENGTH).is_some() {
            faults.add(
                &pointer,
                "too_long",
                format_args!("a metadata value has at most {VALUE_LENGTH} characters"),
            );
        }
        // Line breaks are welcome in a note; U+0000 is what PostgreSQL cannot store.
        if value.contains('\0') {
            faults.add(&pointer, "control_character", "a metadata value cannot hold the character U+0000");
        }
    }
}
