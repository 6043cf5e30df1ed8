//! What the local engine may use.

use std::path::PathBuf;

use crate::check;
use crate::environment::EnvironmentValues;
use crate::load::Flags;
use crate::origin::{Origin, Sourced};
use crate::place::{Place, Placed};
use crate::problem::Problem;
use crate::raw::{KvCache, RawEngine};
use crate::size::size;
use crate::source::Sources;
use crate::written::Written;

/// What the local engine may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineSettings {
    /// The most processor cores that local models may keep busy; `None` for all.
    pub cores: Option<Sourced<u32>>,
    /// The bytes that local models may take in memory; `None` for no limit.
    pub memory_bytes: Option<Sourced<u64>>,
    /// How exactly the KV caches of local models keep numbers, where the model says nothing.
    pub kv_cache: Sourced<KvCache>,
    /// The folder that models are kept in; `None` leaves it to the program.
    pub models_folder: Option<Sourced<PathBuf>>,
    /// Whether a person at a terminal is asked before missing models are fetched.
    pub ask_before_fetching: Sourced<bool>,
    /// Whether local models compute with the kernels of `moa-kernels` where the processor has the instructions.
    pub kernels: Sourced<bool>,
    /// Whether local models guess tokens from what they have read, and check several at a time.
    pub lookup: Sourced<bool>,
    /// Whether they guess from what others write meanwhile in answer to the same question, too.
    pub peer_lookup: Sourced<bool>,
    /// Whether local models compute at the same time, on a share of the cores each.
    pub side_by_side: Sourced<bool>,
    /// Whether what a local model has read serves later prompts that begin alike.
    pub prefix_reuse: Sourced<bool>,
    /// Whether the next layer's local models read the answers that are there while others are still written.
    pub read_ahead: Sourced<bool>,
}

impl EngineSettings {
    /// What the flags, the files and the environment say.
    pub(crate) fn new(
        sources: &Sources,
        environment: &EnvironmentValues,
        flags: &Flags,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let cores = sources.find(|raw| raw.engine.cores.as_ref()).map(|(file, written)| file.placed(written));
        if let Some(value) = &flags.cores {
            let cores = Placed { value, place: Place::Outside(Origin::flag("--cores")) };
            problems.extend(check::positive("cores", &cores).err());
        }
        let memory = sources.find(|raw| raw.engine.memory.as_ref()).and_then(|(file, written)| {
            let placed = file.placed(written);
            let bytes = size(&placed).ok()?;
            Some(placed.map(|_| bytes))
        });
        let folder = sources.find(|raw| raw.engine.models_folder.as_ref());
        let folder = folder
            .map(|(file, written)| file.placed(written).map(|path| sources.path(path, &file.place(written))));
        let kv_cache = sources.find(|raw| raw.engine.kv_cache.as_ref());
        for file in &sources.files {
            let written = file.raw.engine.cores.as_ref().map(|written| file.placed(written));
            problems.extend(written.and_then(|cores| check::positive("cores", &cores).err()));
            let written = file.raw.engine.memory.as_ref().map(|written| file.placed(written));
            problems.extend(written.and_then(|memory| size(&memory).err()));
        }
        Self {
            ask_before_fetching: true_unless_written(sources, |engine| engine.ask_before_fetching.as_ref()),
            kernels: true_unless_written(sources, |engine| engine.kernels.as_ref()),
            lookup: true_unless_written(sources, |engine| engine.lookup.as_ref()),
            peer_lookup: true_unless_written(sources, |engine| engine.peer_lookup.as_ref()),
            side_by_side: true_unless_written(sources, |engine| engine.side_by_side.as_ref()),
            prefix_reuse: true_unless_written(sources, |engine| engine.prefix_reuse.as_ref()),
            read_ahead: true_unless_written(sources, |engine| engine.read_ahead.as_ref()),
            cores: strongest(
                flags.cores.map(|value| Sourced { value, origin: Origin::flag("--cores") }),
                cores.map(|cores| cores.map(|cores| *cores)),
                environment.cores.clone(),
            ),
            memory_bytes: strongest(
                flags.memory_bytes.map(|value| Sourced { value, origin: Origin::flag("--memory") }),
                memory,
                environment.memory_bytes.clone(),
            ),
            kv_cache: kv_cache
                .map_or(Sourced { value: KvCache::default(), origin: Origin::Default }, |(file, written)| {
                    Sourced { value: *written.value(), origin: file.place(written).origin() }
                }),
            models_folder: strongest(
                flags
                    .models_folder
                    .clone()
                    .map(|value| Sourced { value, origin: Origin::flag("--models-dir") }),
                folder,
                environment.models_folder.clone(),
            ),
        }
    }
}

fn true_unless_written(
    sources: &Sources,
    written: impl Fn(&RawEngine) -> Option<&Written<bool>>,
) -> Sourced<bool> {
    sources.find(|raw| written(&raw.engine)).map_or(
        Sourced { value: true, origin: Origin::Default },
        |(file, written)| Sourced { value: *written.value(), origin: file.place(written).origin() },
    )
}

/// The value that wins: a flag over a file named with `--config` over the environment over the other files.
pub(crate) fn strongest<T>(
    flag: Option<Sourced<T>>,
    written: Option<Placed<'_, T>>,
    environment: Option<Sourced<T>>,
) -> Option<Sourced<T>> {
    if flag.is_some() {
        return flag;
    }
    match (written, environment) {
        (Some(written), Some(environment)) if written.place.yields_to_environment() => Some(environment),
        (Some(written), _) => Some(Sourced { origin: written.place.origin(), value: written.value }),
        (None, environment) => environment,
    }
}
