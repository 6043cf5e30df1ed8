//! What the answers of a folder took, and how they relate to their proposals.

use std::collections::BTreeMap;
use std::path::Path;

use moa_eval::runner::{Answer, Record, read_journal};
use moa_export::similarity_to_each;
use moa_report::{Contender, Layer, Similarity, Work};

use super::{Contenders, scores};
use crate::commands::eval::mt_bench::Turns;
use crate::commands::eval::runner_complaint;
use crate::complaint::Complaint;

/// The answers of one contender to one benchmark.
struct Kept {
    contender: String,
    records: Vec<Record<Vec<Answer>>>,
}

/// Adds what the journals of a folder know. Of several benchmarks, the first that a contender has a score of counts: AlpacaEval, MT-Bench,
/// FLASK.
pub(super) fn collect(output: &Path, contenders: &mut Contenders) -> Result<(), Complaint> {
    for kept in journals(output)? {
        let Some(contender) = contenders.get_mut(&kept.contender) else { continue };
        if contender.work.is_some() || kept.records.is_empty() {
            continue;
        }
        contender.work = Some(work(&kept.records));
        layers(contender, &kept.records);
    }
    Ok(())
}

fn journals(output: &Path) -> Result<Vec<Kept>, Complaint> {
    let mut all = Vec::new();
    let single = |benchmark: &str| {
        let files = scores::files(output, ".answers.jsonl");
        let of = format!("{benchmark}.");
        let is_of = move |path: &std::path::PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&of))
        };
        files.into_iter().filter(is_of).collect::<Vec<_>>()
    };
    let mut add_single = |benchmark: &str| -> Result<(), Complaint> {
        for path in single(benchmark) {
            let stored = read_journal::<Answer>(&path).map_err(|error| runner_complaint(&error))?;
            let records = stored.records.into_iter().map(|record| with_result(record, |answer| vec![answer]));
            all.push(Kept { contender: stored.header.contender, records: records.collect() });
        }
        Ok(())
    };
    add_single("alpaca-eval")?;
    add_single("flask")?;
    let mut of_mt_bench = Vec::new();
    for path in scores::files(&output.join("mt_bench").join("journal"), ".jsonl") {
        if !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("answers.")) {
            continue;
        }
        let stored = read_journal::<Turns>(&path).map_err(|error| runner_complaint(&error))?;
        let records = stored.records.into_iter().map(|record| with_result(record, |turns| turns.turns));
        of_mt_bench.push(Kept { contender: stored.header.contender, records: records.collect() });
    }
    all.extend(of_mt_bench);
    Ok(all)
}

fn with_result<A, B>(record: Record<A>, change: impl FnOnce(A) -> B) -> Record<B> {
    let Record { item, key, usage, wall_ms, result } = record;
    Record { item, key, usage, wall_ms, result: change(result) }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn work(records: &[Record<Vec<Answer>>]) -> Work {
    let answers: usize = records.iter().map(|record| record.result.len()).sum();
    let n = count(answers.max(1));
    let sum = |of: &dyn Fn(&Record<Vec<Answer>>) -> f64| records.iter().map(of).sum::<f64>();
    let cost: Option<f64> = records.iter().map(|record| record.usage.cost_usd).sum();
    let characters = |record: &Record<Vec<Answer>>| {
        record.result.iter().map(|answer| count(answer.text.chars().count())).sum::<f64>()
    };
    Work {
        n: answers,
        seconds: sum(&|record| record.wall_ms) / 1e3 / n,
        cost_usd: cost.map(|cost| cost / n),
        tokens: sum(&|record| f64::from(record.usage.completion_tokens)) / n,
        mean_length: sum(&characters) / n,
    }
}

/// Sums over the proposals of one agent of one layer.
#[derive(Default)]
struct Sums {
    n: usize,
    characters: f64,
    similarity: Similarity,
}

fn layers(contender: &mut Contender, records: &[Record<Vec<Answer>>]) {
    let mut sums: BTreeMap<(usize, String), Sums> = BTreeMap::new();
    for answer in records.iter().flat_map(|record| &record.result).filter(|answer| !answer.text.is_empty()) {
        for (number, layer) in (1..).zip(&answer.layers) {
            let usable = || layer.iter().filter(|proposal| proposal.status.is_usable());
            let texts: Vec<&str> = usable().map(|proposal| proposal.text.as_str()).collect();
            for (proposal, similarity) in usable().zip(similarity_to_each(&answer.text, &texts)) {
                let of = sums.entry((number, proposal.agent.clone())).or_default();
                of.n += 1;
                of.characters += count(proposal.text.chars().count());
                of.similarity.bleu += similarity.bleu;
                of.similarity.tf_idf += similarity.tf_idf;
                of.similarity.levenshtein += similarity.levenshtein;
            }
        }
    }
    contender.is_mixture = !sums.is_empty();
    let judged = std::mem::take(&mut contender.layers);
    contender.layers = sums
        .into_iter()
        .map(|((layer, agent), of)| {
            let n = count(of.n.max(1));
            let Similarity { bleu, tf_idf, levenshtein } = of.similarity;
            let of_judge = judged.iter().find(|of| of.layer == layer && of.agent == agent);
            let judged = of_judge.and_then(|of| of.judged.clone());
            Layer {
                layer,
                agent,
                n: of.n,
                mean_length: of.characters / n,
                similarity: Similarity { bleu: bleu / n, tf_idf: tf_idf / n, levenshtein: levenshtein / n },
                judged,
            }
        })
        .collect();
}
