//! Rows of an import file read: what they say, and everything that is wrong with them at once.

use super::*;

const GOOD: [&str; 9] = [
    "7590-VHVEG",
    "internet_dsl",
    "42.3",
    "USD",
    "2026-10-31",
    "31",
    "12",
    "card",
    "OnlineBackup TechSupport",
];

fn row(change: &[(usize, &'static str)]) -> Result<Row, Vec<LineError>> {
    let mut cells = GOOD;
    for (n, text) in change {
        cells[*n] = text;
    }
    read_row(Cells { line: 2, cells })
}

fn columns(refused: Result<Row, Vec<LineError>>) -> Vec<String> {
    refused.unwrap_err().into_iter().filter_map(|e| e.column).collect()
}

#[test]
fn a_row_says_who_pays_how_much_for_what_from_when() {
    let row = row(&[]).unwrap();
    assert_eq!((row.monthly.to_string().as_str(), row.anchor_day), ("42.30 USD", Some(31)));
    assert_eq!(row.start_at().to_rfc3339(), "2026-10-31T00:00:00+00:00");
    assert_eq!(row.payment.collection(), Collection::Automatic);
    let kept = [("contract_term_months", "12"), ("services", "OnlineBackup TechSupport")];
    assert_eq!(row.metadata(), kept.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
}

#[test]
fn optional_cells_may_be_blank() {
    let row = row(&[(5, ""), (6, ""), (7, "offline"), (8, "")]).unwrap();
    assert_eq!((row.anchor_day, row.contract_term_months, row.services.as_deref()), (None, None, None));
    assert_eq!(row.payment.collection(), Collection::SendInvoice);
    assert!(row.metadata().is_empty());
}

#[test]
fn everything_wrong_with_a_row_is_reported_at_once() {
    let wrong =
        row(&[(0, ""), (1, "a b"), (2, "1.999"), (4, "31.10.2026"), (5, "32"), (6, "0"), (7, "cash")]);
    let named = [
        "customer_external_id",
        "plan_code",
        "monthly_amount",
        "start_date",
        "anchor_day",
        "contract_term_months",
        "payment",
    ];
    assert_eq!(columns(wrong), named);
}

#[test]
fn amounts_fit_their_currency_and_are_not_negative() {
    for bad in ["", " 5", "-1", "5,00", "1e3", "NaN", "0.001", "99999999999999999999"] {
        assert_eq!(columns(row(&[(2, bad)])), ["monthly_amount"], "{bad:?}");
    }
    assert_eq!(columns(row(&[(2, "42.3"), (3, "JPY")])), ["monthly_amount"]);
    assert_eq!(columns(row(&[(3, "usd")])), ["currency"]);
    assert!(row(&[(2, "0")]).unwrap().monthly.is_zero());
}

#[test]
fn dates_are_days_that_exist_written_in_full() {
    assert!(row(&[(4, "2024-02-29")]).is_ok());
    for bad in [
        "2026-02-29",
        "2026-1-1",
        "26-01-01",
        "2026/01/01",
        "1969-12-31",
        "2200-01-01",
        "",
        "2026-01-01T00:00:00Z",
    ] {
        assert_eq!(columns(row(&[(4, bad)])), ["start_date"], "{bad:?}");
    }
}

#[test]
fn an_anchor_is_a_day_of_the_month() {
    for bad in ["0", "32", "1.5", "+1", "-1", "first", "99999999999"] {
        assert_eq!(columns(row(&[(5, bad)])), ["anchor_day"], "{bad:?}");
    }
}

#[test]
fn a_header_may_have_its_columns_in_any_order_and_leave_out_optional_ones() {
    let places = read_header(&[
        "payment",
        "start_date",
        "currency",
        "monthly_amount",
        "plan_code",
        "customer_external_id",
    ])
    .unwrap();
    assert_eq!(places, [Some(5), Some(4), Some(3), Some(2), Some(1), None, None, Some(0), None]);
}

#[test]
fn a_header_with_unknown_repeated_and_missing_columns_tells_each() {
    let errors =
        read_header(&["plan_code", "plan_code", "price", "currency", "start_date", "payment"]).unwrap_err();
    let reported: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(reported[0].starts_with("line 1, plan_code: this column is there twice"));
    assert!(reported[1].starts_with(
        "line 1: there is no column \"price\"; the columns are customer_external_id, plan_code"
    ));
    assert_eq!(
        reported[2..],
        [
            "line 1, customer_external_id: this column is missing",
            "line 1, monthly_amount: this column is missing"
        ]
    );
}

#[test]
fn a_customer_may_have_several_subscriptions_but_one_payment_method() {
    let first = row(&[]).unwrap();
    let other_plan = Row { line: 3, plan_code: "internet_fiber".into(), ..first.clone() };
    let offline = Row { line: 4, plan_code: "phone".into(), payment: Payment::Offline, ..first.clone() };
    assert_eq!(check_together(&[first.clone(), other_plan.clone(), offline.clone()]), []);
    let by_bank = Row { line: 5, payment: Payment::BankTransfer, plan_code: "tv".into(), ..first.clone() };
    let again = Row { line: 6, ..first.clone() };
    let reported: Vec<String> =
        check_together(&[first, by_bank, again]).iter().map(ToString::to_string).collect();
    let method =
        "line 5, payment: 7590-VHVEG pays by card on line 2: an import gives a customer one payment method";
    assert_eq!(
        reported,
        [method, "line 6: 7590-VHVEG has plan internet_dsl from 2026-10-31 on line 2 already"]
    );
}
