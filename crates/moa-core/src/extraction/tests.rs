use super::*;

fn found(form: AnswerForm, text: &str) -> Option<String> {
    extract(form, text).map(|found| found.to_string())
}

#[test]
fn a_marked_answer_is_found_wherever_it_is_marked() {
    for (text, expected) in [
        ("So 3 + 4.\n#### 7", "7"),
        ("thus \\boxed{\\$1{,}000}.", "1000"),
        ("Steps: 1, 2.\n**Answer:** 18.0", "18"),
        ("Answer: Paris.\nThat is all, 2 of 2.", "paris"),
        ("The answer is: **New  York**.", "new york"),
        ("Final answer: $5.00", "5"),
        ("#### 18 dollars", "18 dollars"),
        ("> answer: B", "b"),
    ] {
        assert_eq!(found(AnswerForm::Marked, text).as_deref(), Some(expected), "{text}");
    }
    for text in ["", "It is 42.", "Answer:", "Answers: 3", "answer: \n"] {
        assert_eq!(found(AnswerForm::Marked, text), None, "{text}");
    }
}

#[test]
fn every_form_looks_in_its_own_way() {
    let text = "I think (C), for 3 of 4 reasons.\n\nSo it is Blue!";
    assert_eq!(found(AnswerForm::Number, text).as_deref(), Some("4"));
    assert_eq!(found(AnswerForm::Choice, text).as_deref(), Some("C"));
    assert_eq!(found(AnswerForm::Text, text).as_deref(), Some("so it is blue"));
    assert_eq!(found(AnswerForm::Whole, " Yes,\n it is. ").as_deref(), Some("yes, it is"));
    assert_eq!(found(AnswerForm::Whole, "  "), None);
}

#[test]
fn numbers_that_are_written_differently_are_one_answer() {
    let answer = |text| extract(AnswerForm::Marked, text);
    assert_eq!(answer("#### 18"), answer("Answer: $18.00"));
    assert_eq!(answer("\\boxed{\\frac{1}{2}}"), answer("Answer: 0.5"));
    assert_ne!(answer("#### 18"), answer("#### 18.5"));
    assert_ne!(answer("#### 18"), None);
}
