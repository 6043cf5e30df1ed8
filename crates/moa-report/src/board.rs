//! One benchmark under one judge: who came to what, and how much the differences are worth.

use moa_eval::statistics::{Bootstrap, ItemScore, compare};
use serde::Serialize;

use crate::facts::Facts;
use crate::measured::{Measured, as_f64};

/// Which benchmark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Benchmark {
    /// `AlpacaEval` 2.0.
    AlpacaEval,
    /// MT-Bench, single grades.
    MtBench,
    /// FLASK, all instructions.
    Flask,
    /// FLASK, the hard instructions.
    FlaskHard,
    /// Tasks whose answers are right or wrong.
    Exact(String),
}

impl Benchmark {
    /// As people write it.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::AlpacaEval => "AlpacaEval 2.0".to_owned(),
            Self::MtBench => "MT-Bench".to_owned(),
            Self::Flask => "FLASK".to_owned(),
            Self::FlaskHard => "FLASK-Hard".to_owned(),
            Self::Exact(name) => match name.as_str() {
                "gsm8k" => "GSM8K".to_owned(),
                "humaneval" => "HumanEval".to_owned(),
                other => other.to_owned(),
            },
        }
    }

    /// As journals write it.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::AlpacaEval => "alpaca-eval",
            Self::MtBench => "mt-bench",
            Self::Flask => "flask",
            Self::FlaskHard => "flask-hard",
            Self::Exact(name) => name,
        }
    }

    /// What the score is.
    #[must_use]
    pub fn score_name(&self) -> &'static str {
        match self {
            Self::AlpacaEval => "win rate, %",
            Self::MtBench => "grade, 1 to 10",
            Self::Flask | Self::FlaskHard => "score, 1 to 5",
            Self::Exact(_) => "right answers, %",
        }
    }

    /// How its interval was found.
    #[must_use]
    pub fn interval_name(&self) -> &'static str {
        match self {
            Self::AlpacaEval => "95 %, from the standard error",
            Self::MtBench => "95 %, bootstrap over questions",
            Self::Flask | Self::FlaskHard => "95 %, bootstrap over reviews",
            Self::Exact(_) => "95 %, Wilson",
        }
    }

    /// The ends of the scale.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        match self {
            Self::AlpacaEval | Self::Exact(_) => (0.0, 100.0),
            Self::MtBench => (1.0, 10.0),
            Self::Flask | Self::FlaskHard => (1.0, 5.0),
        }
    }

    pub(crate) fn decimals(&self) -> usize {
        match self {
            Self::AlpacaEval | Self::Exact(_) => 1,
            Self::MtBench | Self::Flask | Self::FlaskHard => 2,
        }
    }

    /// What `item scores` are to be multiplied by for the scale above.
    fn factor(&self) -> f64 {
        match self {
            Self::AlpacaEval | Self::Exact(_) => 100.0,
            _ => 1.0,
        }
    }
}

/// Who judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judge {
    /// Its name; nothing where no judge is needed.
    pub name: Option<String>,
    /// What a reader has to know of it; nothing of the official one.
    pub note: Option<String>,
}

impl Judge {
    /// For a caption.
    #[must_use]
    pub fn text(&self) -> String {
        match (&self.name, &self.note) {
            (None, _) => "no judge: answers are compared with the right ones".to_owned(),
            (Some(name), None) => format!("judge: {name}"),
            (Some(name), Some(note)) => format!("judge: {name} ({note})"),
        }
    }

    /// Whether its scores can be laid beside published ones.
    #[must_use]
    pub fn is_comparable(&self) -> bool {
        self.note.is_none()
    }
}

/// A benchmark under a judge.
#[derive(Debug, Clone, Serialize)]
pub struct Board {
    /// Which benchmark.
    pub benchmark: Benchmark,
    /// Which judge.
    pub judge: Judge,
    /// The contenders, best first.
    pub rows: Vec<Row>,
    /// Whom the others are laid beside.
    pub base: Option<String>,
    /// What a reader should know before believing the numbers.
    pub warnings: Vec<String>,
}

/// One contender on a board.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The contender.
    pub contender: String,
    /// The models that it asks, where its answers say so.
    pub members: Vec<String>,
    /// What it came to.
    pub score: Measured,
    /// What the score is, where rows of a board may differ.
    pub score_name: &'static str,
    /// Answers or judgments that gave no score.
    pub n_invalid: usize,
    /// Rates, turns, categories, skills.
    pub parts: Vec<Part>,
    /// Lengths, tokens, time and cost.
    pub facts: Facts,
    /// Beside the base; nothing for the base itself.
    pub against_base: Option<Against>,
    /// Of a mixture: beside the best of its own members that was measured.
    pub against_member: Option<AgainstMember>,
    /// The scores of the items.
    #[serde(skip)]
    pub(crate) items: Vec<ItemScore>,
}

