//! An estimate as text.

use std::fmt;

use moa_core::{LayerRole, Message};
use moa_terminal::quantities;

use super::{Estimate, LayerEstimate};

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} layers, {} calls; nobody was asked", self.preset, self.layers.len(), self.calls)?;
        for layer in &self.layers {
            let role = match layer.role {
                LayerRole::Proposers => "proposers",
                LayerRole::Aggregator => "aggregator",
            };
            let nobody = if layer.calls.is_empty() { ": nobody is asked, the answer is chosen" } else { "" };
            writeln!(f, "\nLayer {}, {role}{nobody}", layer.index)?;
            for call in &layer.calls {
                writeln!(
                    f,
                    "  {} ({}): temperature {}, prompt of at most {} tokens, answer of at most {}",
                    call.agent, call.endpoint, call.temperature, call.prompt_tokens_at_most, call.max_tokens
                )?;
            }
            write_prompts(f, layer)?;
        }
        let tokens = |count| quantities::counted(count, "token");
        writeln!(f, "\nEstimate, if every answer is as long as it may be")?;
        writeln!(f, "  prompts      {}", tokens(self.prompt_tokens_at_most))?;
        writeln!(f, "  answers      {}", tokens(self.completion_tokens_at_most))?;
        match self.memory_bytes_at_most {
            Some(bytes) => writeln!(f, "  memory       {}", quantities::bytes(bytes))?,
            None => writeln!(f, "  memory       unknown: not all models are local and on disk")?,
        }
        if let Some(plan) = self.memory_plan.as_ref().filter(|plan| plan.has_budget()) {
            writeln!(f, "  memory plan  {plan}")?;
            for line in plan.order() {
                writeln!(f, "               {line}")?;
            }
        }
        match self.seconds_at_most {
            Some(seconds) => writeln!(
                f,
                "  time         {} (from {})",
                quantities::milliseconds(seconds * 1_000.0),
                self.seconds_basis
            )?,
            None => writeln!(f, "  time         {}", self.seconds_basis)?,
        }
        match self.cost_usd_at_most {
            Some(0.0) => writeln!(f, "  cost         nothing: every model is on this machine")?,
            Some(usd) => writeln!(f, "  cost         ${usd:.4}")?,
            None => {
                writeln!(f, "  cost         unknown: no price for {}", self.models_without_price.join(", "))?;
            }
        }
        if !self.missing_models.is_empty() {
            writeln!(f, "  to be got    {}", self.missing_models.join(", "))?;
        }
        Ok(())
    }
}

/// The prompts of a layer; one that several agents share is shown once.
fn write_prompts(f: &mut fmt::Formatter<'_>, layer: &LayerEstimate) -> fmt::Result {
    let mut shown: Vec<&[Message]> = Vec::new();
    for call in &layer.calls {
        // What is asked beside the answers has a prompt of its own.
        if call.messages.is_empty() || shown.contains(&call.messages.as_slice()) {
            continue;
        }
        shown.push(&call.messages);
        let readers: Vec<&str> = layer
            .calls
            .iter()
            .filter(|other| other.messages == call.messages)
            .map(|other| other.agent.as_str())
            .collect();
        writeln!(f, "  prompt of {}:", readers.join(", "))?;
        for message in &call.messages {
            let content = moa_terminal::neutral(&message.content).replace('\n', "\n      ");
            writeln!(f, "    {}: {content}", message.role.as_str())?;
        }
    }
    Ok(())
}
