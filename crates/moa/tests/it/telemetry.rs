//! Spans of runs, as a collector gets them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc;

use moa_testkit::{Mock, Rule};
use serde_json::{Value, json};

use crate::interrupts::signal;
use crate::project::Project;
use crate::serve::started;

const QUESTION: &str = "Where did I leave my umbrella?";

/// A request that reached the collector: its head and its body.
type Received = (String, Vec<u8>);

/// A collector of OTLP over HTTP: takes what comes, and says that it is well.
fn collector() -> (String, mpsc::Receiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let sender = sender.clone();
            std::thread::spawn(move || while answered(socket.as_ref().unwrap(), &sender) {});
        }
    });
    (address, receiver)
}

/// Reads a request from a connection and answers it; false once there is none.
fn answered(socket: &TcpStream, sender: &mpsc::Sender<Received>) -> bool {
    let mut reader = BufReader::new(socket);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return false;
        }
    }
    let length =
        head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    sender.send((head, body)).unwrap();
    let mut socket = socket;
    socket
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
        .is_ok()
}

async fn mock() -> Mock {
    Mock::builder().rule(Rule::any().answer("In the hall.")).start().await.unwrap()
}

fn ask(project: &Project, mock: &Mock) -> Command {
    let config = format!(
        "[endpoints.mock]\nbase-url = \"{}\"\n[models.a]\nendpoint = \"mock\"\nid = \"a\"\n\
         [presets.duo]\nlayers = 2\nproposers = [\"a\", \"a\"]\naggregator = \"a\"\n",
        mock.base_url()
    );
    project.write("mock.toml", config);
    project.moa(&["ask", "--config", "mock.toml", "--preset", "duo", QUESTION])
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_a_trace_at_the_collector_without_what_was_said() {
    let (project, mock, (address, received)) = (Project::new(), mock().await, collector());
    let mut command = ask(&project, &mock);
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        .env("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=lighthouse");
    let outcome = project.outcome(&command.output().unwrap());
    assert_eq!((outcome.code, outcome.stdout.trim()), (Some(0), "In the hall."), "{outcome}");
    let (head, body) = received.recv().unwrap();
    assert!(head.starts_with("POST /v1/traces "), "{head}");
    assert!(head.to_lowercase().contains("x-tenant: lighthouse"), "{head}");
    assert!(!contains(&body, "umbrella") && !contains(&body, "In the hall"));

    let traces: Value = serde_json::from_slice(&body).unwrap();
    let resource = &traces["resourceSpans"][0];
    assert!(resource["resource"].to_string().contains("{\"stringValue\":\"moa\"}"), "{resource}");
    let spans = resource["scopeSpans"][0]["spans"].as_array().unwrap();
    let of = |name: &str| -> Vec<&Value> { spans.iter().filter(|span| span["name"] == name).collect() };
    let (runs, layers) = (of("invoke_workflow duo"), [of("layer 1"), of("layer 2")].concat());
    assert_eq!((runs.len(), layers.len(), of("chat a").len(), spans.len()), (1, 2, 3, 6), "{traces}");
    assert!(layers.iter().all(|layer| layer["parentSpanId"] == runs[0]["spanId"]));
    assert!(
        of("chat a").iter().all(|call| layers.iter().any(|layer| call["parentSpanId"] == layer["spanId"]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_runs_of_a_server_are_within_the_spans_of_its_clients() {
    let (project, mock, (address, received)) = (Project::new(), mock().await, collector());
    ask(&project, &mock);
    let mut command = project.moa(&["serve", "--port", "0", "--config", "mock.toml"]);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", address).env("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
    let (mut server, address) = started(&mut command);
    let body =
        json!({"model": "duo", "messages": [{"role": "user", "content": QUESTION}], "n": 2}).to_string();
    let mut socket = TcpStream::connect(&address).unwrap();
    write!(
        socket,
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut response = String::new();
    socket.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    signal("TERM", server.id());
    assert_eq!(server.wait().unwrap().code(), Some(0));

    let mut spans = Vec::new();
    for (_, body) in received.try_iter() {
        let traces: Value = serde_json::from_slice(&body).unwrap();
        spans.extend(traces["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone());
    }
    let runs: Vec<&Value> = spans.iter().filter(|span| span["name"] == "invoke_workflow duo").collect();
    assert_eq!(runs.len(), 2, "{spans:?}");
    assert!(runs.iter().all(|run| run["parentSpanId"] == "b7ad6b7169203331"), "{runs:?}");
    assert!(spans.iter().all(|span| span["traceId"] == "0af7651916cd43dd8448eb211c80319c"), "{spans:?}");
    // Who answers for an endpoint need not know whose question it is.
    let asked = mock.log().requests();
    assert!(asked.iter().all(|request| request.header("traceparent").is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_is_told_where_it_is_asked_for_and_protobuf_is_the_usual_form() {
    let (project, mock, (address, received)) = (Project::new(), mock().await, collector());
    let mut command = ask(&project, &mock);
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        .env("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true");
    assert!(command.status().unwrap().success());
    let (head, body) = received.recv().unwrap();
    assert!(head.to_lowercase().contains("content-type: application/x-protobuf"), "{head}");
    assert!(contains(&body, "chat a") && contains(&body, "umbrella") && contains(&body, "In the hall"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_never_answers_holds_up_no_run() {
    let (project, mock) = (Project::new(), mock().await);
    // Connections are taken by the system, and nobody reads from them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = ask(&project, &mock);
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{}", silent.local_addr().unwrap()))
        // As often as can be, so that the exporter is stuck while the run goes on; and as patient as can be, so that it stays so.
        .env("OTEL_BSP_SCHEDULE_DELAY", "1")
        .env("OTEL_EXPORTER_OTLP_TIMEOUT", "86400000");
    let outcome = project.outcome(&command.output().unwrap());
    assert_eq!((outcome.code, outcome.stdout.trim()), (Some(0), "In the hall."), "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_spoken_here_is_said_and_the_run_goes_on() {
    let (project, mock) = (Project::new(), mock().await);
    let mut command = ask(&project, &mock);
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
        .env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let outcome = project.outcome(&command.output().unwrap());
    assert_eq!((outcome.code, outcome.stdout.trim()), (Some(0), "In the hall."), "{outcome}");
    assert!(outcome.stderr.contains("'grpc'") && outcome.stderr.contains("http/protobuf"), "{outcome}");
}
