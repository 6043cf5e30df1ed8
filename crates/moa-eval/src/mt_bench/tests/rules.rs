//! Rules that small cases show.

use super::*;
use crate::EvalError;

#[test]
fn the_grade_is_the_first_in_double_brackets_or_else_in_single_ones() {
    let cases = [
        ("Rating: [[5]]", Score::Whole(5)),
        ("[[5.]]", Score::Decimal(5.0)),
        ("[[9.5]] or rather [[3]]", Score::Decimal(9.5)),
        ("[3] but [[7]]", Score::Whole(7)),
        ("[[[8]]]", Score::Whole(8)),
        ("[4]", Score::Whole(4)),
        ("[[4]", Score::Whole(4)),
        ("[[ 4 ]] [[x]] [6.25]", Score::Decimal(6.25)),
        ("[[0]]", Score::Whole(0)),
        ("[[10.25]]", Score::Decimal(10.25)),
        ("[[11]]", Score::Whole(11)),
        ("[[07]]", Score::Whole(7)),
        ("[[-1]]", Score::NONE),
        ("[[1,5]]", Score::NONE),
        ("[[.5]]", Score::NONE),
        ("[[٥]]", Score::NONE),
        ("8/10", Score::NONE),
        (API_ERROR, Score::NONE),
        ("", Score::NONE),
    ];
    for (judgment, score) in cases {
        assert_eq!(extract_score(judgment), score, "{judgment}");
    }
}

#[test]
fn whole_grades_are_written_as_whole_numbers() {
    for (score, text) in [(Score::Whole(5), "5"), (Score::Decimal(5.0), "5.0"), (Score::NONE, "-1")] {
        assert_eq!(serde_json::to_string(&score).unwrap(), text);
        assert_eq!(serde_json::from_str::<Score>(text).unwrap(), score);
    }
}

#[test]
fn a_temperature_follows_from_force_question_or_category() {
    let mut asked = question(1, "humanities", &["a", "b"]);
    assert_eq!(temperature(&asked, None).unwrap().to_string(), "0.1");
    assert_eq!(temperature(&asked, Some(0.3)).unwrap().to_string(), "0.3");
    asked.required_temperature = Some(1.0);
    assert_eq!(temperature(&asked, None).unwrap().to_string(), "1");
    assert!(temperature(&asked, Some(0.3)).is_err());
    let of = |category| temperature(&question(1, category, &[]), None).unwrap().to_string();
    assert_eq!(["writing", "math", "stem", "else"].map(of), ["0.7", "0", "0.1", "0.7"]);
}

#[test]
fn answers_are_sorted_and_the_last_of_each_question_stays() {
    let text = r#"
{"question_id": 82, "answer_id": "x", "model_id": "m", "choices": [{"index": 0, "turns": ["old", "b"]}], "tstamp": 1.25}
{"question_id": 81, "answer_id": "y", "model_id": "m", "choices": [{"index": 0, "turns": ["a", "b"]}], "tstamp": 2}
{"question_id": 82, "answer_id": "z", "model_id": "m", "choices": [{"index": 0, "turns": ["new", "b"]}], "tstamp": 3}
"#;
    let answers = latest_by_question(read_answers(text.as_bytes()).unwrap());
    assert_eq!(answers.iter().map(|answer| answer.answer_id.as_str()).collect::<Vec<_>>(), ["y", "z"]);
    assert_eq!(read_answers(write_answers(&answers).unwrap().as_bytes()).unwrap(), answers);
}

#[test]
fn the_prompt_follows_from_category_and_turn() {
    let prompts = prompts();
    let reference = answer(1, &["r1", "r2"]);
    let given = answer(1, &["{answer}", "b2"]);
    let ask = |category, turn| {
        let question = question(1, category, &["q1", "q2"]);
        let of = Match { question: &question, reference: Some(&reference), turn };
        prompts.single(&of, &given).map(|request| (request.prompt, request.user))
    };
    let expect = |name: &str, user: &str| (name.to_owned(), user.to_owned());
    assert_eq!(ask("stem", Turn::First).unwrap(), expect("single-v1", "Q q1 A {answer}"));
    assert_eq!(ask("math", Turn::First).unwrap(), expect("single-math-v1", "Q q1 R r1 A {answer}"));
    assert_eq!(ask("stem", Turn::Second).unwrap(), expect("single-v1-multi-turn", "Q q1 q2 A {answer} b2"));
    assert_eq!(
        ask("coding", Turn::Second).unwrap(),
        expect("single-math-v1-multi-turn", "R r1 r2 A {answer} b2")
    );
}

#[test]
fn what_cannot_be_judged_is_said() {
    let prompts = prompts();
    let asked = question(101, "reasoning", &["q1", "q2"]);
    let of = |reference, turn| Match { question: &asked, reference, turn };
    let (full, short) = (answer(101, &["a", "b"]), answer(101, &["a"]));
    let error = prompts.single(&of(None, Turn::First), &full).unwrap_err();
    assert!(matches!(&error, EvalError::Unjudgeable { question, .. } if question == "101"), "{error}");
    assert!(prompts.single(&of(Some(&short), Turn::First), &full).is_ok());
    assert!(prompts.single(&of(Some(&short), Turn::Second), &full).is_err());
    assert!(prompts.single(&of(Some(&full), Turn::Second), &short).is_err());
    let empty = Answer { choices: vec![], ..full.clone() };
    assert!(prompts.single(&of(Some(&full), Turn::First), &empty).is_err());
    assert!(matches!(prompts.of("pair-v3"), Err(EvalError::UnknownEntry { .. })));
}

#[test]
fn judging_goes_by_turn_and_then_by_reference() {
    let questions =
        [question(1, "math", &["a", "b"]), question(2, "stem", &["a", "b"]), question(3, "writing", &["a"])];
    let order: Vec<_> = judging_order(&questions)
        .iter()
        .map(|(question, turn)| (question.question_id.to_string(), *turn))
        .collect();
    let expected = [
        ("2", Turn::First),
        ("3", Turn::First),
        ("1", Turn::First),
        ("2", Turn::Second),
        ("1", Turn::Second),
    ];
    assert_eq!(order, expected.map(|(id, turn)| (id.to_owned(), turn)));
}

#[test]
fn the_average_goes_over_rows_and_repeated_rows_count() {
    let questions = [question(1, "math", &["a", "b"]), question(2, "stem", &["a", "b"])];
    let judgments = [
        judgment(1, "weak", 1, Some(Score::Whole(1))),
        judgment(1, "strong", 1, Some(Score::Whole(9))),
        judgment(1, "strong", 1, Some(Score::Whole(9))),
        judgment(2, "strong", 1, Some(Score::NONE)),
        judgment(2, "strong", 2, Some(Score::Decimal(6.0))),
        judgment(2, "strong", 2, None),
    ];
    let scores = score_single(&judgments, &questions).unwrap();
    let strong = &scores[0];
    assert_eq!((strong.model.as_str(), strong.turn_1, strong.turn_2), ("strong", Some(9.0), Some(6.0)));
    assert_eq!(strong.average, Some(8.0));
    assert_eq!((strong.n_turn_1, strong.n_turn_2, strong.n_invalid), (2, 1, 2));
    assert_eq!(strong.categories.get("stem"), Some(&6.0));
    assert_eq!((scores[1].model.as_str(), scores[1].turn_2), ("weak", None));
    assert!(score_single(&[judgment(1, "x", 1, Some(Score::NONE))], &questions).is_err());
}
