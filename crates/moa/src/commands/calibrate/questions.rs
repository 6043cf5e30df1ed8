//! The questions that are measured on, and who marks the answers.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use moa_core::extraction::AnswerForm;
use moa_core::{Conversation, Failure, FailureKind, Usage};
use moa_eval::calibration::Item;
use moa_eval::exact::{
    Problem, Task, TaskKind, Verdict, mark, program, read_gsm8k, read_problems, read_tasks,
};
use moa_eval::runner::{ItemKey, Record, ResultCache};
use moa_eval::sandbox::{Limits, Outcome, Program, Sandbox};
use tokio::sync::Semaphore;

use super::arguments::CalibrateArgs;
use crate::commands::eval::{eval_complaint, folder, human_eval};
use crate::complaint::Complaint;

/// All questions, with what is right.
pub(super) struct Questions {
    pub(super) items: Vec<Item>,
    by_name: HashMap<String, Right>,
    sandbox: Option<Sandbox>,
    /// As many programs run at a time as there are cores.
    places: Semaphore,
    cache: Option<ResultCache>,
    /// How programs ended that were run by this process.
    ended: Mutex<HashMap<ItemKey, bool>>,
}

/// What is right.
enum Right {
    /// An answer that it is compared with.
    Answer(Task),
    /// A program that passes its tests.
    Passes(Problem),
}

impl Questions {
    /// Reads all sets that are named.
    pub(super) async fn read(arguments: &CalibrateArgs) -> Result<Self, Complaint> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut questions = Self {
            items: Vec::new(),
            by_name: HashMap::new(),
            sandbox: None,
            places: Semaphore::new(cores),
            cache: if arguments.no_cache { None } else { Some(ResultCache::new(folder::cache_folder()?)) },
            ended: Mutex::default(),
        };
        let limit = arguments.limit.map_or(usize::MAX, |limit| limit as usize);
        for name in &arguments.tasks {
            match name.as_str() {
                "gsm8k" => {
                    let path = folder::data_folder("gsm8k")?.join("cases.jsonl");
                    let bytes = folder::read(&path, "`moa eval gsm8k fetch` gets the questions")?;
                    let tasks = read_gsm8k(&bytes).map_err(|error| eval_complaint(&error))?;
                    questions.add_tasks(name, tasks.into_iter().take(limit))?;
                }
                "humaneval" => {
                    let path = folder::data_folder("humaneval")?.join("HumanEval.jsonl.gz");
                    let bytes = folder::read(&path, "`moa eval humaneval fetch` gets the problems")?;
                    let problems = read_problems(&bytes).map_err(|error| eval_complaint(&error))?;
                    // Nothing is asked for hours that could not be marked then.
                    if questions.sandbox.is_none() {
                        questions.sandbox =
                            Some(Sandbox::open().await.map_err(|error| human_eval::complaint(&error))?);
                    }
                    for problem in problems.into_iter().take(limit) {
                        let conversation = human_eval::conversation(&problem);
                        let item = Item::new(name, &problem.task_id, conversation, AnswerForm::Whole);
                        questions.add(item, Right::Passes(problem))?;
                    }
                }
                file => {
                    let path = Path::new(file);
                    let known = "gsm8k and humaneval are known by name; docs/evaluation.md describes files of your own";
                    let bytes = folder::read(path, known)?;
                    let tasks = read_tasks(&bytes).map_err(|error| eval_complaint(&error))?;
                    let stem = path
                        .file_stem()
                        .map_or_else(|| file.to_owned(), |stem| stem.to_string_lossy().into_owned());
                    questions.add_tasks(&stem, tasks.into_iter().take(limit))?;
                }
            }
        }
        if questions.items.is_empty() {
            return Err(Complaint::usage("there is no question to measure on"));
        }
        Ok(questions)
    }

    fn add_tasks(&mut self, name: &str, tasks: impl Iterator<Item = Task>) -> Result<(), Complaint> {
        for task in tasks {
            let form = match task.kind {
                TaskKind::Number => AnswerForm::Number,
                TaskKind::Choice => AnswerForm::Choice,
                TaskKind::Text => AnswerForm::Text,
            };
            let item = Item::new(name, &task.id, Conversation::ask(&task.prompt), form);
            self.add(item, Right::Answer(task))?;
        }
        Ok(())
    }

    fn add(&mut self, item: Item, right: Right) -> Result<(), Complaint> {
        let name = item.name();
        if self.by_name.insert(name.clone(), right).is_some() {
            return Err(Complaint::usage(format!("there are two questions {name}"))
                .with_hint(Some("name each set once, and give files different names".to_owned())));
        }
        self.items.push(item);
        Ok(())
    }

    /// Whether an answer is right.
    pub(super) async fn mark(&self, item: &Item, text: &str) -> Result<bool, Failure> {
        match self.by_name.get(&item.name()) {
            Some(Right::Answer(task)) => Ok(mark(task, text).verdict == Verdict::Correct),
            Some(Right::Passes(problem)) => self.passes(problem, text).await,
            None => Ok(false),
        }
    }

    /// Whether the program in an answer passes the problem's tests. The same program is run once.
    async fn passes(&self, problem: &Problem, text: &str) -> Result<bool, Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(FailureKind::ModelError, format!("an answer cannot be marked: {error}"))
        };
        let Some(code) = program(text, &problem.prompt, &problem.entry_point) else { return Ok(false) };
        let Some(sandbox) = &self.sandbox else { return Err(failed(&"the sandbox is not open")) };
        let check = format!("\n{}\ncheck({})", problem.test, problem.entry_point);
        let candidate = Program { code: code.program, test: check, is_cut_off: code.is_cut_off };
        let content = ("calibration-mark", &candidate.code, &candidate.test, candidate.is_cut_off);
        let key = ItemKey::of(&content).map_err(|error| failed(&error))?;
        let known = self.ended.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        if let Some(is_right) = known {
            return Ok(is_right);
        }
        let kept =
            self.cache.as_ref().and_then(|cache| cache.get::<Outcome>(&key)).map(|record| record.result);
        let outcome = match kept {
            Some(outcome) => outcome,
            None => {
                let _place = self.places.acquire().await.map_err(|error| failed(&error))?;
                let outcome =
                    sandbox.run(&candidate, &Limits::default()).await.map_err(|error| failed(&error))?;
                self.keep(&problem.task_id, &key, &outcome);
                outcome
            }
        };
        let is_right = outcome == Outcome::Passed;
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).insert(key, is_right);
        Ok(is_right)
    }

    fn keep(&self, item: &str, key: &ItemKey, outcome: &Outcome) {
        // A program that ran out of time on a busy machine may pass another time.
        if let Some(cache) = self.cache.as_ref().filter(|_| *outcome != Outcome::TimedOut) {
            let (item, usage) = (item.to_owned(), Usage::default());
            let _ =
                cache.put(&Record { item, key: key.clone(), usage, wall_ms: 0.0, result: outcome.clone() });
        }
    }
}
