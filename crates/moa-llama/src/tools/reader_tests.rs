use moa_core::Usage;

use super::*;

/// What is told of an answer that comes in pieces of so many bytes: the text, the calls, and why it ended.
fn told(answer: &str, bytes: usize, reason: FinishReason) -> (String, Vec<(String, String)>, FinishReason) {
    told_by(CallReader::new(7, Vec::new(), true), answer, bytes, reason)
}

/// The same where these tools may be called, as a model may choose.
fn told_of(
    tools: &[&str],
    answer: &str,
    reason: FinishReason,
) -> (String, Vec<(String, String)>, FinishReason) {
    let reader = || CallReader::new(7, tools.iter().map(|name| (*name).to_owned()).collect(), true);
    let whole = told_by(reader(), answer, answer.len(), reason);
    for bytes in 1..answer.len() {
        assert_eq!(told_by(reader(), answer, bytes, reason), whole, "in pieces of {bytes}");
    }
    whole
}

fn told_by(
    mut reader: CallReader,
    answer: &str,
    bytes: usize,
    reason: FinishReason,
) -> (String, Vec<(String, String)>, FinishReason) {
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
fn a_call_that_is_cut_off_is_told_as_far_as_it_was_written_and_never_as_text() {
    let first = "<tool_call>{\"name\": \"time\", \"arguments\": {}}</tool_call>";
    let second = "\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Ro";
    let cut =
        (String::new(), vec![call("time", "{}"), call("weather", "{\"city\": \"Ro")], FinishReason::Length);
    assert_eq!(told(&format!("{first}{second}"), 3, FinishReason::Length), cut);
    // Before there is anything to tell of it.
    for end in ["", "{", "{\"name\": \"wea", "{\"name\": \"weather\", \"arguments\":"] {
        let answer = format!("{first}<tool_call>{end}");
        let told = told(&answer, 3, FinishReason::Length);
        assert_eq!(told, (String::new(), vec![call("time", "{}")], FinishReason::Length), "{end}");
    }
    let broken = "<tool_call>weather</tool_call>";
    assert_eq!(told(broken, 3, FinishReason::Stop), (broken.to_owned(), Vec::new(), FinishReason::Stop));
}

// What follows was written by Qwen2.5-Coder-0.5B and -1.5B, at temperature 0.

#[test]
fn a_bare_object_that_calls_a_tool_is_a_call() {
    let bare = "{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}";
    let called = (String::new(), vec![call("weather", "{\"city\":\"Rome\"}")], FinishReason::ToolCalls);
    assert_eq!(told_of(&["time", "weather"], bare, FinishReason::Stop), called);
    let fenced =
        "```json\n{\n  \"name\": \"weather\",\n  \"arguments\": {\n    \"city\": \"Rome\"\n  }\n}\n```";
    assert_eq!(told_of(&["weather"], fenced, FinishReason::Stop), called);
}

#[test]
fn a_marked_call_in_a_fence_takes_the_fence_along() {
    let calculated = "```json\n<tool_call>\n    {\"name\": \"calculate\", \"arguments\": {\"expression\": \"17% * 2400 + 12\"}}\n</tool_call>";
    let called = vec![call("calculate", "{\"expression\":\"17% * 2400 + 12\"}")];
    // The fence was closed by hand, which the grammar of that time did not let the model do.
    for end in ["", "\n", "\n`", "\n```"] {
        let answer = format!("{calculated}{end}");
        let told = told_of(&["calculate"], &answer, FinishReason::Stop);
        assert_eq!(told, (String::new(), called.clone(), FinishReason::ToolCalls), "{end}");
    }
    let said = "To use the weather tool for Rome and Oslo, you would call the following functions:\n\n1. For Rome:\n";
    let answer = format!(
        "{said}```xml\n<tool_call>\n{{\n  \"name\": \"weather\",\n  \"arguments\": {{\n    \"city\": \"Rome\"\n  }}\n}}\n</tool_call>\n\
         <tool_call>\n{{\n  \""
    );
    let told = told_of(&["weather"], &answer, FinishReason::Length);
    assert_eq!(told, (said.to_owned(), vec![call("weather", "{\"city\":\"Rome\"}")], FinishReason::Length));
}

#[test]
fn what_is_no_call_stays_text() {
    let invented = "```json\n{\n  \"name\": \"src/main.rs\",\n  \"arguments\": {\n    \"path\": \"/path/to/your/file.txt\",\n    \"content\": \"Hello, world!\"\n  }\n}\n```";
    let described = "To call the `weather` function with the city Berlin, you would need to use the following XML:\n\n```xml\n<tools>\n  {\"function\": {\"name\": \"weather\", \"parameters\": {\"properties\": {\"city\": {\"type\": \"string\"}}, \"required\": [\"city\"], \"type\": \"object\"}},";
    let program = "```python\ndef reverse_string(input_string):\n    return input_string[::-1]\n```";
    for answer in [invented, described, program] {
        let told = told_of(&["read_file", "weather"], answer, FinishReason::Stop);
        assert_eq!(told, (answer.to_owned(), Vec::new(), FinishReason::Stop));
    }
}

// From here on nothing was recorded.

#[test]
fn calls_in_other_forms_are_known_in_lists_between_marks_and_without_their_last_brace() {
    let (rome, oslo) = (call("weather", "{\"city\":\"Rome\"}"), call("weather", "{\"city\":\"Oslo {\"}"));
    let (first, second) = (
        "{\"type\": \"function\", \"name\": \"weather\", \"parameters\": {\"city\": \"Rome\"}}",
        "{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo {\"}}",
    );
    for answer in [
        format!("[{first}, {second}]"),
        format!("{first}\n{second}"),
        format!("<tools>\n{first}\n{second}\n</tools>"),
        format!("<function>{first}</function>\n<function>{second}</function>"),
        format!("```\n[\n{first},\n{second}\n]\n```"),
        format!("{first}\n{}", &second[..second.len() - 1]),
    ] {
        let told = told_of(&["weather"], &answer, FinishReason::Stop);
        assert_eq!(
            told,
            (String::new(), vec![rome.clone(), oslo.clone()], FinishReason::ToolCalls),
            "{answer}"
        );
    }
    let said = format!("I call:\n\n  {first}\nThat was it.");
    let told = told_of(&["weather"], &said, FinishReason::Stop);
    assert_eq!(told, ("I call:\n\n  That was it.".to_owned(), vec![rome], FinishReason::ToolCalls));
}

#[test]
fn what_only_looks_like_a_call_stays_text() {
    for answer in [
        "{\"name\": \"weather\", \"arguments\": \"Rome\"}",
        "{\"name\": \"weather\"}",
        "{\"name\": \"weather\", \"arguments\": {\"city\" \"Rome\"}}",
        "{\"name\": \"weather\", \"age\": 3}",
        "{\"arguments\": {}, \"name\": \"weather\"}",
        "{}",
        "{ let x = 1; }",
        "{\"name\": \"wea",
        "It is {\"name\": \"weather\", \"arguments\": {}} or so.",
        "<b>bold</b> <tools> ```",
        "[1, 2]",
        "``",
        "<think>\nI may write\n{\"name\": \"weather\", \"arguments\": {}}\n</think>\nNo.",
    ] {
        let told = told_of(&["weather"], answer, FinishReason::Stop);
        assert_eq!(told, (answer.to_owned(), Vec::new(), FinishReason::Stop));
    }
    // Nor where nothing of the kind is expected.
    let bare = "{\"name\": \"weather\", \"arguments\": {}}";
    assert_eq!(told(bare, 3, FinishReason::Stop), (bare.to_owned(), Vec::new(), FinishReason::Stop));
    let thought = format!("<think>\nWell.\n</think>\n\n{bare}");
    let told = told_of(&["weather"], &thought, FinishReason::Stop);
    let calls = vec![call("weather", "{}")];
    assert_eq!(told, ("<think>\nWell.\n</think>\n\n".to_owned(), calls, FinishReason::ToolCalls));
}

#[test]
fn text_after_what_was_no_call_is_not_held_back() {
    let mut reader = CallReader::new(7, vec!["weather".to_owned()], true);
    let mut hear = |text: &str| {
        let replies = reader.read(Ok(ChatEvent::Delta { text: text.to_owned(), tokens: 1 }));
        let texts = replies.into_iter().map(|reply| match reply.unwrap() {
            ChatEvent::Delta { text, .. } => text,
            other => panic!("{other:?}"),
        });
        texts.collect::<String>()
    };
    assert_eq!(hear("```json\n"), "");
    assert_eq!(hear("{\"name\": \"weath"), "");
    assert_eq!(hear("ers\""), "```json\n{\"name\": \"weathers\"");
    assert_eq!(hear(", \"a\": 1"), ", \"a\": 1");
}

#[test]
fn of_several_calls_in_other_forms_one_is_told_where_only_one_may_be_made() {
    let reader = CallReader::new(7, vec!["time".to_owned()], false);
    let answer =
        "{\"name\": \"time\", \"arguments\": {}}\n{\"name\": \"time\", \"arguments\": {\"zone\": \"any\"}}";
    let told = told_by(reader, answer, 5, FinishReason::Stop);
    assert_eq!(told, (String::new(), vec![call("time", "{}")], FinishReason::ToolCalls));
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
    let mut reader = CallReader::new(7, Vec::new(), true);
    let text = "<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>".repeat(2);
    let replies = reader.read(Ok(ChatEvent::Delta { text, tokens: 9 }));
    let ids = replies.into_iter().map(|reply| match reply.unwrap() {
        ChatEvent::ToolCall(call) => call.id,
        other => panic!("{other:?}"),
    });
    let ids: Vec<String> = ids.collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}
