//! `moa eval mt-bench judge`: a judge grades answers, one at a time or in pairs.

use std::collections::BTreeMap;
use std::path::Path;

use clap::{Args, ValueEnum};
use moa_core::{Conversation, Message};
use moa_eval::mt_bench::{
    API_ERROR, Answer, JudgePrompts, JudgeRequest, Judgment, Match, PairJudgment, Question, Score, Turn,
    extract_pair_winner, extract_score, judging_order, read_answers, read_judgments, read_pair_judgments,
    read_questions, write_judgments, write_pair_judgments,
};
use moa_eval::runner::{Done, ItemKey, Journal, JournalHeader, Undone, WorkItem};
use serde::{Deserialize, Serialize};

use super::files::{BENCHMARK, PROMPTS, QUESTIONS, REFERENCES, Results};
use crate::commands::eval::data::{DataFolder, write_whole};
use crate::commands::eval::generation::{verdict, work};
use crate::commands::eval::input::{self, InputFile, eprint};
use crate::commands::eval::judging::{Judge, JudgeArgs, JudgeSettings, Said};
use crate::commands::eval::{eval_complaint, runner_complaint};
use crate::complaint::Complaint;
use crate::workspace::Workspace;

const SETTINGS: JudgeSettings =
    JudgeSettings { official_model: "gpt-4", temperature: 0.0, max_tokens: 2048, top_logprobs: None };

#[derive(Debug, Args)]
pub(crate) struct MtBenchJudgeArgs {
    #[command(flatten)]
    judge: JudgeArgs,

    /// Grade single answers, or let pairs of models play two games with their answers exchanged
    #[arg(long, value_enum, default_value_t = ModeArg::Single)]
    mode: ModeArg,

    /// With `--mode pairwise-baseline`: the model that the others play against
    #[arg(long, value_name = "NAME", default_value = "gpt-3.5-turbo")]
    baseline: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModeArg {
    /// A grade for each answer
    Single,
    /// Games of every model against every other one
    PairwiseAll,
    /// Games of every model against the baseline
    PairwiseBaseline,
}

/// What is needed to judge.
struct Bench {
    questions: Vec<Question>,
    references: Vec<Answer>,
    prompts: JudgePrompts,
}

/// Two games, the answers exchanged in the second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Games {
    first: Said,
    second: Said,
}

pub(crate) async fn execute(workspace: &Workspace, arguments: &MtBenchJudgeArgs) -> Result<(), Complaint> {
    let data = DataFolder::new(BENCHMARK, arguments.judge.data.as_deref())?;
    let mut questions = data.read(&QUESTIONS)?.parse(read_questions)?;
    questions.truncate(arguments.judge.limit.unwrap_or(usize::MAX));
    let prompts = data.read(&PROMPTS)?.parse(JudgePrompts::read)?;
    let references = data.read(&REFERENCES)?.parse(read_answers)?;
    let bench = Bench { questions, references, prompts };
    let results = Results::new(&arguments.judge.output);
    let models = results.read_answers(&arguments.judge.contenders)?;
    if models.is_empty() {
        return Err(Complaint::failed("there are no answers to judge")
            .with_hint(Some("`moa eval mt-bench generate` makes them".to_owned())));
    }
    let pairs = pairs(arguments, &models)?;
    let judge = Judge::prepare(workspace, &arguments.judge, &SETTINGS).await?;
    if let Some(note) = &judge.note {
        input::warn(&[format!("{}: {note}", judge.name)]);
    }
    let judging =
        Judging { workspace, arguments: &arguments.judge, judge: &judge, bench: &bench, results: &results };
    if arguments.mode == ModeArg::Single {
        for (model, answers) in &models {
            judging.single(model, answers).await?;
        }
    }
    for (first, second) in pairs {
        judging.pair(first, second).await?;
    }
    Ok(())
}

type Model = (String, Vec<Answer>);

/// Who plays against whom, in the official order.
fn pairs<'a>(
    arguments: &MtBenchJudgeArgs,
    models: &'a [Model],
) -> Result<Vec<(&'a Model, &'a Model)>, Complaint> {
    let all = || {
        let places =
            (0..models.len()).flat_map(|first| (first + 1..models.len()).map(move |second| (first, second)));
        places.filter_map(|(first, second)| Some((models.get(first)?, models.get(second)?)))
    };
    let pairs: Vec<_> = match arguments.mode {
        ModeArg::Single => return Ok(Vec::new()),
        ModeArg::PairwiseAll => all().collect(),
        ModeArg::PairwiseBaseline => {
            let Some(baseline) = models.iter().find(|(name, _)| *name == arguments.baseline) else {
                let message = format!("there are no answers of the baseline {:?}", arguments.baseline);
                return Err(Complaint::usage(message)
                    .with_hint(Some("--baseline names a model whose answers are in the folder".to_owned())));
            };
            models
                .iter()
                .filter(|(name, _)| *name != arguments.baseline)
                .map(|model| (model, baseline))
                .collect()
        }
    };
    if pairs.is_empty() {
        return Err(Complaint::usage("games need the answers of at least two models"));
    }
    Ok(pairs)
}

