//! The layers of proposers of a preset, in whichever of the two ways they are written.

use crate::chain::{Chain, Definition};
use crate::check;
use crate::kind::ProblemKind;
use crate::place::{Place, Placed};
use crate::problem::Problem;
use crate::raw::{RawAgent, RawLayer, RawSelection};
use crate::source::SourceFile;
use crate::written::Written;

/// The most layers that a mixture may have, the aggregator's included.
const MOST_LAYERS: u32 = 64;

/// The layers of a preset that has proposers and says no number: the paper's.
const DEFAULT_LAYERS: u32 = 3;

/// A layer of proposers, as written.
#[derive(Debug, Clone)]
pub(crate) struct WrittenLayer<'a> {
    pub(crate) file: &'a SourceFile,
    pub(crate) agents: &'a [Written<RawAgent>],
    /// Where the agents are listed.
    pub(crate) place: Place<'a>,
    pub(crate) min_proposals: Option<Placed<'a, &'a u32>>,
    pub(crate) deadline: Option<Placed<'a, &'a String>>,
    pub(crate) wait: Option<Placed<'a, &'a String>>,
    pub(crate) select: Option<&'a Written<RawSelection>>,
    pub(crate) independent: bool,
}

/// The layers of proposers, first to last; `wanted` is the layer count of the command line.
pub(crate) fn written_layers<'a>(
    chain: &Chain<'a>,
    preset: &str,
    wanted: Option<&Placed<'a, &u32>>,
) -> Result<Vec<WrittenLayer<'a>>, Problem> {
    if let Some(wanted) = wanted {
        layer_count(wanted)?;
    }
    for definition in chain.definitions() {
        let raw = definition.raw();
        let short = raw.layers.is_some() || raw.proposers.is_some();
        match &raw.layer {
            Some(list) if short => {
                let kind = ProblemKind::MixedLayers { preset: preset.to_owned() };
                return Err(Problem::at(&definition.file.place(list), kind));
            }
            Some(list) => return long_form(definition, list.value(), preset, wanted),
            None => {}
        }
        if short {
            break;
        }
    }
    short_form(chain, preset, wanted)
}

/// Layers that are alike: `layers` and `proposers`.
fn short_form<'a>(
    chain: &Chain<'a>,
    preset: &str,
    wanted: Option<&Placed<'a, &u32>>,
) -> Result<Vec<WrittenLayer<'a>>, Problem> {
    // Below a definition in the other form nothing counts any more.
    let reach = chain.definitions().iter().take_while(|definition| definition.raw().layer.is_none());
    let mut written_count = None;
    let mut proposers = None;
    for definition in reach {
        let raw = definition.raw();
        written_count = written_count.or(raw.layers.as_ref().map(|layers| definition.file.placed(layers)));
        proposers = proposers.or(raw.proposers.as_ref().map(|list| (definition, list)));
    }
    let written_count = match &written_count {
        Some(count) => Some((layer_count(count)?, count.place.clone())),
        None => None,
    };
    let wanted = wanted.map(|wanted| (*wanted.value, wanted.place.clone())).or(written_count);
    let Some((definition, list)) = proposers else {
        return match wanted {
            Some((layers, place)) if layers > 1 => {
                Err(Problem::at(&place, ProblemKind::NoProposers { preset: preset.to_owned(), layers }))
            }
            _ => Ok(Vec::new()),
        };
    };
    let file = definition.file;
    let layers = wanted.map_or(DEFAULT_LAYERS, |(layers, _)| layers);
    let layer = WrittenLayer {
        file,
        agents: list.value(),
        place: file.place(list),
        min_proposals: None,
        deadline: None,
        wait: None,
        select: None,
        independent: false,
    };
    Ok(std::iter::repeat_n(layer, layers.saturating_sub(1) as usize).collect())
}

/// Layers one by one: `[[presets.NAME.layer]]`.
fn long_form<'a>(
    definition: &Definition<'a>,
    list: &'a [Written<RawLayer>],
    preset: &str,
    wanted: Option<&Placed<'a, &u32>>,
) -> Result<Vec<WrittenLayer<'a>>, Problem> {
    let file = definition.file;
    let layer = |written: &'a Written<RawLayer>| {
        let raw = written.value();
        WrittenLayer {
            file,
            agents: raw.agents.value(),
            place: file.place(&raw.agents),
            min_proposals: raw.min_proposals.as_ref().map(|written| file.placed(written)),
            deadline: raw.deadline.as_ref().map(|written| file.placed(written)),
            wait: raw.wait.as_ref().map(|written| file.placed(written)),
            select: raw.select.as_ref(),
            independent: raw.independent.as_ref().is_some_and(|written| *written.value()),
        }
    };
    let mut layers: Vec<WrittenLayer<'a>> = list.iter().take(MOST_LAYERS as usize).map(layer).collect();
    if let Some(beyond) = list.get(MOST_LAYERS as usize - 1) {
        let layers = u32::try_from(list.len()).unwrap_or(u32::MAX).saturating_add(1);
        return Err(too_many_layers(&file.place(beyond), layers));
    }
    let Some(wanted) = wanted else { return Ok(layers) };
    let proposer_layers = wanted.value.saturating_sub(1) as usize;
    match layers.last().cloned() {
        Some(repeated) => layers.resize(proposer_layers, repeated),
        None if proposer_layers == 0 => {}
        None => {
            let kind = ProblemKind::NoProposers { preset: preset.to_owned(), layers: *wanted.value };
            return Err(Problem::at(&wanted.place, kind));
        }
    }
    Ok(layers)
}

fn layer_count(written: &Placed<'_, &u32>) -> Result<u32, Problem> {
    check::up_to("layers", written, MOST_LAYERS, "from 1 to 64")
}

fn too_many_layers(place: &Place<'_>, layers: u32) -> Problem {
    let written = layers.to_string();
    let kind = ProblemKind::OutOfRange { key: "layers".to_owned(), written, range: "from 1 to 64" };
    Problem::at(place, kind)
}
