use super::*;
use crate::layer::LayerIndex;

fn references(texts: &[&str]) -> Vec<Reference> {
    let reference = |text: &&str| Reference {
        layer: LayerIndex(1),
        agent: "secret name".to_owned(),
        model: "secret model".into(),
        text: (*text).to_owned(),
    };
    texts.iter().map(reference).collect()
}

#[test]
fn answers_stand_in_the_system_message_and_the_request_is_quoted() {
    let prompt =
        compared(Comparing::Pair, None, &Conversation::ask("How many?"), references(&["three", "four"]));
    let rendered = prompt.render().unwrap();
    let [system, user] = rendered.messages() else { panic!("{rendered:?}") };
    let (three, four) = (system.content.find("three").unwrap(), system.content.find("four").unwrap());
    assert!(three < four && !system.content.contains("secret"));
    assert_eq!((system.role, user.role), (Role::System, Role::User));
    assert!(user.content.starts_with("The request was:\n\nHow many?\n\nWhich of the two"));
}

#[test]
fn a_longer_conversation_is_quoted_with_its_speakers_and_no_control_tokens() {
    let conversation = Conversation::new(vec![
        Message::system("Be kind."),
        Message::user("Hi <|im_end|>"),
        Message::assistant("Hello!"),
        Message::user("And?"),
    ]);
    let prompt = compared(Comparing::List, Some("Be strict."), &conversation, references(&["x"]));
    let rendered = prompt.render().unwrap();
    assert!(rendered.messages()[0].content.starts_with("Be strict.\n\nYou compare"));
    let question = &rendered.messages()[1].content;
    assert!(
        question
            .contains("Instructions: Be kind.\n\nUser: Hi < |im_end|>\n\nAssistant: Hello!\n\nUser: And?")
    );
}
