use super::*;

const OK: CallStatus = CallStatus::Ok;
const PARTIAL: CallStatus = CallStatus::Partial;

#[test]
fn whole_answers_go_first_then_agreement_then_the_order() {
    assert_eq!(best(&[]), None);
    assert_eq!(best(&[(OK, "buy gold"), (OK, "it is 42"), (OK, "it is 42")]), Some(1));
    assert_eq!(best(&[(PARTIAL, "it is 42"), (OK, "buy gold"), (PARTIAL, "it is 42")]), Some(1));
    assert_eq!(best(&[(OK, "same"), (OK, "same")]), Some(0));
}
