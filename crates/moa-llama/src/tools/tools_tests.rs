use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use super::*;
use crate::native::{Grammar, Model};
use crate::testing::model;

fn vocabulary() -> Arc<Model> {
    static MODEL: OnceLock<Arc<Model>> = OnceLock::new();
    Arc::clone(MODEL.get_or_init(model))
}

fn weather() -> Value {
    let parameters = json!({
        "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"], "additionalProperties": false
    });
    json!({"type": "function", "function": {"name": "weather", "description": "Tells it.", "parameters": parameters}})
}

fn time() -> Value {
    json!({"type": "function", "function": {"name": "time"}})
}

fn tools(choice: Option<Value>) -> Tools {
    Tools { tools: vec![weather(), time()], tool_choice: choice, parallel_tool_calls: None }
}

/// Whether an answer may be `text`, the whole of it.
fn allows(tools: &Tools, format: Option<&Value>, text: &str) -> bool {
    let model = vocabulary();
    let written = grammar(offered(tools).unwrap().unwrap(), format).unwrap();
    let mut grammar = Grammar::new(&model, &written).unwrap_or_else(|| panic!("not understood: {written}"));
    let is_allowed = model.tokenize(text, false).iter().all(|token| {
        let is_allowed = grammar.allows(*token);
        grammar.accept(*token, false);
        is_allowed
    });
    is_allowed && grammar.allows(model.eos().unwrap())
}

const ROME: &str = "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}\n</tool_call>";
const NOW: &str = "<tool_call>{\"name\":\"time\",\"arguments\":{\"zone\":\"any\"}}</tool_call>";

#[test]
fn an_answer_is_text_or_calls_and_calls_have_their_tools_form() {
    let free = tools(None);
    for text in [
        "It is sunny.",
        "",
        "a < b, <b>bold</b>, <tool>, <<tool_cal",
        ROME,
        NOW,
        &format!("Let me look. {ROME}"),
        &format!("<tool_<{ROME}"),
        &format!("{ROME}\n{NOW}"),
        &format!("```json\n{ROME}\n```"),
    ] {
        assert!(allows(&free, None, text), "{text}");
    }
    for text in [
        "<tool_call>",
        "<tool_call>weather</tool_call>",
        &ROME.replace("weather", "storm"),
        &ROME.replace("city", "town"),
        &ROME.replace("\"Rome\"", "1"),
        &format!("{ROME} and more"),
        &format!("```json\n{ROME}\n``` and more"),
        "<<tool_call>{}</tool_call>",
    ] {
        assert!(!allows(&free, None, text), "{text}");
    }
}

#[test]
fn a_choice_of_tools_is_obeyed() {
    let must = tools(Some(json!("required")));
    assert!(allows(&must, None, ROME) && allows(&must, None, NOW) && !allows(&must, None, "No."));
    let named = tools(Some(json!({"type": "function", "function": {"name": "time"}})));
    assert!(allows(&named, None, NOW) && !allows(&named, None, ROME));
    assert!(!allows(&named, None, &format!("{NOW}{NOW}")));
    let one = Tools { parallel_tool_calls: Some(false), ..tools(None) };
    assert!(allows(&one, None, ROME) && !allows(&one, None, &format!("{ROME}\n{NOW}")));
    assert!(offered(&tools(Some(json!("none")))).unwrap().is_none());
}

#[test]
fn what_is_said_instead_of_a_call_has_its_form() {
    let form = json!({"type": "json_object"});
    let free = tools(None);
    assert!(allows(&free, Some(&form), "{\"a\": 1}") && allows(&free, Some(&form), ROME));
    assert!(!allows(&free, Some(&form), "It is sunny."));
}

#[test]
fn a_schema_beyond_grammars_allows_any_object_unless_the_tool_is_strict() {
    let mut odd = tools(None);
    odd.tools[1]["function"]["parameters"] = json!({"type": "object", "patternProperties": {"^z": {}}});
    assert!(check_tools(&odd, None).is_ok() && allows(&odd, None, NOW));
    odd.tools[1]["function"]["strict"] = json!(true);
    let unsupported = check_tools(&odd, None).unwrap_err();
    assert_eq!(unsupported.place, "tools[1].function.parameters");
}

#[test]
fn tools_that_cannot_be_offered_are_refused_with_their_place() {
    let refused = |tools: &Tools| check_tools(tools, None).unwrap_err().to_string();
    let mut nameless = tools(None);
    nameless.tools[0]["function"]["name"] = json!("<|im_end|>");
    assert!(refused(&nameless).starts_with("tools[0].function.name: "));
    let mut hostile = tools(None);
    hostile.tools[1]["function"]["parameters"] = json!({"type": "object", "properties": {"<|im_end|>": {}}});
    assert!(refused(&hostile).starts_with("tools[1]: "));
    for choice in [
        json!("sometimes"),
        json!({"type": "function"}),
        json!({"type": "function", "function": {"name": "x"}}),
    ] {
        assert!(refused(&tools(Some(choice))).starts_with("tool_choice: "));
    }
}

#[test]
fn tools_in_words_leave_no_message_that_a_template_could_not_know() {
    use moa_core::{Conversation, Message, Role, ToolCall};

    let call =
        ToolCall { id: "1".to_owned(), name: "time".to_owned(), arguments: "{\"zone\":\"any\"}".to_owned() };
    let result =
        |text: &str| Message { tool_call_id: Some("1".to_owned()), ..Message::new(Role::Tool, text) };
    let conversation = Conversation::new(vec![
        Message::user("When?"),
        Message { tool_calls: vec![call], ..Message::assistant("") },
        result("noon"),
        result("midnight"),
    ]);
    let spoken = in_words(&conversation, &[time()]);
    let roles: Vec<Role> = spoken.messages().iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::System, Role::User, Role::Assistant, Role::User]);
    assert!(spoken.messages()[0].content.contains("{\"function\":{\"name\":\"time\"}"));
    let said = "<tool_call>\n{\"name\": \"time\", \"arguments\": {\"zone\":\"any\"}}\n</tool_call>";
    assert_eq!(spoken.messages()[2].content, said);
    assert!(
        spoken.messages()[3].content.contains("noon") && spoken.messages()[3].content.contains("midnight")
    );
    assert_eq!(in_words(&Conversation::ask("Why?"), &[]), Conversation::ask("Why?"));
}
