use std::fs;

use tempfile::TempDir;

use super::*;
use crate::fixture;
use crate::{KvCache, Overrides, Sourced};

/// A home with a project in it.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn options(&self) -> LoadOptions {
        let home = self.path("home");
        let deep = home.join("project/deep");
        fs::create_dir_all(&deep).unwrap();
        LoadOptions {
            environment: [("HOME", home)].into_iter().collect(),
            current_folder: Some(deep),
            ..fixture::options()
        }
    }

    /// A source as `show` prints it, without the folder of this test.
    fn origin<T>(&self, sourced: &Sourced<T>) -> String {
        sourced.origin.to_string().replace(&format!("{}/", self.folder.path().display()), "")
    }
}

fn with_variable(options: &LoadOptions, variables: &[(&str, &str)]) -> LoadOptions {
    let home = options.environment.home().unwrap();
    let home = home.to_str().unwrap();
    let environment = variables.iter().copied().chain([("HOME", home)]).collect();
    LoadOptions { environment, ..options.clone() }
}

#[test]
fn each_source_wins_over_the_one_before() {
    let machine = Machine::new();
    let mut options = machine.options();
    let chosen = |options: &LoadOptions| {
        let config = load(options.clone()).unwrap();
        (config.default_preset().value.clone(), machine.origin(config.default_preset()))
    };
    assert_eq!(chosen(&options), ("local".to_owned(), "default".to_owned()));
    machine.write("home/.config/moa/config.toml", "default-preset = \"tiny\"");
    assert_eq!(chosen(&options), ("tiny".to_owned(), "user home/.config/moa/config.toml:1".to_owned()));
    machine.write("home/project/moa.toml", "\ndefault-preset = \"moa\"");
    assert_eq!(chosen(&options), ("moa".to_owned(), "project home/project/moa.toml:2".to_owned()));
    options = with_variable(&options, &[("MOA_PRESET", "article")]);
    assert_eq!(chosen(&options), ("article".to_owned(), "environment MOA_PRESET".to_owned()));
    options.explicit_file = Some(machine.write("given.toml", "default-preset = \"self-moa\""));
    assert_eq!(chosen(&options), ("self-moa".to_owned(), "--config given.toml:1".to_owned()));
    options.flags.preset = Some("moa-lite".to_owned());
    assert_eq!(chosen(&options), ("moa-lite".to_owned(), "flag --preset".to_owned()));
}

#[test]
fn the_engine_obeys_the_same_order() {
    let machine = Machine::new();
    let mut options = machine.options();
    let text = "[engine]\ncores = 3\nmemory = \"2 GB\"\nkv-cache = \"q8_0\"\nmodels-folder = \"weights\"";
    let path = machine.write("home/project/moa.toml", text);
    let engine = load(options.clone()).unwrap().engine().clone();
    assert!(engine.ask_before_fetching.value);
    assert_eq!(engine.cores.unwrap().value, 3);
    assert_eq!(engine.memory_bytes.unwrap().value, 2_000_000_000);
    assert_eq!(engine.kv_cache.value, KvCache::Q8);
    assert_eq!(engine.models_folder.unwrap().value, path.with_file_name("weights"));
    options =
        with_variable(&options, &[("MOA_CORES", "2"), ("MOA_MODELS_DIR", "/models"), ("MOA_MEMORY", "3GB")]);
    let engine = load(options.clone()).unwrap().engine().clone();
    assert_eq!(
        (engine.cores.unwrap().value, engine.models_folder.unwrap().value),
        (2, PathBuf::from("/models"))
    );
    assert_eq!(engine.memory_bytes.unwrap().value, 3_000_000_000);
    options.flags = Flags {
        cores: Some(1),
        memory_bytes: Some(7),
        models_folder: Some(PathBuf::from("here")),
        preset: None,
    };
    let engine = load(options).unwrap().engine().clone();
    assert_eq!(
        (engine.cores.unwrap().value, engine.models_folder.unwrap().value),
        (1, PathBuf::from("here"))
    );
    assert_eq!(engine.memory_bytes.unwrap().value, 7);
}

#[test]
fn files_of_other_systems_are_read() {
    let machine = Machine::new();
    machine
        .write("home/project/moa.toml", "\u{feff}default-preset = \"tiny\"\r\n\r\n[engine]\r\ncores = 3\r\n");
    let config = load(machine.options()).unwrap();
    assert_eq!(config.default_preset().value, "tiny");
    assert_eq!(config.engine().cores.as_ref().unwrap().origin.to_string().rsplit(':').next(), Some("4"));
}

