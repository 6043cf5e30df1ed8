use super::*;
use crate::conversation::Message;
use crate::layer::LayerIndex;

#[test]
fn without_references_the_messages_go_out_unchanged() {
    let conversation = Conversation::new(vec![Message::system("s"), Message::user("u")]);
    assert_eq!(Prompt::plain(conversation.clone()).render().unwrap(), conversation);
}

#[test]
fn history_and_user_turns_stay_as_they_are() {
    let history = vec![Message::user("one"), Message::assistant("two"), Message::user("three")];
    let reference =
        Reference { layer: LayerIndex(1), agent: "a".to_owned(), model: "m".into(), text: "four".to_owned() };
    let prompt = Prompt::new(Conversation::new(history.clone()), vec![reference], Arc::default());
    let rendered = prompt.render().unwrap();
    assert_eq!(rendered.messages()[1..], history);
    assert!(rendered.messages()[0].content.ends_with("1. four"));
    // Rendering again gives the same: nothing piles up.
    assert_eq!(prompt.render().unwrap(), rendered);
}
