use super::*;

fn key(change: impl FnOnce(&mut KeyedContent<'_>)) -> ContentKey {
    let (conversation, sampling) =
        (ConversationDigest::of(&Conversation::ask("Where?")), Sampling::default());
    let mut content = KeyedContent {
        model: "m",
        conversation: &conversation,
        sampling: &sampling,
        run_seed: None,
        sample: 0,
        max_tokens: 64,
        tools: None,
        response_format: None,
    };
    change(&mut content);
    ContentKey::of(&content)
}

#[test]
fn equal_questions_have_equal_names_and_whatever_the_answer_depends_on_changes_them() {
    let plain = key(|_| {});
    assert_eq!(plain, key(|_| {}));
    assert_eq!(plain.as_str().len(), 32);
    let other_conversation = ConversationDigest::of(&Conversation::ask("When?"));
    let cold = Sampling::greedy();
    let tools = Tools::default();
    let others = [
        key(|content| content.model = "n"),
        key(|content| content.run_seed = Some(1)),
        key(|content| content.sample = 1),
        key(|content| content.max_tokens = 65),
        ContentKey::of(&KeyedContent {
            model: "m",
            conversation: &other_conversation,
            sampling: &cold,
            run_seed: None,
            sample: 0,
            max_tokens: 64,
            tools: Some(&tools),
            response_format: None,
        }),
    ];
    for (place, other) in others.iter().enumerate() {
        assert_ne!(&plain, other, "{place}");
    }
}
