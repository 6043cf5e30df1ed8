use super::*;

#[test]
fn references_join_the_leading_system_message_after_a_blank_line() {
    let conversation = Conversation::new(vec![Message::system("Be brief."), Message::user("Why?")]);
    let derived = conversation.with_system_suffix("1. Because.");
    assert_eq!(derived.messages()[0], Message::system("Be brief.\n\n1. Because."));
    assert_eq!(derived.messages()[1..], conversation.messages()[1..]);
}

#[test]
fn references_become_a_new_first_system_message_where_there_is_none() {
    let conversation = Conversation::ask("Why?");
    let derived = conversation.with_system_suffix("1. Because.");
    assert_eq!(derived.messages(), [Message::system("1. Because."), Message::user("Why?")]);
}

#[test]
fn a_system_message_later_in_the_conversation_is_left_alone() {
    let conversation = Conversation::new(vec![Message::user("Why?"), Message::system("Late.")]);
    let derived = conversation.with_system_suffix("block");
    assert_eq!(derived.messages()[0], Message::system("block"));
    assert_eq!(derived.messages()[2], Message::system("Late."));
}

#[test]
fn the_original_is_untouched() {
    let conversation = Conversation::new(vec![Message::system("s"), Message::user("u")]);
    let before = conversation.clone();
    let _ = conversation.with_system_suffix("block");
    let _ = conversation.without_system_role();
    assert_eq!(conversation, before);
}

#[test]
fn without_a_system_role_the_block_stands_before_the_first_user_turn() {
    let conversation = Conversation::new(vec![
        Message::system("block"),
        Message::user("first"),
        Message::assistant("answer"),
        Message::user("second"),
    ]);
    let derived = conversation.without_system_role();
    assert_eq!(
        derived.messages(),
        [Message::user("block\n\nfirst"), Message::assistant("answer"), Message::user("second")]
    );
}
