//! Ways to combine, as a user meets them: keys of a preset, the answer on standard output, the reasons beside it.

use std::fmt::Write as _;

use moa_testkit::{Mock, Rule};
use serde_json::Value;

use crate::project::{Outcome, Project};

/// A project whose preset `p` asks `a`, `b` and `c` in layers, with these further keys.
fn project(mock: &Mock, keys: &str) -> Project {
    let project = Project::new();
    let mut config = format!(
        "default-preset = \"p\"\n[endpoints.mock]\nbase-url = \"{}\"\nretries = 0\n\
         [presets.p]\nproposers = [\"a\", \"b\", \"c\"]\nmax-tokens = 20\n{keys}\n",
        mock.base_url()
    );
    for name in ["a", "b", "c", "z"] {
        let _ = write!(config, "[models.{name}]\nendpoint = \"mock\"\nid = \"{name}\"\n");
    }
    project.write("mock.toml", config);
    project
}

/// Asks without holding up the mock, which lives on this test's own runtime.
async fn ask(project: &Project, arguments: &[&str]) -> Outcome {
    let mut command = project.moa(&["ask", "How many?"]);
    command.args(["--config", "mock.toml"]).args(arguments);
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

/// Two who say 12, and one who says something else.
async fn mock() -> Mock {
    Mock::builder()
        .rule(Rule::model("a").answer("That makes 12."))
        .rule(Rule::model("b").answer("Surely 13."))
        .rule(Rule::model("c").answer("10 + 2 = 12"))
        .rule(Rule::model("z").answer("2"))
        .start()
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_answers_without_an_aggregator_and_says_why() {
    let mock = mock().await;
    let project = project(&mock, "layers = 2\naggregation = { kind = \"vote\", answer = \"number\" }");
    let outcome = ask(&project, &[]).await;
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(outcome.stdout.contains("12"), "{outcome}");
    assert!(outcome.stderr.contains("layer 1 of 2: vote: the answer is that of"), "{outcome}");
    assert!(outcome.stderr.contains("(2 of 3 answer 12)"), "{outcome}");
    assert!(!outcome.stderr.contains("aggregator"), "{outcome}");
    let document = document(&ask(&project, &["--output", "json"]).await);
    let decision = &document["layers"][0]["decisions"][0];
    assert_eq!((&decision["kind"], &decision["settles"]), (&"vote".into(), &true.into()));
    assert_eq!(decision["judged"][1]["answer"], "13");
    assert_eq!(document["chosen"], decision["chosen"][0]);
    assert_eq!(document["degraded"], false);
    assert_eq!(asked(&mock, "z"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_is_asked_beside_the_layer_that_it_judges() {
    let mock = mock().await;
    let keys = "layers = 2\naggregation = { kind = \"rank\", method = \"pairwise\" }\naggregator = \"z\"";
    let project = project(&mock, keys);
    let document = document(&ask(&project, &["--output", "json"]).await);
    assert_eq!(asked(&mock, "z"), 6);
    assert!(document["layers"][0]["decisions"][0]["tie"].as_bool().unwrap(), "a judge of places: {document}");
    let tasks: Vec<&str> = document["layers"][0]["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|response| response["task"].as_str().unwrap())
        .collect();
    assert_eq!(tasks.iter().filter(|task| **task == "rank").count(), 6);
    // What was asked is counted before anybody is.
    let estimate: Value =
        serde_json::from_str(&ask(&project, &["--dry-run", "--output", "json"]).await.stdout).unwrap();
    assert_eq!(estimate["calls"], 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_layers_behind_answers_that_agree_are_not_asked() {
    let mock = mock().await;
    let keys = "layers = 3\naggregator = \"z\"\nearly-stop = { agreement = 0.6, answer = \"number\", then = \"answer\" }";
    let project = project(&mock, keys);
    let outcome = ask(&project, &[]).await;
    assert!(outcome.stdout.contains("12"), "{outcome}");
    assert!(
        outcome.stderr.contains("agreement: 67 %, enough (60 %) to stop early: 4 calls saved"),
        "{outcome}"
    );
    assert_eq!((asked(&mock, "a"), asked(&mock, "z")), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_are_asked_for_probabilities_only_where_these_are_compared() {
    let mock = mock().await;
    let with_logprobs =
        |mock: &Mock| mock.log().requests().iter().filter(|request| request.body["logprobs"] == true).count();
    let voting = project(&mock, "layers = 2\naggregation = { kind = \"vote\" }");
    document(&ask(&voting, &["--output", "json"]).await);
    assert_eq!(with_logprobs(&mock), 0);
    let sure = project(&mock, "layers = 2\naggregation = { kind = \"certainty\" }");
    let document = document(&ask(&sure, &["--output", "json"]).await);
    assert_eq!(with_logprobs(&mock), 3);
    // The mock tells none.
    let reason = document["layers"][0]["decisions"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("no model said how sure it was"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_vote_is_replayed_and_can_be_synthesised_after_all() {
    let mock = mock().await;
    let project = project(&mock, "layers = 2\naggregation = { kind = \"vote\", answer = \"number\" }");
    let first = document(&ask(&project, &["--output", "json"]).await);
    let replay = |arguments: &'static [&'static str]| {
        let mut command = project.moa(&["runs", "replay", "last", "--output", "json"]);
        command.args(["--config", "mock.toml"]).args(arguments);
        let asking = tokio::task::spawn_blocking(move || command.output().unwrap());
        async { project.outcome(&asking.await.unwrap()) }
    };
    let again = document(&replay(&[]).await);
    assert_eq!((&again["answer"], &again["chosen"]), (&first["answer"], &first["chosen"]));
    let synthesised = document(&replay(&["--aggregator", "z"]).await);
    assert_eq!(synthesised["answer"], "2");
    assert_eq!(asked(&mock, "a"), 1);
}

/// Asks for a function, and says what it gives.
const FUNCTION: &str = "Write a Python function f(x). Examples:\n>>> f(2)\n4\n>>> f(3)\n9\n";

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_run_on_the_examples_of_the_prompt_and_the_best_one_is_the_answer() {
    let code = |body: &str| format!("Here:\n```python\ndef f(x):\n    return {body}\n```");
    let mock = Mock::builder()
        .rule(Rule::model("a").answer(code("2 * x")))
        .rule(Rule::model("b").answer(code("x ** 2")))
        .rule(Rule::model("c").answer(code("x + x")))
        .start()
        .await
        .unwrap();
    let project = project(&mock, "layers = 2\naggregation = { kind = \"run-candidates\" }");
    let mut command = project.moa(&["ask", FUNCTION, "--config", "mock.toml"]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let outcome = project.outcome(&output);
    assert_eq!(outcome.code, Some(0), "{outcome}");
    if outcome.stderr.contains("nothing was run: ") {
        eprintln!("skipped: no sandbox can be made here");
        return;
    }
    assert!(outcome.stdout.contains("x ** 2"), "{outcome}");
    let reason = "its program passes 2 of 2 examples of the prompt, the next 1";
    assert!(outcome.stderr.contains(reason), "{outcome}");
    // A replay takes the same course: the programs are run again.
    let mut command = project.moa(&["runs", "replay", "last"]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(project.outcome(&output).stderr.contains(reason));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_is_estimated_by_what_it_would_really_be_asked() {
    let mock = mock().await;
    let long = "aggregator = { model = \"z\", system = \"You write. You write well. You write at length, and you never ask.\" }";
    let keys = format!("layers = 2\naggregation = {{ kind = \"rank\" }}\n{long}");
    let listed: Value =
        serde_json::from_str(&ask(&project(&mock, &keys), &["--dry-run", "--output", "json"]).await.stdout)
            .unwrap();
    let calls = listed["layers"][0]["calls"].as_array().unwrap();
    let judge: Vec<&Value> = calls.iter().filter(|call| call["model"] == "z").collect();
    assert_eq!(judge.len(), 2, "both ways round: {listed}");
    assert_eq!(
        (&judge[0]["agent"], &judge[0]["temperature"]),
        (&"judge: order of 1, 2, 3".into(), &0.0.into())
    );
    // What it really reads, its own words and answers of 3 times 20 tokens included, is no more than that, and not much less.
    document(&ask(&project(&mock, &keys), &["--output", "json"]).await);
    let asked = mock.log().requests().of_model("z")[0].body["messages"].to_string();
    assert!(!asked.contains("You write."), "the aggregator's own instructions are none for a judge");
    let (estimated, written) = (judge[0]["prompt_tokens_at_most"].as_u64().unwrap(), asked.len() as u64);
    assert!(estimated > written / 8 && estimated < written, "{estimated} tokens for {written} bytes");
    // A pair has fewer answers in it than a list of three.
    let keys = keys.replace("\"rank\"", "\"rank\", method = \"pairwise\"");
    let pairs: Value =
        serde_json::from_str(&ask(&project(&mock, &keys), &["--dry-run", "--output", "json"]).await.stdout)
            .unwrap();
    let pair = &pairs["layers"][0]["calls"][3];
    assert_eq!(pair["agent"], "judge: 1 against 2");
    assert!(pair["prompt_tokens_at_most"].as_u64().unwrap() < estimated);
}
