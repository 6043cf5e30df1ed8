use super::*;

#[test]
fn what_was_not_confirmed_is_told_from_what_was_not_better() {
    let said = |confirmed, unconfirmed| reason(None, "m", confirmed, unconfirmed);
    assert!(said(0, 0).starts_with("no mixture of these models was right more often than m alone"));
    assert!(said(0, 2).ends_with("none of them was confirmed: the budget does not suffice"));
    assert!(said(1, 1).starts_with("no mixture of these models was shown to beat"));
}
