//! Who votes: answers that were cut short do not, as long as whole ones do.

/// Answers that vote, and what became of those that were cut short.
#[derive(Debug, Clone, PartialEq)]
pub struct Ballot<T> {
    /// The answers by place; nothing for a text that has none, and for one that has no vote.
    pub answers: Vec<Option<T>>,
    standing: Standing,
}

/// What became of the answers that were cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// There were none.
    AllWhole,
    /// That many of them had an answer, and whole ones had one as well: they have no vote.
    Silent(usize),
    /// No whole text has an answer: they vote.
    Alone,
    /// There are no others: they vote.
    AllCut,
}

impl<T> Ballot<T> {
    /// Who of `answers` votes. `is_whole` says of each place whether its text came to its end; a place that it does not know did.
    ///
    /// The last number of a text that was cut short is where it was cut, not what it would have come to: three of them that stop at the same
    /// place would outvote whoever has finished. Where no whole text has an answer they are all there is, and they vote.
    #[must_use]
    pub fn of(answers: Vec<Option<T>>, is_whole: &[bool]) -> Self {
        let whole = |place: usize| is_whole.get(place).copied().unwrap_or(true);
        let standing = if (0..answers.len()).all(whole) {
            Standing::AllWhole
        } else if !(0..answers.len()).any(whole) {
            Standing::AllCut
        } else if answers.iter().enumerate().any(|(place, answer)| whole(place) && answer.is_some()) {
            let silent =
                answers.iter().enumerate().filter(|(place, answer)| !whole(*place) && answer.is_some());
            Standing::Silent(silent.count())
        } else if answers.iter().any(Option::is_some) {
            Standing::Alone
        } else {
            // Nobody has an answer, so that nobody's vote was taken away or let stand.
            Standing::AllWhole
        };
        let answers = match standing {
            Standing::Silent(_) => answers
                .into_iter()
                .enumerate()
                .map(|(place, answer)| answer.filter(|_| whole(place)))
                .collect(),
            Standing::AllWhole | Standing::Alone | Standing::AllCut => answers,
        };
        Self { answers, standing }
    }

    /// What is to be said of those that were cut short, to stand behind a reason; nothing where it changes nothing.
    #[must_use]
    pub fn remark(&self) -> String {
        match self.standing {
            Standing::AllWhole | Standing::Silent(0) => String::new(),
            Standing::Silent(1) => "; 1 was cut short and has no vote".to_owned(),
            Standing::Silent(count) => format!("; {count} were cut short and have no vote"),
            Standing::Alone => {
                "; no whole text has an answer, so that those that were cut short vote".to_owned()
            }
            Standing::AllCut => "; all were cut short".to_owned(),
        }
    }
}
