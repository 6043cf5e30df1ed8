//! Which definitions a preset is laid together from.

use crate::circle::circle;
use crate::kind::ProblemKind;
use crate::nearest::nearest;
use crate::place::{Place, Placed};
use crate::problem::Problem;
use crate::raw::RawPreset;
use crate::source::{SourceFile, Sources};
use crate::written::Written;

/// One definition of a preset in one file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Definition<'a> {
    pub(crate) file: &'a SourceFile,
    /// The name under which the file defines it: the preset's own, or that of one that it extends.
    pub(crate) name: &'a str,
    pub(crate) written: &'a Written<RawPreset>,
}

impl<'a> Definition<'a> {
    /// What the definition says.
    pub(crate) fn raw(&self) -> &'a RawPreset {
        self.written.value()
    }

    /// Where it stands.
    pub(crate) fn place(&self) -> Place<'a> {
        self.file.place(self.written)
    }
}

/// The definitions of a preset, the strongest first; each key is taken from the first one that has it.
#[derive(Debug, Clone)]
pub(crate) struct Chain<'a> {
    definitions: Vec<Definition<'a>>,
}

impl<'a> Chain<'a> {
    /// Finds the definitions of the preset `name`: those of its own name from the strongest file down to one that extends another
    /// preset, then those of that preset, and so on.
    pub(crate) fn find(sources: &'a Sources, name: &Placed<'a, &'a str>) -> Result<Self, Problem> {
        let mut definitions = Vec::new();
        let mut passed: Vec<(&'a str, Place<'a>)> = Vec::new();
        let mut next = Some(name.clone());
        while let Some(name) = next.take() {
            let mut found = sources.strongest_first().filter_map(|file| {
                file.raw.presets.get_key_value(name.value).map(|(name, written)| Definition {
                    file,
                    name,
                    written,
                })
            });
            let Some(mut definition) = found.next() else {
                return Err(unknown_preset(sources, &name));
            };
            loop {
                definitions.push(definition);
                let weaker = found.next();
                let extended =
                    definition.raw().extends.as_ref().map(|written| definition.file.placed(written));
                match (extended, weaker) {
                    // To extend one's own name is to be laid over the weaker definition, which happens anyway.
                    (Some(extended), Some(weaker)) if extended.value == definition.name => {
                        definition = weaker;
                    }
                    (Some(extended), _) => {
                        passed.push((definition.name, extended.place.clone()));
                        let start = passed.iter().position(|(known, _)| known == extended.value);
                        if let Some(start) = start {
                            return Err(circle(passed.split_off(start), |chain| ProblemKind::PresetCycle {
                                chain,
                            }));
                        }
                        next = Some(extended.map(String::as_str));
                        break;
                    }
                    (None, Some(weaker)) => definition = weaker,
                    (None, None) => break,
                }
            }
        }
        Ok(Self { definitions })
    }

    /// The definitions, the strongest first.
    pub(crate) fn definitions(&self) -> &[Definition<'a>] {
        &self.definitions
    }

    /// The strongest value of a key, with its place.
    pub(crate) fn pick<T>(
        &self,
        key: impl Fn(&'a RawPreset) -> Option<&'a Written<T>>,
    ) -> Option<Placed<'a, &'a T>> {
        self.definitions
            .iter()
            .find_map(|definition| key(definition.raw()).map(|written| definition.file.placed(written)))
    }

    /// The first definition of a key, together with the definition that holds it.
    pub(crate) fn holder(&self, has: impl Fn(&'a RawPreset) -> bool) -> Option<Definition<'a>> {
        self.definitions.iter().copied().find(|definition| has(definition.raw()))
    }
}

fn unknown_preset(sources: &Sources, name: &Placed<'_, &str>) -> Problem {
    let known = sources.preset_names();
    let nearest = nearest(name.value, known.iter().copied());
    let known = known.into_iter().map(str::to_owned).collect();
    Problem::at(&name.place, ProblemKind::UnknownPreset { name: name.value.to_owned(), nearest, known })
}