/// One judge at work on one folder.
struct Judging<'a> {
    workspace: &'a Workspace,
    arguments: &'a JudgeArgs,
    judge: &'a Judge,
    bench: &'a Bench,
    results: &'a Results,
}

impl Judging<'_> {
    /// Grades one model's answers.
    async fn single(&self, model: &str, answers: &[Answer]) -> Result<(), Complaint> {
        let requests = self.requests(&[answers], |of, answers| self.bench.prompts.single(of, answers[0]))?;
        let path = self.results.journal("single", &[&self.judge.name, model]);
        let mut journal: Journal<Said> = self.open(&path, "mt-bench single grades", model)?;
        let mut items = Vec::new();
        for asked in &requests {
            items.push(WorkItem { id: asked.id(), key: self.key(&[&asked.request])?, input: &asked.request });
        }
        let ask = |request: &JudgeRequest| self.judge.ask(conversation(request));
        let label = format!("{BENCHMARK}  {} judges {model}", self.judge.name);
        let concurrency = self.judge.concurrency;
        let report =
            work(self.workspace, &self.arguments.work, concurrency, &label, items, &mut journal, ask).await?;
        let rows = requests.iter().filter_map(|asked| {
            let said = journal.get(&asked.id(), &self.key(&[&asked.request]).ok()?)?;
            Some(judgment(asked, model, self.judge, &said.result))
        });
        let rows: Vec<Judgment> = rows.collect();
        let path = self.results.judgments(&self.judge.name, "single");
        let kept = kept(&path, read_judgments, |row: &Judgment| row.model != model)?;
        let text = write_judgments(&[kept, rows].concat()).map_err(|error| eval_complaint(&error))?;
        Self::write(&path, text)?;
        verdict(&report, &path.display().to_string())
    }

    /// Lets two models play on every turn.
    async fn pair(&self, first: &Model, second: &Model) -> Result<(), Complaint> {
        let [(model_1, answers_1), (model_2, answers_2)] = [first, second];
        let both = [answers_1.as_slice(), answers_2.as_slice()];
        let prompts = &self.bench.prompts;
        let forth = self.requests(&both, |of, answers| prompts.pair(of, answers[0], answers[1]))?;
        let back = self.requests(&both, |of, answers| prompts.pair(of, answers[1], answers[0]))?;
        let path = self.results.journal("pair", &[&self.judge.name, model_1, model_2]);
        let mut journal: Journal<Games> =
            self.open(&path, "mt-bench games", &format!("{model_1} and {model_2}"))?;
        let games: Vec<(&Asked<'_>, &Asked<'_>)> = forth.iter().zip(&back).collect();
        let mut items = Vec::new();
        for (forth, back) in &games {
            let key = self.key(&[&forth.request, &back.request])?;
            items.push(WorkItem { id: forth.id(), key, input: (&forth.request, &back.request) });
        }
        let ask = |(forth, back): (&JudgeRequest, &JudgeRequest)| {
            let (forth, back) = (conversation(forth), conversation(back));
            async move {
                let first = self.judge.ask(forth).await?;
                let second = self.judge.ask(back).await.map_err(|undone| undone.after(first.usage))?;
                let mut usage = first.usage;
                usage += second.usage;
                let result = Games { first: first.result, second: second.result };
                Ok::<_, Undone>(Done { result, usage, wall_ms: first.wall_ms + second.wall_ms })
            }
        };
        let label = format!("{BENCHMARK}  {} judges {model_1} against {model_2}", self.judge.name);
        let concurrency = self.judge.concurrency;
        let report =
            work(self.workspace, &self.arguments.work, concurrency, &label, items, &mut journal, ask).await?;
        let rows = games.iter().filter_map(|&(forth, back)| {
            let played = journal.get(&forth.id(), &self.key(&[&forth.request, &back.request]).ok()?)?;
            Some(pair_judgment(
                (forth, back),
                (model_1.as_str(), model_2.as_str()),
                self.judge,
                &played.result,
            ))
        });
        let rows: Vec<PairJudgment> = rows.collect();
        let path = self.results.judgments(&self.judge.name, "pair");
        let is_other = |row: &PairJudgment| (&row.model_1, &row.model_2) != (model_1, model_2);
        let kept = kept(&path, read_pair_judgments, is_other)?;
        let text = write_pair_judgments(&[kept, rows].concat()).map_err(|error| eval_complaint(&error))?;
        Self::write(&path, text)?;
        verdict(&report, &path.display().to_string())
    }

    /// What is asked, in the official order. Questions that a model has not answered are left out, with a warning.
    fn requests<'q>(
        &'q self,
        models: &[&[Answer]],
        request: impl Fn(&Match<'_>, &[&Answer]) -> Result<JudgeRequest, moa_eval::EvalError>,
    ) -> Result<Vec<Asked<'q>>, Complaint> {
        let by_id = |answers: &'q [Answer]| -> BTreeMap<_, _> {
            answers.iter().map(|answer| (&answer.question_id, answer)).collect()
        };
        let references = by_id(&self.bench.references);
        let models: Vec<BTreeMap<_, _>> = models
            .iter()
            .map(|answers| answers.iter().map(|answer| (&answer.question_id, answer)).collect())
            .collect();
        let (mut asked, mut missing) = (Vec::new(), 0);
        for (question, turn) in judging_order(&self.bench.questions) {
            let answers: Option<Vec<&Answer>> =
                models.iter().map(|answers| answers.get(&question.question_id).copied()).collect();
            let Some(answers) = answers else {
                missing += 1;
                continue;
            };
            if answers.iter().any(|answer| !has_turn(answer, turn)) {
                missing += 1;
                continue;
            }
            let reference = references.get(&question.question_id).copied();
            let of = Match { question, reference, turn };
            let request = request(&of, &answers).map_err(|error| eval_complaint(&error))?;
            asked.push(Asked { question, turn, request });
        }
        if missing > 0 {
            eprint(&format!("{missing} turns have no answer and are not judged\n"));
        }
        if asked.is_empty() {
            return Err(Complaint::failed("none of the answers is to one of the questions"));
        }
        Ok(asked)
    }

    fn open<R: Serialize + serde::de::DeserializeOwned>(
        &self,
        path: &Path,
        benchmark: &str,
        contender: &str,
    ) -> Result<Journal<R>, Complaint> {
        let settings = serde_json::json!({ "judge": self.judge.content(), "note": self.judge.note });
        let header =
            JournalHeader { benchmark: benchmark.to_owned(), contender: contender.to_owned(), settings };
        Journal::open(path, &header).map_err(|error| runner_complaint(&error))
    }

    fn key(&self, requests: &[&JudgeRequest]) -> Result<ItemKey, Complaint> {
        let content = serde_json::json!({
            "what": "mt-bench judgment", "judge": self.judge.content(), "requests": requests,
        });
        ItemKey::of(&content).map_err(|error| eval_complaint(&error))
    }

    fn write(path: &Path, rows: String) -> Result<(), Complaint> {
        write_whole(path, rows)?;
        crate::commands::print(&format!("{}\n", path.display()))
    }
}

