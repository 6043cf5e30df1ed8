//! Where MT-Bench's files are: the benchmark's own, and those of results, which lie as the official scripts have them.

use std::path::{Path, PathBuf};

use moa_eval::mt_bench::{Answer, read_answers};

use crate::commands::eval::data::BenchmarkFile;
use crate::commands::eval::folder::{file_name, named};
use crate::commands::eval::input::InputFile;
use crate::complaint::Complaint;

/// The name in commands and messages.
pub(super) const BENCHMARK: &str = "mt-bench";

pub(super) const QUESTIONS: BenchmarkFile =
    BenchmarkFile { what: "the file of questions", places: &["question.jsonl", "mt_bench/question.jsonl"] };

pub(super) const REFERENCES: BenchmarkFile = BenchmarkFile {
    what: "the file of reference answers",
    places: &[
        "reference_answer/gpt-4.jsonl",
        "reference_answer_gpt-4.jsonl",
        "mt_bench/reference_answer/gpt-4.jsonl",
        "mt_bench/reference_answer_gpt-4.jsonl",
    ],
};

pub(super) const PROMPTS: BenchmarkFile = BenchmarkFile {
    what: "the file of judge prompts",
    places: &["judge_prompts.jsonl", "mt_bench/judge_prompts.jsonl"],
};

/// The results of one folder.
pub(super) struct Results {
    folder: PathBuf,
}

impl Results {
    pub(super) fn new(output: &Path) -> Self {
        Self { folder: output.join("mt_bench") }
    }

    /// A model's answers, under the name that the scripts take for the model's.
    pub(super) fn answers(&self, model: &str) -> PathBuf {
        self.folder.join("model_answer").join(format!("{}.jsonl", file_name(model)))
    }

    /// A judge's judgments of all models.
    pub(super) fn judgments(&self, judge: &str, kind: &str) -> PathBuf {
        self.folder.join("model_judgment").join(format!("{}_{kind}.jsonl", file_name(judge)))
    }

    /// All judges' judgments of one kind.
    pub(super) fn all_judgments(&self, kind: &str) -> Vec<PathBuf> {
        named(&self.folder.join("model_judgment"), "", &format!("_{kind}.jsonl"))
    }

    /// The journals of all models' answers.
    pub(super) fn answer_journals(&self) -> Vec<PathBuf> {
        named(&self.folder.join("journal"), "answers.", ".jsonl")
    }

    /// What was asked and answered, so that it can be gone on with.
    pub(super) fn journal(&self, kind: &str, of: &[&str]) -> PathBuf {
        let names: Vec<String> = of.iter().map(|name| file_name(name)).collect();
        self.folder.join("journal").join(format!("{kind}.{}.jsonl", names.join(".")))
    }

    /// The answers of the models that were named, or of all that there are.
    pub(super) fn read_answers(&self, named: &[String]) -> Result<Vec<(String, Vec<Answer>)>, Complaint> {
        let paths: Vec<PathBuf> = if named.is_empty() {
            self.all_answers()?
        } else {
            named.iter().map(|model| self.answers(model)).collect()
        };
        let mut models = Vec::new();
        for path in paths {
            let answers = InputFile::read(&path)?.parse(read_answers)?;
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            models.push((stem, moa_eval::mt_bench::latest_by_question(answers)));
        }
        Ok(models)
    }

    fn all_answers(&self) -> Result<Vec<PathBuf>, Complaint> {
        let folder = self.folder.join("model_answer");
        let entries = std::fs::read_dir(&folder).map_err(|error| {
            Complaint::failed(format!("there are no answers in {}: {error}", folder.display()))
                .with_hint(Some("`moa eval mt-bench generate` makes them".to_owned()))
        })?;
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
            .collect();
        paths.sort();
        Ok(paths)
    }
}
