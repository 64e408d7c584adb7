//! Price models read from JSON and written back, and what is said of those that cannot be read.

use super::*;

fn read(json: &str) -> Result<catalog::PriceModel, Vec<(String, String)>> {
    let body: ModelBody = serde_json::from_str(json).unwrap();
    let mut faults = Faults::none();
    let model = body.read("/model", &mut faults);
    match faults.into_result() {
        Ok(()) => Ok(model.unwrap()),
        Err(invalid) => Err(invalid.errors.into_iter().map(|e| (e.pointer, e.code)).collect()),
    }
}

fn fault(json: &str) -> (String, String) {
    read(json).unwrap_err().remove(0)
}

fn at(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

#[test]
fn every_model_is_read_with_all_its_digits_and_written_back_alike() {
    let tiers = r#"[{"up_to":"100","unit_amount":"0.10","flat_amount":"0"},{"up_to":null,"unit_amount":"0.002500","flat_amount":"10.00"}]"#;
    for json in [
        r#"{"type":"flat","amount":"31.00"}"#,
        r#"{"type":"per_unit","unit_amount":"0.002500"}"#,
        r#"{"type":"package","amount":"5.00","size":"100"}"#,
        &format!(r#"{{"type":"graduated","tiers":{tiers}}}"#),
        &format!(r#"{{"type":"volume","tiers":{tiers}}}"#),
        &format!(r#"{{"type":"stairstep","tiers":{tiers}}}"#),
        r#"{"type":"percentage","percent":"2.9","fixed_amount":"0.30","per_event_minimum":null,"per_event_maximum":"10.00"}"#,
        r#"{"type":"matrix","dimensions":["model"],"cells":[{"values":{"model":"large"},"unit_amount":"0.002"}],"default_unit_amount":"0.001"}"#,
        r#"{"type":"dynamic","markup_percent":"20"}"#,
        r#"{"type":"commitment","amount":"500.00","prices":["calls"]}"#,
    ] {
        let model = read(json).unwrap();
        assert_eq!(serde_json::to_string(&PriceModel::from(&model)).unwrap(), json);
    }
}

#[test]
fn a_tier_may_leave_out_its_end_and_what_it_does_not_charge() {
    let json = r#"{"type":"graduated","tiers":[{"up_to":"5","flat_amount":"10"},{"unit_amount":"7"}]}"#;
    let catalog::PriceModel::Graduated { tiers } = read(json).unwrap() else { panic!("not graduated") };
    assert_eq!((tiers[0].unit_amount, tiers[1].flat_amount), Default::default());
    assert_eq!(tiers[1].up_to, None);
}

#[test]
fn an_amount_as_a_number_is_refused() {
    assert_eq!(fault(r#"{"type":"flat","amount":31.00}"#), at("/model/amount", "wrong_type"));
}

#[test]
fn a_blank_signed_or_overlong_amount_is_refused() {
    for bad in ["", " ", "+1", "1e3", "1,5", "0.0000000000001", "1234567890123456"] {
        let json = format!(r#"{{"type":"flat","amount":"{bad}"}}"#);
        assert_eq!(fault(&json), at("/model/amount", "bad_decimal"), "{bad}");
    }
}

#[test]
fn a_model_that_is_not_there_names_those_that_are() {
    let json = r#"{"type":"auction","tiers":[]}"#;
    assert_eq!(fault(json), at("/model/type", "model_not_supported"));
    let body: ModelBody = serde_json::from_str(json).unwrap();
    let mut faults = Faults::none();
    body.read("/model", &mut faults);
    let detail = faults.into_result().unwrap_err().to_string();
    assert_eq!(
        detail,
        "there is no price model \"auction\"; there are flat, per_unit, package, graduated, volume, stairstep, percentage, matrix, dynamic, commitment"
    );
}

#[test]
fn unknown_and_missing_fields_are_named() {
    let found = read(r#"{"type":"flat","unit_amount":"1"}"#).unwrap_err();
    assert_eq!(found, [at("/model/unit_amount", "unknown_field"), at("/model/amount", "missing_field")]);
    assert_eq!(fault("{}"), at("/model/type", "missing_field"));
    assert_eq!(fault(r#"{"type":7}"#), at("/model/type", "wrong_type"));
    let found = read(r#"{"type":"package","amount":5}"#).unwrap_err();
    assert_eq!(found, [at("/model/amount", "wrong_type"), at("/model/size", "missing_field")]);
    let found = read(r#"{"type":"volume","amount":"5"}"#).unwrap_err();
    assert_eq!(found, [at("/model/amount", "unknown_field"), at("/model/tiers", "missing_field")]);
}

#[test]
fn every_tier_that_cannot_be_read_is_named_with_its_place() {
    let json = r#"{"type":"graduated","tiers":[
        {"up_to":100,"unit_amount":"0.10"}, {"up_to":"1e3","unit_amount":null,"flat_amount":"x"},
        {"up_to":"5000"}, {"to":"9","unit_amount":"1"}, "and so on"]}"#;
    assert_eq!(
        read(json).unwrap_err(),
        [
            at("/model/tiers/0/up_to", "wrong_type"),
            at("/model/tiers/1/up_to", "bad_decimal"),
            at("/model/tiers/1/unit_amount", "wrong_type"),
            at("/model/tiers/1/flat_amount", "bad_decimal"),
            at("/model/tiers/2", "missing_field"),
            at("/model/tiers/3/to", "unknown_field"),
            at("/model/tiers/4", "wrong_type"),
        ]
    );
    assert_eq!(fault(r#"{"type":"stairstep","tiers":"100"}"#), at("/model/tiers", "wrong_type"));
}

#[test]
fn a_cell_names_a_value_for_each_dimension_and_no_other() {
    let matrix = |values: &str| {
        format!(
            r#"{{"type":"matrix","dimensions":["model"],"cells":[{{"values":{values},"unit_amount":"1"}}]}}"#
        )
    };
    assert_eq!(fault(&matrix("{}")), at("/model/cells/0/values/model", "missing_field"));
    assert_eq!(
        fault(&matrix(r#"{"model":"large","region":"eu"}"#)),
        at("/model/cells/0/values/region", "unknown_dimension")
    );
    assert_eq!(fault(&matrix(r#"{"model":7}"#)), at("/model/cells/0/values/model", "missing_field"));
}