impl Row {
    /// Whether its answers were made out of proposals.
    #[must_use]
    pub fn is_mixture(&self) -> bool {
        !self.members.is_empty()
    }

    pub(crate) fn part(&self, kind: PartKind, name: &str) -> Option<Measured> {
        self.parts.iter().find(|part| part.kind == kind && part.name == name).map(|part| part.measured)
    }

    pub(crate) fn item(&self, id: &str) -> Option<f64> {
        let scores: Vec<f64> =
            self.items.iter().filter(|of| of.item == id).map(|of| of.score).collect::<Option<_>>()?;
        (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / as_f64(scores.len()))
    }
}

/// A part of a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Of which kind.
    pub kind: PartKind,
    /// Which one.
    pub name: String,
    /// What it came to.
    pub measured: Measured,
}

/// The kinds of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// Of `AlpacaEval`: one of its three rates.
    Rate,
    /// Of MT-Bench.
    Turn,
    /// Of MT-Bench.
    Category,
    /// Of FLASK.
    Skill,
    /// Of FLASK.
    Domain,
}

/// A mixture beside one of its members.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgainstMember {
    /// The member.
    pub member: String,
    /// How the mixture does beside it.
    #[serde(flatten)]
    pub against: Against,
}

/// A contender beside the base, on the items that both have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Against {
    /// Items on which it is better.
    pub wins: usize,
    /// Items on which both are equal.
    pub ties: usize,
    /// Items on which the base is better.
    pub losses: usize,
    /// Items in which one of the two has no score.
    pub invalid: usize,
    /// The mean difference, this contender's minus the base's.
    pub difference: Measured,
}

impl Against {
    /// What the difference allows to say.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        match (self.difference.low, self.difference.high) {
            (Some(low), _) if low > 0.0 => "better than",
            (_, Some(high)) if high < 0.0 => "worse than",
            (Some(_), Some(_)) => "not to be told apart from",
            _ => "measured too seldom to be told apart from",
        }
    }
}

impl Board {
    /// Ranks the rows, chooses the base and lays the others beside it.
    pub(crate) fn new(benchmark: Benchmark, judge: Judge, mut rows: Vec<Row>, base: Option<&str>) -> Self {
        rows.sort_by(|one, other| other.score.value.total_cmp(&one.score.value));
        let named = base.and_then(|name| rows.iter().find(|row| row.contender == name));
        let best = || rows.iter().find(|row| !row.is_mixture());
        let base = named.or_else(best).filter(|_| rows.len() > 1).cloned();
        if let Some(base) = &base {
            for row in rows.iter_mut().filter(|row| row.contender != base.contender) {
                row.against_base = against(&base.items, &row.items, benchmark.factor());
            }
        }
        let members: Vec<Option<AgainstMember>> =
            rows.iter().map(|row| against_member(&rows, row, benchmark.factor())).collect();
        for (row, member) in rows.iter_mut().zip(members) {
            row.against_member = member;
        }
        Self { benchmark, judge, rows, base: base.map(|base| base.contender), warnings: Vec::new() }
    }

    /// `AlpacaEval 2.0, judge: gpt-4`
    pub(crate) fn label(&self) -> String {
        match &self.judge.name {
            Some(name) => format!("{}, judged by {name}", self.benchmark.title()),
            None => self.benchmark.title(),
        }
    }
}

/// The rows are sorted, so that the first member is the best one.
fn against_member(rows: &[Row], row: &Row, factor: f64) -> Option<AgainstMember> {
    let member = rows.iter().find(|other| !other.is_mixture() && row.members.contains(&other.contender))?;
    let against = against(&member.items, &row.items, factor)?;
    Some(AgainstMember { member: member.contender.clone(), against })
}

fn against(base: &[ItemScore], row: &[ItemScore], factor: f64) -> Option<Against> {
    let paired = compare(base, row, &Bootstrap::default()).ok()?;
    let items = paired.wins + paired.ties + paired.losses;
    let difference = Measured { n: Some(items), ..Measured::from(&paired.difference) }.times(factor);
    Some(Against {
        wins: paired.wins,
        ties: paired.ties,
        losses: paired.losses,
        invalid: paired.invalid,
        difference,
    })
}
