use super::*;

fn image(url: &str, position_bytes: usize, detail: Option<&str>) -> Image {
    Image { url: url.to_owned(), detail: detail.map(str::to_owned), position_bytes }
}

#[test]
fn images_stand_at_their_places() {
    let mut message = Message::user("vor é nach");
    // The second place is in the middle of a letter.
    message.images = vec![image("u2", 99, None), image("u1", 5, Some("low")), image("u0", 0, None)];
    let written = messages(&Conversation::new(vec![message]), SystemRole::System);
    assert_eq!(
        written,
        [json!({"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "u0"}},
            {"type": "text", "text": "vor "},
            {"type": "image_url", "image_url": {"url": "u1", "detail": "low"}},
            {"type": "text", "text": "é nach"},
            {"type": "image_url", "image_url": {"url": "u2"}},
        ]})]
    );
}

#[test]
fn tool_calls_and_their_results_go_back_as_they_came() {
    let mut calling = Message::assistant("");
    let call = |id: &str, arguments: &str| ToolCall {
        id: id.to_owned(),
        name: "weather".to_owned(),
        arguments: arguments.to_owned(),
    };
    calling.tool_calls = vec![call("a", "{\"city\":\"Rome\"}"), call("b", "")];
    let mut result = Message::new(Role::Tool, "sunny");
    result.tool_call_id = Some("a".to_owned());
    let written = messages(&Conversation::new(vec![calling, result]), SystemRole::System);
    assert_eq!(
        written,
        [
            json!({"role": "assistant", "content": null, "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Rome\"}"}},
                {"id": "b", "type": "function", "function": {"name": "weather", "arguments": "{}"}},
            ]}),
            json!({"role": "tool", "content": "sunny", "tool_call_id": "a"}),
        ]
    );
}

#[test]
fn system_messages_go_where_the_model_reads_them() {
    let conversation = Conversation::new(vec![Message::system("be brief"), Message::user("hi")]);
    let roles = |role| -> Vec<Value> {
        messages(&conversation, role).into_iter().map(|message| message["role"].clone()).collect()
    };
    assert_eq!(roles(SystemRole::System), ["system", "user"]);
    assert_eq!(roles(SystemRole::Developer), ["developer", "user"]);
    let merged = messages(&conversation, SystemRole::InUserMessage);
    assert_eq!(merged, [json!({"role": "user", "content": "be brief\n\nhi"})]);
}
