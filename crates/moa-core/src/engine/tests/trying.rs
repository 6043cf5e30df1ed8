//! Runs that choose by what the programs of the answers do.

use std::sync::Mutex;

use futures::FutureExt as _;

use super::scripted::Step;
use super::*;
use crate::aggregation::{Aggregation, AgreedAnswer, AgreementMeasure, Choosing, ChoosingKind, EarlyStop};
use crate::trial::{CandidateRunner, ExampleOutcome, ExampleRun, Trial};

const PROMPT: &str = "Complete this.\n```python\ndef f(x):\n    \"\"\" Doubles.\n    >>> f(2)\n    4\n    >>> f(3)\n    6\n    \"\"\"\n```\n";

fn running(names: &[&str]) -> Mixture {
    let by = ChoosingKind::RunCandidates;
    let choosing = Choosing { by, keep: 1, prefer: Vec::new() };
    Mixture { aggregation: Aggregation::Choose(choosing), ..mixture(&[names]) }
}

fn ask(prompt: &str, names: &[&str]) -> RunRequest {
    RunRequest { conversation: Conversation::ask(prompt), ..request(running(names)) }
}

/// A runner for which a program passes as many examples as its text has stars, and that keeps what it was given.
fn counting_stars(trials: &Arc<Mutex<Vec<Trial>>>) -> CandidateRunner {
    let trials = Arc::clone(trials);
    CandidateRunner::new(move |trial| {
        let runs = trial.programs.iter().map(|code| {
            let stars = code.program.matches('*').count();
            let run = |example| ExampleRun {
                outcome: ExampleOutcome::Shown(format!("{example} {}", example < stars)),
                passes: example < stars,
            };
            (0..trial.examples.len()).map(run).collect()
        });
        let runs: Vec<Vec<ExampleRun>> = runs.collect();
        trials.lock().unwrap().push(trial);
        std::future::ready(Ok(runs)).boxed()
    })
}

#[tokio::test(start_paused = true)]
async fn the_answer_whose_program_passes_most_examples_is_the_answer() {
    let a = Scripted::saying("a", "```python\ndef f(x):\n    return x + x\n```");
    let b = Scripted::saying("b", "```python\ndef f(x):\n    return x ** 2\n```");
    let (c, z) = (Scripted::saying("c", "I would double it."), Scripted::saying("z", "z"));
    let again = Scripted::saying("d", "So:\n```python\ndef f(x):\n    return x + x\n```");
    let trials = Arc::default();
    let models = models(&[&a, &b, &c, &again, &z]).with_candidate_runner(counting_stars(&trials));
    let trace = trace_of(ask(PROMPT, &["a", "b", "c", "d"]), models).await;
    assert!(answer(&trace).ends_with("return x ** 2\n```"));
    let decision = &trace.layers[0].decisions[0];
    assert_eq!(decision.kind, "run-candidates");
    assert_eq!(decision.reason, "its program passes 2 of 2 examples of the prompt, the next 0");
    assert!(z.requests().is_empty());
    let trials = trials.lock().unwrap();
    assert_eq!(trials.len(), 1);
    assert_eq!(trials[0].programs.len(), 2, "the same program is run once");
    assert_eq!(
        trials[0].examples.iter().map(|example| example.source.as_str()).collect::<Vec<_>>(),
        ["f(2)", "f(3)"]
    );
}

#[tokio::test(start_paused = true)]
async fn where_nothing_can_be_run_the_usual_order_decides_and_the_reason_says_why() {
    let code = "```python\ndef f(x):\n    return x\n```";
    let cases = [
        ("What is it?", code, "the prompt gives no example that could be run", false),
        (PROMPT, "I do not know.", "no answer has a program", false),
        (PROMPT, code, "nothing was run: there is no sandbox for programs", true),
    ];
    for (prompt, text, why, is_degraded) in cases {
        let (a, b) = (Scripted::saying("a", text), Scripted::saying("b", text));
        let trace = trace_of(ask(prompt, &["a", "b"]), models(&[&a, &b])).await;
        let decision = &trace.layers[0].decisions[0];
        assert_eq!(decision.reason, format!("{why}; this one agrees most with the others by its words"));
        assert!(decision.tie);
        assert!(matches!(&trace.end, Some(RunEnd::Finished(outcome)) if outcome.degraded == is_degraded));
    }
    let (a, b) = (Scripted::saying("a", code), Scripted::saying("b", code));
    let refused = models(&[&a, &b]).with_candidate_runner(CandidateRunner::refusing("it is switched off"));
    let trace = trace_of(ask(PROMPT, &["a", "b"]), refused).await;
    assert!(trace.layers[0].decisions[0].reason.starts_with("nothing was run: it is switched off;"));
}

