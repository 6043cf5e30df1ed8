//! Published scores, to stand beside one's own.

/// A row of the article's figure 2, in per cent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublishedAlpaca {
    /// The model.
    pub model: &'static str,
    /// At equal lengths.
    pub length_controlled: f64,
    /// As the judge saw the answers.
    pub win_rate: f64,
}

/// A row of the article's figure 3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublishedMtBench {
    /// The model.
    pub model: &'static str,
    /// Over both turns.
    pub average: f64,
    /// First turns.
    pub turn_1: f64,
    /// Second turns.
    pub turn_2: f64,
}

/// `AlpacaEval` 2.0, judged by gpt-4-1106-preview.
///
/// # Source
/// Table 2 of arXiv:2406.04692; gpt-4o-mini-2024-07-18 from the leaderboard of `AlpacaEval`.
#[must_use]
pub fn published_alpaca() -> Vec<PublishedAlpaca> {
    let row = |model, length_controlled, win_rate| PublishedAlpaca { model, length_controlled, win_rate };
    vec![
        row("MoA w/ GPT-4o", 65.7, 78.7),
        row("MoA", 65.1, 59.8),
        row("MoA-Lite", 59.3, 57.0),
        row("GPT-4o", 57.5, 51.3),
        row("GPT-4 Turbo", 55.0, 46.1),
        row("WizardLM 8x22B", 51.3, 62.3),
        row("gpt-4o-mini", 50.7, 44.7),
        row("Qwen1.5 110B", 43.9, 33.8),
        row("Qwen1.5 72B", 36.6, 26.5),
        row("Llama 3 70B", 34.4, 33.2),
        row("Mixtral 8x22B", 30.9, 22.2),
    ]
}

/// MT-Bench, judged by gpt-4.
///
/// # Source
/// Table 2 of arXiv:2406.04692.
#[must_use]
pub fn published_mt_bench() -> Vec<PublishedMtBench> {
    let row = |model, average, turn_1, turn_2| PublishedMtBench { model, average, turn_1, turn_2 };
    vec![
        row("MoA w/ GPT-4o", 9.40, 9.49, 9.31),
        row("GPT-4 Turbo", 9.31, 9.35, 9.28),
        row("MoA", 9.25, 9.44, 9.07),
        row("GPT-4o", 9.19, 9.31, 9.07),
        row("MoA-Lite", 9.18, 9.38, 8.99),
        row("Qwen1.5 110B", 8.96, 9.23, 8.63),
    ]
}
