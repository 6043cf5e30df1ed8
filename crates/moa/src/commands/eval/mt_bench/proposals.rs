//! The proposals of a mixture as answers of their own, so that a judge can say what each layer gained.

use std::collections::BTreeMap;

use moa_eval::mt_bench::{Answer, Choice, QuestionId};
use moa_eval::runner::read_journal;

use super::files::Results;
use super::generate::Turns;
use crate::commands::eval::runner_complaint;
use crate::complaint::Complaint;

/// What stands between the parts of a proposal's name: contender, layer, agent.
const SEPARATOR: char = '~';

/// The first-turn proposals of a contender, each agent of each layer as a model. Nobody's where there is no journal of its answers.
pub(super) fn of(results: &Results, contender: &str) -> Result<Vec<(String, Vec<Answer>)>, Complaint> {
    let path = results.journal("answers", &[contender]);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let stored = read_journal::<Turns>(&path).map_err(|error| runner_complaint(&error))?;
    let mut models: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    for record in stored.records {
        let Some(turn) = record.result.turns.first() else { continue };
        for (number, layer) in (1..).zip(&turn.layers) {
            for proposal in layer.iter().filter(|proposal| proposal.status.is_usable()) {
                let model = format!("{contender}{SEPARATOR}{number}{SEPARATOR}{}", proposal.agent);
                let item = record.item.clone();
                models.entry(model.clone()).or_default().push(Answer {
                    question_id: item.parse().map_or_else(|_| QuestionId::Text(item), QuestionId::Number),
                    answer_id: record.result.answer_id.clone(),
                    model_id: model,
                    choices: vec![Choice { index: 0, turns: vec![proposal.text.clone()] }],
                    tstamp: record.result.at,
                });
            }
        }
    }
    Ok(models.into_iter().collect())
}

/// The contender, the layer and the agent that a name is of, where it is a proposal's.
pub(in crate::commands::eval) fn parts(model: &str) -> Option<(&str, usize, &str)> {
    let (contender, rest) = model.split_once(SEPARATOR)?;
    let (layer, agent) = rest.split_once(SEPARATOR)?;
    Some((contender, layer.parse().ok()?, agent))
}
