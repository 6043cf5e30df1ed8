//! `moa serve`, as an operator starts and stops it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use moa_testkit::{Mock, Point, Rule};
use serde_json::{Value, json};

use crate::interrupts::signal;
use crate::project::{Project, test_model};

/// A project whose model `a` answers at the mock.
fn project(mock: &Mock) -> Project {
    let project = Project::new();
    let config = format!(
        "[endpoints.mock]\nbase-url = \"{}\"\n[models.a]\nendpoint = \"mock\"\nid = \"a\"\n\
         [presets.duo]\nlayers = 2\nproposers = [\"a\", \"a\"]\naggregator = \"a\"\n",
        mock.base_url()
    );
    project.write("mock.toml", config);
    project
}

/// A program that does not outlive the test, however that ends.
pub(crate) struct Running(Child);

impl std::ops::Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl std::ops::DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program, and the address that it tells.
fn serve(project: &Project) -> (Running, String) {
    started(&mut project.moa(&["serve", "--port", "0", "--config", "mock.toml"]))
}

pub(crate) fn started(command: &mut std::process::Command) -> (Running, String) {
    let mut child = Running(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    // Read byte by byte, so that the rest stays for whoever reads on.
    let stderr = child.stderr.as_mut().unwrap();
    BufReader::with_capacity(1, stderr).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next());
    let address = address.unwrap_or_else(|| panic!("no address in {line:?}")).to_owned();
    (child, address)
}

/// A request on a connection of its own; the response is read to its end.
fn request(address: &str, method: &str, path: &str, body: &str) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    write!(
        socket,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut response = String::new();
    socket.read_to_string(&mut response).unwrap();
    response
}

/// The same in a shell, which sets limits before.
#[cfg(unix)]
fn serve_within(project: &Project, limits: &str) -> (Running, String) {
    let moa = project.moa(&["serve", "--port", "0", "--config", "mock.toml"]);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &format!("{limits} && exec \"$@\""), "sh"]).arg(moa.get_program()).args(moa.get_args());
    for (name, value) in moa.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(folder) = moa.get_current_dir() {
        shell.current_dir(folder);
    }
    started(&mut shell)
}

