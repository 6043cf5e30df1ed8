//! An item to measure on.

use moa_core::extraction::AnswerForm;
use moa_core::{Conversation, RequestKind};

use super::half::{Half, hash};

/// A question whose answer is right or wrong.
#[derive(Debug, Clone)]
pub struct Item {
    /// The set of questions that it belongs to, such as `gsm8k`.
    pub task: String,
    /// Its name there.
    pub id: String,
    /// What is asked.
    pub conversation: Conversation,
    /// Where answers to it are looked for when they vote.
    pub form: AnswerForm,
    /// What it looks like.
    pub kind: RequestKind,
    /// The half that it belongs to.
    pub half: Half,
}

impl Item {
    /// An item.
    pub fn new(
        task: impl Into<String>,
        id: impl Into<String>,
        conversation: Conversation,
        form: AnswerForm,
    ) -> Self {
        let (task, id) = (task.into(), id.into());
        let (half, kind) = (Half::of(&task, &id), RequestKind::of(&conversation));
        Self { task, id, conversation, form, kind, half }
    }

    /// Its name among the items of all tasks.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.task, self.id)
    }
}

/// The places of the items of a half, in an order that is as good as chance and always the same.
pub(super) fn places(items: &[Item], half: Half) -> Vec<usize> {
    let mut places: Vec<(u64, usize)> = items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.half == half)
        .map(|(place, item)| (hash(&item.task, &item.id), place))
        .collect();
    places.sort_unstable();
    places.into_iter().map(|(_, place)| place).collect()
}

/// The kinds of request that at least a tenth of the items are.
pub(super) fn kinds(items: &[Item]) -> Vec<RequestKind> {
    let count = |kind: &RequestKind| items.iter().filter(|item| item.kind == *kind).count();
    let is_common = |kind: &RequestKind| count(kind) > 0 && count(kind) * 10 >= items.len();
    RequestKind::ALL.into_iter().filter(is_common).collect()
}

/// Whether some of the items look like requests for programs.
#[must_use]
pub fn ask_for_programs(items: &[Item]) -> bool {
    items.iter().any(|item| item.kind == RequestKind::Code)
}

/// The forms of answers that the items have, each once.
#[must_use]
pub fn forms(items: &[Item]) -> Vec<AnswerForm> {
    let mut forms: Vec<AnswerForm> = Vec::new();
    for item in items {
        if !forms.contains(&item.form) {
            forms.push(item.form);
        }
    }
    forms
}
