//! What a folder of results holds of FLASK, for the report.

use std::path::Path;

use moa_eval::flask::read_reviews;
use moa_report::FlaskFile;

use super::files::{Results, Set};
use crate::commands::eval::report;

/// Adds the reviews of both sets.
pub(crate) fn read_results(output: &Path, found: &mut report::Results) {
    for set in [Set::Full, Set::Hard] {
        for path in Results::new(output, set).all_reviews() {
            let Some(reviews) = found.file(&path, read_reviews) else { continue };
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let first = reviews.first();
            let model = first.and_then(|review| review.model.clone()).unwrap_or(stem);
            let judge = first.and_then(|review| review.judge.clone());
            found.flask.push(FlaskFile {
                is_hard: set == Set::Hard,
                contender: found.name_of(&model),
                judge: judge.unwrap_or_else(|| "a judge that the file does not name".to_owned()),
                reviews,
            });
        }
    }
}
