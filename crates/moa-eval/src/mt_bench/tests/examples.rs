//! The benchmark's own files, and the example judgments.

use std::collections::HashMap;

use super::*;
use crate::python::repr;
use crate::test_data;

fn read(path: &str) -> Option<Vec<u8>> {
    test_data::file(&format!("mt_bench/{path}"))
}

#[test]
fn the_example_judgments_give_the_expected_table() {
    let Some(judgments) = read("example_judgments_single.jsonl") else { return };
    let judgments = read_judgments(&judgments).unwrap();
    let questions = read_questions(&read("question.jsonl").unwrap()).unwrap();
    let scores = score_single(&judgments, &questions).unwrap();
    let expected = read("example_expected_single.csv").unwrap();
    let rows: Vec<HashMap<String, String>> =
        csv::Reader::from_reader(expected.as_slice()).deserialize().map(|row| row.unwrap()).collect();
    assert_eq!(scores.len(), rows.len());
    for (score, row) in scores.iter().zip(&rows) {
        assert_eq!(score.model, row["model"]);
        let printed = |value: Option<f64>| value.map(repr).unwrap();
        assert_eq!(printed(score.turn_1), row["turn1"]);
        assert_eq!(printed(score.turn_2), row["turn2"]);
        assert_eq!(printed(score.average), row["average"]);
        assert_eq!(score.n_turn_1.to_string(), row["n_turn1"]);
        assert_eq!(score.n_turn_2.to_string(), row["n_turn2"]);
        assert_eq!(score.n_invalid.to_string(), row["n_invalid"]);
        for category in CATEGORIES {
            let ours = score.categories.get(category).copied();
            assert_eq!(printed(ours), row[&format!("cat_{category}")], "{category}");
        }
    }
}

#[test]
fn the_examples_grades_come_out_of_their_judgments() {
    let Some(text) = read("example_judgments_single.jsonl") else { return };
    let judgments = read_judgments(&text).unwrap();
    for judgment in &judgments {
        assert_eq!(Some(extract_score(&judgment.judgment)), judgment.score, "{}", judgment.judgment);
    }
    assert_eq!(read_judgments(write_judgments(&judgments).unwrap().as_bytes()).unwrap(), judgments);
}

#[test]
fn every_question_can_be_judged_with_the_official_prompts() {
    let Some(questions) = read("question.jsonl") else { return };
    let questions = read_questions(&questions).unwrap();
    let references = read_answers(&read("reference_answer_gpt-4.jsonl").unwrap()).unwrap();
    let prompts = JudgePrompts::read(&read("judge_prompts.jsonl").unwrap()).unwrap();
    assert_eq!((questions.len(), references.len()), (80, 30));
    let order = judging_order(&questions);
    assert_eq!(order.len(), 160);
    for (question, turn) in order {
        let answer = Answer { question_id: question.question_id.clone(), ..answer(0, &["{one}", "two}"]) };
        let reference = references.iter().find(|reference| reference.question_id == question.question_id);
        assert_eq!(reference.is_some(), needs_reference(&question.category));
        let of = Match { question, reference, turn };
        let single = prompts.single(&of, &answer).unwrap();
        assert!(single.user.contains("{one}") && single.user.contains(&question.turns[0]));
        assert_eq!(single.user.contains("two}"), turn == Turn::Second);
        let pair = prompts.pair(&of, &answer, &answer).unwrap();
        assert_eq!(pair.output_format, OutputFormat::Letter);
    }
}