#[tokio::test(start_paused = true)]
async fn programs_are_given_up_with_the_run_and_the_answer_is_there_all_the_same() {
    let (a, b) = (
        Scripted::saying("a", "```\ndef f(x): return 1\n```"),
        Scripted::saying("b", "```\ndef f(x): return 2\n```"),
    );
    let endless = || CandidateRunner::new(|_| std::future::pending().boxed());
    let mut late = ask(PROMPT, &["a", "b"]);
    late.mixture.deadline = Some(std::time::Duration::from_mins(1));
    let trace = trace_of(late, models(&[&a, &b]).with_candidate_runner(endless())).await;
    assert!(answer(&trace).contains("return"));
    let reason = &trace.layers[0].decisions[0].reason;
    assert!(reason.starts_with("nothing was run: the run was not done within its deadline"), "{reason}");

    let stopped = ask(PROMPT, &["a", "b"]);
    let cancel = stopped.cancel.clone();
    let stopping = CandidateRunner::new(move |_| {
        cancel.cancel();
        std::future::pending().boxed()
    });
    let trace = trace_of(stopped, models(&[&a, &b]).with_candidate_runner(stopping)).await;
    assert!(matches!(trace.end, Some(RunEnd::Cancelled { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_layer_hands_on_the_programs_that_pass_most() {
    let say = |id: &str, text| Scripted::new(id, &[Step::Say(text)]);
    let a = say("a", "```python\ndef f(x):\n    return x\n```");
    let b = say("b", "```python\ndef f(x):\n    return x * 2\n```");
    let z = say("z", "z");
    let mut choosy = mixture(&[&["a", "b"]]);
    choosy.layers[0].select = Some(Choosing { by: ChoosingKind::RunCandidates, keep: 1, prefer: Vec::new() });
    assert!(choosy.runs_candidates());
    let asked = RunRequest { conversation: Conversation::ask(PROMPT), ..request(choosy) };
    let trials = Arc::default();
    let models = models(&[&a, &b, &z]).with_candidate_runner(counting_stars(&trials));
    let trace = trace_of(asked, models).await;
    assert_eq!(answer(&trace), "z");
    assert_eq!(trace.layers[0].decisions[0].chosen.len(), 1);
    assert!(z.system_message(0).unwrap().contains("return x * 2"));
}

/// `a` first, and `b` and `c` independently of it where its program fails an example.
fn sampling_on(prompt: &str) -> RunRequest {
    let mut mixture = Mixture { ..mixture(&[&["a"], &["b", "c"]]) };
    mixture.layers[1].independent = true;
    let choosing = Choosing { by: ChoosingKind::RunCandidates, keep: 1, prefer: vec!["a".to_owned()] };
    mixture.aggregation = Aggregation::Choose(choosing);
    let measure = AgreementMeasure::Examples;
    mixture.early_stop = Some(EarlyStop { agreement: 1.0, measure, then: AgreedAnswer::Answer });
    assert!(mixture.runs_candidates());
    RunRequest { conversation: Conversation::ask(prompt), ..request(mixture) }
}

#[tokio::test(start_paused = true)]
async fn more_programs_are_asked_for_only_where_the_first_one_fails_an_example() {
    let right = "```python\ndef f(x):\n    return x ** 2\n```";
    let wrong = "```python\ndef f(x):\n    return x * 3\n```";
    let other = "```python\ndef f(x):\n    return x + 1\n```";
    for (first, asks) in [(right, 0), (wrong, 1)] {
        let (a, b, c) =
            (Scripted::saying("a", first), Scripted::saying("b", right), Scripted::saying("c", other));
        let z = Scripted::saying("z", "z");
        let trials = Arc::default();
        let known = models(&[&a, &b, &c, &z]).with_candidate_runner(counting_stars(&trials));
        let trace = trace_of(sampling_on(PROMPT), known).await;
        assert_eq!(answer(&trace), right);
        assert_eq!((b.requests().len(), c.requests().len(), z.requests().len()), (asks, asks, 0));
        let measured = trace.layers[0].agreement.unwrap();
        assert_eq!(measured.agreement, Some(if asks == 0 { 1.0 } else { 0.5 }));
        assert_eq!(measured.saved.map(|saved| saved.calls), (asks == 0).then_some(2));
        let programs: usize = trials.lock().unwrap().iter().map(|trial| trial.programs.len()).sum();
        assert_eq!(programs, 1 + 2 * asks, "each program is run once");
        for later in [&b, &c] {
            assert!(
                later.requests().iter().all(|asked| asked.prompt.references().is_empty()),
                "it reads nothing"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn where_there_is_nothing_to_try_one_answer_is_enough() {
    let code = "```python\ndef f(x):\n    return x\n```";
    let cases = [
        ("Why is the sky blue?", "Because it scatters light.", 0),
        (PROMPT, "I do not know.", 0),
        (PROMPT, code, 0),
    ];
    for (prompt, text, asks) in cases {
        let (a, b, c) =
            (Scripted::saying("a", text), Scripted::saying("b", text), Scripted::saying("c", text));
        // Nobody runs programs here.
        let trace = trace_of(sampling_on(prompt), models(&[&a, &b, &c])).await;
        assert_eq!((answer(&trace), b.requests().len()), (text, asks), "{prompt}");
        assert!(matches!(&trace.end, Some(RunEnd::Finished(outcome)) if !outcome.degraded));
    }
}

#[tokio::test(start_paused = true)]
async fn among_programs_that_do_as_well_the_preferred_one_is_the_answer() {
    let program = |value: &str| format!("```python\ndef f(x):\n    return x * {value}\n```");
    let (first, second) = (program("1"), program("2"));
    let say = |id: &str, text: &str| Scripted::saying(id, Box::leak(text.to_owned().into_boxed_str()));
    let (a, b, c) = (say("a", &first), say("b", &second), say("c", &second));
    let trials = Arc::default();
    let known = models(&[&a, &b, &c]).with_candidate_runner(counting_stars(&trials));
    let trace = trace_of(sampling_on(PROMPT), known).await;
    // One example of two each: the same figures, and the same behaviour.
    assert_eq!(answer(&trace), first);
}
