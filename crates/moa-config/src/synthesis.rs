//! The synthesis instruction of a preset.

use std::path::Path;

use moa_core::SynthesisTemplate;

use crate::chain::Chain;
use crate::discovery::read_text;
use crate::kind::ProblemKind;
use crate::problem::Problem;
use crate::source::Sources;

/// The instruction that the preset names, or the built-in one.
pub(crate) fn synthesis(
    sources: &Sources,
    chain: &Chain<'_>,
    preset: &str,
) -> Result<SynthesisTemplate, Problem> {
    let Some(holder) = chain.holder(|raw| raw.synthesis.is_some() || raw.synthesis_file.is_some()) else {
        return Ok(SynthesisTemplate::default());
    };
    let file = holder.file;
    let (text, place) = match (&holder.raw().synthesis, &holder.raw().synthesis_file) {
        (Some(_), Some(both)) => {
            let kind = ProblemKind::TwoSyntheses { preset: preset.to_owned() };
            return Err(Problem::at(&file.place(both), kind));
        }
        (Some(text), None) => (text.value().clone(), file.place(text)),
        (None, Some(written)) => {
            let place = file.place(written);
            let path = sources.path(written.value(), &place);
            (read(&path).map_err(|kind| Problem::at(&place, kind))?, place)
        }
        (None, None) => return Ok(SynthesisTemplate::default()),
    };
    SynthesisTemplate::new(text)
        .map_err(|error| Problem::at(&place, ProblemKind::BadSynthesis { message: error.to_string() }))
}

fn read(path: &Path) -> Result<String, ProblemKind> {
    read_text(path).map_err(|error| ProblemKind::Unreadable {
        path: path.display().to_string(),
        reason: error.to_string(),
    })
}
