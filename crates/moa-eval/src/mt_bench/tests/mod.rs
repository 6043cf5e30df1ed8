mod examples;
mod hostile;
mod pairs;
mod rules;

use super::*;

fn question(id: i64, category: &str, turns: &[&str]) -> Question {
    Question {
        question_id: QuestionId::Number(id),
        category: category.to_owned(),
        turns: turns.iter().map(|turn| (*turn).to_owned()).collect(),
        reference: None,
        required_temperature: None,
    }
}

fn answer(id: i64, turns: &[&str]) -> Answer {
    Answer {
        question_id: QuestionId::Number(id),
        answer_id: "a".to_owned(),
        model_id: "m".to_owned(),
        choices: vec![Choice { index: 0, turns: turns.iter().map(|turn| (*turn).to_owned()).collect() }],
        tstamp: 1.5,
    }
}

fn judgment(id: i64, model: &str, turn: i64, score: Option<Score>) -> Judgment {
    Judgment {
        question_id: QuestionId::Number(id),
        model: model.to_owned(),
        judge: ("judge".to_owned(), "single-v1".to_owned()),
        user_prompt: String::new(),
        judgment: String::new(),
        score,
        turn,
        tstamp: 0.0,
        note: None,
    }
}

/// Prompts of our own with the benchmark's names and fields.
fn prompts() -> JudgePrompts {
    let prompt = |name: &str, template: &str| {
        format!(
            r#"{{"name": "{name}", "type": "single", "system_prompt": "{name}!", "prompt_template": "{template}", "output_format": "[[rating]]"}}"#
        )
    };
    let lines = [
        prompt("single-v1", "Q {question} A {answer}"),
        prompt("single-math-v1", "Q {question} R {ref_answer_1} A {answer}"),
        prompt("single-v1-multi-turn", "Q {question_1} {question_2} A {answer_1} {answer_2}"),
        prompt("single-math-v1-multi-turn", "R {ref_answer_1} {ref_answer_2} A {answer_1} {answer_2}"),
        prompt("pair-v2", "A {answer_a} B {answer_b}"),
        prompt("pair-math-v1-multi-turn", "R {ref_answer_2} A {answer_a_1} {answer_a_2} B {answer_b_2}"),
    ];
    JudgePrompts::read(lines.join("\n").as_bytes()).unwrap()
}