/// One judgment to be made.
struct Asked<'a> {
    question: &'a Question,
    turn: Turn,
    request: JudgeRequest,
}

impl Asked<'_> {
    fn id(&self) -> String {
        format!("{}:{}", self.question.question_id, self.turn.number())
    }
}

/// Whether an answer goes that far. Proposals have a first turn only, and a conversation may have broken off.
fn has_turn(answer: &Answer, turn: Turn) -> bool {
    let turns = answer.choices.first().map_or(0, |choice| choice.turns.len());
    i64::try_from(turns).is_ok_and(|turns| turns >= turn.number())
}

fn conversation(request: &JudgeRequest) -> Conversation {
    Conversation::new(vec![Message::system(&request.system), Message::user(&request.user)])
}

/// What stands in the file: the judge's words, or the mark of the official script where there are none.
fn words(said: &Said) -> String {
    if said.failure.is_some() { API_ERROR.to_owned() } else { said.text.clone() }
}

fn judgment(asked: &Asked<'_>, model: &str, judge: &Judge, said: &Said) -> Judgment {
    let words = words(said);
    let score = if said.failure.is_some() { Score::NONE } else { extract_score(&words) };
    Judgment {
        question_id: asked.question.question_id.clone(),
        model: model.to_owned(),
        judge: (judge.name.clone(), asked.request.prompt.clone()),
        user_prompt: asked.request.user.clone(),
        judgment: words,
        score: Some(score),
        turn: asked.turn.number(),
        tstamp: said.at,
        note: judge.note.clone(),
    }
}

fn pair_judgment(
    (forth, back): (&Asked<'_>, &Asked<'_>),
    (model_1, model_2): (&str, &str),
    judge: &Judge,
    games: &Games,
) -> PairJudgment {
    let (first, second) = (words(&games.first), words(&games.second));
    let format = forth.request.output_format;
    PairJudgment {
        question_id: forth.question.question_id.clone(),
        model_1: model_1.to_owned(),
        model_2: model_2.to_owned(),
        g1_winner: extract_pair_winner(&first, format).model(false),
        g2_winner: extract_pair_winner(&second, format).model(true),
        judge: (judge.name.clone(), forth.request.prompt.clone()),
        g1_user_prompt: forth.request.user.clone(),
        g1_judgment: first,
        g2_user_prompt: back.request.user.clone(),
        g2_judgment: second,
        turn: Some(forth.turn.number()),
        tstamp: games.second.at,
        note: judge.note.clone(),
    }
}

/// The rows of a file that are about others.
fn kept<T>(
    path: &Path,
    read: impl FnOnce(&[u8]) -> Result<Vec<T>, moa_eval::EvalError>,
    is_other: impl FnMut(&T) -> bool,
) -> Result<Vec<T>, Complaint> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut rows = InputFile::read(path)?.parse(read)?;
    rows.retain(is_other);
    Ok(rows)
}
