use super::*;

#[test]
fn the_likeliest_tokens_come_with_the_logarithms_of_their_probabilities() {
    let probabilities = [0.1_f32, 0.5, 0.15, 0.25];
    let logits: Vec<f32> = probabilities.iter().map(|probability| probability.ln() + 3.0).collect();
    let told = Likely::of(&logits, 2).told(2, |token| format!("t{token}"));
    let near = |logprob: f64, probability: f64| (logprob.exp() - probability).abs() < 1e-6;
    assert_eq!(told.written.token, "t2");
    assert!(near(told.written.logprob, 0.15));
    let tokens: Vec<&str> = told.top_logprobs.iter().map(|of| of.token.as_str()).collect();
    assert_eq!(tokens, ["t1", "t3"]);
    assert!(near(told.top_logprobs[0].logprob, 0.5) && near(told.top_logprobs[1].logprob, 0.25));
}

#[test]
fn more_than_there_are_and_what_is_no_number_do_no_harm() {
    let told = Likely::of(&[f32::NAN, 0.0, f32::NEG_INFINITY], 9).told(1, |token| token.to_string());
    assert_eq!(told.top_logprobs.len(), 1);
    assert!(told.written.logprob.abs() < 1e-12);
}
