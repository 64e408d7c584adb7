//! Which of several shapes is meant? What is one of a few objects says which by a field, such as `type` of a price model: each of them becomes a schema with a
//! name, `PriceModelFlat`, and the field leads to it.

use serde_json::{Map, Value, json};

/// Names the variants of each schema that is one of several objects, and says which field tells them apart.
pub(super) fn describe(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    let mut named = Map::new();
    for (name, schema) in schemas.iter_mut() {
        let Some(variants) = schema["oneOf"].as_array().cloned() else { continue };
        let Some(field) = telling_field(&variants) else { continue };
        let (mut references, mut mapping) = (Vec::new(), Map::new());
        for variant in variants {
            let value = value_of(&variant, &field).unwrap_or_default().to_owned();
            let variant_name = format!("{name}{}", capitalized(&value));
            let reference = format!("#/components/schemas/{variant_name}");
            references.push(json!({ "$ref": reference }));
            mapping.insert(value, reference.into());
            named.insert(variant_name, variant);
        }
        schema["oneOf"] = references.into();
        schema["discriminator"] = json!({ "propertyName": field, "mapping": mapping });
    }
    for (name, schema) in named {
        schemas.entry(name).or_insert(schema);
    }
}

/// The required field that has one value in each variant, and another in every one.
fn telling_field(variants: &[Value]) -> Option<String> {
    let first = variants.first()?["properties"].as_object()?;
    let tells = |field: &&String| {
        let values: Vec<&str> = variants.iter().filter_map(|variant| value_of(variant, field)).collect();
        let mut apart = values.clone();
        apart.sort_unstable();
        apart.dedup();
        values.len() == variants.len() && apart.len() == values.len() && variants.len() > 1
    };
    first.keys().find(tells).cloned()
}

fn value_of<'v>(variant: &'v Value, field: &str) -> Option<&'v str> {
    let required = variant["required"].as_array()?.iter().any(|name| name == field);
    match variant["properties"][field]["enum"].as_array()?.as_slice() {
        [only] if required => only.as_str(),
        _ => None,
    }
}

/// `per_unit` is `PerUnit`.
fn capitalized(value: &str) -> String {
    let mut name = String::new();
    for part in value.split('_') {
        let mut letters = part.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_get_names_and_the_field_leads_to_them() {
        let variant = |value: &str| json!({ "type": "object", "required": ["type"], "properties": { "type": { "type": "string", "enum": [value] } } });
        let schemas = json!({ "Model": { "oneOf": [variant("flat"), variant("per_unit")] }, "Maybe": { "oneOf": [{ "type": "null" }] } });
        let mut document = json!({ "components": { "schemas": schemas } });
        describe(&mut document);
        let schemas = &document["components"]["schemas"];
        assert_eq!(
            schemas["Model"]["discriminator"]["mapping"]["per_unit"],
            "#/components/schemas/ModelPerUnit"
        );
        assert_eq!(schemas["ModelFlat"], variant("flat"));
        assert!(schemas["Maybe"]["discriminator"].is_null());
    }
}
