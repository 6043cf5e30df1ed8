use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::synthesis::SynthesisTemplate;

/// Counts a token for every character, which makes the expected numbers easy to see.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a token counter")]
fn count_chars(conversation: &Conversation) -> Result<u32, Failure> {
    let chars: usize = conversation.messages().iter().map(|m| m.content.chars().count()).sum();
    Ok(u32::try_from(chars).unwrap())
}

fn reference(layer: u32, agent: &str, text: &str) -> Reference {
    Reference {
        layer: LayerIndex(layer),
        agent: agent.to_owned(),
        model: agent.into(),
        text: text.to_owned(),
    }
}

fn prompt(question: &str, references: Vec<Reference>) -> Prompt {
    let bare = SynthesisTemplate::new("{{ responses }}").unwrap();
    Prompt::new(Conversation::ask(question), references, Arc::new(bare))
}

#[test]
fn a_prompt_that_fits_is_left_alone() {
    let fitted = fit(&prompt("why", vec![reference(1, "a", "because")]), 100, count_chars).unwrap();
    assert!(fitted.shortening.is_none());
    assert_eq!(fitted.prompt.references()[0].text, "because");
}

#[test]
fn long_references_are_cut_evenly_and_short_ones_stay_whole() {
    let references = vec![
        reference(1, "long", &"x".repeat(300)),
        reference(1, "short", "brief"),
        reference(1, "longer", &"y".repeat(500)),
    ];
    let fitted = fit(&prompt("why", references), 300, count_chars).unwrap();
    let kept: Vec<usize> = fitted.prompt.references().iter().map(|r| r.text.chars().count()).collect();
    assert_eq!(kept[0], kept[2]);
    assert_eq!(fitted.prompt.references()[1].text, "brief");
    assert!(fitted.prompt.references()[0].text.ends_with(CUT_MARK));
    assert!(fitted.tokens <= 300 && fitted.tokens > 290, "{}", fitted.tokens);
    let cut = fitted.shortening.unwrap();
    assert_eq!(cut.references.iter().map(|r| r.agent.as_str()).collect::<Vec<_>>(), ["long", "longer"]);
    assert_eq!((cut.references[1].original_chars, cut.references[1].kept_chars), (500, kept[2] - 6));
}

#[test]
fn the_oldest_layer_gives_way_first() {
    let references = vec![reference(1, "a", &"x".repeat(100)), reference(2, "a", &"y".repeat(100))];
    let fitted = fit(&prompt("why", references.clone()), 226, count_chars).unwrap();
    assert_eq!(fitted.prompt.references()[1].text, "y".repeat(100));
    assert!(fitted.prompt.references()[0].text.starts_with("xxx"));
    // Tighter still: the old layer is gone before the new one is touched.
    let fitted = fit(&prompt("why", references), 113, count_chars).unwrap();
    assert_eq!(fitted.prompt.references().len(), 1);
    assert!(fitted.prompt.references()[0].text.starts_with("yyy"));
    let cut = fitted.shortening.unwrap();
    assert_eq!(cut.references[0].kept_chars, 0);
}

#[test]
fn a_conversation_that_cannot_fit_names_both_numbers() {
    let failure = fit(&prompt(&"q".repeat(50), vec![reference(1, "a", "x")]), 20, count_chars).unwrap_err();
    assert_eq!(failure.kind, FailureKind::ContextOverflow);
    assert!(failure.message.contains("50") && failure.message.contains("20"), "{failure}");
    assert!(failure.hint.is_some());
}

proptest! {
    #[test]
    fn what_is_returned_always_fits_and_never_splits_a_character(
        texts in proptest::collection::vec(("[a-zé漢🦀 ]{0,80}", 1u32..4), 0..6),
        limit in 3u32..400,
    ) {
        let mut references: Vec<Reference> = texts
            .iter()
            .enumerate()
            .map(|(i, (text, layer))| reference(*layer, &i.to_string(), text))
            .collect();
        references.sort_by_key(|r| r.layer);
        match fit(&prompt("why", references), limit, count_chars) {
            Ok(fitted) => {
                prop_assert!(fitted.tokens <= limit);
                prop_assert_eq!(count_chars(&fitted.prompt.render().unwrap()).unwrap(), fitted.tokens);
            }
            Err(failure) => prop_assert_eq!(failure.kind, FailureKind::ContextOverflow),
        }
    }
}
