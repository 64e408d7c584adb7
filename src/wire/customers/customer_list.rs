//! What can the list of customers be asked? `?q=ana eng&metadata[tier]=gold&sort=name`.

use crate::domain::ids;
use crate::wire::listing::{Field, Kind, List, Mark, Shape, Sort};

/// The list of customers.
#[derive(Debug)]
pub struct Customers;

impl List for Customers {
    const SHAPE: &'static Shape = &Shape {
        fields: &[
            Field::EXTERNAL_ID,
            Field::new(
                "name",
                Kind::Caseless,
                "Those of this name, whatever the capitals; `q` finds parts of it.",
            ),
            Field::new("email", Kind::Caseless, "Those with this address, whatever the capitals."),
            Field::CURRENCY,
            Field::new("parent_id", Kind::Id(ids::CustomerId::PREFIX), "Those that belong to this customer."),
            Field::new(
                "payer_id",
                Kind::Id(ids::CustomerId::PREFIX),
                "Those that this account pays for, itself among them.",
            ),
            Field::new(
                "entity_id",
                Kind::Id(ids::EntityId::PREFIX),
                "Those that buy from this legal entity.",
            ),
            Field::CREATED_AT,
            Field::METADATA,
        ],
        sorts: &[Sort { field: "name", marks: &[Mark::Text] }],
        expands: &[],
        searched: "name, email and external id",
        columns: &[
            "id",
            "external_id",
            "name",
            "email",
            "currency",
            "time_zone",
            "address",
            "tax_ids",
            "tax_exemptions",
            "payment_terms_days",
            "default_payment_method_id",
            "metadata",
            "version",
            "created_at",
            "parent_id",
            "pays",
            "payer_id",
            "invoice_grouping",
            "entity_id",
        ],
    };
}
