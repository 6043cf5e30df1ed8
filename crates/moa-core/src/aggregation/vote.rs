//! The answer that most texts give.

use super::agreement::{Group, answers_of, groups, number};
use super::candidate::{Candidate, Standings};
use super::choosing::{Ranked, share};
use crate::extraction::{AnswerForm, Extracted};

/// Ranks the candidates by how many of them give the same answer; those without an answer, and without a vote, come last.
pub(super) fn vote(form: AnswerForm, candidates: &[Candidate<'_>], standings: &Standings<'_>) -> Ranked {
    let ballot = answers_of(form, candidates);
    let answers = &ballot.answers;
    let groups = groups(answers);
    let votes_of = |place: usize| {
        groups.iter().find(|group| group.places.contains(&place)).map_or(0, |group| group.places.len())
    };
    // Which of equally frequent answers wins is decided by the best of the texts that give it.
    let leader_of = |place: usize| {
        let group = groups.iter().find(|group| group.places.contains(&place));
        group.and_then(|group| standings.best(group.places.iter().copied())).unwrap_or(place)
    };
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|one, other| {
        votes_of(*other)
            .cmp(&votes_of(*one))
            .then_with(|| standings.compare(leader_of(*one), leader_of(*other)))
            .then_with(|| standings.compare(*one, *other))
    });
    let winner = order.first().and_then(|place| answers.get(*place)?.as_ref());
    let (reason, tie) = reason(&groups, winner, candidates.len());
    let reason = format!("{reason}{}", ballot.remark());
    let seen = answers
        .iter()
        .enumerate()
        .map(|(place, answer)| {
            let answer = answer.as_ref();
            (answer.map(Extracted::to_string), answer.map(|_| number(votes_of(place))))
        })
        .collect();
    Ranked { order, reason, tie, seen }
}

fn reason(groups: &[Group], winner: Option<&Extracted>, candidates: usize) -> (String, bool) {
    let (Some(first), Some(winner)) = (groups.first(), winner) else {
        let reason =
            "no text has an answer of the wanted form; this one agrees most with the others by its words";
        return (reason.to_owned(), true);
    };
    let votes = first.places.len();
    let equals = groups.iter().filter(|group| group.places.len() == votes).count();
    let votes = share(votes, candidates);
    match (equals, groups.len()) {
        (1, 1) if first.places.len() == candidates => (format!("all {candidates} answer {winner}"), false),
        (1, _) => (format!("{votes} answer {winner}"), false),
        _ => {
            let reason = format!(
                "{equals} answers have equally many votes ({votes} each); {winner} is that of the text that stands best"
            );
            (reason, true)
        }
    }
}
