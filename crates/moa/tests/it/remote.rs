//! Whole runs over endpoints: the program beside a mock of such a service.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use moa_testkit::{Fault, Mock, Point, Rule, UsageAt};
use serde_json::Value;

use crate::project::{Outcome, Project};

/// What stands for the secret that must be sent to the endpoint and shown nowhere else.
const KEY: &str = "sk-test-0123456789abcdef0123456789";

/// A project whose preset asks the models `a`, `b` and `c` at the mock, and lets `z` aggregate.
fn project(mock: &Mock) -> Project {
    let project = Project::new();
    let price = "price = { input-usd = 1.0, output-usd = 1.0 }";
    let mut config = format!(
        "default-preset = \"trio\"\n\
         [endpoints.mock]\nbase-url = \"{}\"\napi-key-env = \"MOCK_KEY\"\nretries = 0\n\
         [presets.trio]\nlayers = 2\nproposers = [\"a\", \"b\", \"c\"]\naggregator = \"z\"\nmax-tokens = 20\n",
        mock.base_url()
    );
    for name in ["a", "b", "c", "z"] {
        let _ = write!(
            config,
            "[models.{name}]\nendpoint = \"mock\"\nid = \"{name}\"\nsuccessors = [\"b\"]\n{price}\n"
        );
    }
    project.write("mock.toml", config);
    project
}

fn command(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.moa(arguments);
    command.args(["--config", "mock.toml"]).env("MOCK_KEY", KEY);
    command
}

