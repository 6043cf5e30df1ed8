use proptest::prelude::*;

use super::*;
use crate::runner::Vote;

fn found(text: &str) -> Option<String> {
    extract(TaskKind::Number, text)
}

fn task(kind: TaskKind, answers: &[&str]) -> Task {
    let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
    Task { id: "1".to_owned(), prompt: "?".to_owned(), answers, kind }
}

fn verdict(kind: TaskKind, answer: &str, text: &str) -> Verdict {
    mark(&task(kind, &[answer]), text).verdict
}

#[test]
fn numbers_are_found_where_a_text_says_its_answer() {
    let cases = [
        ("First 3, then 4. So she pays 18 dollars.", "18"),
        ("It is 3 + 4 = 7.\n#### 7\nChecked in 2 ways.", "7"),
        ("####\n12", "12"),
        ("#### $1,234.50 per year", "1234.5"),
        ("so \\boxed{\\$1{,}000} or 5", "1000"),
        ("\\boxed{x = 3}, not \\boxed{x = 2 + 2 = 4}. Done in 5 steps.", "4"),
        ("\\boxed{\\dfrac{3}{4}}", "3/4"),
        ("\\boxed{12\\text{ apples}}", "12"),
        ("\\boxed{none} at 3", "3"),
        ("#### 1\n\\boxed{2}", "2"),
        ("minus: -3", "-3"),
        ("5-3", "3"),
        ("(5)-3", "3"),
        ("\u{2212}0.50", "-0.5"),
        ("1,234,567", "1234567"),
        ("1,23", "23"),
        ("50%", "50"),
        ("2e3", "2000"),
        (".5", "0.5"),
        ("the 3rd", "3"),
        ("答えは18個です", "18"),
        ("5 of H2O and x1", "5"),
        ("It is **42**.", "42"),
        ("000", "0"),
    ];
    for (text, expected) in cases {
        assert_eq!(found(text).as_deref(), Some(expected), "{text}");
    }
    for text in ["", "none", "#### nothing", "\\boxed{"] {
        assert_eq!(found(text), None, "{text}");
    }
}

#[test]
fn numbers_are_compared_by_value() {
    let equal = |left: &str, right: &str| verdict(TaskKind::Number, left, right) == Verdict::Correct;
    for (left, right) in [
        ("18", "18.0"),
        ("#### 18", "$18.00"),
        ("1000", "1,000"),
        ("0.5", "1/2"),
        ("3/4", "\\frac{6}{8}"),
        ("-0", "0"),
        ("1e3", "1000"),
        ("123456789012345678901234567890", "123456789012345678901234567890.0"),
    ] {
        assert!(equal(left, right) && equal(right, left), "{left} and {right}");
    }
    for (left, right) in [
        ("33.3", "33.33"),
        ("18", "-18"),
        ("1/3", "0.3333"),
        ("12345678901234567890123456789012345678901", "12345678901234567890123456789012345678902"),
    ] {
        assert!(!equal(left, right), "{left} and {right}");
    }
    assert_eq!(verdict(TaskKind::Number, "18", "I do not know."), Verdict::Invalid);
    assert_eq!(
        [Verdict::Correct, Verdict::Incorrect, Verdict::Invalid].map(Verdict::score),
        [Some(1.0), Some(0.0), None]
    );
}

#[test]
fn choices_are_found() {
    for text in [
        "The answer is (b).",
        "Answer: B",
        "**Answer:** B",
        "(A) is wrong, so (B)",
        "b",
        "B.",
        "\\boxed{\\text{B}}",
        "#### B",
        "Not A. The answer is: B because A fails.",
    ] {
        assert_eq!(extract(TaskKind::Choice, text).as_deref(), Some("B"), "{text}");
    }
    assert_eq!(verdict(TaskKind::Choice, "(B)", "The answer is C"), Verdict::Incorrect);
    assert_eq!(verdict(TaskKind::Choice, "B", "Both are fine"), Verdict::Invalid);
}

#[test]
fn texts_are_compared_by_their_words() {
    assert_eq!(verdict(TaskKind::Text, "New York", "Let me think.\n\n**new  york.**\n"), Verdict::Correct);
    assert_eq!(verdict(TaskKind::Text, "yes", "\\boxed{Yes}, certainly"), Verdict::Correct);
    assert_eq!(verdict(TaskKind::Text, "yes", "no"), Verdict::Incorrect);
    assert_eq!(verdict(TaskKind::Text, "yes", " \n...\n"), Verdict::Invalid);
}

