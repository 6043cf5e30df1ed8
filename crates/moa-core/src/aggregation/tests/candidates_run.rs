//! Candidates whose programs were run.

use super::*;
use crate::trial::{ExampleOutcome, ExampleRun};

/// What a program did, by letters: `+` passes, `-` shows something else, the same as other `-`; digits show something else of their own; `!` raises,
/// `.` comes to nothing.
fn runs(written: &str) -> Vec<ExampleRun> {
    let run = |letter: char| {
        let outcome = match letter {
            '!' => ExampleOutcome::Raised("TypeError".to_owned()),
            '.' => ExampleOutcome::Nothing,
            shown => ExampleOutcome::Shown(shown.to_string()),
        };
        ExampleRun { outcome, passes: letter == '+' }
    };
    written.chars().map(run).collect()
}

/// Candidates by what their programs did with the examples; nothing for one without a program. Programs that do the same are still different ones.
fn tried(programs: &[Option<&str>]) -> Tried {
    let examples = programs.iter().flatten().map(|written| written.len()).max().unwrap_or(0);
    let mut all = Vec::new();
    let places = programs.iter().map(|written| {
        all.push(runs((*written)?));
        Some(all.len() - 1)
    });
    let programs = places.collect();
    Tried::Run(TriedPrograms { examples, programs, runs: all })
}

fn run_candidates() -> Choosing {
    Choosing { keep: 9, ..by(ChoosingKind::RunCandidates) }
}

fn decide(texts: &[&str], programs: &[Option<&str>]) -> Decision {
    choose_by_running(&run_candidates(), &Pool::texts(texts).candidates(), &tried(programs))
}

fn order(decision: &Decision) -> Vec<u32> {
    decision.chosen.iter().map(|call| call.agent).collect()
}

#[test]
fn the_program_that_passes_most_examples_wins_against_a_majority() {
    let decision = decide(&["a", "b", "c", "d"], &[Some("---"), Some("+-+"), None, Some("---")]);
    assert_eq!(order(&decision), [2, 1, 4, 3]);
    assert_eq!(decision.reason, "its program passes 2 of 3 examples of the prompt, the next 0");
    assert!(!decision.tie);
    let scores: Vec<Option<f64>> = decision.judged.iter().map(|judged| judged.score).collect();
    assert_eq!(scores, [Some(0.0), Some(2.0), None, Some(0.0)]);
    let one = decide(&["a", "b"], &[None, Some("+")]);
    assert_eq!(
        (one.reason.as_str(), order(&one)),
        ("its program passes 1 of 1 examples of the prompt, the others have none", vec![2, 1])
    );
}

#[test]
fn of_equal_ones_those_win_that_most_behave_like() {
    let decision = decide(&["x x", "a", "b", "x"], &[Some("+1"), Some("+-"), Some("+-"), Some("+2")]);
    assert_eq!(order(&decision)[..2], [2, 3]);
    assert_eq!(
        decision.reason,
        "4 of 4 programs pass 1 of 2 examples of the prompt each; 2 of them behave alike; of equal ones this text stands best"
    );
    assert!(decision.tie);
}

#[test]
fn programs_that_do_all_the_same_are_told_apart_as_answers_are() {
    let decision = decide(&["so it is", "so it was", "never"], &[Some("++"), Some("++"), Some("++")]);
    assert_eq!(
        decision.reason,
        "3 of 3 programs pass 2 of 2 examples of the prompt each; of equal ones this text stands best"
    );
    assert!(decision.tie && decision.chosen[0] != call(3));
    // A whole text before one that was cut short, as everywhere.
    let pool = Pool::texts(&["so it is", "so it was", "never"]);
    let tried = tried(&[Some("++"), Some("++"), Some("++")]);
    let cut = choose_by_running(&run_candidates(), &pool.cut_short(&[0, 1]), &tried);
    assert_eq!(cut.chosen[0], call(3));
    let preferred = Choosing { prefer: vec!["m".to_owned()], ..run_candidates() };
    assert!(choose_by_running(&preferred, &pool.candidates(), &tried).tie);
}

#[test]
fn the_same_program_given_twice_is_no_tie() {
    let twice = Tried::Run(TriedPrograms {
        examples: 1,
        programs: vec![Some(0), Some(0), Some(1)],
        runs: vec![runs("+"), runs("-")],
    });
    let decision = choose_by_running(&run_candidates(), &Pool::texts(&["a", "b", "c"]).candidates(), &twice);
    assert!(!decision.tie);
    assert_eq!(decision.reason, "2 of 3 programs pass 1 of 1 examples of the prompt each");
}

#[test]
fn where_all_fail_it_is_said_and_broken_programs_do_not_agree_with_each_other() {
    let decision = decide(&["a", "b", "c", "d"], &[Some("!!"), Some("!!"), Some(".."), Some("1-")]);
    assert_eq!(order(&decision)[0], 4, "it shows something at least");
    assert_eq!(decision.reason, "no program passes any of the 2 examples of the prompt");
    let alike = decide(&["a", "b", "c"], &[Some("--"), Some("12"), Some("--")]);
    assert_eq!(
        alike.reason,
        "no program passes any of the 2 examples of the prompt; 2 of them behave alike; of equal ones this text stands best"
    );
    assert_ne!(order(&alike)[0], 2);
}

#[test]
fn a_program_that_came_to_no_end_keeps_what_it_passed() {
    let decision = decide(&["a", "b"], &[Some("+"), Some("++")]);
    assert_eq!(decision.reason, "its program passes 2 of 2 examples of the prompt, the next 1");
    assert_eq!(order(&decision), [2, 1]);
}

#[test]
fn one_survivor_none_and_nothing_run_are_told() {
    assert_eq!(decide(&["a"], &[Some("-")]).reason, "it was the only answer");
    assert_eq!(decide(&[], &[]).chosen, []);
    let not_run = Tried::NotRun("nothing was run: there is no sandbox".to_owned());
    let pool = Pool::texts(&["odd", "it is so", "it is so"]);
    let decision = choose_by_running(&run_candidates(), &pool.candidates(), &not_run);
    assert!(decision.tie && decision.chosen[0] != call(1));
    assert_eq!(
        decision.reason,
        "nothing was run: there is no sandbox; this one agrees most with the others by its words"
    );
    assert!(decision.judged.iter().all(|judged| judged.score.is_none()));
}

proptest! {
    #[test]
    fn no_order_of_the_agents_changes_the_winning_text(
        programs in prop::collection::vec(prop::option::of("[-+1!.]{3}"), 1..7),
        turn in 0..7_usize,
    ) {
        let rows: Vec<(String, Option<String>)> = programs
            .into_iter()
            .enumerate()
            .map(|(number, program)| (format!("text {number}"), program))
            .collect();
        let winner = |rows: &[(String, Option<String>)]| {
            let texts: Vec<&str> = rows.iter().map(|(text, _)| text.as_str()).collect();
            let programs: Vec<Option<&str>> = rows.iter().map(|(_, program)| program.as_deref()).collect();
            rows[decide(&texts, &programs).chosen[0].agent as usize - 1].0.clone()
        };
        let mut turned = rows.clone();
        turned.rotate_left(turn % rows.len());
        let mut mirrored = turned.clone();
        mirrored.reverse();
        prop_assert_eq!(winner(&turned), winner(&rows));
        prop_assert_eq!(winner(&mirrored), winner(&rows));
    }
}
