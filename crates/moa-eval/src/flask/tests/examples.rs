//! The example files, to the byte.

use super::*;
use crate::test_data;

fn read(path: &str) -> Option<Vec<u8>> {
    test_data::file(&format!("flask/{path}"))
}

fn expected(table: &str) -> String {
    String::from_utf8(read(&format!("example_expected/expected_{table}.csv")).unwrap()).unwrap()
}

#[test]
fn the_example_reviews_give_the_scripts_tables() {
    let Some(text) = read("example_reviews.jsonl") else { return };
    let reviews = read_reviews(&text).unwrap();
    let items = read_items(&read("flask_evaluation.jsonl").unwrap()).unwrap();
    assert_eq!((reviews.len(), items.len()), (120, 1740));
    let score = score(&reviews, Some(&items)).unwrap();
    assert_eq!(score.skills.to_csv().unwrap(), expected("skill"));
    assert_eq!(score.domains.to_csv().unwrap(), expected("domain"));
    assert_eq!(score.difficulty.unwrap().to_csv().unwrap(), expected("difficulty_skill"));
}

#[test]
fn the_examples_scores_come_out_of_their_reviews() {
    let Some(text) = read("example_reviews.jsonl") else { return };
    for review in read_reviews(&text).unwrap() {
        assert_eq!(parse_scores(&review.text), review.scores, "{}", review.text);
    }
}

#[test]
fn the_prompts_are_the_official_ones_to_the_byte() {
    let Some(examples) = read("example_prompts.jsonl") else { return };
    let prompt = JudgePrompt::read(&read("review_prompt.jsonl").unwrap()).unwrap();
    let skillset = Skillset::read(&read("skillset_description.json").unwrap()).unwrap();
    let items = read_items(&read("flask_evaluation.jsonl").unwrap()).unwrap();
    let examples: Vec<serde_json::Value> = crate::json::read_lines("examples", &examples).unwrap();
    assert_eq!(examples.len(), 5);
    for example in examples {
        let item = items.iter().find(|item| Some(item.id) == example["idx"].as_u64()).unwrap();
        let messages = prompt.messages(&skillset, item, example["response"].as_str().unwrap()).unwrap();
        assert_eq!(messages.system, example["system"]);
        assert_eq!(messages.user, example["prompt"]);
    }
}

#[test]
fn the_evaluation_sets_are_as_described() {
    let Some(text) = read("flask_evaluation.jsonl") else { return };
    let items = read_items(&text).unwrap();
    let without_level: Vec<u64> =
        items.iter().filter(|item| item.level.is_none()).map(|item| item.id).collect();
    assert_eq!(without_level, [1706, 1716]);
    let skills = |count| {
        items.iter().filter(|item| item.skills.len() == count).map(|item| item.id).collect::<Vec<_>>()
    };
    assert_eq!((skills(3).len(), skills(2)), (1739, vec![1417]));
    let hard = read_items(&read("flask_hard_evaluation.jsonl").unwrap()).unwrap();
    assert_eq!(hard.len(), 89);
    assert!(hard.iter().all(|item| item.level == Some(Level::Expert)));
}
