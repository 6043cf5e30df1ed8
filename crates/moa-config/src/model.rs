//! What a model's name means.

use std::fmt;
use std::path::{Path, PathBuf};

use moa_core::{ModelId, Pricing};

use crate::check::positive;
use crate::circle::circle;
use crate::kind::ProblemKind;
use crate::known::KnownModels;
use crate::nearest::nearest;
use crate::place::{Place, Placed};
use crate::problem::Problem;
use crate::raw::{KvCache, RawModel, RawModelTable};
use crate::remote::{RemoteModel, split_reference};
use crate::source::{SourceFile, Sources};

/// The longest answer of a local model where nothing else is said.
const LOCAL_MAX_TOKENS: u32 = 512;

/// The longest answer of a model behind an endpoint where nothing else is said.
const REMOTE_MAX_TOKENS: u32 = 2048;

/// A model that can be asked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ResolvedModel {
    /// Runs in this process.
    Local(LocalModel),
    /// Runs behind an endpoint.
    Remote(Box<RemoteModel>),
}

impl ResolvedModel {
    /// What asking it costs: a local model costs nothing.
    #[must_use]
    pub fn pricing(&self) -> Pricing {
        match self {
            Self::Local(_) => Pricing::Free,
            Self::Remote(model) => model.pricing,
        }
    }

    /// The longest answer where nothing else is said, in tokens.
    pub(crate) fn default_max_tokens(&self) -> u32 {
        match self {
            Self::Local(_) => LOCAL_MAX_TOKENS,
            Self::Remote(_) => REMOTE_MAX_TOKENS,
        }
    }
}

/// A model of the local engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalModel {
    /// The file to load. Models of the same weights can share them.
    pub weights: Weights,
    /// Tokens of context, for prompt and answer together; `None` leaves it to the engine.
    pub context_tokens: Option<u32>,
    /// Answers worked on at the same time; `None` leaves it to the engine.
    pub sequences: Option<u32>,
    /// How exactly its KV cache keeps numbers; `None` leaves it to the engine.
    pub kv_cache: Option<KvCache>,
}

/// Where the weights of a local model come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weights {
    /// A model of the catalogue.
    Catalogue(String),
    /// A file on the hub, `hf:owner/repository/file.gguf`.
    Hub(String),
    /// A file on disk.
    File(PathBuf),
}

impl fmt::Display for Weights {
    /// The reference as it can be written wherever a model is named.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalogue(reference) | Self::Hub(reference) => f.write_str(reference),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// A model together with the names that it goes by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NamedModel {
    pub(crate) id: ModelId,
    /// What an agent of this model is called.
    pub(crate) agent_name: String,
    pub(crate) model: ResolvedModel,
}

/// Everything that models can be found in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Models<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) known: &'a KnownModels,
}

impl<'a> Models<'a> {
    /// The model behind a name: a configured one, one of the catalogue, a file on the hub, one behind an endpoint, or a file on disk, in
    /// this order.
    pub(crate) fn resolve(&self, name: &Placed<'a, &'a str>) -> Result<NamedModel, Problem> {
        let mut name = name.clone();
        let mut passed: Vec<(&'a str, Place<'a>)> = Vec::new();
        loop {
            let Some((file, written)) = self.sources.find(|raw| raw.models.get(name.value)) else {
                let label = passed.last().map(|(label, _)| *label);
                return self.reference(&name, label);
            };
            match written.value() {
                RawModel::Table(table) => {
                    return Ok(NamedModel {
                        id: ModelId::new(name.value),
                        agent_name: name.value.to_owned(),
                        model: self.configured(file, name.value, table, &file.place(written))?,
                    });
                }
                RawModel::Alias(target) => {
                    let place = file.place(written);
                    if let Some(start) = passed.iter().position(|(known, _)| *known == name.value) {
                        return Err(circle(passed.split_off(start), |chain| ProblemKind::ModelCycle {
                            chain,
                        }));
                    }
                    passed.push((name.value, place.clone()));
                    name = Placed { value: target, place };
                }
            }
        }
    }

