//! Every order of the agents, for every kind: what is decided, why and with which figures is the same.

use super::*;
use crate::aggregation::{CertaintyMeasure, RankMethod, Reply, Shown};
use crate::certainty::Certainty;
use crate::trial::{ExampleOutcome, ExampleRun};

/// One proposal: who wrote what, whether it is whole, how sure its model was, and how many of three examples its program passes.
#[derive(Debug, Clone, Copy)]
struct Row {
    model: &'static str,
    text: &'static str,
    is_whole: bool,
    logprob: f64,
    passes: Option<usize>,
}

const fn row(
    model: &'static str,
    text: &'static str,
    is_whole: bool,
    logprob: f64,
    passes: Option<usize>,
) -> Row {
    Row { model, text, is_whole, logprob, passes }
}

/// Nothing to choose by: ties in votes, in sureness, in what programs do, one liar, one that was cut short.
const TIED: [Row; 6] = [
    row("a", "two and two is 4", true, -0.5, Some(2)),
    row("a", "it comes to 5", true, -0.5, Some(2)),
    row("b", "it comes to 4 then", true, -0.5, None),
    row("b", "so it is 5", true, -0.2, Some(2)),
    row("c", "buy gold at 5", false, -0.2, Some(0)),
    row("c", "no idea at all", true, -0.9, Some(1)),
];

/// Clear winners, another one for each kind.
const CLEAR: [Row; 5] = [
    row("a", "I get 7", true, -0.6, Some(1)),
    row("a", "that is 7", true, -0.7, Some(1)),
    row("b", "surely 9", true, -0.1, Some(0)),
    row("b", "it may be 8", true, -0.8, Some(3)),
    row("c", "7 it is 7", false, -0.3, None),
];

/// All texts the same but for one.
const SAME: [Row; 4] = [
    row("a", "42", true, -0.1, Some(1)),
    row("b", "42", true, -0.1, Some(1)),
    row("c", "42", true, -0.1, Some(1)),
    row("d", "41", true, -0.1, Some(1)),
];

fn kinds() -> Vec<ChoosingKind> {
    vec![
        ChoosingKind::Vote { answer: AnswerForm::Number },
        ChoosingKind::Vote { answer: AnswerForm::Marked },
        ChoosingKind::Mux { answer: AnswerForm::Number },
        ChoosingKind::Certainty { measure: CertaintyMeasure::LogProbability },
        ChoosingKind::Certainty { measure: CertaintyMeasure::Entropy },
        ChoosingKind::Rank { method: RankMethod::Listwise },
        ChoosingKind::Rank { method: RankMethod::Pairwise },
        ChoosingKind::UniversalSelfConsistency,
        ChoosingKind::RunCandidates,
        ChoosingKind::Diverse,
    ]
}

/// Judges that reply by what they are shown: one by the texts, two by places alone, one that cannot be read.
const JUDGES: [fn(&[&str]) -> String; 4] = [
    |texts| {
        let mut places: Vec<usize> = (0..texts.len()).collect();
        places.sort_by_key(|place| (texts[*place].len(), texts[*place]));
        let numbers: Vec<String> = places.iter().map(|place| (place + 1).to_string()).collect();
        if texts.len() == 2 { numbers[0].clone() } else { numbers.join(" > ") }
    },
    |texts| {
        let numbers: Vec<String> = (1..=texts.len()).map(|number| number.to_string()).collect();
        if texts.len() == 2 { "1".to_owned() } else { numbers.join(" > ") }
    },
    |texts| texts.len().to_string(),
    |_| "I would rather not say.".to_owned(),
];

fn models(rows: &[Row]) -> Vec<ModelId> {
    rows.iter().map(|row| row.model.into()).collect()
}

fn candidates<'list>(rows: &[Row], models: &'list [ModelId]) -> Vec<Candidate<'list>> {
    let candidate = |((row, model), agent): ((&Row, &'list ModelId), u32)| Candidate {
        call: call(agent),
        agent: row.model,
        model,
        is_whole: row.is_whole,
        text: row.text,
        certainty: Some(Certainty { tokens: 3, mean_logprob: row.logprob, mean_entropy: Some(-row.logprob) }),
    };
    rows.iter().zip(models).zip(1..).map(candidate).collect()
}

