//! The engine, the sandbox and Python together. Where no sandbox can be made nothing is proven, and that is said.

use futures::StreamExt as _;
use moa_core::{
    Agent, Aggregation, CallId, CallOutcome, CallStatus, Choosing, ChoosingKind, Conversation, FinishReason,
    Layer, LayerIndex, Mixture, Models, ReplayModel, RunEnd, RunRequest, RunSeed, Trace, Usage,
};
use uuid::Uuid;

use super::*;

const PROMPT: &str = "Complete this Python function.\n\n```python\ndef largest(numbers):\n    \"\"\" The two largest, as a set.\n    >>> sorted(largest([5, 1, 9]))\n    [5, 9]\n    >>> largest([2.0, 2])\n    {2}\n    \"\"\"\n```\n\nlargest([]) == None";

async fn has_sandbox() -> bool {
    match Sandbox::open().await {
        Ok(_) => true,
        Err(error) => {
            eprintln!("skipped: {error}");
            false
        }
    }
}

fn outcome(text: &str) -> CallOutcome {
    CallOutcome {
        status: CallStatus::Ok,
        text: text.to_owned(),
        reasoning: String::new(),
        tool_calls: Vec::new(),
        finish_reason: Some(FinishReason::Stop),
        error: None,
        usage: Usage::default(),
        certainty: None,
        first_token_ms: None,
        wall_ms: 0.0,
    }
}

/// A run whose proposals are these.
async fn decided(answers: &[&str]) -> Trace {
    decided_by(&sandboxed(), PROMPT, answers).await
}

async fn decided_by(runner: &CandidateRunner, prompt: &str, answers: &[&str]) -> Trace {
    let call = |agent| CallId { layer: LayerIndex(1), agent };
    let outcomes = answers.iter().zip(1..).map(|(text, agent)| (call(agent), outcome(text))).collect();
    let replay = Arc::new(ReplayModel::new("stored", outcomes));
    let models = (1..=answers.len()).fold(Models::new(), |models, agent| {
        models.with_call(call(u32::try_from(agent).unwrap()), replay.clone())
    });
    let agents = (1..=answers.len()).map(|number| Agent::new(format!("agent {number}"), 64)).collect();
    let choosing = Choosing { by: ChoosingKind::RunCandidates, keep: 1, prefer: Vec::new() };
    let mixture = Mixture {
        aggregation: Aggregation::Choose(choosing),
        ..Mixture::new("test", vec![Layer::new(agents)], Agent::new("z", 64))
    };
    let conversation = Conversation::ask(prompt);
    let request = RunRequest::new(Uuid::nil(), 0, mixture, conversation, RunSeed::Drawn(7));
    let events: Vec<_> = moa_core::run(request, models.with_candidate_runner(runner.clone())).collect().await;
    Trace::of(&events)
}

fn chosen(trace: &Trace) -> (u32, &str) {
    let Some(RunEnd::Finished(outcome)) = &trace.end else { panic!("{:?}", trace.end) };
    (outcome.chosen.unwrap().agent, &trace.layers[0].decisions[0].reason)
}

fn code(body: &str) -> String {
    format!("```python\ndef largest(numbers):\n    {body}\n```")
}

#[tokio::test]
async fn real_programs_are_told_apart_by_what_they_do_in_every_order_of_the_agents() {
    if !has_sandbox().await {
        return;
    }
    let right = code("return set(sorted(numbers)[-2:]) or None");
    let empty = code("return set(sorted(numbers)[-2:])");
    let answers = [
        empty.as_str(),
        "The largest are found by sorting.",
        right.as_str(),
        &code("return"),
        &code("import os; os._exit(0)"),
        "```python\ndef largest(numbers):\n    return set(\n```",
    ];
    for turn in 0..answers.len() {
        let mut turned = answers;
        turned.rotate_left(turn);
        let trace = decided(&turned).await;
        let (agent, reason) = chosen(&trace);
        assert_eq!(turned[agent as usize - 1], right);
        assert_eq!(reason, "its program passes 3 of 3 examples of the prompt, the next 2");
        let scores = trace.layers[0].decisions[0].judged.iter().map(|judged| judged.score);
        let mut scores: Vec<Option<f64>> = scores.collect();
        scores.rotate_right(turn);
        // The one that only gives nothing passes what nothing is expected of.
        let expected = [Some(2.0), None, Some(3.0), Some(1.0), Some(0.0), Some(0.0)];
        assert_eq!(scores, expected);
    }
}

