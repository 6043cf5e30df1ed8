mod aggregation;
mod examples;
mod hostile;
mod parsing;

use serde_json::json;

use super::*;

fn item(id: u64, domains: &[&str], difficulty: &str) -> EvaluationItem {
    let row = json!({"idx": id, "instruction": "i", "answer": "a", "skill": ["Factuality"], "domain": domains, "difficulty": difficulty});
    read_items(row.to_string().as_bytes()).unwrap().remove(0)
}

fn review(item: EvaluationItem, text: &str) -> Review {
    Review::judged(item, "an answer", text, Some(10))
}
