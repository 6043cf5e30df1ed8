//! What tests with the real model share.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use crate::native::{Model, ModelParameters};
use crate::system;

/// Waits until no other test computes (see `tests/it/harness.rs`: runners start processes, and ggml's threads spin).
pub(crate) fn turn() -> File {
    let path = std::env::temp_dir().join("moa-llama-tests.lock");
    let file = File::options().create(true).append(true).open(path).expect("a lock file");
    file.lock().expect("the lock");
    file
}

/// The model file that `make test` provides.
pub(crate) fn model_path() -> PathBuf {
    let path = std::env::var_os("MOA_TEST_MODEL");
    path.map(PathBuf::from)
        .expect("the tests need the 135M model: run `make test`, or name the file in MOA_TEST_MODEL")
}

/// The model.
pub(crate) fn model() -> Arc<Model> {
    system::initialize();
    let parameters = ModelParameters { vocabulary_only: false, gpu_layers: Some(0), repack: true };
    Arc::new(Model::load(&model_path(), parameters, |_| true).expect("the model loads"))
}
