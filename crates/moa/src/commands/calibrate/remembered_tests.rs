use moa_core::{ExampleOutcome, Expected};

use super::*;

/// What was run: the programs of each trial.
type Log = Arc<Mutex<Vec<Vec<String>>>>;

/// A runner that writes down what it runs. A program passes where it has "right" in it; where one has "break" in it, nothing can be run.
fn logging(log: &Log) -> CandidateRunner {
    let log = Arc::clone(log);
    CandidateRunner::new(move |trial| {
        let texts: Vec<String> = trial.programs.iter().map(|program| program.program.clone()).collect();
        let breaks = texts.iter().any(|text| text.contains("break"));
        let run = |text: &String| {
            let outcome = ExampleOutcome::Shown(text.clone());
            vec![ExampleRun { outcome, passes: text.contains("right") }; trial.examples.len()]
        };
        let runs = texts.iter().map(run).collect();
        log.lock().unwrap().push(texts);
        std::future::ready(if breaks { Err("no room".to_owned()) } else { Ok(runs) }).boxed()
    })
}

fn trial(programs: &[&str], source: &str) -> Trial {
    let code = |text: &&str| Code { program: (*text).to_owned(), is_cut_off: false };
    let example = Example {
        setup: String::new(),
        source: source.to_owned(),
        expected: Expected::Value("1".to_owned()),
    };
    Trial { programs: programs.iter().map(code).collect(), examples: vec![example] }
}

#[tokio::test]
async fn a_program_is_run_once_for_the_examples_of_a_prompt_and_reports_keep_their_places() {
    let log = Log::default();
    let runner = runner(logging(&log));
    let passes = async |programs: &[&str], source: &str| -> Vec<bool> {
        let report = runner.run(trial(programs, source)).await.unwrap();
        report.iter().map(|runs| runs[0].passes).collect()
    };
    assert_eq!(passes(&["wrong", "right"], "f(1)").await, [false, true]);
    assert_eq!(passes(&["right too", "right", "wrong"], "f(1)").await, [true, true, false]);
    assert_eq!(passes(&["right"], "f(1)").await, [true]);
    assert_eq!(passes(&["right"], "f(2)").await, [true], "other examples are another matter");
    let ran: Vec<Vec<String>> = log.lock().unwrap().clone();
    assert_eq!(ran, [vec!["wrong", "right"], vec!["right too"], vec!["right"]]);
}

#[tokio::test]
async fn what_could_not_be_run_is_asked_for_again() {
    let log = Log::default();
    let runner = runner(logging(&log));
    for _ in 0..2 {
        assert_eq!(runner.run(trial(&["break"], "f(1)")).await, Err("no room".to_owned()));
    }
    assert_eq!(log.lock().unwrap().len(), 2);
}