    /// A model that no file defines: of the catalogue, of the hub, behind an endpoint, or a file.
    fn reference(&self, name: &Placed<'_, &str>, label: Option<&str>) -> Result<NamedModel, Problem> {
        let written = name.value;
        let (id, weights) = if self.known.contains(written) {
            return Ok(local(written.to_owned(), written, Weights::Catalogue(written.to_owned())));
        } else if written.starts_with("hf:") {
            hub_reference(written, &name.place)?;
            (written.to_owned(), Weights::Hub(written.to_owned()))
        } else if let Some(remote) = self.at_endpoint(name) {
            let remote = remote?;
            return Ok(NamedModel {
                id: ModelId::new(written),
                agent_name: label.unwrap_or(&remote.id).to_owned(),
                model: ResolvedModel::Remote(Box::new(remote)),
            });
        } else if is_path(written) {
            let path = self.sources.path(written, &name.place);
            (path.display().to_string(), Weights::File(path))
        } else {
            return Err(self.unknown(name));
        };
        let without_revision = if written.starts_with("hf:") { written.split('@').next() } else { None };
        let stem = Path::new(without_revision.unwrap_or(written))
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned());
        Ok(local(id, label.or(stem.as_deref()).unwrap_or(written), weights))
    }

    fn unknown(&self, name: &Placed<'_, &str>) -> Problem {
        if let Some((endpoint, _)) = split_reference(name.value)
            && let Some(nearest) = nearest(endpoint, self.sources.endpoint_names())
        {
            let kind = ProblemKind::UnknownEndpoint { name: endpoint.to_owned(), nearest: Some(nearest) };
            return Problem::at(&name.place, kind);
        }
        let configured =
            self.sources.files.iter().flat_map(|file| file.raw.models.keys()).map(String::as_str);
        let nearest = nearest(name.value, self.known.iter().chain(configured));
        Problem::at(&name.place, ProblemKind::UnknownModel { name: name.value.to_owned(), nearest })
    }

    /// A model that a table describes.
    fn configured(
        &self,
        file: &'a SourceFile,
        name: &str,
        table: &RawModelTable,
        place: &Place<'a>,
    ) -> Result<ResolvedModel, Problem> {
        let sources = [
            ("catalogue", &table.catalogue),
            ("hub", &table.hub),
            ("path", &table.path),
            ("endpoint", &table.endpoint),
        ];
        let given: Vec<_> =
            sources.iter().filter_map(|(key, value)| value.as_ref().map(|value| (*key, value))).collect();
        let [(key, value)] = given.as_slice() else {
            let Some((_, second)) = given.get(1) else {
                return Err(Problem::at(place, ProblemKind::NoModelSource { name: name.to_owned() }));
            };
            let given = given.iter().map(|(key, _)| *key).collect();
            let kind = ProblemKind::SeveralModelSources { name: name.to_owned(), given };
            return Err(Problem::at(&file.place(second), kind));
        };
        let source = file.placed(value);
        if *key == "endpoint" {
            return self.remote(file, name, table, &source).map(Box::new).map(ResolvedModel::Remote);
        }
        let misplaced = |key, place| {
            let kind = ProblemKind::MisplacedModelKey { key, source_key: "a local model" };
            Err(Problem::at(&place, kind))
        };
        if let Some(id) = &table.id {
            return misplaced("id", file.place(id));
        }
        if let Some(successors) = &table.successors {
            return misplaced("successors", file.place(successors));
        }
        if let Some(price) = &table.price {
            return misplaced("price", file.place(price));
        }
        for (key, written) in [("images", &table.images), ("stream", &table.stream)] {
            if let Some(written) = written {
                return misplaced(key, file.place(written));
            }
        }
        let weights = match *key {
            "catalogue" if self.known.contains(source.value) => Weights::Catalogue(source.value.clone()),
            "catalogue" => {
                let nearest = nearest(source.value, self.known.iter());
                let kind = ProblemKind::UnknownModel { name: source.value.clone(), nearest };
                return Err(Problem::at(&source.place, kind));
            }
            "hub" => {
                hub_reference(source.value, &source.place)?;
                Weights::Hub(source.value.clone())
            }
            _ if source.value.is_empty() => {
                return Err(Problem::at(&source.place, ProblemKind::Empty { key: "path" }));
            }
            _ => Weights::File(self.sources.path(source.value, &source.place)),
        };
        let context_tokens = table
            .context_tokens
            .as_ref()
            .map(|written| positive("context-tokens", &file.placed(written)))
            .transpose()?;
        let sequences = table
            .sequences
            .as_ref()
            .map(|written| positive("sequences", &file.placed(written)))
            .transpose()?;
        let kv_cache = table.kv_cache.as_ref().map(|written| *written.value());
        Ok(ResolvedModel::Local(LocalModel { weights, context_tokens, sequences, kv_cache }))
    }
}

fn local(id: String, agent_name: &str, weights: Weights) -> NamedModel {
    let model =
        ResolvedModel::Local(LocalModel { weights, context_tokens: None, sequences: None, kv_cache: None });
    NamedModel { id: ModelId::new(id), agent_name: agent_name.to_owned(), model }
}

/// Checks that a text is `hf:owner/repository/file.gguf`, where the file may lie in folders and `@revision` may follow.
fn hub_reference(written: &str, place: &Place<'_>) -> Result<(), Problem> {
    let rest = written.strip_prefix("hf:").unwrap_or_default();
    let (path, revision) = rest.split_once('@').unwrap_or((rest, "main"));
    let is_sound = |part: &str| {
        let is_odd = |character: char| {
            character.is_control() || character.is_whitespace() || "\\:*?\"<>|#%@".contains(character)
        };
        !part.is_empty() && !part.starts_with('.') && !part.contains(is_odd)
    };
    let is_whole = path.split('/').count() >= 3 && path.split('/').chain(revision.split('/')).all(is_sound);
    if is_whole && is_weights_file(Path::new(path)) {
        return Ok(());
    }
    Err(Problem::at(place, ProblemKind::BadHubReference { written: written.to_owned() }))
}

/// Whether a text can only be meant as a path: it ends like a model file, or begins like a path.
fn is_path(written: &str) -> bool {
    let path = Path::new(written);
    let begins = ["./", "../", "~/"].iter().any(|start| written.starts_with(start));
    begins || path.is_absolute() || is_weights_file(path)
}

fn is_weights_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gguf"))
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
