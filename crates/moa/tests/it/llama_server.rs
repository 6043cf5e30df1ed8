//! The slow profile: the program beside a real llama-server with the 135M model. `make test-slow` builds the server and says where it is.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::interrupts::signal;
use crate::project::{Outcome, Project, test_model};
use crate::real_model::document;

/// A llama-server for two requests of 512 tokens at once, killed when dropped.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let program =
            std::env::var_os("MOA_TEST_LLAMA_SERVER").expect("run these tests with `make test-slow`");
        let mut process = Command::new(program)
            .arg("--model")
            .arg(test_model())
            .args(["--host", "127.0.0.1", "--port", "0", "--threads", "1", "--ctx-size", "1024"])
            .args(["--parallel", "2", "--jinja", "--no-webui"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut seen = String::new();
        let address = loop {
            let start = seen.len();
            assert!(log.read_line(&mut seen).unwrap() > 0, "the server ended:\n{seen}");
            if let Some((_, address)) = seen[start..].split_once("listening on ") {
                break address.split_whitespace().next().unwrap().to_owned();
            }
        };
        // A server whose log nobody reads stands still; the thread ends with the server.
        std::thread::spawn(move || log.read_to_end(&mut Vec::new()));
        Self { process, address }
    }

    /// A project whose models are this server, once asked for streams and once not.
    fn project(&self) -> Project {
        let project = Project::new();
        let config = format!(
            "default-preset = \"trio\"\n\
             [endpoints.server]\nbase-url = \"{}/v1\"\nretries = 0\n\
             [models.streams]\nendpoint = \"server\"\nid = \"smollm2\"\n\
             [models.whole]\nendpoint = \"server\"\nid = \"smollm2\"\nstream = false\n\
             [presets.trio]\nlayers = 2\naggregator = \"streams\"\nmax-tokens = 16\n\
             proposers = [{{ model = \"streams\", samples = 2 }}, \"whole\"]\n\
             [presets.stops]\nlayers = 1\naggregator = {{ model = \"streams\", stop = [\".\"], max-tokens = 200 }}\n\
             [presets.long]\nlayers = 1\naggregator = {{ model = \"streams\", max-tokens = 400, temperature = 1 }}\n",
            self.address
        );
        project.write("server.toml", config);
        project
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.moa(arguments);
    command.args(["--config", "server.toml"]);
    command
}

fn ask(project: &Project, arguments: &[&str]) -> Outcome {
    let fixed = ["ask", "--output", "json", "--temperature", "0", "--seed", "5"];
    project.outcome(&command(project, &[&fixed, arguments].concat()).output().unwrap())
}

/// The only call of a run.
fn call(run: &Value) -> &Value {
    &run["layers"][0]["responses"][0]
}

#[test]
#[ignore = "needs llama-server: make test-slow"]
fn streams_and_whole_answers_say_the_same_and_count_the_same() {
    let server = Server::start();
    let project = server.project();
    let runs = ["streams", "whole"].map(|model| {
        document(&ask(&project, &["--model", model, "--max-tokens", "12", "Tell a story of a river."]))
    });
    for run in &runs {
        let usage = &call(run)["usage"];
        assert_eq!(usage["completion_tokens"], 12, "{run}");
        assert!(usage["prompt_tokens"].as_u64().unwrap() > 10, "{run}");
        assert!(usage.get("estimated").is_none_or(|estimated| estimated == false), "{run}");
        assert_eq!(call(run)["finish_reason"], "length", "{run}");
    }
    assert_eq!(runs[0]["answer"], runs[1]["answer"]);
    assert_eq!(call(&runs[0])["usage"]["prompt_tokens"], call(&runs[1])["usage"]["prompt_tokens"]);
}

#[test]
#[ignore = "needs llama-server: make test-slow"]
fn an_answer_ends_before_a_text_that_stops_it() {
    let server = Server::start();
    let run = document(&ask(&server.project(), &["--preset", "stops", "Tell a story of a river."]));
    assert_eq!(call(&run)["finish_reason"], "stop", "{run}");
    let answer = run["answer"].as_str().unwrap();
    assert!(!answer.is_empty() && !answer.contains('.'), "{run}");
}

#[test]
#[ignore = "needs llama-server: make test-slow"]
fn a_mixture_of_several_agents_at_once_answers() {
    let server = Server::start();
    let run = document(&ask(&server.project(), &["Name a colour."]));
    assert_eq!(run["degraded"], false, "{run}");
    assert_eq!(run["layers"][0]["responses"].as_array().unwrap().len(), 3);
    assert!(!run["answer"].as_str().unwrap().is_empty());
}

#[test]
#[ignore = "needs llama-server: make test-slow"]
fn a_run_that_is_stopped_frees_the_server() {
    let server = Server::start();
    let project = server.project();
    // More of them than the server answers at once: without the place of the one before, the last would wait for long.
    for _ in 0..4 {
        let arguments = ["ask", "--preset", "long", "--output", "jsonl", "Tell a very long story."];
        let mut child =
            command(&project, &arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("\"call_delta\"")));
        signal("INT", child.id());
        let last = lines.last().unwrap().unwrap();
        assert!(last.contains("\"run_cancelled\""), "{last}");
        assert_eq!(child.wait().unwrap().code(), Some(130));
    }
    document(&ask(&project, &["--model", "streams", "--max-tokens", "4", "Hello?"]));
}

#[test]
#[ignore = "needs llama-server: make test-slow"]
fn a_prompt_beyond_the_context_is_told_with_what_to_do() {
    let server = Server::start();
    let project = server.project();
    for model in ["streams", "whole"] {
        let path = project.write("question.txt", "word ".repeat(3_000));
        let mut asking = command(&project, &["ask", "--model", model, "--trace", "none", "-"]);
        let output = asking.stdin(std::fs::File::open(path).unwrap()).output().unwrap();
        let outcome = project.outcome(&output);
        assert_eq!(outcome.code, Some(1), "{outcome}");
        assert!(outcome.stderr.contains("longer context"), "{outcome}");
    }
}

#[test]
#[ignore = "needs llama-server: make test-slow"]
fn a_server_that_answers_with_another_model_than_asked_is_told() {
    let server = Server::start();
    let run = document(&ask(&server.project(), &["--model", "streams", "--max-tokens", "4", "Hello?"]));
    let model = call(&run)["upstream"]["model"].as_str().unwrap();
    assert!(model.contains("SmolLM2-135M"), "{run}");
}

#[test]
#[ignore = "needs llama-server: make test-slow"]
fn a_server_that_went_away_is_told() {
    let server = Server::start();
    let project = server.project();
    drop(server);
    let outcome =
        project.outcome(&command(&project, &["ask", "--model", "streams", "Hello?"]).output().unwrap());
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("start the server"), "{outcome}");
}
