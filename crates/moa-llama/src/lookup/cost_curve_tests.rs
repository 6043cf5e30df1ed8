use super::*;

fn curve(points: &[(usize, f64)]) -> CostCurve {
    let mut curve = CostCurve::default();
    for (tokens, seconds) in points {
        curve.record(*tokens, 1, Duration::from_secs_f64(*seconds));
    }
    curve
}

fn close(seconds: Option<f64>, expected: f64) {
    assert!(seconds.is_some_and(|seconds| (seconds - expected).abs() < 1e-9), "{seconds:?}, not {expected}");
}

#[test]
fn between_sizes_that_were_measured_lies_a_line_and_beyond_them_hope() {
    let curve = curve(&[(1, 1.0), (9, 3.0)]);
    close(curve.seconds(1), 1.0);
    close(curve.seconds(5), 2.0);
    close(curve.seconds(9), 3.0);
    close(curve.seconds(17), 5.0);
    assert_eq!(curve.seconds(0), None);
    assert_eq!(CostCurve::default().seconds(1), None);
}

#[test]
fn a_slow_first_prompt_tells_nothing_of_calls_with_few_tokens() {
    let mut curve = curve(&[(99, 300.0), (1, 1.0)]);
    close(curve.seconds(5), 2.0);
    // The first of them does, and of those about its size.
    curve.record(5, 1, Duration::from_secs(4));
    close(curve.seconds(5), 4.0);
    close(curve.seconds(3), 2.5);
}

#[test]
fn a_size_that_was_held_up_once_is_hoped_for_again_after_a_while() {
    let mut curve = curve(&[(1, 1.0), (5, 50.0)]);
    for _ in 0..FRESH_CALLS {
        close(curve.seconds(5), 50.0);
        curve.record(1, 1, Duration::from_secs(1));
    }
    curve.record(1, 1, Duration::from_secs(1));
    close(curve.seconds(5), 2.0);
    curve.record(5, 1, Duration::from_secs_f64(2.5));
    close(curve.seconds(5), 2.5);
}

#[test]
fn large_calls_share_a_place_by_their_cost_per_token() {
    let curve = curve(&[(1, 1.0), (100, 10.0)]);
    close(curve.seconds(128), 12.8);
}

#[test]
fn a_larger_call_is_never_taken_to_be_cheaper_than_a_smaller_one_beside_it() {
    let curve = curve(&[(1, 2.0), (5, 1.0)]);
    close(curve.seconds(3), 2.0);
}

#[test]
fn a_size_that_is_not_used_any_more_follows_the_pace_of_the_others() {
    let mut curve = curve(&[(1, 8.0), (9, 24.0)]);
    // The machine is not busy any more.
    for _ in 0..60 {
        curve.record(9, 1, Duration::from_secs(3));
    }
    let seconds = curve.seconds(1).unwrap();
    assert!((1.0..2.5).contains(&seconds), "{seconds}");
    // Where both are used, each comes to what it takes.
    for _ in 0..60 {
        curve.record(1, 1, Duration::from_secs(1));
        curve.record(9, 1, Duration::from_secs(3));
    }
    let (one, nine) = (curve.seconds(1).unwrap(), curve.seconds(9).unwrap());
    assert!((one - 1.0).abs() < 0.05 && (nine - 3.0).abs() < 0.15, "{one}, {nine}");
}

#[test]
fn newer_calls_count_more_and_other_numbers_of_threads_are_another_curve() {
    let mut curve = curve(&[(1, 1.0)]);
    for _ in 0..40 {
        curve.record(1, 1, Duration::from_secs(2));
    }
    close(curve.seconds(1).map(|seconds| (seconds * 1_000.0).round() / 1_000.0), 2.0);
    curve.record(1, 2, Duration::from_secs(5));
    close(curve.seconds(1), 5.0);
}
