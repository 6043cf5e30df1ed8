//! The model whose own samples agree most.

use std::cmp::Ordering;

use super::agreement::{Group, answers_of, groups, number};
use super::candidate::{Candidate, Standings};
use super::choosing::{Ranked, share};
use crate::agent::ModelId;
use crate::extraction::{AnswerForm, Extracted};

/// Fewer samples of a model than this say nothing about how sure it is.
const FEWEST_SAMPLES: usize = 2;

/// One model and what its samples say.
struct Panel<'run> {
    model: &'run ModelId,
    places: Vec<usize>,
    /// The answer that most of its samples give, and which ones do.
    most: Option<Group>,
}

impl Panel<'_> {
    /// The share of its samples that give its most frequent answer; nothing where they are too few.
    fn agreement(&self) -> Option<f64> {
        let agreeing = self.agreeing();
        (self.places.len() >= FEWEST_SAMPLES).then(|| number(agreeing) / number(self.places.len()))
    }

    fn agreeing(&self) -> usize {
        self.most.as_ref().map_or(0, |group| group.places.len())
    }

    fn agrees(&self, place: usize) -> bool {
        self.most.as_ref().is_some_and(|group| group.places.contains(&place))
    }
}

/// Ranks the candidates by how far the samples of their model agree with each other, those with their model's most frequent answer first.
/// Of models that agree equally, the one that is preferred wins, then the one with more agreeing samples, then the one whose answer more
/// samples of all models give.
pub(super) fn mux(form: AnswerForm, candidates: &[Candidate<'_>], standings: &Standings<'_>) -> Ranked {
    let ballot = answers_of(form, candidates);
    let answers = &ballot.answers;
    let panels = panels(candidates, answers, standings);
    let votes = |panel: &Panel<'_>| {
        let answer = panel.most.as_ref().map(|group| &group.answer);
        answers.iter().filter(|other| answer.is_some() && other.as_ref() == answer).count()
    };
    let preference = |panel: &Panel<'_>| {
        let first = panel.places.iter().filter_map(|place| candidates.get(*place));
        first.map(|candidate| standings.preference(candidate)).min()
    };
    let compare = |one: &Panel<'_>, other: &Panel<'_>| {
        compare_agreement(one, other)
            .then_with(|| preference(one).cmp(&preference(other)))
            .then_with(|| other.agreeing().cmp(&one.agreeing()))
            .then_with(|| votes(other).cmp(&votes(one)))
            .then_with(|| {
                let leader = |panel: &Panel<'_>| standings.best(panel.places.iter().copied());
                match (leader(one), leader(other)) {
                    (Some(one), Some(other)) => standings.compare(one, other),
                    _ => Ordering::Equal,
                }
            })
    };
    let mut sorted: Vec<&Panel<'_>> = panels.iter().collect();
    sorted.sort_by(|one, other| compare(one, other));
    let order = sorted.iter().flat_map(|panel| {
        let mut places = panel.places.clone();
        places.sort_by(|one, other| {
            panel.agrees(*other).cmp(&panel.agrees(*one)).then_with(|| standings.compare(*one, *other))
        });
        places
    });
    let order = order.collect();
    let panel_of = |place: &usize| panels.iter().find(|panel| panel.places.contains(place));
    let seen = answers.iter().enumerate().map(|(place, answer)| {
        (answer.as_ref().map(Extracted::to_string), panel_of(&place).and_then(Panel::agreement))
    });
    let seen = seen.collect();
    let (reason, tie) = reason(&sorted);
    let reason = format!("{reason}{}", ballot.remark());
    Ranked { order, reason, tie, seen }
}

/// More agreement first; models with too few samples, and those without any answer, last.
fn compare_agreement(one: &Panel<'_>, other: &Panel<'_>) -> Ordering {
    let figure = |panel: &Panel<'_>| panel.agreement().unwrap_or(-1.0);
    figure(other).total_cmp(&figure(one))
}

fn panels<'run>(
    candidates: &[Candidate<'run>],
    answers: &[Option<Extracted>],
    standings: &Standings<'_>,
) -> Vec<Panel<'run>> {
    let mut panels: Vec<Panel<'run>> = Vec::new();
    for (place, candidate) in candidates.iter().enumerate() {
        match panels.iter_mut().find(|panel| panel.model == candidate.model) {
            Some(panel) => panel.places.push(place),
            None => panels.push(Panel { model: candidate.model, places: vec![place], most: None }),
        }
    }
    for panel in &mut panels {
        let own: Vec<Option<Extracted>> =
            panel.places.iter().map(|place| answers.get(*place).cloned().flatten()).collect();
        let in_place = |group: Group| {
            let places = group.places.iter().filter_map(|own| panel.places.get(*own).copied()).collect();
            Group { places, ..group }
        };
        let groups: Vec<Group> = groups(&own).into_iter().map(in_place).collect();
        let most = groups.first().map_or(0, |group| group.places.len());
        // Of equally frequent answers that of the text that stands best, not the one that happens to come first.
        let equals = groups.into_iter().filter(|group| group.places.len() == most);
        let leader = |group: &Group| standings.best(group.places.iter().copied()).unwrap_or(usize::MAX);
        panel.most = equals.min_by(|one, other| standings.compare(leader(one), leader(other)));
    }
    panels
}

fn reason(sorted: &[&Panel<'_>]) -> (String, bool) {
    let Some(winner) = sorted.first() else { return (String::new(), false) };
    let (Some(group), Some(agreement)) = (&winner.most, winner.agreement()) else {
        let reason =
            "no model has two samples and an answer of the wanted form, so that none shows how sure it is";
        return (reason.to_owned(), true);
    };
    let samples = share(winner.agreeing(), winner.places.len());
    let model = winner.model;
    let reason = format!("{model} agrees most with itself: {samples} of its samples answer {}", group.answer);
    let is_equal =
        |other: &&&Panel<'_>| other.agreement().is_some_and(|share| (share - agreement).abs() < 1e-9);
    let equals = sorted.iter().filter(is_equal).count();
    match equals {
        1 => (reason, false),
        _ => (format!("{equals} models agree equally far with themselves; {reason}"), true),
    }
}