#[test]
fn tasks_are_read_in_the_plain_format() {
    let text = r#"
{"id": 1, "prompt": "a", "answer": 18}
{"id": "two", "prompt": "b", "answers": ["1,000", "1e3"]}
{"id": "three", "prompt": "c", "answer": "Paris"}
{"id": "four", "prompt": "d", "answer": "C", "kind": "choice"}
"#;
    let tasks = read_tasks(text.as_bytes()).unwrap();
    let kinds: Vec<TaskKind> = tasks.iter().map(|task| task.kind).collect();
    assert_eq!(kinds, [TaskKind::Number, TaskKind::Number, TaskKind::Text, TaskKind::Choice]);
    assert_eq!(mark(&tasks[1], "a thousand, 1000").verdict, Verdict::Correct);
    for line in [
        r#"{"id": 1, "prompt": "a"}"#,
        r#"{"id": 1, "prompt": "a", "answer": "x", "kind": "number"}"#,
        r#"{"id": 1, "prompt": "a", "answer": "x", "typo": 1}"#,
        "{\"id\": 1, \"prompt\": \"a\", \"answer\": 1}\n{\"id\": \"1\", \"prompt\": \"b\", \"answer\": 1}",
    ] {
        assert!(read_tasks(line.as_bytes()).is_err(), "{line}");
    }
    let tasks = read_gsm8k(br#"{"question": "q", "answer": "3 + 4 = <<3+4=7>>7\n#### 7"}"#).unwrap();
    assert_eq!(mark(&tasks[0], "It is 7.").verdict, Verdict::Correct);
    assert!(read_gsm8k(br#"{"question": "q", "answer": "none"}"#).is_err());
    let packaged = read_gsm8k(
        br#"{"id": "x-1", "source": "s", "prompt": "q", "expected": "7", "upstream_answer": "or 9"}"#,
    );
    assert_eq!(packaged.unwrap()[0], Task { id: "x-1".to_owned(), ..tasks[0].clone() }.with_answer("7"));
}

#[test]
fn human_eval_problems_make_programs() {
    let text = br#"{"task_id": "T/0", "prompt": "def f():\n", "entry_point": "f", "canonical_solution": "    return 1\n", "test": "def check(c):\n    assert c() == 1\n"}"#;
    let problem = read_problems(text).unwrap().remove(0);
    let program = problem.program(&problem.canonical_solution);
    assert_eq!(program, "def f():\n    return 1\n\ndef check(c):\n    assert c() == 1\n\ncheck(f)");
    let mut compressed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut compressed, text).unwrap();
    let compressed = compressed.finish().unwrap();
    assert_eq!(read_problems(&compressed).unwrap(), [problem]);
    assert!(read_problems(&compressed[..compressed.len() / 2]).is_err());
    assert_eq!(read_samples(br#"{"task_id": "T/0", "completion": "x"}"#).unwrap()[0].completion, "x");
}

impl Task {
    fn with_answer(self, answer: &str) -> Self {
        Self { answers: vec![answer.to_owned()], ..self }
    }
}

#[test]
fn the_most_frequent_answer_wins_a_vote() {
    let of = |kind, texts: &[&str]| {
        vote(kind, &texts.iter().map(|text| Vote { text, is_whole: true }).collect::<Vec<_>>())
    };
    let number = |texts: &[&str]| of(TaskKind::Number, texts);
    assert_eq!(number(&["5", "It is 18", "#### 18.0", "7"]), 1);
    assert_eq!(number(&["5", "7", "7", "5"]), 0, "the first of equally frequent ones");
    assert_eq!(number(&["none", "nothing", "7"]), 2, "who has no answer has no vote");
    assert_eq!((number(&["none", "nothing"]), number(&[])), (0, 0));
    assert_eq!(of(TaskKind::Choice, &["(A)", "answer: b", "(B)"]), 1);
}

#[test]
fn samples_that_were_cut_short_have_no_vote_as_long_as_a_whole_one_answers() {
    let of = |samples: &[(&'static str, bool)]| {
        let votes: Vec<Vote<'_>> =
            samples.iter().map(|(text, is_whole)| Vote { text, is_whole: *is_whole }).collect();
        vote(TaskKind::Number, &votes)
    };
    assert_eq!(of(&[("first 2", false), ("so 2", false), ("it is 18", true)]), 2);
    assert_eq!(
        of(&[("first 2", false), ("so 2", false), ("who knows", true)]),
        0,
        "only they have an answer"
    );
    assert_eq!(of(&[("then 3", false), ("first 2", false), ("so 2", false)]), 1, "all were cut short");
}

#[test]
fn pass_at_k_is_without_bias() {
    assert_eq!(pass_at_k(1, 1, 1), Some(1.0));
    assert!((pass_at_k(10, 3, 1).unwrap() - 0.3).abs() < 1e-15);
    // 1 - C(7, 5) / C(10, 5)
    assert!((pass_at_k(10, 3, 5).unwrap() - (1.0 - 21.0 / 252.0)).abs() < 1e-15);
    assert_eq!((pass_at_k(3, 1, 5), pass_at_k(1, 2, 1)), (None, None));
}

#[test]
fn long_texts_take_no_longer_than_they_are() {
    for text in [
        "1",
        "1,",
        "1,000,",
        "-",
        "1/",
        "1e",
        "\\frac{",
        "\\frac{1}{",
        "\\boxed{",
        "#",
        "#### ",
        "answer is ",
        "(a",
        "{,}",
        ".",
    ] {
        let text = text.repeat(50_000);
        for kind in [TaskKind::Number, TaskKind::Choice, TaskKind::Text] {
            let _ = extract(kind, &text);
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_marked(text in r"([0-9.,/eE+\-$%#=() ]|\\boxed\{|\\frac\{|\{|\}|answer|.)*", answer in "[0-9]{1,30}") {
        for kind in [TaskKind::Number, TaskKind::Choice, TaskKind::Text] {
            let _ = mark(&task(kind, &[&answer]), &text);
        }
        let marked = mark(&task(TaskKind::Number, &[&answer]), &format!("{}\n#### {answer}", text.replace("\\boxed", "")));
        prop_assert_eq!(marked.verdict, Verdict::Correct);
    }

    #[test]
    fn what_is_printed_is_the_same_number(whole in "[0-9]{1,40}", decimals in "[0-9]{0,40}", exponent in -30..30_i32) {
        let text = if decimals.is_empty() { format!("{whole}e{exponent}") } else { format!("{whole}.{decimals}e{exponent}") };
        prop_assert_eq!(verdict(TaskKind::Number, &text, &found(&text).unwrap()), Verdict::Correct);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let _ = read_tasks(&bytes);
        let _ = read_gsm8k(&bytes);
        let _ = read_problems(&bytes);
        let _ = read_samples(&bytes);
    }
}
