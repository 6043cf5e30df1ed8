//! Contenders beside each other, on the same items.

use serde::Serialize;

use super::{ScoreSummary, Scores};
use crate::EvalError;
use crate::statistics::{Bootstrap, Estimate, McNemar, compare};

/// A table of contenders.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The benchmark.
    pub benchmark: String,
    /// The contender that the others are laid beside.
    pub base: String,
    /// The items that all of them have. Nothing else counts.
    pub items: usize,
    /// The contenders, in the order in which they were named.
    pub rows: Vec<ComparisonRow>,
}

/// One contender.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparisonRow {
    /// What its marks come to.
    #[serde(flatten)]
    pub summary: ScoreSummary,
    /// How it does beside the base; nothing for the base itself.
    pub against_base: Option<AgainstBase>,
}

/// A contender beside the base.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgainstBase {
    /// Items that it gets right and the base wrong.
    pub wins: usize,
    /// Items that both get right or both wrong.
    pub ties: usize,
    /// Items that it gets wrong and the base right.
    pub losses: usize,
    /// Items in which one of the two has no answer that could be marked. They are in none of the counts above.
    pub invalid: usize,
    /// The difference of the shares of right answers, this contender's minus the base's, answers that could not be marked counting as not
    /// right; the interval is a bootstrap's over items, with 95 % confidence.
    pub difference: Estimate,
    /// Mc Nemar's test, on the same count.
    pub mcnemar: Option<McNemar>,
}

/// Lays contenders beside one of them, over the items that all of them have.
///
/// # Errors
/// Where the base is none of them, they belong to different benchmarks, or they have no item in common.
pub fn comparison(all: &[Scores], base: &str, bootstrap: &Bootstrap) -> Result<Comparison, EvalError> {
    let invalid = |reason: String| EvalError::InvalidOption { name: "the comparison", reason };
    let of_base = all.iter().find(|scores| scores.contender == base);
    let of_base = of_base.ok_or_else(|| invalid(format!("there are no scores of the base '{base}'")))?;
    if let Some(other) = all.iter().find(|scores| scores.benchmark != of_base.benchmark) {
        let reason = format!("{} and {} are not comparable", of_base.benchmark, other.benchmark);
        return Err(invalid(reason));
    }
    let is_common = |item: &str| all.iter().all(|scores| scores.items.iter().any(|has| has.item == item));
    let common: std::collections::HashSet<&str> =
        of_base.items.iter().map(|item| item.item.as_str()).filter(|item| is_common(item)).collect();
    let on_common = |scores: &Scores| Scores {
        items: scores.items.iter().filter(|item| common.contains(item.item.as_str())).cloned().collect(),
        ..scores.clone()
    };
    let base_scores = on_common(of_base);
    let row = |scores: &Scores| {
        let scores = on_common(scores);
        let against_base = (scores.contender != base).then(|| against(&base_scores, &scores, bootstrap));
        Ok(ComparisonRow { summary: scores.summary()?, against_base: against_base.transpose()? })
    };
    Ok(Comparison {
        benchmark: of_base.benchmark.clone(),
        base: base.to_owned(),
        items: common.len(),
        rows: all.iter().map(row).collect::<Result<_, EvalError>>()?,
    })
}

fn against(base: &Scores, scores: &Scores, bootstrap: &Bootstrap) -> Result<AgainstBase, EvalError> {
    let counted = compare(&base.item_scores(true), &scores.item_scores(true), bootstrap)?;
    // Where no item is valid for both there is nothing to win or lose.
    let apart = compare(&base.item_scores(false), &scores.item_scores(false), bootstrap).ok();
    Ok(AgainstBase {
        wins: apart.as_ref().map_or(0, |apart| apart.wins),
        ties: apart.as_ref().map_or(0, |apart| apart.ties),
        losses: apart.as_ref().map_or(0, |apart| apart.losses),
        invalid: apart.as_ref().map_or(base.items.len(), |apart| apart.invalid),
        difference: counted.difference,
        mcnemar: counted.mcnemar,
    })
}
