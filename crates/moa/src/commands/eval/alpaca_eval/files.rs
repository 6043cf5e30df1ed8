//! Where `AlpacaEval`'s files are: the benchmark's own, and those of results.

use std::path::{Path, PathBuf};

use crate::commands::eval::data::BenchmarkFile;
use crate::commands::eval::folder::{entries, file_name};

/// The name in commands and messages.
pub(super) const BENCHMARK: &str = "alpaca-eval";

pub(super) const BASELINE: BenchmarkFile = BenchmarkFile {
    what: "the file of the baseline's outputs",
    places: &[
        "alpaca_eval_gpt4_baseline.json",
        "outputs/gpt4_1106_preview.json",
        "alpaca_eval/outputs/gpt4_1106_preview.json",
        "results/gpt4_1106_preview/model_outputs.json",
    ],
};

pub(super) const PROMPT: BenchmarkFile = BenchmarkFile {
    what: "the judge's prompt",
    places: &[
        "alpaca_eval_clf.txt",
        "evaluator_prompt_alpaca_eval_clf.txt",
        "alpaca_eval/evaluator_prompt_alpaca_eval_clf.txt",
        "src/alpaca_eval/evaluators_configs/alpaca_eval_clf_gpt4_turbo/alpaca_eval_clf.txt",
    ],
};

/// The official leaderboard.
pub(super) const LEADERBOARD: BenchmarkFile = BenchmarkFile {
    what: "the leaderboard",
    places: &[
        "weighted_alpaca_eval_gpt4_turbo_leaderboard.csv",
        "leaderboard_weighted_alpaca_eval_gpt4_turbo.csv",
        "alpaca_eval/leaderboard_weighted_alpaca_eval_gpt4_turbo.csv",
    ],
};

/// How difficult each instruction is.
pub(super) const DIFFICULTY: BenchmarkFile = BenchmarkFile {
    what: "the table of difficulties",
    places: &[
        "instruction_difficulty.csv",
        "instruction_difficulty_recovered.csv",
        "alpaca_eval/instruction_difficulty_recovered.csv",
    ],
};

/// What the length-controlled win rate is held to.
pub(super) const GAMED: BenchmarkFile =
    BenchmarkFile { what: "the table of gamed rows", places: &["df_gamed.csv", "alpaca_eval/df_gamed.csv"] };

/// The results of one folder, laid out as those of the official repository.
pub(super) struct Results {
    folder: PathBuf,
}

impl Results {
    pub(super) fn new(output: &Path) -> Self {
        Self { folder: output.join("alpaca_eval") }
    }

    /// A model's answers.
    pub(super) fn outputs(&self, model: &str) -> PathBuf {
        self.folder.join("results").join(file_name(model)).join("model_outputs.json")
    }

    /// A judge's preferences.
    pub(super) fn annotations(&self, model: &str, judge: &str) -> PathBuf {
        self.folder.join("results").join(file_name(model)).join(file_name(judge)).join("annotations.json")
    }

    /// All judges' preferences.
    pub(super) fn all_annotations(&self, model: &str) -> Vec<PathBuf> {
        let judges = entries(&self.folder.join("results").join(file_name(model))).into_iter();
        judges.map(|judge| judge.join("annotations.json")).filter(|path| path.is_file()).collect()
    }

    /// What was asked and answered, so that it can be gone on with.
    pub(super) fn journal(&self, model: &str, judge: &str) -> PathBuf {
        self.folder.join("journal").join(format!("{}.{}.jsonl", file_name(model), file_name(judge)))
    }

    /// The models that have answers.
    pub(super) fn models(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.join("results")).into_iter().flatten().flatten();
        let mut models: Vec<String> = entries
            .filter(|entry| entry.path().join("model_outputs.json").is_file())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        models.sort();
        models
    }
}
