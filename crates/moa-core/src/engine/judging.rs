//! Asking a model about the answers of a layer.

use futures::future::join_all;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::call::{Call, CallReport};
use super::deadline::Deadline;
use super::execution::Execution;
use super::seed::seed_of_call;
use crate::agent::Agent;
use crate::aggregation::{ChoosingKind, MOST_RANKED, RankMethod, Shown};
use crate::comparing::{Comparing, compared};
use crate::conversation::Conversation;
use crate::event::CallStatus;
use crate::failure::FailureKind;
use crate::layer::{CallId, LayerIndex};
use crate::mixture::PartialAnswers;
use crate::model::ChatRequest;
use crate::prompt::Prompt;
use crate::reference::Reference;
use crate::task::CallTask;

/// Something to be asked about answers.
pub(super) struct Question {
    /// What the call is called in traces.
    pub(super) name: String,
    pub(super) task: CallTask,
    pub(super) prompt: Prompt,
}

/// A question to a judge, as a run would ask it.
#[derive(Debug, Clone)]
pub struct JudgeQuestion {
    /// What the call is called in traces.
    pub name: String,
    /// What is asked.
    pub prompt: Prompt,
    /// Which of the answers it shows, by their places.
    pub shown: Vec<usize>,
}

/// What a judge is asked to choose between `answers` by a kind; nothing where the kind asks none. Of more answers than are compared it takes the first.
#[must_use]
pub fn judge_questions(
    by: ChoosingKind,
    system: Option<&str>,
    conversation: &Conversation,
    answers: &[Reference],
) -> Vec<JudgeQuestion> {
    let ask = |shown: Shown| {
        let references = shown.places.iter().filter_map(|place| answers.get(*place).cloned()).collect();
        let Question { name, prompt, .. } = question(by, &shown, system, conversation, references);
        JudgeQuestion { name, prompt, shown: shown.places }
    };
    by.questions(answers.len().min(MOST_RANKED)).into_iter().map(ask).collect()
}

/// What is asked to choose between some answers.
pub(super) fn question(
    by: ChoosingKind,
    shown: &Shown,
    system: Option<&str>,
    conversation: &Conversation,
    references: Vec<Reference>,
) -> Question {
    let numbers: Vec<String> = shown.places.iter().map(|place| (place + 1).to_string()).collect();
    let (what, name) = match by {
        ChoosingKind::Rank { method: RankMethod::Pairwise } => {
            (Comparing::Pair, format!("judge: {}", numbers.join(" against ")))
        }
        ChoosingKind::UniversalSelfConsistency => {
            (Comparing::Consistency, format!("judge: consistency of {}", numbers.join(", ")))
        }
        _ => (Comparing::List, format!("judge: order of {}", numbers.join(", "))),
    };
    Question { name, task: CallTask::Rank, prompt: compared(what, system, conversation, references) }
}

impl Execution<'_> {
    /// Asks the judge all questions at once; what it replied to each, where it did.
    pub(super) async fn ask_judge(
        &mut self,
        layer: LayerIndex,
        judge: &Agent,
        questions: &[Question],
    ) -> Vec<Option<String>> {
        let reports = self.ask_beside(layer, judge, questions).await;
        reports.into_iter().map(text_of).collect()
    }

    /// Asks one agent several questions at once, in calls of their own beside those of the layer's agents.
    pub(super) async fn ask_beside(
        &mut self,
        layer: LayerIndex,
        agent: &Agent,
        questions: &[Question],
    ) -> Vec<CallReport> {
        let start = Instant::now();
        let first = self.next_agent;
        let named: Vec<Agent> =
            questions.iter().map(|question| Agent { name: question.name.clone(), ..agent.clone() }).collect();
        let calls = named.iter().zip(questions).zip(first..).map(|((agent, question), number)| {
            self.beside(agent, question, CallId { layer, agent: number }, start).run()
        });
        let reports = join_all(calls).await;
        self.next_agent = first.saturating_add(u32::try_from(questions.len()).unwrap_or(u32::MAX));
        self.book(&reports);
        reports
    }

    fn beside<'call>(
        &'call self,
        agent: &'call Agent,
        question: &Question,
        id: CallId,
        start: Instant,
    ) -> Call<'call> {
        let model = self.models.resolve(id, &agent.model).cloned();
        let prompt = question.prompt.clone();
        let key = self.key(agent, &prompt, model.as_deref(), 0, false);
        let mut sampling = agent.sampling.clone();
        sampling.seed = sampling.seed.or_else(|| Some(seed_of_call(self.request.seed.value(), id)));
        let whose = format!("agent '{}'", agent.name);
        let call_deadline =
            agent.deadline.map(|limit| Deadline::new(start, limit, FailureKind::CallDeadline, &whose));
        Call {
            agent,
            task: question.task,
            request: ChatRequest {
                run: Some(self.request.id),
                call: id,
                prompt,
                sampling,
                max_tokens: agent.max_tokens,
                tools: None,
                response_format: None,
                key,
                pays_once: self.budget.is_capped(),
                top_logprobs: None,
                peers: None,
                wants_certainty: false,
            },
            model,
            warning: None,
            growing: None,
            emitter: self.emitter,
            budget: self.budget,
            cancel: &self.request.cancel,
            enough: CancellationToken::new(),
            deadline: [call_deadline, self.run_deadline()]
                .into_iter()
                .flatten()
                .min_by_key(|deadline| deadline.at),
            // Half a judgment is none.
            partial_answers: PartialAnswers::Drop,
        }
    }
}

/// What a call said, where it said all of it.
pub(super) fn text_of(report: CallReport) -> Option<String> {
    (report.outcome.status == CallStatus::Ok).then_some(report.outcome.text)
}
