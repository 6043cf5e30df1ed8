use super::*;

const WHOLE: bool = true;
const CUT: bool = false;

#[test]
fn whole_answers_go_first_then_agreement_then_the_order() {
    assert_eq!(best(&[]), None);
    assert_eq!(best(&[(WHOLE, "buy gold"), (WHOLE, "it is 42"), (WHOLE, "it is 42")]), Some(1));
    assert_eq!(best(&[(CUT, "it is 42"), (WHOLE, "buy gold"), (CUT, "it is 42")]), Some(1));
    assert_eq!(best(&[(WHOLE, "same"), (WHOLE, "same")]), Some(0));
}
