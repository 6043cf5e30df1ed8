//! What a score needs of an annotation: lengths in place of texts, and nothing of what the judge's model answered.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

use super::Annotation;
use super::outputs::code_points;
use crate::{EvalError, json};

const WHAT: &str = "the file of annotations";

/// One comparison. Side 1 is the baseline's, side 2 the model's.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Comparison {
    /// The instruction.
    pub instruction: String,
    /// The length of the baseline's answer.
    pub output_1: CodePoints,
    /// The length of the model's answer.
    pub output_2: CodePoints,
    /// The baseline.
    #[serde(default)]
    pub generator_1: String,
    /// The model. Not reliable: the file of `NullModel` says "example".
    #[serde(default)]
    pub generator_2: String,
    /// The judge.
    #[serde(default, deserialize_with = "text_or_nothing")]
    pub annotator: String,
    /// 1: the baseline is better, 2: the model is; nothing where the judge gave no verdict.
    pub preference: Option<f64>,
    /// What a reader has to know of the judge; the package does not write this.
    #[serde(default)]
    pub note: Option<String>,
}

/// The length of a text in Unicode code points, which is all that is kept of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CodePoints(pub usize);

impl From<&Annotation> for Comparison {
    fn from(annotation: &Annotation) -> Self {
        Self {
            instruction: annotation.instruction.clone(),
            output_1: CodePoints(code_points(&annotation.output_1)),
            output_2: CodePoints(code_points(&annotation.output_2)),
            generator_1: annotation.generator_1.clone(),
            generator_2: annotation.generator_2.clone(),
            annotator: annotation.annotator.clone(),
            preference: annotation.preference,
            note: annotation.note.clone(),
        }
    }
}

/// Reads the part of a file of annotations that its score depends on, which takes a fraction of the time of
/// [`read_annotations`](super::read_annotations): most of a file is what the judge's model answered.
///
/// # Errors
///
/// Where the text is not an array of objects with an instruction and two outputs.
pub fn read_comparisons(text: &[u8]) -> Result<Vec<Comparison>, EvalError> {
    json::read(WHAT, text)
}

impl<'de> Deserialize<'de> for CodePoints {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counted;

        impl Visitor<'_> for Counted {
            type Value = CodePoints;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<CodePoints, E> {
                Ok(CodePoints(code_points(text)))
            }
        }

        deserializer.deserialize_str(Counted)
    }
}

fn text_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::<String>::deserialize(deserializer).map(Option::unwrap_or_default)
}
