//! TypeIDs in the valid and invalid examples of their specification, and in properties over all UUIDs.

use super::*;
use proptest::prelude::*;

use crate::domain::laws::tried;

fn uuid(text: &str) -> Uuid {
    text.parse().unwrap()
}

#[test]
fn the_valid_examples_of_the_specification_are_read_and_written() {
    for (suffix, number) in [
        ("00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
        ("00000000000000000000000001", "00000000-0000-0000-0000-000000000001"),
        ("0000000000000000000000000a", "00000000-0000-0000-0000-00000000000a"),
        ("0000000000000000000000000g", "00000000-0000-0000-0000-000000000010"),
        ("00000000000000000000000010", "00000000-0000-0000-0000-000000000020"),
        ("7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ("0123456789abcdefghjkmnpqrs", "0110c853-1d09-52d8-d73e-1194e95b5f19"),
        ("01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ("01h2xcejqtf2nbrexx3vqjhp41", "0188bac7-4afa-78aa-bc3b-bd1eef28d881"),
    ] {
        let id = CustomerId::from_uuid(uuid(number));
        assert_eq!(id.to_string(), format!("cus_{suffix}"));
        assert_eq!(format!("cus_{suffix}").parse(), Ok(id));
        assert_eq!(parse(&format!("pre_fix_{suffix}"), "pre_fix"), Ok(id.uuid()));
    }
}

#[test]
fn the_invalid_examples_of_the_specification_are_refused() {
    let long_prefix = format!("{}_00000000000000000000000000", "a".repeat(64));
    for text in [
        "PREFIX_00000000000000000000000000",
        "12345_00000000000000000000000000",
        "pre.fix_00000000000000000000000000",
        "préfix_00000000000000000000000000",
        "  prefix_00000000000000000000000000",
        &long_prefix,
        "_00000000000000000000000000",
        "_prefix_00000000000000000000000000",
        "prefix__00000000000000000000000000",
        "_",
        "",
        "prefix_",
        "cus_1234567890123456789012345",
        "cus_123456789012345678901234567",
        "cus_1234567890123456789012345 ",
        "cus_0123456789ABCDEFGHJKMNPQRS",
        "cus_123456789-123456789-123456",
        "cus_ooooooiiiiiiuuuuuuulllllll",
        "cus_i23456789ol23456789oi23456",
        "cus_123456789-0123456789-0123456",
        "cus_8zzzzzzzzzzzzzzzzzzzzzzzzz",
        "cus_éééééééééééééééééééééééééé",
        "cus_ééééééééééééé",
        "00000000000000000000000000",
        "0188bac7-4afa-78aa-bc3b-bd1eef28d881",
    ] {
        assert_eq!(text.parse::<CustomerId>(), Err(IdError::Malformed), "{text}");
    }
}

#[test]
fn an_id_of_another_kind_is_refused_by_name() {
    let refused = "prod_01h2xcejqtf2nbrexx3vqjhp41".parse::<CustomerId>().unwrap_err();
    assert_eq!(refused, IdError::WrongPrefix { expected: "cus", found: "prod".into() });
    let sentence = "an id starting with \"cus_\" belongs here, not one starting with \"prod_\"";
    assert_eq!(refused.to_string(), sentence);
}

#[test]
fn an_id_travels_as_its_text() {
    let id = InvoiceId::from_uuid(uuid("0188bac7-4afa-78aa-bc3b-bd1eef28d881"));
    let json = "\"inv_01h2xcejqtf2nbrexx3vqjhp41\"";
    assert_eq!(serde_json::to_string(&id).unwrap(), json);
    assert_eq!(serde_json::from_str::<InvoiceId>(json).unwrap(), id);
    let refused = serde_json::from_str::<CustomerId>(json).unwrap_err().to_string();
    assert!(refused.contains("starting with \"cus_\""), "{refused}");
}

#[test]
fn every_kind_has_its_own_prefix() {
    let prefixes = [
        TenantId::PREFIX,
        ApiKeyId::PREFIX,
        CustomerId::PREFIX,
        ProductId::PREFIX,
        PlanId::PREFIX,
        PriceId::PREFIX,
        SubscriptionId::PREFIX,
        ItemId::PREFIX,
        ItemVersionId::PREFIX,
        InvoiceId::PREFIX,
        PaymentId::PREFIX,
        PaymentMethodId::PREFIX,
        BillRunId::PREFIX,
        EventId::PREFIX,
        RequestId::PREFIX,
        MeterId::PREFIX,
    ];
    assert!(prefixes.iter().all(|prefix| is_prefix(prefix)));
    assert_eq!(prefixes.iter().collect::<std::collections::BTreeSet<_>>().len(), prefixes.len());
}

#[test]
fn a_version_7_uuid_is_its_time_then_its_counter_then_its_random_bits() {
    let id = uuid_v7(0x0188_bac7_4afa, 0x2bf_ffff_fffe, 0xdead_beef);
    assert_eq!(id, uuid("0188bac7-4afa-7aff-bfff-fffedeadbeef"));
    assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
    assert_eq!(uuid_v7(u64::MAX, u64::MAX, u32::MAX), uuid("ffffffff-ffff-7fff-bfff-ffffffffffff"));
    assert_eq!(uuid_v7(0, 0, 0), uuid("00000000-0000-7000-8000-000000000000"));
}

proptest! {
    #![proptest_config(tried())]

    #[test]
    fn every_uuid_is_read_back_from_its_text_and_sorts_like_it(one in any::<u128>(), other in any::<u128>()) {
        let [one, other] = [one, other].map(|bits| EventId::from_uuid(Uuid::from_u128(bits)));
        prop_assert_eq!(one.to_string().parse(), Ok(one));
        prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
    }

    #[test]
    fn one_text_only_stands_for_an_id(text in "cus_[0-9a-z]{26}") {
        if let Ok(id) = text.parse::<CustomerId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn no_text_makes_reading_panic(text in "\\PC{0,40}") {
        let _ = (text.parse::<TenantId>(), format!("ten_{text}").parse::<TenantId>());
    }

    #[test]
    fn later_ids_sort_after_earlier_ones(
        millis in 0..1_u64 << 48, counter in 0..(1_u64 << 42) - 1, random in any::<(u32, u32)>()
    ) {
        let id = uuid_v7(millis, counter, random.0);
        prop_assert!(id < uuid_v7(millis, counter + 1, random.1));
        prop_assert!(id < uuid_v7(millis + 1, 0, random.1) || millis + 1 == 1 << 48);
        prop_assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
    }
}