const QUESTION: &str = r#"{"model": "duo", "messages": [{"role": "user", "content": "Is it so?"}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_shows_the_page_and_ends_in_good_order() {
    let mock = Mock::builder().rule(Rule::any().answer("It is so.")).start().await.unwrap();
    let project = project(&mock);
    let (mut child, address) = serve(&project);
    let answer = request(&address, "POST", "/v1/chat/completions", QUESTION);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"content\":\"It is so.\""), "{answer}");
    assert!(request(&address, "GET", "/", "").contains("<html"));
    let missing = QUESTION.replace("duo", "smollm2-135m-instruct");
    let refused = request(&address, "POST", "/v1/chat/completions", &missing);
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("moa models pull"), "{refused}");
    let estimate = request(&address, "POST", "/api/estimate", &QUESTION.replace("model", "preset"));
    assert!(estimate.contains("\"calls\":3"), "{estimate}");
    let models = request(&address, "GET", "/api/models", "");
    assert!(models.contains("\"smollm2-135m-instruct\"") && models.contains("\"a\""), "{models}");

    signal("TERM", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let listed = project.run(&["runs", "list", "--config", "mock.toml"]);
    assert!(listed.stdout.contains("finished"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let mock =
        Mock::builder().rule(Rule::any().answer("It is so.").hold(Point::BeforeHead)).start().await.unwrap();
    let project = project(&mock);
    let (mut child, address) = serve(&project);
    let body = QUESTION.replace("}]", "}], \"stream\": true");
    let mut socket = TcpStream::connect(&address).unwrap();
    write!(
        socket,
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    mock.all().held(2).await;
    signal("TERM", child.id());
    while !request(&address, "GET", "/readyz", "").contains("draining") {}
    signal("TERM", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    mock.all().aborted(2).await;
}

#[test]
fn a_local_aggregator_keeps_to_a_form_calls_tools_and_refuses_what_it_cannot_promise() {
    let project = Project::new();
    let config = format!(
        "[models.small]\npath = \"{}\"\n[presets.duo]\nlayers = 2\nproposers = [\"small\"]\naggregator = \"small\"\n\
         max-tokens = 24\n",
        test_model().display()
    );
    project.write("mock.toml", config);
    let (mut child, address) = serve(&project);
    let ask = |fields: Value| {
        let mut body: Value = serde_json::from_str(QUESTION).unwrap();
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        request(&address, "POST", "/v1/chat/completions", &body.to_string())
    };
    let form =
        |schema: Value| json!({"type": "json_schema", "json_schema": {"name": "verdict", "schema": schema}});
    let schema = json!({
        "type": "object", "properties": {"verdict": {"enum": ["yes", "no"]}}, "required": ["verdict"],
        "additionalProperties": false
    });
    // Hot, so that the model would write anything but that.
    let answer = ask(json!({"temperature": 1.9, "response_format": form(schema)}));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let document: Value = serde_json::from_str(&answer[answer.find('{').unwrap()..]).unwrap();
    let content = document["choices"][0]["message"]["content"].as_str().unwrap();
    let verdict: Value = serde_json::from_str(content).unwrap();
    assert!(verdict == json!({"verdict": "yes"}) || verdict == json!({"verdict": "no"}), "{content}");

    let unknown =
        ask(json!({"response_format": form(json!({"type": "object", "patternProperties": {"^a": {}}}))}));
    assert!(unknown.starts_with("HTTP/1.1 400") && unknown.contains("patternProperties"), "{unknown}");

    let parameters =
        json!({"type": "object", "properties": {"at": {"enum": ["sky", "sea"]}}, "required": ["at"]});
    let tool = json!({"type": "function", "function": {"name": "look", "parameters": parameters}});
    let answer = ask(
        json!({"temperature": 1.9, "max_tokens": 100, "tools": [tool], "tool_choice": "required", "parallel_tool_calls": false}),
    );
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let document: Value = serde_json::from_str(&answer[answer.find('{').unwrap()..]).unwrap();
    let choice = &document["choices"][0];
    let function = &choice["message"]["tool_calls"][0]["function"];
    let arguments: Value = serde_json::from_str(function["arguments"].as_str().unwrap()).unwrap();
    assert!(
        function["name"] == "look" && ["sky", "sea"].contains(&arguments["at"].as_str().unwrap()),
        "{document}"
    );
    assert_eq!(
        (&choice["finish_reason"], &choice["message"]["content"]),
        (&json!("tool_calls"), &Value::Null)
    );
    let unknown = ask(
        json!({"tools": [{"type": "function", "function": {"name": "look"}}], "tool_choice": "sometimes"}),
    );
    assert!(unknown.starts_with("HTTP/1.1 400") && unknown.contains("tool_choice"), "{unknown}");
    signal("TERM", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_would_let_anybody_in_is_refused_before_it_listens() {
    let project = Project::new();
    let outcome = project.run(&["serve", "--host", "0.0.0.0", "--port", "0"]);
    assert_eq!(outcome.code, Some(2), "{outcome}");
    assert!(outcome.stderr.contains("hash-key") && outcome.stderr.contains("--allow-anonymous"), "{outcome}");
}

#[test]
fn the_hash_of_a_key_is_printed_and_the_key_is_not() {
    let project = Project::new();
    let mut child =
        project.moa(&["serve", "hash-key"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"foo\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.trim(), "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn it_serves_more_connections_than_the_shell_gives_it_open_files() {
    let mock = Mock::builder().rule(Rule::any().answer("It is so.")).start().await.unwrap();
    let project = project(&mock);
    let (mut child, address) = serve_within(&project, "ulimit -Sn 64");
    // All of them are open at the same time.
    let mut open: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(&address).unwrap()).collect();
    for socket in &mut open {
        write!(socket, "GET /healthz HTTP/1.1\r\nhost: {address}\r\n\r\n").unwrap();
        let mut status = String::new();
        BufReader::new(socket).read_line(&mut status).unwrap();
        assert!(status.starts_with("HTTP/1.1 200"), "{status}");
    }
    signal("TERM", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
