use std::collections::BTreeMap;

use moa_core::{Agent, Event, EventKind, FinishReason, Mixture, RunId, RunOutcome, Usage};

use super::*;

fn session() -> Session {
    let mixture = Mixture::new("m", Vec::new(), Agent::new("a", 8));
    Session::new(
        ResolvedPreset { mixture, models: BTreeMap::new(), max_cost_usd: None, calibration: None },
        Some("Be brief.".to_owned()),
    )
}

/// A run of `conversation` that ended with `answer`, or failed.
fn run(conversation: Conversation, answer: Option<&str>) -> Trace {
    let mixture = Box::new(Mixture::new("m", Vec::new(), Agent::new("a", 8)));
    let event = |kind| Event { run: RunId::nil(), sequence: 0, at_ms: 0.0, kind };
    let start = EventKind::RunStarted {
        mixture,
        conversation,
        seed: 0,
        started_at_unix_ms: 0,
        max_cost_usd: None,
        unused_fields: serde_json::Map::new(),
        notes: Vec::new(),
    };
    let end = match answer {
        Some(answer) => EventKind::RunFinished {
            outcome: RunOutcome {
                answer: answer.to_owned(),
                tool_calls: Vec::new(),
                fallback: None,
                chosen: None,
                finish_reason: FinishReason::Stop,
                degraded: false,
                usage: Usage::default(),
                first_token_ms: None,
                wall_ms: 1.0,
            },
        },
        None => EventKind::RunCancelled { usage: Usage::default(), wall_ms: 1.0 },
    };
    Trace::of(&[event(start), event(end)])
}

#[test]
fn the_next_turn_carries_questions_and_final_answers() {
    let mut session = session();
    let trace = run(session.ask("one?"), Some("1"));
    session.answered("one?".to_owned(), trace);
    assert_eq!(
        session.ask("two?").messages(),
        [Message::system("Be brief."), Message::user("one?"), Message::assistant("1"), Message::user("two?")]
    );
}

#[test]
fn a_question_without_an_answer_is_not_remembered_but_can_be_asked_again() {
    let mut session = session();
    let trace = run(session.ask("one?"), None);
    session.answered("one?".to_owned(), trace);
    assert_eq!(session.ask("two?").messages().len(), 2);
    let (question, conversation) = session.ask_again().unwrap();
    assert_eq!((question.as_str(), conversation.messages().len()), ("one?", 2));
}

#[test]
fn asking_again_replaces_the_answer_once_there_is_another() {
    let mut session = session();
    let trace = run(session.ask("one?"), Some("1"));
    session.answered("one?".to_owned(), trace);
    let (question, conversation) = session.ask_again().unwrap();
    assert_eq!(conversation.messages(), [Message::system("Be brief."), Message::user("one?")]);
    // Stopped: what was there stays, and can still be asked again.
    session.answered_again(question.clone(), run(conversation.clone(), None));
    assert_eq!(session.ask("two?").messages()[2], Message::assistant("1"));
    assert_eq!(session.ask_again().unwrap().1, conversation);
    session.answered_again(question, run(conversation.clone(), Some("one")));
    assert_eq!(
        session.ask("two?").messages(),
        [
            Message::system("Be brief."),
            Message::user("one?"),
            Message::assistant("one"),
            Message::user("two?")
        ]
    );
    session.clear();
    assert_eq!(session.ask_again(), None);
}

#[test]
fn the_same_question_asked_twice_is_two_turns() {
    let mut session = session();
    for answer in [Some("1"), None] {
        let trace = run(session.ask("one?"), answer);
        session.answered("one?".to_owned(), trace);
    }
    let (question, conversation) = session.ask_again().unwrap();
    assert_eq!(conversation.messages().len(), 4);
    session.answered_again(question, run(conversation, Some("2")));
    assert_eq!(session.ask("two?").messages().len(), 6);
}

#[test]
fn saving_never_replaces_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("talk.md");
    let mut session = session();
    let trace = run(session.ask("one?"), Some("1"));
    session.answered("one?".to_owned(), trace);
    session.save(&path).unwrap();
    let saved = std::fs::read_to_string(&path).unwrap();
    assert!(saved.contains("## User\n\none?\n") && saved.contains("## Assistant\n\n1\n"), "{saved}");
    assert!(session.save(&path).is_err());
}
