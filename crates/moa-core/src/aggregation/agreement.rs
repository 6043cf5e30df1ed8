//! How far the answers of a layer agree.

use super::ballot::Ballot;
use super::candidate::Candidate;
use super::early_stop::AgreementMeasure;
use crate::extraction::{AnswerForm, Extracted, extract};
use crate::similarity::agreements;

/// Places whose answers are the same.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    pub(crate) answer: Extracted,
    pub(crate) places: Vec<usize>,
}

/// The answers of the candidates that vote.
pub(crate) fn answers_of(form: AnswerForm, candidates: &[Candidate<'_>]) -> Ballot<Extracted> {
    let answers = candidates.iter().map(|candidate| extract(form, candidate.text)).collect();
    let is_whole: Vec<bool> = candidates.iter().map(|candidate| candidate.is_whole).collect();
    Ballot::of(answers, &is_whole)
}

/// The places of each different answer, the most frequent first; equally frequent ones stay in the order in which they first come. Places
/// without an answer are in no group.
pub(crate) fn groups(answers: &[Option<Extracted>]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (place, answer) in answers.iter().enumerate() {
        let Some(answer) = answer else { continue };
        match groups.iter_mut().find(|group| group.answer == *answer) {
            Some(group) => group.places.push(place),
            None => groups.push(Group { answer: answer.clone(), places: vec![place] }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.places.len()));
    groups
}

/// How far candidates agree, from 0 to 1: the share of the most frequent answer among all of them, or how alike their words are on average.
/// One that was cut short agrees with nobody, as long as there are whole ones. Nothing for fewer than two, because one agrees with nobody.
pub(crate) fn agreement(measure: AgreementMeasure, candidates: &[Candidate<'_>]) -> Option<f64> {
    if candidates.len() < 2 {
        return None;
    }
    match measure {
        // Programs are run by the engine.
        AgreementMeasure::Examples => None,
        AgreementMeasure::Words => {
            let whole: Vec<&str> = candidates.iter().filter(|of| of.is_whole).map(|of| of.text).collect();
            let texts = if whole.is_empty() { candidates.iter().map(|of| of.text).collect() } else { whole };
            let pairs = |count: usize| number(count) * number(count - 1);
            Some(likeness(&texts).unwrap_or(0.0) * pairs(texts.len()) / pairs(candidates.len()))
        }
        AgreementMeasure::Answer { form } => {
            let groups = groups(&answers_of(form, candidates).answers);
            let most = groups.first().map_or(0, |group| group.places.len());
            Some(number(most) / number(candidates.len()))
        }
    }
}

/// How alike the words of some texts are, from 0 to 1 on average over all pairs; nothing for fewer than two.
pub(crate) fn likeness(texts: &[&str]) -> Option<f64> {
    (texts.len() > 1).then(|| agreements(texts).iter().sum::<f64>() / number(texts.len()))
}

/// A small count as a number to calculate with.
pub(super) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
