use super::*;
use crate::conversation::Message;
use crate::layer::LayerIndex;

#[test]
fn without_references_the_messages_go_out_unchanged() {
    let conversation = Conversation::new(vec![Message::system("s"), Message::user("u")]);
    assert_eq!(*Prompt::plain(conversation.clone()).render().unwrap(), conversation);
}

#[test]
fn history_and_user_turns_stay_as_they_are() {
    let history = vec![Message::user("one"), Message::assistant("two"), Message::user("three")];
    let reference =
        Reference { layer: LayerIndex(1), agent: "a".to_owned(), model: "m".into(), text: "four".to_owned() };
    let prompt = Prompt::new(Conversation::new(history.clone()), vec![reference], Arc::default());
    let rendered = prompt.render().unwrap();
    assert_eq!(rendered.messages()[1..], history);
    assert!(rendered.messages()[0].content.contains("1. <answer-"));
    assert!(rendered.messages()[0].content.contains(">\nfour\n</answer-"));
    // Rendering again gives the same: nothing piles up.
    assert_eq!(prompt.render().unwrap(), rendered);
}

#[test]
fn an_anonymous_prompt_names_nobody() {
    let reference = Reference {
        layer: LayerIndex(1),
        agent: "alice".to_owned(),
        model: "m".into(),
        text: "four".to_owned(),
    };
    let source = "{% for r in references %}{{ r.agent }}/{{ r.model }}: {{ r.text }}{% endfor %}";
    let template = Arc::new(crate::synthesis::SynthesisTemplate::new(source).unwrap());
    let prompt = Prompt::new(Conversation::ask("?"), vec![reference], template);
    let said = |prompt: &Prompt| prompt.render().unwrap().messages()[0].content.clone();
    assert_eq!(said(&prompt), "alice/m: four");
    assert_eq!(said(&prompt.anonymous()), "assistant 1/assistant 1: four");
}

#[test]
fn clones_share_one_rendering_and_other_references_make_another() {
    let reference = |text: &str| Reference {
        layer: LayerIndex(1),
        agent: "a".to_owned(),
        model: "m".into(),
        text: text.to_owned(),
    };
    let prompt = Prompt::new(Conversation::ask("?"), vec![reference("four")], Arc::default());
    let rendered = prompt.clone().render().unwrap();
    assert!(Arc::ptr_eq(&prompt.render().unwrap(), &rendered));
    let other = prompt.with_references(vec![reference("five")]).render().unwrap();
    assert!(other.messages()[0].content.contains("five") && !other.messages()[0].content.contains("four"));
    assert!(!Arc::ptr_eq(&prompt.clone().anonymous().render().unwrap(), &rendered));
}
