//! The answer whose program passes most of the examples that the prompt gives.

use super::agreement::number;
use super::candidate::Standings;
use super::choosing::{Ranked, share};
use crate::trial::{ExampleOutcome, ExampleRun};

/// What is known of the candidates' programs.
#[derive(Debug, Clone)]
pub(crate) enum Tried {
    /// There was nothing to run, for this reason.
    NotRun(String),
    /// There was, and nobody ran it, for this reason.
    Refused(String),
    /// They were run on the examples.
    Run(TriedPrograms),
}

/// What the candidates' programs did.
#[derive(Debug, Clone)]
pub(crate) struct TriedPrograms {
    /// How many examples the prompt gives.
    pub(crate) examples: usize,
    /// Which of the programs each candidate gives, by its place; several may give the same.
    pub(crate) programs: Vec<Option<usize>>,
    /// What each program did with the examples, as far as it came.
    pub(crate) runs: Vec<Vec<ExampleRun>>,
}

/// How one candidate's program stands: more is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Figures {
    passes: usize,
    /// How many candidates' programs do the same with every example, its own included; none where it shows nothing at all.
    alike: usize,
}

impl TriedPrograms {
    fn program(&self, place: usize) -> Option<usize> {
        self.programs.get(place).copied().flatten()
    }

    fn runs(&self, place: usize) -> Option<&[ExampleRun]> {
        self.runs.get(self.program(place)?).map(Vec::as_slice)
    }

    /// What a candidate's program did with every example.
    fn behaviour(&self, place: usize) -> Option<Vec<&ExampleOutcome>> {
        let runs = self.runs(place)?;
        let of = |example: usize| runs.get(example).map_or(&ExampleOutcome::Nothing, |run| &run.outcome);
        Some((0..self.examples).map(of).collect())
    }

    /// The share of the examples that the best program passes.
    pub(crate) fn most_passed(&self) -> f64 {
        let passed =
            |runs: &Vec<ExampleRun>| runs.iter().take(self.examples).filter(|run| run.passes).count();
        let most = self.runs.iter().map(passed).max().unwrap_or(0);
        number(most) / number(self.examples.max(1))
    }

    /// The candidates whose programs do the same. Programs that show nothing, because they are broken each in a way of its own, agree with nobody.
    fn alike(&self, place: usize) -> Vec<usize> {
        let Some(own) = self.behaviour(place) else { return Vec::new() };
        if !own.iter().any(|outcome| matches!(outcome, ExampleOutcome::Shown(_))) {
            return Vec::new();
        }
        (0..self.programs.len()).filter(|other| self.behaviour(*other).as_ref() == Some(&own)).collect()
    }

    fn figures(&self, place: usize) -> Option<Figures> {
        let passes = self.runs(place)?.iter().take(self.examples).filter(|run| run.passes).count();
        Some(Figures { passes, alike: self.alike(place).len() })
    }
}

/// Ranks the candidates by how many examples their programs pass, then by how many others do the same with the same inputs; those without a
/// program come last.
pub(super) fn run_candidates(tried: &Tried, candidates: usize, standings: &Standings<'_>) -> Ranked {
    let tried = match tried {
        Tried::Run(tried) => tried,
        Tried::NotRun(why) | Tried::Refused(why) => return not_run(why, candidates, standings),
    };
    let mut order: Vec<usize> = (0..candidates).collect();
    let figures: Vec<Option<Figures>> = (0..candidates).map(|place| tried.figures(place)).collect();
    let figures_of = |place: usize| figures.get(place).copied().flatten();
    // Of ways to behave that equally many programs have, that of the text that stands best comes first.
    let leaders: Vec<usize> =
        (0..candidates).map(|place| standings.best(tried.alike(place)).unwrap_or(place)).collect();
    let leader = |place: usize| leaders.get(place).copied().unwrap_or(place);
    order.sort_by(|one, other| {
        (figures_of(*other).cmp(&figures_of(*one)))
            .then_with(|| standings.compare(leader(*one), leader(*other)))
            .then_with(|| standings.compare(*one, *other))
    });
    let (reason, tie) = reason(tried, &order, &figures);
    let seen = figures.iter().map(|figures| (None, figures.map(|figures| number(figures.passes)))).collect();
    Ranked { order, reason, tie, seen }
}

/// The usual order, where programs say nothing.
fn not_run(why: &str, candidates: usize, standings: &Standings<'_>) -> Ranked {
    let mut order: Vec<usize> = (0..candidates).collect();
    order.sort_by(|one, other| standings.compare(*one, *other));
    let reason = format!("{why}; {}", standings.why(&order));
    Ranked { order, reason, tie: true, seen: vec![(None, None); candidates] }
}

fn reason(tried: &TriedPrograms, order: &[usize], figures: &[Option<Figures>]) -> (String, bool) {
    let figures_of = |place: &usize| figures.get(*place).copied().flatten();
    let Some((winner, best)) = order.first().and_then(|place| Some((*place, figures_of(place)?))) else {
        return ("no answer has a program".to_owned(), true);
    };
    let examples = tried.examples;
    let equals: Vec<&usize> =
        order.iter().filter(|place| figures_of(place).is_some_and(|of| of.passes == best.passes)).collect();
    let passed = format!("{} examples of the prompt", share(best.passes, examples));
    let mut reason = match (best.passes, equals.len()) {
        (0, _) if examples == 1 => "no program passes the example of the prompt".to_owned(),
        (0, _) => format!("no program passes any of the {examples} examples of the prompt"),
        (_, 1) => match order.get(1).and_then(figures_of) {
            Some(next) => format!("its program passes {passed}, the next {}", next.passes),
            None => format!("its program passes {passed}, the others have none"),
        },
        (_, count) => format!("{} programs pass {passed} each", share(count, tried.programs.len())),
    };
    if best.alike > 1 && best.alike < equals.len() {
        reason = format!("{reason}; {} of them behave alike", best.alike);
    }
    let is_equal =
        |place: &usize| figures_of(place) == Some(best) && tried.program(*place) != tried.program(winner);
    let tie = order.iter().any(is_equal);
    if tie {
        reason = format!("{reason}; of equal ones this text stands best");
    }
    (reason, tie)
}
