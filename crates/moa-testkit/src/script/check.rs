//! What the types cannot say: numbers that count from 1, names that must be known, headers that must be headers.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::Script;
use super::error::ScriptError;
use super::fault::Fault;
use super::point::Point;
use super::rule::Rule;
use super::stream_shape::Chunks;
use super::when::{Every, Numbers};

/// Something wrong in a script that is well formed.
#[derive(Debug)]
pub(crate) struct Problem {
    /// The way to it: keys, and indexes into arrays.
    path: Vec<Step>,
    message: String,
    hint: String,
}

#[derive(Debug)]
enum Step {
    Key(&'static str),
    Index(usize),
}

impl Script {
    /// Finds what is wrong.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        for (index, phase) in self.phases.iter().enumerate() {
            if self.phases[..index].iter().any(|other| other.name == phase.name) {
                let message = format!("there are two phases named `{}`", phase.name);
                return Err(problem(["phases"], message, "give each a name of its own")
                    .within("phases", index, "name"));
            }
        }
        for (index, rule) in self.rules.iter().enumerate() {
            self.check_rule(rule).map_err(|mut problem| {
                problem.path.splice(0..0, [Step::Key("rules"), Step::Index(index)]);
                problem
            })?;
        }
        Ok(())
    }

    fn check_rule(&self, rule: &Rule) -> Result<(), Problem> {
        if let Some(phase) = &rule.when.phase
            && !self.phases.iter().any(|known| known.name == *phase)
        {
            let known: Vec<&str> = self.phases.iter().map(|phase| phase.name.as_str()).collect();
            let hint = format!("define it with [[phases]]; there are: {}", known.join(", "));
            return Err(problem(["when", "phase"], format!("no phase is named `{phase}`"), &hint));
        }
        if matches!(rule.when.number, Some(Numbers::One(0) | Numbers::Every(Every { every: 0 }))) {
            return Err(problem(["when", "number"], "requests count from 1".to_owned(), "write 1 or more"));
        }
        let timing = [
            ("head", &rule.timing.head),
            ("first-token", &rule.timing.first_token),
            ("pace", &rule.timing.pace),
        ];
        for (name, latency) in timing {
            if let Some(message) = latency.problem() {
                return Err(problem(["timing", name], message, "see `moa-mock --print-example`"));
            }
        }
        check_stream(rule)?;
        check_response(rule)?;
        let point = match rule.fault {
            Some(Fault::StallAt(point) | Fault::CloseAt(point) | Fault::ResetAt(point)) => {
                Some(("fault", point))
            }
            _ => None,
        };
        let holds = rule.hold.iter().map(|point| ("hold", *point));
        match holds.chain(point).find(|(_, point)| *point == Point::BeforeChunk(0)) {
            Some((name, _)) => {
                Err(problem([name], "chunks count from 1".to_owned(), "write 1 for the first chunk"))
            }
            None => Ok(()),
        }
    }
}

fn check_stream(rule: &Rule) -> Result<(), Problem> {
    let stream = &rule.stream;
    if stream.drip.is_some_and(|drip| drip.bytes == 0) {
        return Err(problem(
            ["stream", "drip"],
            "a piece has no bytes".to_owned(),
            "write bytes = 1 or more",
        ));
    }
    if stream.chunks == Chunks::Tokens(0) {
        let hint = "write { tokens = 1 } or more, or \"whole\"";
        return Err(problem(["stream", "chunks"], "a chunk has no tokens".to_owned(), hint));
    }
    let numbers = [
        ("invalid-utf8-in-chunk", stream.invalid_utf8_in_chunk),
        ("cut-json-in-chunk", stream.cut_json_in_chunk),
        ("error", stream.error.as_ref().map(|error| error.before_chunk)),
    ];
    match numbers.into_iter().find(|(_, number)| *number == Some(0)) {
        Some((name, _)) => {
            Err(problem(["stream", name], "chunks count from 1".to_owned(), "write 1 for the first chunk"))
        }
        None => Ok(()),
    }
}

fn check_response(rule: &Rule) -> Result<(), Problem> {
    if let Some(status) = rule.response.status
        && !(200..=599).contains(&status)
    {
        let message = format!("{status} is no status that ends a request");
        return Err(problem(["response", "status"], message, "write one from 200 to 599"));
    }
    for (name, value) in &rule.response.headers {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) || value.contains(['\r', '\n', '\0']) {
            let message = format!("`{name}` with this value is no header");
            let hint = "names have letters, digits and -, values are one line";
            return Err(problem(["response", "headers"], message, hint));
        }
    }
    Ok(())
}

fn problem<const LENGTH: usize>(path: [&'static str; LENGTH], message: String, hint: &str) -> Problem {
    Problem { path: path.into_iter().map(Step::Key).collect(), message, hint: hint.to_owned() }
}

impl Problem {
    /// The same problem at `list[index].key`.
    fn within(mut self, list: &'static str, index: usize, key: &'static str) -> Self {
        self.path = vec![Step::Key(list), Step::Index(index), Step::Key(key)];
        self
    }

    /// The error that shows the place in the text.
    pub(crate) fn into_error(self, name: &str, text: &str) -> ScriptError {
        let place = DeTable::parse(text).ok().and_then(|table| find(&self.path, &table));
        ScriptError::at(name, text, place, self.message, Some(self.hint))
    }

    /// The error for a script that was built rather than read.
    pub(crate) fn into_message(self) -> String {
        let path: Vec<String> = self.path.iter().map(Step::written).collect();
        format!("{}: {}; {}", path.join("."), self.message, self.hint)
    }
}

impl Step {
    fn written(&self) -> String {
        match self {
            Self::Key(key) => (*key).to_owned(),
            Self::Index(index) => index.to_string(),
        }
    }
}

/// Where the path leads to, or as far as it can be followed.
fn find(path: &[Step], table: &Spanned<DeTable<'_>>) -> Option<Range<usize>> {
    let mut place = None;
    let mut at: Option<&Spanned<DeValue<'_>>> = None;
    for step in path {
        let next = match (step, at.map(Spanned::get_ref)) {
            (Step::Key(key), None) => table.get_ref().get(*key),
            (Step::Key(key), Some(DeValue::Table(table))) => table.get(*key),
            (Step::Index(index), Some(DeValue::Array(array))) => array.get(*index),
            _ => None,
        };
        match next {
            Some(value) => (place, at) = (Some(value.span()), Some(value)),
            None => break,
        }
    }
    place
}
