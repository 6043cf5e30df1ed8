use super::*;

#[test]
fn cached_tokens_have_their_own_price_and_the_most_is_never_below_the_real_cost() {
    let price = Price { input_usd: 2.0, cached_input_usd: Some(0.5), output_usd: 10.0 };
    let usage = Usage {
        prompt_tokens: 1_000_000,
        cached_tokens: 400_000,
        completion_tokens: 100_000,
        ..Usage::default()
    };
    assert!((price.of(&usage) - (1.2 + 0.2 + 1.0)).abs() < 1e-12);
    assert!(price.at_most(1_000_000, 100_000) >= price.of(&usage));
    let flat = Price { cached_input_usd: None, ..price };
    assert!((flat.of(&usage) - 3.0).abs() < 1e-12);
}

#[test]
fn an_endpoint_that_claims_more_cached_tokens_than_it_read_gives_no_discount_beyond_the_prompt() {
    let price = Price { input_usd: 1.0, cached_input_usd: Some(0.0), output_usd: 0.0 };
    let usage = Usage { prompt_tokens: 10, cached_tokens: 50, ..Usage::default() };
    assert!(price.of(&usage).abs() < 1e-12);
}