#[test]
fn being_asked_can_be_switched_off() {
    let machine = Machine::new();
    machine.write("home/project/moa.toml", "[engine]\nask-before-fetching = false");
    assert!(!load(machine.options()).unwrap().engine().ask_before_fetching.value);
}

#[test]
fn the_users_file_can_lie_elsewhere() {
    let machine = Machine::new();
    let options = machine.options();
    machine.write("xdg/moa/config.toml", "default-preset = \"tiny\"");
    machine.write("own/config.toml", "default-preset = \"moa\"");
    let (xdg, own) = (machine.path("xdg"), machine.path("own"));
    let xdg = ("XDG_CONFIG_HOME", xdg.to_str().unwrap());
    let own = ("MOA_HOME", own.to_str().unwrap());
    let chosen = |variables: &[(&str, &str)]| {
        load(with_variable(&options, variables)).unwrap().default_preset().value.clone()
    };
    assert_eq!(chosen(&[xdg]), "tiny");
    assert_eq!(chosen(&[xdg, own]), "moa");
    assert_eq!(chosen(&[xdg, ("MOA_HOME", "")]), "tiny");
    assert_eq!(chosen(&[("XDG_CONFIG_HOME", "relative")]), "local");
}

#[test]
fn nothing_above_the_home_folder_is_a_project() {
    let machine = Machine::new();
    let options = machine.options();
    machine.write("moa.toml", "default-preset = \"tiny\"");
    assert_eq!(load(options.clone()).unwrap().default_preset().value, "local");
    machine.write("home/moa.toml", "default-preset = \"moa\"");
    let config = load(options).unwrap();
    assert_eq!(config.default_preset().value, "moa");
    let files: Vec<FileKind> = config.files().map(|(kind, _)| kind).collect();
    assert_eq!(files, [FileKind::Project]);
}

#[cfg(unix)]
#[test]
fn a_home_folder_behind_a_link_is_known_as_home() {
    let machine = Machine::new();
    let mut options = machine.options();
    machine.write("moa.toml", "default-preset = \"tiny\"");
    let link = machine.path("link");
    std::os::unix::fs::symlink(machine.path("home"), &link).unwrap();
    options.environment = [("HOME", link)].into_iter().collect();
    assert_eq!(load(options).unwrap().default_preset().value, "local");
}

#[test]
fn a_project_file_that_is_named_is_trusted_and_read_once() {
    let machine = Machine::new();
    let mut options = machine.options();
    let text =
        "[endpoints.here]\nbase-url = \"http://localhost:1/v1\"\n[models.m]\nendpoint = \"here\"\nid = \"x\"";
    let path = machine.write("home/project/moa.toml", text);
    assert!(load(options.clone()).is_err());
    options.explicit_file = Some(path);
    let config = load(options).unwrap();
    assert_eq!(config.files().count(), 1);
    assert!(config.single_model("m", &Overrides::default()).is_ok());
}

#[test]
fn a_synthesis_file_lies_beside_the_file_that_names_it() {
    let machine = Machine::new();
    let options = machine.options();
    machine.write("home/project/moa.toml", "[presets.tiny]\nsynthesis-file = \"prompts/fuse.txt\"");
    machine.write("home/project/prompts/fuse.txt", "Fuse {{ responses }}");
    let preset = load(options.clone()).unwrap().preset("tiny", &Overrides::default()).unwrap();
    assert_eq!(preset.mixture.synthesis.source(), "Fuse {{ responses }}");
    machine.write("home/project/prompts/fuse.txt", "Fuse");
    let error = load(options).unwrap_err();
    assert!(matches!(error.problems()[0].kind(), ProblemKind::BadSynthesis { .. }), "{error}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let machine = Machine::new();
    let options = machine.options();
    let reason = |path: PathBuf| {
        let error = load(LoadOptions { explicit_file: Some(path), ..options.clone() }).unwrap_err();
        error.to_string().replace(&format!("{}/", machine.folder.path().display()), "")
    };
    let missing = reason(machine.path("missing.toml"));
    assert!(missing.starts_with("--config: cannot read missing.toml: "), "{missing}");
    assert!(reason(machine.path("home")).starts_with("--config: cannot read home: "));
    let large = machine.write("large.toml", &"#\n".repeat(1 << 19));
    assert!(load(LoadOptions { explicit_file: Some(large), ..options.clone() }).is_ok());
    let larger = machine.write("larger.toml", &"#\n".repeat((1 << 19) + 1));
    assert_eq!(reason(larger), "--config: cannot read larger.toml: it is larger than 1 MiB");
    let path = machine.path("latin.toml");
    fs::write(&path, b"# \xe9").unwrap();
    assert!(reason(path).contains("UTF-8"));
}