/// Runs the program without holding up the mock, which lives on this test's own runtime.
async fn run(project: &Project, arguments: &[&str]) -> Outcome {
    let mut command = command(project, arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    project.outcome(&output)
}

fn document(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, Some(0), "{outcome}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

fn asked(mock: &Mock, model: &str) -> usize {
    mock.log().requests().of_model(model).len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mixture_over_an_endpoint_answers_and_tells_what_was_lost_and_what_it_cost() {
    let mock = Mock::builder()
        .rule(Rule::model("b").status(503))
        .rule(Rule::model("z").answer("All agree."))
        .rule(Rule::any().answer("It is so."))
        .start()
        .await
        .unwrap();
    let project = project(&mock);
    let outcome = run(&project, &["ask", "--output", "json", "Is it so?"]).await;
    let run_document = document(&outcome);
    assert_eq!(run_document["answer"], "All agree.");
    assert_eq!(run_document["degraded"], true);
    let proposals = run_document["layers"][0]["responses"].as_array().unwrap();
    assert_eq!(proposals[1]["status"], "failed");
    assert_eq!(proposals[1]["error"]["kind"], "server_error");
    assert!(run_document["usage"]["cost_usd"].as_f64().unwrap() > 0.0);

    // The key reached the endpoint, and nothing that people or programs read.
    let requests = mock.log().requests();
    assert!(requests.iter().all(|request| request.authorization.is_bearer(KEY)));
    let stored = std::fs::read(project.home().join("moa/runs.sqlite3")).unwrap();
    for (place, bytes) in
        [("stdout", outcome.stdout.as_bytes()), ("stderr", outcome.stderr.as_bytes()), ("store", &stored)]
    {
        assert!(!bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes()), "{place}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_key_is_told_before_anybody_is_asked() {
    let mock = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let project = project(&mock);
    let mut command = command(&project, &["ask", "Is it so?"]);
    command.env_remove("MOCK_KEY");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let outcome = project.outcome(&output);
    assert_eq!(outcome.code, Some(2), "{outcome}");
    assert!(outcome.stderr.contains("MOCK_KEY"), "{outcome}");
    assert!(mock.log().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_was_retired_is_named_with_what_could_replace_it() {
    let body = r#"{"error":{"message":"The model `z` does not exist","code":"model_not_found"}}"#;
    let mock = Mock::builder()
        .rule(Rule::model("z").status(404).body(body))
        .rule(Rule::any().answer("x"))
        .start()
        .await
        .unwrap();
    let project = project(&mock);
    let outcome = run(&project, &["ask", "--model", "z", "Is it so?"]).await;
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("'z'") && outcome.stderr.contains("\"b\""), "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aggregator_that_fails_leaves_the_best_proposal_with_a_warning() {
    let mock = Mock::builder()
        .rule(Rule::model("z").status(500))
        .rule(Rule::model("b").answer("Buy gold."))
        .rule(Rule::any().answer("It is so indeed."))
        .start()
        .await
        .unwrap();
    let outcome = run(&project(&mock), &["ask", "Is it so?"]).await;
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert_eq!(outcome.stdout.trim(), "It is so indeed.");
    assert!(outcome.stderr.contains("the best proposal"), "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_on_the_cost_is_kept_and_told() {
    let mock = Mock::builder().rule(Rule::any().answer("x")).start().await.unwrap();
    let project = project(&mock);
    let outcome = run(&project, &["ask", "--max-cost", "0.000001", "Is it so?"]).await;
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("--max-cost"), "{outcome}");
    assert!(mock.log().is_empty());

    let dry = run(&project, &["ask", "--dry-run", "--output", "json", "Is it so?"]).await;
    let most = document(&dry)["cost_usd_at_most"].as_f64().unwrap();
    let run_document =
        document(&run(&project, &["ask", "--max-cost", "1", "--output", "json", "Is it so?"]).await);
    let cost = run_document["usage"]["cost_usd"].as_f64().unwrap();
    assert!(cost > 0.0 && cost <= most, "{cost} of {most}");
    assert_eq!(run_document["max_cost_usd"], 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_a_failed_attempt_or_a_broken_answer_took_are_counted_and_paid() {
    let breaks_off =
        Rule::model("a").answer("It is so.").fault(Fault::CloseAt(Point::BEFORE_FIRST_CHUNK)).times(1);
    let rules = [
        breaks_off,
        Rule::model("b").answer("It is so.").error_before_chunk(3),
        Rule::any().answer("It is so."),
    ];
    let rules = rules.map(|rule| rule.usage(UsageAt::EveryChunk).usage_tokens(50, 3));
    let mock = rules.into_iter().fold(Mock::builder(), moa_testkit::MockBuilder::rule).start().await.unwrap();
    let project = project(&mock);
    let config = std::fs::read_to_string(project.path("mock.toml")).unwrap();
    project.write("mock.toml", config.replace("retries = 0", "retries = 1"));
    let run_document = document(&run(&project, &["ask", "--output", "json", "Is it so?"]).await);
    assert_eq!((asked(&mock, "a"), asked(&mock, "b")), (2, 1));
    let mut sum = 0;
    // Of `a` both attempts have read the prompt; of `b` there are the two tokens that came before the error.
    for (place, tokens) in [(0, [100, 3]), (1, [50, 2]), (2, [50, 3])] {
        let response = &run_document["layers"][0]["responses"][place];
        let usage = &response["usage"];
        assert_eq!(
            [&usage["prompt_tokens"], &usage["completion_tokens"]],
            tokens.map(Value::from).each_ref(),
            "{response}"
        );
        assert_eq!(usage["estimated"], false, "{response}");
        let dollars = f64::from(tokens[0] + tokens[1]) / 1e6;
        assert!((usage["cost_usd"].as_f64().unwrap() - dollars).abs() < 1e-12, "{response}");
        sum += tokens[0] + tokens[1];
    }
    let dollars = f64::from(sum + 53) / 1e6;
    assert!((run_document["usage"]["cost_usd"].as_f64().unwrap() - dollars).abs() < 1e-12, "{run_document}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_question_asks_nobody_when_answers_are_reused() {
    let mock = Mock::builder().rule(Rule::any().answer("It is so.")).start().await.unwrap();
    let project = project(&mock);
    let first = document(&run(&project, &["ask", "--output", "json", "Is it so?"]).await);
    assert_eq!(mock.log().len(), 4);
    let again = document(&run(&project, &["ask", "--output", "json", "--reuse", "Is it so?"]).await);
    assert_eq!(mock.log().len(), 4);
    assert_eq!(again["answer"], first["answer"]);
    assert_eq!(again["layers"][1]["responses"][0]["reused"], true);
    assert_eq!(again["usage"]["completion_tokens"], 0);
    // Without the flag, and for another question, everybody is asked again.
    run(&project, &["ask", "Is it so?"]).await;
    run(&project, &["ask", "--reuse", "Is it not?"]).await;
    assert_eq!(mock.log().len(), 12);
}

/// Asks, and kills the program when its three proposals are on disk and the aggregator is being asked.
async fn kill_while_it_aggregates(mock: &Mock, project: &Project) {
    let mut child =
        command(project, &["ask", "Is it so?"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    mock.gate("z").arrived(1).await;
    // The outcomes of the first layer are on disk before the aggregator is asked, or soon after: the store is looked at, not the clock.
    let stored = || {
        let output = command(project, &["runs", "export", "last"]).output().unwrap();
        let whole = String::from_utf8(output.stdout).unwrap();
        ["ok", "partial"].map(|status| whole.matches(&format!("\"status\": \"{status}\"")).count())
    };
    while stored().iter().sum::<usize>() < 3 {
        tokio::task::yield_now().await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    mock.gate("z").release();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_run_asks_again_for_an_answer_that_was_cut_short() {
    let mock = Mock::builder()
        .rule(Rule::model("z").answer("All agree.").hold(Point::BeforeHead).times(1))
        .rule(Rule::model("z").answer("All agree."))
        .rule(Rule::model("b").answer("It is so.").error_before_chunk(3).times(1))
        .rule(Rule::any().answer("It is so."))
        .start()
        .await
        .unwrap();
    let project = project(&mock);
    kill_while_it_aggregates(&mock, &project).await;
    let resumed = document(&run(&project, &["runs", "resume", "last", "--output", "json"]).await);
    assert_eq!(resumed["degraded"], false, "{resumed}");
    let counts: Vec<usize> = ["a", "b", "c", "z"].iter().map(|model| asked(&mock, model)).collect();
    assert_eq!(counts, [1, 2, 1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_process_was_killed_is_resumed_and_only_what_was_in_flight_is_asked_again() {
    let mock = Mock::builder()
        .rule(Rule::model("z").answer("All agree.").hold(Point::BeforeHead).times(1))
        .rule(Rule::model("z").answer("All agree."))
        .rule(Rule::any().answer("It is so."))
        .start()
        .await
        .unwrap();
    let project = project(&mock);
    kill_while_it_aggregates(&mock, &project).await;
    let listed = run(&project, &["runs", "list"]).await;
    assert!(listed.stdout.contains("interrupted"), "{listed}");
    let resumed = document(&run(&project, &["runs", "resume", "last", "--output", "json"]).await);
    assert_eq!(resumed["answer"], "All agree.");
    let counts: Vec<usize> = ["a", "b", "c", "z"].iter().map(|model| asked(&mock, model)).collect();
    assert_eq!(counts, [1, 1, 1, 2]);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_a_terminal_starts_no_program_to_learn_its_size() {
    use std::os::unix::fs::PermissionsExt as _;

    let mock = Mock::builder().rule(Rule::any().answer("It is so.")).start().await.unwrap();
    let project = project(&mock);
    std::fs::create_dir(project.path("bin")).unwrap();
    let told = project.path("told");
    let tput = project.write("bin/tput", format!("#!/bin/sh\necho >> '{}'\necho 80\n", told.display()));
    std::fs::set_permissions(tput, std::fs::Permissions::from_mode(0o755)).unwrap();

    let ask = command(&project, &["ask", "Is it so?"]);
    // A session of its own has no terminal, whoever runs this test.
    let mut apart = Command::new("setsid");
    apart.arg("--wait").arg(ask.get_program()).args(ask.get_args()).current_dir(project.path(""));
    for (name, value) in ask.get_envs() {
        match value {
            Some(value) => apart.env(name, value),
            None => apart.env_remove(name),
        };
    }
    apart.env("PATH", format!("{}:/usr/bin:/bin", project.path("bin").display())).stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || apart.output().unwrap()).await.unwrap();
    let outcome = project.outcome(&output);
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(!told.exists(), "{outcome}");
}
