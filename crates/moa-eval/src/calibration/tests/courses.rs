//! Whole calibrations of scripted models: what is recommended, and what is left out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::scripted::{ScriptedModel, items, mark, roster, settings};
use crate::calibration::{
    Calibration, CalibrationError, Finding, Item, Settings, Told, Workbench, calibrate,
};

use crate::calls::CallBook;

async fn run(
    models: &[&Arc<ScriptedModel>],
    items: &[Item],
    settings: &Settings,
) -> Result<Calibration, CalibrationError> {
    let folder = tempfile::tempdir().unwrap();
    let book = Arc::new(CallBook::open(folder.path().join("calls.jsonl"), None).unwrap());
    let (roster, known) = roster(models);
    calibrate(&Workbench::new(known, &book), items, &roster, settings, &mark, &mut |_| {}).await
}

fn asks(calibration: &Calibration, model: &str) -> bool {
    calibration.recommended_candidate.members().iter().any(|member| member.as_str() == model)
}

#[tokio::test]
async fn a_liar_and_a_useless_model_are_left_out_and_what_pays_is_found() {
    let strong = ScriptedModel::right("strong", 70, 40, 1);
    // Always the same wrong answer, and quite sure of it: whoever looks for agreement falls for it.
    let liar = ScriptedModel::new("liar", 40, |_| "I am certain.\n#### 7777".to_owned());
    let useless = ScriptedModel::new("useless", 40, |_| "I do not know.".to_owned());
    let result = run(&[&liar, &strong, &useless], &items(240), &settings()).await.unwrap();
    assert_eq!(result.best_single, "strong");
    // Five samples that are each right in 70 of 100 vote right more often.
    assert_eq!(result.finalists[0].finding, Finding::Better, "{:?}", result.finalists);
    assert!(
        asks(&result, "strong") && !asks(&result, "liar") && !asks(&result, "useless"),
        "{}",
        result.recommended
    );
    assert!(result.finalists[0].difference.interval.low > 0.0);
    // A plain mixture writes more than three samples of the best model do: these are what its tokens would have bought.
    let plain = result.equal_tokens.iter().find(|of| of.mixture.name.contains("synthesised")).unwrap();
    let bought = plain.self_consistency.as_ref().unwrap();
    assert!(bought.name.starts_with("strong") && bought.completion_tokens <= plain.mixture.completion_tokens);
    // The losers stand in the document too.
    assert!(result.candidates.iter().any(|of| of.members.contains(&"liar".to_owned())));
    let liar = result.models.iter().find(|row| row.model == "liar").unwrap();
    assert_eq!((liar.proposer.right, liar.sampled[0].agreement), (0, None), "nobody is sampled in vain");
    assert!(
        result.remarks.iter().any(|of| of.starts_with("Not sampled") && of.contains("liar (0 of")),
        "{:?}",
        result.remarks
    );
}

#[tokio::test]
async fn where_nothing_beats_the_best_model_it_is_recommended() {
    // Samples that are all alike: nothing to gain by voting, and company that is only worse.
    let strong = ScriptedModel::new("strong", 10, |asked| {
        let is_right = asked.number % 10 < 7;
        format!("#### {}", if is_right { asked.number } else { 5555 })
    });
    let weak = ScriptedModel::new("weak", 40, |_| "#### 4444".to_owned());
    let result = run(&[&weak, &strong], &items(120), &settings()).await.unwrap();
    assert_eq!((result.recommended.as_str(), result.best_single.as_str()), ("strong", "strong"));
    assert!(result.reason.contains("no mixture"), "{}", result.reason);
    assert!(result.recommended_candidate.is_single());
}

#[tokio::test]
async fn of_models_that_are_all_right_the_cheapest_is_recommended() {
    let dear = ScriptedModel::right("dear", 100, 80, 1);
    let cheap = ScriptedModel::right("cheap", 100, 5, 2);
    let result = run(&[&dear, &cheap], &items(40), &settings()).await.unwrap();
    assert_eq!(result.recommended, "cheap");
    assert_eq!(result.correlations[0].phi, None, "nobody makes a mistake");
    assert_eq!(result.effective_answers, None);
}

