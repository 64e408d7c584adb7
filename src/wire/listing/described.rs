//! How is the query of a list described? Each field with its ranges as parameters of their own, so that every generated client has them.

use std::marker::PhantomData;

use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type,
};
use utoipa::openapi::{RefOr, Required, Schema};

use super::fields::{Field, Kind};
use super::{List, Shape};

/// The parameters of a list.
#[derive(Debug)]
pub struct ListQuery<L>(PhantomData<L>);

impl<L: List> IntoParams for ListQuery<L> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let shape = L::SHAPE;
        let mut parameters = paging(shape);
        for field in shape.fields {
            parameters.extend(of_field(field));
        }
        parameters
    }
}

fn paging(shape: &Shape) -> Vec<Parameter> {
    let limit = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(1000))
        .default(Some(50.into()));
    let mut parameters = vec![
        parameter("limit", "Rows of the page: 1 to 1000, 50 when left out.", limit.into()),
        parameter("after", "A `next_cursor`: the page after it.", text()),
        parameter("before", "A cursor: the page before it.", text()),
        parameter(
            "sort",
            "Newest first when left out; `-` means downwards. What has no such value is left out.",
            words(shape.sort_words()),
        ),
        parameter("totals", "Whether to count the whole list, and sum it by currency.", flag()),
    ];
    if !shape.searched.is_empty() {
        parameters.push(parameter(
            "q",
            &format!("Words, or beginnings of words, of {}.", shape.searched),
            text(),
        ));
    }
    if !shape.expands.is_empty() {
        let named = shape.expands.iter().map(|name| (*name).to_owned()).collect();
        parameters.push(parameter(
            "expand",
            "What to show with each row, with commas between.",
            list(words(named)),
        ));
    }
    parameters
}

fn of_field(field: &Field) -> Vec<Parameter> {
    let schema = schema_of(field.kind);
    if let Kind::Metadata = field.kind {
        let entries = ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::RefOr(text())));
        let described = described(field.name, field.about, entries.into());
        return vec![described.style(Some(ParameterStyle::DeepObject)).explode(Some(true)).build()];
    }
    let mut parameters = vec![parameter(field.name, field.about, schema.clone())];
    if field.kind.has_ranges() {
        let ranges = [
            ("gte", "Not before, or not less than, this."),
            ("gt", "After, or more than, this."),
            ("lte", "Not after, or not more than, this."),
            ("lt", "Before, or less than, this."),
        ];
        let range = |(word, about): (&str, &str)| {
            parameter(&format!("{}[{word}]", field.name), about, schema.clone())
        };
        parameters.extend(ranges.map(range));
    }
    parameters
}

fn described(name: &str, about: &str, schema: RefOr<Schema>) -> ParameterBuilder {
    let parameter =
        ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query).required(Required::False);
    parameter.description(Some(about)).schema(Some(schema))
}

fn parameter(name: &str, about: &str, schema: RefOr<Schema>) -> Parameter {
    let is_list = matches!(&schema, RefOr::T(Schema::Array(_)));
    let parameter = described(name, about, schema);
    // With commas between: `status=open,paid`.
    if is_list {
        parameter.style(Some(ParameterStyle::Form)).explode(Some(false)).build()
    } else {
        parameter.build()
    }
}

fn schema_of(kind: Kind) -> RefOr<Schema> {
    match kind {
        Kind::Day => ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .into(),
        Kind::Instant => example(text_object(), "2026-01-31T00:00:00Z"),
        Kind::Amount => example(text_object().pattern(Some(r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$")), "10.00"),
        Kind::Text | Kind::Caseless | Kind::Metadata => text(),
        Kind::Number => list(example(text_object(), "INV-000042")),
        Kind::Currency => list(example(text_object().pattern(Some("^[A-Z]{3}$")), "EUR")),
        Kind::Id(prefix) => {
            list(text_object().pattern(Some(format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"))).into())
        }
        Kind::Word(known) => list(words(known.iter().map(|word| (*word).to_owned()).collect())),
        Kind::Flag => flag(),
    }
}

fn text_object() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn example(object: ObjectBuilder, example: &str) -> RefOr<Schema> {
    object.examples([example]).into()
}

fn text() -> RefOr<Schema> {
    text_object().into()
}

fn flag() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Boolean).into()
}

fn words(known: Vec<String>) -> RefOr<Schema> {
    text_object().enum_values(Some(known)).into()
}

fn list(items: RefOr<Schema>) -> RefOr<Schema> {
    ArrayBuilder::new().items(items).into()
}
