use super::*;

fn of_answers(texts: &[&str]) -> Option<f64> {
    agreement(AgreementMeasure::Answer { form: AnswerForm::Number }, texts)
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
    let of_words = |texts: &[&str]| agreement(AgreementMeasure::Words, texts).unwrap();
    assert!((of_words(&["it is so", "it is so"]) - 1.0).abs() < 1e-9);
    assert!(of_words(&["it is so", "no way"]) < 1e-9);
}
