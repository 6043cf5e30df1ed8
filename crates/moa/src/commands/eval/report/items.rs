//! The answers that went best and worst, with what led to them.

use std::collections::BTreeMap;
use std::path::Path;

use moa_eval::alpaca::read_annotations;
use moa_eval::mt_bench::{Judgment, Question, read_answers, read_judgments, read_questions};
use moa_eval::runner::{Answer, read_journal};
use moa_report::{Item, Proposal};

use super::scores::{Sources, files};
use crate::commands::eval::folder::ResultsFolder;
use crate::commands::eval::input::InputFile;
use crate::commands::eval::mt_bench::{self, Turns};
use crate::complaint::Complaint;

/// So many of the best and of the worst of each contender.
pub(super) fn collect(output: &Path, sources: &Sources<'_>, count: usize) -> Result<Vec<Item>, Complaint> {
    let mut items = alpaca(output, count)?;
    items.extend(mt_bench(output, sources, count)?);
    Ok(items)
}

/// The best and the worst by score: items of equal score keep their order, and none is both.
fn extremes<T>(mut scored: Vec<(f64, T)>, count: usize) -> Vec<(bool, T)> {
    scored.sort_by(|left, right| right.0.total_cmp(&left.0));
    let (best, worst) = (count.min(scored.len()), count.min(scored.len().saturating_sub(count)));
    let last = scored.len() - worst;
    scored
        .into_iter()
        .enumerate()
        .filter(|(place, _)| *place < best || *place >= last)
        .map(|(place, (_, item))| (place < best, item))
        .collect()
}

fn proposals(answer: &Answer) -> Vec<Vec<Proposal>> {
    let proposal = |of: &moa_eval::runner::Proposal| Proposal { agent: of.agent.clone(), text: of.text.clone() };
    answer.layers.iter().map(|layer| layer.iter().map(proposal).collect()).collect()
}

fn alpaca(output: &Path, count: usize) -> Result<Vec<Item>, Complaint> {
    let mut items = Vec::new();
    for path in files(&output.join("alpaca_eval").join("results"), "annotations.json") {
        let rows = InputFile::read(&path)?.parse(read_annotations)?;
        let Some(model) = rows.first().map(|row| row.generator_2.clone()) else { continue };
        // Without a journal there are no layers to show.
        let journal = read_journal::<Answer>(&ResultsFolder::new(output).answers("alpaca-eval", &model)).ok();
        let records = journal.map(|journal| journal.records).unwrap_or_default();
        let by_text: BTreeMap<&str, &Answer> =
            records.iter().map(|record| (record.result.text.as_str(), &record.result)).collect();
        let scored = rows.iter().filter_map(|row| Some((row.preference?, row))).collect();
        for (is_good, row) in extremes(scored, count) {
            items.push(Item {
                benchmark: "AlpacaEval".to_owned(),
                contender: model.clone(),
                question: row.instruction.clone(),
                answer: row.output_2.clone(),
                other: Some((row.generator_1.clone(), row.output_1.clone())),
                score: format!("preference {:.2} (1: the baseline, 2: the contender)", row.preference.unwrap_or(f64::NAN)),
                is_good,
                judgment: String::new(),
                layers: by_text.get(row.output_2.as_str()).map(|answer| proposals(answer)).unwrap_or_default(),
            });
        }
    }
    Ok(items)
}

fn mt_bench(output: &Path, sources: &Sources<'_>, count: usize) -> Result<Vec<Item>, Complaint> {
    let Some(path) = sources.mt_bench.find(&mt_bench::QUESTIONS) else { return Ok(Vec::new()) };
    let questions = InputFile::read(&path)?.parse(read_questions)?;
    let results = mt_bench::Results::new(output);
    let mut items = Vec::new();
    for path in files(&output.join("mt_bench").join("model_judgment"), "_single.jsonl") {
        let judgments = InputFile::read(&path)?.parse(read_judgments)?;
        let mut models: BTreeMap<&str, Vec<(f64, &Judgment)>> = BTreeMap::new();
        for judgment in &judgments {
            if let Some(score) = judgment.score.filter(|score| score.is_valid()) {
                models.entry(&judgment.model).or_default().push((score.value(), judgment));
            }
        }
        for (model, scored) in models {
            let Ok(file) = InputFile::read(&results.answers(model)) else { continue };
            let answers = file.parse(read_answers)?;
            let journal = read_journal::<Turns>(&results.journal("answers", &[model])).ok();
            let records = journal.map(|journal| journal.records).unwrap_or_default();
            for (is_good, judgment) in extremes(scored, count) {
                let place = usize::try_from(judgment.turn - 1).unwrap_or(0);
                let find = |question: &&Question| question.question_id == judgment.question_id;
                let question = questions.iter().find(find).and_then(|question| question.turns.get(place));
                let answer = answers.iter().find(|answer| answer.question_id == judgment.question_id);
                let text = answer.and_then(|answer| answer.choices.first()?.turns.get(place));
                let (Some(question), Some(text)) = (question, text) else { continue };
                let record = records.iter().find(|record| record.item == judgment.question_id.to_string());
                let led_to_it = record.and_then(|record| record.result.turns.get(place));
                items.push(Item {
                    benchmark: format!("MT-Bench, question {}, turn {}", judgment.question_id, judgment.turn),
                    contender: model.to_owned(),
                    question: question.clone(),
                    answer: text.clone(),
                    other: None,
                    score: format!("{} of 10", judgment.score.map_or(f64::NAN, |score| score.value())),
                    is_good,
                    judgment: judgment.judgment.clone(),
                    layers: led_to_it.map(proposals).unwrap_or_default(),
                });
            }
        }
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::extremes;

    #[test]
    fn best_and_worst_do_not_overlap() {
        let scored = vec![(1.0, 'a'), (5.0, 'b'), (3.0, 'c')];
        assert_eq!(extremes(scored.clone(), 1), [(true, 'b'), (false, 'a')]);
        assert_eq!(extremes(scored.clone(), 2), [(true, 'b'), (true, 'c'), (false, 'a')]);
        assert_eq!(extremes(scored, 9).len(), 3);
        assert!(extremes(Vec::<(f64, char)>::new(), 3).is_empty());
    }
}
