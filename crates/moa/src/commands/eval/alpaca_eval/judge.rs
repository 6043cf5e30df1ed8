//! `moa eval alpaca-eval judge`: a judge compares answers with the baseline's by the log-probabilities of one token.

use moa_core::{Conversation, Failure, FailureKind, Message, Role};
use moa_eval::alpaca::{
    Annotation, FieldNames, Filling, JudgeMessage, JudgePrompt, Pair, Pairing, is_switched, read_outputs,
    write_annotations,
};
use moa_eval::runner::{Done, ItemKey, Journal, JournalHeader, Undone, WorkItem};
use serde_json::{Value, json};

use super::files::{BASELINE, BENCHMARK, PROMPT, Results};
use crate::commands::eval::data::{DataFolder, write_whole};
use crate::commands::eval::generation::{verdict, work};
use crate::commands::eval::input::{self, InputFile};
use crate::commands::eval::judging::{Judge, JudgeArgs, JudgeSettings, Said};
use crate::commands::eval::{eval_complaint, runner_complaint};
use crate::complaint::Complaint;
use crate::workspace::Workspace;

const SETTINGS: JudgeSettings = JudgeSettings {
    official_model: "gpt-4-1106-preview",
    temperature: 1.0,
    max_tokens: 1,
    top_logprobs: Some(5),
};

/// What the official configuration of the judge is called.
const OFFICIAL_ANNOTATOR: &str = "weighted_alpaca_eval_gpt4_turbo";

pub(crate) async fn execute(workspace: &Workspace, arguments: &JudgeArgs) -> Result<(), Complaint> {
    let data = DataFolder::new(BENCHMARK, arguments.data.as_deref())?;
    let baseline = data.read(&BASELINE)?.parse(read_outputs)?;
    let prompt = data.read(&PROMPT)?.parse(|bytes| JudgePrompt::new(&String::from_utf8_lossy(bytes)))?;
    let results = Results::new(&arguments.output);
    let models =
        if arguments.contenders.is_empty() { results.models() } else { arguments.contenders.clone() };
    if models.is_empty() {
        return Err(Complaint::failed(format!("there are no answers in {}", arguments.output.display()))
            .with_hint(Some("`moa eval alpaca-eval generate` makes them".to_owned())));
    }
    let mut pairings = Vec::new();
    for model in models {
        let outputs = InputFile::read(&results.outputs(&model))?.parse(read_outputs)?;
        let mut pairing = Pairing::of(&baseline, &outputs, None).map_err(|error| eval_complaint(&error))?;
        pairing.pairs.truncate(arguments.limit.unwrap_or(usize::MAX));
        input::warn(&pairing.warnings);
        pairings.push((model, pairing.pairs));
    }
    let judge = Judge::prepare(workspace, arguments, &SETTINGS).await?;
    if let Some(note) = &judge.note {
        input::warn(&[format!("{}: {note}", judge.name)]);
    }
    for (model, pairs) in &pairings {
        compare(
            workspace,
            arguments,
            &Comparing { judge: &judge, prompt: &prompt, results: &results, model },
            pairs,
        )
        .await?;
    }
    Ok(())
}

/// One judge and one model.
struct Comparing<'a> {
    judge: &'a Judge,
    prompt: &'a JudgePrompt,
    results: &'a Results,
    model: &'a str,
}

async fn compare(
    workspace: &Workspace,
    arguments: &JudgeArgs,
    of: &Comparing<'_>,
    pairs: &[Pair],
) -> Result<(), Complaint> {
    let Comparing { judge, prompt, results, model } = of;
    let settings = json!({ "judge": judge.content(), "note": judge.note });
    let header = JournalHeader {
        benchmark: "alpaca-eval preferences".to_owned(),
        contender: (*model).to_owned(),
        settings,
    };
    let path = results.journal(model, &judge.name);
    let mut journal: Journal<Said> =
        Journal::open(&path, &header).map_err(|error| runner_complaint(&error))?;
    let mut asked: Vec<(&Pair, Option<(String, ItemKey)>)> = Vec::new();
    let mut items = Vec::new();
    for (row, pair) in pairs.iter().enumerate() {
        // Equal answers are a draw, and nobody is asked.
        if pair.is_draw() {
            asked.push((pair, None));
            continue;
        }
        let switched = is_switched(&pair.instruction);
        let (first, second) = (&pair.output_1, &pair.output_2);
        // A text that holds the prompt's own marks cannot reach out of its place; where it has none, this is the official prompt.
        let messages = prompt
            .messages(&pair.instruction, first, second, switched, Filling::Safe)
            .map_err(|error| eval_complaint(&error))?;
        let content =
            json!({ "what": "alpaca-eval preference", "judge": judge.content(), "messages": messages });
        let key = ItemKey::of(&content).map_err(|error| eval_complaint(&error))?;
        let id = row.to_string();
        items.push(WorkItem { id: id.clone(), key: key.clone(), input: messages });
        asked.push((pair, Some((id, key))));
    }
    let ask = |messages: Vec<JudgeMessage>| async move {
        let said = judge.ask(conversation(&messages)).await?;
        with_logprobs(said)
    };
    let label = format!("{BENCHMARK}  {} judges {model}", judge.name);
    let report =
        work(workspace, &arguments.work, judge.concurrency, &label, items, &mut journal, ask).await?;
    let annotator = if judge.note.is_none() { OFFICIAL_ANNOTATOR } else { judge.name.as_str() };
    let rows = asked.iter().filter_map(|(pair, asked)| {
        let completion = match asked {
            None => None,
            Some((id, key)) => Some(completion(&journal.get(id, key)?.result)),
        };
        let judged = Annotation::judged(pair, annotator, completion, is_switched(&pair.instruction));
        Some(Annotation { note: judge.note.clone(), ..judged })
    });
    let rows: Vec<Annotation> = rows.collect();
    let path = results.annotations(model, annotator);
    write_whole(&path, write_annotations(&rows, FieldNames::New).map_err(|error| eval_complaint(&error))?)?;
    crate::commands::print(&format!("{}\n", path.display()))?;
    verdict(&report, &path.display().to_string())
}

/// A judgment without log-probabilities says nothing that could be weighed.
fn with_logprobs(said: Done<Said>) -> Result<Done<Said>, Undone> {
    if said.result.failure.is_none() && said.result.logprobs.is_empty() {
        let message = "the judge told no log-probabilities, out of which alone a preference is read";
        let hint = "choose a judge whose endpoint knows `logprobs`, or a local one";
        let failure = Failure::new(FailureKind::BadResponse, message).with_hint(hint);
        return Err(Undone { failure, usage: said.usage });
    }
    Ok(said)
}

fn conversation(messages: &[JudgeMessage]) -> Conversation {
    let message = |message: &JudgeMessage| match message.role.as_str() {
        "system" => Message::system(&message.content),
        "assistant" => Message::new(Role::Assistant, &message.content),
        _ => Message::user(&message.content),
    };
    Conversation::new(messages.iter().map(message).collect())
}

/// What the package keeps of a completion.
fn completion(said: &Said) -> Value {
    json!({
        "finish_reason": said.finish_reason,
        "text": said.text,
        "total_tokens": said.tokens,
        "logprobs": { "content": said.logprobs },
    })
}
