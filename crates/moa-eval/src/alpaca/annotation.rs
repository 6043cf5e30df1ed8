//! `annotations.json`: the judge's preferences.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Pair;
use super::verdict::{DRAW, first_top_logprobs, in_file_order, prompt_preference};
use crate::{EvalError, json};

const WHAT: &str = "the file of annotations";

/// One comparison. `output_1` is the baseline's, `output_2` the model's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annotation {
    /// The instruction.
    pub instruction: String,
    /// The baseline's answer.
    pub output_1: String,
    /// The baseline.
    pub generator_1: String,
    /// The collection that the instruction is from.
    pub dataset: String,
    /// The model's answer.
    pub output_2: String,
    /// The model. Not reliable: the file of `NullModel` says "example".
    pub generator_2: String,
    /// The judge.
    pub annotator: String,
    /// 1: the baseline is better, 2: the model is; nothing where the judge gave no verdict.
    pub preference: Option<f64>,
    /// What the length-controlled model predicts for this row at equal lengths, in [0, 1].
    pub glm_preference: Option<f64>,
    /// How long the judge took, in seconds.
    pub time_per_example: Option<f64>,
    /// What the judge cost, in dollars.
    pub price_per_example: Option<f64>,
    /// What the judge's model answered, in the order of the prompt.
    pub raw_completion: Option<Value>,
    /// What a reader has to know of the judge; the package does not write this.
    pub note: Option<String>,
}

impl Annotation {
    /// What comes of the judge's answer to a pair: a `completion` with `logprobs.content[0].top_logprobs`, or none where the judge
    /// was not asked because the answers are equal. `switched` says whether the model's answer was shown first.
    #[must_use]
    pub fn judged(pair: &Pair, annotator: &str, completion: Option<Value>, switched: bool) -> Self {
        let preference = if pair.is_draw() {
            Some(DRAW)
        } else {
            let verdict = completion.as_ref().and_then(first_top_logprobs);
            let preference = verdict.and_then(|logprobs| prompt_preference(&logprobs));
            preference.map(|preference| in_file_order(preference, switched))
        };
        Self {
            instruction: pair.instruction.clone(),
            output_1: pair.output_1.clone(),
            generator_1: pair.generator_1.clone(),
            dataset: pair.dataset.clone(),
            output_2: pair.output_2.clone(),
            generator_2: pair.generator_2.clone(),
            annotator: annotator.to_owned(),
            preference,
            raw_completion: completion,
            ..Self::default()
        }
    }
}

/// How three of the fields are called: the package changed its mind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FieldNames {
    /// `preference_raw_completion` and so on, which the package writes since 0.6.
    #[default]
    New,
    /// `raw_completion` and so on, as in the older files.
    Old,
}

/// A row as it stands in a file.
#[derive(Deserialize)]
struct Row {
    instruction: String,
    output_1: String,
    output_2: String,
    #[serde(default)]
    generator_1: String,
    #[serde(default)]
    generator_2: String,
    dataset: Option<String>,
    dataset_1: Option<String>,
    annotator: Option<String>,
    preference: Option<f64>,
    glm_preference: Option<f64>,
    time_per_example: Option<f64>,
    price_per_example: Option<f64>,
    raw_completion: Option<Value>,
    preference_time_per_example: Option<f64>,
    preference_price_per_example: Option<f64>,
    preference_raw_completion: Option<Value>,
    note: Option<String>,
}

impl From<Row> for Annotation {
    fn from(row: Row) -> Self {
        Self {
            instruction: row.instruction,
            output_1: row.output_1,
            generator_1: row.generator_1,
            dataset: row.dataset.or(row.dataset_1).unwrap_or_default(),
            output_2: row.output_2,
            generator_2: row.generator_2,
            annotator: row.annotator.unwrap_or_default(),
            preference: row.preference,
            glm_preference: row.glm_preference,
            time_per_example: row.preference_time_per_example.or(row.time_per_example),
            price_per_example: row.preference_price_per_example.or(row.price_per_example),
            raw_completion: row.preference_raw_completion.or(row.raw_completion),
            note: row.note,
        }
    }
}

/// Reads annotations with the old or the new names of fields.
///
/// # Errors
///
/// Where the text is not an array of objects with an instruction and two outputs.
pub fn read_annotations(text: &[u8]) -> Result<Vec<Annotation>, EvalError> {
    let rows: Vec<Row> = json::read(WHAT, text)?;
    Ok(rows.into_iter().map(Annotation::from).collect())
}

/// Writes annotations that the official tool reads. Numbers get at most ten decimals, as there.
///
/// # Errors
///
/// Never: what an annotation holds can always be written.
pub fn write_annotations(annotations: &[Annotation], names: FieldNames) -> Result<String, EvalError> {
    let rows: Vec<Value> = annotations.iter().map(|annotation| to_row(annotation, names)).collect();
    json::write(WHAT, &rows)
}

fn to_row(annotation: &Annotation, names: FieldNames) -> Value {
    let prefix = match names {
        FieldNames::New => "preference_",
        FieldNames::Old => "",
    };
    let mut row = Map::new();
    let mut put = |name: String, value: Value| row.insert(name, value);
    put("instruction".to_owned(), annotation.instruction.as_str().into());
    put("output_1".to_owned(), annotation.output_1.as_str().into());
    put("generator_1".to_owned(), annotation.generator_1.as_str().into());
    put("dataset".to_owned(), annotation.dataset.as_str().into());
    put("output_2".to_owned(), annotation.output_2.as_str().into());
    put("generator_2".to_owned(), annotation.generator_2.as_str().into());
    put("annotator".to_owned(), annotation.annotator.as_str().into());
    put("preference".to_owned(), number(annotation.preference));
    if annotation.glm_preference.is_some() {
        put("glm_preference".to_owned(), number(annotation.glm_preference));
    }
    put(format!("{prefix}time_per_example"), number(annotation.time_per_example));
    put(format!("{prefix}price_per_example"), number(annotation.price_per_example));
    put(format!("{prefix}raw_completion"), annotation.raw_completion.clone().unwrap_or_default());
    if let Some(note) = &annotation.note {
        put("note".to_owned(), note.as_str().into());
    }
    Value::Object(row)
}

/// With ten decimals; null where there is none, and where JSON has no such number.
fn number(value: Option<f64>) -> Value {
    value.map_or(Value::Null, |value| Value::from((value * 1e10).round() / 1e10))
}
