//! What is asked, and what came of it.

use std::pin::pin;

use futures::StreamExt as _;
use moa_core::{Conversation, Mixture, Models, RunEnd, Trace};

use crate::complaint::Complaint;
use crate::run;
use crate::workspace::Workspace;

/// One of each kind: code, prose, a list.
pub(super) const QUESTIONS: [&str; 3] = [
    "Write a Python function that returns the n-th Fibonacci number, and explain its complexity in two sentences.",
    "Explain in three paragraphs why the sky is blue during the day but red at sunset.",
    "List eight things to check on a bicycle before a long tour.",
];

/// The same for every step, so that steps that sample do so alike.
const SEED: u64 = 1;

/// Runs the mixture to its end.
pub(super) async fn ask(
    workspace: &Workspace,
    mixture: &Mixture,
    models: &Models,
    question: &str,
) -> Result<Trace, Complaint> {
    let request = run::request(mixture.clone(), Conversation::ask(question), Some(SEED));
    let _shield = workspace.interrupts.shield(request.cancel.clone());
    let mut trace = Trace::default();
    let mut events = pin!(moa_core::run(request, models.clone()));
    while let Some(event) = events.next().await {
        trace.apply(&event);
    }
    match &trace.end {
        Some(RunEnd::Finished(_)) => Ok(trace),
        Some(RunEnd::Failed { failure, .. }) => Err(failure.clone().into()),
        Some(RunEnd::Cancelled { .. }) | None => {
            Err(Complaint::interrupted("stopped before all was measured"))
        }
    }
}
