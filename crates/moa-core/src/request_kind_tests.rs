use super::RequestKind::{self, Choice, Code, Number, Text};
use crate::conversation::{Conversation, Message};

#[test]
fn requests_are_told_apart_by_their_look() {
    for (text, kind) in [
        ("Janet has 16 eggs and sells 3 for $2 each. How much does she make?", Number),
        ("What is 12 * 12?", Number),
        ("A train goes 60 km in 2 hours. What is its speed in km/h?", Number),
        ("Which is a prime?\n(A) 4 (B) 7", Choice),
        ("Pick one:\nA. red\nB. blue\nC. green", Choice),
        ("Complete this Python function.", Code),
        ("def add(a, b):\n    pass", Code),
        ("What does this do?\n```\nx = 1\n```", Code),
        ("Write a poem about the sea.", Text),
        ("Who was Ada Lovelace?", Text),
        ("Am I in a B. movie?", Text),
        ("In 1969 they landed. Tell me more.", Text),
        ("", Text),
        ("深い海について書いて", Text),
    ] {
        assert_eq!(RequestKind::of_text(text), kind, "{text}");
    }
}

#[test]
fn the_last_message_of_the_user_counts() {
    let talk = Conversation::ask("Write a poem.")
        .with_message(Message::assistant("def f(): pass"))
        .with_message(Message::user("How many lines has it?"));
    assert_eq!(RequestKind::of(&talk), Number);
    assert_eq!(RequestKind::of(&Conversation::default()), Text);
}

#[test]
fn names_are_read_as_they_are_written() {
    for kind in RequestKind::ALL {
        assert_eq!(kind.name().parse(), Ok(kind));
    }
    assert!("Code".parse::<RequestKind>().is_err());
}