#[tokio::test]
async fn equal_values_behave_alike_however_a_process_writes_them() {
    if !has_sandbox().await {
        return;
    }
    // Sets of texts have another order in each process, and objects another address.
    let one = code("return {str(n): n for n in numbers}, {'a', 'b', 'c', 'd', 'e'}, 1.0, lambda: 0");
    let other = code("return {str(n): n for n in reversed(numbers)}, set('edcba'), 1, lambda: 0");
    let lone = code("return 'something else'");
    let trace = decided(&[&one, &lone, &other]).await;
    let (agent, reason) = chosen(&trace);
    assert_ne!(agent, 2);
    assert!(
        reason.starts_with("no program passes any of the 3 examples of the prompt; 2 of them behave alike"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_program_without_an_end_keeps_what_it_did_before_and_holds_nobody_up_for_long() {
    if !has_sandbox().await {
        return;
    }
    let endless = code("while numbers == []: pass\n    return set(numbers) - {1}");
    let trace = decided(&[&endless, &code("return"), &code("return {5, 9}")]).await;
    assert_eq!(chosen(&trace), (1, "its program passes 2 of 3 examples of the prompt, the next 1"));
}

#[tokio::test]
async fn many_programs_keep_their_places_whoever_is_done_first() {
    if !has_sandbox().await {
        return;
    }
    let slow = code("sum(range(3_000_000)); return {5, 9}");
    let programs: Vec<String> = (10..15).map(|number| code(&format!("return {{{number}}}"))).collect();
    let mut answers: Vec<&str> = programs.iter().map(String::as_str).collect();
    answers.insert(0, &slow);
    assert_eq!(chosen(&decided(&answers).await).0, 1);
}

#[test]
fn a_refusal_says_what_helps() {
    assert_eq!(
        reason(&SandboxError::NoPython),
        "candidate programs cannot be run: there is no Python 3 (install Python 3)"
    );
}

/// The problems of `HumanEval`, which are not redistributed: of those that give examples, their own solutions pass all, but for five whose texts
/// are at odds with themselves.
#[tokio::test]
async fn solutions_of_published_problems_pass_the_examples_of_their_texts() {
    let folder = std::env::var_os("MOA_EVAL_DATA").map(std::path::PathBuf::from);
    let file = folder.map(|folder| folder.join("humaneval/HumanEval.jsonl.gz"));
    let Some(bytes) = file.and_then(|file| std::fs::read(file).ok()) else {
        eprintln!("skipped: there is no humaneval/HumanEval.jsonl.gz in the folder that MOA_EVAL_DATA names");
        return;
    };
    if !has_sandbox().await {
        return;
    }
    let runner = sandboxed();
    let (mut without_examples, mut at_odds) = (0, Vec::new());
    for problem in moa_eval::exact::read_problems(&bytes).unwrap() {
        let answer = |body: &str| format!("```python\n{}{body}\n```", problem.prompt);
        let prompt = format!("Complete this.\n\n```python\n{}\n```", problem.prompt.trim_end());
        let answers = [answer(&problem.canonical_solution), answer("    return 'no such value'\n")];
        let trace = decided_by(&runner, &prompt, &[&answers[0], &answers[1]]).await;
        let decision = &trace.layers[0].decisions[0];
        if decision.reason.starts_with("the prompt gives no example") {
            without_examples += 1;
            continue;
        }
        let passed = decision.judged[0].score.unwrap();
        if !decision.reason.starts_with(&format!("its program passes {passed} of {passed} ")) {
            at_odds.push(problem.task_id);
        }
    }
    assert_eq!(without_examples, 24);
    assert_eq!(at_odds, ["HumanEval/47", "HumanEval/116", "HumanEval/130", "HumanEval/148", "HumanEval/149"]);
}
