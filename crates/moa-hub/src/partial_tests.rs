use std::sync::{Arc, Mutex};

use super::*;
use crate::error::HubError;
use crate::progress::Progress;

const CONTENT: &[u8] = b"GGUF and the rest of it";

struct Folder {
    folder: tempfile::TempDir,
    events: Arc<Mutex<Vec<Progress>>>,
}

impl Folder {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), events: Arc::default() }
    }

    fn model(&self) -> PathBuf {
        self.folder.path().join("m.gguf")
    }

    fn reporter(&self) -> Reporter {
        let events = Arc::clone(&self.events);
        Reporter::new(move |progress| events.lock().unwrap().push(progress))
    }

    fn open_with(&self, etag: Option<&str>, free_bytes: u64) -> PartialFile {
        let lock = PullLock::try_take(&self.folder.path().join("lock")).unwrap().unwrap();
        let space = FreeSpace::new(move |_| Ok(free_bytes));
        PartialFile::open(&self.model(), expected(), etag, &space, lock, &self.reporter()).unwrap()
    }

    fn open(&self) -> PartialFile {
        self.open_with(None, u64::MAX)
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name != "lock");
        names.sort();
        names
    }
}

fn expected() -> Expected {
    let mut hasher = Sha256::new();
    hasher.update(CONTENT);
    Expected { sha256: Checksum::of(hasher), bytes: CONTENT.len() as u64 }
}

#[test]
fn the_file_appears_whole_with_its_receipt_and_nothing_else_stays() {
    let folder = Folder::new();
    let mut partial = folder.open();
    partial.write(&CONTENT[..5]).unwrap();
    assert!(!folder.model().exists());
    partial.write(&CONTENT[5..]).unwrap();
    partial.finish("it").unwrap();
    assert_eq!(fs::read(folder.model()).unwrap(), CONTENT);
    assert_eq!(Receipt::read(&folder.model()).unwrap().sha256, expected().sha256);
    assert_eq!(folder.files(), ["m.gguf", "m.gguf.verified"]);
}

#[test]
fn what_was_written_before_is_summed_and_continued() {
    let folder = Folder::new();
    folder.open().write(&CONTENT[..7]).unwrap();
    let mut partial = folder.open();
    assert_eq!(partial.bytes(), 7);
    partial.write(&CONTENT[7..]).unwrap();
    partial.finish("it").unwrap();
    let resumed = Progress::Resumed { done_bytes: 7, total_bytes: expected().bytes };
    assert!(folder.events.lock().unwrap().contains(&resumed));
}

#[test]
fn what_belongs_to_another_content_is_given_up() {
    let folder = Folder::new();
    folder.open_with(Some("one"), 0).write(b"GGUF").unwrap();
    assert_eq!(folder.open_with(Some("one"), 0).bytes(), 4);
    assert_eq!(folder.open_with(None, 0).bytes(), 4);
    assert_eq!(folder.open_with(Some("two"), 0).bytes(), 0);
    assert!(matches!(folder.events.lock().unwrap().last(), Some(Progress::Restarted { .. })));

    folder.open().write(b"GGUF").unwrap();
    fs::write(folder.folder.path().join("m.gguf.partial.json"), "{ no json").unwrap();
    assert_eq!(folder.open().bytes(), 0);
}

#[test]
fn a_partial_file_longer_than_the_model_is_given_up() {
    let folder = Folder::new();
    folder.open().write(b"GGUF").unwrap();
    fs::write(folder.folder.path().join("m.gguf.partial"), [0; 100]).unwrap();
    assert_eq!(folder.open().bytes(), 0);
}

#[test]
fn a_wrong_sum_names_both_sums_and_leaves_nothing() {
    let folder = Folder::new();
    let mut partial = folder.open();
    partial.write(&CONTENT.to_ascii_uppercase()).unwrap();
    let error = partial.finish("the file").unwrap_err();
    let HubError::WrongChecksum { expected: wanted, actual, .. } = &error else { panic!("{error}") };
    assert_eq!(*wanted, expected().sha256);
    let message = error.to_string();
    assert!(message.contains(&wanted.to_string()) && message.contains(&actual.to_string()), "{message}");
    assert_eq!(folder.files(), [""; 0]);
}

#[test]
fn too_few_bytes_and_too_many_leave_nothing() {
    let folder = Folder::new();
    let mut partial = folder.open();
    partial.write(b"GGUF").unwrap();
    assert!(matches!(partial.finish("it"), Err(HubError::WrongSize { actual: 4, .. })));
    drop(partial);
    assert_eq!(folder.files(), [""; 0]);
    let error = folder.open().write(&[0; 100]).unwrap_err();
    assert!(matches!(error, HubError::WrongSize { actual: 100, .. }), "{error}");
    assert_eq!(folder.files(), [""; 0]);
}

#[test]
fn parts_are_kept_and_what_came_after_them_is_cut_off() {
    let folder = Folder::new();
    let mut partial = folder.open();
    partial.write(&CONTENT[..4]).unwrap();
    partial.end_part().unwrap();
    partial.write(b"half a part").unwrap();
    drop(partial);
    let mut partial = folder.open();
    assert_eq!((partial.parts(), partial.bytes()), (1, 15));
    partial.cut_to_parts(&folder.reporter()).unwrap();
    assert_eq!(partial.bytes(), 4);
    partial.write(&CONTENT[4..]).unwrap();
    partial.finish("it").unwrap();
}

#[test]
fn too_little_space_is_noticed_before_anything_is_written() {
    let folder = Folder::new();
    let needed = expected().bytes;
    folder.open_with(None, needed + 5).require_space(5).unwrap();
    let error = folder.open_with(None, needed + 4).require_space(5).unwrap_err();
    let HubError::NoSpace { needed_bytes, free_bytes, .. } = error else { panic!("{error}") };
    assert_eq!((needed_bytes, free_bytes), (needed + 5, needed + 4));
    // What has arrived needs no space any more.
    folder.open().write(b"GGUF").unwrap();
    folder.open_with(None, needed - 4).require_space(0).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_meanwhile_is_named_and_left_clean() {
    let folder = Folder::new();
    // Every write to this device fails as on a full disk.
    std::os::unix::fs::symlink("/dev/full", folder.folder.path().join("m.gguf.partial")).unwrap();
    let mut partial = folder.open_with(None, 3);
    let error = partial.write(CONTENT).unwrap_err();
    let HubError::NoSpace { needed_bytes, free_bytes, .. } = error else { panic!("{error}") };
    assert_eq!((needed_bytes, free_bytes), (expected().bytes, 3));
    assert_eq!(folder.files(), [""; 0]);
}
