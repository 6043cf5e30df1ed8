//! The most that a run may cost.

use crate::chain::Chain;
use crate::check;
use crate::origin::{FileKind, Sourced};
use crate::overrides::Overrides;
use crate::place::{Place, Placed};
use crate::problem::Problem;
use crate::source::Sources;

/// The cap of a run: the flag's, else the preset's, else the one at the top of the files; the environment wins over the weaker files.
///
/// # Errors
/// When the cap that holds is no amount of money.
pub(crate) fn cost_cap(
    sources: &Sources,
    chain: Option<&Chain<'_>>,
    environment: Option<&Sourced<f64>>,
    overrides: &Overrides,
) -> Result<Option<f64>, Problem> {
    if let Some(flag) = overrides.placed_max_cost_usd() {
        return check::usd("max-cost", &flag).map(Some);
    }
    Ok(allowed_cap(sources, chain, environment)?.map(|cap| cap.value))
}

/// The cap that the files and the environment make, with where it came from.
pub(crate) fn shown_cost_cap(
    sources: &Sources,
    chain: Option<&Chain<'_>>,
    environment: Option<&Sourced<f64>>,
) -> Option<Sourced<f64>> {
    let cap = allowed_cap(sources, chain, environment).ok()??;
    Some(Sourced { value: cap.value, origin: cap.place.origin() })
}

/// The cap of the strongest source; a project's never above what the other sources say.
fn allowed_cap<'a>(
    sources: &'a Sources,
    chain: Option<&Chain<'a>>,
    environment: Option<&Sourced<f64>>,
) -> Result<Option<Placed<'a, f64>>, Problem> {
    let cap = written(sources, chain, environment, |_| true)?;
    // A file that came with a folder must not spend more than its reader allowed elsewhere.
    let allowed = written(sources, chain, environment, |kind| kind != FileKind::Project)?;
    Ok(match (cap, allowed) {
        (Some(cap), Some(allowed)) if cap.place.is_of_project() && allowed.value < cap.value => Some(allowed),
        (cap, _) => cap,
    })
}

/// What the files of certain kinds and the environment say.
fn written<'a>(
    sources: &'a Sources,
    chain: Option<&Chain<'a>>,
    environment: Option<&Sourced<f64>>,
    counts: impl Fn(FileKind) -> bool,
) -> Result<Option<Placed<'a, f64>>, Problem> {
    let definitions = chain.into_iter().flat_map(Chain::definitions);
    let of_preset = definitions
        .filter(|definition| counts(definition.file.kind))
        .find_map(|definition| Some(definition.file.placed(definition.raw().max_cost_usd.as_ref()?)));
    let of_file = || {
        let mut files = sources.strongest_first().filter(|file| counts(file.kind));
        files.find_map(|file| Some(file.placed(file.raw.max_cost_usd.as_ref()?)))
    };
    let written = of_preset.or_else(of_file);
    match (written, environment) {
        (Some(written), Some(environment)) if written.place.yields_to_environment() => {
            Ok(Some(from_environment(environment)))
        }
        (Some(written), _) => {
            let value = check::usd("max-cost-usd", &written)?;
            Ok(Some(Placed { value, place: written.place }))
        }
        (None, environment) => Ok(environment.map(from_environment)),
    }
}

fn from_environment<'a>(environment: &Sourced<f64>) -> Placed<'a, f64> {
    Placed { value: environment.value, place: Place::Outside(environment.origin.clone()) }
}

#[cfg(test)]
#[path = "cost_cap_tests.rs"]
mod tests;
