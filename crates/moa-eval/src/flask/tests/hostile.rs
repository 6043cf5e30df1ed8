//! Judges that write anything.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn any_review_is_scored_by_the_rules(texts in prop::collection::vec(r#"(\{?['"]?(logical |N/A|[a-z_ ]*)['"]?:? ?[0-9e.+-]*,?\}?|.)*"#, 1..5)) {
        let items: Vec<EvaluationItem> = (1..=5).map(|id| item(id, &["Math"], "major level knowledge")).collect();
        let reviews: Vec<Review> = texts.iter().zip(&items).map(|(text, item)| review(item.clone(), text)).collect();
        let score = score(&reviews, Some(&items)).unwrap();
        prop_assert!(serde_json::to_string(&score).is_ok());
        prop_assert!(score.skills.to_csv().is_ok() && score.domains.to_csv().is_ok() && score.difficulty.is_some_and(|table| table.to_csv().is_ok()));
        prop_assert!(read_reviews(write_reviews(&reviews).unwrap().as_bytes()).is_ok());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let _ = read_items(&bytes);
        let _ = read_reviews(&bytes);
        let _ = Skillset::read(&bytes);
        let _ = JudgePrompt::read(&bytes);
    }
}

#[test]
fn long_runs_of_braces_take_no_longer_than_they_are() {
    for text in ["{", "}", "{}", "{{}", "{'a':", "{'a': 1}", "{'", "\u{130}{_"] {
        let _ = parse_scores(&text.repeat(100_000));
    }
    assert!(parse_scores(&format!("{{'a': {}1{}}}", "[".repeat(100_000), "]".repeat(100_000))).is_empty());
}
