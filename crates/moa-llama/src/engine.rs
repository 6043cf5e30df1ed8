//! The local engine: what all models of the process share.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::cores::CoreBudget;
use crate::host::{Host, HostOptions};
use crate::model::{LlamaModel, ModelOptions};
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
    /// Whether answers guess their next tokens from what was written before (reference lookup), which changes their speed and not their words.
    pub lookup: bool,
    /// Whether models compute at the same time, on a share of the cores each; otherwise one decode call at a time has all cores.
    pub side_by_side: bool,
    /// Whether what was read is used again by prompts that begin alike, those of samples that are asked at the same time included.
    pub prefix_reuse: bool,
    /// Whether the known beginning of a later prompt is read meanwhile. Needs `prefix_reuse`.
    pub read_ahead: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { cores: None, poll: 0, lookup: true, side_by_side: true, prefix_reuse: true, read_ahead: true }
    }
}

/// Loads models and shares the cores among them.
///
/// Make one per process: two engines would each think that all cores are theirs. Dropping it ends the threads of all its
/// models; calls that are still under way fail.
#[derive(Debug)]
pub struct LlamaEngine {
    budget: CoreBudget,
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
            options,
            hosts: Mutex::default(),
        }
    }

    /// A model. Its file is opened when the model is first needed. The same file with the same options is the same model,
    /// whatever it is called.
    #[must_use]
    pub fn model(&self, options: ModelOptions) -> Arc<LlamaModel> {
        let ModelOptions { id, path, context_tokens, parallel_sequences, gpu_layers } = options;
        let path = canonical(&path);
        let key = HostOptions {
            path,
            context_tokens,
            parallel_sequences,
            gpu_layers,
            poll: self.options.poll.min(100),
            lookup: self.options.lookup,
            prefix_reuse: self.options.prefix_reuse,
            // What is not used again need not be read ahead.
            read_ahead: self.options.read_ahead && self.options.prefix_reuse,
        };
        let mut hosts = self.hosts();
        hosts.retain(|_, host| host.strong_count() > 0);
        let host = hosts.get(&key).and_then(Weak::upgrade).unwrap_or_else(|| {
            let host = Arc::new(Host::new(key.clone(), self.budget.clone()));
            hosts.insert(key, Arc::downgrade(&host));
            host
        });
        Arc::new(LlamaModel::new(id, host))
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
