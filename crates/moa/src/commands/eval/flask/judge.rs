//! `moa eval flask judge`: a judge reviews each answer for the skills of its item.

use std::collections::BTreeMap;

use clap::Args;
use moa_core::{Conversation, Message};
use moa_eval::flask::{
    EvaluationItem, JudgeMessages, JudgePrompt, ModelAnswer, Review, Skillset, read_items,
    read_model_answers, write_reviews,
};
use moa_eval::runner::{ItemKey, Journal, JournalHeader, WorkItem};
use serde_json::json;

use super::files::{PROMPT, Results, SKILLSET, Set};
use crate::commands::eval::data::{DataFolder, write_whole};
use crate::commands::eval::generation::{verdict, work};
use crate::commands::eval::input::{self, InputFile};
use crate::commands::eval::judging::{Judge, JudgeArgs, JudgeSettings, Said};
use crate::commands::eval::{eval_complaint, runner_complaint};
use crate::complaint::Complaint;
use crate::workspace::Workspace;

/// The official runs sent neither a temperature nor a limit, so the service's own held: 1, and whatever fits.
const SETTINGS: JudgeSettings =
    JudgeSettings { official_model: "gpt-4-0613", temperature: 1.0, max_tokens: 2048, top_logprobs: None };

#[derive(Debug, Args)]
pub(crate) struct FlaskJudgeArgs {
    #[command(flatten)]
    judge: JudgeArgs,

    /// Judge the answers to the 89 hard instructions
    #[arg(long)]
    hard: bool,
}

pub(crate) async fn execute(workspace: &Workspace, arguments: &FlaskJudgeArgs) -> Result<(), Complaint> {
    let set = Set::new(arguments.hard);
    let arguments = &arguments.judge;
    let data = DataFolder::new("flask", arguments.data.as_deref())?;
    let mut items = data.read(set.file())?.parse(read_items)?;
    items.truncate(arguments.limit.unwrap_or(usize::MAX));
    let prompt = data.read(&PROMPT)?.parse(JudgePrompt::read)?;
    let skillset = data.read(&SKILLSET)?.parse(Skillset::read)?;
    let results = Results::new(&arguments.output, set);
    let models =
        if arguments.contenders.is_empty() { results.models() } else { arguments.contenders.clone() };
    if models.is_empty() {
        return Err(Complaint::failed(format!("there are no answers in {}", arguments.output.display()))
            .with_hint(Some("`moa eval flask generate` makes them".to_owned())));
    }
    let mut answered = Vec::new();
    for model in models {
        let answers = InputFile::read(&results.answers(&model))?.parse(read_model_answers)?;
        answered.push((model, answers));
    }
    let judge = Judge::prepare(workspace, arguments, &SETTINGS).await?;
    if let Some(note) = &judge.note {
        input::warn(&[format!("{}: {note}", judge.name)]);
    }
    let bench =
        Bench { items: &items, prompt: &prompt, skillset: &skillset, results: &results, judge: &judge, set };
    for (model, answers) in &answered {
        bench.review(workspace, arguments, model, answers).await?;
    }
    Ok(())
}

/// What is needed to review, and by whom it is done.
struct Bench<'a> {
    items: &'a [EvaluationItem],
    prompt: &'a JudgePrompt,
    skillset: &'a Skillset,
    results: &'a Results,
    judge: &'a Judge,
    set: Set,
}

impl Bench<'_> {
    async fn review(
        &self,
        workspace: &Workspace,
        arguments: &JudgeArgs,
        model: &str,
        answers: &[ModelAnswer],
    ) -> Result<(), Complaint> {
        let judge = self.judge;
        let by_id: BTreeMap<u64, &str> =
            answers.iter().map(|answer| (answer.question_id, answer.text.as_str())).collect();
        let settings = json!({ "judge": judge.content(), "note": judge.note });
        let benchmark = format!("{} reviews", self.set.name());
        let header = JournalHeader { benchmark, contender: model.to_owned(), settings };
        let path = self.results.journal(model, &judge.name);
        let mut journal: Journal<Said> =
            Journal::open(&path, &header).map_err(|error| runner_complaint(&error))?;
        let (mut asked, mut work_items) = (Vec::new(), Vec::new());
        for item in self.items {
            let Some(answer) = by_id.get(&item.id) else { continue };
            let messages =
                self.prompt.messages(self.skillset, item, answer).map_err(|error| eval_complaint(&error))?;
            let content = json!({ "what": "flask review", "judge": judge.content(), "messages": messages });
            let key = ItemKey::of(&content).map_err(|error| eval_complaint(&error))?;
            work_items.push(WorkItem { id: item.id.to_string(), key: key.clone(), input: messages });
            asked.push((item, *answer, key));
        }
        let unanswered = self.items.len() - asked.len();
        if unanswered > 0 {
            input::warn(&[format!("{model}: {unanswered} items have no answer and are not reviewed")]);
        }
        let ask = |messages: JudgeMessages| {
            let messages = vec![Message::system(messages.system), Message::user(messages.user)];
            judge.ask(Conversation::new(messages))
        };
        let label = format!("{}  {} reviews {model}", self.set.name(), judge.name);
        let report =
            work(workspace, &arguments.work, judge.concurrency, &label, work_items, &mut journal, ask)
                .await?;
        let reviews = asked.into_iter().filter_map(|(item, answer, key)| {
            let said = &journal.get(&item.id.to_string(), &key)?.result;
            let review = Review::judged(item.clone(), answer, &said.text, Some(said.tokens));
            Some(Review {
                model: Some(model.to_owned()),
                judge: Some(judge.name.clone()),
                note: judge.note.clone(),
                ..review
            })
        });
        let reviews: Vec<Review> = reviews.collect();
        let path = self.results.reviews(model, &judge.name);
        write_whole(&path, write_reviews(&reviews).map_err(|error| eval_complaint(&error))?)?;
        crate::commands::print(&format!("{}\n", path.display()))?;
        verdict(&report, &path.display().to_string())
    }
}
