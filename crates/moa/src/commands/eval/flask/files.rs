//! Where FLASK's files are: the benchmark's own, and those of results.

use std::path::{Path, PathBuf};

use crate::commands::eval::data::BenchmarkFile;
use crate::commands::eval::folder::{file_name, named};

pub(super) const EVALUATION: BenchmarkFile = BenchmarkFile {
    what: "the evaluation set",
    places: &[
        "flask_evaluation.jsonl",
        "flask/flask_evaluation.jsonl",
        "evaluation_set/flask_evaluation.jsonl",
    ],
};

pub(super) const HARD_EVALUATION: BenchmarkFile = BenchmarkFile {
    what: "the hard evaluation set",
    places: &[
        "flask_hard_evaluation.jsonl",
        "flask/flask_hard_evaluation.jsonl",
        "evaluation_set/flask_hard_evaluation.jsonl",
    ],
};

pub(super) const PROMPT: BenchmarkFile = BenchmarkFile {
    what: "the file of review prompts",
    places: &["review_prompt.jsonl", "flask/review_prompt.jsonl", "gpt_review/src/prompt.jsonl"],
};

pub(super) const SKILLSET: BenchmarkFile = BenchmarkFile {
    what: "the description of the skills",
    places: &[
        "skillset_description.json",
        "flask/skillset_description.json",
        "metadata_annotation/skillset/src/skillset_description.json",
    ],
};

/// Which of the two sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    Full,
    Hard,
}

impl Set {
    pub(super) fn new(is_hard: bool) -> Self {
        if is_hard { Self::Hard } else { Self::Full }
    }

    /// The name in journals and messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Full => "flask",
            Self::Hard => "flask-hard",
        }
    }

    pub(super) fn file(self) -> &'static BenchmarkFile {
        match self {
            Self::Full => &EVALUATION,
            Self::Hard => &HARD_EVALUATION,
        }
    }
}

/// The results of one folder.
pub(super) struct Results {
    folder: PathBuf,
}

impl Results {
    pub(super) fn new(output: &Path, set: Set) -> Self {
        Self { folder: output.join(set.name()) }
    }

    /// A model's answers.
    pub(super) fn answers(&self, model: &str) -> PathBuf {
        self.folder.join("model_output").join(format!("{}.jsonl", file_name(model)))
    }

    /// A judge's reviews of a model.
    pub(super) fn reviews(&self, model: &str, judge: &str) -> PathBuf {
        self.folder.join("review").join(format!("{}.{}.jsonl", file_name(model), file_name(judge)))
    }

    /// All judges' reviews of all models.
    pub(super) fn all_reviews(&self) -> Vec<PathBuf> {
        named(&self.folder.join("review"), "", ".jsonl")
    }

    /// What was asked and answered, so that it can be gone on with.
    pub(super) fn journal(&self, model: &str, judge: &str) -> PathBuf {
        self.folder.join("journal").join(format!("{}.{}.jsonl", file_name(model), file_name(judge)))
    }

    /// The models that have answers.
    pub(super) fn models(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.join("model_output")).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        let mut models: Vec<String> = paths
            .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
            .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
            .collect();
        models.sort();
        models
    }
}