#[tokio::test]
async fn models_that_are_always_wrong_and_silent_ones_end_in_an_honest_answer() {
    let wrong = ScriptedModel::right("wrong", 0, 5, 1);
    let silent = ScriptedModel::new("silent", 1, |_| String::new());
    let result = run(&[&wrong, &silent], &items(40), &settings()).await.unwrap();
    assert!(result.recommended_candidate.is_single() && result.best_single_accuracy.right == 0);
    assert!(result.finalists.is_empty(), "{:?}", result.finalists);
    assert!(result.reason.contains("no model was right about any of the 40 items"), "{}", result.reason);
}

#[tokio::test]
async fn one_model_alone_can_be_calibrated() {
    let strong = ScriptedModel::right("strong", 60, 5, 1);
    let result = run(&[&strong], &items(200), &settings()).await.unwrap();
    assert!(result.correlations.is_empty() && result.models[0].aggregator.is_none());
    assert_eq!(result.recommended_candidate.members(), ["strong".into()]);
}

#[tokio::test]
async fn halves_without_items_and_a_roster_without_models_are_refused() {
    let strong = ScriptedModel::right("strong", 60, 5, 1);
    let refusal = run(&[&strong], &[], &settings()).await.unwrap_err();
    assert!(matches!(refusal, CalibrationError::EmptyHalf { items: 0, .. }), "{refusal}");
    let refusal = run(&[&strong], &items(1), &settings()).await.unwrap_err();
    assert!(matches!(refusal, CalibrationError::EmptyHalf { items: 1, .. }), "{refusal}");
    let refusal = run(&[], &items(10), &settings()).await.unwrap_err();
    assert!(matches!(refusal, CalibrationError::NoModels), "{refusal}");
    assert_eq!(strong.asked.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_budget_that_is_used_up_says_what_would_suffice() {
    let strong = ScriptedModel::right("strong", 60, 5, 1);
    let over = Settings { budget: Some((Instant::now(), Duration::ZERO)), ..settings() };
    let refusal = run(&[&strong], &items(40), &over).await.unwrap_err();
    assert!(matches!(refusal, CalibrationError::BudgetTooSmall { .. }), "{refusal}");
    assert!(refusal.hint().unwrap().contains("--budget 1m"), "{:?}", refusal.hint());
}

#[tokio::test]
async fn nothing_that_confirms_was_looked_at_by_the_search() {
    let strong = ScriptedModel::right("strong", 70, 5, 1);
    let weak = ScriptedModel::right("weak", 50, 5, 2);
    let folder = tempfile::tempdir().unwrap();
    let book = Arc::new(CallBook::open(folder.path().join("calls.jsonl"), None).unwrap());
    let (roster, known) = roster(&[&strong, &weak]);
    let all = items(120);
    let mut stages = Vec::new();
    let mut watch = |told: Told<'_>| {
        if let Told::Done { stage, .. } = told {
            stages.push(stage.to_owned());
        }
    };
    let bench = Workbench::new(known, &book);
    let result = calibrate(&bench, &all, &roster, &settings(), &mark, &mut watch).await.unwrap();
    assert_eq!(stages.last().map(String::as_str), Some("finalist 3 of 3 on the other half"), "{stages:?}");
    let finalists: Vec<&str> = result.finalists.iter().map(|of| of.candidate.as_str()).collect();
    for row in &result.candidates {
        let is_known = row.kind == "alone" || finalists.contains(&row.name.as_str());
        assert_eq!(row.confirmation.is_some(), is_known, "{}", row.name);
    }
    let (search, confirmation): (usize, usize) = (result.tasks[0].search, result.tasks[0].confirmation);
    assert_eq!(search + confirmation, 120);
    assert!(result.finalists.iter().all(|of| of.accuracy.n == confirmation));
}
