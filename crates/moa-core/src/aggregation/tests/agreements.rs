use super::*;

const BY_NUMBER: AgreementMeasure = AgreementMeasure::Answer { form: AnswerForm::Number };

fn of_answers(texts: &[&str]) -> Option<f64> {
    agreement(BY_NUMBER, &Pool::texts(texts).candidates())
}

#[test]
fn agreement_is_the_share_of_the_most_frequent_answer_among_all() {
    assert_eq!(of_answers(&["4", "it is 4.0", "5", "none"]), Some(0.5));
    assert_eq!(of_answers(&["4", "4"]), Some(1.0));
    assert_eq!(of_answers(&["x", "y"]), Some(0.0));
    assert_eq!(of_answers(&["4"]), None, "one answer agrees with nobody");
    assert_eq!(of_answers(&[]), None);
}

#[test]
fn agreement_of_words_needs_no_answer_of_any_form() {
    let of_words =
        |texts: &[&str]| agreement(AgreementMeasure::Words, &Pool::texts(texts).candidates()).unwrap();
    assert!((of_words(&["it is so", "it is so"]) - 1.0).abs() < 1e-9);
    assert!(of_words(&["it is so", "no way"]) < 1e-9);
}

#[test]
fn who_was_cut_short_agrees_with_nobody_unless_all_were() {
    let pool = Pool::texts(&["4", "4", "4", "it is 9"]);
    assert_eq!(agreement(BY_NUMBER, &pool.cut_short(&[0, 1, 2])), Some(0.25));
    assert_eq!(agreement(BY_NUMBER, &pool.cut_short(&[0, 1, 2, 3])), Some(0.75));
    let words = |texts: &[&str], cut: &[usize]| {
        agreement(AgreementMeasure::Words, &Pool::texts(texts).cut_short(cut)).unwrap()
    };
    // Of the three pairs of texts that are all alike, one is of whole texts.
    assert!((words(&["so", "so", "so"], &[2]) - 1.0 / 3.0).abs() < 1e-9);
    assert!(words(&["so", "so", "so"], &[1, 2]) < 1e-9);
    assert!((words(&["so", "so", "so"], &[0, 1, 2]) - 1.0).abs() < 1e-9);
}
