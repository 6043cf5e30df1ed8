use super::*;

fn round(seconds: f64, tokens: u32) -> Measured {
    Measured { seconds, completion_tokens: tokens, ..Measured::default() }
}

#[test]
fn a_step_is_told_by_its_round_of_middle_length() {
    let step = StepDocument::of("a", vec![round(9.0, 90), round(2.0, 30), round(4.0, 80)]).unwrap();
    assert_eq!((step.fastest_seconds, step.slowest_seconds, step.rounds), (2.0, 9.0, 3));
    assert_eq!((step.measured.seconds, step.measured.completion_tokens), (4.0, 80));
    assert!((step.tokens_per_second - 20.0).abs() < 1e-9);
    assert!(StepDocument::of("b", Vec::new()).is_none());
}
