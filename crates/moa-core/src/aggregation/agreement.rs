//! How far the answers of a layer agree.

use super::early_stop::AgreementMeasure;
use crate::extraction::{AnswerForm, Extracted, extract};
use crate::similarity::agreements;

/// Places whose answers are the same.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    pub(crate) answer: Extracted,
    pub(crate) places: Vec<usize>,
}

/// The answers in some texts.
pub(crate) fn answers_in(form: AnswerForm, texts: &[&str]) -> Vec<Option<Extracted>> {
    texts.iter().map(|text| extract(form, text)).collect()
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

/// How far texts agree, from 0 to 1: the share of the most frequent answer among all of them, or how alike their words are on average.
/// Nothing for fewer than two texts, because one agrees with nobody.
pub(crate) fn agreement(measure: AgreementMeasure, texts: &[&str]) -> Option<f64> {
    if texts.len() < 2 {
        return None;
    }
    let most = match measure {
        AgreementMeasure::Words => agreements(texts).iter().sum(),
        AgreementMeasure::Answer { form } => {
            groups(&answers_in(form, texts)).first().map_or(0.0, |group| number(group.places.len()))
        }
    };
    Some(most / number(texts.len()))
}

/// A small count as a number to calculate with.
pub(super) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
