//! What every command works with: the configuration, the models folder, the store.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::time::Duration;

use directories::ProjectDirs;
use miette::{GraphicalReportHandler, GraphicalTheme};
use moa_config::{Config, ConfigError, Environment, Flags, KnownModels, LoadOptions};
use moa_hub::{Catalogue, Hub, HubError, HubOptions};
use moa_store::{Recorder, Store, StoreError};

use crate::cli::GlobalArgs;
use crate::complaint::Complaint;
use crate::interrupt::Interrupts;
use crate::telemetry::Telemetry;

/// How long the end of a program waits for the last events to be on disk.
const FLUSH_PATIENCE: Duration = Duration::from_secs(5);

/// The options that go for every command, and what is read by them.
pub(crate) struct Workspace {
    pub(crate) global: GlobalArgs,
    pub(crate) interrupts: Interrupts,
    pub(crate) telemetry: Telemetry,
}

impl Workspace {
    /// Reads the configuration: the user's, the project's, the environment's, and the file that was named.
    pub(crate) fn config(&self) -> Result<Config, Complaint> {
        self.load(self.global.config.clone(), true)
    }

    /// Reads a configuration file that is to be checked: with nothing else but what is built in, the user's file and the environment.
    pub(crate) fn config_of(&self, file: PathBuf) -> Result<Config, Complaint> {
        self.load(Some(file), false)
    }

    fn load(&self, explicit_file: Option<PathBuf>, with_project: bool) -> Result<Config, Complaint> {
        let options = LoadOptions {
            // Without a current folder (it was removed, say) there is no project either.
            current_folder: std::env::current_dir().ok().filter(|_| with_project),
            environment: environment(),
            explicit_file,
            known_models: known_models(),
            flags: Flags {
                preset: None,
                cores: self.global.cores,
                memory_bytes: self.global.memory,
                models_folder: self.global.models_dir.clone(),
            },
        };
        moa_config::load(options).map_err(|error| config_complaint(&error))
    }

    /// The models folder and the sources that fill it.
    pub(crate) fn hub(&self, config: &Config) -> Result<Hub, Complaint> {
        let mut options = HubOptions::from_environment().map_err(|error| hub_complaint(&error))?;
        if let Some(folder) = &config.engine().models_folder {
            options.models_folder.clone_from(&folder.value);
        }
        if self.global.offline {
            options = options.offline();
        }
        Ok(Hub::new(options))
    }
}

/// The store, to read and change it.
pub(crate) fn store() -> Result<Store, Complaint> {
    Store::open(store_path()?).map_err(|error| store_complaint(&error))
}

/// The store to keep a run in, if it is to be kept. Without one the run goes on all the same, after a warning.
pub(crate) fn store_for_run(wanted: bool) -> Option<Store> {
    if !wanted {
        return None;
    }
    store().map_err(|complaint| complaint.warn("this run is not stored")).ok()
}

/// Waits for the last events to be on disk, and says once if some were lost.
pub(crate) fn settle(recorder: Option<&Recorder>) {
    let Some(recorder) = recorder else { return };
    if let Err(error) = recorder.flush(FLUSH_PATIENCE) {
        store_complaint(&error).warn("the run could not be stored whole");
    }
}

/// Where runs are stored: `runs.sqlite3` in `MOA_HOME`, or in the platform's folder for data.
pub(crate) fn store_path() -> Result<PathBuf, Complaint> {
    Ok(data_folder()?.join("runs.sqlite3"))
}

/// Where the lines typed into `moa chat` are kept.
pub(crate) fn chat_history_path() -> Result<PathBuf, Complaint> {
    Ok(data_folder()?.join("chat-history.txt"))
}

/// Where everything is kept that is not configuration: `MOA_HOME`, or the platform's folder for data.
pub(crate) fn data_folder() -> Result<PathBuf, Complaint> {
    match std::env::var_os("MOA_HOME").filter(|home| !home.is_empty()) {
        Some(home) => Ok(PathBuf::from(home)),
        None => {
            ProjectDirs::from("", "", "moa").map(|folders| folders.data_dir().to_owned()).ok_or_else(|| {
                Complaint::failed("there is no home folder to keep runs in")
                    .with_hint(Some("set MOA_HOME to a folder that can be written".to_owned()))
            })
        }
    }
}

fn environment() -> Environment {
    std::env::vars_os().collect()
}

/// The ids of the catalogue.
pub(crate) fn known_models() -> KnownModels {
    Catalogue::built_in().models().iter().map(|model| model.id.clone()).collect()
}

/// A configuration error with its place in the file, drawn as far as the terminal allows.
pub(crate) fn config_complaint(error: &ConfigError) -> Complaint {
    let fancy = io::stderr().is_terminal() && moa_terminal::color_is_wanted();
    let theme = if fancy { GraphicalTheme::unicode() } else { GraphicalTheme::none() };
    let mut text = String::new();
    let drawn = GraphicalReportHandler::new_themed(theme).with_width(100).render_report(&mut text, error);
    match drawn {
        Ok(()) => Complaint::usage(text),
        Err(_) => Complaint::usage(error).with_hint(error.hint()),
    }
}

/// A model that cannot be had.
pub(crate) fn hub_complaint(error: &HubError) -> Complaint {
    let complaint = match error {
        HubError::UnknownModel { .. } | HubError::InvalidReference { .. } => Complaint::usage(error),
        _ => Complaint::failed(error),
    };
    complaint.with_hint(error.hint())
}

/// A store that cannot be used.
pub(crate) fn store_complaint(error: &StoreError) -> Complaint {
    Complaint::failed(error).with_hint(error.hint())
}
