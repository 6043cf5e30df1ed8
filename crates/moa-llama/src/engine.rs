//! The local engine: what all models of the process share.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::host::{Host, HostOptions};
use crate::model::{LlamaModel, ModelOptions};
use crate::scheduler::{CoreBudget, MemoryBudget, load_order};
use crate::system;

/// Settings of the engine. The switches are for finding out what each source of speed brings: without them answers take longer and say the same.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct EngineOptions {
    /// Cores that all models together may compute on; as many as the process may use where `None`.
    pub cores: Option<NonZeroUsize>,
    /// How long a compute thread that waits for work spins before it sleeps: 0 (not at all) to 100.
    pub poll: u32,
    /// Bytes that the weights and KV caches of all models together may take; without end where `None`. Models that nobody uses leave when
    /// others need their room.
    pub memory_bytes: Option<u64>,
    /// Whether products and attention are computed by `moa_kernels` where the processor has the instructions, and not by ggml.
    pub kernels: bool,
    /// Whether answers guess their next tokens from what was written before (reference lookup), which changes their speed and not their words.
    pub lookup: bool,
    /// Whether they also guess from what others write meanwhile in answer to the same question. Needs `lookup`.
    pub peer_lookup: bool,
    /// Whether models compute at the same time, on a share of the cores each; otherwise one decode call at a time has all cores.
    pub side_by_side: bool,
    /// Whether what was read is used again by prompts that begin alike, those of samples that are asked at the same time included.
    pub prefix_reuse: bool,
    /// Whether the known beginning of a later prompt is read meanwhile. Needs `prefix_reuse`.
    pub read_ahead: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            cores: None,
            poll: 0,
            memory_bytes: None,
            kernels: true,
            lookup: true,
            peer_lookup: true,
            side_by_side: true,
            prefix_reuse: true,
            read_ahead: true,
        }
    }
}

/// Loads models and shares the cores among them.
///
/// Make one per process: two engines would each think that all cores are theirs. Dropping it ends the threads of all its
/// models; calls that are still under way fail.
#[derive(Debug)]
pub struct LlamaEngine {
    budget: CoreBudget,
    memory: MemoryBudget,
    options: EngineOptions,
    hosts: Mutex<HashMap<HostOptions, Weak<Host>>>,
}

impl LlamaEngine {
    /// An engine without models.
    #[must_use]
    pub fn new(options: EngineOptions) -> Self {
        system::initialize();
        let cores =
            options.cores.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
        Self {
            budget: if options.side_by_side {
                CoreBudget::new(cores)
            } else {
                CoreBudget::one_after_the_other(cores)
            },
            memory: MemoryBudget::new(options.memory_bytes),
            options,
            hosts: Mutex::default(),
        }
    }

    /// A model. Its file is opened when the model is first needed. The same file with the same options is the same model,
    /// whatever it is called.
    #[must_use]
    pub fn model(&self, options: ModelOptions) -> Arc<LlamaModel> {
        let key = HostOptions { path: canonical(&options.path), ..HostOptions::of(&options, &self.options) };
        let mut hosts = self.hosts();
        hosts.retain(|_, host| host.strong_count() > 0);
        let host = hosts.get(&key).and_then(Weak::upgrade).unwrap_or_else(|| {
            let host = Arc::new(Host::new(key.clone(), self.budget.clone(), self.memory.clone()));
            hosts.insert(key, Arc::downgrade(&host));
            host
        });
        Arc::new(LlamaModel::new(options.id, host))
    }

    /// The cores that all models together may compute on.
    #[must_use]
    pub fn cores(&self) -> usize {
        self.budget.cores()
    }

    /// The most cores that were ever computed on at one time.
    #[must_use]
    pub fn most_cores_in_use(&self) -> usize {
        self.budget.most_in_use()
    }

    /// The most bytes that weights and KV caches ever took at one time, as far as the files say what they take.
    #[must_use]
    pub fn most_memory_bytes(&self) -> u64 {
        self.memory.most_in_use()
    }

    /// Says which models the layers of a mixture ask, so that they are loaded in the order in which they are loaded least (see
    /// [`load_order`]). The models of the first layer come back in that order. A mixture that is expected takes the place of the one before.
    ///
    /// Models whose files cannot be read are left out; that is told when they are asked.
    pub fn expect(&self, layers: &[Vec<Arc<LlamaModel>>]) -> Vec<Arc<LlamaModel>> {
        let Some(budget) = self.memory.bytes() else {
            return layers.first().cloned().unwrap_or_default();
        };
        let mut models: Vec<(&Arc<LlamaModel>, u64)> = Vec::new();
        let mut places: Vec<Vec<usize>> = Vec::new();
        for layer in layers {
            let mut known = Vec::new();
            for model in layer {
                let guest = model.host().lease().guest();
                let place = models.iter().position(|(other, _)| other.host().lease().guest() == guest);
                if let Some(place) = place {
                    known.push(place);
                } else if let Ok(footprint) = model.host().footprint() {
                    known.push(models.len());
                    models.push((model, footprint.bytes()));
                }
            }
            places.push(known);
        }
        let bytes: Vec<u64> = models.iter().map(|(_, bytes)| *bytes).collect();
        let order = load_order(&bytes, &places, budget);
        let guest = |place: &usize| models[*place].0.host().lease().guest();
        self.memory.expect(order.layers.iter().map(|layer| layer.iter().map(guest).collect()).collect());
        let first = order.layers.first().into_iter().flatten();
        first.map(|place| Arc::clone(models[*place].0)).collect()
    }

    fn hosts(&self) -> MutexGuard<'_, HashMap<HostOptions, Weak<Host>>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LlamaEngine {
    fn drop(&mut self) {
        let hosts: Vec<_> = self.hosts().values().filter_map(Weak::upgrade).collect();
        for host in &hosts {
            host.tell_to_stop();
        }
        for host in hosts {
            host.shut_down();
        }
    }
}

/// The path without links and dots, so that one file has one name; as it is where the file cannot be found.
fn canonical(path: &Path) -> std::path::PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
