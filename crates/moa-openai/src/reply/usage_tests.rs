use serde_json::json;

use super::*;

fn settled(usages: &[Value]) -> Usage {
    let mut told = ToldUsage::default();
    for usage in usages {
        told.read(&serde_json::from_value(usage.clone()).unwrap());
    }
    told.settle(&Conversation::ask("What is the sky?"), "Blue light scatters.", "")
}

#[test]
fn later_counts_replace_earlier_ones() {
    let usage = settled(&[
        json!({"usage": {"prompt_tokens": 7, "completion_tokens": 1, "total_tokens": 8}}),
        json!({"usage": {"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16}}),
        json!({"usage": null}),
    ]);
    assert_eq!((usage.prompt_tokens, usage.completion_tokens, usage.estimated), (7, 9, false));
}

#[test]
fn missing_counts_are_estimated_and_marked() {
    let usage = settled(&[]);
    assert!(usage.estimated && usage.prompt_tokens > 0);
    assert_eq!(usage.completion_tokens, estimated_tokens("Blue light scatters."));
    let usage = settled(&[json!({"usage": {"completion_tokens": 5}})]);
    assert_eq!((usage.completion_tokens, usage.estimated), (5, true));
    let usage = settled(&[json!({"usage": {"completion_tokens": 5, "total_tokens": 12}})]);
    assert_eq!((usage.prompt_tokens, usage.completion_tokens, usage.estimated), (7, 5, false));
}

#[test]
fn counts_of_an_answer_that_may_go_on_are_told_as_they_are() {
    let mut told = ToldUsage::default();
    let mut read = |usage: Value| {
        let is_new = told.read(&serde_json::from_value(usage).unwrap());
        let so_far = told.so_far();
        (is_new, so_far.prompt_tokens, so_far.completion_tokens, so_far.reasoning_tokens, so_far.estimated)
    };
    assert_eq!(read(json!({"usage": null})), (false, 0, 0, 0, false));
    assert_eq!(read(json!({"usage": {"prompt_tokens": 7}})), (true, 7, 0, 0, false));
    assert_eq!(read(json!({"usage": {"prompt_tokens": 7, "completion_tokens": 2}})), (true, 7, 2, 0, false));
    assert_eq!(read(json!({"usage": {"prompt_tokens": 7, "completion_tokens": 2}})), (false, 7, 2, 0, false));
    assert_eq!(read(json!({"usage": {"total_tokens": 14}})), (true, 7, 7, 5, false));
}

#[test]
fn numbers_that_no_count_can_be_do_no_harm() {
    let usage = settled(&[json!({"usage": {
        "prompt_tokens": 1e30, "completion_tokens": "many", "total_tokens": -4, "cost": -1.0,
        "prompt_tokens_details": [], "completion_tokens_details": {"reasoning_tokens": u64::MAX}
    }})]);
    assert_eq!(usage.prompt_tokens, u32::MAX);
    assert_eq!(usage.cost_usd, None);
    assert!(usage.reasoning_tokens <= usage.completion_tokens);
}

#[test]
fn a_cost_is_read_as_number_or_total() {
    assert_eq!(settled(&[json!({"usage": {"cost": 0.5}})]).cost_usd, Some(0.5));
    assert_eq!(settled(&[json!({"usage": {"cost": {"total_cost": 0.25}}})]).cost_usd, Some(0.25));
}
