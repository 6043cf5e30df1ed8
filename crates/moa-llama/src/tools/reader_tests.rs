use moa_core::Usage;

use super::*;

/// What is told of an answer that comes in pieces of so many bytes: the text, the calls, and why it ended.
fn told(answer: &str, bytes: usize, reason: FinishReason) -> (String, Vec<(String, String)>, FinishReason) {
    let mut reader = CallReader::new(7);
    let mut replies = Vec::new();
    let mut rest = answer;
    while !rest.is_empty() {
        let end = (bytes..=rest.len()).find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        replies.extend(reader.read(Ok(ChatEvent::Delta { text: piece.to_owned(), tokens: 1 })));
        rest = after;
    }
    replies.extend(reader.read(Ok(ChatEvent::Finished { finish_reason: reason, usage: Usage::default() })));
    let (mut text, mut calls, mut end) = (String::new(), Vec::new(), None);
    for reply in replies {
        match reply.unwrap() {
            ChatEvent::Delta { text: piece, .. } => text.push_str(&piece),
            ChatEvent::ToolCall(call) => calls.push((call.name, call.arguments)),
            ChatEvent::Finished { finish_reason, .. } => end = Some(finish_reason),
            other => panic!("{other:?}"),
        }
    }
    (text, calls, end.unwrap())
}

fn call(name: &str, arguments: &str) -> (String, String) {
    (name.to_owned(), arguments.to_owned())
}

#[test]
fn calls_are_told_as_calls_however_the_answer_is_cut() {
    let answer = "Ich schaue nach — <tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Köln\"}}\n</tool_call>\n\
                  <tool_call>{\"name\": \"time\", \"arguments\": {}}</tool_call>\n";
    for bytes in 1..answer.len() {
        let (text, calls, reason) = told(answer, bytes, FinishReason::Stop);
        assert_eq!(text, "Ich schaue nach — ", "in pieces of {bytes}");
        assert_eq!(calls, [call("weather", "{\"city\":\"Köln\"}"), call("time", "{}")]);
        assert_eq!(reason, FinishReason::ToolCalls);
    }
}

#[test]
fn an_answer_without_calls_is_told_as_it_is() {
    for answer in ["It is <b>sunny</b>.", "a < b", "<tool_cal", "<tool_call <<tool_cal"] {
        for bytes in 1..4 {
            assert_eq!(
                told(answer, bytes, FinishReason::Stop),
                (answer.to_owned(), Vec::new(), FinishReason::Stop)
            );
        }
    }
}

#[test]
fn a_call_that_is_cut_off_or_broken_is_shown_as_text() {
    let cut = "<tool_call>{\"name\": \"wea";
    assert_eq!(told(cut, 3, FinishReason::Length), (cut.to_owned(), Vec::new(), FinishReason::Length));
    let broken = "<tool_call>weather</tool_call>";
    assert_eq!(told(broken, 3, FinishReason::Stop), (broken.to_owned(), Vec::new(), FinishReason::Stop));
}

#[test]
fn ids_differ_within_an_answer_and_from_turn_to_turn() {
    let request = |texts: &[&str]| {
        let messages = texts.iter().map(|text| moa_core::Message::user(*text)).collect();
        let call = moa_core::CallId { layer: moa_core::LayerIndex(1), agent: 1 };
        let prompt = moa_core::Prompt::plain(moa_core::Conversation::new(messages));
        ChatRequest::alone(call, prompt, moa_core::Sampling::greedy(), 8)
    };
    assert_ne!(first_id(&request(&["a"])), first_id(&request(&["a", "b"])));
    assert_eq!(first_id(&request(&["a"])), first_id(&request(&["a"])));
    let mut reader = CallReader::new(7);
    let ids: Vec<String> = (0..2).map(|_| reader.call("{\"name\": \"f\"}").unwrap().id).collect();
    assert_ne!(ids[0], ids[1]);
}