fn decide(choosing: &Choosing, rows: &[Row], judge: fn(&[&str]) -> String) -> Decision {
    let models = models(rows);
    let candidates = candidates(rows, &models);
    if choosing.by == ChoosingKind::RunCandidates {
        let run = |row: &Row| {
            let passed = row.passes.unwrap_or(0);
            let example = |example| ExampleRun {
                outcome: ExampleOutcome::Shown((example < passed).to_string()),
                passes: example < passed,
            };
            (0..3).map(example).collect()
        };
        let programs = rows.iter().enumerate().map(|(place, row)| row.passes.map(|_| place)).collect();
        let tried = TriedPrograms { examples: 3, programs, runs: rows.iter().map(run).collect() };
        return choose_by_running(choosing, &candidates, &Tried::Run(tried));
    }
    let reply = |shown: Shown| -> Reply {
        let texts: Vec<&str> = shown.places.iter().map(|place| candidates[*place].text).collect();
        let reply = Some(judge(&texts));
        (shown, reply)
    };
    let replies: Vec<Reply> = choosing.by.questions(candidates.len()).into_iter().map(reply).collect();
    choose_by(choosing, &candidates, &replies)
}

/// What a decision says, without the places: the texts in order, the reason, whether it was a tie, and each text's figure.
type Said = (Vec<&'static str>, String, bool, Vec<(&'static str, Option<String>, Option<String>)>);

fn said(decision: &Decision, rows: &[Row]) -> Said {
    let text = |call: CallId| rows[call.agent as usize - 1].text;
    let mut judged: Vec<_> = decision
        .judged
        .iter()
        .map(|of| (text(of.call), of.answer.clone(), of.score.map(|score| format!("{score:.6}"))))
        .collect();
    judged.sort();
    (decision.chosen.iter().map(|call| text(*call)).collect(), decision.reason.clone(), decision.tie, judged)
}

/// All orders of some rows.
fn permutations(rows: &[Row]) -> Vec<Vec<Row>> {
    let Some((first, rest)) = rows.split_first() else { return vec![Vec::new()] };
    permutations(rest)
        .into_iter()
        .flat_map(|tail| {
            (0..=tail.len()).map(move |place| {
                let mut order = tail.clone();
                order.insert(place, *first);
                order
            })
        })
        .collect()
}

#[test]
fn no_order_of_the_agents_changes_what_any_kind_decides_or_says() {
    for rows in [TIED.as_slice(), &CLEAR, &SAME] {
        let orders = permutations(rows);
        assert_eq!(orders.len(), (1..=rows.len()).product::<usize>());
        for by in kinds() {
            for prefer in [Vec::new(), vec!["c".to_owned(), "b".to_owned()]] {
                for judge in JUDGES.into_iter().take(if by.asks() { JUDGES.len() } else { 1 }) {
                    // Diversity promises the set and where it begins; every other kind the whole order.
                    let keep = if by == ChoosingKind::Diverse { 1 } else { 9 };
                    let choosing = Choosing { by, keep, prefer: prefer.clone() };
                    let first = said(&decide(&choosing, rows, judge), rows);
                    for order in &orders {
                        assert_eq!(
                            said(&decide(&choosing, order, judge), order),
                            first,
                            "{choosing:?} of {order:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_judge_of_places_gains_nobody_anything() {
    for by in [
        ChoosingKind::Rank { method: RankMethod::Listwise },
        ChoosingKind::Rank { method: RankMethod::Pairwise },
        ChoosingKind::UniversalSelfConsistency,
    ] {
        let choosing = Choosing { by, keep: 1, prefer: Vec::new() };
        for order in permutations(&CLEAR) {
            // The one that always says `1`, and the one that always names the last.
            for judge in &JUDGES[1..3] {
                assert!(decide(&choosing, &order, *judge).tie, "{by:?}");
            }
        }
    }
}

#[test]
fn no_order_of_the_agents_changes_how_far_they_agree() {
    for rows in [TIED.as_slice(), &CLEAR, &SAME] {
        for measure in [AgreementMeasure::Words, AgreementMeasure::Answer { form: AnswerForm::Number }] {
            let first = agreement(measure, &candidates(rows, &models(rows))).unwrap();
            for order in permutations(rows) {
                let measured = agreement(measure, &candidates(&order, &models(&order))).unwrap();
                assert!((measured - first).abs() < 1e-9, "{measure:?} of {order:?}");
            }
        }
    }
}
