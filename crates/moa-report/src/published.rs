//! What was published, to be laid beside what was measured.
//!
//! # Source
//!
//! Wang et al., "Mixture-of-Agents Enhances Large Language Model Capabilities", arXiv 2406.04692: table 2 for `AlpacaEval` and MT-Bench, and
//! what the text says of figure 3, FLASK's radar, which prints no numbers. These are the figures that the article shows.

/// One model in the paper.
pub(crate) struct Published<const N: usize> {
    pub(crate) model: &'static str,
    pub(crate) values: [f64; N],
}

/// Length-controlled and plain win rates, in per cent.
pub(crate) const ALPACA_EVAL: [Published<2>; 10] = [
    Published { model: "MoA w/ GPT-4o", values: [65.7, 78.7] },
    Published { model: "MoA", values: [65.1, 59.8] },
    Published { model: "MoA-Lite", values: [59.3, 57.0] },
    Published { model: "GPT-4 Omni", values: [57.5, 51.3] },
    Published { model: "GPT-4 Turbo", values: [55.0, 46.1] },
    Published { model: "WizardLM 8x22B", values: [51.3, 62.3] },
    Published { model: "Qwen1.5 110B Chat", values: [43.9, 33.8] },
    Published { model: "Qwen1.5 72B Chat", values: [36.6, 26.5] },
    Published { model: "Llama 3 70B Instruct", values: [34.4, 33.2] },
    Published { model: "Mixtral 8x22B", values: [30.9, 22.2] },
];

/// The average, the first and the second turn.
pub(crate) const MT_BENCH: [Published<3>; 6] = [
    Published { model: "MoA w/ GPT-4o", values: [9.40, 9.49, 9.31] },
    Published { model: "GPT-4 Turbo", values: [9.31, 9.35, 9.28] },
    Published { model: "MoA", values: [9.25, 9.44, 9.07] },
    Published { model: "GPT-4 Omni", values: [9.19, 9.31, 9.07] },
    Published { model: "MoA-Lite", values: [9.18, 9.38, 8.99] },
    Published { model: "Qwen1.5 110B Chat", values: [8.96, 9.23, 8.63] },
];

/// Rows of the leaderboard that belong beside them, where its file is at hand.
pub(crate) const LEADERBOARD: [&str; 5] =
    ["Together-MoA", "Together-MoA-Lite", "gpt-4o-2024-05-13", "gpt-4o-mini-2024-07-18", "gpt4_1106_preview"];

/// The leaderboard's row that the question is about.
pub(crate) const GPT_4O_MINI: &str = "gpt-4o-mini-2024-07-18";

/// The skills in which the mixture is said to beat its aggregator alone.
pub(crate) const BEATS_AGGREGATOR: [&str; 7] = [
    "robustness",
    "correctness",
    "efficiency",
    "factuality",
    "commonsense",
    "insightfulness",
    "completeness",
];

/// The skills in which the mixture is said to beat GPT-4 Omni.
pub(crate) const BEATS_GPT_4O: [&str; 5] =
    ["correctness", "factuality", "insightfulness", "completeness", "metacognition"];

/// The skills in which the mixture is said to be weaker than a model alone.
pub(crate) const WEAKER: [&str; 1] = ["conciseness"];
