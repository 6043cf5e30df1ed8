//! The rules of one grammar.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::primitives::PRIMITIVES;

/// The rules so far. Their names are numbers, so that no text of a schema can be taken for one.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    made: Vec<String>,
    primitives: BTreeSet<&'static str>,
}

impl Rules {
    /// A name for a rule that is still to be written, so that rules can name each other.
    pub(crate) fn reserve(&mut self) -> usize {
        self.made.push(String::new());
        self.made.len() - 1
    }

    /// Writes a rule whose name was given before.
    pub(crate) fn write(&mut self, number: usize, body: String) {
        if let Some(rule) = self.made.get_mut(number) {
            *rule = body;
        }
    }

    /// Adds a rule and gives its name.
    pub(crate) fn add(&mut self, body: String) -> String {
        self.made.push(body);
        Self::name(self.made.len() - 1)
    }

    pub(crate) fn name(number: usize) -> String {
        format!("r{number}")
    }

    pub(crate) fn len(&self) -> usize {
        self.made.len()
    }

    /// The name of a rule of JSON itself.
    pub(crate) fn primitive(&mut self, name: &'static str) -> String {
        if self.primitives.insert(name) {
            let needed = PRIMITIVES.iter().find(|(known, ..)| *known == name).map(|(.., needed)| *needed);
            for name in needed.unwrap_or_default() {
                self.primitive(name);
            }
        }
        name.to_owned()
    }

    /// Any object.
    pub(crate) fn object(&mut self) -> String {
        self.primitive("object")
    }

    /// The whole grammar, with `root` for the answer.
    pub(crate) fn grammar(&self, root: &str) -> String {
        let mut text = format!("root ::= {root}\n");
        for (number, body) in self.made.iter().enumerate() {
            let _ = writeln!(text, "{} ::= {body}", Self::name(number));
        }
        for (name, body, _) in PRIMITIVES.iter().filter(|(name, ..)| self.primitives.contains(name)) {
            let _ = writeln!(text, "{name} ::= {body}");
        }
        text
    }
}
