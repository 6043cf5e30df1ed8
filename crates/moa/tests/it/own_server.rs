//! The slow profile: the program beside its own engine behind HTTP, which is another `moa serve` with the 135M model.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::interrupts::signal;
use crate::project::{Outcome, Project, test_model};
use crate::real_model::document;
use crate::serve::{Running, started};

/// A `moa serve` with one local model, alone (`small`) and as a mixture (`duo`).
struct Server {
    project: Project,
    process: Running,
    address: String,
}

impl Server {
    fn start() -> Self {
        let project = Project::new();
        let config = format!(
            "[models.small]\npath = \"{}\"\n\
             [presets.duo]\nlayers = 2\nproposers = [\"small\"]\naggregator = \"small\"\n",
            test_model().display()
        );
        project.write("server.toml", config);
        let (process, address) =
            started(&mut project.moa(&["serve", "--port", "0", "--config", "server.toml"]));
        Self { project, process, address }
    }

    /// A project that asks this server for streams, whole answers and a mixture, beside a model of its own.
    fn project(&self) -> Project {
        let project = Project::new();
        let config = format!(
            "default-preset = \"mixed\"\n\
             [endpoints.ours]\nbase-url = \"http://{}/v1\"\nretries = 0\n\
             [models.far]\nendpoint = \"ours\"\nid = \"small\"\n\
             [models.far-whole]\nendpoint = \"ours\"\nid = \"small\"\nstream = false\n\
             [models.far-mixture]\nendpoint = \"ours\"\nid = \"duo\"\n\
             [models.far-unknown]\nendpoint = \"ours\"\nid = \"smal\"\n\
             [models.near]\npath = \"{}\"\n\
             [presets.mixed]\nlayers = 2\naggregator = \"far\"\nmax-tokens = 12\n\
             proposers = [\"far\", \"far-whole\", \"far-mixture\", \"near\"]\n\
             [presets.long]\nlayers = 1\naggregator = {{ model = \"far\", max-tokens = 4000, temperature = 1 }}\n",
            self.address,
            test_model().display()
        );
        project.write("client.toml", config);
        project
    }

    /// The statuses of the server's runs, the newest first.
    fn statuses(&self) -> Vec<String> {
        let listed = self.project.run(&["runs", "list", "--json"]);
        let runs: Vec<Value> = serde_json::from_str(&listed.stdout).unwrap();
        runs.iter().map(|run| run["status"].as_str().unwrap().to_owned()).collect()
    }
}

fn command(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.moa(arguments);
    command.args(["--config", "client.toml"]);
    command
}

fn run(project: &Project, arguments: &[&str]) -> Outcome {
    project.outcome(&command(project, arguments).output().unwrap())
}

fn ask(project: &Project, arguments: &[&str]) -> Value {
    let fixed = ["ask", "--output", "json", "--temperature", "0", "--seed", "5"];
    document(&run(project, &[&fixed, arguments].concat()))
}

/// The only call of a run.
fn call(run: &Value) -> &Value {
    &run["layers"][0]["responses"][0]
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_layer_has_agents_at_our_server_and_in_this_process() {
    let server = Server::start();
    let run = ask(&server.project(), &["Name a colour."]);
    assert_eq!(run["degraded"], false, "{run}");
    let responses = run["layers"][0]["responses"].as_array().unwrap();
    let endpoints: Vec<&str> = responses.iter().map(|each| each["endpoint"].as_str().unwrap()).collect();
    assert_eq!(endpoints, ["ours", "ours", "ours", "local"]);
    for response in responses {
        let usage = &response["usage"];
        assert!(usage["prompt_tokens"].as_u64().unwrap() > 10, "{response}");
        assert!(
            (1..=12).contains(&usage["completion_tokens"].as_u64().unwrap())
                || response["model"] == "far-mixture",
            "{response}"
        );
        assert_eq!(usage["estimated"], false, "{response}");
        assert!(!response["text"].as_str().unwrap().is_empty(), "{response}");
    }
    // What the far mixture's own proposers said is shown as thought, and is no part of its answer.
    assert!(!responses[2]["reasoning"].as_str().unwrap().is_empty(), "{}", responses[2]);
    assert_eq!(run["layers"][1]["responses"][0]["text"], run["answer"]);
    // The aggregator, and three agents of the layer.
    assert_eq!(server.statuses(), ["finished"; 4]);
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_model_says_and_counts_the_same_near_and_far() {
    let server = Server::start();
    let project = server.project();
    let runs = ["near", "far", "far-whole"]
        .map(|model| ask(&project, &["--model", model, "--max-tokens", "12", "Tell a story of a river."]));
    for run in &runs {
        assert_eq!(run["answer"], runs[0]["answer"]);
        for count in ["prompt_tokens", "completion_tokens"] {
            assert_eq!(call(run)["usage"][count], call(&runs[0])["usage"][count], "{run}");
        }
        assert_eq!(call(run)["finish_reason"], "length", "{run}");
    }
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_run_that_is_stopped_here_is_stopped_there() {
    let server = Server::start();
    let project = server.project();
    let arguments = ["ask", "--preset", "long", "--output", "jsonl", "Tell a very long story."];
    let mut child =
        command(&project, &arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("\"call_delta\"")));
    signal("INT", child.id());
    let last = lines.last().unwrap().unwrap();
    assert!(last.contains("\"run_cancelled\""), "{last}");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    // Its end is looked for on the disk, not timed.
    while server.statuses() != ["cancelled"] {}
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_prompt_beyond_the_far_context_is_told_with_what_to_do() {
    let server = Server::start();
    let project = server.project();
    for model in ["far", "far-whole"] {
        let path = project.write("question.txt", "word ".repeat(20_000));
        let mut asking = command(&project, &["ask", "--model", model, "--trace", "none", "-"]);
        let output = asking.stdin(std::fs::File::open(path).unwrap()).output().unwrap();
        let outcome = project.outcome(&output);
        assert_eq!(outcome.code, Some(1), "{outcome}");
        assert!(outcome.stderr.contains("longer context"), "{outcome}");
    }
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_model_that_our_server_does_not_have_is_told_with_one_that_it_has() {
    let server = Server::start();
    let outcome = run(&server.project(), &["ask", "--model", "far-unknown", "Hello?"]);
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("\"small\""), "{outcome}");
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_server_that_ends_lets_the_answer_that_is_under_way_arrive() {
    let mut server = Server::start();
    let project = server.project();
    let arguments = ["ask", "--model", "far", "--max-tokens", "100", "--output", "jsonl", "Tell a story."];
    let mut child =
        command(&project, &arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("\"call_delta\"")));
    signal("TERM", server.process.id());
    let last = lines.last().unwrap().unwrap();
    assert!(last.contains("\"run_finished\""), "{last}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(server.process.wait().unwrap().code(), Some(0));
    assert_eq!(server.statuses(), ["finished"]);
    let outcome = run(&project, &["ask", "--model", "far", "Hello?"]);
    assert!(outcome.code == Some(1) && outcome.stderr.contains("start the server"), "{outcome}");
}
