//! Rules that small cases show.

use super::*;
use crate::EvalError;

fn win_rate(preferences: &[Option<f64>]) -> WinRate {
    WinRate::of(preferences.iter().copied()).unwrap()
}

#[test]
fn wins_losses_and_draws_are_counted() {
    let rate =
        win_rate(&[Some(2.0), Some(1.75), Some(1.0), Some(1.5), Some(0.0), None, Some(2.5), Some(f64::NAN)]);
    assert_eq!((rate.n_wins, rate.n_wins_base, rate.n_draws, rate.n_total), (2, 1, 2, 5));
    assert!((rate.win_rate - 100.0 * (1.0 + 0.75 + 0.0 + 0.5 + 0.5) / 5.0).abs() < 1e-12);
    // The discrete rule rounds before it looks at the range, so that 2.5 counts as a win there.
    assert!((rate.discrete_win_rate - 100.0 * (1.0 + 1.0 + 0.0 + 0.5 + 0.5 + 1.0) / 6.0).abs() < 1e-12);
}

#[test]
fn one_row_has_no_standard_error() {
    let rate = win_rate(&[Some(1.25)]);
    assert!((rate.win_rate - 25.0).abs() < 1e-12);
    assert_eq!(serde_json::to_value(&rate).unwrap()["standard_error"], serde_json::Value::Null);
}

#[test]
fn nothing_judged_is_an_error_with_a_hint() {
    let error = score(&[row(None, 1)], &References::default(), &minimal()).unwrap_err();
    assert!(matches!(error, EvalError::NothingToScore { .. }));
    assert!(error.hint().is_some());
}

#[test]
fn lengths_are_taken_out_of_the_score() {
    let score = score(&rows(), &References::default(), &minimal()).unwrap();
    let plain = score.win_rate.win_rate;
    let controlled = score.length_controlled_winrate.unwrap();
    assert!(controlled < plain, "{controlled} and {plain}");
    assert!(score.coefficients.unwrap().length < 0.0);
    assert_eq!(score.cross_validation.len(), 10);
    assert_eq!(score.predictions.len(), 40);
}

#[test]
fn a_fixed_c_is_taken_and_shown() {
    let options = Options { c: Some(3.0), ..minimal() };
    let score = score(&rows(), &References::default(), &options).unwrap();
    assert_eq!(score.c, Some(3.0));
    assert!(score.cross_validation.is_empty());
    let document = serde_json::to_value(&score).unwrap();
    for field in ["win_rate", "standard_error", "n_total", "avg_length", "length_controlled_winrate", "c"] {
        assert!(document[field].is_number(), "{field}");
    }
    assert!(document["coefficients"]["constant"].is_number());
}

#[test]
fn a_c_that_is_no_number_is_refused() {
    for c in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let options = Options { c: Some(c), ..minimal() };
        assert!(matches!(
            score(&rows(), &References::default(), &options),
            Err(EvalError::InvalidOption { name: "c", .. })
        ));
    }
}

#[test]
fn without_reference_data_the_plain_score_remains() {
    let score = score(&rows(), &References::default(), &Options::default()).unwrap();
    assert_eq!(score.length_controlled_winrate, None);
    assert!(score.warnings.iter().any(|warning| warning.contains("df_gamed.csv")));
}

#[test]
fn a_score_far_from_the_plain_one_is_warned_of() {
    // The model is liked for nothing but its length.
    let rows: Vec<Annotation> =
        (0..40).map(|index| if index % 8 == 0 { row(Some(1.0), 0) } else { row(Some(2.0), 400) }).collect();
    let options = Options { c: Some(1e4), ..minimal() };
    let score = score(&rows, &References::default(), &options).unwrap();
    assert!(score.warnings.iter().any(|warning| warning.contains("far from the plain one")), "{score:?}");
}

#[test]
fn the_difficulty_of_a_row_goes_by_number_or_by_instruction() {
    let table = b"index,instruction_difficulty\n1,0.5\n0,-2\n2,7\n";
    let difficulty = Difficulty::read(table).unwrap().with_instructions(["a", "b", "c"]);
    assert_eq!(difficulty.values(), [-2.0, 0.5, 7.0]);
    assert!((difficulty.of(1, "c", DifficultyOf::RowNumber).unwrap() - 0.5).abs() < 1e-15);
    assert!((difficulty.of(1, "c", DifficultyOf::Instruction).unwrap() - 7.0).abs() < 1e-15);
    assert!(difficulty.of(3, "a", DifficultyOf::RowNumber).is_err());
    assert!(difficulty.of(0, "d", DifficultyOf::Instruction).is_err());
}

#[test]
fn equal_lengths_everywhere_are_scored_too() {
    let rows: Vec<Annotation> = (0..10_u8).map(|index| row(Some(1.0 + f64::from(index) / 10.0), 0)).collect();
    let score = score(&rows, &References::default(), &Options { c: Some(100.0), ..minimal() }).unwrap();
    assert!((score.length_controlled_winrate.unwrap() - score.win_rate.win_rate).abs() < 0.5);
}

#[test]
fn weights_of_two_models_meet_head_to_head() {
    let mut weights = StoredWeights::default();
    let of = |difficulty, constant| Coefficients { length: -1.0, difficulty, constant };
    weights.insert("weak", of(0.5, -1.0));
    weights.insert("strong", of(0.2, 1.0));
    let difficulty = Difficulty::read(b",instruction_difficulty\n0,0.0\n1,1.0\n").unwrap();
    let forth = weights.head_to_head("strong", "weak", &difficulty).unwrap().win_rate;
    let back = weights.head_to_head("weak", "strong", &difficulty).unwrap().win_rate;
    let sigmoid = |logit: f64| 1.0 / (1.0 + (-logit).exp());
    assert!((forth - 50.0 * (sigmoid(2.0) + sigmoid(1.7))).abs() < 1e-12);
    assert!((forth + back - 100.0).abs() < 1e-12);
    let written = weights.write().unwrap();
    assert!(written.contains("strong,-1.0000000000000000,0.2000000000000000,1.0000000000000000\n"));
    assert_eq!(StoredWeights::read(written.as_bytes()).unwrap(), weights);
    assert!(matches!(weights.of("unknown"), Err(EvalError::UnknownEntry { .. })));
}
